// SPDX-License-Identifier: MIT
// The loader's planner: pinned lists of operations, and a comparison with brute force over all ways
// to cover a block with erases.
#include "../../loader/planner.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { BLOCK = PLAN_SECTORS * PLAN_SECTOR, ALL = 0xFFFF };

static const struct plan_chip w25q64 = {{4096, 32768, 65536}, {45000, 120000, 150000}, 256, 400};
static const struct plan_chip pair = {{8192, 65536, 0}, {45000, 120000, 0}, 512, 400};
static const struct plan_chip no_32k = {{4096, 0, 65536}, {45000, 0, 150000}, 256, 400};

static uint8_t old[BLOCK] __attribute__((aligned(4))), fresh[BLOCK] __attribute__((aligned(4)));
static struct plan_sector facts[PLAN_SECTORS];
static struct plan plan;

static void make(const struct plan_chip *chip, uint32_t own)
{
    memset(facts, 0, sizeof(facts));
    for (unsigned i = 0; i < PLAN_SECTORS; i++)
        plan_look(&facts[i], 0, old + i * PLAN_SECTOR, fresh + i * PLAN_SECTOR, PLAN_SECTOR);
    plan_make(&plan, chip, facts, own);
}

// Do what the plan says to `old`; what a chip cannot do fails.
static void carry_out(const struct plan_chip *chip)
{
    for (unsigned i = 0; i < plan.erases; i++) {
        uint32_t size = chip->erase_size[plan.erase[i].kind];
        assert_true(size && plan.erase[i].offset % size == 0);
        memset(old + plan.erase[i].offset, 0xFF, size);
    }
    for (unsigned i = 0; i < BLOCK; i++)
        if (plan.program[i / PLAN_SECTOR] >> i % PLAN_SECTOR / PLAN_PAGE & 1)
            old[i] &= fresh[i];
    assert_memory_equal(old, fresh, BLOCK);
}

static void equal_needs_nothing(void **state)
{
    (void)state;
    memset(old, 0x5A, BLOCK);
    memset(fresh, 0x5A, BLOCK);
    make(&w25q64, ALL);
    assert_int_equal(plan.erases, 0);
    assert_int_equal(plan.same, ALL);
    assert_int_equal(plan.us, 0);
}

static void blank_chip_is_never_erased(void **state)
{
    (void)state;
    memset(old, 0xFF, BLOCK);
    memset(fresh, 0x00, BLOCK);
    memset(fresh + 3 * PLAN_SECTOR, 0xFF, PLAN_SECTOR + 512); // blank pages are left out
    make(&w25q64, ALL);
    assert_int_equal(plan.erases, 0);
    assert_int_equal(plan.program[0], 0xFFFF);
    assert_int_equal(plan.program[3], 0);
    assert_int_equal(plan.program[4], 0xFFFC);
    assert_int_equal(plan.same, 1 << 3);
    assert_int_equal(plan.us, (256 - 18) * 400);
    carry_out(&w25q64);
}

static void falling_bits_take_one_page(void **state)
{
    (void)state;
    memset(old, 0x5A, BLOCK);
    memset(fresh, 0x5A, BLOCK);
    fresh[5 * PLAN_SECTOR + 700] = 0x18;
    make(&w25q64, ALL);
    assert_int_equal(plan.erases, 0);
    assert_int_equal(plan.program[5], 1 << 2);
    assert_int_equal(plan.same, ALL & ~(1 << 5));
    assert_int_equal(plan.us, 400);
    carry_out(&w25q64);
}

static void one_rising_bit_takes_one_sector(void **state)
{
    (void)state;
    memset(old, 0x5A, BLOCK);
    memset(fresh, 0x5A, BLOCK);
    fresh[5 * PLAN_SECTOR] = 0xDA;
    make(&w25q64, ALL);
    assert_int_equal(plan.erases, 1);
    assert_int_equal(plan.erase[0].kind, 0);
    assert_int_equal(plan.erase[0].offset, 5 * PLAN_SECTOR);
    assert_int_equal(plan.erased, 1 << 5);
    assert_int_equal(plan.us, 45000 + 16 * 400);
    carry_out(&w25q64);
}

static void all_new_takes_one_block_erase(void **state)
{
    (void)state;
    memset(old, 0x00, BLOCK);
    memset(fresh, 0x77, BLOCK);
    make(&w25q64, ALL);
    assert_int_equal(plan.erases, 1);
    assert_int_equal(plan.erase[0].kind, 2);
    assert_int_equal(plan.us, 150000 + 256 * 400);
    carry_out(&w25q64);
}

static void half_new_takes_32k(void **state)
{
    (void)state;
    memset(old, 0x00, BLOCK);
    memset(fresh, 0x00, BLOCK);
    memset(fresh + BLOCK / 2, 0x77, BLOCK / 2);
    make(&w25q64, ALL);
    assert_int_equal(plan.erases, 1);
    assert_int_equal(plan.erase[0].kind, 1);
    assert_int_equal(plan.erase[0].offset, BLOCK / 2);
    carry_out(&w25q64);
}

static void foreign_sectors_forbid_large_erases(void **state)
{
    (void)state;
    memset(old, 0x00, BLOCK);
    memset(fresh, 0x77, BLOCK);
    memset(fresh, 0x00, PLAN_SECTOR); // not of the image: stays
    make(&w25q64, ALL & ~1u);
    assert_int_equal(plan.erased & 1, 0);
    assert_int_equal(plan.erase[plan.erases - 1].kind, 1);
    carry_out(&w25q64);
}

static void two_chips_erase_8k(void **state)
{
    (void)state;
    memset(old, 0x00, BLOCK);
    memset(fresh, 0x00, BLOCK);
    fresh[2 * PLAN_SECTOR + 5] = 1;
    make(&pair, ALL);
    assert_int_equal(plan.erases, 1);
    assert_int_equal(plan.erase[0].offset, 2 * PLAN_SECTOR);
    assert_int_equal(plan.erased, 3 << 2);
    assert_int_equal(plan.us, 45000 + 16 * 400);
    carry_out(&pair);
}

// --- against brute force ---

static uint32_t page_cost(const struct plan_chip *chip, uint32_t offset, uint32_t size, bool erased)
{
    uint32_t us = 0;
    for (uint32_t page = offset; page < offset + size; page += chip->page) {
        bool program = false;
        for (uint32_t i = page; i < page + chip->page; i++)
            program |= erased ? fresh[i] != 0xFF : fresh[i] != old[i];
        us += program * chip->program_us;
    }
    return us;
}

// Every subset of the erases that the chip has (as bits of `use`), sorted by brute force: the
// cheapest that covers all units which need one.
static uint32_t brute_force(const struct plan_chip *chip, uint32_t own)
{
    uint32_t unit = chip->erase_size[0], best = UINT32_MAX;
    struct {
        uint32_t offset, size, us;
    } large[3];
    unsigned larges = 0;
    for (unsigned kind = 1; kind < PLAN_KINDS; kind++) {
        uint32_t size = chip->erase_size[kind];
        for (uint32_t at = 0; size && size <= BLOCK && at < BLOCK; at += size) {
            large[larges].offset = at;
            large[larges].size = size;
            large[larges++].us = chip->erase_us[kind];
        }
    }
    for (unsigned use = 0; use < 1u << larges; use++) {
        uint32_t us = 0, covered = 0;
        bool legal = true;
        for (unsigned i = 0; i < larges; i++) {
            if (!(use >> i & 1))
                continue;
            uint32_t bits = ((1u << large[i].size / PLAN_SECTOR) - 1)
                            << large[i].offset / PLAN_SECTOR;
            legal &= (bits & ~own) == 0;
            covered |= bits;
            us += large[i].us;
        }
        for (uint32_t at = 0; at < BLOCK; at += unit) {
            bool erased = covered >> at / PLAN_SECTOR & 1;
            bool needed = false;
            for (uint32_t i = at; i < at + unit; i++)
                needed |= (~old[i] & fresh[i]) != 0;
            if (needed && !erased) {
                erased = true;
                us += chip->erase_us[0];
            }
            us += page_cost(chip, at, unit, erased);
        }
        if (legal && us < best)
            best = us;
    }
    return best;
}

static void random_contents(void)
{
    for (unsigned page = 0; page < BLOCK / PLAN_PAGE; page++) {
        unsigned kind = (unsigned)rand() % 12;
        uint8_t a = (uint8_t)rand(), b = (uint8_t)rand();
        if (kind < 5)
            b = a;
        else if (kind < 8)
            b &= a;
        else if (kind == 8)
            b = 0xFF;
        else if (kind == 9)
            a = 0xFF;
        memset(old + page * PLAN_PAGE, a, PLAN_PAGE);
        memset(fresh + page * PLAN_PAGE, b, PLAN_PAGE);
    }
    // whole sectors that stay, so that no kind of plan is rare
    for (unsigned i = 0; i < PLAN_SECTORS; i++)
        if (rand() % 3)
            memcpy(fresh + i * PLAN_SECTOR, old + i * PLAN_SECTOR, PLAN_SECTOR);
}

static void no_way_is_cheaper(void **state)
{
    (void)state;
    static const struct plan_chip *const chips[] = {&w25q64, &pair, &no_32k};
    srand(20260101);
    for (unsigned turn = 0; turn < 600; turn++) {
        struct plan_chip chip = *chips[turn % 3];
        chip.erase_us[0] = 5000u + (uint32_t)rand() % 60000;
        chip.erase_us[1] = chip.erase_us[1] ? chip.erase_us[0] + (uint32_t)rand() % 150000 : 0;
        chip.erase_us[2] = chip.erase_us[2] ? chip.erase_us[0] + (uint32_t)rand() % 200000 : 0;
        random_contents();
        uint32_t own = turn % 2 ? ALL : (uint32_t)rand() & ALL;
        uint32_t best = brute_force(&chip, own);
        make(&chip, own);
        assert_int_equal(plan.us, best);
        carry_out(&chip);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_needs_nothing),
        cmocka_unit_test(blank_chip_is_never_erased),
        cmocka_unit_test(falling_bits_take_one_page),
        cmocka_unit_test(one_rising_bit_takes_one_sector),
        cmocka_unit_test(all_new_takes_one_block_erase),
        cmocka_unit_test(half_new_takes_32k),
        cmocka_unit_test(foreign_sectors_forbid_large_erases),
        cmocka_unit_test(two_chips_erase_8k),
        cmocka_unit_test(no_way_is_cheaper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
