// SPDX-License-Identifier: MIT
// The collection of the STM32H743's peripherals that are neither GPIO nor QUADSPI: the assembly of
// the board creates them all at once and hangs them onto the bus.
#pragma once
#include "../bus/bus.h"
#include "../bus/device.h"
#include "../report.h"
#include "intflash.h"
#include "rcc.h"

struct periphs;

struct periphs_config {
    struct vclock *clock;
    struct report *report;
    struct rcc *rcc;
    uint16_t rev_id;    // DBGMCU_IDC[31:16]; 0 = 0x2003, revision V
    uint32_t flash_kib; // 2048, 1024 or 128; 0 = 2048
    uint8_t uid[12];    // all zero = a made-up one
    // NVIC inputs; may be NULL.
    void (*irq)(void *ctx, unsigned irq, bool level);
    void *irq_ctx;
    // A watchdog fired; `rsr` is the RCC_RSR flag to record. Called from within bus accesses and
    // `sync`: only take note and reset later. May be NULL.
    void (*reset_request)(void *ctx, uint32_t rsr);
    void *reset_ctx;
    // A byte left a UART; `base` is the UART's base address. May be NULL.
    void (*uart_byte)(void *ctx, uint32_t base, uint8_t byte);
    void *uart_ctx;
};

struct periphs *periphs_new(const struct periphs_config *config);
void periphs_free(struct periphs *p);

// All devices, the RCC included (the QUADSPI and GPIO are not). Returns how many there are, even if
// more than `max`; `out` gets the first `max`.
unsigned periphs_devices(struct periphs *p, struct bus_device *out, unsigned max);

// Memories: the banks of the internal flash and the system memory. As above.
unsigned periphs_memories(struct periphs *p, struct bus_memory *out, unsigned max);

struct intflash *periphs_flash(struct periphs *p);

// The DBGMCU once more, as the debug port's AP2 sees it (0xE00E1000).
struct bus_device periphs_dbgmcu_apb(struct periphs *p);

// The core entered or left debug state: watchdogs stop if DBGMCU says so.
void periphs_core_halted(struct periphs *p, bool halted);
