// SPDX-License-Identifier: MIT
// The loader's lz4 decoder against liblz4: what that packs comes out the same, and on damaged input
// both agree on what is valid, without a byte touched outside the buffers (exact-size heap blocks
// under AddressSanitizer).
#include "../../loader/lz4.h"
#include <lz4.h>
#include <lz4hc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { MOST = 65536 };

static uint8_t plain[MOST], packed[MOST + MOST / 128 + 64];

// Contents from noise to long runs.
static void fill(uint32_t length, unsigned kind)
{
    for (uint32_t i = 0; i < length; i++) {
        unsigned noise = (unsigned)rand();
        plain[i] = kind == 0              ? (uint8_t)noise
                   : kind == 1            ? (uint8_t)(i / 300)
                   : kind == 2            ? (uint8_t)(noise % 5 ? 'a' : noise >> 8)
                   : i > 40 && noise % 16 ? plain[i - 1 - noise / 16 % 40]
                                          : (uint8_t)(noise >> 9);
    }
}

static uint32_t pack(uint32_t length, int level)
{
    int size =
        LZ4_compress_HC((const char *)plain, (char *)packed, (int)length, sizeof(packed), level);
    assert_true(size > 0);
    return (uint32_t)size;
}

// Does a match with the distance 0 come up? The format forbids it; liblz4 lets it pass.
static bool zero_distance(const uint8_t *from, uint32_t size)
{
    for (uint32_t at = 0; at < size;) {
        uint32_t token = from[at++], literals = token >> 4, length = token & 15;
        for (uint32_t more = literals == 15 ? 255 : 0; more == 255 && at < size; at++)
            literals += more = from[at];
        at += literals;
        if (at + 2 > size)
            return false;
        if (from[at] == 0 && from[at + 1] == 0)
            return true;
        at += 2;
        for (uint32_t more = length == 15 ? 255 : 0; more == 255 && at < size; at++)
            more = from[at];
    }
    return false;
}

// Decode exact-size copies, and compare with liblz4. Returns what the decoder returned.
static int32_t decode(const uint8_t *from, uint32_t size, uint32_t room)
{
    uint8_t *in = malloc(size ? size : 1), *out = malloc(room ? room : 1);
    uint8_t *reference = malloc(room ? room : 1);
    memcpy(in, from, size);
    int32_t made = lz4_decode(in, size, out, room);
    int expected = LZ4_decompress_safe((const char *)from, (char *)reference, (int)size, (int)room);
    if (made >= 0 && expected >= 0) {
        assert_int_equal(made, expected);
        assert_memory_equal(out, reference, (size_t)made);
    }
    // liblz4 refuses more (its rules for the last bytes of a block), but nothing else less
    if (expected >= 0 && !zero_distance(from, size))
        assert_true(made >= 0);
    free(in);
    free(out);
    free(reference);
    return made;
}

static void takes_what_liblz4_packs(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {1, 5, 12, 13, 100, 4096, 20000, MOST};
    srand(1);
    for (unsigned kind = 0; kind < 4; kind++) {
        for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
            fill(lengths[i], kind);
            uint32_t size = pack(lengths[i], i % 2 ? 12 : 3);
            assert_int_equal(decode(packed, size, lengths[i]), lengths[i]);
        }
    }
}

static void takes_what_fits_only(void **state)
{
    (void)state;
    srand(2);
    fill(4096, 3);
    uint32_t size = pack(4096, 12);
    assert_int_equal(decode(packed, size, 4096), 4096);
    for (uint32_t room = 4000; room < 4096; room++)
        assert_int_equal(decode(packed, size, room), -1);
}

static void refuses_every_cut(void **state)
{
    (void)state;
    srand(3);
    fill(3000, 3);
    uint32_t size = pack(3000, 12);
    for (uint32_t cut = 0; cut < size; cut++)
        assert_true(decode(packed, cut, 3000) < 3000);
}

static void refuses_what_is_no_lz4(void **state)
{
    (void)state;
    static const uint8_t before_start[] = {0x14, 'a', 2, 0, 0x50, 'b', 'b', 'b', 'b', 'b'};
    static const uint8_t no_offset[] = {0x14, 'a', 0, 0, 0x50, 'b', 'b', 'b', 'b', 'b'};
    static const uint8_t half_offset[] = {0x14, 'a', 1};
    static const uint8_t endless[] = {0xF0, 255, 255, 255};
    assert_int_equal(lz4_decode(before_start, sizeof(before_start), plain, 100), -1);
    assert_int_equal(lz4_decode(no_offset, sizeof(no_offset), plain, 100), -1);
    assert_int_equal(lz4_decode(half_offset, sizeof(half_offset), plain, 100), -1);
    assert_int_equal(lz4_decode(endless, sizeof(endless), plain, 100), -1);
    assert_int_equal(lz4_decode(endless, 0, plain, 100), -1);
}

static void survives_damage(void **state)
{
    (void)state;
    srand(4);
    for (unsigned turn = 0; turn < 20000; turn++) {
        uint32_t length = 20 + (uint32_t)rand() % 600;
        fill(length, turn % 4);
        uint32_t size = pack(length, 9);
        for (unsigned hits = 1 + (unsigned)rand() % 4; hits; hits--)
            packed[(uint32_t)rand() % size] = (uint8_t)rand();
        decode(packed, size, length + (turn % 3 ? 0 : (uint32_t)rand() % 300));
    }
}

static void survives_noise(void **state)
{
    (void)state;
    srand(5);
    for (unsigned turn = 0; turn < 20000; turn++) {
        uint32_t size = (uint32_t)rand() % 80;
        for (uint32_t i = 0; i < size; i++)
            packed[i] = (uint8_t)(rand() % 3 ? rand() : rand() % 4);
        decode(packed, size, (uint32_t)rand() % 400);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_liblz4_packs), cmocka_unit_test(takes_what_fits_only),
        cmocka_unit_test(refuses_every_cut),       cmocka_unit_test(refuses_what_is_no_lz4),
        cmocka_unit_test(survives_damage),         cmocka_unit_test(survives_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
