// SPDX-License-Identifier: MIT
// QUADSPI registers, indirect modes, FIFO, abort: against a real chip model on real pads.
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

static uint32_t flevel(struct bench *b)
{
    return (peek(b, QUADSPI_SR) & QUADSPI_SR_FLEVEL_Msk) >> QUADSPI_SR_FLEVEL_Pos;
}

static void start_read(struct bench *b, uint32_t addr, uint32_t n)
{
    wait_idle(b);
    poke(b, QUADSPI_DLR, n - 1);
    poke(b, QUADSPI_CCR, FMODE(M_READ) | LINES(L1, L1, L0, L1) | ADDR24 | NOR_CMD_READ);
    poke(b, QUADSPI_AR, addr);
}

static void jedec_id(void **state)
{
    FX;
    assert_int_equal(read_jedec(b), 0xEF4017);
    assert_int_equal(report_count(b->report, NULL), 0);
}

static void unclocked(void **state)
{
    FX;
    poke(b, QUADSPI_PIR, 0x123);
    poke(b, RCC_AHB3ENR, 0);
    assert_int_equal(peek(b, QUADSPI_PIR), 0);
    assert_int_equal(peek(b, QUADSPI_CR), 0);
    poke(b, QUADSPI_PIR, 0x456);
    assert_int_equal(report_count(b->report, "qspi.no-clock"), 1);
    poke(b, RCC_AHB3ENR, RCC_AHB3ENR_QSPIEN);
    assert_int_equal(peek(b, QUADSPI_PIR), 0x123);
}

static void reset_values(void **state)
{
    FX;
    static const uint32_t regs[] = {QUADSPI_CR,  QUADSPI_DCR,   QUADSPI_SR,    QUADSPI_FCR,
                                    QUADSPI_DLR, QUADSPI_CCR,   QUADSPI_AR,    QUADSPI_ABR,
                                    QUADSPI_DR,  QUADSPI_PSMKR, QUADSPI_PSMAR, QUADSPI_PIR,
                                    QUADSPI_LPTR};
    poke(b, QUADSPI_ABR, 0xAEF1510E);
    poke(b, QUADSPI_DLR, 77);
    poke(b, QUADSPI_PSMKR, 5);
    poke(b, QUADSPI_LPTR, 0xABCD1234); // 16 bits
    assert_int_equal(peek(b, QUADSPI_ABR), 0xAEF1510E);
    assert_int_equal(peek(b, QUADSPI_LPTR), 0x1234);
    poke(b, RCC_AHB3RSTR, RCC_AHB3RSTR_QSPIRST);
    assert_int_equal(peek(b, QUADSPI_ABR), 0); // held in reset
    poke(b, QUADSPI_ABR, 5);
    poke(b, RCC_AHB3RSTR, 0);
    for (unsigned i = 0; i < sizeof(regs) / sizeof(regs[0]); i++)
        assert_int_equal(peek(b, regs[i]), 0);
    poke(b, QUADSPI_ABR, 5);
    b->regs.reset(b->regs.ctx, RESET_SYSTEM);
    assert_int_equal(peek(b, QUADSPI_ABR), 0);
}

static void nothing_happens_disabled(void **state)
{
    FX;
    poke(b, QUADSPI_CR, 1u << QUADSPI_CR_PRESCALER_Pos);
    poke(b, QUADSPI_CCR, FMODE(M_READ) | LINES(L1, L0, L0, L1) | NOR_CMD_READ_JEDEC_ID);
    assert_int_equal(peek(b, QUADSPI_SR), 0);
    assert_int_equal(quadspi_commands(b->quadspi), 0);
}

// A command starts with the last information it needs (RM0399 24.3.5).
static void start_conditions(void **state)
{
    FX;
    // read with address: CCR alone starts nothing, AR does
    poke(b, QUADSPI_DLR, 3);
    poke(b, QUADSPI_CCR, FMODE(M_READ) | LINES(L1, L1, L0, L1) | ADDR24 | NOR_CMD_READ);
    assert_int_equal(quadspi_commands(b->quadspi), 0);
    assert_int_equal(peek(b, QUADSPI_SR) & QUADSPI_SR_BUSY, 0);
    poke(b, QUADSPI_AR, 0x100);
    assert_int_equal(quadspi_commands(b->quadspi), 1);
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_BUSY);
    peek(b, QUADSPI_DR);
    wait_idle(b);
    // write with address and data: only DR starts it
    command(b, NOR_CMD_WRITE_ENABLE);
    poke(b, QUADSPI_DLR, 0);
    poke(b, QUADSPI_CCR, FMODE(M_WRITE) | LINES(L1, L1, L0, L1) | ADDR24 | NOR_CMD_PAGE_PROGRAM);
    poke(b, QUADSPI_AR, 0x100);
    assert_int_equal(quadspi_commands(b->quadspi), 2);
    poke8(b, QUADSPI_DR, 0x5A);
    assert_int_equal(quadspi_commands(b->quadspi), 3);
    wait_idle(b);
    b->clock.now += 5 * VT_MS;
    assert_int_equal(nor_array(b->nor[0])[0x100], 0x5A);
    // address without data: AR
    command(b, NOR_CMD_WRITE_ENABLE);
    poke(b, QUADSPI_CCR, LINES(L1, L1, L0, L0) | ADDR24 | NOR_CMD_ERASE_4K);
    assert_int_equal(quadspi_commands(b->quadspi), 4);
    poke(b, QUADSPI_AR, 0);
    assert_int_equal(quadspi_commands(b->quadspi), 5);
    wait_idle(b);
    b->clock.now += 500 * VT_MS;
    assert_int_equal(nor_counters(b->nor[0])->opcode[NOR_CMD_ERASE_4K], 1);
    start_read(b, 0x100, 1);
    assert_int_equal(peek8(b, QUADSPI_DR), 0xFF);
    // a byte write to CCR that leaves INSTRUCTION alone starts nothing
    wait_idle(b);
    uint64_t before = quadspi_commands(b->quadspi);
    poke(b, QUADSPI_CCR, FMODE(M_WRITE) | LINES(L1, L1, L0, L1) | ADDR24 | NOR_CMD_READ_SR1);
    poke8(b, QUADSPI_CCR + 1, L1);
    assert_int_equal(quadspi_commands(b->quadspi), before);
    poke8(b, QUADSPI_CCR + 3, M_READ << 2 | L1);
    assert_int_equal(quadspi_commands(b->quadspi), before);
    poke8(b, QUADSPI_CCR, NOR_CMD_READ_SR1);
    assert_int_equal(quadspi_commands(b->quadspi), before + 1);
}

static void dr_widths_and_level(void **state)
{
    FX;
    fill_array(b, 0);
    const uint8_t *mem = nor_array(b->nor[0]);
    uint32_t half;
    start_read(b, 0x1234, 7);
    b->clock.now += VT_MS;
    assert_int_equal(flevel(b), 7);
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_BUSY); // until the FIFO is empty
    uint32_t word = peek(b, QUADSPI_DR);
    assert_memory_equal(&word, mem + 0x1234, 4);
    assert_int_equal(flevel(b), 3);
    assert_int_equal(bench_read(b, QUADSPI_DR, 2, &half), BUS_OK);
    assert_memory_equal(&half, mem + 0x1238, 2);
    // the last byte by a word access: padded, no stall
    assert_int_equal(peek(b, QUADSPI_DR), mem[0x123A]);
    b->clock.now += VT_US;
    assert_int_equal(peek(b, QUADSPI_SR) & (QUADSPI_SR_BUSY | QUADSPI_SR_TCF), QUADSPI_SR_TCF);
    assert_int_equal(peek(b, QUADSPI_DR), 0); // nothing left, no stall
    assert_int_equal(report_count(b->report, "qspi.dr-read"), 1);
}

static void fifo_full_stops_clock(void **state)
{
    FX;
    fill_array(b, 0);
    uint8_t data[256];
    start_read(b, 0, 256);
    b->clock.now += VT_MS;
    assert_int_equal(flevel(b), 32);
    assert_int_equal(peek(b, QUADSPI_SR) & QUADSPI_SR_TCF, 0);
    assert_int_equal(b->regs.next_event(b->regs.ctx), VT_NEVER);
    // three bytes of room are not enough, four are
    read_data(b, data, 3);
    b->clock.now += VT_MS;
    assert_int_equal(flevel(b), 29);
    read_data(b, data + 3, 1);
    b->clock.now += VT_MS;
    assert_int_equal(flevel(b), 32);
    read_data(b, data + 4, 252);
    assert_memory_equal(data, nor_array(b->nor[0]), 256);
    wait_idle(b);
    assert_int_equal(quadspi_commands(b->quadspi), 1);
}

// Byte by byte at the SCK rate: 32 cycles of command and address, then 8 cycles a byte.
static void bytes_arrive_in_time(void **state)
{
    FX;
    const vt_t p = 31250;
    start_read(b, 0, 4);
    vt_t start = b->clock.now - 20 * VT_NS;
    b->clock.now = start + p / 2 + 40 * p - 1 - 20 * VT_NS;
    assert_int_equal(flevel(b), 0);
    assert_true(b->clock.now < start + p / 2 + 40 * p);
    assert_int_equal(b->regs.next_event(b->regs.ctx), start + p / 2 + 40 * p);
    b->clock.now = start + p / 2 + 40 * p;
    assert_int_equal(flevel(b), 1);
    // a read of the missing three stalls until they are there
    uint32_t v;
    assert_int_equal(bench_read(b, QUADSPI_DR, 4, &v), BUS_OK);
    assert_int_equal(b->clock.now, start + p / 2 + 64 * p);
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_BUSY); // NCS has not risen yet
    b->clock.now = start + 68 * p + 1;                  // half a cycle, then CSHT + 1 = 3
    assert_int_equal(peek(b, QUADSPI_SR) & QUADSPI_SR_BUSY, 0);
}

static void threshold(void **state)
{
    FX;
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | 7u << QUADSPI_CR_FTHRES_Pos);
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_FTF); // write mode: room for eight
    start_read(b, 0, 10);
    const vt_t p = 31250, start = b->clock.now - 20 * VT_NS;
    b->clock.now = start + (32 + 7 * 8 + 2) * p;
    assert_int_equal(peek(b, QUADSPI_SR) & QUADSPI_SR_FTF, 0);
    b->clock.now = start + (32 + 8 * 8 + 2) * p;
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_FTF);
    b->clock.now += VT_MS;
    peek(b, QUADSPI_DR);
    peek(b, QUADSPI_DR); // two left, below the threshold, but the transfer is over
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_FTF);
    peek8(b, QUADSPI_DR);
    peek8(b, QUADSPI_DR);
    assert_int_equal(peek(b, QUADSPI_SR) & QUADSPI_SR_FTF, 0);
}

static void page_program(void **state)
{
    FX;
    command(b, NOR_CMD_WRITE_ENABLE);
    poke(b, QUADSPI_DLR, 255);
    poke(b, QUADSPI_CCR, LINES(L1, L1, L0, L1) | ADDR24 | NOR_CMD_PAGE_PROGRAM);
    poke(b, QUADSPI_AR, 0x4000);
    vt_t before = b->clock.now;
    for (uint32_t i = 0; i < 256; i += 4) // stalls the bus when the FIFO is full
        poke(b, QUADSPI_DR, 0x03020100 + 0x04040404 * (i / 4));
    assert_in_range(b->clock.now - before, 220 * 8 * 31250, 260 * 8 * 31250);
    wait_idle(b);
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_TCF);
    b->clock.now += 5 * VT_MS;
    nor_status(b->nor[0], 1);
    for (unsigned i = 0; i < 256; i++)
        assert_int_equal(nor_array(b->nor[0])[0x4000 + i], i);
}

static void write_stalls_without_data(void **state)
{
    FX;
    command(b, NOR_CMD_WRITE_ENABLE);
    poke(b, QUADSPI_DLR, 7);
    poke(b, QUADSPI_CCR, LINES(L1, L1, L0, L1) | ADDR24 | NOR_CMD_PAGE_PROGRAM);
    poke(b, QUADSPI_AR, 0);
    poke(b, QUADSPI_DR, 0x44332211);
    b->clock.now += VT_MS;
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_BUSY);
    assert_true(nets_selected(b->nets, 0));
    assert_int_equal(peek(b, QUADSPI_SR) & QUADSPI_SR_TCF, QUADSPI_SR_TCF); // of the 06h
    poke(b, QUADSPI_FCR, QUADSPI_FCR_CTCF);
    poke(b, QUADSPI_DR, 0x88776655);
    wait_idle(b);
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_TCF);
    b->clock.now += 5 * VT_MS;
    nor_status(b->nor[0], 1);
    static const uint8_t want[] = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0xFF};
    assert_memory_equal(nor_array(b->nor[0]), want, 9);
}

static void extra_bytes_are_flushed(void **state)
{
    FX;
    command(b, NOR_CMD_WRITE_ENABLE);
    poke(b, QUADSPI_DLR, 0);
    poke(b, QUADSPI_CCR, LINES(L1, L1, L0, L1) | ADDR24 | NOR_CMD_PAGE_PROGRAM);
    poke(b, QUADSPI_AR, 0);
    poke(b, QUADSPI_DR, 0x44332211);
    wait_idle(b);
    assert_int_equal(flevel(b), 0);
    b->clock.now += 5 * VT_MS;
    nor_status(b->nor[0], 1);
    assert_int_equal(nor_array(b->nor[0])[0], 0x11);
    assert_int_equal(nor_array(b->nor[0])[1], 0xFF);
}

static void busy_protects_registers(void **state)
{
    FX;
    start_read(b, 0, 256);
    uint32_t ccr = peek(b, QUADSPI_CCR), cr = peek(b, QUADSPI_CR);
    poke(b, QUADSPI_CCR, FMODE(M_MAPPED) | LINES(L1, L1, L0, L1) | ADDR24 | NOR_CMD_READ);
    assert_int_equal(peek(b, QUADSPI_CCR), ccr);
    assert_int_equal(report_count(b->report, "qspi.ccr-while-busy"), 1);
    poke(b, QUADSPI_AR, 0x1000);
    assert_int_equal(peek(b, QUADSPI_AR), 0);
    assert_int_equal(report_count(b->report, "qspi.ar-while-busy"), 1);
    static const uint32_t regs[] = {QUADSPI_DCR,   QUADSPI_DLR, QUADSPI_ABR, QUADSPI_PSMKR,
                                    QUADSPI_PSMAR, QUADSPI_PIR, QUADSPI_LPTR};
    for (unsigned i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
        uint32_t old = peek(b, regs[i]);
        poke(b, regs[i], 0x5);
        assert_int_equal(peek(b, regs[i]), old);
    }
    assert_int_equal(report_count(b->report, "qspi.write-while-busy"), 7);
    // CR: these bits are frozen, FTHRES and the interrupt enables are not
    poke(b, QUADSPI_CR,
         cr ^ (QUADSPI_CR_PRESCALER_Msk | QUADSPI_CR_PMM | QUADSPI_CR_APMS | QUADSPI_CR_TCEN |
               QUADSPI_CR_SSHIFT | QUADSPI_CR_DFM | QUADSPI_CR_FSEL | QUADSPI_CR_FTHRES_Msk |
               QUADSPI_CR_TEIE));
    assert_int_equal(peek(b, QUADSPI_CR), cr ^ (QUADSPI_CR_FTHRES_Msk | QUADSPI_CR_TEIE));
}

static void abort_stops_a_read(void **state)
{
    FX;
    start_read(b, 0, 256);
    b->clock.now += VT_MS;
    assert_true(nets_selected(b->nets, 0));
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_ABORT);
    assert_true(peek(b, QUADSPI_CR) & QUADSPI_CR_ABORT); // takes a moment
    assert_int_equal(flevel(b), 0);
    wait_idle(b);
    assert_int_equal(peek(b, QUADSPI_CR) & QUADSPI_CR_ABORT, 0);
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_TCF);
    assert_false(nets_selected(b->nets, 0));
    assert_int_equal(peek(b, QUADSPI_CCR) >> QUADSPI_CCR_FMODE_Pos & 3, M_READ); // stays
    assert_int_equal(read_jedec(b), 0xEF4017);
}

static void abort_when_idle(void **state)
{
    FX;
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_ABORT);
    assert_int_equal(peek(b, QUADSPI_CR) & QUADSPI_CR_ABORT, 0);
    assert_int_equal(peek(b, QUADSPI_SR) & (QUADSPI_SR_TCF | QUADSPI_SR_BUSY), 0);
}

// An erase cut within its last address byte must not be carried out.
static void abort_cuts_a_byte(void **state)
{
    FX;
    command(b, NOR_CMD_WRITE_ENABLE);
    poke(b, QUADSPI_CCR, LINES(L1, L1, L0, L0) | ADDR24 | NOR_CMD_ERASE_4K);
    poke(b, QUADSPI_AR, 0);
    b->clock.now += 28 * 31250 - 20 * VT_NS;
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_ABORT);
    wait_idle(b);
    assert_int_equal(nor_status(b->nor[0], 1) & NOR_SR1_WIP, 0);
    assert_int_equal(nor_status(b->nor[0], 1) & NOR_SR1_WEL, NOR_SR1_WEL);
}

static void disabling_stops_at_once(void **state)
{
    FX;
    start_read(b, 0, 256);
    b->clock.now += VT_MS;
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) & ~QUADSPI_CR_EN);
    assert_int_equal(peek(b, QUADSPI_SR), 0);
    assert_false(nets_selected(b->nets, 0));
}

static void address_errors(void **state)
{
    FX;
    poke(b, QUADSPI_DCR, 22u << QUADSPI_DCR_FSIZE_Pos);
    start_read(b, 0x800000, 1);
    assert_int_equal(peek(b, QUADSPI_SR) & (QUADSPI_SR_TEF | QUADSPI_SR_BUSY), QUADSPI_SR_TEF);
    poke(b, QUADSPI_FCR, QUADSPI_FCR_CTEF);
    assert_int_equal(peek(b, QUADSPI_SR) & QUADSPI_SR_TEF, 0);
    start_read(b, 0x7FFFF0, 17); // AR + DLR beyond the end
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_TEF);
    poke(b, QUADSPI_FCR, QUADSPI_FCR_CTEF);
    start_read(b, 0x7FFFF0, 16);
    b->clock.now += VT_MS;
    assert_int_equal(flevel(b), 16);
    assert_int_equal(peek(b, QUADSPI_SR) & QUADSPI_SR_TEF, 0);
    assert_int_equal(report_count(b->report, "qspi.address-error"), 2);
}

static void undefined_length(void **state)
{
    FX;
    fill_array(b, 0);
    poke(b, QUADSPI_DCR, 22u << QUADSPI_DCR_FSIZE_Pos);
    poke(b, QUADSPI_FCR, QUADSPI_FCR_CTCF);
    poke(b, QUADSPI_DLR, 0xFFFFFFFF);
    poke(b, QUADSPI_CCR, FMODE(M_READ) | LINES(L1, L1, L0, L1) | ADDR24 | NOR_CMD_READ);
    poke(b, QUADSPI_AR, 0x7FFF80);
    uint8_t data[128];
    read_data(b, data, 128);
    assert_memory_equal(data, nor_array(b->nor[0]) + 0x7FFF80, 128);
    wait_idle(b);
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_TCF);
}

static void endless_with_4_gib(void **state)
{
    FX;
    poke(b, QUADSPI_DCR, 31u << QUADSPI_DCR_FSIZE_Pos);
    poke(b, QUADSPI_DLR, 0xFFFFFFFF);
    poke(b, QUADSPI_CCR, FMODE(M_READ) | LINES(L1, L0, L0, L1) | NOR_CMD_READ_SR1);
    uint8_t data[1000];
    read_data(b, data, sizeof(data));
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_BUSY);
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_ABORT);
    wait_idle(b);
}

static void no_kernel_clock(void **state)
{
    FX;
    poke(b, RCC_D1CCIPR, RCC_QSPISEL_PLL1Q << RCC_D1CCIPR_QSPISEL_Pos); // PLL1 is off
    assert_int_equal(rcc_quadspi_hz(b->rcc), 0);
    start_read(b, 0, 4);
    b->clock.now += VT_S;
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_BUSY);
    uint32_t v;
    assert_int_equal(bench_read(b, QUADSPI_DR, 4, &v), BUS_HANG);
    assert_int_equal(report_count(b->report, "qspi.dr-hang"), 1);
    poke(b, RCC_D1CCIPR, 0);
    peek(b, QUADSPI_DR);
    wait_idle(b);
}

// The clock gate freezes a transfer and lets it go on.
static void gated_transfer(void **state)
{
    FX;
    fill_array(b, 0);
    start_read(b, 0x40, 32);
    b->clock.now += 50 * 31250;
    poke(b, RCC_AHB3ENR, 0);
    b->clock.now += VT_MS;
    assert_int_equal(peek(b, QUADSPI_SR), 0);
    poke(b, RCC_AHB3ENR, RCC_AHB3ENR_QSPIEN);
    assert_in_range(flevel(b), 1, 3);
    uint8_t data[32];
    read_data(b, data, 32);
    assert_memory_equal(data, nor_array(b->nor[0]) + 0x40, 32);
}

static void dr_misuse(void **state)
{
    FX;
    poke(b, QUADSPI_CCR, FMODE(M_MAPPED) | LINES(L1, L1, L0, L1) | ADDR24 | NOR_CMD_READ);
    assert_int_equal(peek(b, QUADSPI_DR), 0); // memory-mapped mode: zero
    poke(b, QUADSPI_DR, 1);
    assert_int_equal(report_count(b->report, "qspi.dr-write"), 1);
    assert_int_equal(quadspi_commands(b->quadspi), 0);
    poke(b, QUADSPI_AR, 0x1000); // ignored in this mode, and legal
    assert_int_equal(peek(b, QUADSPI_AR), 0);
    assert_int_equal(report_count(b->report, "qspi.ar-while-busy"), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(jedec_id),
        T(unclocked),
        T(reset_values),
        T(nothing_happens_disabled),
        T(start_conditions),
        T(dr_widths_and_level),
        T(fifo_full_stops_clock),
        T(bytes_arrive_in_time),
        T(threshold),
        T(page_program),
        T(write_stalls_without_data),
        T(extra_bytes_are_flushed),
        T(busy_protects_registers),
        T(abort_stops_a_read),
        T(abort_when_idle),
        T(abort_cuts_a_byte),
        T(disabling_stops_at_once),
        T(address_errors),
        T(undefined_length),
        T(endless_with_4_gib),
        T(no_kernel_clock),
        T(gated_transfer),
        T(dr_misuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
