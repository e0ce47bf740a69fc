// SPDX-License-Identifier: MIT
// QUADSPI memory-mapped mode: stream continuation, prefetch, timeout, bus errors; line modes, DDR,
// SIOO and dual flash.
#include "qspi_bench.h"

#define FX   struct bench *b = *state
#define READ (LINES(L1, L1, L0, L1) | ADDR24 | NOR_CMD_READ)
#define W    QSPI_WINDOW_BASE

static int setup(void **state)
{
    struct bench *b = bench_default();
    fill_array(b, 0);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    bench_free(*state);
    return 0;
}

static void map(struct bench *b, uint32_t ccr)
{
    wait_idle(b);
    poke(b, QUADSPI_CCR, FMODE(M_MAPPED) | ccr);
}

static uint32_t expected(struct bench *b, unsigned chip, uint32_t addr)
{
    uint32_t word;
    memcpy(&word, nor_array(b->nor[chip]) + addr, 4);
    return word;
}

static void abort_now(struct bench *b)
{
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_ABORT);
    wait_idle(b);
}

// A sequential read of any length is one command, whatever the pauses; a jump starts another.
static void continuation(void **state)
{
    FX;
    map(b, READ);
    assert_int_equal(peek(b, QUADSPI_SR) & QUADSPI_SR_BUSY, 0); // nothing before the first access
    for (uint32_t a = 0; a < 4096; a += 4) {
        assert_int_equal(peek(b, W + 0x100 + a), expected(b, 0, 0x100 + a));
        b->clock.now += a % 64 == 0 ? VT_MS : VT_NS;
    }
    assert_int_equal(quadspi_commands(b->quadspi), 1);
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_BUSY);
    assert_int_equal(peek(b, QUADSPI_SR) & QUADSPI_SR_FLEVEL_Msk, 0); // always in this mode
    assert_true(nets_selected(b->nets, 0));
    assert_int_equal(peek(b, W + 0x2000), expected(b, 0, 0x2000));
    assert_int_equal(peek(b, W + 0x2000), expected(b, 0, 0x2000)); // again: not continuous
    assert_int_equal(quadspi_commands(b->quadspi), 3);
    abort_now(b);
    assert_false(nets_selected(b->nets, 0));
    assert_int_equal(b->traced, 3);
    assert_int_equal(b->trace[0].opcode, NOR_CMD_READ);
    assert_int_equal(b->trace[0].address, 0x100);
    assert_in_range(b->trace[0].length, 4096, 4096 + 32); // prefetch
    assert_int_equal(b->trace[1].address, 0x2000);
    assert_int_equal(report_count(b->report, NULL), 0);
}

static void widths(void **state)
{
    FX;
    uint32_t v;
    map(b, READ);
    assert_int_equal(peek8(b, W + 5), expected(b, 0, 5) & 0xFF);
    assert_int_equal(bench_read(b, W + 6, 2, &v), BUS_OK);
    assert_int_equal(v, expected(b, 0, 6) & 0xFFFF);
    assert_int_equal(peek(b, W + 8), expected(b, 0, 8));
    assert_int_equal(quadspi_commands(b->quadspi), 1);
}

// The first word waits for command, address and data; the next one is there already.
static void stall_time(void **state)
{
    FX;
    uint32_t v;
    map(b, READ);
    vt_t start = b->clock.now;
    assert_int_equal(bench_read(b, W, 4, &v), BUS_OK);
    assert_int_equal(b->clock.now - start, 31250 / 2 + 64 * 31250);
    b->clock.now += VT_MS;
    start = b->clock.now;
    assert_int_equal(bench_read(b, W + 4, 4, &v), BUS_OK);
    assert_int_equal(b->clock.now, start);
}

static void bus_errors(void **state)
{
    FX;
    uint32_t v;
    assert_int_equal(bench_read(b, W, 4, &v), BUS_FAULT); // indirect mode
    assert_false(quadspi_window_open(b->quadspi));
    assert_false(b->window.open(b->window.ctx));
    map(b, READ);
    assert_true(quadspi_window_open(b->quadspi));
    assert_int_equal(bench_write(b, W, 4, 0), BUS_FAULT);
    assert_int_equal(bench_read(b, W + 0xFFFFF8, 4, &v), BUS_OK); // FSIZE is 23
    assert_int_equal(bench_read(b, W + 0x1000000, 1, &v), BUS_FAULT);
    abort_now(b);
    assert_true(quadspi_window_open(b->quadspi)); // ABORT leaves FMODE
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) & ~QUADSPI_CR_EN);
    assert_int_equal(bench_read(b, W, 4, &v), BUS_FAULT);
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_EN);
    assert_int_equal(bench_read(b, W, 4, &v), BUS_OK);
    poke(b, RCC_AHB3ENR, 0);
    assert_int_equal(bench_read(b, W, 4, &v), BUS_FAULT);
    assert_int_equal(report_count(b->report, "qspi.window-fault"), 5);
}

static void count_change(void *ctx)
{
    (*(unsigned *)ctx)++;
}

static void window_callback(void **state)
{
    FX;
    unsigned changes = 0;
    quadspi_on_window(b->quadspi, count_change, &changes);
    map(b, READ);
    assert_true(changes > 0);
    changes = 0;
    poke(b, RCC_AHB3ENR, 0);
    assert_true(changes > 0);
    poke(b, RCC_AHB3ENR, RCC_AHB3ENR_QSPIEN);
    changes = 0;
    poke(b, RCC_AHB3RSTR, RCC_AHB3RSTR_QSPIRST);
    assert_true(changes > 0);
    poke(b, RCC_AHB3RSTR, 0);
    assert_false(quadspi_window_open(b->quadspi));
}

static void timeout_raises_ncs(void **state)
{
    FX;
    poke(b, QUADSPI_LPTR, 0x40);
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_TCEN | QUADSPI_CR_TOIE);
    map(b, READ);
    peek(b, W);
    // 28 more bytes fill the FIFO, then 64 cycles
    vt_t full = b->clock.now - 20 * VT_NS + 32 * 8 * 31250;
    b->clock.now = full + 60 * 31250;
    assert_true(nets_selected(b->nets, 0));
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_BUSY);
    assert_false(b->irq);
    b->clock.now = full + 70 * 31250;
    assert_int_equal(peek(b, QUADSPI_SR) & (QUADSPI_SR_BUSY | QUADSPI_SR_TOF), QUADSPI_SR_TOF);
    assert_false(nets_selected(b->nets, 0));
    assert_true(b->irq);
    poke(b, QUADSPI_FCR, QUADSPI_FCR_CTOF);
    assert_false(b->irq);
    assert_int_equal(peek(b, W + 4), expected(b, 0, 4));
    assert_int_equal(quadspi_commands(b->quadspi), 2);
}

static void no_timeout_without_tcen(void **state)
{
    FX;
    poke(b, QUADSPI_LPTR, 0x40);
    map(b, READ);
    peek(b, W);
    b->clock.now += VT_S;
    assert_int_equal(peek(b, QUADSPI_SR) & (QUADSPI_SR_BUSY | QUADSPI_SR_TOF), QUADSPI_SR_BUSY);
    assert_true(nets_selected(b->nets, 0));
}

// NCS stays high for CSHT + 1 cycles between two commands.
static void restart_time(void **state)
{
    FX;
    uint32_t v;
    map(b, READ);
    peek(b, W);
    b->clock.now += VT_MS;
    vt_t start = b->clock.now;
    assert_int_equal(bench_read(b, W + 0x1000, 4, &v), BUS_OK);
    assert_int_equal(v, expected(b, 0, 0x1000));
    assert_int_equal(b->clock.now - start, 31250 / 2 + 3 * 31250 + 31250 / 2 + 64 * 31250);
}

static void line_modes(void **state)
{
    FX;
    static const struct {
        uint32_t ccr, abr;
    } modes[] = {
        {LINES(L1, L1, L0, L1) | DUMMIES(8) | NOR_CMD_FAST_READ, 0},
        {LINES(L1, L1, L0, L2) | DUMMIES(8) | NOR_CMD_FAST_READ_DUAL, 0},
        {LINES(L1, L2, L2, L2) | NOR_CMD_FAST_READ_DUAL_IO, 0xF0},
        {LINES(L1, L1, L0, L4) | DUMMIES(8) | NOR_CMD_FAST_READ_QUAD, 0},
        {LINES(L1, L4, L4, L4) | DUMMIES(4) | NOR_CMD_FAST_READ_QUAD_IO, 0xF0},
    };
    for (unsigned i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        abort_now(b);
        poke(b, QUADSPI_ABR, modes[i].abr);
        map(b, modes[i].ccr | ADDR24);
        for (uint32_t a = 0x10; a < 0x110; a += 4)
            assert_int_equal(peek(b, W + a), expected(b, 0, a));
        assert_int_equal(peek(b, W + 0x55554), expected(b, 0, 0x55554));
    }
    assert_int_equal(report_count(b->report, NULL), 0);
}

// EBh with mode bits 20h leaves out the opcode from then on: right only with SIOO.
static void instruction_only_once(void **state)
{
    FX;
    uint32_t quad = LINES(L1, L4, L4, L4) | DUMMIES(4) | ADDR24 | NOR_CMD_FAST_READ_QUAD_IO;
    poke(b, QUADSPI_ABR, 0x20);
    map(b, quad | QUADSPI_CCR_SIOO);
    for (uint32_t a = 0; a < 0x10000; a += 0x1004)
        assert_int_equal(peek(b, W + (a & ~3u)), expected(b, 0, a & ~3u));
    abort_now(b);
    assert_false(b->trace[0].continuous);
    for (unsigned i = 1; i < b->traced; i++)
        assert_true(b->trace[i].continuous);
    // a new CCR sends the instruction again, which the chip takes for an address now
    map(b, quad | QUADSPI_CCR_SIOO);
    assert_int_not_equal(peek(b, W + 0x1234), expected(b, 0, 0x1234));
}

// The sequential part looks right even without SIOO; a random access does not.
static void continuous_read_without_sioo(void **state)
{
    FX;
    poke(b, QUADSPI_ABR, 0x20);
    map(b, LINES(L1, L4, L4, L4) | DUMMIES(4) | ADDR24 | NOR_CMD_FAST_READ_QUAD_IO);
    assert_int_equal(peek(b, W), expected(b, 0, 0));
    assert_int_equal(peek(b, W + 4), expected(b, 0, 4));
    assert_int_not_equal(peek(b, W + 0x4321C), expected(b, 0, 0x4321C));
}

static void kept_out_of_busy_mapping(void **state)
{
    FX;
    map(b, READ);
    peek(b, W);
    poke(b, QUADSPI_CCR, FMODE(M_READ) | LINES(L1, L0, L0, L1) | NOR_CMD_READ_SR1);
    assert_int_equal(report_count(b->report, "qspi.ccr-while-busy"), 1);
    assert_int_equal(peek(b, W + 4), expected(b, 0, 4));
    abort_now(b);
    assert_int_equal(read_jedec(b), 0xEF4017);
}

static void ddr_reads(void **state)
{
    (void)state;
    struct bench *b = bench_new("W25Q64JV-IM", NULL, NULL);
    bench_up(b, 1, 23, 0);
    fill_array(b, 0);
    nor_set_status(b->nor[0], 0, NOR_SR2_QE, 0x60);
    map(b, LINES(L1, L1, L0, L1) | DUMMIES(6) | ADDR24 | QUADSPI_CCR_DDRM | NOR_CMD_DTR_FAST_READ);
    for (uint32_t a = 0x20; a < 0x60; a += 4)
        assert_int_equal(peek(b, W + a), expected(b, 0, a));
    abort_now(b);
    poke(b, QUADSPI_ABR, 0xFF);
    map(b,
        LINES(L1, L4, L4, L4) | DUMMIES(7) | ADDR24 | QUADSPI_CCR_DDRM | NOR_CMD_DTR_READ_QUAD_IO);
    vt_t start = b->clock.now;
    for (uint32_t a = 0x2000; a < 0x2100; a += 4)
        assert_int_equal(peek(b, W + a), expected(b, 0, a));
    assert_true(b->clock.now - start < 64 * 20 * VT_NS + (8 + 3 + 1 + 7 + 256 + 2) * 31250);
    assert_int_equal(report_count(b->report, NULL), 0);
    // SSHIFT is forbidden in DDR
    abort_now(b);
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_SSHIFT);
    unsigned wrong = 0;
    for (uint32_t a = 0x3000; a < 0x3100; a += 4)
        wrong += peek(b, W + a) != expected(b, 0, a);
    assert_true(wrong > 32);
    assert_true(report_count(b->report, "qspi.sshift-with-ddr") > 0);
    bench_free(b);
}

// Even bytes from FLASH 1, odd ones from FLASH 2; each chip gets half the address.
static void dual_flash(void **state)
{
    (void)state;
    struct bench *b = bench_new("W25Q64JV-IQ", "W25Q64JV-IQ", NULL);
    bench_up(b, 1, 24, QUADSPI_CR_DFM);
    fill_array(b, 0);
    fill_array(b, 1);
    const uint8_t *one = nor_array(b->nor[0]), *two = nor_array(b->nor[1]);
    poke(b, QUADSPI_DLR, 0);
    assert_int_equal(peek(b, QUADSPI_DLR), 1); // DL[0] is stuck at 1
    poke(b, QUADSPI_AR, 0x1001);
    assert_int_equal(peek(b, QUADSPI_AR), 0x1000);
    // ids come in pairs
    poke(b, QUADSPI_DLR, 5);
    poke(b, QUADSPI_CCR, FMODE(M_READ) | LINES(L1, L0, L0, L1) | NOR_CMD_READ_JEDEC_ID);
    static const uint8_t ids[] = {0xEF, 0xEF, 0x40, 0x40, 0x17, 0x17};
    uint8_t got[64];
    read_data(b, got, 6);
    assert_memory_equal(got, ids, 6);
    // indirect read
    wait_idle(b);
    poke(b, QUADSPI_DLR, 63);
    poke(b, QUADSPI_CCR,
         FMODE(M_READ) | LINES(L1, L1, L0, L4) | DUMMIES(8) | ADDR24 | NOR_CMD_FAST_READ_QUAD);
    poke(b, QUADSPI_AR, 0x2000);
    read_data(b, got, 64);
    for (unsigned i = 0; i < 64; i++)
        assert_int_equal(got[i], (i % 2 ? two : one)[0x1000 + i / 2]);
    // mapped, also at an odd address
    map(b, READ);
    for (uint32_t a = 0x3000; a < 0x3020; a += 4) {
        uint32_t v = peek(b, W + a);
        assert_int_equal(v & 0xFFFF, one[a / 2] | two[a / 2] << 8);
        assert_int_equal(v >> 16, one[a / 2 + 1] | two[a / 2 + 1] << 8);
    }
    uint64_t commands = quadspi_commands(b->quadspi);
    assert_int_equal(peek8(b, W + 0x4001), two[0x2000]);
    assert_int_equal(peek8(b, W + 0x4002), one[0x2001]);
    assert_int_equal(quadspi_commands(b->quadspi), commands + 1);
    abort_now(b);
    // program both
    command(b, NOR_CMD_WRITE_ENABLE);
    memset(nor_array(b->nor[0]) + 0x8000, 0xFF, 16);
    memset(nor_array(b->nor[1]) + 0x8000, 0xFF, 16);
    poke(b, QUADSPI_DLR, 3);
    poke(b, QUADSPI_CCR, LINES(L1, L1, L0, L1) | ADDR24 | NOR_CMD_PAGE_PROGRAM);
    poke(b, QUADSPI_AR, 0x10000);
    poke(b, QUADSPI_DR, 0x44332211);
    wait_idle(b);
    b->clock.now += 5 * VT_MS;
    assert_int_equal(nor_status(b->nor[0], 1) | nor_status(b->nor[1], 1), 0);
    assert_memory_equal(one + 0x8000, "\x11\x33\xFF", 3);
    assert_memory_equal(two + 0x8000, "\x22\x44\xFF", 3);
    assert_int_equal(report_count(b->report, NULL), 0);
    bench_free(b);
}

static void second_bank(void **state)
{
    (void)state;
    struct bench *b = bench_new("W25Q64JV-IQ", "W25Q128JV-IQ", NULL);
    bench_up(b, 1, 24, 0);
    assert_int_equal(read_jedec(b), 0xEF4017);
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_FSEL);
    assert_int_equal(read_jedec(b), 0xEF4018);
    assert_int_equal(b->traced, 1); // the first chip was left alone
    fill_array(b, 1);
    map(b, READ);
    assert_int_equal(peek(b, W + 0xABCDE4), expected(b, 1, 0xABCDE4));
    bench_free(b);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(continuation),
        T(widths),
        T(stall_time),
        T(bus_errors),
        T(window_callback),
        T(timeout_raises_ncs),
        T(no_timeout_without_tcen),
        T(restart_time),
        T(line_modes),
        T(instruction_only_once),
        T(continuous_read_without_sioo),
        T(kept_out_of_busy_mapping),
        cmocka_unit_test(ddr_reads),
        cmocka_unit_test(dual_flash),
        cmocka_unit_test(second_bank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
