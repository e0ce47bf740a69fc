// SPDX-License-Identifier: MIT
// The table of flash chips the virtual board can carry; one row is all there is to a chip.
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct nor_times { // microseconds
    uint32_t page_program, sector_4k, block_32k, block_64k, chip_erase, write_status;
};

struct nor_part {
    const char *name;    // as the scenario file writes it, e.g. "W25Q64JV-IQ"
    uint32_t jedec_id;   // 9Fh answer, first byte in the high byte: 0xEF4017
    uint32_t jedec_id_qpi; // the same asked in QPI mode
    uint8_t device_id;   // 90h/ABh: 0x16
    uint32_t size;       // bytes
    bool qpi;            // 38h/FFh, 4-4-4
    bool dtr;            // 0Dh/BDh/EDh
    bool qe_factory;     // QE set when new
    struct nor_times typical, worst;
    const uint8_t *sfdp; // 256 bytes, NULL = answers FFh
    // more fields as the model needs them
};

extern const struct nor_part nor_parts[];
extern const unsigned nor_parts_count;
const struct nor_part *nor_part_find(const char *name); // NULL if unknown; case-insensitive
