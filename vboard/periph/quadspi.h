// SPDX-License-Identifier: MIT
// The QUADSPI peripheral of the STM32H743 (RM0433 chapter "Quad-SPI interface") with its errata.
#pragma once
#include "../bus/device.h"
#include "../report.h"
#include "../wire/nets.h"
#include "rcc.h"

// Errata of ES0392/ES0396 that can be switched; all on unless the scenario's silicon lacks them.
struct quadspi_errata {
    bool write_dummy_nibble; // 1st nibble lost in an indirect write with dummy cycles (rev Y)
    bool ccr_zero_hang;      // CCR = 0 hangs with BUSY set; CR.EN 1->0->1 heals
    bool data_only_hang;     // indirect read with a data phase only hangs until ABORT
    bool last_byte_stall;    // memory-mapped read of the last byte of FSIZE: 0x00, then bus stall
    bool hclk_prescaler_0;   // wrong data with hclk3 as kernel clock and PRESCALER 0
    bool tcen_race;          // wrong data if a mapped read meets the timeout edge
    bool internal_timing; // off by default even on rev V: conditions unknown. On: the first command
                          // after a reset or after memory-mapped mode hangs until CR.EN 1->0->1,
                          // unless ES0392's free-running clock sequence ran before
};
// What a rev V part has, as far as known (write_dummy_nibble included, to be on the strict side).
struct quadspi_errata quadspi_errata_default(void);

struct quadspi;
// `errata` NULL = the default. Connects itself to `rcc` (reset, clock changes) and to `nets` (its
// observer, and NCS high from the start).
struct quadspi *quadspi_new(struct vclock *clock, struct report *report, struct rcc *rcc,
                            struct nets *nets, const struct quadspi_errata *errata,
                            struct irq_line irq);
void quadspi_free(struct quadspi *q);
struct bus_device quadspi_registers(struct quadspi *q); // 0x52005000
struct bus_device quadspi_window(struct quadspi *q);    // 0x90000000, 256 MiB
// True if a read in the memory-mapped window is answered at all (FMODE = memory-mapped, EN,
// clocked).
bool quadspi_window_open(const struct quadspi *q);
// Called whenever quadspi_window_open() may have changed. May be NULL.
void quadspi_on_window(struct quadspi *q, void (*changed)(void *ctx), void *ctx);

// Commands started so far, prefetch restarts and polls included. For tests and statistics.
uint64_t quadspi_commands(const struct quadspi *q);
