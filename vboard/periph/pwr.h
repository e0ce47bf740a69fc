// SPDX-License-Identifier: MIT
// Power control: supply configuration, voltage scaling and backup domain access (RM0433 "Power
// control"). The clock limits of limits.c follow its voltage scale.
#pragma once
#include "env.h"

struct pwr;
struct pwr *pwr_new(const struct periph_env *env);
void pwr_free(struct pwr *p);
struct bus_device pwr_device(struct pwr *p);
// SYSCFG_PWRCR.ODEN: scale 1 becomes scale 0 (rev V).
void pwr_set_overdrive(struct pwr *p, bool on);
// Voltage scale in force: 0 (fastest) to 3 (after reset).
unsigned pwr_scale(const struct pwr *p);
