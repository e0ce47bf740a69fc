// SPDX-License-Identifier: MIT
// The physical limit of a rewrite: what the chip needs at its typical times, and how many bytes
// must cross the probe at least. Used by bench/run.sh: limit OLD NEW (files of the whole chip and
// of the image at its start) prints "chip_us link_bytes differing_sectors".
#include "host/bytes.h"
#include "vboard/chip/parts.h"
#include <lz4hc.h>
#include <stdio.h>
#include <string.h>

enum { SECTOR = 4096, BLOCK = 65536, PAGE = 256, LIMIT = 1 << 28 };

static bool blank(const uint8_t *p, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (p[i] != 0xFF)
            return false;
    return true;
}

static bool only_clears(const uint8_t *from, const uint8_t *to, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (to[i] & ~from[i])
            return false;
    return true;
}

struct cost {
    uint64_t chip_us, link_bytes;
    unsigned sectors;
};

// Pages to program in one sector, erased before or not.
static unsigned pages(const uint8_t *from, const uint8_t *to, bool erased)
{
    unsigned count = 0;
    for (unsigned at = 0; at < SECTOR; at += PAGE)
        count += erased ? !blank(to + at, PAGE) : memcmp(from + at, to + at, PAGE) != 0;
    return count;
}

// One block, with the best of: 4 KiB erases where needed, or one of 64 KiB (32 KiB ones are within
// 10 % of the better of both on every part of the table).
static void add_block(struct cost *c, const struct nor_times *t, const uint8_t *from,
                      const uint8_t *to)
{
    uint64_t small = 0, large = t->block_64k;
    unsigned differing = 0, erases = 0;
    uint8_t changed[BLOCK];
    char packed[LZ4_COMPRESSBOUND(BLOCK)];
    for (unsigned at = 0; at < BLOCK; at += SECTOR) {
        large += (uint64_t)pages(from + at, to + at, true) * t->page_program;
        if (memcmp(from + at, to + at, SECTOR) == 0)
            continue;
        bool erase = !only_clears(from + at, to + at, SECTOR);
        erases += erase;
        small += erase ? t->sector_4k : 0;
        small += (uint64_t)pages(from + at, to + at, erase) * t->page_program;
        memcpy(changed + SECTOR * differing++, to + at, SECTOR);
    }
    if (!differing)
        return;
    int length = LZ4_compress_HC((char *)changed, packed, (int)(differing * SECTOR), sizeof(packed),
                                 LZ4HC_CLEVEL_MAX);
    unsigned raw = differing * SECTOR;
    c->sectors += differing;
    c->link_bytes += (unsigned)length < raw ? (unsigned)length : raw;
    c->chip_us += erases && large < small ? large : small;
}

int main(int argc, char **argv)
{
    struct bytes from = {0}, to = {0};
    const struct nor_part *part = nor_part_find("W25Q64JV");
    if (argc != 3 || !part || !bytes_read_file(&from, argv[1], LIMIT) ||
        !bytes_read_file(&to, argv[2], LIMIT) || from.size < to.size) {
        fprintf(stderr, "usage: limit OLD NEW\n");
        return 2;
    }
    size_t size = to.size;
    if (!bytes_add(&to, from.data + size, from.size - size))
        return 1;
    struct cost c = {0};
    for (size_t at = 0; at + BLOCK <= from.size; at += BLOCK)
        add_block(&c, &part->typical, from.data + at, to.data + at);
    printf("%llu %llu %u\n", (unsigned long long)c.chip_us, (unsigned long long)c.link_bytes,
           c.sectors);
    bytes_free(&from);
    bytes_free(&to);
    return 0;
}
