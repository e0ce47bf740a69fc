// SPDX-License-Identifier: MIT
// Erase block by erase block; see blocks.h.
#include "blocks.h"

#define BLOCK_64K 65536u
#define PAGE      256u

// Two chips make 128 KiB of a block
static uint8_t s_now[2 * BLOCK_64K], s_then[2 * BLOCK_64K];

// A shape of nor_write.h (3 address bytes) with as many as this chip takes.
static uint32_t shape(const struct blocks *b, uint32_t three)
{
    return (three & ~QUADSPI_CCR_ADSIZE_Msk) | b->address_size << QUADSPI_CCR_ADSIZE_Pos;
}

void blocks_open(struct blocks *b, const struct writer_request *request)
{
    b->dual = request->qspi.flags & QSPI_FLAG_DUAL ? 1 : 0;
    b->size = BLOCK_64K << b->dual;
    b->now = s_now;
    b->then = s_then;
    // The stub's code put a chip above 16 MiB into 4-byte mode.
    b->address_size = (request->result.ccr & QUADSPI_CCR_ADSIZE_Msk) >> QUADSPI_CCR_ADSIZE_Pos;
    qspi_init(&b->q, (b->dual ? QUADSPI_CR_DFM : 0) |
                         (request->qspi.flags & QSPI_FLAG_BANK2 ? QUADSPI_CR_FSEL : 0));
    b->q.kernel_hz = qspi_start_hsi();
    qspi_stop(&b->q);
    nor_set_speed(&b->q, request->result.sck_hz, request->result.size);
}

void blocks_close(struct blocks *b)
{
    nor_map(&b->q, b->address_size == QUADSPI_SIZE_32);
}

static bool read_now(struct blocks *b, uint32_t offset)
{
    return !nor_read(&b->q, shape(b, NOR_SHAPE_READ), offset >> b->dual, b->now, b->size);
}

enum block_error blocks_load(struct blocks *b, uint32_t offset)
{
    if (!read_now(b, offset))
        return BLOCK_ERR_READ;
    for (uint32_t i = 0; i < b->size; i++)
        b->then[i] = b->now[i];
    return BLOCK_OK;
}

// First byte in which the two buffers differ, `size` if there is none.
static uint32_t first_difference(const struct blocks *b)
{
    uint32_t i = 0;
    while (i < b->size && b->now[i] == b->then[i])
        i++;
    return i;
}

// Programming only clears bits: one that must become 1 needs an erase.
static bool needs_erase(const struct blocks *b)
{
    for (uint32_t i = 0; i < b->size; i++) {
        if (b->then[i] & ~b->now[i])
            return true;
    }
    return false;
}

static enum block_error erase(struct blocks *b, uint32_t offset)
{
    if (nor_erase(&b->q, shape(b, NOR_SHAPE_ERASE_64K), offset >> b->dual, NOR_MS_ERASE_64K))
        return BLOCK_ERR_ERASE;
    for (uint32_t i = 0; i < b->size; i++)
        b->now[i] = 0xFF;
    return BLOCK_OK;
}

static enum block_error program(struct blocks *b, uint32_t offset)
{
    uint32_t page = PAGE << b->dual;
    for (uint32_t at = 0; at < b->size; at += page) {
        uint32_t same = at;
        while (same < at + page && b->now[same] == b->then[same])
            same++;
        if (same == at + page)
            continue;
        if (nor_program(&b->q, shape(b, NOR_SHAPE_PROGRAM), (offset + at) >> b->dual, b->then + at,
                        page))
            return BLOCK_ERR_PROGRAM;
    }
    return BLOCK_OK;
}

enum block_error blocks_store(struct blocks *b, uint32_t offset, bool *wrote)
{
    enum block_error error = BLOCK_OK;
    *wrote = first_difference(b) < b->size;
    if (!*wrote)
        return BLOCK_OK;
    if (needs_erase(b))
        error = erase(b, offset);
    if (!error)
        error = program(b, offset);
    if (error)
        return error;
    if (!read_now(b, offset))
        return BLOCK_ERR_READ;
    b->bad = first_difference(b);
    return b->bad < b->size ? BLOCK_ERR_VERIFY : BLOCK_OK;
}
