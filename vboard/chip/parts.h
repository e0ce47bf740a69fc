// SPDX-License-Identifier: MIT
// The table of flash chips the virtual board can carry; one row is all there is to a chip.
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct nor_times { // microseconds
    uint32_t page_program, sector_4k, block_32k, block_64k, chip_erase, write_status;
};

enum nor_sfdp {
    NOR_SFDP_NONE,    // 5Ah answers FFh
    NOR_SFDP_REV_1_0, // JESD216, 9 DWORDs
    NOR_SFDP_REV_1_5, // JESD216A, 16 DWORDs
};

enum { NOR_SFDP_SIZE = 256 };

struct nor_part {
    const char *name;      // as the scenario file writes it, e.g. "W25Q64JV-IQ"
    uint32_t jedec_id;     // 9Fh answer, first byte in the high byte: 0xEF4017
    uint32_t jedec_id_qpi; // the same asked in QPI mode
    uint8_t device_id;     // 90h/ABh: 0x16
    uint32_t size;         // bytes, a power of two
    bool qpi;              // 38h/FFh, 4-4-4
    bool dtr;              // 0Dh/BDh/EDh
    bool addr4;            // four-byte addresses, BP3 and TB in place of TB and SEC
    bool qpi_35h;          // 35h enters QPI and F5h leaves it; no SR2, SR3
    bool qe_factory;       // QE set when new
    bool qe_fixed;         // QE cannot be cleared
    uint32_t max_hz;       // clock limit of all opcodes but these:
    uint32_t read_hz;      // 03h
    uint32_t dtr_hz;       // DTR phases
    struct nor_times typical, worst;
    enum nor_sfdp sfdp;
};

extern const struct nor_part nor_parts[];
extern const unsigned nor_parts_count;
// The row of that name, case-insensitive; a name without order code ("W25Q64JV") finds the first
// row of the part. NULL if unknown.
const struct nor_part *nor_part_find(const char *name);

// What 5Ah reads from address 0 on.
void nor_part_sfdp(const struct nor_part *part, uint8_t sfdp[NOR_SFDP_SIZE]);
