// SPDX-License-Identifier: MIT
// The flash as the loader uses it: fast reads that compare or sum up, and erases and programs that
// wait by the timer. Offsets are those of the bank; lengths are multiples of 16.
#pragma once
#include "../driver/nor_write.h"
#include "planner.h"
#include "timer.h"

struct chip {
    struct qspi q;
    struct timer timer;
    struct plan_chip row;
    uint32_t erase_shape[PLAN_KINDS];
    uint32_t read_shape, program_shape;
    uint32_t lines;      // data lines in use
    uint32_t dual;       // 1 = two chips side by side
    uint32_t program_us; // how long the last programs took, to look again at the right time
    bool wide;           // four address bytes
};

// Fill in what depends on the chip: `size` bytes of bank, `wiring` as for qspi_init().
void chip_init(struct chip *c, uint32_t wiring, uint32_t size);

// Use quad read and program if the chip has QE set (its status register layout being Winbond's) and
// its id, read over four lines (94h), is the one it gives on one line. `jedec_id` as nor_read_id().
void chip_try_quad(struct chip *c, uint32_t jedec_id);

// Back to one line.
void chip_single(struct chip *c);

// Read into `to`.
void chip_read(struct chip *c, uint32_t offset, uint8_t *to, uint32_t length);

// CRC-32 of a range by the CRC unit, which chip_crc_setup() has prepared.
uint32_t chip_crc(struct chip *c, uint32_t offset, uint32_t length);
void chip_crc_setup(void);
// The same of bytes in RAM, 4-byte aligned.
uint32_t chip_crc_ram(const uint8_t *bytes, uint32_t length);

// Compare a range with `with` (4-byte aligned). Returns the first byte that differs, or `length`.
uint32_t chip_compare(struct chip *c, uint32_t offset, const uint8_t *with, uint32_t length);

// One byte, for a message.
uint8_t chip_byte(struct chip *c, uint32_t offset);

// Erase by unit `kind` of the row, program within one page; both wait until done, at most twice the
// longest time of the datasheet.
enum nor_error chip_erase(struct chip *c, uint32_t kind, uint32_t offset);
enum nor_error chip_program(struct chip *c, uint32_t offset, const uint8_t *data, uint32_t length);
