// SPDX-License-Identifier: MIT
// The NOR chip's write side at its pins: program, erase, WEL, lengths, busy times, security
// registers and the counters.
#include "nor_bus.h"

static void programming_only_clears_bits(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV");
    bus_program(&b, 0x1000, "\xF0\x0F\xAA", 3);
    assert_true(b.trace.executed);
    bus_expect_cells(&b, 0x1000, "\xFF\xFF\xFF", 3); // not yet
    bus_ready(&b);
    bus_expect_cells(&b, 0x1000, "\xF0\x0F\xAA\xFF", 4);
    assert_int_equal(report_count(b.report, NULL), 0);
    bus_program(&b, 0x1000, "\x3C\x0F\xFF", 3);
    bus_ready(&b);
    bus_expect_cells(&b, 0x1000, "\x30\x0F\xAA\xFF", 4);
    assert_int_equal(report_count(b.report, "nor.program-sets-bits"), 1);
    assert_int_equal(nor_counters(b.chip)->pages_programmed, 2);
    assert_int_equal(nor_counters(b.chip)->double_programs, 1);
    bus_close(&b);
}

static void programs_on_four_lines(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV");
    bus_command(&b, NOR_CMD_WRITE_ENABLE);
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_PAGE_PROGRAM_QUAD);
    bus_address(&b, 1, 0x345678);
    bus_send(&b, 4, 0x12);
    bus_send(&b, 4, 0x9A);
    bus_release(&b);
    bus_ready(&b);
    bus_expect_cells(&b, 0x345677, "\xFF\x12\x9A\xFF", 4);
    bus_close(&b);
}

static void pages_wrap(void **state)
{
    (void)state;
    struct bus b;
    uint8_t data[300];
    for (unsigned i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i ^ 0x5A);
    bus_open(&b, "W25Q64JV");
    bus_program(&b, 0x20F0, data, 0x20);
    bus_ready(&b);
    bus_expect_cells(&b, 0x20F0, data, 0x10);
    bus_expect_cells(&b, 0x2000, data + 0x10, 0x10);
    assert_int_equal(nor_array(b.chip)[0x2100], 0xFF);
    bus_program(&b, 0x3000, data, 300); // the last 256 stay
    bus_ready(&b);
    bus_expect_cells(&b, 0x3000, data + 256, 44);
    bus_expect_cells(&b, 0x3000 + 44, data + 44, 212);
    assert_int_equal(report_count(b.report, "nor.page-wrap"), 2);
    bus_close(&b);
}

struct erase_form {
    uint8_t opcode;
    uint32_t len;
    unsigned typical_ms, worst_ms;
};

static const struct erase_form erase_forms[] = {{NOR_CMD_ERASE_4K, 4096, 45, 400},
                                                {NOR_CMD_ERASE_32K, 32768, 120, 1600},
                                                {NOR_CMD_ERASE_64K, 65536, 150, 2000}};

static void erases_what_the_address_lies_in(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        const struct erase_form *f = &erase_forms[i];
        struct bus b;
        bus_open(&b, "W25Q64JV");
        uint8_t *cells = nor_array(b.chip);
        memset(cells, 0, nor_size(b.chip));
        bus_erase(&b, f->opcode, 0x30000 + f->len + 0x123);
        assert_int_equal(b.trace.address, 0x30000 + f->len + 0x123);
        assert_int_equal(cells[0x30000 + f->len], 0);
        bus_ready(&b);
        cells = nor_array(b.chip);
        for (uint32_t a = 0; a < nor_size(b.chip); a++)
            if (cells[a] != (a >= 0x30000 + f->len && a < 0x30000 + 2 * f->len ? 0xFF : 0))
                fail_msg("opcode %02X: cell %06X is %02X", f->opcode, a, cells[a]);
        bus_close(&b);
    }
}

static void erases_the_chip(void **state)
{
    (void)state;
    static const uint8_t opcodes[] = {NOR_CMD_ERASE_CHIP, NOR_CMD_ERASE_CHIP_ALT};
    for (unsigned i = 0; i < 2; i++) {
        struct bus b;
        bus_open(&b, "W25Q64JV");
        memset(nor_array(b.chip), 0, nor_size(b.chip));
        bus_command(&b, NOR_CMD_WRITE_ENABLE);
        bus_command(&b, opcodes[i]);
        assert_in_range(bus_time_busy(&b, VT_MS, 100 * VT_S) / VT_MS, 20000, 20002);
        const uint8_t *cells = nor_array(b.chip);
        for (uint32_t a = 0; a < nor_size(b.chip); a++)
            assert_int_equal(cells[a], 0xFF);
        assert_int_equal(nor_counters(b.chip)->erases_chip, 1);
        bus_close(&b);
    }
}

// Tables 9.6: typical and maximum.
static void takes_its_time(void **state)
{
    (void)state;
    for (unsigned worst = 0; worst < 2; worst++) {
        struct bus b;
        bus_open(&b, "W25Q64JV");
        nor_set_worst_case(b.chip, worst);
        for (unsigned i = 0; i < 3; i++) {
            const struct erase_form *f = &erase_forms[i];
            bus_erase(&b, f->opcode, 0);
            unsigned ms = worst ? f->worst_ms : f->typical_ms;
            assert_in_range(bus_time_busy(&b, VT_MS, 10 * VT_S) / VT_US, ms * 1000 - 1,
                            ms * 1000 + 1010);
        }
        bus_program(&b, 0, "", 1);
        unsigned us = worst ? 3000 : 400;
        assert_in_range(bus_time_busy(&b, 10 * VT_US, VT_S) / VT_US, us - 1, us + 11);
        bus_write_register(&b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_SR1, 0);
        unsigned ms = worst ? 15 : 10;
        assert_in_range(bus_time_busy(&b, 10 * VT_US, VT_S) / VT_US, ms * 1000 - 1, ms * 1000 + 11);
        bus_close(&b);
    }
}

static void needs_wel_each_time(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV");
    uint8_t *cells = nor_array(b.chip);
    memset(cells, 0x55, 0x10000);
    for (unsigned i = 0; i < 3; i++)
        bus_command_addressed(&b, erase_forms[i].opcode, 0);
    bus_command(&b, NOR_CMD_ERASE_CHIP);
    bus_select(&b);
    bus_send(&b, 1, NOR_CMD_PAGE_PROGRAM);
    bus_address(&b, 1, 0);
    bus_send(&b, 1, 0);
    bus_release(&b);
    assert_int_equal(report_count(b.report, "nor.no-write-enable"), 5);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0);
    bus_command(&b, NOR_CMD_WRITE_ENABLE);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), NOR_SR1_WEL);
    bus_command(&b, NOR_CMD_WRITE_DISABLE);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0);
    bus_program(&b, 0, "\x00", 1);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), NOR_SR1_WIP | NOR_SR1_WEL);
    bus_ready(&b);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0); // WEL went with BUSY
    bus_expect_cells(&b, 0, "\x00\x55", 2);
    bus_close(&b);
}

// Chip select must rise just after a whole byte.
static void ignores_commands_of_a_wrong_length(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV");
    bus_command(&b, NOR_CMD_WRITE_ENABLE);
    static const struct {
        uint8_t opcode, bytes, clocks;
    } bad[] = {
        {NOR_CMD_ERASE_4K, 3, 1}, // a clock too many
        {NOR_CMD_ERASE_4K, 2, 7}, // and too few
        {NOR_CMD_ERASE_4K, 4, 0},     {NOR_CMD_ERASE_64K, 0, 0},     {NOR_CMD_PAGE_PROGRAM, 3, 0},
        {NOR_CMD_PAGE_PROGRAM, 3, 7}, {NOR_CMD_PAGE_PROGRAM, 4, 3},  {NOR_CMD_ERASE_CHIP, 0, 1},
        {NOR_CMD_WRITE_SR1, 0, 0},    {NOR_CMD_WRITE_SR1, 3, 0},     {NOR_CMD_WRITE_SR2, 2, 0},
        {NOR_CMD_WRITE_SR1, 0, 5},    {NOR_CMD_WRITE_DISABLE, 0, 3}, {NOR_CMD_POWER_DOWN, 1, 0},
    };
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        bus_select(&b);
        bus_send(&b, 1, bad[i].opcode);
        for (unsigned k = 0; k < bad[i].bytes; k++)
            bus_send(&b, 1, 0);
        for (unsigned k = 0; k < bad[i].clocks; k++)
            bus_cycle(&b, 1, 0, 0);
        bus_release(&b);
        assert_false(b.trace.executed);
        assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), NOR_SR1_WEL);
    }
    assert_int_equal(report_count(b.report, "nor.incomplete-command"),
                     sizeof(bad) / sizeof(bad[0]));
    bus_select(&b);
    bus_cycle(&b, 1, 0, 0);
    bus_release(&b);
    assert_int_equal(report_count(b.report, "nor.partial-opcode"), 1);
    bus_close(&b);
}

static void security(struct bus *b, uint8_t opcode, uint32_t address, const char *data)
{
    bus_command(b, NOR_CMD_WRITE_ENABLE);
    bus_select(b);
    bus_send(b, 1, opcode);
    bus_address(b, 1, address);
    for (; data && *data; data++)
        bus_send(b, 1, (uint8_t)*data);
    bus_release(b);
    bus_ready(b);
}

static void expect_security(struct bus *b, uint32_t address, const char *data)
{
    bus_select(b);
    bus_send(b, 1, NOR_CMD_READ_SECURITY);
    bus_address(b, 1, address);
    bus_dummy(b, 8);
    for (; *data; data++)
        assert_int_equal(bus_receive(b, 1), (uint8_t)*data);
    bus_release(b);
}

static void keeps_three_security_registers(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV");
    for (unsigned i = 1; i <= 3; i++) {
        char text[] = {'r', (char)('0' + i), 0};
        security(&b, NOR_CMD_PROGRAM_SECURITY, i << 12 | 0xFF, text);
        expect_security(&b, i << 12 | 0xFF, text); // read wraps as program does
    }
    security(&b, NOR_CMD_ERASE_SECURITY, 0x2000, NULL);
    expect_security(&b, 0x10FF, "r1");
    expect_security(&b, 0x20FF, "\xFF\xFF");
    security(&b, NOR_CMD_PROGRAM_SECURITY, 0x0000, "x"); // there is no register 0
    assert_int_equal(report_count(b.report, "nor.protected"), 1);

    bus_write_register(&b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_SR2, NOR_SR2_QE | 0x10); // LB2
    bus_ready(&b);
    security(&b, NOR_CMD_PROGRAM_SECURITY, 0x2000, "x");
    security(&b, NOR_CMD_ERASE_SECURITY, 0x2000, NULL);
    expect_security(&b, 0x2000, "\xFF");
    assert_int_equal(report_count(b.report, "nor.protected"), 3);
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_SR2, NOR_SR2_QE); // LB is one-time
    bus_ready(&b);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR2), NOR_SR2_QE | 0x10);
    security(&b, NOR_CMD_ERASE_SECURITY, 0x3000, NULL);
    expect_security(&b, 0x3000, "\xFF");
    bus_close(&b);
}

static void counts_and_traces(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV");
    bus_erase(&b, NOR_CMD_ERASE_32K, 0x8000);
    bus_ready(&b);
    bus_program(&b, 0x8010, "abc", 3);
    assert_int_equal(b.trace.opcode, NOR_CMD_PAGE_PROGRAM);
    assert_true(b.trace.has_address);
    assert_int_equal(b.trace.address, 0x8010);
    assert_int_equal(b.trace.length, 3);
    bus_ready(&b);
    const struct nor_counters *c = nor_counters(b.chip);
    assert_int_equal(c->erases_32k, 1);
    assert_int_equal(c->erases_4k + c->erases_64k + c->erases_chip, 0);
    assert_int_equal(c->pages_programmed, 1);
    assert_int_equal(c->double_programs, 0);
    assert_int_equal(c->opcode[NOR_CMD_WRITE_ENABLE], 2);
    assert_int_equal(c->opcode[NOR_CMD_ERASE_32K], 1);
    bus_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programming_only_clears_bits),
        cmocka_unit_test(programs_on_four_lines),
        cmocka_unit_test(pages_wrap),
        cmocka_unit_test(erases_what_the_address_lies_in),
        cmocka_unit_test(erases_the_chip),
        cmocka_unit_test(takes_its_time),
        cmocka_unit_test(needs_wel_each_time),
        cmocka_unit_test(ignores_commands_of_a_wrong_length),
        cmocka_unit_test(keeps_three_security_registers),
        cmocka_unit_test(counts_and_traces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
