// SPDX-License-Identifier: MIT
// How to bring a block of NOR flash from its old to its new contents with the least time: pure
// functions, used by the loader on the target and tested on the host.
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { PLAN_SECTORS = 16, PLAN_SECTOR = 4096, PLAN_KINDS = 3, PLAN_PAGE = 256 };

// What the chip can do, and how long it takes typically.
struct plan_chip {
    uint32_t erase_size[PLAN_KINDS]; // bytes, rising, each a power of two; 0 = there is none
    uint32_t erase_us[PLAN_KINDS];
    uint32_t page;       // bytes of a page program: 256, or 512 of two chips side by side
    uint32_t program_us; // of a page
};

// What is known of a sector's old and new contents. Bit p stands for the p-th 256 bytes.
struct plan_sector {
    bool erase;       // some bit must go from 0 to 1
    uint16_t differs; // not equal; only what was looked at before `erase` was found
    uint16_t filled;  // new contents are not all FFh
};

struct plan_erase {
    uint8_t kind;    // index into plan_chip
    uint32_t offset; // in the block
};

struct plan {
    uint32_t erases;
    struct plan_erase erase[PLAN_SECTORS];
    uint16_t program[PLAN_SECTORS]; // after all erases: 256-byte pieces to program, by sector
    uint32_t same;                  // sectors that nothing happens to, as bits
    uint32_t erased;                // sectors inside an erase
    uint32_t us;                    // predicted time
};

// Take `bytes` (a multiple of 256) of old and new contents, at byte `offset` of a sector, into what
// is known of the sector. Once `erase` is set, the rest needs only plan_fill().
void plan_look(struct plan_sector *sector, uint32_t offset, const uint8_t *old,
               const uint8_t *fresh, uint32_t bytes);

// The same for new contents alone: sets only `filled`.
void plan_fill(struct plan_sector *sector, uint32_t offset, const uint8_t *fresh, uint32_t bytes);

// The cheapest list of operations. An erase larger than the smallest is used only where all of its
// sectors are bits of `own`, so that nothing outside the image is at risk.
void plan_make(struct plan *plan, const struct plan_chip *chip,
               const struct plan_sector sectors[PLAN_SECTORS], uint32_t own);
