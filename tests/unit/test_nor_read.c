// SPDX-License-Identifier: MIT
// The NOR chip's read side at its pins: ids, SFDP, every read opcode on its lines, continuous read,
// wrapped bursts, high impedance and the clock limits.
#include "nor_bus.h"

enum { SIZE_64M = 8 << 20 };

static void answers_its_ids(void **state)
{
    (void)state;
    static const struct {
        const char *part;
        uint8_t id[3], device;
    } rows[] = {
        {"W25Q64JV-IQ", {0xEF, 0x40, 0x17}, 0x16},  {"W25Q64JV-IM", {0xEF, 0x70, 0x17}, 0x16},
        {"W25Q64FV", {0xEF, 0x40, 0x17}, 0x16},     {"W25Q128FV", {0xEF, 0x40, 0x18}, 0x17},
        {"W25Q16JV-IQ", {0xEF, 0x40, 0x15}, 0x14},  {"W25Q32JV-IQ", {0xEF, 0x40, 0x16}, 0x15},
        {"W25Q128JV-IQ", {0xEF, 0x40, 0x18}, 0x17}, {"W25Q256JV-IQ", {0xEF, 0x40, 0x19}, 0x18},
        {"PY25Q64HA", {0x85, 0x20, 0x17}, 0x16},    {"W25Q64JW-IM", {0xEF, 0x80, 0x17}, 0x16},
        {"IS25LP064A", {0x9D, 0x60, 0x17}, 0x16},   {"MT25QL512AB", {0x20, 0xBA, 0x20}, 0x19},
    };
    assert_int_equal(sizeof(rows) / sizeof(rows[0]), nor_parts_count);
    for (unsigned r = 0; r < nor_parts_count; r++) {
        struct bus b;
        bus_open(&b, rows[r].part);
        bus_select(&b);
        bus_send(&b, 1, NOR_CMD_READ_JEDEC_ID);
        for (unsigned i = 0; i < 3; i++)
            assert_int_equal(bus_receive(&b, 1), rows[r].id[i]);
        bus_release(&b);
        bus_select(&b);
        bus_send(&b, 1, NOR_CMD_RELEASE_POWER_DOWN);
        bus_address(&b, 1, 0);
        assert_int_equal(bus_receive(&b, 1), rows[r].device);
        assert_int_equal(bus_receive(&b, 1), rows[r].device);
        bus_release(&b);
        bus_close(&b);
    }
}

static void answers_manufacturer_id_on_1_2_and_4_lines(void **state)
{
    (void)state;
    struct bus b;
    bus_open_filled(&b, "W25Q64JV-IM", NOR_SR2_QE);
    static const struct {
        uint8_t opcode, lines, dummy;
    } forms[] = {{NOR_CMD_READ_MFR_ID, 1, 0},
                 {NOR_CMD_READ_MFR_ID_DUAL, 2, 0},
                 {NOR_CMD_READ_MFR_ID_QUAD, 4, 4}};
    for (unsigned f = 0; f < 3; f++)
        for (unsigned first = 0; first < 2; first++) {
            bus_select(&b);
            bus_send(&b, 1, forms[f].opcode);
            bus_address(&b, forms[f].lines, first);
            if (forms[f].lines > 1)
                bus_send(&b, forms[f].lines, 0xF0);
            bus_dummy(&b, forms[f].dummy);
            assert_int_equal(bus_receive(&b, forms[f].lines), first ? 0x16 : 0xEF);
            assert_int_equal(bus_receive(&b, forms[f].lines), first ? 0xEF : 0x16);
            bus_release(&b);
        }
    bus_close(&b);
}

static void answers_its_unique_id_after_32_clocks(void **state)
{
    (void)state;
    static const uint8_t id[] = {0xDF, 0x63, 0x5C, 0x76, 0xC7, 0x3A, 0x1B, 0x29};
    struct bus b;
    bus_open(&b, "W25Q64JV");
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_READ_UNIQUE_ID);
    bus_dummy(&b, 32);
    for (unsigned i = 0; i < sizeof(id); i++)
        assert_int_equal(bus_receive(&b, 1), id[i]);
    bus_release(&b);
    bus_close(&b);
}

static void read_sfdp(struct bus *b, uint8_t *sfdp)
{
    bus_select(b);
    bus_send(b, 1, NOR_CMD_READ_SFDP);
    bus_address(b, 1, 0);
    bus_dummy(b, 8);
    for (unsigned i = 0; i < 256; i++)
        sfdp[i] = bus_receive(b, 1);
    bus_release(b);
}

static uint32_t dword(const uint8_t *sfdp, unsigned number)
{
    const uint8_t *p = sfdp + 0x80 + (number - 1) * 4;
    return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static void answers_sfdp_of_its_size(void **state)
{
    (void)state;
    static const struct {
        const char *part;
        uint32_t density;
        uint8_t minor, dwords, erase_code;
    } rows[] = {
        {"W25Q64JV", 0x03FFFFFF, 5, 16, 0xC4},  {"W25Q16JV", 0x00FFFFFF, 5, 16, 0xB3},
        {"W25Q32JV", 0x01FFFFFF, 5, 16, 0xC2},  {"W25Q128JV", 0x07FFFFFF, 5, 16, 0xC9},
        {"W25Q256JV", 0x0FFFFFFF, 5, 16, 0xD3}, {"W25Q64FV", 0x03FFFFFF, 0, 9, 0xFF},
        {"PY25Q64HA", 0x03FFFFFF, 5, 16, 0xC4},
    };
    uint8_t sfdp[256];
    for (unsigned r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        struct bus b;
        bus_open(&b, rows[r].part);
        read_sfdp(&b, sfdp);
        assert_memory_equal(sfdp, "SFDP", 4);
        assert_int_equal(sfdp[8 + 1], rows[r].minor);
        assert_int_equal(sfdp[8 + 3], rows[r].dwords);
        assert_int_equal(dword(sfdp, 2), rows[r].density);
        assert_int_equal(dword(sfdp, 11) >> 24, rows[r].erase_code);
        assert_int_equal(dword(sfdp, 3), 0x6B08EB44);
        bus_close(&b);
    }
}

// Every read of one instruction line: address lines, mode byte, dummy clocks and data lines as in
// table 8.1.2 of the datasheet.
static void reads_on_all_lines(void **state)
{
    (void)state;
    static const struct {
        uint8_t opcode, address_lines, mode, dummy, data_lines;
    } reads[] = {
        {NOR_CMD_READ, 1, 0, 0, 1},           {NOR_CMD_FAST_READ, 1, 0, 8, 1},
        {NOR_CMD_FAST_READ_DUAL, 1, 0, 8, 2}, {NOR_CMD_FAST_READ_DUAL_IO, 2, 1, 0, 2},
        {NOR_CMD_FAST_READ_QUAD, 1, 0, 8, 4}, {NOR_CMD_FAST_READ_QUAD_IO, 4, 1, 4, 4},
    };
    static const uint32_t at[] = {0, 0x1234, 0x7FFFFE};
    struct bus b;
    bus_open_filled(&b, "W25Q64JV-IQ", NOR_SR2_QE);
    for (unsigned r = 0; r < sizeof(reads) / sizeof(reads[0]); r++)
        for (unsigned a = 0; a < 3; a++) {
            bus_select(&b);
            bus_send(&b, 1, reads[r].opcode);
            bus_address(&b, reads[r].address_lines, at[a]);
            if (reads[r].mode)
                bus_send(&b, reads[r].address_lines, 0xFF);
            bus_dummy(&b, reads[r].dummy);
            assert_int_equal(b.driven, 0);
            bus_expect(&b, reads[r].data_lines, false, at[a], 20);
            assert_int_equal(b.driven,
                             reads[r].data_lines == 1 ? 2 : (1 << reads[r].data_lines) - 1);
            bus_release(&b);
            assert_int_equal(nor_drive(b.chip).mask, 0);
            assert_int_equal(b.trace.opcode, reads[r].opcode);
            assert_int_equal(b.trace.address, at[a]);
            assert_int_equal(b.trace.length, 20);
        }
    assert_int_equal(report_count(b.report, NULL), 0);
    bus_close(&b);
}

static void ignores_quad_opcodes_without_qe(void **state)
{
    (void)state;
    static const uint8_t quad[] = {NOR_CMD_FAST_READ_QUAD,    NOR_CMD_FAST_READ_QUAD_IO,
                                   NOR_CMD_PAGE_PROGRAM_QUAD, NOR_CMD_SET_BURST_WRAP,
                                   NOR_CMD_READ_MFR_ID_QUAD,  NOR_CMD_ENTER_QPI,
                                   NOR_CMD_DTR_READ_QUAD_IO};
    struct bus b;
    bus_open_filled(&b, "W25Q64JV-IM", 0);
    for (unsigned i = 0; i < sizeof(quad); i++) {
        bus_select(&b);
        bus_send(&b, 1, quad[i]);
        bus_dummy(&b, 40);
        bus_release(&b);
        assert_int_equal(b.driven, 0);
        assert_false(b.trace.executed);
    }
    assert_int_equal(report_count(b.report, "nor.quad-without-qe"), sizeof(quad));
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0); // still in SPI
    bus_close(&b);
}

static void ignores_unknown_opcodes(void **state)
{
    (void)state;
    static const uint8_t unknown[] = {0xAF, 0x00, 0x9E, 0xB7, 0x13, 0x38, 0x0D, 0xC0};
    struct bus b;
    bus_open(&b, "W25Q64JV-IQ");
    for (unsigned i = 0; i < sizeof(unknown); i++) {
        bus_select(&b);
        bus_send(&b, 1, unknown[i]);
        for (unsigned k = 0; k < 4; k++)
            assert_int_equal(bus_receive(&b, 1), 0xFF); // the pull
        bus_release(&b);
        assert_int_equal(b.driven, 0);
    }
    assert_int_equal(report_count(b.report, "nor.unknown-opcode"), sizeof(unknown));
    bus_command(&b, 0xFF); // ends a continuous read that may be on: no fault of the host
    assert_int_equal(report_count(b.report, NULL), sizeof(unknown));
    bus_close(&b);
}

static void start_quad_io(struct bus *b, bool opcode, uint32_t at, uint8_t mode)
{
    bus_select(b);
    if (opcode)
        bus_send(b, 1, NOR_CMD_FAST_READ_QUAD_IO);
    bus_address(b, 4, at);
    bus_send(b, 4, mode);
    bus_dummy(b, 4);
}

static void keeps_a_quad_read_going_on_mode_2x(void **state)
{
    (void)state;
    struct bus b;
    bus_open_filled(&b, "W25Q64JV-IQ", NOR_SR2_QE);
    start_quad_io(&b, true, 0x100, 0x20);
    bus_expect(&b, 4, false, 0x100, 2);
    bus_release(&b);
    for (unsigned i = 0; i < 3; i++) {
        start_quad_io(&b, false, 0x2000 + i, 0xAF); // M5-4 = 10 again
        bus_expect(&b, 4, false, 0x2000 + i, 3);
        bus_release(&b);
        assert_true(b.trace.continuous);
    }
    // An abort within the address changes nothing.
    bus_select(&b);
    bus_send(&b, 4, 0xFF);
    bus_release(&b);
    // An instruction is address and mode now: 99h gives M4 = 0, and IO1, pulled up, M5 = 1.
    bus_command(&b, NOR_CMD_RESET);
    assert_true(b.trace.continuous);
    start_quad_io(&b, false, 0x77, 0x20);
    bus_expect(&b, 4, false, 0x77, 1);
    bus_release(&b);
    bus_command(&b, 0xFF); // 8 clocks with IO0 high: M4 = 1
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR2), NOR_SR2_QE);
    bus_close(&b);
}

static void ends_a_continuous_read_by_any_other_mode(void **state)
{
    (void)state;
    for (unsigned m = 0; m < 0x40; m += 0x10) {
        struct bus b;
        bus_open_filled(&b, "W25Q64JV-IQ", NOR_SR2_QE);
        start_quad_io(&b, true, 0, (uint8_t)m);
        bus_release(&b);
        bus_select(&b);
        bus_send(&b, 1, NOR_CMD_READ_JEDEC_ID);
        if (m == 0x20)
            assert_int_equal(b.driven, 0); // 8 clocks were address and mode
        else
            assert_int_equal(bus_receive(&b, 1), 0xEF);
        bus_release(&b);
        bus_close(&b);
    }
}

static void needs_16_ones_to_end_a_dual_continuous_read(void **state)
{
    (void)state;
    struct bus b;
    bus_open_filled(&b, "W25Q64JV-IQ", NOR_SR2_QE);
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_FAST_READ_DUAL_IO);
    bus_address(&b, 2, 0x4444);
    bus_send(&b, 2, 0x20);
    bus_expect(&b, 2, false, 0x4444, 3);
    bus_release(&b);
    bus_command(&b, 0xFF);
    bus_select(&b);
    bus_address(&b, 2, 0x5555);
    bus_send(&b, 2, 0x20);
    bus_expect(&b, 2, false, 0x5555, 3);
    bus_release(&b);
    bus_select(&b);
    bus_send(&b, 1, 0xFF);
    bus_send(&b, 1, 0xFF);
    bus_release(&b);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0);
    bus_close(&b);
}

static void wraps_bursts_as_77h_says(void **state)
{
    (void)state;
    static const unsigned length[] = {8, 16, 32, 64};
    struct bus b;
    bus_open_filled(&b, "W25Q64JV-IQ", NOR_SR2_QE);
    const uint8_t *cells = nor_array(b.chip);
    for (unsigned w = 0; w < 5; w++) { // the fifth turns it off
        bus_select(&b);
        bus_send(&b, 1, NOR_CMD_SET_BURST_WRAP);
        bus_address(&b, 4, 0);
        bus_send(&b, 4, w < 4 ? (uint8_t)(w << 5) : 0x10);
        bus_release(&b);
        assert_true(b.trace.executed);
        start_quad_io(&b, true, 0x1235, 0xFF);
        for (unsigned i = 0; i < 100; i++) {
            uint32_t mask = w < 4 ? length[w] - 1 : 0xFFFFFF;
            uint32_t at = (0x1235 & ~mask) | ((0x1235 + i) & mask);
            assert_int_equal(bus_receive(&b, 4), cells[at]);
        }
        bus_release(&b);
        bus_select(&b); // other reads do not wrap
        bus_send(&b, 1, NOR_CMD_FAST_READ_QUAD);
        bus_address(&b, 1, 0x1235);
        bus_dummy(&b, 8);
        bus_expect(&b, 4, false, 0x1235, 70);
        bus_release(&b);
    }
    bus_close(&b);
}

static unsigned wrong_bytes(struct bus *b, uint8_t opcode, unsigned dummy)
{
    const uint8_t *cells = nor_array(b->chip);
    unsigned wrong = 0;
    bus_select(b);
    bus_send(b, 1, opcode);
    bus_address(b, 1, 0x8000);
    bus_dummy(b, dummy);
    for (unsigned i = 0; i < 256; i++)
        wrong += bus_receive(b, 1) != cells[0x8000 + i];
    bus_release(b);
    return wrong;
}

static void corrupts_data_above_the_clock_limit(void **state)
{
    (void)state;
    struct bus b;
    bus_open_filled(&b, "W25Q64JV-IQ", NOR_SR2_QE);
    b.period = 20000; // 50 MHz
    assert_int_equal(wrong_bytes(&b, NOR_CMD_READ, 0), 0);
    b.period = 19000;
    assert_in_range(wrong_bytes(&b, NOR_CMD_READ, 0), 20, 255);
    assert_int_equal(wrong_bytes(&b, NOR_CMD_FAST_READ, 8), 0);
    b.period = 7518; // 133 MHz
    assert_int_equal(wrong_bytes(&b, NOR_CMD_FAST_READ, 8), 0);
    assert_int_equal(report_count(b.report, "nor.clock-too-fast"), 1);
    b.period = 7000;
    assert_in_range(wrong_bytes(&b, NOR_CMD_FAST_READ, 8), 20, 256);
    bus_close(&b);
}

static void repeats_the_same_errors(void **state)
{
    (void)state;
    uint8_t data[2][64];
    for (unsigned run = 0; run < 2; run++) {
        struct bus b;
        bus_open_filled(&b, "W25Q64JV-IQ", NOR_SR2_QE);
        b.period = 15000;
        bus_read(&b, 0, data[run], 64);
        bus_close(&b);
    }
    assert_memory_equal(data[0], data[1], 64);
}

static void wraps_at_the_end_of_the_array(void **state)
{
    (void)state;
    struct bus b;
    bus_open_filled(&b, "W25Q64JV-IQ", NOR_SR2_QE);
    uint8_t data[4];
    bus_read(&b, SIZE_64M - 2, data, 4);
    assert_memory_equal(data, nor_array(b.chip) + SIZE_64M - 2, 2);
    assert_memory_equal(data + 2, nor_array(b.chip), 2);
    bus_read(&b, SIZE_64M + 5, data, 1); // A23 is not decoded
    assert_int_equal(data[0], nor_array(b.chip)[5]);
    assert_int_equal(report_count(b.report, "nor.address-beyond-end"), 1);
    bus_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_its_ids),
        cmocka_unit_test(answers_manufacturer_id_on_1_2_and_4_lines),
        cmocka_unit_test(answers_its_unique_id_after_32_clocks),
        cmocka_unit_test(answers_sfdp_of_its_size),
        cmocka_unit_test(reads_on_all_lines),
        cmocka_unit_test(ignores_quad_opcodes_without_qe),
        cmocka_unit_test(ignores_unknown_opcodes),
        cmocka_unit_test(keeps_a_quad_read_going_on_mode_2x),
        cmocka_unit_test(ends_a_continuous_read_by_any_other_mode),
        cmocka_unit_test(needs_16_ones_to_end_a_dual_continuous_read),
        cmocka_unit_test(wraps_bursts_as_77h_says),
        cmocka_unit_test(corrupts_data_above_the_clock_limit),
        cmocka_unit_test(repeats_the_same_errors),
        cmocka_unit_test(wraps_at_the_end_of_the_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
