// SPDX-License-Identifier: MIT
// The NOR chip while it is busy, at its pins: what it ignores, suspend and resume, power cuts, and
// the defects a scenario can choose.
#include "nor_bus.h"

static void ignores_all_but_status_while_busy(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV-IM");
    nor_set_status(b.chip, 0, NOR_SR2_QE, 0x60);
    bus_erase(&b, NOR_CMD_ERASE_4K, 0);
    static const uint8_t ignored[] = {NOR_CMD_READ,
                                      NOR_CMD_READ_JEDEC_ID,
                                      NOR_CMD_WRITE_ENABLE,
                                      NOR_CMD_WRITE_DISABLE,
                                      NOR_CMD_READ_SFDP,
                                      NOR_CMD_PAGE_PROGRAM,
                                      NOR_CMD_POWER_DOWN,
                                      NOR_CMD_ENTER_QPI,
                                      NOR_CMD_FAST_READ_QUAD_IO,
                                      NOR_CMD_RELEASE_POWER_DOWN};
    for (unsigned i = 0; i < sizeof(ignored); i++) {
        bus_select(&b);
        bus_send(&b, 1, ignored[i]);
        bus_dummy(&b, 48);
        bus_release(&b);
        assert_int_equal(b.driven, 0);
    }
    assert_int_equal(report_count(b.report, "nor.command-while-busy"), sizeof(ignored));
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), NOR_SR1_WIP | NOR_SR1_WEL);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR2), NOR_SR2_QE);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR3), 0x60);
    bus_select(&b); // a status read under way sees the end
    bus_send(&b, 1, NOR_CMD_READ_SR1);
    assert_int_equal(bus_receive(&b, 1), NOR_SR1_WIP | NOR_SR1_WEL);
    bus_wait(&b, 50 * VT_MS);
    bus_receive(&b, 1);
    assert_int_equal(bus_receive(&b, 1), 0);
    bus_release(&b);
    bus_close(&b);
}

static void suspends_and_resumes_an_erase(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV");
    uint8_t *cells = nor_array(b.chip);
    memset(cells, 0x42, 0x20000);
    bus_erase(&b, NOR_CMD_ERASE_64K, 0);
    bus_wait(&b, 50 * VT_MS);
    bus_command(&b, NOR_CMD_SUSPEND);
    assert_true(bus_busy(&b)); // until tSUS
    bus_wait(&b, 20 * VT_US);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR2), NOR_SR2_QE | NOR_SR2_SUS);

    uint8_t data[64];
    bus_read(&b, 0x10000, data, 4); // elsewhere: valid
    assert_memory_equal(data, "\x42\x42\x42\x42", 4);
    assert_int_equal(report_count(b.report, NULL), 0);
    bus_read(&b, 0x100, data, 64); // inside: anything
    assert_int_equal(report_count(b.report, "nor.read-suspended"), 64);
    bus_erase(&b, NOR_CMD_ERASE_4K, 0x10000);
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_SR1, 0x1C);
    assert_int_equal(report_count(b.report, "nor.command-while-suspended"), 2);
    bus_program(&b, 0x200, "\x00", 1); // within the erase
    assert_int_equal(report_count(b.report, "nor.command-while-suspended"), 3);
    bus_program(&b, 0x10000, "\x02", 1); // elsewhere
    assert_true(b.trace.executed);
    bus_command(&b, NOR_CMD_SUSPEND); // not within a suspension
    assert_false(b.trace.executed);
    bus_ready(&b);
    assert_int_equal(nor_array(b.chip)[0x10000], 0x02);

    bus_command(&b, NOR_CMD_RESUME);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR2), NOR_SR2_QE);
    bus_command(&b, NOR_CMD_SUSPEND); // too early after the resume
    assert_int_equal(report_count(b.report, "nor.suspend-too-early"), 1);
    assert_in_range(bus_time_busy(&b, VT_MS, VT_S) / VT_MS, 99, 101);
    for (uint32_t a = 0; a < 0x10000; a++)
        assert_int_equal(nor_array(b.chip)[a], 0xFF);
    bus_command(&b, NOR_CMD_RESUME); // nothing to resume
    assert_false(b.trace.executed);
    bus_close(&b);
}

static void suspends_a_program_but_no_chip_erase_or_register_write(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV");
    bus_program(&b, 0, "\x11", 1);
    bus_command(&b, NOR_CMD_SUSPEND);
    assert_true(b.trace.executed);
    bus_wait(&b, 20 * VT_US);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR2), NOR_SR2_QE | NOR_SR2_SUS);
    bus_program(&b, 0x100, "\x22", 1);
    assert_false(b.trace.executed);
    bus_command(&b, NOR_CMD_RESUME);
    bus_ready(&b);
    bus_expect_cells(&b, 0, "\x11", 1);
    assert_int_equal(nor_array(b.chip)[0x100], 0xFF);
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_SR1, 0);
    bus_command(&b, NOR_CMD_SUSPEND);
    assert_false(b.trace.executed);
    bus_ready(&b);
    bus_command(&b, NOR_CMD_WRITE_ENABLE);
    bus_command(&b, NOR_CMD_ERASE_CHIP);
    bus_command(&b, NOR_CMD_SUSPEND);
    assert_false(b.trace.executed);
    bus_command(&b, NOR_CMD_SUSPEND);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR2), NOR_SR2_QE);
    bus_close(&b);
}

static void a_power_cut_leaves_a_sector_half_erased(void **state)
{
    (void)state;
    static uint8_t first[4096];
    for (unsigned run = 0; run < 2; run++) {
        struct bus b;
        bus_open(&b, "W25Q64JV");
        memset(nor_array(b.chip), 0x5A, 0x3000);
        bus_erase(&b, NOR_CMD_ERASE_4K, 0x1000);
        bus_wait(&b, 20 * VT_MS);
        nor_power(b.chip, false);
        bus_select(&b);
        bus_send(&b, 1, NOR_CMD_READ_JEDEC_ID);
        bus_dummy(&b, 24);
        bus_release(&b);
        assert_int_equal(b.driven, 0);
        const uint8_t *cells = nor_array(b.chip);
        unsigned blank = 0;
        for (unsigned i = 0; i < 4096; i++)
            blank += cells[0x1000 + i] == 0xFF;
        assert_in_range(blank, 400, 3600);
        assert_int_equal(cells[0xFFF], 0x5A);
        assert_int_equal(cells[0x2000], 0x5A);
        if (run == 0)
            memcpy(first, cells + 0x1000, sizeof(first));
        assert_memory_equal(first, cells + 0x1000, sizeof(first)); // the same each time
        nor_power(b.chip, true);
        bus_wait(&b, 20 * VT_US);
        assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0);
        assert_int_equal(report_count(b.report, "nor.job-cut-short"), 1);
        bus_close(&b);
    }
}

static void a_power_cut_leaves_a_page_half_programmed(void **state)
{
    (void)state;
    uint8_t zeros[256] = {0};
    unsigned before = 0;
    for (unsigned part = 1; part < 4; part++) { // the later, the more is done
        struct bus b;
        bus_open(&b, "W25Q64JV");
        bus_program(&b, 0, zeros, sizeof(zeros));
        bus_wait(&b, part * 100 * VT_US);
        nor_power(b.chip, false);
        unsigned cleared = 0;
        for (unsigned i = 0; i < 256; i++)
            cleared += 8u - (unsigned)__builtin_popcount(nor_array(b.chip)[i]);
        assert_in_range(cleared, before + 100, 2048 - 100);
        assert_int_equal(nor_array(b.chip)[256], 0xFF);
        before = cleared;
        bus_close(&b);
    }
}

static void waits_after_power_up(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV");
    nor_power(b.chip, false);
    nor_power(b.chip, true);
    bus_select(&b); // before tVSL
    bus_send(&b, 1, NOR_CMD_READ_JEDEC_ID);
    bus_dummy(&b, 8);
    bus_release(&b);
    assert_int_equal(b.driven, 0);
    assert_int_equal(report_count(b.report, "nor.not-ready"), 1);
    bus_wait(&b, 20 * VT_US);
    bus_command(&b, NOR_CMD_WRITE_ENABLE); // before tPUW
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0);
    assert_int_equal(report_count(b.report, "nor.write-before-tpuw"), 1);
    bus_wait(&b, 5 * VT_MS);
    bus_command(&b, NOR_CMD_WRITE_ENABLE);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), NOR_SR1_WEL);
    bus_close(&b);
}

static void shows_the_defects_it_was_given(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV");
    nor_array(b.chip)[0x5000] = 0x00;
    nor_set_faults(b.chip, &(struct nor_faults){.program_fails = true, .erase_fails = true});
    bus_program(&b, 0, "\x00", 1);
    bus_ready(&b);
    bus_erase(&b, NOR_CMD_ERASE_4K, 0x5000);
    assert_in_range(bus_time_busy(&b, VT_MS, VT_S) / VT_MS, 45, 46);
    bus_expect_cells(&b, 0, "\xFF", 1);
    bus_expect_cells(&b, 0x5000, "\x00", 1);

    nor_set_faults(b.chip, &(struct nor_faults){.slow_percent = 300});
    bus_erase(&b, NOR_CMD_ERASE_4K, 0x5000);
    assert_in_range(bus_time_busy(&b, VT_MS, VT_S) / VT_MS, 135, 136);
    bus_expect_cells(&b, 0x5000, "\xFF", 1);

    nor_set_faults(b.chip, &(struct nor_faults){.wel_refused = true});
    bus_command(&b, NOR_CMD_WRITE_ENABLE);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0);

    nor_set_faults(b.chip, &(struct nor_faults){.stuck_count = 1, .stuck = {{0x5001, 0x81, 0x01}}});
    uint8_t data[3];
    bus_read(&b, 0x5000, data, 3);
    assert_memory_equal(data, "\xFF\x7F\xFF", 3);

    nor_set_faults(b.chip, &(struct nor_faults){.stuck_busy = true});
    bus_program(&b, 0, "\x00", 1);
    assert_int_equal(bus_time_busy(&b, VT_S, 200 * VT_S), VT_NEVER);

    nor_set_faults(b.chip, &(struct nor_faults){.mute = true});
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0xFF);
    assert_int_equal(b.driven, 0);
    bus_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ignores_all_but_status_while_busy),
        cmocka_unit_test(suspends_and_resumes_an_erase),
        cmocka_unit_test(suspends_a_program_but_no_chip_erase_or_register_write),
        cmocka_unit_test(a_power_cut_leaves_a_sector_half_erased),
        cmocka_unit_test(a_power_cut_leaves_a_page_half_programmed),
        cmocka_unit_test(waits_after_power_up),
        cmocka_unit_test(shows_the_defects_it_was_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
