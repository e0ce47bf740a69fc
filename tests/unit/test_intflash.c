// SPDX-License-Identifier: MIT
// The internal flash: keys, programming, erase, errors, option bytes, the file behind it.
#include "periph_bench.h"
#include <sys/stat.h>

#define BANK2(reg) ((reg) + FLASH_BANK2_OFFSET)

static void unlock(struct bench *b, uint32_t bank_offset)
{
    wr(b, FLASH_KEYR + bank_offset, FLASH_KEY1);
    wr(b, FLASH_KEYR + bank_offset, FLASH_KEY2);
    assert_int_equal(rd(b, FLASH_CR + bank_offset) & FLASH_CR_LOCK, 0);
}

static void write_word(struct bench *b, uint32_t addr, const uint32_t word[8])
{
    for (unsigned i = 0; i < 8; i++)
        wr(b, addr + 4 * i, word[i]);
}

static void wait_qw(struct bench *b)
{
    unsigned polls = 0;
    while (rd(b, FLASH_SR) & FLASH_SR_QW) {
        wait(b, 10 * VT_US);
        assert_true(++polls < 1000000);
    }
}

static const uint32_t pattern[8] = {0x11111111, 0x22222222, 0x33333333, 0x44444444,
                                    0x55555555, 0x66666666, 0x77777777, 0x88888888};

static void test_reset_state(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    assert_int_equal(rd(b, FLASH_ACR), 0x37);
    assert_int_equal(rd(b, FLASH_CR), 0x31);
    assert_int_equal(rd(b, BANK2(FLASH_CR)), 0x31);
    assert_int_equal(rd(b, FLASH_SR), 0);
    assert_int_equal(rd(b, FLASH_OPTCR), 1);
    assert_int_equal(rd(b, FLASH_OPTSR_CUR) >> 8 & 0xFF, 0xAA);
    assert_int_equal(rd(b, FLASH_WPSN_CUR), 0xFF);
    assert_int_equal(rd(b, BANK2(FLASH_BOOT_CUR)), 0x1FF00800); // shared, through the alias
    assert_int_equal(rd(b, 0x08000000), 0xFFFFFFFF);
    assert_int_equal(rd(b, 0x081FFFFC), 0xFFFFFFFF);
    bench_free(b);
}

static void test_system_memory(void **state)
{
    struct bench *b = bench_new_with(0, 0, 1024);
    uint32_t v;
    (void)state;
    assert_int_equal(bus_read(&b->bus, FLASHSIZE_BASE, 2, &v), BUS_OK);
    assert_int_equal(v, 1024);
    assert_int_not_equal(rd(b, UID_BASE), 0xFFFFFFFF);
    assert_int_equal(bus_write(&b->bus, UID_BASE, 4, 0), BUS_FAULT);
    bench_free(b);
}

static void test_keys(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, FLASH_CR, FLASH_CR_PG); // locked
    assert_int_equal(rd(b, FLASH_CR), 0x31);
    unlock(b, 0);
    assert_int_equal(rd(b, BANK2(FLASH_CR)) & FLASH_CR_LOCK, FLASH_CR_LOCK); // bank 1 only
    wr(b, FLASH_CR, FLASH_CR_LOCK);
    assert_int_equal(rd(b, FLASH_CR) & FLASH_CR_LOCK, FLASH_CR_LOCK);
    unlock(b, 0);
    // a key too many is a wrong sequence: bus error, locked until the reset
    assert_int_equal(bus_write(&b->bus, FLASH_KEYR, 4, FLASH_KEY1), BUS_FAULT);
    assert_int_equal(rd(b, FLASH_CR) & FLASH_CR_LOCK, FLASH_CR_LOCK);
    assert_int_equal(bus_write(&b->bus, FLASH_KEYR, 4, FLASH_KEY1), BUS_FAULT);
    bus_reset(&b->bus, RESET_SYSTEM);
    unlock(b, 0);
    assert_int_equal(bus_write(&b->bus, BANK2(FLASH_KEYR), 4, 0x12345678), BUS_FAULT);
    assert_int_equal(bus_write(&b->bus, BANK2(FLASH_KEYR), 4, FLASH_KEY1), BUS_FAULT);
    bench_free(b);
}

// The sequence of OpenOCD's stm32h7x driver and its loader.
static void test_program(void **state)
{
    struct bench *b = bench_new();
    struct bus_device regs = intflash_registers(periphs_flash(b->periphs));
    (void)state;
    unlock(b, 0);
    wr(b, FLASH_CR, FLASH_CR_PG | FLASH_CR_PSIZE_Msk);
    for (unsigned i = 0; i < 7; i++)
        wr(b, 0x08000040 + 4 * i, pattern[i]);
    assert_int_equal(rd(b, FLASH_SR), FLASH_SR_WBNE);
    assert_int_equal(rd(b, 0x08000040), 0xFFFFFFFF); // still in the buffer
    wr(b, 0x0800005C, pattern[7]);
    assert_int_equal(rd(b, FLASH_SR), FLASH_SR_BSY | FLASH_SR_QW);
    assert_int_equal(regs.next_event(regs.ctx), b->clock.now + 100 * VT_US);
    wait(b, 100 * VT_US);
    assert_int_equal(rd(b, FLASH_SR), FLASH_SR_EOP);
    wr(b, FLASH_CCR, FLASH_SR_EOP);
    assert_int_equal(rd(b, FLASH_SR), 0);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(rd(b, 0x08000040 + 4 * i), pattern[i]);
    assert_int_equal(rd(b, 0x08000060), 0xFFFFFFFF);
    assert_int_equal(report_count(b->report, NULL), 0);
    bench_free(b);
}

static void test_narrow_writes_fill_the_buffer(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    unlock(b, FLASH_BANK2_OFFSET);
    wr(b, BANK2(FLASH_CR), FLASH_CR_PG);
    for (uint32_t i = 0; i < 16; i++)
        assert_int_equal(bus_write(&b->bus, 0x08100000 + i, 1, i), BUS_OK);
    for (uint32_t i = 16; i < 32; i += 2)
        assert_int_equal(bus_write(&b->bus, 0x08100000 + i, 2, i), BUS_OK);
    assert_int_equal(rd(b, BANK2(FLASH_SR)), FLASH_SR_BSY | FLASH_SR_QW);
    wait(b, 289 * VT_US); // x8 parallelism is slow
    assert_int_equal(rd(b, BANK2(FLASH_SR)), FLASH_SR_BSY | FLASH_SR_QW);
    wait(b, VT_US);
    assert_int_equal(rd(b, BANK2(FLASH_SR)), FLASH_SR_EOP);
    assert_int_equal(rd(b, 0x08100004), 0x07060504);
    assert_int_equal(rd(b, 0x0810001C), 0x001E001C);
    bench_free(b);
}

static void test_force_write(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    unlock(b, 0);
    wr(b, FLASH_CR, FLASH_CR_PG | FLASH_CR_PSIZE_Msk);
    wr(b, 0x08000000, 0xCAFE0123);
    wr(b, FLASH_CR, FLASH_CR_PG | FLASH_CR_PSIZE_Msk | FLASH_CR_FW);
    assert_int_equal(rd(b, FLASH_CR) & FLASH_CR_FW, 0);
    wait_qw(b);
    assert_int_equal(rd(b, 0x08000000), 0xCAFE0123);
    assert_int_equal(rd(b, 0x08000004), 0xFFFFFFFF);
    bench_free(b);
}

static void test_second_word_waits(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    unlock(b, 0);
    wr(b, FLASH_CR, FLASH_CR_PG | FLASH_CR_PSIZE_Msk);
    write_word(b, 0x08000000, pattern);
    vt_t start = b->clock.now;
    write_word(b, 0x08000020, pattern); // the bus stalls until the first is done
    assert_int_equal(b->clock.now, start + 100 * VT_US);
    wait_qw(b);
    assert_int_equal(rd(b, 0x0800003C), pattern[7]);
    bench_free(b);
}

static void test_sequence_errors(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, 0x08000000, 0); // locked
    assert_int_equal(rd(b, FLASH_SR), FLASH_SR_PGSERR);
    unlock(b, 0);
    wr(b, FLASH_CCR, FLASH_SR_PGSERR);
    wr(b, 0x08000000, 0); // PG not set
    assert_int_equal(rd(b, FLASH_SR), FLASH_SR_PGSERR);
    wr(b, FLASH_CCR, FLASH_SR_PGSERR);
    wr(b, FLASH_CR, FLASH_CR_PG | FLASH_CR_SER);
    wr(b, 0x08000000, 0);
    assert_int_equal(rd(b, FLASH_SR), FLASH_SR_PGSERR);
    wr(b, FLASH_CCR, FLASH_SR_PGSERR);
    wr(b, FLASH_CR, FLASH_CR_START); // nothing to start
    assert_int_equal(rd(b, FLASH_SR), FLASH_SR_PGSERR);
    wr(b, FLASH_CCR, FLASH_SR_PGSERR);
    wr(b, FLASH_CR, FLASH_CR_PG);
    wr(b, 0x08000000, 0);
    wr(b, 0x08000000, 0); // the same bytes again
    assert_int_equal(rd(b, FLASH_SR), FLASH_SR_STRBERR | FLASH_SR_WBNE);
    wr(b, 0x08000020, 0); // another flash word
    assert_int_equal(rd(b, FLASH_SR), FLASH_SR_STRBERR | FLASH_SR_INCERR | FLASH_SR_WBNE);
    assert_int_equal(rd(b, 0x08000000), 0xFFFFFFFF);
    assert_int_equal(report_count(b->report, "intflash.inconsistent"), 1);
    bench_free(b);
}

static void test_program_twice_breaks_ecc(void **state)
{
    static const uint32_t zero[8] = {0};
    struct bench *b = bench_new();
    struct intflash *f = periphs_flash(b->periphs);
    uint32_t v;
    (void)state;
    unlock(b, 0);
    wr(b, FLASH_CR, FLASH_CR_PG | FLASH_CR_PSIZE_Msk);
    write_word(b, 0x08000000, pattern);
    wait_qw(b);
    write_word(b, 0x08000000, pattern); // the same again is harmless
    wait_qw(b);
    assert_int_equal(intflash_read(f, 0x08000000, 4, &v), BUS_OK);
    uint32_t other[8];
    memcpy(other, pattern, sizeof(other));
    other[0] = 0xFF0000FF;
    write_word(b, 0x08000000, other);
    wait_qw(b);
    assert_int_equal(report_count(b->report, "intflash.program-over"), 1);
    assert_int_equal(rd(b, 0x08000000), 0x11111111 & 0xFF0000FF); // only clears bits
    assert_int_equal(intflash_read(f, 0x08000004, 4, &v), BUS_FAULT);
    assert_int_equal(rd(b, FLASH_SR) & FLASH_SR_DBECCERR, FLASH_SR_DBECCERR);
    write_word(b, 0x08000000, zero); // clearing a word altogether is allowed
    wait_qw(b);
    assert_int_equal(intflash_read(f, 0x08000004, 4, &v), BUS_OK);
    assert_int_equal(v, 0);
    bench_free(b);
}

static void test_sector_erase(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    uint8_t *cells = intflash_bank(periphs_flash(b->periphs), 0);
    memset(cells, 0, intflash_bank_size(periphs_flash(b->periphs)));
    unlock(b, 0);
    wr(b, FLASH_CR, FLASH_CR_SER | FLASH_CR_PSIZE_Msk | 2u << FLASH_CR_SNB_Pos);
    wr(b, FLASH_CR, FLASH_CR_SER | FLASH_CR_PSIZE_Msk | 2u << FLASH_CR_SNB_Pos | FLASH_CR_START);
    assert_int_equal(rd(b, FLASH_CR) & FLASH_CR_START, 0);
    assert_int_equal(rd(b, FLASH_SR), FLASH_SR_BSY | FLASH_SR_QW);
    assert_int_equal(rd(b, BANK2(FLASH_SR)), 0);
    wait(b, 1000 * VT_MS - 1);
    assert_int_equal(rd(b, FLASH_SR), FLASH_SR_BSY | FLASH_SR_QW);
    wait(b, 1);
    assert_int_equal(rd(b, FLASH_SR), FLASH_SR_EOP);
    assert_int_equal(rd(b, 0x0803FFFC), 0);
    assert_int_equal(rd(b, 0x08040000), 0xFFFFFFFF);
    assert_int_equal(rd(b, 0x0805FFFC), 0xFFFFFFFF);
    assert_int_equal(rd(b, 0x08060000), 0);
    bench_free(b);
}

static void test_bank_erase_and_reads_stall(void **state)
{
    struct bench *b = bench_new();
    struct intflash *f = periphs_flash(b->periphs);
    uint32_t v;
    (void)state;
    unlock(b, FLASH_BANK2_OFFSET);
    memset(intflash_bank(f, 1), 0, intflash_bank_size(f));
    wr(b, BANK2(FLASH_CR), FLASH_CR_BER | FLASH_CR_PSIZE_Msk | FLASH_CR_START);
    vt_t start = b->clock.now;
    assert_int_equal(intflash_read(f, 0x08000000, 4, &v), BUS_OK); // bank 1 is free
    assert_int_equal(b->clock.now, start);
    assert_int_equal(intflash_busy_until(f, 0x08100000), start + 5 * VT_S);
    assert_int_equal(intflash_read(f, 0x08100000, 4, &v), BUS_OK); // bank 2 makes wait
    assert_int_equal(b->clock.now, start + 5 * VT_S);
    assert_int_equal(v, 0xFFFFFFFF);
    bench_free(b);
}

static void test_end_interrupt(void **state)
{
    struct bench *b = bench_new();
    struct bus_device regs = intflash_registers(periphs_flash(b->periphs));
    (void)state;
    unlock(b, 0);
    wr(b, FLASH_CR, FLASH_CR_PG | FLASH_CR_PSIZE_Msk | FLASH_SR_EOP);
    assert_int_equal(regs.next_irq(regs.ctx), VT_NEVER);
    write_word(b, 0x08000000, pattern);
    assert_int_equal(regs.next_irq(regs.ctx), b->clock.now + 100 * VT_US);
    assert_false(b->irq[4]);
    wait(b, 100 * VT_US);
    assert_true(b->irq[4]);
    wr(b, FLASH_CCR, FLASH_SR_EOP);
    assert_false(b->irq[4]);
    bench_free(b);
}

static void set_protection(struct bench *b, uint32_t wpsn)
{
    wr(b, FLASH_OPTKEYR, FLASH_OPTKEY1);
    wr(b, FLASH_OPTKEYR, FLASH_OPTKEY2);
    wr(b, FLASH_WPSN_PRG, wpsn);
    assert_int_equal(rd(b, FLASH_WPSN_PRG), wpsn);
    wr(b, FLASH_OPTCR, FLASH_OPTCR_OPTSTART);
    assert_int_equal(rd(b, FLASH_OPTSR_CUR) & 1, 1);
    wait(b, VT_S);
    assert_int_equal(rd(b, FLASH_OPTSR_CUR) & 1, 0);
    wr(b, FLASH_OPTCR, FLASH_OPTCR_OPTLOCK);
}

static void test_write_protection(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, FLASH_WPSN_PRG, 0); // locked
    assert_int_equal(rd(b, FLASH_WPSN_PRG), 0xFF);
    set_protection(b, 0xFD); // sector 1
    assert_int_equal(rd(b, FLASH_WPSN_CUR), 0xFD);
    assert_int_equal(rd(b, BANK2(FLASH_WPSN_CUR)), 0xFF);
    bus_reset(&b->bus, RESET_POWER); // option bytes stay
    assert_int_equal(rd(b, FLASH_WPSN_CUR), 0xFD);
    unlock(b, 0);
    wr(b, FLASH_CR, FLASH_CR_PG | FLASH_CR_PSIZE_Msk);
    wr(b, 0x08020000, 0);
    assert_int_equal(rd(b, FLASH_SR), FLASH_SR_WRPERR);
    wr(b, FLASH_CCR, FLASH_SR_WRPERR);
    wr(b, FLASH_CR, FLASH_CR_SER | 1u << FLASH_CR_SNB_Pos | FLASH_CR_START);
    assert_int_equal(rd(b, FLASH_SR), FLASH_SR_WRPERR);
    wr(b, FLASH_CCR, FLASH_SR_WRPERR);
    wr(b, FLASH_CR, FLASH_CR_BER | FLASH_CR_START);
    assert_int_equal(rd(b, FLASH_SR), FLASH_SR_WRPERR);
    wr(b, FLASH_CCR, FLASH_SR_WRPERR);
    wr(b, FLASH_CR, FLASH_CR_SER | FLASH_CR_START); // sector 0 is open
    assert_int_equal(rd(b, FLASH_SR), FLASH_SR_BSY | FLASH_SR_QW);
    bench_free(b);
}

static void test_wrong_option_key(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    assert_int_equal(bus_write(&b->bus, FLASH_OPTKEYR, 4, FLASH_KEY1), BUS_FAULT);
    assert_int_equal(bus_write(&b->bus, FLASH_OPTKEYR, 4, FLASH_OPTKEY1), BUS_FAULT);
    assert_int_equal(rd(b, FLASH_OPTCR), FLASH_OPTCR_OPTLOCK);
    bench_free(b);
}

static void test_reset_while_busy(void **state)
{
    struct bench *b = bench_new();
    struct intflash *f = periphs_flash(b->periphs);
    uint32_t v;
    (void)state;
    unlock(b, 0);
    wr(b, FLASH_CR, FLASH_CR_SER | FLASH_CR_PSIZE_Msk | FLASH_CR_START);
    wait(b, 10 * VT_MS);
    bus_reset(&b->bus, RESET_SYSTEM);
    assert_int_equal(report_count(b->report, "intflash.reset-while-busy"), 1);
    assert_int_equal(intflash_read(f, 0x08000000, 4, &v), BUS_FAULT);
    assert_int_equal(intflash_read(f, 0x08020000, 4, &v), BUS_OK);
    bench_free(b);
}

static void test_sizes(void **state)
{
    struct bench *b = bench_new_with(0, 0, 1024);
    uint32_t v;
    (void)state;
    assert_int_equal(bus_read(&b->bus, 0x0807FFFC, 4, &v), BUS_OK);
    assert_int_equal(bus_read(&b->bus, 0x08080000, 4, &v), BUS_FAULT);
    assert_int_equal(bus_read(&b->bus, 0x0817FFFC, 4, &v), BUS_OK);
    bench_free(b);
    b = bench_new_with(0, 0, 128);
    assert_int_equal(bus_read(&b->bus, 0x0801FFFC, 4, &v), BUS_OK);
    assert_int_equal(bus_read(&b->bus, 0x08100000, 4, &v), BUS_FAULT);
    assert_int_equal(rd(b, BANK2(FLASH_CR)), 0);
    assert_null(intflash_bank(periphs_flash(b->periphs), 1));
    unlock(b, 0);
    wr(b, FLASH_CR, FLASH_CR_SER | 1u << FLASH_CR_SNB_Pos | FLASH_CR_START);
    assert_int_equal(rd(b, FLASH_SR), 0);
    assert_int_equal(report_count(b->report, "intflash.no-such-sector"), 1);
    bench_free(b);
}

static uint32_t told_addr, told_size;
static void on_change(void *ctx, uint32_t addr, uint32_t size)
{
    (void)ctx;
    told_addr = addr;
    told_size = size;
}

static void test_change_is_told(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    intflash_on_change(periphs_flash(b->periphs), on_change, NULL);
    unlock(b, FLASH_BANK2_OFFSET);
    wr(b, BANK2(FLASH_CR), FLASH_CR_PG);
    write_word(b, 0x08100040, pattern);
    assert_int_equal(told_addr, 0x08100040);
    assert_int_equal(told_size, 32);
    wr(b, BANK2(FLASH_CR), FLASH_CR_SER | 3u << FLASH_CR_SNB_Pos | FLASH_CR_START);
    assert_int_equal(told_addr, 0x08160000);
    assert_int_equal(told_size, 0x20000);
    bench_free(b);
}

static void test_file(void **state)
{
    char path[] = "/tmp/intflash-XXXXXX", err[200];
    struct stat st;
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    struct bench *b = bench_new();
    struct intflash *f = periphs_flash(b->periphs);
    const uint8_t *cells = intflash_bank(f, 0);
    assert_true(intflash_attach_file(f, path, err, sizeof(err)));
    assert_ptr_equal(intflash_bank(f, 0), cells);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 2 * 1024 * 1024);
    assert_int_equal(rd(b, 0x081FFFFC), 0xFFFFFFFF);
    unlock(b, FLASH_BANK2_OFFSET);
    wr(b, BANK2(FLASH_CR), FLASH_CR_PG);
    write_word(b, 0x08100000, pattern);
    bench_free(b);

    b = bench_new();
    assert_true(intflash_attach_file(periphs_flash(b->periphs), path, err, sizeof(err)));
    assert_int_equal(rd(b, 0x0810001C), pattern[7]);
    assert_int_equal(rd(b, 0x08000000), 0xFFFFFFFF);
    bench_free(b);

    b = bench_new_with(0, 0, 1024); // another size: refused, the file stays
    assert_false(intflash_attach_file(periphs_flash(b->periphs), path, err, sizeof(err)));
    assert_non_null(strstr(err, "2097152"));
    assert_int_equal(rd(b, 0x08000000), 0xFFFFFFFF);
    assert_false(
        intflash_attach_file(periphs_flash(b->periphs), "/nonexistent/x", err, sizeof(err)));
    bench_free(b);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reset_state),
        cmocka_unit_test(test_system_memory),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_program),
        cmocka_unit_test(test_narrow_writes_fill_the_buffer),
        cmocka_unit_test(test_force_write),
        cmocka_unit_test(test_second_word_waits),
        cmocka_unit_test(test_sequence_errors),
        cmocka_unit_test(test_program_twice_breaks_ecc),
        cmocka_unit_test(test_sector_erase),
        cmocka_unit_test(test_bank_erase_and_reads_stall),
        cmocka_unit_test(test_end_interrupt),
        cmocka_unit_test(test_write_protection),
        cmocka_unit_test(test_wrong_option_key),
        cmocka_unit_test(test_reset_while_busy),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_change_is_told),
        cmocka_unit_test(test_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
