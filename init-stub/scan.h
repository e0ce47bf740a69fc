// SPDX-License-Identifier: MIT
// What the files of the scan stub share: the scan under way, its pins (scan_pins.c) and the quad
// lines of a chip (scan_quad.c).
#pragma once
#include "scan_abi.h"
#include "../driver/nor.h"

// A command on one line that answers with data.
#define SCAN_REGISTER(op) (QSPI_OP(QUADSPI_LINES_1, op) | QSPI_DATA(QUADSPI_LINES_1))

#define SCAN_SLOTS (QSPI_SLOT_IO3 + 1) // lines of one chip

struct scan {
    const struct qspi_scan_params *params;
    struct qspi_scan_result *result;
    struct qspi q;
    uint32_t first;             // QSPI_SCAN_BK1_NCS or QSPI_SCAN_BK2_NCS
    uint32_t chip;              // index in q.data: 1 for the second chip of dual-flash mode
    uint32_t lines[SCAN_SLOTS]; // pins in use now, 0 = none
};

enum scan_pull { SCAN_PULL_UP = 1, SCAN_PULL_DOWN = 2 }; // PUPDR

// Clock the ports, put each pin to rest, find those to be left out. IO3 may be the chip's reset: a
// look at it waits until scan_survey_io3(). Returns false if a port takes no clock.
bool scan_survey(struct scan *s);
void scan_survey_io3(struct scan *s);

// The pin to try for a line of the chip, 0 if it is none or to be left out.
uint32_t scan_choice(const struct scan *s, unsigned slot, unsigned choice);

// Connect a line of the chip to QUADSPI, with a pull-up (CLK: without); put it to rest again: an
// input, NCS and IO pulled up, CLK down.
void scan_connect(struct scan *s, unsigned slot, uint32_t pin);
void scan_release(struct scan *s, unsigned slot);
void scan_pull(uint32_t pin, enum scan_pull pull);
// Make a pin an output at low level, until scan_release() or scan_rest().
void scan_drive_low(uint32_t pin);
void scan_rest(uint32_t pin, enum scan_pull pull);
// Long enough for a 40 kOhm pull and for tRST (30 us) with the core at any clock.
void scan_settle(void);

// Run a command; the answer of the chip under test.
uint32_t scan_command(struct scan *s, uint32_t shape, uint32_t address);

// Wait until the chip is no longer busy; true if it still is after 3 s.
bool scan_stays_busy(struct scan *s);

// Find IO2 and IO3 of the chip whose other lines are connected.
void scan_quad(struct scan *s, struct qspi_scan_chip *chip);
