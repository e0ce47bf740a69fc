// SPDX-License-Identifier: MIT
// QUADSPI interrupts and automatic polling mode.
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

static void interrupts(void **state)
{
    FX;
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_TCIE);
    assert_false(b->irq);
    assert_int_equal(b->regs.next_irq(b->regs.ctx), VT_NEVER);
    poke(b, QUADSPI_CCR, LINES(L1, L0, L0, L0) | NOR_CMD_WRITE_ENABLE);
    assert_false(b->irq);
    for (unsigned i = 0; i < 100 && !b->irq; i++) {
        vt_t next = b->regs.next_irq(b->regs.ctx);
        assert_int_not_equal(next, VT_NEVER);
        b->clock.now = next;
        b->regs.sync(b->regs.ctx);
    }
    assert_true(b->irq);
    poke(b, QUADSPI_FCR, QUADSPI_FCR_CTCF);
    assert_false(b->irq);
    poke(b, QUADSPI_CR, (peek(b, QUADSPI_CR) & ~QUADSPI_CR_TCIE) | QUADSPI_CR_FTIE);
    assert_true(b->irq); // write mode, FIFO empty
}

static void start_polling(struct bench *b, uint32_t mask, uint32_t match, uint32_t dlr)
{
    wait_idle(b);
    poke(b, QUADSPI_DLR, dlr);
    poke(b, QUADSPI_PSMKR, mask);
    poke(b, QUADSPI_PSMAR, match);
    poke(b, QUADSPI_PIR, 0x100);
    poke(b, QUADSPI_CCR, FMODE(M_POLL) | LINES(L1, L0, L0, L1) | NOR_CMD_READ_SR1);
}

static void polling_waits_for_erase(void **state)
{
    FX;
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_APMS | QUADSPI_CR_SMIE);
    command(b, NOR_CMD_WRITE_ENABLE);
    poke(b, QUADSPI_CCR, LINES(L1, L1, L0, L0) | ADDR24 | NOR_CMD_ERASE_4K);
    poke(b, QUADSPI_AR, 0);
    vt_t start = b->clock.now;
    start_polling(b, NOR_SR1_WIP, 0, 0);
    b->clock.now += VT_MS;
    uint32_t sr = peek(b, QUADSPI_SR);
    assert_int_equal(sr & (QUADSPI_SR_BUSY | QUADSPI_SR_SMF | QUADSPI_SR_FLEVEL_Msk),
                     QUADSPI_SR_BUSY);
    assert_true(sr & QUADSPI_SR_FTF);
    assert_int_equal(peek8(b, QUADSPI_DR) & NOR_SR1_WIP, NOR_SR1_WIP);
    assert_int_equal(peek(b, QUADSPI_SR) & QUADSPI_SR_FTF, 0);
    while (!b->irq) {
        vt_t next = b->regs.next_irq(b->regs.ctx);
        assert_int_not_equal(next, VT_NEVER);
        b->clock.now = next;
        b->regs.sync(b->regs.ctx);
    }
    assert_in_range(b->clock.now - start, 44 * VT_MS, 46 * VT_MS);
    wait_idle(b);
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_SMF);
    assert_int_equal(peek8(b, QUADSPI_DR), 0);
    uint64_t commands = quadspi_commands(b->quadspi);
    b->clock.now += VT_MS;
    peek(b, QUADSPI_SR);
    assert_int_equal(quadspi_commands(b->quadspi), commands); // it has stopped
}

static void polling_goes_on_without_apms(void **state)
{
    FX;
    start_polling(b, 0xFF, 0, 0);
    b->clock.now += VT_MS;
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_SMF);
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_BUSY);
    // 16 cycles, half a cycle at each end, 3 of NCS high, 256 between: 276 cycles of 31.25 ns
    assert_in_range(quadspi_commands(b->quadspi), 115, 117);
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_ABORT);
    wait_idle(b);
    uint64_t commands = quadspi_commands(b->quadspi);
    b->clock.now += VT_MS;
    peek(b, QUADSPI_SR);
    assert_int_equal(quadspi_commands(b->quadspi), commands);
}

static void polling_match_modes(void **state)
{
    FX;
    command(b, NOR_CMD_WRITE_ENABLE); // SR1 = 02h
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_APMS);
    start_polling(b, 0x03, 0x03, 0); // AND: WEL matches, WIP does not
    b->clock.now += VT_MS;
    assert_int_equal(peek(b, QUADSPI_SR) & QUADSPI_SR_SMF, 0);
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_ABORT);
    wait_idle(b);
    poke(b, QUADSPI_CR, peek(b, QUADSPI_CR) | QUADSPI_CR_PMM);
    start_polling(b, 0x03, 0x03, 0); // OR
    wait_idle(b);
    assert_true(peek(b, QUADSPI_SR) & QUADSPI_SR_SMF);
    poke(b, QUADSPI_FCR, QUADSPI_FCR_CSMF);
    assert_int_equal(peek(b, QUADSPI_SR) & QUADSPI_SR_SMF, 0);
    start_polling(b, 0x02020202, 0x02020202, 15); // four bytes at most
    wait_idle(b);
    assert_int_equal(peek(b, QUADSPI_DR), 0x02020202);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(interrupts),
        T(polling_waits_for_erase),
        T(polling_goes_on_without_apms),
        T(polling_match_modes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
