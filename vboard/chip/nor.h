// SPDX-License-Identifier: MIT
// A SPI NOR flash chip at its pins: chip select, clock cycles and four data lines. The chip is a
// row of the parts table; it knows nothing of who drives it.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "../report.h"
#include "../vclock.h"

struct nor_part; // parts.h
struct nor;

// A new, powered chip with `part`'s factory state and blank contents.
struct nor *nor_new(const struct nor_part *part, struct vclock *clock, struct report *report);
void nor_free(struct nor *n);

// Bind the array to a file, mapped shared so that contents survive any end of the process. A missing
// file is made, blank (FFh); a file of another size is an error. The non-volatile registers live in
// "<path>.nv". Returns false with a sentence in `err`.
bool nor_attach_file(struct nor *n, const char *path, char *err, unsigned err_size);

// Power off and on: volatile state is lost, a program or erase under way leaves its page or sector
// half done. While off nothing is driven.
void nor_power(struct nor *n, bool on);

// Chip select edge. `low` true selects. Commands take effect at the rising edge.
void nor_select(struct nor *n, bool low);

// What the chip will drive in the coming clock cycle: bit 0..3 = IO0..IO3.
struct nor_drive {
    uint8_t mask; // lines driven
    uint8_t rise; // levels valid around the rising edge
    uint8_t fall; // levels valid around the falling edge (equal to rise outside DTR data)
};
struct nor_drive nor_drive(struct nor *n);

// One full clock cycle of period `period_ps` ending at vclock.now: levels of IO0..IO3 (bits 0..3)
// at the rising and the falling edge as resolved on the nets. The chip judges the clock limit of
// the opcode in use by the period; too fast a clock corrupts what it drives and what it takes.
void nor_clock(struct nor *n, uint8_t rise, uint8_t fall, uint32_t period_ps);

// For tests, scenario set-up and reports; not reachable from the pins.
uint8_t *nor_array(struct nor *n);        // part size bytes
uint32_t nor_size(const struct nor *n);
