// SPDX-License-Identifier: MIT
// Each erratum of the QUADSPI, on and off, and the sampling limits.
#include "qspi_bench.h"

#define READ (LINES(L1, L1, L0, L1) | ADDR24 | NOR_CMD_READ)
#define W    QSPI_WINDOW_BASE

static struct bench *board(const struct quadspi_errata *errata, unsigned prescaler, unsigned fsize)
{
    struct bench *b = bench_new("W25Q64JV-IQ", NULL, errata);
    bench_up(b, prescaler, fsize, 0);
    return b;
}

static const struct quadspi_errata none;

static void defaults(void **state)
{
    (void)state;
    struct quadspi_errata e = quadspi_errata_default();
    assert_true(e.write_dummy_nibble && e.ccr_zero_hang && e.data_only_hang && e.last_byte_stall &&
                e.hclk_prescaler_0 && e.tcen_race);
    assert_false(e.internal_timing);
}

static void request_abort(struct bench *b)
{
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_ABORT);
    b->clock.now += VT_MS;
}

static bool busy(struct bench *b)
{
    return peek(b, QUADSPI_SR) & QUADSPI_SR_BUSY;
}

static void ccr_zero(void **state)
{
    (void)state;
    struct bench *b = board(NULL, 1, 23);
    poke(b, QUADSPI_CCR, 0);
    b->clock.now += VT_S;
    assert_true(busy(b));
    request_abort(b);
    assert_true(busy(b)); // abort does not help
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) & ~QUADSPI_CR_EN);
    assert_false(busy(b));
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_EN);
    assert_int_equal(read_jedec(b), 0xEF4017);
    assert_int_equal(report_count(b->report, "qspi.empty-command"), 1);
    bench_free(b);

    b = board(&none, 1, 23);
    poke(b, QUADSPI_CCR, 0);
    assert_false(busy(b));
    assert_int_equal(read_jedec(b), 0xEF4017);
    bench_free(b);
}

static void data_only_read(void **state)
{
    (void)state;
    struct bench *b = board(NULL, 1, 23);
    uint32_t v;
    poke(b, QUADSPI_CCR, FMODE(M_READ) | LINES(L0, L0, L0, L1));
    b->clock.now += VT_S;
    assert_true(busy(b));
    assert_int_equal(bench_read(b, QUADSPI_DR, 1, &v), BUS_HANG);
    request_abort(b);
    assert_false(busy(b));
    poke(b, QUADSPI_CCR, FMODE(M_READ) | LINES(L0, L0, L0, L1) | DUMMIES(2)); // the workaround
    peek8(b, QUADSPI_DR);
    wait_idle(b);
    assert_int_equal(report_count(b->report, "qspi.data-only-read"), 1);
    bench_free(b);

    b = board(&none, 1, 23);
    poke(b, QUADSPI_CCR, FMODE(M_READ) | LINES(L0, L0, L0, L1));
    peek8(b, QUADSPI_DR);
    wait_idle(b);
    bench_free(b);
}

static void last_byte(void **state)
{
    (void)state;
    uint32_t v;
    struct bench *b = board(NULL, 1, 22);
    fill_array(b, 0);
    const uint8_t *end = nor_array(b->nor[0]) + 0x800000;
    poke(b, QUADSPI_CCR, FMODE(M_MAPPED) | READ);
    assert_int_equal(peek8(b, W + 0x7FFFFE), end[-2]);
    assert_int_equal(bench_read(b, W + 0x7FFFFC, 4, &v), BUS_OK);
    assert_int_not_equal(end[-1], 0);
    assert_int_equal(v, (uint32_t)end[-4] | (uint32_t)end[-3] << 8 | (uint32_t)end[-2] << 16);
    assert_int_equal(bench_read(b, W + 0x7FFFFF, 1, &v), BUS_HANG);
    assert_int_equal(bench_read(b, W, 1, &v), BUS_HANG); // the bus is gone
    b->regs.reset(b->regs.ctx, RESET_SYSTEM);
    bench_up(b, 1, 22, 0);
    poke(b, QUADSPI_CCR, FMODE(M_MAPPED) | READ);
    assert_int_equal(peek8(b, W), end[-0x800000]);
    assert_int_equal(report_count(b->report, "qspi.last-byte-mapped"), 2);
    bench_free(b);

    b = board(NULL, 1, 23); // FSIZE one larger: the last byte of the chip is an ordinary one
    fill_array(b, 0);
    poke(b, QUADSPI_CCR, FMODE(M_MAPPED) | READ);
    memcpy(&v, nor_array(b->nor[0]) + 0x7FFFFC, 4);
    assert_int_equal(peek(b, W + 0x7FFFFC), v);
    assert_int_equal(peek(b, W + 0x7FFFFC), v);
    assert_int_equal(peek(b, W + 0xFFFFF8), peek(b, W + 0x7FFFF8)); // and above is an alias
    bench_free(b);

    b = board(&none, 1, 22);
    fill_array(b, 0);
    poke(b, QUADSPI_CCR, FMODE(M_MAPPED) | READ);
    assert_int_equal(peek(b, W + 0x7FFFFC), v);
    assert_int_equal(peek(b, W + 0x7FFFFC), v);
    bench_free(b);
}

// The same byte by an indirect read is right.
static void last_byte_indirect(void **state)
{
    (void)state;
    struct bench *b = board(NULL, 1, 22);
    fill_array(b, 0);
    poke(b, QUADSPI_DLR, 0);
    poke(b, QUADSPI_CCR, FMODE(M_READ) | READ);
    poke(b, QUADSPI_AR, 0x7FFFFF);
    assert_int_equal(peek8(b, QUADSPI_DR), nor_array(b->nor[0])[0x7FFFFF]);
    bench_free(b);
}

static unsigned wrong_ids(struct bench *b)
{
    unsigned wrong = 0;
    for (unsigned i = 0; i < 32; i++)
        wrong += read_jedec(b) != 0xEF4017;
    return wrong;
}

static void prescaler_zero(void **state)
{
    (void)state;
    struct bench *b = board(NULL, 0, 23);
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_SSHIFT);
    assert_true(wrong_ids(b) > 28);
    assert_true(report_count(b->report, "qspi.hclk-prescaler-0") > 0);
    poke(b, RCC_D1CCIPR, RCC_QSPISEL_PER << RCC_D1CCIPR_QSPISEL_Pos); // 64 MHz HSI, 50 % duty
    assert_int_equal(wrong_ids(b), 0);
    bench_free(b);

    b = board(&none, 0, 23);
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_SSHIFT);
    assert_int_equal(wrong_ids(b), 0);
    bench_free(b);
}

// 64 MHz: half a cycle is less than the chip's clock-to-output time and the set-up time together.
static void sampling_too_early(void **state)
{
    (void)state;
    struct bench *b = board(&none, 0, 23);
    assert_true(wrong_ids(b) > 28);
    assert_true(report_count(b->report, "qspi.sampled-too-early") > 0);
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_SSHIFT);
    assert_int_equal(wrong_ids(b), 0);
    bench_free(b);
}

static void write_with_dummies(void **state)
{
    (void)state;
    for (unsigned on = 0; on < 2; on++) {
        struct quadspi_errata e = {.write_dummy_nibble = on};
        struct bench *b = board(&e, 1, 23);
        nets_set_float(b->nets, FLOAT_LOW, 0);
        nets_set_external_pull(b->nets, 0, CHIP_IO0, PULL_UP);
        command(b, NOR_CMD_WRITE_ENABLE);
        // 02h with the address in place of the last 8 bits as dummies: 16 bits and 8 clocks
        poke(b, QUADSPI_DLR, 1);
        poke(b, QUADSPI_CCR,
             LINES(L1, L1, L0, L1) | 1u << QUADSPI_CCR_ADSIZE_Pos | DUMMIES(8) |
                 NOR_CMD_PAGE_PROGRAM);
        poke(b, QUADSPI_AR, 0x12);
        poke(b, QUADSPI_DR, 0x1111);
        wait_idle(b);
        b->clock.now += 5 * VT_MS;
        assert_int_equal(nor_status(b->nor[0], 1), 0);
        // the lost nibble is what the pull-up says
        assert_int_equal(nor_array(b->nor[0])[0x1200], on ? 0xF1 : 0x11);
        assert_int_equal(nor_array(b->nor[0])[0x1201], 0x11);
        assert_int_equal(report_count(b->report, "qspi.write-with-dummies"), on);
        bench_free(b);
    }
}

// Reads of one word after another, each `delay` after the FIFO became full.
static uint32_t read_after_full(struct bench *b, vt_t delay)
{
    uint32_t v;
    request_abort(b);
    bench_read(b, W, 4, &v);
    b->clock.now += 28 * 8 * 31250 + 4 * 8 * 31250 + delay;
    bench_read(b, W + 4, 4, &v);
    return v;
}

static void timeout_race(void **state)
{
    (void)state;
    for (unsigned on = 0; on < 2; on++) {
        struct quadspi_errata e = {.tcen_race = on};
        struct bench *b = board(&e, 1, 23);
        uint32_t want;
        fill_array(b, 0);
        memcpy(&want, nor_array(b->nor[0]) + 4, 4);
        poke(b, QUADSPI_LPTR, 0x20);
        poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_TCEN);
        poke(b, QUADSPI_CCR, FMODE(M_MAPPED) | READ);
        assert_int_equal(read_after_full(b, 20 * 31250), want);
        assert_int_equal(read_after_full(b, 40 * 31250), want);
        assert_int_equal(read_after_full(b, 32 * 31250 + 10000) == want, !on);
        assert_int_equal(read_after_full(b, 32 * 31250 - 10000) == want, !on);
        assert_int_equal(report_count(b->report, "qspi.timeout-race"), 2 * on);
        poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_ABORT);
        b->clock.now += VT_MS;
        poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) & ~QUADSPI_CR_TCEN);
        assert_int_equal(read_after_full(b, 32 * 31250), want);
        bench_free(b);
    }
}

// ES0392 "Internal timing criticality", as far as it can be modelled.
static void internal_timing(void **state)
{
    (void)state;
    struct quadspi_errata e = quadspi_errata_default();
    e.internal_timing = true;
    struct bench *b = board(&e, 1, 23);
    uint32_t cr = peek(b, QUADSPI_CR);
    poke(b, QUADSPI_CCR, FMODE(M_READ) | LINES(L1, L0, L0, L1) | NOR_CMD_READ_SR1);
    b->clock.now += VT_S;
    assert_true(busy(b));
    // the workaround
    poke(b, QUADSPI_CR, 0);
    assert_false(busy(b));
    poke(b, QUADSPI_CR, 0xFF000001);
    poke(b, QUADSPI_CCR, 0x20000000);
    assert_true(busy(b)); // the free-running clock
    assert_false(nets_selected(b->nets, 0));
    poke(b, QUADSPI_CCR, 0x20000000);
    poke(b, QUADSPI_CR, 0);
    assert_false(busy(b));
    poke(b, QUADSPI_CR, cr);
    assert_int_equal(read_jedec(b), 0xEF4017);
    // memory-mapped mode and back needs it again
    poke(b, QUADSPI_CCR, FMODE(M_MAPPED) | READ);
    peek(b, W);
    request_abort(b);
    poke(b, QUADSPI_CCR, FMODE(M_READ) | LINES(L1, L0, L0, L1) | NOR_CMD_READ_SR1);
    b->clock.now += VT_S;
    assert_true(busy(b));
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),           cmocka_unit_test(ccr_zero),
        cmocka_unit_test(data_only_read),     cmocka_unit_test(last_byte),
        cmocka_unit_test(last_byte_indirect), cmocka_unit_test(prescaler_zero),
        cmocka_unit_test(sampling_too_early), cmocka_unit_test(write_with_dummies),
        cmocka_unit_test(timeout_race),       cmocka_unit_test(internal_timing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
