// SPDX-License-Identifier: MIT
// The wire layer: what reaches the chip through which pad, faults, pulls, floating nets, bridges,
// slow pads, and a chip driven by GPIO outputs alone.
#include "qspi_bench.h"

#define FX struct bench *b = *state

static int setup(void **state)
{
    *state = bench_default();
    return 0;
}

static int teardown(void **state)
{
    bench_free(*state);
    return 0;
}

// How often the id reads right in 16 tries.
static unsigned good_ids(struct bench *b)
{
    unsigned good = 0;
    for (unsigned i = 0; i < 16; i++)
        good += read_jedec(b) == 0xEF4017;
    return good;
}

static void all_read(struct bench *b, uint32_t value)
{
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal(read_jedec(b), value);
}

static void float_low(struct bench *b)
{
    nets_set_float(b->nets, FLOAT_LOW, 0);
}

static void straight(void **state)
{
    FX;
    assert_int_equal(good_ids(b), 16);
    assert_int_equal(report_count(b->report, NULL), 0);
}

// Each of the four pins a 1-line command needs: with a wrong AF number or mode, or cut, no answer.
static void each_pin_is_needed(void **state)
{
    FX;
    nets_set_float(b->nets, FLOAT_HIGH, 0);
    for (unsigned i = 0; i < 4; i++) {
        const struct bench_pin *p = &bench_pins[i];
        uint32_t unrouted = p->pin == CHIP_IO1 ? 0 : 0xFFFFFF; // an input without a pad samples 0
        set_pin(b, p->port, p->number, PAD_AF, p->af == 9 ? 10 : 9);
        all_read(b, unrouted);
        set_pin(b, p->port, p->number, PAD_INPUT, p->af);
        all_read(b, unrouted);
        set_pin(b, p->port, p->number, PAD_ANALOG, p->af);
        all_read(b, unrouted);
        set_pin(b, p->port, p->number, PAD_AF, p->af);
        nets_set_fault(b->nets, 0, p->pin, LINE_OPEN);
        all_read(b, 0xFFFFFF);
        nets_set_fault(b->nets, 0, p->pin, LINE_OK);
        assert_int_equal(good_ids(b), 16);
    }
}

// The other pads of the pin table that can carry the same signal, on a board wired to them.
static void alternative_pads(void **state)
{
    (void)state;
    struct bench *b = bench_new(NULL, NULL, NULL);
    static const struct bench_pin pins[] = {
        {0, CHIP_CLK, 'F', 10, 9}, {0, CHIP_NCS, 'G', 6, 10}, {0, CHIP_IO0, 'F', 8, 10},
        {0, CHIP_IO1, 'F', 9, 10}, {0, CHIP_IO2, 'F', 7, 9},  {0, CHIP_IO3, 'F', 6, 9},
    };
    b->nor[0] = nor_new(nor_part_find("W25Q64JV-IQ"), &b->clock, b->report);
    nets_attach_chip(b->nets, 0, b->nor[0]);
    for (unsigned i = 0; i < 6; i++)
        nets_connect(b->nets, 0, pins[i].pin, (unsigned)(pins[i].port - 'A'), pins[i].number);
    b->clock.now += 50 * VT_MS;
    poke(b, RCC_AHB4ENR, 0x7FF);
    poke(b, RCC_AHB3ENR, RCC_AHB3ENR_QSPIEN);
    for (unsigned i = 0; i < 6; i++)
        set_pin(b, pins[i].port, pins[i].number, PAD_AF, pins[i].af);
    poke(b, QUADSPI_CR, 1u << QUADSPI_CR_PRESCALER_Pos | QUADSPI_CR_EN);
    poke(b, QUADSPI_DCR, 23u << QUADSPI_DCR_FSIZE_Pos | 2u << QUADSPI_DCR_CSHT_Pos);
    assert_int_equal(good_ids(b), 16);
    // the default pads carry the outputs too, which harms nothing; IO1 twice is an event
    set_pin(b, 'B', 2, PAD_AF, 9);
    set_pin(b, 'B', 6, PAD_AF, 10);
    assert_int_equal(good_ids(b), 16);
    assert_int_equal(report_count(b->report, "nets.signal-twice"), 0);
    set_pin(b, 'C', 10, PAD_AF, 9); // BK1_IO1 on a lower pad: that one is sampled
    assert_int_not_equal(report_count(b->report, "nets.signal-twice"), 0);
    field(b, GPIO_PUPDR(2), 20, 3, PULL_UP);
    all_read(b, 0xFFFFFF);
    bench_free(b);
}

static void swapped_lines(void **state)
{
    FX;
    float_low(b);
    nets_connect(b->nets, 0, CHIP_IO0, 3, 12);
    nets_connect(b->nets, 0, CHIP_IO1, 3, 11);
    assert_int_equal(good_ids(b), 0);
    nets_connect(b->nets, 0, CHIP_IO0, 3, 11);
    nets_connect(b->nets, 0, CHIP_IO1, 3, 12);
    assert_int_equal(good_ids(b), 16);
    // CLK and NCS swapped: no clean command either
    nets_connect(b->nets, 0, CHIP_CLK, 1, 6);
    nets_connect(b->nets, 0, CHIP_NCS, 1, 2);
    assert_int_equal(good_ids(b), 0);
}

// IO2 and IO3 swapped: 1-line commands work, quad reads have two bits of each nibble exchanged.
static void swapped_upper_lines(void **state)
{
    FX;
    fill_array(b, 0);
    nets_connect(b->nets, 0, CHIP_IO2, 3, 13);
    nets_connect(b->nets, 0, CHIP_IO3, 4, 2);
    assert_int_equal(good_ids(b), 16);
    poke(b, QUADSPI_CCR,
         FMODE(M_MAPPED) | LINES(L1, L1, L0, L4) | DUMMIES(8) | ADDR24 | NOR_CMD_FAST_READ_QUAD);
    for (unsigned i = 0; i < 64; i++) {
        uint8_t v = nor_array(b->nor[0])[i];
        uint8_t want = (v & 0x33) | (v & 0x44) << 1 | (v & 0x88) >> 1;
        assert_int_equal(peek8(b, QSPI_WINDOW_BASE + i), want);
    }
}

static void stuck_lines(void **state)
{
    FX;
    nets_set_fault(b->nets, 0, CHIP_IO1, LINE_STUCK_LOW);
    all_read(b, 0);
    nets_set_fault(b->nets, 0, CHIP_IO1, LINE_STUCK_HIGH);
    all_read(b, 0xFFFFFF);
    nets_set_fault(b->nets, 0, CHIP_IO1, LINE_OK);
    assert_int_equal(good_ids(b), 16);
    float_low(b);
    static const enum chip_pin pins[] = {CHIP_CLK, CHIP_IO0, CHIP_NCS};
    for (unsigned i = 0; i < 3; i++) {
        nets_set_fault(b->nets, 0, pins[i], LINE_STUCK_HIGH);
        all_read(b, 0);
        nets_set_fault(b->nets, 0, pins[i], LINE_OK);
    }
    assert_int_equal(good_ids(b), 16);
    assert_int_equal(report_count(b->report, "nets.conflict"), 0); // a fault is not a conflict
}

static void pulls_and_floating(void **state)
{
    FX;
    nets_set_fault(b->nets, 0, CHIP_IO1, LINE_OPEN); // the pad hears nobody
    float_low(b);
    all_read(b, 0);
    nets_set_float(b->nets, FLOAT_HIGH, 0);
    all_read(b, 0xFFFFFF);
    nets_set_float(b->nets, FLOAT_NOISE, 42);
    uint32_t first = read_jedec(b), second = read_jedec(b);
    assert_int_not_equal(first, second);
    nets_set_float(b->nets, FLOAT_NOISE, 42); // the same seed, the same noise
    assert_int_equal(read_jedec(b), first);
    assert_int_equal(read_jedec(b), second);
    field(b, GPIO_PUPDR(3), 24, 3, PULL_UP);
    all_read(b, 0xFFFFFF);
    field(b, GPIO_PUPDR(3), 24, 3, PULL_DOWN);
    all_read(b, 0);
    // a resistor at the chip's end of a broken line does not help the pad, at a whole one it wins
    nets_set_external_pull(b->nets, 0, CHIP_IO1, PULL_UP);
    all_read(b, 0);
    nets_set_fault(b->nets, 0, CHIP_IO1, LINE_OK);
    nor_power(b->nor[0], false);
    all_read(b, 0xFFFFFF);
}

static void absent_chip(void **state)
{
    FX;
    nets_attach_chip(b->nets, 0, NULL);
    field(b, GPIO_PUPDR(3), 24, 3, PULL_UP);
    all_read(b, 0xFFFFFF);
    field(b, GPIO_PUPDR(3), 24, 3, PULL_NONE);
    uint32_t first = read_jedec(b);
    assert_int_not_equal(first, read_jedec(b));
}

// Noise on NCS: the chip is never selected for a whole command. A pull-up deselects it.
static void floating_select(void **state)
{
    FX;
    field(b, GPIO_PUPDR(3), 24, 3, PULL_UP); // IO1
    set_pin(b, 'B', 6, PAD_ANALOG, 10);
    assert_int_equal(good_ids(b), 0);
    nets_set_external_pull(b->nets, 0, CHIP_NCS, PULL_UP);
    assert_false(nets_selected(b->nets, 0));
    all_read(b, 0xFFFFFF);
}

static void bridges(void **state)
{
    FX;
    float_low(b);
    nets_bridge(b->nets, 0, CHIP_IO1, CHIP_IO3); // IO3 is driven high: low answers win
    assert_int_equal(good_ids(b), 16);
    assert_int_not_equal(report_count(b->report, "nets.conflict"), 0);
    nets_bridge(b->nets, 0, CHIP_IO1, CHIP_IO2); // IO2 is driven low
    all_read(b, 0);
}

static void bridged_clock(void **state)
{
    FX;
    float_low(b);
    nets_bridge(b->nets, 0, CHIP_CLK, CHIP_IO0); // a 0 on IO0 swallows the clock
    assert_int_equal(good_ids(b), 0);
    assert_int_not_equal(report_count(b->report, "nets.conflict"), 0);
}

static void gpio_fights_chip(void **state)
{
    FX;
    // PD12 drives low against the chip's IO1, and the QUADSPI samples another pad
    set_pin(b, 'D', 12, PAD_OUTPUT, 0);
    set_pin(b, 'C', 10, PAD_AF, 9);
    nets_connect(b->nets, 1, CHIP_IO1, 2, 10);
    nets_bridge(b->nets, 0, CHIP_IO1, CHIP_IO1);
    read_jedec(b);
    assert_int_not_equal(report_count(b->report, "nets.conflict"), 0);
}

static void open_drain_select(void **state)
{
    FX;
    field(b, GPIO_OTYPER(1), 6, 1, 1); // NCS only pulls low; without a pull-up it floats
    nets_set_float(b->nets, FLOAT_LOW, 0);
    assert_true(nets_selected(b->nets, 0));
    field(b, GPIO_PUPDR(1), 12, 3, PULL_UP);
    assert_false(nets_selected(b->nets, 0));
    assert_int_equal(good_ids(b), 16);
}

static void slow_pads(void **state)
{
    FX;
    field(b, GPIO_OSPEEDR(1), 4, 3, 1); // CLK: medium is good for 32 MHz
    assert_int_equal(good_ids(b), 16);
    field(b, GPIO_OSPEEDR(1), 4, 3, 0); // low is not
    assert_true(good_ids(b) < 4);
    assert_int_not_equal(report_count(b->report, "nets.pad-too-slow"), 0);
    poke(b, QUADSPI_CR, 5u << QUADSPI_CR_PRESCALER_Pos | QUADSPI_CR_EN); // 10.7 MHz
    read_jedec(b);
    assert_int_equal(good_ids(b), 16);
    poke(b, QUADSPI_CR, 1u << QUADSPI_CR_PRESCALER_Pos | QUADSPI_CR_EN);
    field(b, GPIO_OSPEEDR(1), 4, 3, 3);
    field(b, GPIO_OSPEEDR(3), 22, 3, 0); // IO0
    assert_true(good_ids(b) < 4);
    field(b, GPIO_OSPEEDR(3), 22, 3, 3);
    field(b, GPIO_OSPEEDR(1), 12, 3, 0); // NCS moves slowly anyhow
    read_jedec(b);
    assert_int_equal(good_ids(b), 16);
    field(b, GPIO_OSPEEDR(3), 24, 3, 0); // IO1 is an input here
    read_jedec(b);
    assert_int_equal(good_ids(b), 16);
}

// ---- levels at IDR and bit-banging
// ---------------------------------------------------------------

static bool level(struct bench *b, unsigned port, unsigned pin)
{
    return peek(b, GPIO_IDR(port)) >> pin & 1u;
}

static void pad_levels(void **state)
{
    FX;
    assert_true(level(b, 1, 6));  // NCS rests high
    assert_false(level(b, 1, 2)); // CLK low
    poke(b, QUADSPI_CCR, FMODE(M_MAPPED) | LINES(L1, L1, L0, L1) | ADDR24 | NOR_CMD_READ);
    peek(b, QSPI_WINDOW_BASE);
    b->clock.now += VT_MS;
    assert_false(level(b, 1, 6)); // selected
    assert_false(level(b, 4, 2)); // IO2 forced low, IO3 high
    assert_true(level(b, 3, 13));
    nor_array(b->nor[0])[32] = 0x00;
    nets_set_fault(b->nets, 0, CHIP_NCS, LINE_STUCK_HIGH);
    assert_true(level(b, 1, 6));
}

static void set_output(struct bench *b, char port, unsigned n, bool high)
{
    poke(b, GPIO_BSRR((unsigned)(port - 'A')), 1u << (high ? n : n + 16));
}

static uint8_t bang_byte(struct bench *b, uint8_t out)
{
    uint8_t in = 0;
    for (unsigned i = 0; i < 8; i++) {
        set_output(b, 'D', 11, out >> (7 - i) & 1);
        set_output(b, 'B', 2, true);
        in = (uint8_t)(in << 1 | level(b, 3, 12));
        set_output(b, 'B', 2, false);
    }
    return in;
}

static void bit_banging(void **state)
{
    FX;
    set_output(b, 'B', 6, true);
    set_pin(b, 'B', 6, PAD_OUTPUT, 0);
    set_pin(b, 'B', 2, PAD_OUTPUT, 0);
    set_pin(b, 'D', 11, PAD_OUTPUT, 0);
    set_pin(b, 'D', 12, PAD_INPUT, 0);
    assert_false(nets_selected(b->nets, 0));
    for (unsigned i = 0; i < 2; i++) {
        set_output(b, 'B', 6, false);
        assert_true(nets_selected(b->nets, 0));
        bang_byte(b, NOR_CMD_READ_JEDEC_ID);
        assert_int_equal(bang_byte(b, 0), 0xEF);
        assert_int_equal(bang_byte(b, 0), 0x40);
        assert_int_equal(bang_byte(b, 0), 0x17);
        set_output(b, 'B', 6, true);
    }
    assert_int_equal(b->traced, 2);
}

// /RESET on IO3 (SR3 HOLD/RST set, QE clear): a GPIO low for more than 1 us brings the chip back.
static void reset_by_io3(void **state)
{
    (void)state;
    struct bench *b = bench_new("W25Q64JV-IM", NULL, NULL);
    bench_up(b, 1, 23, 0);
    nor_set_status(b->nor[0], 0, 0, 0x60 | NOR_SR3_HOLD_RST);
    assert_true(nor_set_mode(b->nor[0], NOR_IN_POWER_DOWN));
    b->clock.now += VT_MS;
    assert_int_not_equal(read_jedec(b), 0xEF7017);
    set_output(b, 'D', 13, false);
    set_pin(b, 'D', 13, PAD_OUTPUT, 0);
    b->clock.now += 2 * VT_US;
    set_output(b, 'D', 13, true);
    set_pin(b, 'D', 13, PAD_AF, 9);
    b->clock.now += VT_MS;
    assert_int_equal(read_jedec(b), 0xEF7017);
    bench_free(b);
}

// Taking a pin away in the middle of a transfer does not reach back in time.
static void rewiring_in_flight(void **state)
{
    FX;
    uint8_t data[16];
    fill_array(b, 0);
    field(b, GPIO_PUPDR(3), 24, 3, PULL_UP);
    poke(b, QUADSPI_DLR, 15);
    poke(b, QUADSPI_CCR, FMODE(M_READ) | LINES(L1, L1, L0, L1) | ADDR24 | NOR_CMD_READ);
    poke(b, QUADSPI_AR, 0);
    b->clock.now += (32 + 8 * 8 + 1) * 31250; // eight bytes are in
    nets_set_fault(b->nets, 0, CHIP_IO1, LINE_OPEN);
    read_data(b, data, 16);
    assert_memory_equal(data, nor_array(b->nor[0]), 8);
    for (unsigned i = 9; i < 16; i++)
        assert_int_equal(data[i], 0xFF);
}

static void mcu_reset_lets_go(void **state)
{
    FX;
    poke(b, QUADSPI_CCR, FMODE(M_MAPPED) | LINES(L1, L1, L0, L1) | ADDR24 | NOR_CMD_READ);
    peek(b, QSPI_WINDOW_BASE);
    nets_set_external_pull(b->nets, 0, CHIP_NCS, PULL_UP);
    assert_true(nets_selected(b->nets, 0));
    for (unsigned i = 0; i < GPIO_PORTS; i++)
        b->gpio_dev[i].reset(b->gpio_dev[i].ctx, RESET_SYSTEM);
    b->regs.reset(b->regs.ctx, RESET_SYSTEM);
    assert_false(nets_selected(b->nets, 0));
    assert_int_equal(gpio_pad(b->gpio, 1, 2).mode, PAD_ANALOG);
    bench_up(b, 1, 23, 0);
    assert_int_equal(good_ids(b), 16);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(straight),
        T(each_pin_is_needed),
        cmocka_unit_test(alternative_pads),
        T(swapped_lines),
        T(swapped_upper_lines),
        T(stuck_lines),
        T(pulls_and_floating),
        T(absent_chip),
        T(floating_select),
        T(bridges),
        T(bridged_clock),
        T(gpio_fights_chip),
        T(open_drain_select),
        T(slow_pads),
        T(pad_levels),
        T(bit_banging),
        cmocka_unit_test(reset_by_io3),
        T(rewiring_in_flight),
        T(mcu_reset_lets_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
