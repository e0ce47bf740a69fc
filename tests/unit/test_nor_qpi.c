// SPDX-License-Identifier: MIT
// The NOR chip in QPI and with reads on both clock edges, at its pins.
#include "nor_bus.h"

static void enter_qpi(struct bus *b)
{
    bus_command(b, NOR_CMD_ENTER_QPI);
    assert_true(b->trace.executed);
}

static void speaks_qpi(void **state)
{
    (void)state;
    static const struct {
        const char *part;
        uint8_t id[3];
    } rows[] = {{"W25Q64FV", {0xEF, 0x60, 0x17}}, {"W25Q64JV-IM", {0xEF, 0x70, 0x17}}};
    for (unsigned r = 0; r < 2; r++) {
        struct bus b;
        bus_open_filled(&b, rows[r].part, NOR_SR2_QE);
        enter_qpi(&b);
        bus_select(&b);
        bus_send(&b, 4, NOR_CMD_READ_JEDEC_ID);
        for (unsigned i = 0; i < 3; i++)
            assert_int_equal(bus_receive(&b, 4), rows[r].id[i]);
        bus_release(&b);
        bus_select(&b); // 03h is of SPI only
        bus_send(&b, 4, NOR_CMD_READ);
        bus_address(&b, 4, 0);
        bus_dummy(&b, 8);
        bus_release(&b);
        assert_int_equal(b.driven, 0);
        bus_select(&b);
        bus_send(&b, 4, NOR_CMD_EXIT_QPI);
        bus_release(&b);
        assert_int_equal(bus_register(&b, NOR_CMD_READ_SR2), NOR_SR2_QE);
        bus_close(&b);
    }
}

static void reads_in_qpi_with_the_dummies_of_c0h(void **state)
{
    (void)state;
    struct bus b;
    bus_open_filled(&b, "W25Q64JV-IM", NOR_SR2_QE);
    enter_qpi(&b);
    const uint8_t *cells = nor_array(b.chip);
    for (unsigned p = 0; p < 16; p++) {
        unsigned dummy = 2 + 2 * (p >> 2);
        unsigned wrap = 8u << (p & 3);
        bus_select(&b);
        bus_send(&b, 4, NOR_CMD_SET_READ_PARAMS);
        bus_send(&b, 4, (uint8_t)((p & 0xC) << 2 | (p & 3)));
        bus_release(&b);
        bus_select(&b);
        bus_send(&b, 4, NOR_CMD_FAST_READ);
        bus_address(&b, 4, 0x4567);
        bus_dummy(&b, dummy);
        bus_expect(&b, 4, false, 0x4567, 10);
        bus_release(&b);
        bus_select(&b);
        bus_send(&b, 4, NOR_CMD_FAST_READ_QUAD_IO);
        bus_address(&b, 4, 0x4567);
        bus_send(&b, 4, 0x00);
        bus_dummy(&b, dummy - 2);
        bus_expect(&b, 4, false, 0x4567, 10);
        bus_release(&b);
        bus_select(&b);
        bus_send(&b, 4, NOR_CMD_BURST_READ_WRAP);
        bus_address(&b, 4, 0x4567);
        bus_dummy(&b, dummy);
        for (unsigned i = 0; i < 80; i++)
            assert_int_equal(bus_receive(&b, 4),
                             cells[(0x4567 & ~(wrap - 1)) | ((0x4567 + i) & (wrap - 1))]);
        bus_release(&b);
    }
    bus_close(&b);
}

static void keeps_a_qpi_read_going(void **state)
{
    (void)state;
    struct bus b;
    bus_open_filled(&b, "W25Q64JV-IM", NOR_SR2_QE);
    enter_qpi(&b);
    bus_select(&b);
    bus_send(&b, 4, NOR_CMD_FAST_READ_QUAD_IO);
    bus_address(&b, 4, 0x300);
    bus_send(&b, 4, 0x20);
    bus_expect(&b, 4, false, 0x300, 4);
    bus_release(&b);
    bus_select(&b);
    bus_address(&b, 4, 0x900);
    bus_send(&b, 4, 0xFF);
    bus_expect(&b, 4, false, 0x900, 4);
    bus_release(&b);
    bus_select(&b); // back to instructions, on four lines
    bus_send(&b, 4, NOR_CMD_READ_SR2);
    assert_int_equal(bus_receive(&b, 4), NOR_SR2_QE);
    bus_release(&b);
    bus_close(&b);
}

static void reads_dtr(void **state)
{
    (void)state;
    static const struct {
        uint8_t opcode, lines, mode, dummy;
    } reads[] = {{NOR_CMD_DTR_FAST_READ, 1, 0, 6},
                 {NOR_CMD_DTR_READ_DUAL_IO, 2, 1, 4},
                 {NOR_CMD_DTR_READ_QUAD_IO, 4, 1, 7}};
    struct bus b;
    bus_open_filled(&b, "W25Q64JV-IM", NOR_SR2_QE);
    for (unsigned r = 0; r < 3; r++)
        for (unsigned again = 0; again < 3; again++) { // twice with, once without going on
            bool opcode = !reads[r].mode || again == 0;
            uint32_t at = 0x54321 + again * 0x1111;
            bus_select(&b);
            if (opcode)
                bus_send(&b, 1, reads[r].opcode);
            for (int s = 16; s >= 0; s -= 8)
                bus_send_dtr(&b, reads[r].lines, (uint8_t)(at >> s));
            if (reads[r].mode)
                bus_send_dtr(&b, reads[r].lines, again < 2 ? 0xA5 : 0xFF);
            bus_dummy(&b, reads[r].dummy);
            assert_int_equal(b.driven, 0);
            bus_expect(&b, reads[r].lines, true, at, 20);
            bus_release(&b);
        }
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR2), NOR_SR2_QE);
    bus_close(&b);
}

static void reads_dtr_in_qpi(void **state)
{
    (void)state;
    static const struct {
        uint8_t opcode, mode, dummy;
    } reads[] = {{NOR_CMD_DTR_FAST_READ, 0, 8}, {NOR_CMD_DTR_READ_QUAD_IO, 1, 7}};
    struct bus b;
    bus_open_filled(&b, "W25Q64JV-IM", NOR_SR2_QE);
    enter_qpi(&b);
    for (unsigned r = 0; r < 2; r++) {
        bus_select(&b);
        bus_send(&b, 4, reads[r].opcode);
        for (int s = 16; s >= 0; s -= 8)
            bus_send_dtr(&b, 4, (uint8_t)(0x60001 >> s));
        if (reads[r].mode)
            bus_send_dtr(&b, 4, 0);
        bus_dummy(&b, reads[r].dummy);
        bus_expect(&b, 4, true, 0x60001, 12);
        bus_release(&b);
    }
    const uint8_t *cells = nor_array(b.chip);
    bus_select(&b); // 0Eh wraps at 8 bytes after power-up
    bus_send(&b, 4, NOR_CMD_DTR_BURST_READ);
    for (int s = 16; s >= 0; s -= 8)
        bus_send_dtr(&b, 4, (uint8_t)(0x60001 >> s));
    bus_dummy(&b, 8);
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(bus_receive_dtr(&b, 4), cells[0x60000 + (1 + i) % 8]);
    bus_release(&b);
    bus_close(&b);
}

static void limits_dtr_to_66_mhz(void **state)
{
    (void)state;
    struct bus b;
    bus_open_filled(&b, "W25Q64JV-IM", NOR_SR2_QE);
    b.period = 15151;
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_DTR_FAST_READ);
    for (unsigned i = 0; i < 3; i++)
        bus_send_dtr(&b, 1, 0);
    bus_dummy(&b, 6);
    bus_expect(&b, 1, true, 0, 16);
    bus_release(&b);
    assert_int_equal(report_count(b.report, NULL), 0);
    b.period = 12500;
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_DTR_FAST_READ);
    for (unsigned i = 0; i < 3; i++)
        bus_send_dtr(&b, 1, 0);
    bus_release(&b);
    assert_int_equal(report_count(b.report, "nor.clock-too-fast"), 1);
    bus_close(&b);
}

static void qpi_command(struct bus *b, uint8_t opcode)
{
    bus_select(b);
    bus_send(b, 4, opcode);
    bus_release(b);
}

static void qpi_wait(struct bus *b)
{
    bus_wait(b, VT_S);
    bus_select(b);
    bus_send(b, 4, NOR_CMD_READ_SR1);
    assert_int_equal(bus_receive(b, 4), 0);
    bus_release(b);
}

static void writes_and_resets_in_qpi(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64FV");
    assert_true(nor_set_mode(b.chip, NOR_IN_QPI));
    memset(nor_array(b.chip), 0, 0x3000);
    qpi_command(&b, NOR_CMD_WRITE_ENABLE);
    bus_select(&b);
    bus_send(&b, 4, NOR_CMD_ERASE_4K);
    bus_address(&b, 4, 0x1000);
    bus_release(&b);
    assert_true(b.trace.executed && b.trace.qpi);
    qpi_wait(&b);
    bus_expect_cells(&b, 0xFFF, "\x00\xFF", 2);
    bus_expect_cells(&b, 0x1FFF, "\xFF\x00", 2);
    qpi_command(&b, NOR_CMD_WRITE_ENABLE);
    bus_select(&b);
    bus_send(&b, 4, NOR_CMD_PAGE_PROGRAM);
    bus_address(&b, 4, 0x10FF);
    bus_send(&b, 4, 0x6A);
    bus_release(&b);
    qpi_wait(&b);
    bus_expect_cells(&b, 0x10FE, "\xFF\x6A\xFF", 3);
    bus_command(&b, NOR_CMD_RESET_ENABLE); // on one line: not understood
    bus_command(&b, NOR_CMD_RESET);
    qpi_wait(&b);
    qpi_command(&b, NOR_CMD_RESET_ENABLE);
    qpi_command(&b, NOR_CMD_RESET);
    bus_wait(&b, 30 * VT_US);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR2), NOR_SR2_QE); // and in SPI again
    bus_close(&b);
}

// ISSI, Macronix and Micron: 35h is no status register there.
static void enters_qpi_by_35h_on_other_makers(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "IS25LP064A");
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_READ_SR2);
    assert_int_equal(bus_receive(&b, 1), 0xFF);
    bus_release(&b);
    for (unsigned lines = 1; lines <= 4; lines += 3) {
        bus_select(&b);
        bus_send(&b, lines, NOR_CMD_READ_JEDEC_ID);
        assert_int_equal(bus_receive(&b, lines), lines == 4 ? 0x9D : 0xFF);
        bus_release(&b);
    }
    bus_select(&b);
    bus_send(&b, 4, NOR_CMD_EXIT_QPI_F5);
    bus_release(&b);
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_READ_JEDEC_ID);
    assert_int_equal(bus_receive(&b, 1), 0x9D);
    bus_release(&b);
    bus_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speaks_qpi),
        cmocka_unit_test(reads_in_qpi_with_the_dummies_of_c0h),
        cmocka_unit_test(keeps_a_qpi_read_going),
        cmocka_unit_test(writes_and_resets_in_qpi),
        cmocka_unit_test(reads_dtr),
        cmocka_unit_test(reads_dtr_in_qpi),
        cmocka_unit_test(limits_dtr_to_66_mhz),
        cmocka_unit_test(enters_qpi_by_35h_on_other_makers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
