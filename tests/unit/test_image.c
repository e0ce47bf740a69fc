// SPDX-License-Identifier: MIT
// The image readers of qspi-flash: what each format gives, and what each damage is called.
#include "host/image.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static int fresh(void **state)
{
    *state = calloc(1, sizeof(struct image));
    return *state ? 0 : -1;
}

static int drop(void **state)
{
    image_free(*state);
    free(*state);
    return 0;
}

static bool parse(struct image *im, const char *text)
{
    return image_parse(im, IMAGE_AUTO, (const uint8_t *)text, strlen(text), 0x90000000) &&
           image_finish(im);
}

static void refused(struct image *im, const char *text, const char *why)
{
    image_free(im);
    assert_false(parse(im, text));
    if (!strstr(im->error, why))
        fail_msg("'%s' does not say '%s'", im->error, why);
}

static void range_is(const struct image *im, unsigned i, uint32_t address, const char *bytes,
                     size_t size)
{
    assert_true(i < im->count);
    assert_int_equal(im->range[i].address, address);
    assert_int_equal(im->range[i].size, size);
    assert_memory_equal(im->range[i].data, bytes, size);
}

static void binary(void **state)
{
    struct image *im = *state;
    assert_true(parse(im, "any bytes"));
    assert_int_equal(im->count, 1);
    range_is(im, 0, 0x90000000, "any bytes", 9);
    assert_int_equal(image_bytes(im), 9);
    refused(im, "", "no data");
}

static void intel_hex(void **state)
{
    struct image *im = *state;
    // Records out of order, a comment, one that follows another, a start address, text behind the
    // end.
    assert_true(parse(im, ":0200000490006A\r\n"
                          ":02001000AABB89\r\n"
                          "# comment\r\n\r\n"
                          ":020000000102FB\n"
                          ":0100020003FA\n"
                          ":040000059000000166\n"
                          ":00000001FF\nanything"));
    assert_int_equal(im->count, 2);
    range_is(im, 0, 0x90000000, "\1\2\3", 3);
    range_is(im, 1, 0x90000010, "\xAA\xBB", 2);
    image_free(im);
    assert_true(parse(im, ":020000021000EC\n:0100000055AA\n:00000001FF\n")); // segment 1000h
    range_is(im, 0, 0x10000, "\x55", 1);
}

static void intel_hex_damage(void **state)
{
    struct image *im = *state;
    refused(im, ":020000000102FC\n:00000001FF\n",
            "line 1 of the Intel HEX file has a wrong checksum");
    refused(im, ":020000000102FB\n", "cut off");
    refused(im, ":020000000102FB\n:0300000001FB\n:00000001FF\n",
            "line 2 of the Intel HEX file is no record");
    refused(im, ":020000000102FB\n:0G\n", "line 2");
    refused(im, ":020000000102FB\n:0\n", "line 2");
    refused(im, ":020000000102FB\nhello\n", "line 2");
    refused(im, ":020000000102FB\n:00000006FA\n", "unknown type 06");
    refused(im, ":020000000102FB\n:01000004 90\n", "line 2");
    refused(im, ":020000000102FB\n:01000004906B\n", "line 2");
    refused(im, ":020000000102FB\n:0100010005F9\n:00000001FF\n", "both write address 0x00000001");
    refused(im, ":00000001FF\n", "no data");
}

static void s_record(void **state)
{
    struct image *im = *state;
    assert_true(parse(im, "S00600004844521B\n"
                          "S30790000000010265\n"
                          "S306900000020364\n"
                          "S1050010AABB85\n"
                          "S2051000005595\n"
                          "S5030004F8\n"
                          "S705900000006A\n"));
    assert_int_equal(im->count, 3);
    range_is(im, 0, 0x10, "\xAA\xBB", 2);
    range_is(im, 1, 0x100000, "\x55", 1);
    range_is(im, 2, 0x90000000, "\1\2\3", 3);
}

static void s_record_damage(void **state)
{
    struct image *im = *state;
    refused(im, "S1050010AABB86\nS9030000FC\n", "line 1 of the S-record file has a wrong checksum");
    refused(im, "S1050010AABB85\n", "cut off");
    refused(im, "S1060010AABB84\nS9030000FC\n", "line 1 of the S-record file is no record");
    refused(im, "S10200FD\nS9030000FC\n", "line 1 of the S-record file is no record");
    refused(im, "S1050010AABB85\nno\n", "line 2");
    refused(im, "S1050010AABB85\nS\n", "line 2");
}

// An ELF file of `count` segments, 16 bytes of contents each, built by hand.
struct elf_file {
    uint8_t bytes[52 + 2 * 32 + 32];
};

static void put32(uint8_t *p, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(value >> 8 * i);
}

static struct elf_file elf_make(uint32_t paddr0, uint32_t paddr1)
{
    struct elf_file e = {{0x7F, 'E', 'L', 'F', 1, 1, 1}};
    put32(e.bytes + 28, 52); // e_phoff
    e.bytes[42] = 32;        // e_phentsize
    e.bytes[44] = 2;         // e_phnum
    for (unsigned i = 0; i < 2; i++) {
        uint8_t *ph = e.bytes + 52 + 32 * i;
        put32(ph, 1); // PT_LOAD
        put32(ph + 4, 52 + 64 + 16 * i);
        put32(ph + 8, 0x24000000 + 0x100 * i); // virtual
        put32(ph + 12, i ? paddr1 : paddr0);
        put32(ph + 16, 16);
        put32(ph + 20, 4096); // p_memsz: the rest is .bss
        memset(e.bytes + 52 + 64 + 16 * i, 'A' + (int)i, 16);
    }
    return e;
}

static bool elf_parse(struct image *im, const struct elf_file *e, size_t size)
{
    image_free(im);
    // An exact copy, so that the sanitizer sees every read behind its end.
    uint8_t *copy = malloc(size);
    memcpy(copy, e->bytes, size);
    bool good = image_parse(im, IMAGE_AUTO, copy, size, 0) && image_finish(im);
    free(copy);
    return good;
}

static void elf(void **state)
{
    struct image *im = *state;
    struct elf_file e = elf_make(0x90000000, 0x08000000);
    assert_true(elf_parse(im, &e, sizeof(e)));
    assert_int_equal(im->count, 2);
    range_is(im, 0, 0x08000000, "BBBBBBBBBBBBBBBB", 16);
    range_is(im, 1, 0x90000000, "AAAAAAAAAAAAAAAA", 16);
    e = elf_make(0, 0);
    assert_true(elf_parse(im, &e, sizeof(e)));
    range_is(im, 0, 0x24000000, "AAAAAAAAAAAAAAAA", 16);
}

static void elf_damage(void **state)
{
    struct image *im = *state;
    struct elf_file e = elf_make(0x90000000, 0x08000000);
    // Every length that is too short is refused, without a look behind the end.
    for (size_t size = 4; size < sizeof(e); size++)
        assert_false(elf_parse(im, &e, size));
    e.bytes[4] = 2;
    assert_false(elf_parse(im, &e, sizeof(e)));
    assert_non_null(strstr(im->error, "32-bit little-endian"));
    e = elf_make(0x90000000, 0x08000000);
    put32(e.bytes + 28, 0xFFFFFFF0);
    assert_false(elf_parse(im, &e, sizeof(e)));
    e = elf_make(0x90000000, 0x08000000);
    put32(e.bytes + 52 + 4, 0xFFFFFFF8); // offset + size wraps
    assert_false(elf_parse(im, &e, sizeof(e)));
    e = elf_make(0x90000000, 0x90000008);
    assert_false(elf_parse(im, &e, sizeof(e)));
    assert_non_null(strstr(im->error, "both write address 0x90000008"));
    e = elf_make(0xFFFFFFF8, 0x90000008);
    assert_false(elf_parse(im, &e, sizeof(e)));
    assert_non_null(strstr(im->error, "beyond the 4 GiB"));
    e.bytes[44] = 0;
    assert_false(elf_parse(im, &e, sizeof(e)));
    assert_non_null(strstr(im->error, "not linked"));
}

// Ranges in any order join to the same image; brute force over the order of four neighbours.
static void ranges_join_in_any_order(void **state)
{
    struct image *im = *state;
    for (unsigned order = 0; order < 256; order++) {
        unsigned at[4], seen = 0;
        for (unsigned i = 0; i < 4; i++)
            seen |= 1u << (at[i] = order >> 2 * i & 3);
        if (seen != 15)
            continue;
        image_free(im);
        for (unsigned i = 0; i < 4; i++) {
            char text[4] = {0};
            memset(text, 'a' + (int)at[i], 3);
            assert_true(image_add(im, 0x90000000 + 3 * at[i], (const uint8_t *)text, 3));
        }
        assert_true(image_finish(im));
        assert_int_equal(im->count, 1);
        range_is(im, 0, 0x90000000, "aaabbbcccddd", 12);
    }
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fresh, drop)
    const struct CMUnitTest tests[] = {
        CASE(binary),           CASE(intel_hex),
        CASE(intel_hex_damage), CASE(s_record),
        CASE(s_record_damage),  CASE(elf),
        CASE(elf_damage),       CASE(ranges_join_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
