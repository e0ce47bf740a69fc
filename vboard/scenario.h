// SPDX-License-Identifier: MIT
// A scenario: which board stands on the desk and what is wrong with it. Plain text, one setting a
// line; docs/virtual-board.md lists the keys.
#pragma once
#include "chip/parts.h"
#include "periph/quadspi.h"
#include "probe/cmsis_dap.h"
#include "wire/nets.h"

enum { SCENARIO_PATH = 512, SCENARIO_WORDS = 8, NO_PAD = 0xFF };

struct pad_name {
    uint8_t port, pin; // port NO_PAD: not connected
};

struct scenario_chip {
    const struct nor_part *part; // NULL: none fitted
    char contents[SCENARIO_PATH];
    struct pad_name pad[CHIP_PINS];
    enum line_fault fault[CHIP_PINS];
    enum pad_pull pull[CHIP_PINS];
    int bridge[2];                  // chip pins shorted together, -1 none
    char state[SCENARIO_WORDS][32]; // words of "state", in order, for nor_apply_state
    char trouble[SCENARIO_WORDS][32];
    unsigned states, troubles;
};

struct scenario {
    struct scenario_chip chip[NETS_CHIPS];
    const struct probe_profile *probe; // NULL: no probe plugged in
    bool target_power;
    bool worst_times;
    enum float_level floating;
    uint32_t seed;
    uint32_t cut; // power fails at this command to a chip, 0 = never
    uint32_t hse_hz, lse_hz;
    unsigned flash_kib;
    char flash_contents[SCENARIO_PATH];
    char firmware[SCENARIO_PATH]; // "default", "blank" or a file
    char silicon;                 // 'Y', 'X' or 'V'
    struct quadspi_errata errata;
    char report[SCENARIO_PATH]; // empty: standard error
    char stats[SCENARIO_PATH];  // empty: none
};

void scenario_default(struct scenario *s);
// Read a file over the defaults. False with "file:line: sentence" in `error`.
bool scenario_load(struct scenario *s, const char *path, char *error, unsigned error_size);
// One "key = value". False with a sentence.
bool scenario_set(struct scenario *s, const char *key, const char *value, const char *folder,
                  char *error, unsigned error_size);
