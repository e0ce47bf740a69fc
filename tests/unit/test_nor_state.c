// SPDX-License-Identifier: MIT
// The NOR chip's registers and states at its pins: status writes, power-down, reset, /HOLD, /RESET,
// presets for scenarios, files, and the four-byte addresses of 256 Mbit.
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "nor_bus.h"

static void expect_sr(struct bus *b, uint8_t sr1, uint8_t sr2, uint8_t sr3)
{
    assert_int_equal(bus_register(b, NOR_CMD_READ_SR1), sr1);
    assert_int_equal(bus_register(b, NOR_CMD_READ_SR2), sr2);
    assert_int_equal(bus_register(b, NOR_CMD_READ_SR3), sr3);
}

static void power_cycle(struct bus *b)
{
    nor_power(b->chip, false);
    bus_wait(b, VT_MS);
    nor_power(b->chip, true);
    bus_wait(b, 6 * VT_MS);
}

static void is_as_the_factory_ships_it(void **state)
{
    (void)state;
    static const struct {
        const char *part;
        uint8_t sr2;
    } rows[] = {{"W25Q64JV-IQ", 2}, {"W25Q64JV-IM", 0}, {"W25Q64FV", 0}, {"W25Q128JV-IQ", 2}};
    for (unsigned i = 0; i < 4; i++) {
        struct bus b;
        bus_open(&b, rows[i].part);
        expect_sr(&b, 0x00, rows[i].sr2, 0x60);
        uint8_t data[4];
        bus_read(&b, 0x12345, data, 4);
        assert_memory_equal(data, "\xFF\xFF\xFF\xFF", 4);
        bus_close(&b);
    }
}

static void repeats_a_register_while_clocked(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV");
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_READ_SR3);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(bus_receive(&b, 1), 0x60);
    bus_release(&b);
    bus_close(&b);
}

static void writes_registers_for_good(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV-IM");
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_SR1, 0xFF);
    expect_sr(&b, NOR_SR1_WIP | NOR_SR1_WEL, 0, 0x60); // new values come with the end
    bus_ready(&b);
    expect_sr(&b, 0xFC, 0, 0x60); // one byte leaves SR2 alone
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_SR3, 0xFF);
    bus_ready(&b);
    expect_sr(&b, 0xFC, 0, 0xE4);
    bus_command(&b, NOR_CMD_WRITE_ENABLE);
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_WRITE_SR1);
    bus_send(&b, 1, 0x20);
    bus_send(&b, 1, NOR_SR2_QE | NOR_SR2_CMP);
    bus_release(&b);
    bus_ready(&b);
    expect_sr(&b, 0x20, NOR_SR2_QE | NOR_SR2_CMP, 0xE4);
    power_cycle(&b);
    expect_sr(&b, 0x20, NOR_SR2_QE | NOR_SR2_CMP, 0xE4);
    assert_int_equal(nor_counters(b.chip)->status_writes, 3);
    bus_close(&b);
}

static void writes_registers_until_power_goes(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV-IM");
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE_VOLATILE_SR, NOR_CMD_WRITE_SR2, 0x3A); // and LB
    expect_sr(&b, 0, NOR_SR2_QE, 0x60); // at once, without WEL; LB is not volatile
    assert_int_equal(nor_counters(b.chip)->status_writes, 0);
    bus_command(&b, NOR_CMD_RESET_ENABLE);
    bus_command(&b, NOR_CMD_RESET);
    bus_wait(&b, 30 * VT_US);
    expect_sr(&b, 0, 0, 0x60);
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE_VOLATILE_SR, NOR_CMD_WRITE_SR1, 0x1C);
    expect_sr(&b, 0x1C, 0, 0x60);
    // A non-volatile write of one register does not store the volatile value of another.
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_SR2, NOR_SR2_QE);
    bus_ready(&b);
    power_cycle(&b);
    expect_sr(&b, 0, NOR_SR2_QE, 0x60);
    bus_command(&b, NOR_CMD_WRITE_ENABLE_VOLATILE_SR); // 50h counts for the next instruction only
    bus_register(&b, NOR_CMD_READ_SR1);
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_WRITE_SR1);
    bus_send(&b, 1, 0x1C);
    bus_release(&b);
    assert_false(b.trace.executed);
    expect_sr(&b, 0, NOR_SR2_QE, 0x60);
    bus_close(&b);
}

static void qe_of_the_iq_parts_stays_set(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV-IQ");
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_SR2, 0);
    bus_ready(&b);
    expect_sr(&b, 0, NOR_SR2_QE, 0x60);
    bus_close(&b);
    bus_open(&b, "W25Q64FV");
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_SR2, NOR_SR2_QE);
    bus_ready(&b);
    bus_command(&b, NOR_CMD_ENTER_QPI);
    bus_select(&b); // and in QPI that of any part
    bus_send(&b, 4, NOR_CMD_WRITE_ENABLE);
    bus_release(&b);
    bus_select(&b);
    bus_send(&b, 4, NOR_CMD_WRITE_SR2);
    bus_send(&b, 4, 0);
    bus_release(&b);
    assert_true(b.trace.executed);
    bus_wait(&b, 20 * VT_MS);
    assert_int_equal(nor_status(b.chip, 2), NOR_SR2_QE);
    bus_select(&b);
    bus_send(&b, 4, NOR_CMD_EXIT_QPI);
    bus_release(&b);
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_SR2, 0);
    bus_ready(&b);
    expect_sr(&b, 0, 0, 0x60);
    bus_close(&b);
}

static void in_power_down_only_abh_works(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV");
    bus_command(&b, NOR_CMD_POWER_DOWN);
    static const uint8_t ignored[] = {NOR_CMD_READ_SR1, NOR_CMD_READ_JEDEC_ID, NOR_CMD_RESET_ENABLE,
                                      NOR_CMD_RESET, NOR_CMD_READ};
    for (unsigned i = 0; i < sizeof(ignored); i++) {
        bus_select(&b);
        bus_send(&b, 1, ignored[i]);
        bus_dummy(&b, 40);
        bus_release(&b);
        assert_int_equal(b.driven, 0);
    }
    assert_int_equal(report_count(b.report, "nor.command-in-power-down"), sizeof(ignored));
    bus_command(&b, NOR_CMD_RELEASE_POWER_DOWN);
    bus_select(&b); // within tRES1
    bus_send(&b, 1, NOR_CMD_READ_SR2);
    bus_dummy(&b, 8);
    bus_release(&b);
    assert_int_equal(b.driven, 0);
    bus_wait(&b, 3 * VT_US);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR2), NOR_SR2_QE);
    bus_close(&b);
}

static void resets_by_66h_99h(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV");
    bus_command(&b, NOR_CMD_WRITE_ENABLE);
    bus_command(&b, NOR_CMD_RESET); // alone: nothing
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), NOR_SR1_WEL);
    bus_command(&b, NOR_CMD_RESET_ENABLE);
    bus_register(&b, NOR_CMD_READ_SR1); // takes the 66h back
    bus_command(&b, NOR_CMD_RESET);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), NOR_SR1_WEL);
    bus_command(&b, NOR_CMD_RESET_ENABLE);
    bus_command(&b, NOR_CMD_RESET);
    assert_true(b.trace.executed);
    bus_select(&b); // within tRST
    bus_send(&b, 1, NOR_CMD_READ_SR1);
    bus_dummy(&b, 8);
    bus_release(&b);
    assert_int_equal(b.driven, 0);
    bus_wait(&b, 30 * VT_US);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0);
    bus_close(&b);
}

static void a_reset_cuts_an_erase_short(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV");
    memset(nor_array(b.chip), 0x11, 0x2000);
    bus_erase(&b, NOR_CMD_ERASE_4K, 0);
    bus_wait(&b, 10 * VT_MS);
    bus_command(&b, NOR_CMD_RESET_ENABLE);
    bus_command(&b, NOR_CMD_RESET);
    bus_wait(&b, 30 * VT_US);
    expect_sr(&b, 0, NOR_SR2_QE, 0x60);
    unsigned blank = 0;
    for (unsigned i = 0; i < 4096; i++)
        blank += nor_array(b.chip)[i] == 0xFF;
    assert_in_range(blank, 1, 4095);
    assert_int_equal(nor_array(b.chip)[4096], 0x11);
    assert_int_equal(report_count(b.report, "nor.job-cut-short"), 1);
    bus_close(&b);
}

// FFh on one line ends a quad continuous read, FFFFh a dual one; not the longer alone, as the chip
// would drive IO0 from the 13th clock of a quad read on. Then FFh on four lines ends QPI.
static void recovers_from_any_mode(void **state)
{
    (void)state;
    static const enum nor_mode modes[] = {NOR_IN_SPI,
                                          NOR_IN_QPI,
                                          NOR_IN_CONTINUOUS_DUAL,
                                          NOR_IN_CONTINUOUS_QUAD,
                                          NOR_IN_QPI_CONTINUOUS_QUAD,
                                          NOR_IN_SUSPENDED_ERASE};
    for (unsigned m = 0; m < sizeof(modes) / sizeof(modes[0]); m++) {
        struct bus b;
        bus_open(&b, "W25Q64JV-IM");
        assert_true(nor_set_mode(b.chip, modes[m]));
        bus_command(&b, 0xFF);
        bus_select(&b);
        bus_send(&b, 1, 0xFF);
        bus_send(&b, 1, 0xFF);
        bus_release(&b);
        bus_select(&b);
        bus_send(&b, 4, 0xFF);
        bus_release(&b);
        bus_command(&b, NOR_CMD_RESET_ENABLE);
        bus_command(&b, NOR_CMD_RESET);
        assert_true(b.trace.executed);
        bus_wait(&b, 30 * VT_US);
        bus_select(&b);
        bus_send(&b, 1, NOR_CMD_READ_JEDEC_ID);
        assert_int_equal(bus_receive(&b, 1), 0xEF);
        bus_release(&b);
        bus_close(&b);
    }
}

static void presets_are_what_they_say(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV-IQ");
    assert_false(nor_set_mode(b.chip, NOR_IN_QPI)); // has none
    assert_true(nor_set_mode(b.chip, NOR_IN_POWER_DOWN));
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0xFF);
    bus_command(&b, NOR_CMD_RELEASE_POWER_DOWN);
    bus_wait(&b, 3 * VT_US);
    assert_true(nor_set_mode(b.chip, NOR_IN_ERASE));
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), NOR_SR1_WIP | NOR_SR1_WEL);
    bus_ready(&b);
    assert_true(nor_set_mode(b.chip, NOR_IN_SUSPENDED_ERASE));
    expect_sr(&b, 0, NOR_SR2_QE | NOR_SR2_SUS, 0x60);
    assert_true(nor_set_mode(b.chip, NOR_IN_CONTINUOUS_QUAD));
    bus_select(&b);
    bus_address(&b, 4, 0x10000);
    bus_send(&b, 4, 0xFF);
    bus_dummy(&b, 4);
    assert_int_equal(bus_receive(&b, 4), 0xFF);
    assert_int_equal(b.driven, 0xF);
    bus_release(&b);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0);
    bus_close(&b);
}

static void hold_pauses_the_chip(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV-IM");
    memcpy(nor_array(b.chip), "\xA5\xC3", 2);
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_READ);
    bus_address(&b, 1, 0);
    assert_int_equal(bus_receive(&b, 1), 0xA5);
    b.hold_mask = 0x8; // /HOLD low
    b.hold = 0;
    bus_cycle(&b, 1, 0, 0); // the chip still drives as it takes effect
    assert_int_equal(nor_drive(b.chip).mask, 0);
    b.driven = 0;
    for (unsigned i = 0; i < 20; i++)
        bus_cycle(&b, 1, 1, 1);
    assert_int_equal(b.driven, 0);
    b.hold = 0x8;
    nor_idle(b.chip, 0x8);
    assert_int_equal(bus_receive(&b, 1), 0xC3); // goes on where it was
    bus_release(&b);
    assert_int_equal(report_count(b.report, "nor.hold"), 1);
    // With the line low from the start nothing is heard.
    b.hold = 0;
    bus_command(&b, NOR_CMD_WRITE_ENABLE);
    b.hold = 0x8;
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0);
    nor_set_status(b.chip, 0, NOR_SR2_QE, 0x60); // QE: no such pin
    b.hold = 0;
    bus_command(&b, NOR_CMD_WRITE_ENABLE);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), NOR_SR1_WEL);
    bus_close(&b);
}

static void reset_pin_resets(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV-IM");
    nor_set_status(b.chip, 0, 0, 0x60 | NOR_SR3_HOLD_RST);
    bus_command(&b, NOR_CMD_WRITE_ENABLE);
    nor_idle(b.chip, 0x7);
    bus_wait(&b, VT_US / 2); // shorter than tRESET
    nor_idle(b.chip, 0xF);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), NOR_SR1_WEL);
    nor_idle(b.chip, 0x7);
    bus_wait(&b, VT_US);
    nor_idle(b.chip, 0xF);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0xFF); // tRST
    bus_wait(&b, 30 * VT_US);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0);
    b.hold_mask = 0x8; // held low while clocked
    b.hold = 0;
    bus_wait(&b, 2 * VT_US);
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(bus_register(&b, NOR_CMD_READ_SR3) != 0, 1);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR3), 0xFF);
    bus_close(&b);
}

static char dir[] = "/tmp/test-nor-XXXXXX";
static char path[64], nv_path[64];

static int make_dir(void **state)
{
    (void)state;
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof(path), "%s/chip.bin", dir);
    snprintf(nv_path, sizeof(nv_path), "%s/chip.bin.nv", dir);
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    unlink(path);
    unlink(nv_path);
    rmdir(dir);
    memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
    return 0;
}

static void keeps_contents_and_registers_in_files(void **state)
{
    (void)state;
    char err[200];
    struct bus b;
    bus_open(&b, "W25Q64JV-IM");
    assert_true(nor_attach_file(b.chip, path, err, sizeof(err)));
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 8 << 20);
    bus_program(&b, 0x123456, "hello", 5);
    bus_ready(&b);
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_SR2, NOR_SR2_QE | 0x08);
    bus_ready(&b);
    bus_command(&b, NOR_CMD_WRITE_ENABLE);
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_PROGRAM_SECURITY);
    bus_address(&b, 1, 0x3010);
    bus_send(&b, 1, 0x77);
    bus_release(&b);
    bus_ready(&b);
    // A second process sees all of it though the first never closed.
    struct bus c;
    bus_open(&c, "W25Q64JV-IM");
    assert_true(nor_attach_file(c.chip, path, err, sizeof(err)));
    uint8_t data[5];
    bus_read(&c, 0x123456, data, 5);
    assert_memory_equal(data, "hello", 5);
    expect_sr(&c, 0, NOR_SR2_QE | 0x08, 0x60);
    bus_select(&c);
    bus_send(&c, 1, NOR_CMD_READ_SECURITY);
    bus_address(&c, 1, 0x3010);
    bus_dummy(&c, 8);
    assert_int_equal(bus_receive(&c, 1), 0x77);
    bus_release(&c);
    bus_close(&c);
    bus_close(&b);
    bus_open(&b, "W25Q64FV"); // the registers are another part's
    assert_false(nor_attach_file(b.chip, path, err, sizeof(err)));
    assert_non_null(strstr(err, "W25Q64FV"));
    bus_close(&b);
    bus_open(&b, "W25Q32JV"); // and the size of a third's
    assert_false(nor_attach_file(b.chip, path, err, sizeof(err)));
    assert_non_null(strstr(err, "8388608"));
    bus_close(&b);
}

static void refuses_files_it_cannot_use(void **state)
{
    (void)state;
    char err[200];
    struct bus b;
    bus_open(&b, "W25Q16JV");
    assert_false(nor_attach_file(b.chip, "/nonexistent/chip.bin", err, sizeof(err)));
    assert_non_null(strstr(err, "/nonexistent/chip.bin"));
    FILE *f = fopen(nv_path, "w");
    assert_non_null(f);
    fputs("part W25Q16JV-IQ\nstatus 00 02\n", f);
    fclose(f);
    assert_false(nor_attach_file(b.chip, path, err, sizeof(err)));
    bus_close(&b);
}

static void reads_256_mbit_with_four_byte_addresses(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q256JV");
    uint8_t *cells = nor_array(b.chip);
    cells[0x0123456] = 0x03;
    cells[0x1123456] = 0x04;
    uint8_t v;
    bus_read(&b, 0x123456, &v, 1);
    assert_int_equal(v, 0x03);
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_EXT_ADDR, 1);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_EXT_ADDR), 1);
    bus_read(&b, 0x123456, &v, 1);
    assert_int_equal(v, 0x04);
    static const struct {
        uint8_t opcode, address_lines, mode, dummy, lines;
    } reads[] = {
        {NOR_CMD_READ_4B, 1, 0, 0, 1},           {NOR_CMD_FAST_READ_4B, 1, 0, 8, 1},
        {NOR_CMD_FAST_READ_DUAL_4B, 1, 0, 8, 2}, {NOR_CMD_FAST_READ_DUAL_IO_4B, 2, 1, 0, 2},
        {NOR_CMD_FAST_READ_QUAD_4B, 1, 0, 8, 4}, {NOR_CMD_FAST_READ_QUAD_IO_4B, 4, 1, 4, 4}};
    for (unsigned i = 0; i < 6; i++)
        for (unsigned high = 0; high < 2; high++) {
            bus_select(&b);
            bus_send(&b, 1, reads[i].opcode);
            bus_address4(&b, reads[i].address_lines, 0x123456 | high << 24);
            if (reads[i].mode)
                bus_send(&b, reads[i].address_lines, 0xFF);
            bus_dummy(&b, reads[i].dummy);
            assert_int_equal(bus_receive(&b, reads[i].lines), 3 + high);
            bus_release(&b);
        }
    bus_command(&b, NOR_CMD_ENTER_4BYTE);
    expect_sr(&b, 0, NOR_SR2_QE, 0x60 | NOR_SR3_ADS);
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_READ);
    bus_address4(&b, 1, 0x1123456);
    assert_int_equal(bus_receive(&b, 1), 0x04);
    bus_release(&b);
    bus_select(&b); // SFDP keeps three bytes
    bus_send(&b, 1, NOR_CMD_READ_SFDP);
    bus_address(&b, 1, 0);
    bus_dummy(&b, 8);
    assert_int_equal(bus_receive(&b, 1), 'S');
    bus_release(&b);
    bus_command(&b, NOR_CMD_EXIT_4BYTE);
    expect_sr(&b, 0, NOR_SR2_QE, 0x60);
    bus_close(&b);
}

static void writes_256_mbit_with_four_byte_addresses(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q256JV");
    bus_command(&b, NOR_CMD_WRITE_ENABLE);
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_PAGE_PROGRAM_4B);
    bus_address4(&b, 1, 0x1FFFF00);
    bus_send(&b, 1, 0x31);
    bus_release(&b);
    bus_ready(&b);
    assert_int_equal(nor_array(b.chip)[0x1FFFF00], 0x31);
    bus_command(&b, NOR_CMD_WRITE_ENABLE);
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_PAGE_PROGRAM_QUAD_4B);
    bus_address4(&b, 1, 0x1FFFF01);
    bus_send(&b, 4, 0x32);
    bus_release(&b);
    bus_ready(&b);
    assert_int_equal(nor_array(b.chip)[0x1FFFF01], 0x32);
    bus_command(&b, NOR_CMD_WRITE_ENABLE);
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_ERASE_64K_4B);
    bus_address4(&b, 1, 0x1FF0000);
    bus_release(&b);
    bus_ready(&b);
    assert_int_equal(nor_array(b.chip)[0x1FFFF00], 0xFF);
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_SR3, 0x60 | NOR_SR3_ADP);
    bus_ready(&b);
    expect_sr(&b, 0, NOR_SR2_QE, 0x60 | NOR_SR3_ADP);
    power_cycle(&b);
    expect_sr(&b, 0, NOR_SR2_QE, 0x60 | NOR_SR3_ADP | NOR_SR3_ADS);
    bus_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_as_the_factory_ships_it),
        cmocka_unit_test(repeats_a_register_while_clocked),
        cmocka_unit_test(writes_registers_for_good),
        cmocka_unit_test(writes_registers_until_power_goes),
        cmocka_unit_test(qe_of_the_iq_parts_stays_set),
        cmocka_unit_test(in_power_down_only_abh_works),
        cmocka_unit_test(resets_by_66h_99h),
        cmocka_unit_test(a_reset_cuts_an_erase_short),
        cmocka_unit_test(recovers_from_any_mode),
        cmocka_unit_test(presets_are_what_they_say),
        cmocka_unit_test(hold_pauses_the_chip),
        cmocka_unit_test(reset_pin_resets),
        cmocka_unit_test_setup_teardown(keeps_contents_and_registers_in_files, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(refuses_files_it_cannot_use, make_dir, remove_dir),
        cmocka_unit_test(reads_256_mbit_with_four_byte_addresses),
        cmocka_unit_test(writes_256_mbit_with_four_byte_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
