// SPDX-License-Identifier: MIT
// Pack files (their form: loader/pack.h): made from an image for `qspi write`, and checked before
// anything is sent to a board. Used by host/main.c.
#pragma once
#include "bytes.h"
#include "image.h"

#define PACK_WINDOW      0x90000000u // where the QUADSPI maps the flash (RM0433, memory map)
#define PACK_WINDOW_SIZE 0x10000000u

enum { PACK_ERROR_SIZE = 200 };

struct pack_block {
    uint32_t address, mask, offset, length;
    bool lz4;
};

struct pack_part {
    uint32_t address, length, offset;
};

struct pack {
    const uint8_t *bytes; // the whole file, not owned
    uint32_t header, size, data;
    uint32_t hash_address, hash_blocks, hash_offset; // hash_blocks 0: no table
    struct pack_block *block;
    struct pack_part *part;
    uint32_t blocks, parts;
};

// Make a pack file of the ranges inside the window (others are left out). `compress`: by lz4, where
// that makes a block at least 1/16 smaller.
bool pack_make(struct bytes *out, const struct image *im, bool compress,
               char error[PACK_ERROR_SIZE]);

// Does it begin as a pack file?
bool pack_is(const uint8_t *bytes, size_t size);

// Read and check everything: checksums of header and payload, order, bounds, that every block
// decodes, and that its sectors have the hashes of the table. Frees nothing if it fails: call
// pack_free in any case.
bool pack_read(struct pack *p, const uint8_t *bytes, size_t size, char error[PACK_ERROR_SIZE]);
void pack_free(struct pack *p);

// Bytes that go to the board: blocks and parts as stored.
uint64_t pack_sent(const struct pack *p);

// Sectors of 4 KiB that the image touches.
uint32_t pack_sectors(const struct pack *p);
