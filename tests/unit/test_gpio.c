// SPDX-License-Identifier: MIT
// GPIO ports: reset values, access widths, clock gate, reset, lock, IDR.
#include <stdio.h>
#include "qspi_bench.h"

#define FX struct bench *b = *state

static int setup(void **state)
{
    struct bench *b = bench_new(NULL, NULL, NULL);
    poke(b, RCC_AHB4ENR, 0x7FF);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    bench_free(*state);
    return 0;
}

// Every GPIO row of the table of reset values.
static void reset_values(void **state)
{
    FX;
    FILE *f = fopen("tests/reset-values.csv", "r");
    char line[256];
    unsigned checked = 0;
    assert_non_null(f);
    while (fgets(line, sizeof(line), f)) {
        char port, reg[16];
        unsigned addr, value;
        if (sscanf(line, "GPIO%c,%15[^,],0x%x,0x%x", &port, reg, &addr, &value) != 4 ||
            strcmp(reg, "IDR") == 0)
            continue;
        assert_int_equal(peek(b, addr), value);
        checked++;
    }
    fclose(f);
    assert_int_equal(checked, GPIO_PORTS * 9);
}

static void access_widths(void **state)
{
    FX;
    uint32_t value;
    poke(b, GPIO_MODER(3), 0x11223344);
    poke8(b, GPIO_MODER(3) + 1, 0xAA);
    assert_int_equal(bench_write(b, GPIO_MODER(3) + 2, 2, 0xBEEF), BUS_OK);
    assert_int_equal(peek(b, GPIO_MODER(3)), 0xBEEFAA44);
    assert_int_equal(peek8(b, GPIO_MODER(3) + 3), 0xBE);
    assert_int_equal(bench_read(b, GPIO_MODER(3), 2, &value), BUS_OK);
    assert_int_equal(value, 0xAA44);
    poke(b, GPIO_ODR(3), 0xFFFFFFFF);
    assert_int_equal(peek(b, GPIO_ODR(3)), 0xFFFF); // upper half does not exist
}

static void set_and_reset_bits(void **state)
{
    FX;
    poke(b, GPIO_ODR(4), 0x00F0);
    poke(b, GPIO_BSRR(4), 0x00300001);
    assert_int_equal(peek(b, GPIO_ODR(4)), 0x00C1);
    poke(b, GPIO_BSRR(4), 0x00020002); // set wins
    assert_int_equal(peek(b, GPIO_ODR(4)), 0x00C3);
    assert_int_equal(peek(b, GPIO_BSRR(4)), 0);
}

static void no_clock(void **state)
{
    FX;
    poke(b, GPIO_ODR(4), 0x1234);
    poke(b, RCC_AHB4ENR, 0x7FF & ~0x10);
    uint32_t generation = gpio_generation(b->gpio);
    assert_int_equal(peek(b, GPIO_ODR(4)), 0);
    poke(b, GPIO_ODR(4), 0);
    assert_int_equal(report_count(b->report, "gpio.no-clock"), 1);
    assert_int_equal(gpio_generation(b->gpio), generation); // the pads keep their state
    assert_true(gpio_pad(b->gpio, 4, 2).odr);
    poke(b, RCC_AHB4ENR, 0x7FF);
    assert_int_equal(peek(b, GPIO_ODR(4)), 0x1234);
}

static void reset_by_rcc(void **state)
{
    FX;
    poke(b, GPIO_MODER(1), 0);
    poke(b, GPIO_MODER(2), 0);
    uint32_t generation = gpio_generation(b->gpio);
    poke(b, RCC_AHB4RSTR, 2);
    assert_int_not_equal(gpio_generation(b->gpio), generation);
    assert_int_equal(peek(b, GPIO_MODER(1)), 0); // held in reset: as if unclocked
    poke(b, GPIO_MODER(1), 0x5555);
    poke(b, RCC_AHB4RSTR, 0);
    assert_int_equal(peek(b, GPIO_MODER(1)), 0xFFFFFEBF);
    assert_int_equal(peek(b, GPIO_MODER(2)), 0);
    b->gpio_dev[2].reset(b->gpio_dev[2].ctx, RESET_SYSTEM);
    assert_int_equal(peek(b, GPIO_MODER(2)), 0xFFFFFFFF);
}

static void pad_states(void **state)
{
    FX;
    set_pin(b, 'D', 11, PAD_AF, 9);
    field(b, GPIO_PUPDR(3), 22, 3, PULL_UP);
    field(b, GPIO_OTYPER(3), 11, 1, 1);
    field(b, GPIO_OSPEEDR(3), 22, 3, 2);
    struct pad_state s = gpio_pad(b->gpio, 3, 11);
    assert_int_equal(s.mode, PAD_AF);
    assert_int_equal(s.pull, PULL_UP);
    assert_int_equal(s.af, 9);
    assert_int_equal(s.speed, 2);
    assert_true(s.open_drain);
    assert_false(s.odr);
    uint32_t generation = gpio_generation(b->gpio);
    poke(b, GPIO_PUPDR(3), peek(b, GPIO_PUPDR(3))); // no change
    assert_int_equal(gpio_generation(b->gpio), generation);
}

static void lock_keys(struct bench *b, uint32_t mask)
{
    poke(b, GPIO_LCKR(3), GPIO_LCKR_LCKK | mask);
    poke(b, GPIO_LCKR(3), mask);
    poke(b, GPIO_LCKR(3), GPIO_LCKR_LCKK | mask);
}

static void lock(void **state)
{
    FX;
    set_pin(b, 'D', 11, PAD_AF, 9);
    lock_keys(b, 1 << 11);
    assert_int_equal(peek(b, GPIO_LCKR(3)), GPIO_LCKR_LCKK | 1 << 11);
    uint32_t moder = peek(b, GPIO_MODER(3)), afrh = peek(b, GPIO_AFRH(3));
    poke(b, GPIO_MODER(3), 0);
    assert_int_equal(peek(b, GPIO_MODER(3)), moder & 3u << 22);
    poke(b, GPIO_AFRH(3), 0);
    assert_int_equal(peek(b, GPIO_AFRH(3)), afrh & 0xFu << 12);
    assert_true(report_count(b->report, "gpio.locked-pin") >= 2);
    poke(b, GPIO_ODR(3), 1 << 11); // data is not locked
    assert_int_equal(peek(b, GPIO_ODR(3)), 1 << 11);
    poke(b, GPIO_LCKR(3), 0); // and the lock cannot be taken back
    poke(b, GPIO_MODER(3), 0xFFFFFFFF);
    assert_int_equal(peek(b, GPIO_MODER(3)) >> 22 & 3, PAD_AF);
    poke(b, RCC_AHB4RSTR, 8);
    poke(b, RCC_AHB4RSTR, 0);
    poke(b, GPIO_MODER(3), 0);
    assert_int_equal(peek(b, GPIO_MODER(3)), 0);
}

static void lock_needs_exact_sequence(void **state)
{
    FX;
    poke(b, GPIO_LCKR(3), GPIO_LCKR_LCKK | 1);
    poke(b, GPIO_LCKR(3), 2); // another mask
    poke(b, GPIO_LCKR(3), GPIO_LCKR_LCKK | 1);
    assert_int_equal(peek(b, GPIO_LCKR(3)) & GPIO_LCKR_LCKK, 0);
    lock_keys(b, 1);
    poke(b, GPIO_LCKR(3), 1); // a write in place of the read
    assert_int_equal(peek(b, GPIO_LCKR(3)) & GPIO_LCKR_LCKK, 0);
    poke(b, GPIO_MODER(3), 0);
    assert_int_equal(peek(b, GPIO_MODER(3)), 0);
}

static void input_levels(void **state)
{
    FX;
    nets_set_float(b->nets, FLOAT_HIGH, 0);
    assert_int_equal(peek(b, GPIO_IDR(3)), 0);         // analog: off
    assert_int_equal(peek(b, GPIO_IDR(0)) >> 13, 0x5); // SWDIO and PA15 pulled up, SWCLK down
    poke(b, GPIO_MODER(3), 0);                         // inputs: float high
    assert_int_equal(peek(b, GPIO_IDR(3)), 0xFFFF);
    poke(b, GPIO_PUPDR(3), 0x2); // pin 0 down
    assert_int_equal(peek(b, GPIO_IDR(3)), 0xFFFE);
    poke(b, GPIO_MODER(3), 0x4); // pin 1 output
    assert_int_equal(peek(b, GPIO_IDR(3)), 0xFFFC);
    poke(b, GPIO_ODR(3), 2);
    assert_int_equal(peek(b, GPIO_IDR(3)), 0xFFFE);
    poke(b, GPIO_OTYPER(3), 2);  // open drain, released
    poke(b, GPIO_PUPDR(3), 0xA); // and pulled down
    assert_int_equal(peek(b, GPIO_IDR(3)), 0xFFFC);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(reset_values),
        T(access_widths),
        T(set_and_reset_bits),
        T(no_clock),
        T(reset_by_rcc),
        T(pad_states),
        T(lock),
        T(lock_needs_exact_sequence),
        T(input_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
