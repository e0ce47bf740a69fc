// SPDX-License-Identifier: MIT
// Pack files: what the packer writes decodes to the image, and no damaged file passes the reader.
#include "host/crc32.h"
#include "host/pack.h"
#include "loader/abi.h"
#include <lz4.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static uint32_t seed;

static uint32_t noise(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

// Contents that lz4 likes (runs) or not (noise), by address.
static void add(struct image *im, uint32_t address, uint32_t size, bool packs)
{
    uint8_t *data = malloc(size);
    for (uint32_t i = 0; i < size; i++)
        data[i] = packs ? (uint8_t)(i / 512) : (uint8_t)noise();
    assert_true(image_add(im, address, data, size));
    free(data);
}

static void make(const struct image *im, struct bytes *file, struct pack *p)
{
    char error[PACK_ERROR_SIZE];
    assert_true(pack_make(file, im, true, error));
    // An exact copy, so that the sanitizer sees reads behind the end.
    uint8_t *copy = malloc(file->size);
    memcpy(copy, file->data, file->size);
    if (!pack_read(p, copy, file->size, error))
        fail_msg("%s", error);
    p->bytes = file->data;
    free(copy);
}

// The bytes that a pack file puts into the window, over zeros; `set` counts how often.
struct flash {
    uint8_t byte[512 * 1024], set[512 * 1024];
};

static void put(struct flash *f, uint32_t address, const uint8_t *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        f->byte[address - PACK_WINDOW + i] = bytes[i];
        f->set[address - PACK_WINDOW + i]++;
    }
}

static struct flash *unpack(const struct pack *p)
{
    struct flash *f = calloc(1, sizeof(*f));
    for (uint32_t i = 0; i < p->blocks; i++) {
        const struct pack_block *b = &p->block[i];
        uint8_t decoded[LOADER_BLOCK];
        const uint8_t *raw = p->bytes + b->offset;
        if (b->lz4) {
            assert_true(LZ4_decompress_safe((const char *)raw, (char *)decoded, (int)b->length,
                                            sizeof(decoded)) > 0);
            raw = decoded;
        }
        unsigned low = (unsigned)__builtin_ctz(b->mask);
        for (unsigned s = low; s < 16; s++)
            if (b->mask >> s & 1)
                put(f, b->address + 4096 * s, raw + 4096 * (s - low), 4096);
    }
    for (uint32_t i = 0; i < p->parts; i++)
        put(f, p->part[i].address, p->bytes + p->part[i].offset, p->part[i].length);
    return f;
}

// The pack holds every byte of the image inside the window once, and no other.
static void holds(const struct pack *p, const struct image *im)
{
    struct flash *f = unpack(p);
    uint64_t total = 0, set = 0;
    for (unsigned i = 0; i < im->count; i++) {
        const struct image_range *r = &im->range[i];
        if (r->address < PACK_WINDOW)
            continue;
        total += r->size;
        assert_memory_equal(f->byte + (r->address - PACK_WINDOW), r->data, r->size);
    }
    for (size_t i = 0; i < sizeof(f->set); i++)
        set += f->set[i];
    assert_int_equal(set, total);
    assert_int_equal(p->data, total);
    free(f);
}

static void round_trip(const struct image *im, uint32_t blocks, uint32_t parts)
{
    struct bytes file = {0};
    struct pack p;
    make(im, &file, &p);
    assert_int_equal(p.blocks, blocks);
    assert_int_equal(p.parts, parts);
    holds(&p, im);
    pack_free(&p);
    bytes_free(&file);
}

static void one_sector(void **state)
{
    (void)state;
    struct image im = {0};
    struct bytes file = {0};
    struct pack p;
    add(&im, 0x90001000, 4096, false);
    assert_true(image_finish(&im));
    make(&im, &file, &p);
    assert_int_equal(p.blocks, 1);
    assert_int_equal(p.block[0].address, 0x90000000);
    assert_int_equal(p.block[0].mask, 2);
    assert_int_equal(p.block[0].length, 4096); // noise stays raw
    assert_false(p.block[0].lz4);
    assert_int_equal(p.hash_blocks, 1);
    assert_int_equal(p.bytes[p.hash_offset], 0); // sector 0 has no data
    uint32_t crc = crc32_of(0, im.range[0].data, 4096);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(p.bytes[p.hash_offset + 4 + i], crc >> 8 * i & 0xFF);
    pack_free(&p);
    bytes_free(&file);
    image_free(&im);
}

// The check value of CRC-32 (ISO-HDLC), and going on from a first piece.
static void crc(void **state)
{
    (void)state;
    assert_int_equal(crc32_of(0, "123456789", 9), 0xCBF43926);
    assert_int_equal(crc32_of(crc32_of(0, "1234", 4), "56789", 5), 0xCBF43926);
}

static void odd_ends_are_parts(void **state)
{
    (void)state;
    struct image im = {0};
    add(&im, 0x90000FFF, 4098,
        true); // the last byte of a sector, a whole one, the first of a third
    add(&im, 0x9001F000, 8192, true); // across a block's end
    add(&im, 0x90040010, 5, false);   // two pieces of one sector
    add(&im, 0x90040020, 6, false);
    assert_true(image_finish(&im));
    round_trip(&im, 3, 4);
    image_free(&im);
}

static void outside_the_window(void **state)
{
    (void)state;
    struct image im = {0};
    struct bytes file = {0};
    char error[PACK_ERROR_SIZE];
    add(&im, 0x08000000, 100, true);
    assert_true(image_finish(&im));
    assert_false(pack_make(&file, &im, true, error));
    assert_non_null(strstr(error, "window"));
    add(&im, 0x90000000, 70000, true);
    assert_true(image_finish(&im));
    round_trip(&im, 2, 1);
    bytes_free(&file);
    image_free(&im);
}

// Without a whole sector there is no hash table; a gap too long for one leaves it out, too.
static void without_hashes(void **state)
{
    (void)state;
    struct image im = {0};
    struct bytes file = {0};
    struct pack p;
    add(&im, 0x90000004, 4092, true);
    assert_true(image_finish(&im));
    make(&im, &file, &p);
    assert_int_equal(p.hash_blocks, 0);
    assert_int_equal(p.blocks, 0);
    pack_free(&p);
    add(&im, 0x90000000 + LOADER_TABLE_MAX * LOADER_BLOCK, 4096, true);
    assert_true(image_finish(&im));
    make(&im, &file, &p);
    assert_int_equal(p.hash_blocks, 0);
    assert_int_equal(p.blocks, 1);
    pack_free(&p);
    bytes_free(&file);
    image_free(&im);
}

static void random_images(void **state)
{
    (void)state;
    for (seed = 1; seed < 60; seed++) {
        struct image im = {0};
        uint32_t at = PACK_WINDOW + noise() % 10000;
        uint32_t first_seed = seed;
        while (at < PACK_WINDOW + 400000) {
            uint32_t size = noise() % 3 ? 1 + noise() % 9000 : 1 + noise() % 90000;
            add(&im, at, size, noise() & 1);
            at += size + (noise() % 2 ? 0 : noise() % 20000);
        }
        assert_true(image_finish(&im));
        struct bytes file = {0};
        struct pack p;
        make(&im, &file, &p);
        holds(&p, &im);
        pack_free(&p);
        bytes_free(&file);
        image_free(&im);
        seed = first_seed;
    }
}

// A changed bit in any byte of a file is found, and every shorter file.
static void damage(void **state)
{
    (void)state;
    struct image im = {0};
    struct bytes file = {0};
    struct pack p;
    char error[PACK_ERROR_SIZE];
    add(&im, 0x9000F000, 8192 + 7, true);
    assert_true(image_finish(&im));
    make(&im, &file, &p);
    pack_free(&p);
    for (size_t i = 0; i < file.size; i++) {
        file.data[i] ^= (uint8_t)(1 << i % 5);
        if (pack_read(&p, file.data, file.size, error))
            fail_msg("byte %zu changed, and nobody said so", i);
        assert_true(error[0]);
        pack_free(&p);
        file.data[i] ^= (uint8_t)(1 << i % 5);
    }
    for (size_t size = 0; size < file.size; size++) {
        uint8_t *copy = malloc(size ? size : 1);
        memcpy(copy, file.data, size);
        assert_false(pack_read(&p, copy, size, error));
        pack_free(&p);
        free(copy);
    }
    bytes_free(&file);
    image_free(&im);
}

// Headers that have right checksums but say impossible things.
static void lies(void **state)
{
    (void)state;
    static const struct {
        const char *entries, *why;
    } rows[] = {
        {"block 0x90000000 0x0001 512 4096 raw\nblock 0x90000000 0x0002 512 4096 raw\n",
         "out of order"},
        {"block 0x90001000 0x0001 512 4096 raw\n", "out of bounds"},
        {"block 0x80000000 0x0001 512 4096 raw\n", "out of bounds"},
        {"block 0x90000000 0x10000 512 4096 raw\n", "out of bounds"},
        {"block 0x90000000 0x0001 513 4096 raw\n", "out of bounds"},
        {"block 0x90000000 0x0001 100 4096 raw\n", "out of bounds"},
        {"block 0x90000000 0x0003 512 4096 raw\n", "out of bounds"},
        {"block 0x90000000 0x0000 512 4096 raw\n", "out of bounds"},
        {"block 0x90000000 0x0001 512 99999999999 raw\n", "as block"},
        {"block 0x90000000 0x0001 512 4096 zip\n", "as block"},
        {"block 0x90000000 0x0001 512 100 lz4\n", "does not decode"},
        {"part 0x90000FFF 2 512\n", "out of bounds"},
        {"part 0x9FFFFFFF 2 512\n", "out of bounds"},
        {"part 0x90000000 2 512\npart 0x90000001 2 512\n", "out of order"},
        {"block 0x90000000 0x0001 512 4096 raw\npart 0x90000001 2 512\n", "lies in a block"},
        {"part 0x90000000 2 512\nblock 0x90000000 0x0001 512 4096 raw\n", "its header has 'block"},
        {"hashes 0x90000000 2000 512\n", "out of bounds"},
        {"hashes 0x90000000 1 512\nhashes 0x90000000 1 512\n", "its header has 'hashes"},
        {"hashes 0x90000000 1 512\nblock 0x90000000 0x0001 512 4096 raw\n", "wrong hash"},
        {"", "no data"},
    };
    static uint8_t payload[4096];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes b = {0};
        struct pack p;
        char error[PACK_ERROR_SIZE];
        assert_true(bytes_print(&b, "QSPIPACK 1\nheader 512\nsize 4608\ncrc 0x%08X\ndata 1\n%s",
                                (unsigned)crc32_of(0, payload, sizeof(payload)), rows[i].entries));
        assert_true(bytes_print(&b, "end 0x%08X\n", (unsigned)crc32_of(0, b.data, b.size)));
        while (b.size < 512)
            assert_true(bytes_add(&b, "\n", 1));
        assert_true(bytes_add(&b, payload, sizeof(payload)));
        if (pack_read(&p, b.data, b.size, error))
            fail_msg("row %zu passes", i);
        if (!strstr(error, rows[i].why))
            fail_msg("row %zu: '%s' does not say '%s'", i, error, rows[i].why);
        pack_free(&p);
        bytes_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc),
        cmocka_unit_test(one_sector),
        cmocka_unit_test(odd_ends_are_parts),
        cmocka_unit_test(outside_the_window),
        cmocka_unit_test(without_hashes),
        cmocka_unit_test(random_images),
        cmocka_unit_test(damage),
        cmocka_unit_test(lies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
