// SPDX-License-Identifier: MIT
// The NOR chip's registers and states at its pins: status writes, power-down, reset, /HOLD, /RESET
// and the presets for scenarios.
#include "nor_bus.h"

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
        bus_expect_sr(&b, 0x00, rows[i].sr2, 0x60);
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
    bus_expect_sr(&b, NOR_SR1_WIP | NOR_SR1_WEL, 0, 0x60); // new values come with the end
    bus_ready(&b);
    bus_expect_sr(&b, 0xFC, 0, 0x60); // one byte leaves SR2 alone
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_SR3, 0xFF);
    bus_ready(&b);
    bus_expect_sr(&b, 0xFC, 0, 0xE4);
    bus_command(&b, NOR_CMD_WRITE_ENABLE);
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_WRITE_SR1);
    bus_send(&b, 1, 0x20);
    bus_send(&b, 1, NOR_SR2_QE | NOR_SR2_CMP);
    bus_release(&b);
    bus_ready(&b);
    bus_expect_sr(&b, 0x20, NOR_SR2_QE | NOR_SR2_CMP, 0xE4);
    bus_power_cycle(&b);
    bus_expect_sr(&b, 0x20, NOR_SR2_QE | NOR_SR2_CMP, 0xE4);
    assert_int_equal(nor_counters(b.chip)->status_writes, 3);
    bus_close(&b);
}

static void writes_registers_until_power_goes(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV-IM");
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE_VOLATILE_SR, NOR_CMD_WRITE_SR2, 0x3A); // and LB
    bus_expect_sr(&b, 0, NOR_SR2_QE, 0x60); // at once, without WEL; LB is not volatile
    assert_int_equal(nor_counters(b.chip)->status_writes, 0);
    bus_command(&b, NOR_CMD_RESET_ENABLE);
    bus_command(&b, NOR_CMD_RESET);
    bus_wait(&b, 30 * VT_US);
    bus_expect_sr(&b, 0, 0, 0x60);
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE_VOLATILE_SR, NOR_CMD_WRITE_SR1, 0x1C);
    bus_expect_sr(&b, 0x1C, 0, 0x60);
    // A non-volatile write of one register does not store the volatile value of another.
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_SR2, NOR_SR2_QE);
    bus_ready(&b);
    bus_power_cycle(&b);
    bus_expect_sr(&b, 0, NOR_SR2_QE, 0x60);
    bus_command(&b, NOR_CMD_WRITE_ENABLE_VOLATILE_SR); // 50h counts for the next instruction only
    bus_register(&b, NOR_CMD_READ_SR1);
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_WRITE_SR1);
    bus_send(&b, 1, 0x1C);
    bus_release(&b);
    assert_false(b.trace.executed);
    bus_expect_sr(&b, 0, NOR_SR2_QE, 0x60);
    bus_close(&b);
}

static void qe_of_the_iq_parts_stays_set(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV-IQ");
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_SR2, 0);
    bus_ready(&b);
    bus_expect_sr(&b, 0, NOR_SR2_QE, 0x60);
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
    bus_expect_sr(&b, 0, 0, 0x60);
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
    bus_expect_sr(&b, 0, NOR_SR2_QE, 0x60);
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
    bus_expect_sr(&b, 0, NOR_SR2_QE | NOR_SR2_SUS, 0x60);
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
