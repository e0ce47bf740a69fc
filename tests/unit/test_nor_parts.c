// SPDX-License-Identifier: MIT
// The NOR chip's files, and the four-byte addresses of 256 Mbit.
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "nor_bus.h"

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
    bus_expect_sr(&c, 0, NOR_SR2_QE | 0x08, 0x60);
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
    bus_expect_sr(&b, 0, NOR_SR2_QE, 0x60 | NOR_SR3_ADS);
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
    bus_select(&b); // the unique id takes a fifth dummy byte
    bus_send(&b, 1, NOR_CMD_READ_UNIQUE_ID);
    bus_dummy(&b, 40);
    assert_int_equal(bus_receive(&b, 1), 0xDF);
    bus_release(&b);
    bus_command(&b, NOR_CMD_EXIT_4BYTE);
    bus_expect_sr(&b, 0, NOR_SR2_QE, 0x60);
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
    bus_expect_sr(&b, 0, NOR_SR2_QE, 0x60 | NOR_SR3_ADP);
    bus_power_cycle(&b);
    bus_expect_sr(&b, 0, NOR_SR2_QE, 0x60 | NOR_SR3_ADP | NOR_SR3_ADS);
    bus_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_contents_and_registers_in_files, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(refuses_files_it_cannot_use, make_dir, remove_dir),
        cmocka_unit_test(reads_256_mbit_with_four_byte_addresses),
        cmocka_unit_test(writes_256_mbit_with_four_byte_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
