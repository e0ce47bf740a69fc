// SPDX-License-Identifier: MIT
// The debug port, its MEM-APs and the CMSIS-DAP probe, against a small memory that faults or hangs
// at will.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "vboard/probe/cmsis_dap.h"

enum { DP = 0, AP = 1, RD = 2 };
enum { HANG_ADDR = 0xF0000000, FAULT_ADDR = 0xE0000000 };

struct fixture {
    struct vclock clock;
    struct swdp dp;
    struct cmsis_dap dap;
    uint8_t memory[4096];
    unsigned sizes[8], accesses;
};

static enum bus_result at_fault(uint32_t addr)
{
    return addr >= HANG_ADDR ? BUS_HANG : addr >= FAULT_ADDR ? BUS_FAULT : BUS_OK;
}

static enum bus_result mem_read(void *ctx, vt_t at, uint32_t addr, unsigned size, uint32_t *value)
{
    struct fixture *f = ctx;
    vclock_reach(&f->clock, at);
    f->sizes[f->accesses++ & 7] = size;
    *value = 0;
    if (at_fault(addr) == BUS_OK)
        memcpy(value, f->memory + (addr & 0xFFF), size);
    return at_fault(addr);
}

static enum bus_result mem_write(void *ctx, vt_t at, uint32_t addr, unsigned size, uint32_t value)
{
    struct fixture *f = ctx;
    vclock_reach(&f->clock, at);
    f->sizes[f->accesses++ & 7] = size;
    if (at_fault(addr) == BUS_OK)
        memcpy(f->memory + (addr & 0xFFF), &value, size);
    return at_fault(addr);
}

static int setup(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof(f));
    f.dp.clock = &f.clock;
    f.dp.attached = true;
    for (int i = 0; i < SWDP_APS; i++) {
        f.dp.ap[i] = (struct memap){
            .idr = 0x84770001, .base = 0xE00FE003, .csw_fixed = 0x40, .sizes = i != 2};
        f.dp.ap[i].port = (struct mem_port){mem_read, mem_write, &f};
    }
    swdp_power_up(&f.dp);
    cmsis_dap_init(&f.dap, probe_profile_find("full-speed"), &f.dp);
    *state = &f;
    return 0;
}

static void line_reset(struct swdp *dp)
{
    uint8_t ones[8], idle[1] = {0};
    memset(ones, 0xFF, sizeof(ones));
    swdp_sequence(dp, ones, 56);
    swdp_sequence(dp, idle, 8);
}

static void connect(struct swdp *dp)
{
    static const uint8_t select_swd[2] = {0x9E, 0xE7};
    uint32_t v = 0;
    line_reset(dp);
    swdp_sequence(dp, select_swd, 16);
    line_reset(dp);
    assert_int_equal(swdp_packet(dp, 0, DP | RD | 0x0, &v), SWD_OK);
    assert_int_equal(v, 0x6BA02477);
    v = 0x50000000;
    assert_int_equal(swdp_packet(dp, 0, DP | 0x4, &v), SWD_OK);
}

static enum swd_ack put(struct swdp *dp, unsigned request, uint32_t value)
{
    return swdp_packet(dp, 0, request, &value);
}

static uint32_t get(struct swdp *dp, unsigned request)
{
    uint32_t v = 0xDEADBEEF;
    assert_int_equal(swdp_packet(dp, 0, request | RD, &v), SWD_OK);
    return v;
}

static void no_answer_before_the_switch_sequence(void **state)
{
    struct fixture *f = *state;
    uint32_t v;
    assert_int_equal(swdp_packet(&f->dp, 0, DP | RD, &v), SWD_NO_ACK);
    line_reset(&f->dp); // ones alone do not leave JTAG
    assert_int_equal(swdp_packet(&f->dp, 0, DP | RD, &v), SWD_NO_ACK);
    connect(&f->dp);
}

static void first_packet_must_read_dpidr(void **state)
{
    struct fixture *f = *state;
    connect(&f->dp);
    line_reset(&f->dp);
    assert_int_equal(put(&f->dp, DP | 0x8, 0), SWD_NO_ACK);
    uint32_t v;
    assert_int_equal(swdp_packet(&f->dp, 0, DP | RD, &v), SWD_NO_ACK); // needs a line reset now
    line_reset(&f->dp);
    assert_int_equal(swdp_packet(&f->dp, 0, DP | RD, &v), SWD_OK);
}

static void power_up_is_acknowledged(void **state)
{
    struct fixture *f = *state;
    connect(&f->dp);
    assert_int_equal(get(&f->dp, DP | 0x4) & 0xF0000000, 0xF0000000);
}

static void ap_access_needs_power(void **state)
{
    struct fixture *f = *state;
    connect(&f->dp);
    put(&f->dp, DP | 0x4, 0);
    assert_int_equal(put(&f->dp, AP | 0x4, 0), SWD_FAULT);
    assert_int_equal(get(&f->dp, DP | 0x4) & 0x20, 0x20);
}

static void reads_are_posted(void **state)
{
    struct fixture *f = *state;
    connect(&f->dp);
    memcpy(f->memory + 0x10, "\x11\x22\x33\x44\x55\x66\x77\x88", 8);
    put(&f->dp, AP | 0x0, 0x12); // word, increment
    put(&f->dp, AP | 0x4, 0x20000010);
    get(&f->dp, AP | 0xC);
    assert_int_equal(get(&f->dp, AP | 0xC), 0x44332211);
    assert_int_equal(get(&f->dp, DP | 0xC), 0x88776655);
    assert_int_equal(f->dp.ap[0].tar, 0x20000018);
}

static void tar_wraps_at_1k(void **state)
{
    struct fixture *f = *state;
    connect(&f->dp);
    put(&f->dp, AP | 0x0, 0x12);
    put(&f->dp, AP | 0x4, 0x200003FC);
    put(&f->dp, AP | 0xC, 1);
    assert_int_equal(f->dp.ap[0].tar, 0x20000000);
}

static void bytes_travel_in_their_lanes(void **state)
{
    struct fixture *f = *state;
    connect(&f->dp);
    put(&f->dp, AP | 0x0, 0x10); // byte, increment
    put(&f->dp, AP | 0x4, 0x20000002);
    put(&f->dp, AP | 0xC, 0x00AB0000);
    assert_int_equal(f->memory[2], 0xAB);
    assert_int_equal(f->sizes[0], 1);
    put(&f->dp, AP | 0x4, 0x20000002);
    get(&f->dp, AP | 0xC);
    assert_int_equal(get(&f->dp, DP | 0xC), 0x00AB0000);
}

static void packed_transfers_split_the_word(void **state)
{
    struct fixture *f = *state;
    connect(&f->dp);
    put(&f->dp, AP | 0x0, 0x20); // byte, packed
    put(&f->dp, AP | 0x4, 0x20000004);
    put(&f->dp, AP | 0xC, 0x04030201);
    assert_memory_equal(f->memory + 4, "\1\2\3\4", 4);
    assert_int_equal(f->accesses, 4);
    assert_int_equal(f->dp.ap[0].tar, 0x20000008);
}

static void apb_ap_is_words_only(void **state)
{
    struct fixture *f = *state;
    connect(&f->dp);
    put(&f->dp, DP | 0x8, 2u << 24);
    put(&f->dp, AP | 0x0, 0x20);
    get(&f->dp, AP | 0x0);
    assert_int_equal(get(&f->dp, DP | 0xC) & 0x37, 0x02);
}

static void bus_fault_is_sticky_until_cleared(void **state)
{
    struct fixture *f = *state;
    connect(&f->dp);
    put(&f->dp, AP | 0x0, 2);
    put(&f->dp, AP | 0x4, FAULT_ADDR);
    assert_int_equal(put(&f->dp, AP | 0xC, 1), SWD_OK); // accepted, then fails on the bus
    assert_int_equal(put(&f->dp, AP | 0x4, 0x20000000), SWD_FAULT);
    uint32_t v;
    assert_int_equal(swdp_packet(&f->dp, 0, DP | RD | 0xC, &v), SWD_FAULT);
    assert_int_equal(get(&f->dp, DP | 0x4) & 0x20, 0x20);
    put(&f->dp, DP | 0x0, 0x1E);
    assert_int_equal(put(&f->dp, AP | 0x4, 0x20000000), SWD_OK);
}

static void hang_waits_until_dapabort(void **state)
{
    struct fixture *f = *state;
    connect(&f->dp);
    put(&f->dp, AP | 0x0, 2);
    put(&f->dp, AP | 0x4, HANG_ADDR);
    put(&f->dp, AP | 0xC, 1);
    assert_int_equal(put(&f->dp, AP | 0x4, 0), SWD_WAIT);
    assert_int_equal(get(&f->dp, DP | 0x4) & 0x20, 0); // CTRL/STAT can be read
    put(&f->dp, DP | 0x0, 1);
    assert_int_equal(put(&f->dp, AP | 0x4, 0x20000000), SWD_OK);
}

static void missing_ap_reads_zero(void **state)
{
    struct fixture *f = *state;
    connect(&f->dp);
    put(&f->dp, DP | 0x8, 7u << 24 | 0xF0);
    get(&f->dp, AP | 0xC);
    assert_int_equal(get(&f->dp, DP | 0xC), 0);
}

// ---- the probe ----

static void probe_connect(struct fixture *f)
{
    connect(&f->dp);
    put(&f->dp, AP | 0x0, 0x12);
}

static void probe_transfers_give_final_values(void **state)
{
    struct fixture *f = *state;
    uint8_t reply[DAP_PACKET_MAX];
    vt_t done;
    probe_connect(f);
    memcpy(f->memory, "\1\0\0\0\2\0\0\0", 8);
    // write TAR, read DRW twice
    static const uint8_t request[] = {0x05, 0, 3, 0x05, 0, 0, 0, 0x20, 0x0F, 0x0F};
    unsigned n = cmsis_dap_command(&f->dap, 0, request, sizeof(request), reply, &done);
    assert_int_equal(n, 11);
    assert_memory_equal(reply, "\5\3\1\1\0\0\0\2\0\0\0", 11);
    // four packets: TAR, DRW, DRW, RDBUFF at 1 MHz
    assert_true(done >= 4 * 46 * VT_US && done < 5 * 46 * VT_US);
}

static void probe_reports_the_fault_of_a_last_write(void **state)
{
    struct fixture *f = *state;
    uint8_t reply[DAP_PACKET_MAX];
    vt_t done;
    probe_connect(f);
    static const uint8_t request[] = {0x05, 0, 2, 0x05, 0, 0, 0, 0xE0, 0x0D, 1, 2, 3, 4};
    cmsis_dap_command(&f->dap, 0, request, sizeof(request), reply, &done);
    assert_int_equal(reply[2], SWD_FAULT);
}

static void probe_retries_wait(void **state)
{
    struct fixture *f = *state;
    uint8_t reply[DAP_PACKET_MAX];
    vt_t done;
    probe_connect(f);
    put(&f->dp, AP | 0x4, HANG_ADDR);
    put(&f->dp, AP | 0xC, 0);
    static const uint8_t configure[] = {0x04, 0, 5, 0, 0, 0};
    cmsis_dap_command(&f->dap, 0, configure, sizeof(configure), reply, &done);
    uint64_t before = f->dap.packets;
    static const uint8_t request[] = {0x05, 0, 1, 0x05, 0, 0, 0, 0};
    cmsis_dap_command(&f->dap, 0, request, sizeof(request), reply, &done);
    assert_int_equal(reply[1], 0);
    assert_int_equal(reply[2], SWD_WAIT);
    assert_int_equal(f->dap.packets - before, 6);
}

static void probe_does_not_know_jtag(void **state)
{
    struct fixture *f = *state;
    uint8_t reply[DAP_PACKET_MAX];
    vt_t done;
    static const uint8_t connect_jtag[] = {0x02, 2}, idcode[] = {0x16, 0};
    cmsis_dap_command(&f->dap, 0, connect_jtag, 2, reply, &done);
    assert_int_equal(reply[1], 0);
    cmsis_dap_command(&f->dap, 0, idcode, 2, reply, &done);
    assert_int_equal(reply[0], 0xFF);
}

static void block_write_is_bounded_by_its_packet(void **state)
{
    struct fixture *f = *state;
    uint8_t reply[DAP_PACKET_MAX], request[64] = {0x06, 0, 20, 0, 0x0D}; // claims 20 words, has 14
    vt_t done;
    probe_connect(f);
    put(&f->dp, AP | 0x4, 0x20000000);
    cmsis_dap_command(&f->dap, 0, request, sizeof(request), reply, &done);
    assert_int_equal(reply[1], 14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(no_answer_before_the_switch_sequence, setup),
        cmocka_unit_test_setup(first_packet_must_read_dpidr, setup),
        cmocka_unit_test_setup(power_up_is_acknowledged, setup),
        cmocka_unit_test_setup(ap_access_needs_power, setup),
        cmocka_unit_test_setup(reads_are_posted, setup),
        cmocka_unit_test_setup(tar_wraps_at_1k, setup),
        cmocka_unit_test_setup(bytes_travel_in_their_lanes, setup),
        cmocka_unit_test_setup(packed_transfers_split_the_word, setup),
        cmocka_unit_test_setup(apb_ap_is_words_only, setup),
        cmocka_unit_test_setup(bus_fault_is_sticky_until_cleared, setup),
        cmocka_unit_test_setup(hang_waits_until_dapabort, setup),
        cmocka_unit_test_setup(missing_ap_reads_zero, setup),
        cmocka_unit_test_setup(probe_transfers_give_final_values, setup),
        cmocka_unit_test_setup(probe_reports_the_fault_of_a_last_write, setup),
        cmocka_unit_test_setup(probe_retries_wait, setup),
        cmocka_unit_test_setup(probe_does_not_know_jtag, setup),
        cmocka_unit_test_setup(block_write_is_bounded_by_its_packet, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
