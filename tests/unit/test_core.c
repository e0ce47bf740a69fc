// SPDX-License-Identifier: MIT
// The core: halting, stepping, breakpoints, exceptions, faults, lockup, sleep, and that skipped
// waiting loops take exactly the time of the loops themselves.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "vboard/core/core.h"

#define FLASH 0x08000000u
#define RAM   0x20000000u
#define DEV   0x40000000u
#define SCS   0xE000E000u
#define DHCSR 0xE000EDF0u
#define DCRSR 0xE000EDF4u
#define DCRDR 0xE000EDF8u
#define DEMCR 0xE000EDFCu
#define DFSR  0xE000ED30u
#define AIRCR 0xE000ED0Cu

enum { PC = 15, XPSR = 16, CYCLE = 15625 }; // ps at 64 MHz

struct fixture {
    struct vclock clock;
    struct report *report;
    struct bus bus;
    struct core *core;
    struct mem_port port;
    uint8_t *flash, *ram;
    vt_t ready_at; // the device's flag comes then
    unsigned device_reads, resets;
};

static enum bus_result dev_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    struct fixture *f = ctx;
    (void)size;
    f->device_reads++;
    *value = f->clock.now >= f->ready_at;
    return offset == 0x800 ? BUS_FAULT : offset == 0xC00 ? BUS_HANG : BUS_OK;
}

static enum bus_result dev_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    (void)ctx, (void)size, (void)value;
    return offset == 0x800 ? BUS_FAULT : BUS_OK;
}

static vt_t dev_next(void *ctx)
{
    struct fixture *f = ctx;
    return f->ready_at > f->clock.now ? f->ready_at : VT_NEVER;
}

static uint32_t hz(void *ctx)
{
    (void)ctx;
    return 64000000;
}

static void system_reset(void *ctx)
{
    struct fixture *f = ctx;
    f->resets++;
    core_reset(f->core, false);
}

static void put(struct fixture *f, uint32_t addr, uint32_t value)
{
    assert_int_equal(f->port.write(f->port.ctx, f->clock.now, addr, 4, value), BUS_OK);
}

static uint32_t get(struct fixture *f, uint32_t addr)
{
    uint32_t v = 0;
    assert_int_equal(f->port.read(f->port.ctx, f->clock.now, addr, 4, &v), BUS_OK);
    return v;
}

static void set_register(struct fixture *f, unsigned n, uint32_t value)
{
    put(f, DCRDR, value);
    put(f, DCRSR, 1u << 16 | n);
}

static void halt(struct fixture *f)
{
    put(f, DHCSR, 0xA05F0003);
    assert_true(core_halted(f->core));
}

static void run(struct fixture *f)
{
    put(f, DHCSR, 0xA05F0001);
}

static void run_for(struct fixture *f, vt_t time)
{
    core_run_until(f->core, f->clock.now + time);
}

static void vectors(struct fixture *f, uint32_t reset)
{
    uint32_t *v = (uint32_t *)(void *)f->flash;
    v[0] = RAM + 0x1000;
    v[1] = reset | 1;
    for (unsigned i = 2; i < 64; i++)
        v[i] = (FLASH + 0x400) | 1; // b .
    v[3] = (FLASH + 0x420) | 1;
    f->flash[0x400] = f->flash[0x420] = 0xFE;
    f->flash[0x401] = f->flash[0x421] = 0xE7;
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->report = report_new();
    f->flash = aligned_alloc(4096, 0x10000);
    f->ram = aligned_alloc(4096, 0x10000);
    memset(f->flash, 0xFF, 0x10000);
    memset(f->ram, 0, 0x10000);
    vectors(f, FLASH + 0x400);
    bus_add_memory(
        &f->bus,
        &(struct bus_memory){.name = "flash", .base = FLASH, .size = 0x10000, .bytes = f->flash});
    bus_add_memory(&f->bus, &(struct bus_memory){
                                .name = "ram", .base = RAM, .size = 0x10000, .bytes = f->ram});
    bus_add_device(&f->bus, &(struct bus_device){.name = "dev",
                                                 .base = DEV,
                                                 .size = 0x1000,
                                                 .ctx = f,
                                                 .read = dev_read,
                                                 .write = dev_write,
                                                 .next_event = dev_next});
    f->core = core_new(&(struct core_config){.clock = &f->clock,
                                             .report = f->report,
                                             .bus = &f->bus,
                                             .cpu_hz = hz,
                                             .system_reset = system_reset,
                                             .ctx = f,
                                             .boot_address = FLASH});
    assert_non_null(f->core);
    f->port = core_ahb_port(f->core);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    core_free(f->core);
    report_free(f->report);
    free(f->flash);
    free(f->ram);
    free(f);
    return 0;
}

// Load halfwords at RAM, halt, and stand at their start.
static void load(struct fixture *f, const uint16_t *code, size_t size)
{
    halt(f);
    memcpy(f->ram, code, size);
    core_code_changed(f->core, RAM, (uint32_t)size);
    set_register(f, PC, RAM);
    set_register(f, XPSR, 1u << 24);
    put(f, DFSR, 0x1F);
}
#define LOAD(f, ...)                                                                               \
    load(f, (const uint16_t[]){__VA_ARGS__}, sizeof((const uint16_t[]){__VA_ARGS__}))

static void reset_takes_stack_and_entry_from_the_vectors(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(core_register(f->core, 13), RAM + 0x1000);
    assert_int_equal(core_register(f->core, PC), FLASH + 0x400);
    assert_int_equal(get(f, 0xE000ED00), 0x411FC271);
}

static void halting_sets_c_halt(void **state)
{
    struct fixture *f = *state;
    run_for(f, 10 * VT_US);
    put(f, DHCSR, 0x12340003); // wrong key
    assert_false(core_halted(f->core));
    halt(f);
    assert_int_equal(get(f, DHCSR) & 0x20003, 0x20003);
    assert_int_equal(get(f, DFSR), 1);
}

static void breakpoint_instruction_halts_on_it(void **state)
{
    struct fixture *f = *state;
    LOAD(f, 0x2005, 0x3001, 0xBE00); // movs r0,#5; adds r0,#1; bkpt
    run(f);
    run_for(f, VT_US);
    assert_true(core_halted(f->core));
    assert_int_equal(core_register(f->core, 0), 6);
    assert_int_equal(core_register(f->core, PC), RAM + 4);
    assert_int_equal(get(f, DFSR), 2);
    assert_int_equal(get(f, DHCSR) & 2, 2); // entering debug state sets C_HALT
}

static void step_executes_one_instruction(void **state)
{
    struct fixture *f = *state;
    LOAD(f, 0x3001, 0xF04F, 0x0107, 0xE7FB); // adds r0,#1; mov.w r1,#7; b .-6
    for (unsigned turn = 0; turn < 3; turn++)
        for (unsigned i = 0; i < 3; i++) {
            put(f, DHCSR, 0xA05F000D); // step, interrupts masked
            static const uint32_t after[3] = {RAM + 2, RAM + 6, RAM};
            assert_int_equal(core_register(f->core, PC), after[i]);
            assert_true(core_halted(f->core));
        }
}

static void fpb_breaks_before_the_instruction(void **state)
{
    struct fixture *f = *state;
    LOAD(f, 0x3001, 0x3001, 0x3001, 0xE7FB); // three adds, loop
    run(f);
    run_for(f, VT_US); // translated without the breakpoint first
    halt(f);
    set_register(f, 0, 0);
    set_register(f, PC, RAM);
    put(f, 0xE0002000, 3);
    put(f, 0xE0002008, (RAM + 4) | 1);
    run(f);
    run_for(f, VT_US);
    assert_true(core_halted(f->core));
    assert_int_equal(core_register(f->core, PC), RAM + 4);
    assert_int_equal(core_register(f->core, 0), 2);
    put(f, 0xE0002008, 0);
    run(f);
    run_for(f, VT_US);
    assert_false(core_halted(f->core));
}

static void watchpoint_stops_behind_the_store(void **state)
{
    struct fixture *f = *state;
    LOAD(f, 0x6001, 0xE7FE); // str r1,[r0]; b .
    put(f, DEMCR, 1u << 24);
    put(f, 0xE0001020, RAM + 0x800);
    put(f, 0xE0001024, 2);
    put(f, 0xE0001028, 6);
    set_register(f, 0, RAM + 0x800);
    run(f);
    run_for(f, VT_US);
    assert_true(core_halted(f->core));
    assert_int_equal(get(f, DFSR) & 4, 4);
}

static void systick_interrupts(void **state)
{
    struct fixture *f = *state;
    // counter at RAM+0x800; handler: ldr r0,[pc,#4]; ldr r1,[r0]; adds r1,#1; str r1,[r0]; bx lr
    static const uint16_t handler[] = {0x4802, 0x6801, 0x3101, 0x6001,
                                       0x4770, 0xBF00, 0x0800, 0x2000};
    memcpy(f->flash + 0x500, handler, sizeof(handler));
    ((uint32_t *)(void *)f->flash)[15] = (FLASH + 0x500) | 1;
    LOAD(f, 0xBF30, 0xE7FD); // wfi; b
    put(f, SCS + 0x14, 63999);
    put(f, SCS + 0x18, 0);
    put(f, SCS + 0x10, 7);
    run(f);
    run_for(f, 10 * VT_MS + VT_US);
    assert_int_equal(get(f, RAM + 0x800), 10);
    halt(f);
    assert_int_equal(core_register(f->core, XPSR) & 0x1FF, 0);
}

static void masked_interrupts_wait_but_wake(void **state)
{
    struct fixture *f = *state;
    LOAD(f, 0xB672, 0xBF30, 0x2001, 0xBE00); // cpsid i; wfi; movs r0,#1; bkpt
    set_register(f, 0, 0);
    put(f, SCS + 0x14, 63999);
    put(f, SCS + 0x10, 7);
    run(f);
    run_for(f, 500 * VT_US);
    assert_int_equal(core_register(f->core, 0), 0);
    run_for(f, 600 * VT_US);
    assert_true(core_halted(f->core));
    assert_int_equal(core_register(f->core, PC), RAM + 6);
}

static void nvic_lines_interrupt_by_priority(void **state)
{
    struct fixture *f = *state;
    LOAD(f, 0xE7FE);
    put(f, SCS + 0x100, 3);          // enable 0 and 1
    put(f, SCS + 0x400, 0x00001020); // 0: 0x20, 1: 0x10
    run(f);
    core_irq(f->core, 0, true);
    core_irq(f->core, 1, true);
    run_for(f, VT_US);
    halt(f);
    assert_int_equal(core_register(f->core, XPSR) & 0x1FF, 17);
    assert_int_equal(get(f, SCS + 0x200), 1); // the other is pending
}

static void svc_and_return(void **state)
{
    struct fixture *f = *state;
    static const uint16_t handler[] = {0x2107, 0x4770}; // movs r1,#7 (restored); bx lr
    memcpy(f->flash + 0x500, handler, sizeof(handler));
    ((uint32_t *)(void *)f->flash)[11] = (FLASH + 0x500) | 1;
    LOAD(f, 0x2103, 0xDF05, 0x3101, 0xBE00); // movs r1,#3; svc 5; adds r1,#1; bkpt
    run(f);
    run_for(f, 2 * VT_US);
    assert_int_equal(core_register(f->core, 1), 4);
    assert_int_equal(core_register(f->core, PC), RAM + 6);
    assert_int_equal(core_register(f->core, 13), RAM + 0x1000);
}

static void bus_fault_names_the_instruction(void **state)
{
    struct fixture *f = *state;
    LOAD(f, 0x2101, 0x3101, 0x6802, 0x3101, 0xE7FE); // ..; ldr r2,[r0]; adds r1,#1
    set_register(f, 0, 0x60000000);
    run(f);
    run_for(f, VT_US);
    halt(f);
    assert_int_equal(core_register(f->core, PC), FLASH + 0x420); // HardFault
    assert_int_equal(core_register(f->core, XPSR) & 0x1FF, 3);
    assert_int_equal(core_register(f->core, 1), 2);
    assert_int_equal(get(f, 0xE000ED38), 0x60000000);
    assert_int_equal(get(f, 0xE000ED28), 0x8200);
    uint32_t frame = core_register(f->core, 13);
    assert_int_equal(get(f, frame + 24), RAM + 4); // stacked PC
}

static void device_fault_is_precise_too(void **state)
{
    struct fixture *f = *state;
    LOAD(f, 0x2101, 0x6002, 0x3101, 0xE7FE); // movs; str r2,[r0]; adds
    set_register(f, 0, DEV + 0x800);
    run(f);
    run_for(f, VT_US);
    halt(f);
    assert_int_equal(core_register(f->core, 1), 1);
    assert_int_equal(get(f, core_register(f->core, 13) + 24), RAM + 2);
}

static void enabled_bus_fault_has_its_own_handler(void **state)
{
    struct fixture *f = *state;
    LOAD(f, 0x6802);
    set_register(f, 0, 0x60000000);
    put(f, 0xE000ED24, 1u << 17);
    run(f);
    run_for(f, VT_US);
    halt(f);
    assert_int_equal(core_register(f->core, XPSR) & 0x1FF, 5);
}

static void vector_catch_stops_at_the_handler(void **state)
{
    struct fixture *f = *state;
    LOAD(f, 0x6802);
    set_register(f, 0, 0x60000000);
    put(f, DEMCR, 1u << 10);
    run(f);
    run_for(f, VT_US);
    assert_true(core_halted(f->core));
    assert_int_equal(get(f, DFSR), 8);
}

static void undefined_instruction_faults(void **state)
{
    struct fixture *f = *state;
    LOAD(f, 0xDE00);
    run(f);
    run_for(f, VT_US);
    halt(f);
    assert_int_equal(get(f, 0xE000ED28) >> 16, 1);
}

static void breakpoint_without_debugger_is_a_hard_fault(void **state)
{
    struct fixture *f = *state;
    LOAD(f, 0xBE00);
    put(f, DHCSR, 0xA05F0000); // debug off, runs
    run_for(f, VT_US);
    assert_int_equal(get(f, 0xE000ED2C) >> 31, 1);
}

static void fault_in_hard_fault_locks_up(void **state)
{
    struct fixture *f = *state;
    f->flash[0x420] = 0x00; // udf in the HardFault handler
    f->flash[0x421] = 0xDE;
    LOAD(f, 0xDE00);
    run(f);
    run_for(f, VT_US);
    assert_int_equal(get(f, DHCSR) >> 19 & 1, 1);
    assert_int_equal(report_count(f->report, "core.lockup"), 1);
    halt(f);
    LOAD(f, 0x2009, 0xBE00);
    run(f);
    run_for(f, VT_US);
    assert_int_equal(core_register(f->core, 0), 9);
}

static void blank_flash_locks_up(void **state)
{
    struct fixture *f = *state;
    memset(f->flash, 0xFF, 0x10000);
    core_reset(f->core, true);
    run_for(f, VT_US);
    assert_int_equal(get(f, DHCSR) >> 19 & 1, 1);
}

static void sysresetreq_needs_its_key(void **state)
{
    struct fixture *f = *state;
    put(f, AIRCR, 0x12340004);
    assert_int_equal(f->resets, 0);
    put(f, AIRCR, 0x05FA0004);
    assert_int_equal(f->resets, 1);
    assert_int_equal(get(f, DHCSR) >> 25 & 1, 1);
    assert_int_equal(get(f, DHCSR) >> 25 & 1, 0); // sticky until read
}

static void reset_lets_a_halted_core_run(void **state)
{
    struct fixture *f = *state;
    halt(f);
    put(f, AIRCR, 0x05FA0004);
    assert_false(core_halted(f->core));
    core_hold(f->core, true); // but a halt asked for while reset is held takes effect at its end
    put(f, DHCSR, 0xA05F0003);
    core_hold(f->core, false);
    assert_true(core_halted(f->core));
}

static void vc_corereset_halts_before_the_first_instruction(void **state)
{
    struct fixture *f = *state;
    halt(f);
    put(f, DEMCR, 1);
    run(f);
    put(f, AIRCR, 0x05FA0004);
    assert_true(core_halted(f->core));
    assert_int_equal(core_register(f->core, PC), FLASH + 0x400);
}

static void hung_bus_stops_core_and_debugger(void **state)
{
    struct fixture *f = *state;
    uint32_t v;
    LOAD(f, 0x6802, 0xE7FE);
    set_register(f, 0, DEV + 0xC00);
    run(f);
    run_for(f, VT_US);
    put(f, DHCSR, 0xA05F0003);
    assert_false(core_halted(f->core));
    assert_int_equal(f->port.read(f->port.ctx, f->clock.now, RAM, 4, &v), BUS_HANG);
    put(f, AIRCR, 0x05FA0004);
    assert_int_equal(f->port.read(f->port.ctx, f->clock.now, RAM, 4, &v), BUS_OK);
}

// ldr r1,[r0]; cmp r1,#0; beq .-4; bkpt: with and without skipping the time is the same
static void skipped_device_poll_ends_when_the_flag_comes(void **state)
{
    struct fixture *f = *state;
    LOAD(f, 0x6801, 0x2900, 0xD0FC, 0xBE00);
    set_register(f, 0, DEV);
    vt_t start = f->clock.now;
    f->ready_at = start + 50 * VT_MS;
    run(f);
    run_for(f, 100 * VT_MS);
    assert_true(core_halted(f->core));
    assert_true(f->device_reads < 2000); // 50 ms of polling would be some 350,000 reads
    assert_true(f->device_reads > 2);
}

static void skipped_memory_poll_sees_the_debugger(void **state)
{
    struct fixture *f = *state;
    LOAD(f, 0x6801, 0x2900, 0xD0FC, 0xBE00);
    set_register(f, 0, RAM + 0x800);
    run(f);
    uint64_t before = core_instructions(f->core);
    run_for(f, 10 * VT_S);
    assert_true(core_instructions(f->core) - before < 1000000);
    assert_false(core_halted(f->core));
    put(f, RAM + 0x800, 1);
    run_for(f, VT_US);
    assert_true(core_halted(f->core));
}

static void counting_loop_is_not_skipped(void **state)
{
    struct fixture *f = *state;
    // a counter in memory, registers the same each turn: ldr r1,[r0]; adds r1,#1; str r1,[r0]; movs
    // r1,#0; b
    LOAD(f, 0x6801, 0x3101, 0x6001, 0x2100, 0xE7FA);
    set_register(f, 0, RAM + 0x800);
    run(f);
    run_for(f, 5 * 1000 * CYCLE);
    halt(f);
    assert_in_range(get(f, RAM + 0x800), 995, 1001);
}

static void cycle_counter_counts(void **state)
{
    struct fixture *f = *state;
    LOAD(f, 0xE7FE);
    put(f, DEMCR, 1u << 24);
    put(f, 0xE0001000, 1);
    put(f, 0xE0001004, 0);
    run(f);
    vt_t start = f->clock.now;
    run_for(f, VT_MS);
    assert_in_range(get(f, 0xE0001004), 63990, (f->clock.now - start) / CYCLE + 1);
}

static void changed_code_is_executed(void **state)
{
    struct fixture *f = *state;
    for (uint16_t i = 0; i < 3; i++) {
        LOAD(f, 0x2000 | i, 0xBE00);
        run(f);
        run_for(f, VT_US);
        assert_int_equal(core_register(f->core, 0), i);
    }
}

static void axi_port_sees_no_private_bus(void **state)
{
    struct fixture *f = *state;
    struct mem_port axi = core_axi_port(f->core);
    uint32_t v;
    assert_int_equal(axi.read(axi.ctx, f->clock.now, DHCSR, 4, &v), BUS_FAULT);
    assert_int_equal(axi.read(axi.ctx, f->clock.now, RAM, 4, &v), BUS_FAULT);
    assert_int_equal(axi.read(axi.ctx, f->clock.now, FLASH, 4, &v), BUS_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reset_takes_stack_and_entry_from_the_vectors),
        TEST(halting_sets_c_halt),
        TEST(breakpoint_instruction_halts_on_it),
        TEST(step_executes_one_instruction),
        TEST(fpb_breaks_before_the_instruction),
        TEST(watchpoint_stops_behind_the_store),
        TEST(systick_interrupts),
        TEST(masked_interrupts_wait_but_wake),
        TEST(nvic_lines_interrupt_by_priority),
        TEST(svc_and_return),
        TEST(bus_fault_names_the_instruction),
        TEST(device_fault_is_precise_too),
        TEST(enabled_bus_fault_has_its_own_handler),
        TEST(vector_catch_stops_at_the_handler),
        TEST(undefined_instruction_faults),
        TEST(breakpoint_without_debugger_is_a_hard_fault),
        TEST(fault_in_hard_fault_locks_up),
        TEST(blank_flash_locks_up),
        TEST(sysresetreq_needs_its_key),
        TEST(reset_lets_a_halted_core_run),
        TEST(vc_corereset_halts_before_the_first_instruction),
        TEST(hung_bus_stops_core_and_debugger),
        TEST(skipped_device_poll_ends_when_the_flag_comes),
        TEST(skipped_memory_poll_sees_the_debugger),
        TEST(counting_loop_is_not_skipped),
        TEST(cycle_counter_counts),
        TEST(changed_code_is_executed),
        TEST(axi_port_sees_no_private_bus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
