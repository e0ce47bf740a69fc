// SPDX-License-Identifier: MIT
// The real-time clock: calendar, write protection, initialization and shadow flags, backup
// registers (RM0433 "Real-time clock"). Alarms, wake-up timer and tamper detection are registers
// only.
#pragma once
#include "env.h"

struct rtc;
struct rtc *rtc_new(const struct periph_env *env);
void rtc_free(struct rtc *r);
struct bus_device rtc_device(struct rtc *r);
