// SPDX-License-Identifier: MIT
// The contract between the host (tcl/loader.tcl) and the loader: where it lies in RAM, the box
// through which both talk while the loader runs, and what a block of data looks like. The generated
// loader/loader.tcl carries these numbers, so that they are written only here. Pack files, which
// hold data in this form, are described in pack.h.
//
// Entry:  PC = LOADER_CODE | 1 (Thumb), SP = LOADER_STACK_TOP, PRIMASK = 1, the box's `magic` to
//         `blocks` filled in, the rest 0. The init stub has run: pins, clocks and chip are ready.
// Then:   `state` goes to HASHED as soon as `mask` tells which sectors differ. The host fills
// slots,
//         in any number and order of blocks, round-robin from slot 0; the loader works them off in
//         that order. `stop` = 1 behind the last slot ends it.
// Exit:   bkpt #0, state DONE, the chip mapped as the init stub maps it. After an error the loader
//         takes no more slots, and ends at once.
#pragma once
#include <stdint.h>

#define LOADER_MAGIC 0x3152444Cu // "LDR1"

#define LOADER_SECTOR      4096u
#define LOADER_BLOCK       65536u
#define LOADER_BLOCK_SHIFT 16u
#define LOADER_SECTORS     16u // of a block

// DTCM: code, box and stack, tables
#define LOADER_CODE      0x20000000u
#define LOADER_CODE_MAX  8192u
#define LOADER_BOX       0x20002000u
#define LOADER_STACK_TOP 0x20003FF8u
#define LOADER_TABLE     0x20004000u // CRC-32 of each sector from `first` on
#define LOADER_MASK      0x20014000u // a word for each block, see `blocks`
#define LOADER_TABLE_MAX 1024u       // blocks that the two tables have room for: 64 MiB

// AXI SRAM: the slots' buffers of LOADER_BLOCK bytes, then the loader's own two
#define LOADER_BUFFERS 0x24000000u
#define LOADER_SLOTS   6u
#define LOADER_OLD     0x24060000u // the block as the chip holds it
#define LOADER_DECODED 0x24070000u // the block after decoding

#define LOADER_FLAG_BANK2   1u // as QSPI_FLAG_BANK2, QSPI_FLAG_DUAL of init-stub/abi.h
#define LOADER_FLAG_DUAL    2u
#define LOADER_FLAG_QUAD    4u  // IO2 and IO3 are wired: quad commands are tried
#define LOADER_FLAG_VERIFY  8u  // compare only, change nothing
#define LOADER_FLAG_DRY     16u // plan and count only, change nothing
#define LOADER_FLAG_TRUST   32u // no verify after programming
#define LOADER_FLAG_REWRITE 64u // erase and program every sector given, equal or not

enum loader_state {
    LOADER_STARTING,
    LOADER_HASHED,
    LOADER_DONE,
};

enum loader_status {
    LOADER_OK,
    LOADER_ERR_PARAM,      // a parameter is wrong; found = the word
    LOADER_ERR_CONTROLLER, // QUADSPI hangs; address = command (CCR without FMODE), found = SR
    LOADER_ERR_TIMER,      // TIM7 does not count
    LOADER_ERR_WEL,        // the chip refuses write enable; found = SR1
    LOADER_ERR_BUSY,       // erase or program at `address` does not end; found = SR1
    LOADER_ERR_VERIFY,     // byte at `address` differs after a second try: expected, found
    LOADER_ERR_DATA,       // a block arrived damaged (bad lz4, or not what its CRC-32 says)
    LOADER_ERR_SLOT,       // the host filled in a slot wrongly; found = its number
    LOADER_STATUS_COUNT
};

enum loader_slot_state {
    LOADER_SLOT_FREE,    // the host may fill it
    LOADER_SLOT_FETCH,   // by the host: read the block from the chip into the buffer, then FETCHED
    LOADER_SLOT_FETCHED, // by the loader: the host lays its bytes over it, then FILLED
    LOADER_SLOT_FILLED,  // by the host: data is there
};

// One block of data on its way. The buffer of slot n is at LOADER_BUFFERS + n * LOADER_BLOCK. Bit s
// of `mask`: sector s of the block is to be written, and its data is at s * LOADER_SECTOR in the
// buffer. Bit s of `span`: the image covers sector s whole, so it may be erased and written again
// also if it is not in `mask`. If `packed` is not 0, the buffer holds instead, from its start, that
// many bytes of one lz4 block (the raw format, no frame), which decodes to the sectors from the
// lowest to the highest bit of `span`, without gaps; `mask` is a part of `span` then.
struct loader_slot {
    uint32_t address; // offset of the block in the bank
    uint32_t mask;
    uint32_t span;
    uint32_t packed;
    uint32_t state; // enum loader_slot_state; written last
};

struct loader_box {
    // from the host, before the start
    uint32_t magic;
    uint32_t flags;
    uint32_t sck_hz;   // not to be exceeded; 0 = what the chip stands
    uint32_t size;     // bytes of the bank
    uint32_t jedec_id; // as found by the init stub
    uint32_t first;    // offset of the first block of the tables
    uint32_t blocks; // blocks in the tables, 0 = no hashes. Before: bit s of word b of LOADER_MASK
                     // says that sector s of block b has its CRC-32 (IEEE 802.3, as zlib) in
                     // LOADER_TABLE[16 b + s]. When HASHED, only bits of sectors that differ remain
    // from the host at any time
    uint32_t stop;
    // from the loader
    uint32_t state;
    uint32_t status;
    uint32_t address; // of an error, offset in the bank
    uint32_t expected;
    uint32_t found;
    uint32_t hashed;       // blocks hashed so far
    uint32_t done;         // slots worked off
    uint32_t sck;          // SCK in use, Hz
    uint32_t lines;        // data lines in use: 1 or 4
    uint32_t same;         // sectors found unchanged (by hash or by comparing)
    uint32_t programmed;   // sectors changed without an erase
    uint32_t erased;       // sectors erased
    uint32_t pages;        // page programs
    uint32_t erases[3];    // erase commands of 4, 32, 64 KiB
    uint32_t retries;      // blocks that had to be written twice
    uint32_t different;    // LOADER_FLAG_VERIFY: sectors of slots that differ ...
    uint32_t difference;   // ... and the first differing address, expected and found byte beside it
    uint32_t predicted_us; // sum of the plans' predicted times
    struct loader_slot slot[LOADER_SLOTS];
};
