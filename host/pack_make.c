// SPDX-License-Identifier: MIT
// The packer: cuts an image into the 64 KiB blocks of the loader, hashes whole sectors, compresses
// whole blocks and keeps the odd ends as parts. Used by host/main.c through pack.h.
#include "pack.h"
#include "crc32.h"
#include "loader/abi.h"
#include "loader/pack.h"
#include <lz4hc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_LINES = 256, ENTRY_MAX = 56, HEADER_ALIGN = 16 };

struct maker {
    const struct image *im;
    bool compress;
    struct bytes payload;
    struct bytes entries;   // struct entry, one a block or part, by address
    uint32_t first, blocks; // of the hash table
    uint64_t data;
    bool any_whole; // a sector is covered whole
};

struct entry {
    uint32_t address, mask; // mask 0: a part
    uint32_t at;            // in the payload
    uint32_t length;
    bool lz4;
};

// What lies in one block: bytes, and how many of each sector are given.
struct content {
    uint8_t byte[LOADER_BLOCK];
    uint32_t covered[LOADER_SECTORS];
};

static bool fail(char *error, const char *sentence)
{
    snprintf(error, PACK_ERROR_SIZE, "%s", sentence);
    return false;
}

// Range `r` cut to [low, high); false if nothing is left.
static bool cut(const struct image_range *r, uint64_t low, uint64_t high, uint64_t *from,
                uint64_t *to)
{
    *from = r->address > low ? r->address : low;
    *to = (uint64_t)r->address + r->size;
    if (*to > high)
        *to = high;
    return *from < *to;
}

static void gather(const struct image *im, uint32_t block, struct content *c)
{
    memset(c->byte, 0xFF, sizeof(c->byte));
    memset(c->covered, 0, sizeof(c->covered));
    for (unsigned i = 0; i < im->count; i++) {
        const struct image_range *r = &im->range[i];
        for (unsigned s = 0; s < LOADER_SECTORS; s++) {
            uint64_t low = (uint64_t)block + s * LOADER_SECTOR, from, to;
            if (!cut(r, low, low + LOADER_SECTOR, &from, &to))
                continue;
            memcpy(c->byte + (from - block), r->data + (from - r->address), (size_t)(to - from));
            c->covered[s] += (uint32_t)(to - from);
        }
    }
}

static uint32_t whole_mask(const struct content *c)
{
    uint32_t mask = 0;
    for (unsigned s = 0; s < LOADER_SECTORS; s++)
        if (c->covered[s] == LOADER_SECTOR)
            mask |= 1u << s;
    return mask;
}

static bool add_entry(struct maker *m, const struct entry *e)
{
    return bytes_add(&m->entries, e, sizeof(*e));
}

static bool add_block(struct maker *m, uint32_t address, const struct content *c, uint32_t mask)
{
    unsigned low = (unsigned)__builtin_ctz(mask), high = 31 - (unsigned)__builtin_clz(mask);
    const uint8_t *raw = c->byte + low * LOADER_SECTOR;
    uint32_t size = (high - low + 1) * LOADER_SECTOR;
    struct entry e = {address, mask, (uint32_t)m->payload.size, size, false};
    if (m->compress) {
        char packed[LOADER_BLOCK];
        int length = LZ4_compress_HC((const char *)raw, packed, (int)size, (int)(size - size / 16),
                                     LZ4HC_CLEVEL_MAX);
        if (length > 0) {
            e.length = (uint32_t)length;
            e.lz4 = true;
            return add_entry(m, &e) && bytes_add(&m->payload, packed, (size_t)length);
        }
    }
    return add_entry(m, &e) && bytes_add(&m->payload, raw, size);
}

// The pieces of sectors of this block that are not covered whole.
static bool add_parts(struct maker *m, uint32_t block, const struct content *c)
{
    for (unsigned s = 0; s < LOADER_SECTORS; s++) {
        if (c->covered[s] == 0 || c->covered[s] == LOADER_SECTOR)
            continue;
        uint64_t low = (uint64_t)block + s * LOADER_SECTOR, from, to;
        for (unsigned i = 0; i < m->im->count; i++) {
            const struct image_range *r = &m->im->range[i];
            if (!cut(r, low, low + LOADER_SECTOR, &from, &to))
                continue;
            struct entry e = {(uint32_t)from, 0, (uint32_t)m->payload.size, (uint32_t)(to - from),
                              false};
            if (!add_entry(m, &e) ||
                !bytes_add(&m->payload, r->data + (from - r->address), e.length))
                return false;
        }
    }
    return true;
}

static bool add_hashes(struct maker *m, const struct content *c, uint32_t mask)
{
    for (unsigned s = 0; s < LOADER_SECTORS; s++) {
        uint32_t crc = mask >> s & 1 ? crc32_of(0, c->byte + s * LOADER_SECTOR, LOADER_SECTOR) : 0;
        uint8_t word[4] = {(uint8_t)crc, (uint8_t)(crc >> 8), (uint8_t)(crc >> 16),
                           (uint8_t)(crc >> 24)};
        if (!bytes_add(&m->payload, word, sizeof(word)))
            return false;
    }
    return true;
}

// First and last block that hold data inside the window.
static bool find_blocks(struct maker *m)
{
    uint64_t low = UINT64_MAX, high = 0, from, to;
    for (unsigned i = 0; i < m->im->count; i++) {
        if (!cut(&m->im->range[i], PACK_WINDOW, (uint64_t)PACK_WINDOW + PACK_WINDOW_SIZE, &from,
                 &to))
            continue;
        m->data += to - from;
        low = from < low ? from : low;
        high = to > high ? to : high;
    }
    if (high == 0)
        return false;
    m->first = (uint32_t)(low & ~(uint64_t)(LOADER_BLOCK - 1));
    m->blocks = (uint32_t)((high - m->first + LOADER_BLOCK - 1) / LOADER_BLOCK);
    return true;
}

// The hash table comes first in the payload, so the blocks are gone through twice.
static bool fill(struct maker *m)
{
    struct content *c = malloc(sizeof(*c));
    bool good = c != NULL;
    for (uint32_t b = 0; good && b < m->blocks; b++) {
        gather(m->im, m->first + b * LOADER_BLOCK, c);
        m->any_whole |= whole_mask(c) != 0;
        if (m->blocks <= LOADER_TABLE_MAX)
            good = add_hashes(m, c, whole_mask(c));
    }
    if (!m->any_whole)
        m->payload.size = 0;
    for (uint32_t b = 0; good && b < m->blocks; b++) {
        uint32_t address = m->first + b * LOADER_BLOCK;
        gather(m->im, address, c);
        if (whole_mask(c))
            good = add_block(m, address, c, whole_mask(c));
        if (good)
            good = add_parts(m, address, c);
    }
    free(c);
    return good;
}

static bool write_entries(struct bytes *out, const struct maker *m, uint32_t header, bool parts)
{
    const struct entry *e = (const struct entry *)(const void *)m->entries.data;
    size_t count = m->entries.size / sizeof(*e);
    for (size_t i = 0; i < count; i++) {
        unsigned address = e[i].address, mask = e[i].mask, length = e[i].length;
        unsigned offset = header + e[i].at;
        if ((mask == 0) != parts)
            continue;
        bool good = parts ? bytes_print(out, "part 0x%08X %u %u\n", address, length, offset)
                          : bytes_print(out, "block 0x%08X 0x%04X %u %u %s\n", address, mask,
                                        offset, length, e[i].lz4 ? "lz4" : "raw");
        if (!good)
            return false;
    }
    return true;
}

static bool write_header(struct bytes *out, const struct maker *m, uint32_t header)
{
    bool hashes = m->any_whole && m->blocks <= LOADER_TABLE_MAX;
    if (!bytes_print(out, PACK_MAGIC "\nheader %u\nsize %zu\ncrc 0x%08X\ndata %u\n",
                     (unsigned)header, header + m->payload.size,
                     (unsigned)crc32_of(0, m->payload.data, m->payload.size), (unsigned)m->data))
        return false;
    if (hashes && !bytes_print(out, "hashes 0x%08X %u %u\n", (unsigned)m->first,
                               (unsigned)m->blocks, (unsigned)header))
        return false;
    if (!write_entries(out, m, header, false) || !write_entries(out, m, header, true) ||
        !bytes_print(out, "end 0x%08X\n", (unsigned)crc32_of(0, out->data, out->size)))
        return false;
    while (out->size < header)
        if (!bytes_add(out, "\n", 1))
            return false;
    return out->size == header;
}

bool pack_make(struct bytes *out, const struct image *im, bool compress,
               char error[PACK_ERROR_SIZE])
{
    struct maker m = {.im = im, .compress = compress};
    out->size = 0;
    if (!find_blocks(&m))
        return fail(error, "nothing of it lies in the QSPI flash window 0x90000000-0x9FFFFFFF");
    bool good = fill(&m);
    if (good) {
        size_t count = m.entries.size / sizeof(struct entry);
        uint32_t header = (uint32_t)(HEADER_LINES + count * ENTRY_MAX) & ~(HEADER_ALIGN - 1u);
        good = write_header(out, &m, header) && bytes_add(out, m.payload.data, m.payload.size);
    }
    bytes_free(&m.payload);
    bytes_free(&m.entries);
    return good || fail(error, "out of memory");
}
