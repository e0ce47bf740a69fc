// SPDX-License-Identifier: MIT
// The debug MCU unit: device identity and what stops while the core is halted (RM0433
// "Microcontroller debug unit").
#pragma once
#include "env.h"

struct dbgmcu;
struct dbgmcu *dbgmcu_new(const struct periph_env *env, uint16_t rev_id);
void dbgmcu_free(struct dbgmcu *d);
struct bus_device dbgmcu_device(struct dbgmcu *d, uint32_t base); // the same registers at any base
bool dbgmcu_freezes_iwdg(const struct dbgmcu *d);
bool dbgmcu_freezes_wwdg(const struct dbgmcu *d);
// Called after each write: what freezes may have changed. May be NULL.
void dbgmcu_on_change(struct dbgmcu *d, void (*changed)(void *ctx), void *ctx);
