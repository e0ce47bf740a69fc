// SPDX-License-Identifier: MIT
// Write protection of the NOR chip at its pins: every row of the datasheet's tables for 64 Mbit,
// both CMP values, written out here by hand; samples of the other sizes; individual locks; SRP and
// SRL.
#include "nor_bus.h"

#define NONE 0, 0

// W25Q64JV-DTR datasheet Rev J, 7.1: first protected address and the one after the last.
static const struct row {
    uint8_t sec, tb, bp;
    uint32_t start, end;         // CMP = 0
    uint32_t cmp_start, cmp_end; // CMP = 1
} table_64m[] = {
    {0, 0, 0, NONE, 0x000000, 0x800000},
    {0, 1, 0, NONE, 0x000000, 0x800000},
    {1, 0, 0, NONE, 0x000000, 0x800000},
    {1, 1, 0, NONE, 0x000000, 0x800000},
    {0, 0, 1, 0x7E0000, 0x800000, 0x000000, 0x7E0000},
    {0, 0, 2, 0x7C0000, 0x800000, 0x000000, 0x7C0000},
    {0, 0, 3, 0x780000, 0x800000, 0x000000, 0x780000},
    {0, 0, 4, 0x700000, 0x800000, 0x000000, 0x700000},
    {0, 0, 5, 0x600000, 0x800000, 0x000000, 0x600000},
    {0, 0, 6, 0x400000, 0x800000, 0x000000, 0x400000},
    {0, 1, 1, 0x000000, 0x020000, 0x020000, 0x800000},
    {0, 1, 2, 0x000000, 0x040000, 0x040000, 0x800000},
    {0, 1, 3, 0x000000, 0x080000, 0x080000, 0x800000},
    {0, 1, 4, 0x000000, 0x100000, 0x100000, 0x800000},
    {0, 1, 5, 0x000000, 0x200000, 0x200000, 0x800000},
    {0, 1, 6, 0x000000, 0x400000, 0x400000, 0x800000},
    {0, 0, 7, 0x000000, 0x800000, NONE},
    {0, 1, 7, 0x000000, 0x800000, NONE},
    {1, 0, 7, 0x000000, 0x800000, NONE},
    {1, 1, 7, 0x000000, 0x800000, NONE},
    {1, 0, 1, 0x7FF000, 0x800000, 0x000000, 0x7FF000},
    {1, 0, 2, 0x7FE000, 0x800000, 0x000000, 0x7FE000},
    {1, 0, 3, 0x7FC000, 0x800000, 0x000000, 0x7FC000},
    {1, 0, 4, 0x7F8000, 0x800000, 0x000000, 0x7F8000},
    {1, 0, 5, 0x7F8000, 0x800000, 0x000000, 0x7F8000},
    {1, 1, 1, 0x000000, 0x001000, 0x001000, 0x800000},
    {1, 1, 2, 0x000000, 0x002000, 0x002000, 0x800000},
    {1, 1, 3, 0x000000, 0x004000, 0x004000, 0x800000},
    {1, 1, 4, 0x000000, 0x008000, 0x008000, 0x800000},
    {1, 1, 5, 0x000000, 0x008000, 0x008000, 0x800000},
};

static uint8_t sr1_of(const struct row *r)
{
    return (uint8_t)(r->sec << 6 | r->tb << 5 | r->bp << 2);
}

// Whether a page program at `address` took effect; the cell is left blank.
static bool programs(struct bus *b, uint32_t address)
{
    bus_program(b, address, "\x00", 1);
    bool executed = b->trace.executed;
    bus_ready(b);
    bool changed = nor_array(b->chip)[address] == 0;
    nor_array(b->chip)[address] = 0xFF;
    assert_int_equal(changed, executed);
    bus_command(b, NOR_CMD_WRITE_DISABLE);
    return changed;
}

static bool erases(struct bus *b, uint8_t opcode, uint32_t address)
{
    nor_array(b->chip)[address] = 0;
    bus_erase(b, opcode, address);
    bus_ready(b);
    bool changed = nor_array(b->chip)[address] == 0xFF;
    nor_array(b->chip)[address] = 0xFF;
    bus_command(b, NOR_CMD_WRITE_DISABLE);
    return changed;
}

static bool erases_chip(struct bus *b)
{
    bus_command(b, NOR_CMD_WRITE_ENABLE);
    bus_command(b, NOR_CMD_ERASE_CHIP);
    bool started = bus_busy(b);
    bus_ready(b);
    bus_command(b, NOR_CMD_WRITE_DISABLE);
    return started;
}

static void expect_protected(struct bus *b, uint32_t start, uint32_t end)
{
    uint32_t size = nor_size(b->chip);
    uint32_t probe[] = {0,          start ? start - 1 : 0, start,    end ? end - 1 : 0,
                        end % size, size / 2 - 1,          size / 2, size - 1};
    for (unsigned i = 0; i < sizeof(probe) / sizeof(probe[0]); i++) {
        bool inside = probe[i] >= start && probe[i] < end;
        if (programs(b, probe[i]) == inside)
            fail_msg("program at %06X with SR1=%02X SR2=%02X", probe[i], nor_status(b->chip, 1),
                     nor_status(b->chip, 2));
        if (erases(b, NOR_CMD_ERASE_4K, probe[i]) == inside)
            fail_msg("4K erase at %06X with SR1=%02X SR2=%02X", probe[i], nor_status(b->chip, 1),
                     nor_status(b->chip, 2));
        uint32_t block = probe[i] & ~0xFFFFu; // a block partly protected is protected
        inside = start < end && block < end && block + 0x10000 > start;
        if (erases(b, NOR_CMD_ERASE_64K, probe[i]) == inside)
            fail_msg("64K erase at %06X with SR1=%02X SR2=%02X", probe[i], nor_status(b->chip, 1),
                     nor_status(b->chip, 2));
    }
    assert_int_equal(erases_chip(b), start == end);
}

static void protects_as_the_table_says(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV");
    for (unsigned i = 0; i < sizeof(table_64m) / sizeof(table_64m[0]); i++) {
        const struct row *r = &table_64m[i];
        nor_set_status(b.chip, sr1_of(r), NOR_SR2_QE, 0x60);
        expect_protected(&b, r->start, r->end);
        nor_set_status(b.chip, sr1_of(r), NOR_SR2_QE | NOR_SR2_CMP, 0x60);
        expect_protected(&b, r->cmp_start, r->cmp_end);
    }
    assert_true(report_count(b.report, "nor.protected") > 0);
    bus_close(&b);
}

// Tables of the W25Q16JV, W25Q32JV, W25Q128JV and W25Q256JV datasheets.
static void scales_with_the_size(void **state)
{
    (void)state;
    static const struct {
        const char *part;
        uint8_t sr1;
        uint32_t start, end;
    } rows[] = {
        {"W25Q16JV", 1 << 2, 0x1F0000, 0x200000},
        {"W25Q16JV", 5 << 2, 0x100000, 0x200000},
        {"W25Q16JV", 6 << 2, 0, 0x200000},
        {"W25Q16JV", 7 << 2, 0, 0x200000},
        {"W25Q32JV", 1 << 2, 0x3F0000, 0x400000},
        {"W25Q32JV", 0x20 | 6 << 2, 0, 0x200000},
        {"W25Q128JV", 1 << 2, 0xFC0000, 0x1000000},
        {"W25Q128JV", 0x20 | 6 << 2, 0, 0x800000},
        {"W25Q128JV", 0x40 | 4 << 2, 0xFF8000, 0x1000000},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bus b;
        bus_open(&b, rows[i].part);
        nor_set_status(b.chip, rows[i].sr1, NOR_SR2_QE, 0x60);
        expect_protected(&b, rows[i].start, rows[i].end);
        bus_close(&b);
    }
}

static bool erases_wide(struct bus *b, uint32_t address)
{
    nor_array(b->chip)[address] = 0;
    bus_command(b, NOR_CMD_WRITE_ENABLE);
    bus_select(b);
    bus_send(b, 1, NOR_CMD_ERASE_4K_4B);
    bus_address4(b, 1, address);
    bus_release(b);
    bus_ready(b);
    return nor_array(b->chip)[address] == 0xFF;
}

static void protects_256_mbit_with_four_bp_bits(void **state)
{
    (void)state;
    static const struct {
        uint8_t sr1;
        uint32_t start, end;
    } rows[] = {{0x00, NONE},
                {0x04, 0x1FF0000, 0x2000000}, // 0001, top: 64 KiB
                {0x24, 0x1000000, 0x2000000}, // 1001, top: half
                {0x40 | 0x04, 0, 0x0010000},  // 0001, bottom
                {0x40 | 0x20, 0, 0x0800000},  // 1000, bottom: 8 MiB
                {0x28, 0, 0x2000000},         // 1010: all
                {0x3C, 0, 0x2000000}};
    struct bus b;
    bus_open(&b, "W25Q256JV");
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nor_set_status(b.chip, rows[i].sr1, NOR_SR2_QE, 0x60);
        uint32_t probe[] = {0,         rows[i].start, rows[i].end ? rows[i].end - 1 : 0,
                            0x1FEFFFF, 0x1FFFFFF,     0x0FFFFFF,
                            0x0010000};
        for (unsigned p = 0; p < sizeof(probe) / sizeof(probe[0]); p++) {
            bool inside = probe[p] >= rows[i].start && probe[p] < rows[i].end;
            assert_int_equal(erases_wide(&b, probe[p]), !inside);
        }
    }
    bus_close(&b);
}

static uint8_t read_lock(struct bus *b, uint32_t address)
{
    bus_select(b);
    bus_send(b, 1, NOR_CMD_READ_BLOCK_LOCK);
    bus_address(b, 1, address);
    uint8_t v = bus_receive(b, 1);
    bus_release(b);
    return v;
}

static void locks_blocks_and_sectors_with_wps(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV");
    nor_set_status(b.chip, 0, NOR_SR2_QE, 0x60 | NOR_SR3_WPS);
    assert_false(programs(&b, 0)); // all locked after power-up
    assert_false(programs(&b, 0x400000));
    assert_false(erases_chip(&b));
    bus_command_addressed(&b, NOR_CMD_BLOCK_UNLOCK, 0x3000); // no WEL
    assert_int_equal(read_lock(&b, 0x3000), 1);
    bus_erase(&b, NOR_CMD_BLOCK_UNLOCK, 0x3123);
    assert_int_equal(read_lock(&b, 0x3FFF), 0);
    assert_int_equal(read_lock(&b, 0x2FFF), 1); // a sector in the first block
    assert_true(programs(&b, 0x3000));
    assert_false(programs(&b, 0x4000));
    bus_erase(&b, NOR_CMD_BLOCK_UNLOCK, 0x7FF000); // and in the last
    assert_true(programs(&b, 0x7FFFFF));
    assert_false(programs(&b, 0x7FEFFF));
    bus_erase(&b, NOR_CMD_BLOCK_UNLOCK, 0x410000); // else the block
    assert_true(programs(&b, 0x41FFFF));
    assert_false(programs(&b, 0x420000));
    assert_true(erases(&b, NOR_CMD_ERASE_64K, 0x410000));
    assert_false(erases(&b, NOR_CMD_ERASE_64K, 0x000000)); // one sector open is not enough
    bus_command(&b, NOR_CMD_WRITE_ENABLE);
    bus_command(&b, NOR_CMD_GLOBAL_UNLOCK);
    assert_true(erases_chip(&b));
    bus_erase(&b, NOR_CMD_BLOCK_LOCK, 0x200000);
    assert_false(programs(&b, 0x20ABCD));
    bus_command(&b, NOR_CMD_WRITE_ENABLE);
    bus_command(&b, NOR_CMD_GLOBAL_LOCK);
    assert_false(programs(&b, 0x100000));
    nor_set_status(b.chip, 0, NOR_SR2_QE, 0x60); // WPS=0: the locks do not count
    assert_true(programs(&b, 0x100000));
    bus_close(&b);
}

static void write_sr1(struct bus *b, uint8_t value)
{
    bus_write_register(b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_SR1, value);
    bus_ready(b);
    bus_command(b, NOR_CMD_WRITE_DISABLE);
}

static void srp_and_wp_low_lock_the_registers(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV-IM");
    nor_set_status(b.chip, NOR_SR1_SRP, 0, 0x60);
    b.hold_mask = 0x4;
    b.hold = 0; // /WP low
    write_sr1(&b, 0x1C);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), NOR_SR1_SRP);
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE_VOLATILE_SR, NOR_CMD_WRITE_SR2, NOR_SR2_QE);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR2), 0);
    assert_int_equal(report_count(b.report, "nor.status-locked"), 2);
    b.hold = 0x4; // /WP high
    write_sr1(&b, NOR_SR1_SRP | 0x04);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), NOR_SR1_SRP | 0x04);
    b.hold = 0;
    nor_set_status(b.chip, NOR_SR1_SRP, NOR_SR2_QE, 0x60); // QE: the pin is IO2
    write_sr1(&b, 0);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0);
    write_sr1(&b, 0x1C); // and without SRP /WP means nothing
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0x1C);
    bus_close(&b);
}

static void srl_locks_until_the_power_goes(void **state)
{
    (void)state;
    struct bus b;
    bus_open(&b, "W25Q64JV");
    bus_write_register(&b, NOR_CMD_WRITE_ENABLE, NOR_CMD_WRITE_SR2, NOR_SR2_QE | NOR_SR2_SRL);
    bus_ready(&b);
    write_sr1(&b, 0x1C);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0);
    bus_command(&b, NOR_CMD_RESET_ENABLE);
    bus_command(&b, NOR_CMD_RESET);
    bus_wait(&b, 30 * VT_US);
    write_sr1(&b, 0x1C);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0);
    nor_power(b.chip, false);
    nor_power(b.chip, true);
    bus_wait(&b, 6 * VT_MS);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR2), NOR_SR2_QE);
    write_sr1(&b, 0x1C);
    assert_int_equal(bus_register(&b, NOR_CMD_READ_SR1), 0x1C);
    bus_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(protects_as_the_table_says),
        cmocka_unit_test(scales_with_the_size),
        cmocka_unit_test(protects_256_mbit_with_four_bp_bits),
        cmocka_unit_test(locks_blocks_and_sectors_with_wps),
        cmocka_unit_test(srp_and_wp_low_lock_the_registers),
        cmocka_unit_test(srl_locks_until_the_power_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
