// SPDX-License-Identifier: MIT
// The two watchdogs: IWDG1 on the LSI, WWDG1 on pclk3 (RM0433 "Independent watchdog", "System
// window watchdog"). They ask for a reset; the board carries it out.
#pragma once
#include "env.h"

// What a watchdog does when it fires; called from bus accesses and `sync`: only take note.
struct watchdog_fire {
    void (*fire)(void *ctx, uint32_t rsr);
    void *ctx;
};

struct iwdg;
struct iwdg *iwdg_new(const struct periph_env *env, const struct watchdog_fire *fire);
void iwdg_free(struct iwdg *w);
struct bus_device iwdg_device(struct iwdg *w);
// The counter stands still while `frozen` (core halted and DBGMCU says so).
void iwdg_freeze(struct iwdg *w, bool frozen);

struct wwdg;
struct wwdg *wwdg_new(const struct periph_env *env, const struct watchdog_fire *fire);
void wwdg_free(struct wwdg *w);
struct bus_device wwdg_device(struct wwdg *w);
void wwdg_freeze(struct wwdg *w, bool frozen);
