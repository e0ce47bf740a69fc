// SPDX-License-Identifier: MIT
// System configuration: I/O switches, overdrive, compensation cell, package (RM0433 "System
// configuration controller").
#pragma once
#include "pwr.h"

struct syscfg;
struct syscfg *syscfg_new(const struct periph_env *env, struct pwr *pwr);
void syscfg_free(struct syscfg *s);
struct bus_device syscfg_device(struct syscfg *s);
