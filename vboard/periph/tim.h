// SPDX-License-Identifier: MIT
// The timers as up-counters with prescaler, auto-reload, one-pulse mode and update interrupt
// (RM0433 "General-purpose timers"). Channels, triggers and down-counting are registers only.
#pragma once
#include "env.h"

enum { TIM_COUNT = 14 }; // TIM1-8, TIM12-17

struct tim;
struct tim *tim_new(const struct periph_env *env, unsigned index);
void tim_free(struct tim *t);
struct bus_device tim_device(struct tim *t);
// The timer clock changed (rcc_on_change): counting goes on from here at the new pace.
void tim_clock_changed(void *tim);
