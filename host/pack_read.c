// SPDX-License-Identifier: MIT
// The reader of pack files: takes any bytes and says what is wrong with them before a board is
// touched. Used by host/main.c through pack.h, and fuzzed by tests/fuzz/fuzz_pack.c.
#include "pack.h"
#include "crc32.h"
#include "loader/abi.h"
#include "loader/pack.h"
#include <lz4.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 128 };

struct reader {
    struct pack *p;
    const uint8_t *bytes;
    size_t size;
    size_t at; // of the next line
    char line[LINE_SIZE];
    char *error;
};

static bool fail(struct reader *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(r->error, PACK_ERROR_SIZE, format, args);
    va_end(args);
    return false;
}

bool pack_is(const uint8_t *bytes, size_t size)
{
    static const char word[] = "QSPIPACK ";
    return size >= sizeof(word) - 1 && memcmp(bytes, word, sizeof(word) - 1) == 0;
}

static bool next_line(struct reader *r)
{
    size_t length = 0;
    while (r->at + length < r->size && r->bytes[r->at + length] != '\n')
        if (++length == LINE_SIZE)
            return fail(r, "a header line is too long");
    if (r->at + length == r->size)
        return fail(r, "it ends inside the header");
    memcpy(r->line, r->bytes + r->at, length);
    r->line[length] = 0;
    if (strlen(r->line) != length)
        return fail(r, "a header line is no text");
    r->at += length + 1;
    return true;
}

// The words behind `name`: exactly `count` numbers, and then the text `rest`.
static bool numbers(const char *line, const char *name, uint32_t *value, unsigned count,
                    const char *rest)
{
    size_t length = strlen(name);
    if (strncmp(line, name, length) != 0)
        return false;
    line += length;
    for (unsigned i = 0; i < count; i++) {
        char *end;
        if (line[0] != ' ' || line[1] < '0' || line[1] > '9')
            return false;
        unsigned long long number = strtoull(line + 1, &end, line[2] == 'x' ? 16 : 10);
        if (number > UINT32_MAX)
            return false;
        value[i] = (uint32_t)number;
        line = end;
    }
    return strcmp(line, rest) == 0;
}

static bool one_number(struct reader *r, const char *name, uint32_t *value)
{
    return next_line(r) && (numbers(r->line, name, value, 1, "") ||
                            fail(r, "its header has '%.40s' instead of '%s'", r->line, name));
}

static bool in_payload(const struct pack *p, uint32_t offset, uint64_t length)
{
    return offset >= p->header && offset + length <= p->size;
}

static bool in_window(uint32_t address, uint64_t length)
{
    return address >= PACK_WINDOW && address + length <= (uint64_t)PACK_WINDOW + PACK_WINDOW_SIZE;
}

static bool read_hashes(struct reader *r)
{
    struct pack *p = r->p;
    uint32_t v[3];
    if (!numbers(r->line, "hashes", v, 3, ""))
        return fail(r, "its header has '%.40s' as hash table", r->line);
    if (v[0] % LOADER_BLOCK || v[1] == 0 || v[1] > LOADER_TABLE_MAX ||
        !in_window(v[0], (uint64_t)v[1] * LOADER_BLOCK) ||
        !in_payload(p, v[2], (uint64_t)v[1] * LOADER_SECTORS * 4))
        return fail(r, "its hash table is out of bounds");
    p->hash_address = v[0];
    p->hash_blocks = v[1];
    p->hash_offset = v[2];
    return true;
}

// Room for one more element in an array that grows by powers of two.
static void *grow(void *array, uint32_t count, size_t element)
{
    if (count & (count - 1))
        return array;
    return realloc(array, (count ? 2 * (size_t)count : 1) * element);
}

static uint32_t raw_size(uint32_t mask)
{
    return (32u - (uint32_t)__builtin_clz(mask) - (uint32_t)__builtin_ctz(mask)) * LOADER_SECTOR;
}

static bool read_block(struct reader *r)
{
    struct pack *p = r->p;
    uint32_t v[4];
    bool lz4 = numbers(r->line, "block", v, 4, " lz4");
    if (!lz4 && !numbers(r->line, "block", v, 4, " raw"))
        return fail(r, "its header has '%.40s' as block", r->line);
    if (v[0] % LOADER_BLOCK || v[1] == 0 || v[1] > 0xFFFF || !in_window(v[0], LOADER_BLOCK) ||
        !in_payload(p, v[2], v[3]) || v[3] == 0 || (lz4 && v[3] >= LOADER_BLOCK) ||
        (!lz4 && v[3] != raw_size(v[1])))
        return fail(r, "the block at 0x%08X is out of bounds", (unsigned)v[0]);
    if (p->blocks && v[0] <= p->block[p->blocks - 1].address)
        return fail(r, "the block at 0x%08X is out of order", (unsigned)v[0]);
    struct pack_block *grown = grow(p->block, p->blocks, sizeof(*grown));
    if (!grown)
        return fail(r, "out of memory");
    p->block = grown;
    p->block[p->blocks++] = (struct pack_block){v[0], v[1], v[2], v[3], lz4};
    return true;
}

static bool read_part(struct reader *r)
{
    struct pack *p = r->p;
    uint32_t v[3];
    if (!numbers(r->line, "part", v, 3, ""))
        return fail(r, "its header has '%.40s' as part", r->line);
    if (v[1] == 0 || v[0] % LOADER_SECTOR + (uint64_t)v[1] > LOADER_SECTOR ||
        !in_window(v[0], v[1]) || !in_payload(p, v[2], v[1]))
        return fail(r, "the part at 0x%08X is out of bounds", (unsigned)v[0]);
    const struct pack_part *last = p->parts ? &p->part[p->parts - 1] : NULL;
    if (last && v[0] < last->address + last->length)
        return fail(r, "the part at 0x%08X is out of order", (unsigned)v[0]);
    struct pack_part *grown = grow(p->part, p->parts, sizeof(*grown));
    if (!grown)
        return fail(r, "out of memory");
    p->part = grown;
    p->part[p->parts++] = (struct pack_part){v[0], v[1], v[2]};
    return true;
}

// hashes, block, part and end, in this order.
static bool read_entries(struct reader *r)
{
    static const char *const order[] = {"hashes", "block", "part", "end"};
    bool (*const read[])(struct reader *) = {read_hashes, read_block, read_part};
    unsigned stage = 0;
    for (;;) {
        size_t start = r->at;
        if (!next_line(r))
            return false;
        while (strncmp(r->line, order[stage], strlen(order[stage])) != 0)
            if (++stage == 4)
                return fail(r, "its header has '%.40s'", r->line);
        uint32_t crc;
        if (stage < 3) {
            if (!read[stage](r))
                return false;
            stage += stage == 0; // one table at most
        } else if (!numbers(r->line, "end", &crc, 1, "") || crc != crc32_of(0, r->bytes, start)) {
            return fail(r, "its header is damaged (wrong checksum)");
        } else {
            return true;
        }
    }
}

static bool read_header(struct reader *r)
{
    struct pack *p = r->p;
    uint32_t crc;
    if (!pack_is(r->bytes, r->size) || !next_line(r))
        return fail(r, "it is no pack file");
    if (strcmp(r->line, PACK_MAGIC) != 0)
        return fail(r, "it is '%.20s', which this version does not know", r->line);
    if (!one_number(r, "header", &p->header) || !one_number(r, "size", &p->size) ||
        !one_number(r, "crc", &crc) || !one_number(r, "data", &p->data))
        return false;
    if (p->size != r->size)
        return fail(r, "it has %zu bytes instead of %u", r->size, (unsigned)p->size);
    if (p->header > p->size)
        return fail(r, "its header is longer than the file");
    if (!read_entries(r))
        return false;
    if (r->at > p->header)
        return fail(r, "its header is longer than it says");
    for (size_t i = r->at; i < p->header; i++)
        if (r->bytes[i] != '\n')
            return fail(r, "its header is damaged (text behind its end)");
    if (crc32_of(0, r->bytes + p->header, p->size - p->header) != crc)
        return fail(r, "its payload is damaged (wrong checksum)");
    return true;
}

// The hash of one sector in the table, 0 if it has none.
static uint32_t hash_of(const struct pack *p, uint32_t address)
{
    uint64_t sector = ((uint64_t)address - p->hash_address) / LOADER_SECTOR;
    if (address < p->hash_address || sector >= (uint64_t)p->hash_blocks * LOADER_SECTORS)
        return 0;
    const uint8_t *w = p->bytes + p->hash_offset + 4 * sector;
    return w[0] | (uint32_t)w[1] << 8 | (uint32_t)w[2] << 16 | (uint32_t)w[3] << 24;
}

static bool check_block(struct reader *r, const struct pack_block *b)
{
    uint8_t decoded[LOADER_BLOCK];
    const uint8_t *raw = r->bytes + b->offset;
    if (b->lz4) {
        int size = LZ4_decompress_safe((const char *)raw, (char *)decoded, (int)b->length,
                                       (int)sizeof(decoded));
        if (size < 0 || (uint32_t)size != raw_size(b->mask))
            return fail(r, "the block at 0x%08X does not decode", (unsigned)b->address);
        raw = decoded;
    }
    unsigned low = (unsigned)__builtin_ctz(b->mask);
    for (unsigned s = low; r->p->hash_blocks && s < LOADER_SECTORS; s++) {
        uint32_t address = b->address + s * LOADER_SECTOR;
        if (b->mask >> s & 1 &&
            crc32_of(0, raw + (s - low) * LOADER_SECTOR, LOADER_SECTOR) != hash_of(r->p, address))
            return fail(r, "the sector at 0x%08X has a wrong hash", (unsigned)address);
    }
    return true;
}

// A part must not lie in a sector that a block gives whole. Both lists are sorted.
static bool check_parts(struct reader *r)
{
    const struct pack *p = r->p;
    for (uint32_t i = 0, b = 0; i < p->parts; i++) {
        uint32_t address = p->part[i].address, block = address & ~(LOADER_BLOCK - 1);
        while (b < p->blocks && p->block[b].address < block)
            b++;
        unsigned sector = address % LOADER_BLOCK / LOADER_SECTOR;
        if (b < p->blocks && p->block[b].address == block && p->block[b].mask >> sector & 1)
            return fail(r, "the part at 0x%08X lies in a block", (unsigned)address);
    }
    return true;
}

bool pack_read(struct pack *p, const uint8_t *bytes, size_t size, char error[PACK_ERROR_SIZE])
{
    struct reader r = {.p = p, .bytes = bytes, .size = size, .error = error};
    *p = (struct pack){.bytes = bytes};
    error[0] = 0;
    if (size > UINT32_MAX)
        return fail(&r, "it is too large");
    if (!read_header(&r))
        return false;
    if (p->blocks + p->parts == 0)
        return fail(&r, "it holds no data");
    for (uint32_t i = 0; i < p->blocks; i++)
        if (!check_block(&r, &p->block[i]))
            return false;
    return check_parts(&r);
}

void pack_free(struct pack *p)
{
    free(p->block);
    free(p->part);
    *p = (struct pack){0};
}

uint64_t pack_sent(const struct pack *p)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < p->blocks; i++)
        total += p->block[i].length;
    for (uint32_t i = 0; i < p->parts; i++)
        total += p->part[i].length;
    return total;
}

uint32_t pack_sectors(const struct pack *p)
{
    uint32_t count = 0, last = 1; // no sector starts at address 1
    for (uint32_t i = 0; i < p->blocks; i++)
        count += (uint32_t)__builtin_popcount(p->block[i].mask);
    for (uint32_t i = 0; i < p->parts; i++) {
        uint32_t sector = p->part[i].address & ~(LOADER_SECTOR - 1);
        count += sector != last;
        last = sector;
    }
    return count;
}
