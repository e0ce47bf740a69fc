// SPDX-License-Identifier: MIT
// The scan stub's whole code on the modelled board: each wiring of the pin table, the order of the
// combinations, odd states of the chip, and pins that are to be left alone.
#include "test_driver.h"
#define stub_main    scan_main
#define SETTLE_READS 200u // of TURN: 40 us
#include "../../init-stub/scan.c"
#include "../../init-stub/scan_pins.c"
#include "../../init-stub/scan_quad.c"
#undef stub_main

// The pin table by signal.
struct row {
    unsigned signal;
    const char *port;
    unsigned number, af;
};
#define QSPI_PIN(port, pin, signal, af) {QSPI_SCAN_##signal, #port, pin, af},
static const struct row rows[] = {
#include "quadspi_pins.inc"
};
#undef QSPI_PIN
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static uint32_t *choices(struct qspi_scan_params *p, unsigned signal)
{
    return &p->pins[signal * QSPI_SCAN_CHOICES];
}

static unsigned count(struct qspi_scan_params *p, unsigned signal)
{
    unsigned n = 0;
    while (n < QSPI_SCAN_CHOICES && choices(p, signal)[n])
        n++;
    return n;
}

static struct qspi_scan_params scan_params(void)
{
    struct qspi_scan_params p = {.magic = QSPI_SCAN_PARAM_MAGIC};
    for (unsigned i = 0; i < ROWS; i++) {
        unsigned n = count(&p, rows[i].signal);
        assert_in_range(n, 0, QSPI_SCAN_CHOICES - 1);
        choices(&p, rows[i].signal)[n] = WORD(rows[i].port[0], rows[i].number, rows[i].af);
    }
    return p;
}

static struct qspi_scan_result run_scan(struct bench *b, const struct qspi_scan_params *params)
{
    struct qspi_scan_result result;
    driver_bench = b;
    memset(&result, 0xA5, sizeof(result));
    uint32_t status = scan_main(params, &result);
    assert_int_equal(status, result.status);
    assert_int_equal(result.magic, QSPI_SCAN_RESULT_MAGIC);
    return result;
}

static struct bench *default_board(const char *part)
{
    return bench_new(part, NULL, NULL);
}

// Solder a chip to the pins of `lines`.
static void solder(struct bench *b, unsigned chip, const uint32_t lines[SCAN_SLOTS])
{
    for (unsigned pin = 0; pin < CHIP_PINS; pin++)
        nets_connect(b->nets, chip, (enum chip_pin)pin, QSPI_PIN_PORT(lines[pin]),
                     QSPI_PIN_NUMBER(lines[pin]));
}

static void assert_lines(const struct qspi_scan_chip *chip, const uint32_t lines[SCAN_SLOTS])
{
    for (unsigned slot = 0; slot < SCAN_SLOTS; slot++)
        assert_int_equal(chip->lines[slot], lines[slot]);
}

static const uint32_t default_lines[SCAN_SLOTS] = {
    WORD('B', 2, 9),  WORD('B', 6, 10), WORD('D', 11, 9),
    WORD('D', 12, 9), WORD('E', 2, 9),  WORD('D', 13, 9),
};

// No pin of the table is connected any more: all are inputs.
static void assert_at_rest(struct bench *b)
{
    for (unsigned i = 0; i < ROWS; i++)
        assert_int_equal(gpio_pad(b->gpio, (unsigned)(rows[i].port[0] - 'A'), rows[i].number).mode,
                         PAD_INPUT);
}

// Number `n` of the wirings of a bank, in mixed radix.
static bool wiring(struct qspi_scan_params *p, unsigned first, unsigned n, uint32_t *lines)
{
    for (unsigned slot = 0; slot < SCAN_SLOTS; slot++) {
        unsigned signal = slot == QSPI_SLOT_CLK ? QSPI_SCAN_CLK : first + slot - QSPI_SLOT_NCS;
        unsigned radix = count(p, signal);
        lines[slot] = choices(p, signal)[n % radix];
        n /= radix;
    }
    return n == 0;
}

// Each seventh of the 324 wirings of bank 1 and all 32 of bank 2, with a chip whose QE is 1 and one
// whose QE is 0 in turn. With SCAN_ALL in the environment all of both.
static void wirings(void **state)
{
    (void)state;
    struct qspi_scan_params params = scan_params();
    unsigned found = 0;
    for (unsigned bank = 1; bank <= 2; bank++) {
        unsigned first = bank == 1 ? QSPI_SCAN_BK1_NCS : QSPI_SCAN_BK2_NCS;
        unsigned step = bank == 1 && !getenv("SCAN_ALL") ? 7 : 1;
        uint32_t lines[SCAN_SLOTS];
        for (unsigned n = 0; wiring(&params, first, n, lines); n += step, found++) {
            struct bench *b = default_board(n % 2 ? "W25Q64JV-IM" : "W25Q64JV-IQ");
            solder(b, 0, lines);
            vt_t start = b->clock.now;
            struct qspi_scan_result r = run_scan(b, &params);
            assert_true(b->clock.now - start < 300 * VT_MS);
            assert_int_equal(r.status, QSPI_SCAN_OK);
            assert_int_equal(r.found, 1);
            assert_int_equal(r.chips[0].id, n % 2 ? 0xEF7017 : 0xEF4017);
            assert_int_equal(r.chips[0].bytes, 8u << 20);
            assert_int_equal(r.chips[0].flags, bank == 2 ? QSPI_SCAN_BANK2 : 0);
            assert_lines(&r.chips[0], lines);
            assert_int_equal(report_count(b->report, "nets.signal-twice"), 0);
            assert_int_equal(report_count(b->report, "nets.conflict"), 0);
            assert_at_rest(b);
            bench_free(b);
        }
    }
    assert_int_equal(found, getenv("SCAN_ALL") ? 324 + 32 : 47 + 32);
}

// With no chip every combination of CLK, NCS, IO0 and IO1 is tried, once.
static void no_chip(void **state)
{
    (void)state;
    struct qspi_scan_params params = scan_params();
    struct bench *b = bench_new(NULL, NULL, NULL);
    struct qspi_scan_result r = run_scan(b, &params);
    assert_int_equal(r.status, QSPI_SCAN_OK);
    assert_int_equal(r.found, 0);
    assert_int_equal(r.tried, 2 * 3 * 3 * 3 + 2 * 1 * 2 * 2);
    for (unsigned signal = 0; signal < QSPI_SCAN_SIGNALS; signal++)
        assert_int_equal(r.skipped[signal], 0);
    assert_at_rest(b);
    bench_free(b);
}

// The JEDEC ID is asked in table order: a chip on the n-th pair of IO0 and IO1 of the first CLK and
// NCS is found after n combinations. After a hit its NCS and CLK are done with.
static void order_of_combinations(void **state)
{
    (void)state;
    struct qspi_scan_params params = scan_params();
    unsigned left = 2 * 3 * 3 * 3 + 2 * 1 * 2 * 2 - 3 * 3;
    for (unsigned n = 0; n < 9; n++) {
        uint32_t lines[SCAN_SLOTS];
        memcpy(lines, default_lines, sizeof(lines));
        lines[QSPI_SLOT_IO0] = choices(&params, QSPI_SCAN_BK1_IO0)[n / 3];
        lines[QSPI_SLOT_IO1] = choices(&params, QSPI_SCAN_BK1_IO1)[n % 3];
        struct bench *b = default_board("W25Q64JV-IQ");
        solder(b, 0, lines);
        struct qspi_scan_result r = run_scan(b, &params);
        assert_int_equal(r.found, 1);
        assert_lines(&r.chips[0], lines);
        assert_int_equal(r.tried, left + n + 1 + 4); // 4: a second chip on the same NCS, bank 2
        bench_free(b);
    }
}

static void every_state(void **state)
{
    (void)state;
    static const enum nor_mode modes[] = {NOR_IN_QPI,
                                          NOR_IN_CONTINUOUS_DUAL,
                                          NOR_IN_CONTINUOUS_QUAD,
                                          NOR_IN_QPI_CONTINUOUS_QUAD,
                                          NOR_IN_POWER_DOWN,
                                          NOR_IN_ERASE,
                                          NOR_IN_SUSPENDED_ERASE};
    struct qspi_scan_params params = scan_params();
    for (unsigned i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        struct bench *b = default_board("W25Q64JV-IM");
        assert_true(nor_set_mode(b->nor[0], modes[i]));
        uint8_t qe = nor_status(b->nor[0], 2) & NOR_SR2_QE;
        struct qspi_scan_result r = run_scan(b, &params);
        assert_int_equal(r.found, 1);
        assert_int_equal(r.chips[0].id, 0xEF7017);
        assert_lines(&r.chips[0], default_lines);
        // QE is as it was.
        assert_int_equal(nor_status(b->nor[0], 2) & NOR_SR2_QE, qe);
        bench_free(b);
    }
}

// QPI and power-down at once: only ABh on four lines is heard.
static void qpi_in_power_down(void **state)
{
    (void)state;
    struct qspi_scan_params params = scan_params();
    struct bench *b = default_board("W25Q64JV-IM");
    driver_bench = b;
    assert_true(nor_set_mode(b->nor[0], NOR_IN_QPI));
    bench_up(b, 1, 23, 0);
    poke(b, QUADSPI_CCR, LINES(L4, L0, L0, L0) | NOR_CMD_POWER_DOWN);
    wait_idle(b);
    b->clock.now += 100 * VT_US;
    struct qspi_scan_result r = run_scan(b, &params);
    assert_int_equal(r.found, 1);
    assert_lines(&r.chips[0], default_lines);
    bench_free(b);
}

static void stays_busy_for_ever(void **state)
{
    (void)state;
    struct qspi_scan_params params = scan_params();
    struct bench *b = default_board("W25Q64JV-IQ");
    nor_set_faults(b->nor[0], &(struct nor_faults){.stuck_busy = true});
    nor_set_mode(b->nor[0], NOR_IN_ERASE);
    struct qspi_scan_result r = run_scan(b, &params);
    assert_int_equal(r.status, QSPI_SCAN_OK);
    assert_int_equal(r.found, 1);
    assert_int_equal(r.chips[0].flags, QSPI_SCAN_BUSY);
    assert_int_equal(r.chips[0].id, 0);
    for (unsigned slot = 0; slot <= QSPI_SLOT_IO1; slot++)
        assert_int_equal(r.chips[0].lines[slot], default_lines[slot]);
    bench_free(b);
}

// SR2 locked with QE = 0: IO3 is told by /HOLD or /RESET, IO2 is not.
static void locked_qe(void **state)
{
    (void)state;
    struct qspi_scan_params params = scan_params();
    for (unsigned reset = 0; reset < 2; reset++) {
        struct bench *b = default_board("W25Q64JV-IM");
        nor_set_status(b->nor[0], 0, NOR_SR2_SRL, reset ? NOR_SR3_HOLD_RST : 0);
        struct qspi_scan_result r = run_scan(b, &params);
        assert_int_equal(r.found, 1);
        assert_int_equal(r.chips[0].flags, QSPI_SCAN_NO_QE | QSPI_SCAN_HOLD);
        assert_int_equal(r.chips[0].lines[QSPI_SLOT_IO1], default_lines[QSPI_SLOT_IO1]);
        assert_int_equal(r.chips[0].lines[QSPI_SLOT_IO2], 0);
        assert_int_equal(r.chips[0].lines[QSPI_SLOT_IO3], default_lines[QSPI_SLOT_IO3]);
        bench_free(b);
    }
}

static unsigned skip_of(const struct qspi_scan_result *r, unsigned signal, unsigned choice)
{
    return r->skipped[signal] >> 8 * choice & 0xFF;
}

// A pin that an output drives is left out; one with a resistor is not.
static void held_pins(void **state)
{
    (void)state;
    struct qspi_scan_params params = scan_params();
    for (unsigned high = 0; high < 2; high++) {
        struct bench *b = default_board("W25Q64JV-IQ");
        nets_set_fault(b->nets, 0, CHIP_IO1, high ? LINE_STUCK_HIGH : LINE_STUCK_LOW);
        struct qspi_scan_result r = run_scan(b, &params);
        assert_int_equal(r.found, 0);
        assert_int_equal(skip_of(&r, QSPI_SCAN_BK1_IO1, 1),
                         high ? QSPI_SCAN_HELD_HIGH : QSPI_SCAN_HELD_LOW);
        assert_int_equal(report_count(b->report, "nets.conflict"), 0);
        assert_at_rest(b);
        bench_free(b);
    }
    struct bench *b = default_board("W25Q64JV-IQ");
    for (unsigned pin = CHIP_NCS; pin < CHIP_PINS; pin++)
        nets_set_external_pull(b->nets, 0, (enum chip_pin)pin, PULL_UP);
    struct qspi_scan_result r = run_scan(b, &params);
    assert_int_equal(r.found, 1);
    assert_lines(&r.chips[0], default_lines);
    bench_free(b);
}

static void lock_pin(struct bench *b, char port, unsigned pin)
{
    uint32_t lckr = GPIO_LCKR((unsigned)(port - 'A')), mask = 1u << pin;
    poke(b, RCC_AHB4ENR, 0x7FF);
    poke(b, lckr, GPIO_LCKR_LCKK | mask);
    poke(b, lckr, mask);
    poke(b, lckr, GPIO_LCKR_LCKK | mask);
    peek(b, lckr);
}

static void locked_pin(void **state)
{
    (void)state;
    struct qspi_scan_params params = scan_params();
    struct bench *b = default_board("W25Q64JV-IQ");
    lock_pin(b, 'F', 10);
    struct qspi_scan_result r = run_scan(b, &params);
    assert_int_equal(r.found, 1);
    assert_lines(&r.chips[0], default_lines);
    assert_int_equal(skip_of(&r, QSPI_SCAN_CLK, 1), QSPI_SCAN_LOCKED);
    assert_int_equal(report_count(b->report, "gpio.locked-pin"), 0);
    assert_int_equal(gpio_pad(b->gpio, 'F' - 'A', 10).mode, PAD_ANALOG);
    bench_free(b);
}

// A pin that is not among the parameters is not touched.
static void excluded_pin(void **state)
{
    (void)state;
    struct qspi_scan_params params = scan_params();
    choices(&params, QSPI_SCAN_CLK)[1] = 0;
    struct bench *b = default_board("W25Q64JV-IQ");
    struct qspi_scan_result r = run_scan(b, &params);
    assert_int_equal(r.found, 1);
    assert_int_equal(gpio_pad(b->gpio, 'F' - 'A', 10).mode, PAD_ANALOG);
    choices(&params, QSPI_SCAN_CLK)[0] = WORD('F', 10, 9);
    r = run_scan(b, &params);
    assert_int_equal(r.found, 0);
    bench_free(b);
}

// Two chips: on both banks, on one bus with a select each, and on one select.
static void two_chips(void **state)
{
    (void)state;
    struct qspi_scan_params params = scan_params();
    static const uint32_t bank2[SCAN_SLOTS] = {WORD('B', 2, 9),  WORD('C', 11, 9),
                                               WORD('E', 7, 10), WORD('E', 8, 10),
                                               WORD('E', 9, 10), WORD('E', 10, 10)};
    uint32_t second[3][SCAN_SLOTS];
    static const uint32_t flags[] = {QSPI_SCAN_BANK2, 0, QSPI_SCAN_BANK2 | QSPI_SCAN_SHARED};
    for (unsigned i = 0; i < 3; i++)
        memcpy(second[i], i == 1 ? default_lines : bank2, sizeof(second[i]));
    second[1][QSPI_SLOT_NCS] = WORD('B', 10, 9);
    second[2][QSPI_SLOT_NCS] = WORD('B', 6, 10);
    static const char *const parts[] = {"W25Q64JV-IQ", "W25Q64JV-IM"};
    for (unsigned i = 0; i < 6; i++) {
        struct bench *b = bench_new(parts[i / 3], parts[i / 3], NULL);
        solder(b, 1, second[i % 3]);
        struct qspi_scan_result r = run_scan(b, &params);
        assert_int_equal(r.found, 2);
        assert_int_equal(r.chips[0].flags, 0);
        assert_lines(&r.chips[0], default_lines);
        assert_int_equal(r.chips[1].flags, flags[i % 3]);
        assert_lines(&r.chips[1], second[i % 3]);
        assert_int_equal(report_count(b->report, "nets.conflict"), 0);
        bench_free(b);
    }
}

// Chips without 94h tell IO2 and IO3 by their array: data, or a blank one by the pulls.
static void by_array(void **state)
{
    (void)state;
    struct qspi_scan_params params = scan_params();
    for (unsigned blank = 0; blank < 2; blank++) {
        struct bench *b = default_board("IS25LP064A");
        if (!blank)
            fill_array(b, 0);
        struct qspi_scan_result r = run_scan(b, &params);
        assert_int_equal(r.found, 1);
        assert_int_equal(r.chips[0].id, 0x9D6017);
        assert_int_equal(nor_counters(b->nor[0])->opcode[NOR_CMD_READ_SR2], 0);
        assert_int_equal(nor_counters(b->nor[0])->opcode[NOR_CMD_WRITE_SR2], 0);
        bench_free(b);
    }
}

static void wrong_parameters(void **state)
{
    (void)state;
    struct qspi_scan_params params = scan_params();
    params.magic++;
    struct bench *b = default_board("W25Q64JV-IQ");
    assert_int_equal(run_scan(b, &params).status, QSPI_SCAN_ERR_PARAM);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wirings),
        cmocka_unit_test(no_chip),
        cmocka_unit_test(order_of_combinations),
        cmocka_unit_test(every_state),
        cmocka_unit_test(qpi_in_power_down),
        cmocka_unit_test(stays_busy_for_ever),
        cmocka_unit_test(locked_qe),
        cmocka_unit_test(held_pins),
        cmocka_unit_test(locked_pin),
        cmocka_unit_test(excluded_pin),
        cmocka_unit_test(two_chips),
        cmocka_unit_test(by_array),
        cmocka_unit_test(wrong_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
