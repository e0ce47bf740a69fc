// SPDX-License-Identifier: MIT
// The board: every layer put together as a scenario describes it. The front opens it, tests too.
#pragma once
#include "probe/cmsis_dap.h"
#include "core/core.h"
#include "periph/periph.h"
#include "periph/quadspi.h"
#include "scenario.h"

enum { BOARD_RAMS = 8, APBD_WORDS = 0x8000 };

struct board {
    struct scenario scenario;
    struct vclock clock;
    struct report *report;
    struct bus bus;
    struct rcc *rcc;
    struct periphs *periphs;
    struct gpio *gpio;
    struct nets *nets;
    struct quadspi *quadspi;
    struct nor *nor[NETS_CHIPS];
    struct core *core;
    struct swdp dp;
    struct cmsis_dap dap;
    bool probe_present, window_open;
    uint8_t *ram[BOARD_RAMS];
    unsigned rams;
    uint32_t commands;         // chips have got so far; counted if the scenario asks for a cut
    uint32_t reset_cause;      // RCC_RSR bits of the reset that was asked for
    uint32_t apbd[APBD_WORDS]; // CoreSight components on the system APB-D behind AP2
};

// Build and power the board. `scenario_path` NULL = the default board; `settings` NULL or "key =
// value" separated by semicolons, over it. On failure NULL and a sentence.
struct board *board_open(const char *scenario_path, const char *settings, char *error,
                         unsigned error_size);
// Write the report (and statistics, if the scenario asks for them) and free everything.
void board_close(struct board *b, vt_t host_time);

// board_chips.c: solder the flash chips on and give them their contents and state.
bool board_fit_chips(struct board *b, char *error, unsigned error_size);
// board_stats.c: what the run did, as JSON.
void board_write_stats(const struct board *b, vt_t host_time);
