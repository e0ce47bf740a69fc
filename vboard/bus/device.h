// SPDX-License-Identifier: MIT
// What a memory-mapped device looks like to the bus, and what the bus answers to its masters.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "../vclock.h"

enum bus_result {
    BUS_OK,
    BUS_FAULT, // an error response: a bus fault in the core, a sticky error at the debug port
    BUS_HANG,  // no response ever: the master is stuck until the next system reset
};

enum reset_kind {
    RESET_POWER,  // power-on: everything
    RESET_SYSTEM, // NRST, SYSRESETREQ, watchdog: all but RTC domain, debug unit and reset flags
};

// `offset` is from `base`; `size` is 1, 2 or 4 and the access is naturally aligned. A device that
// makes its master wait moves vclock.now forward. An unclocked device reads 0 and ignores writes
// (it asks the RCC itself and answers BUS_OK).
struct bus_device {
    const char *name;
    uint32_t base;
    uint32_t size;
    void *ctx;
    enum bus_result (*read)(void *ctx, uint32_t offset, unsigned size, uint32_t *value);
    enum bus_result (*write)(void *ctx, uint32_t offset, unsigned size, uint32_t value);
    void (*reset)(void *ctx, enum reset_kind kind); // may be NULL
    // A window that is not always there: false = every access faults. NULL = always open.
    bool (*open)(void *ctx);
    // Offset of a register whose reads have side effects (a FIFO), 0 = none: no loop with such a
    // read is ever skipped.
    uint32_t popping;
    // Earliest moment after now at which a register of this device may read differently or an
    // interrupt line may change without anybody writing to it; VT_NEVER if none. May be NULL
    // (never). It may be too early, never too late: polling loops are skipped up to it.
    vt_t (*next_event)(void *ctx);
    // Earliest moment at which `sync` must be called because an interrupt line changes or a
    // watchdog fires by itself; VT_NEVER if none. The core never runs past it. Both may be NULL.
    vt_t (*next_irq)(void *ctx);
    void (*sync)(void *ctx); // bring the state up to vclock.now: raise interrupt lines, fire
};

// An interrupt line into the core's NVIC; a device is given one per line it can raise.
struct irq_line {
    void (*set)(void *ctx, unsigned irq, bool level);
    void *ctx;
    unsigned irq; // NVIC position (RM0433 table "Vector table")
};

static inline void irq_set(const struct irq_line *line, bool level)
{
    if (line->set)
        line->set(line->ctx, line->irq, level);
}
