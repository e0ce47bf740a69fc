// SPDX-License-Identifier: MIT
// The board: every layer put together as a scenario describes it. The front opens it, tests too.
#pragma once
#include "probe/cmsis_dap.h"
#include "core/core.h"
#include "chip/parts.h"
#include "periph/periph.h"
#include "periph/quadspi.h"
#include "scenario.h"

struct board {
    struct scenario scenario;
    struct vclock clock;
    struct report *report;
    struct bus bus;
    struct periphs *periphs;
    struct gpio *gpio;
    struct nets *nets;
    struct quadspi *quadspi;
    struct nor *nor[NETS_CHIPS];
    struct core *core;
    struct swdp dp;
    struct cmsis_dap dap;
    bool probe_present;
    uint8_t *ram[8];
    uint32_t apbd[0x8000]; // CoreSight components on the system APB-D behind AP2
};

// Build and power the board. `scenario_path` NULL = the default board. On failure NULL and a sentence.
struct board *board_open(const char *scenario_path, char *error, unsigned error_size);
// Write the report (and statistics, if the scenario asks for them) and free everything.
void board_close(struct board *b, vt_t host_time);
// NRST low for a moment, SYSRESETREQ or a watchdog; `rsr` are the flags for RCC_RSR.
void board_system_reset(struct board *b, uint32_t rsr);
