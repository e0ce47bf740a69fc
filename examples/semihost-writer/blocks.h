// SPDX-License-Identifier: MIT
// The writer's way to the flash: one erase block at a time, so that bytes of a block that the file
// does not cover stay what they are, and a block that already holds the file's bytes is left alone.
#pragma once
#include "driver/nor_write.h"
#include "request.h"

enum block_error {
    BLOCK_OK,
    BLOCK_ERR_READ,
    BLOCK_ERR_ERASE,
    BLOCK_ERR_PROGRAM,
    BLOCK_ERR_VERIFY,
};

struct blocks {
    struct qspi q;
    uint32_t dual;         // 1: two chips side by side
    uint32_t size;         // bytes of one erase block, all chips
    uint32_t address_size; // QUADSPI_SIZE_x
    uint8_t *now;          // buffer for a block: what the flash holds
    uint8_t *then;         // and what it shall hold
    uint32_t bad;          // after BLOCK_ERR_VERIFY the first wrong byte's offset in the block
};

// Take over the flash from the init stub's code, which left it mapped.
void blocks_open(struct blocks *b, const struct writer_request *request);

// Read the block at `offset` of the bank into `now` and `then`.
enum block_error blocks_load(struct blocks *b, uint32_t offset);

// Make the block at `offset` what `then` says and read it back. `wrote` tells whether there was
// anything to do.
enum block_error blocks_store(struct blocks *b, uint32_t offset, bool *wrote);

// Open the memory-mapped window again, for whoever comes next.
void blocks_close(struct blocks *b);
