// SPDX-License-Identifier: MIT
// Running the Cortex-M7: slices of execution in Unicorn, and what to do when one ends. See core.h.
#include "private.h"
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_HZ = 64000000 };

uint32_t core_get(struct core *c, int uc_reg)
{
    uint32_t v = 0;
    uc_reg_read(c->uc, uc_reg, &v);
    return v;
}

void core_set(struct core *c, int uc_reg, uint32_t value)
{
    uc_reg_write(c->uc, uc_reg, &value);
}

enum bus_result core_read(struct core *c, uint32_t addr, unsigned size, uint32_t *value)
{
    if (addr >> 20 == 0xE00)
        return scs_read(c, addr, size, value);
    return bus_read(c->cfg.bus, addr, size, value);
}

enum bus_result core_write(struct core *c, uint32_t addr, unsigned size, uint32_t value)
{
    if (addr >> 20 == 0xE00)
        return scs_write(c, addr, size, value);
    return bus_write(c->cfg.bus, addr, size, value);
}

// Unicorn leaves a memory callback at once when it is told to stop there, with exact registers but
// with PC at the start of the block. That is right for an access that failed; whatever can wait
// stops before the next block.
void core_stop(struct core *c, enum stop_reason why)
{
    if (c->stop == STOP_NONE || c->stop == STOP_LIMIT)
        c->stop = why;
    if (why == STOP_LIMIT)
        c->pending_dirty = true;
    else if (c->in_emu)
        uc_emu_stop(c->uc);
}

void core_enter_debug(struct core *c, uint32_t dfsr)
{
    c->dfsr |= dfsr;
    c->dhcsr |= DHCSR_C_HALT;
    c->sleeping = false;
    if (!c->halted) {
        c->halted = true;
        if (c->cfg.debug_state)
            c->cfg.debug_state(c->cfg.ctx, true);
    }
}

void core_lockup(struct core *c, const char *why)
{
    if (c->lockup)
        return;
    c->lockup = true;
    report_event(c->cfg.report, c->clock->now, "core.lockup", "%s, PC 0x%08X", why,
                 core_get(c, UC_ARM_REG_PC));
    core_set(c, UC_ARM_REG_PC, 0xFFFFFFFE);
}

// ---- hooks ----

static void on_instruction(uc_engine *uc, uint64_t addr, uint32_t size, void *user)
{
    struct core *c = user;
    (void)addr, (void)size;
    if (c->step++ < 2)
        return;
    if (c->stop == STOP_NONE)
        c->stop = STOP_STEP;
    uc_emu_stop(uc);
}

static void on_block(uc_engine *uc, uint64_t addr, uint32_t size, void *user)
{
    struct core *c = user;
    if (c->step) {
        if (c->step >= 2) // the instruction was the last of its block
            on_instruction(uc, addr, size, user);
        return;
    }
    unsigned slot = (unsigned)(addr >> 1) & 1023;
    if (c->icount[slot].addr != addr || c->icount[slot].size != size) {
        uint8_t code[512];
        uint32_t n = size < sizeof(code) ? size : (uint32_t)sizeof(code);
        uint32_t count = size / 2;
        struct bus_memory *m = bus_find_memory(c->cfg.bus, (uint32_t)addr);
        if (m && (uint32_t)addr - m->base <= m->size - n) {
            memcpy(code, m->bytes + ((uint32_t)addr - m->base), n);
            count = decode_count(code, n) + (size - n) / 2;
        }
        c->icount[slot].addr = (uint32_t)addr;
        c->icount[slot].size = size;
        c->icount[slot].count = count ? count : 1;
        c->executed[(addr >> 16) & 1023] |= 1ull << (addr >> 10 & 63);
    }
    if (c->clock->now >= c->limit || c->pending_dirty ||
        (addr >> 28 == 9 && map_needs_shadow(c, (uint32_t)addr))) {
        if (c->stop == STOP_NONE)
            c->stop = STOP_LIMIT;
        uc_emu_stop(uc);
        return;
    }
    c->instructions += c->icount[slot].count;
    c->clock->now += c->icount[slot].count * c->period;
    loop_on_block(c, (uint32_t)addr, size);
}

static void on_interrupt(uc_engine *uc, uint32_t number, void *user)
{
    struct core *c = user;
    (void)uc;
    switch (number) { // QEMU's exception numbers
    case 2:
        core_stop(c, STOP_SVC);
        break;
    case 7:
        core_stop(c, STOP_BKPT);
        break;
    case 8:
        core_stop(c, STOP_EXC_RETURN);
        break;
    case 17:
        core_stop(c, STOP_NOCP);
        break;
    case 18:
        core_stop(c, STOP_INVSTATE);
        break;
    default:
        core_stop(c, STOP_UNDEFINED);
        break;
    }
}

static bool on_undefined(uc_engine *uc, void *user)
{
    struct core *c = user;
    (void)uc;
    c->stop = STOP_UNDEFINED;
    return false;
}

// ---- slices ----

// The bus fault of an access at which nobody answered: registers are exact, PC is the block's
// start.
static void invalid_access(struct core *c)
{
    uint32_t block = core_get(c, UC_ARM_REG_PC);
    if (c->fault_fetch) {
        if (map_needs_shadow(c, c->fault_addr)) { // a jump into the window: not copied yet
            map_add_shadow(c, c->fault_addr);
            return;
        }
        exc_fault(c, EXC_BUSFAULT, CFSR_IBUSERR, block);
        return;
    }
    uint32_t pc = decode_find_access(c, block, c->fault_addr);
    c->bfar = c->fault_addr;
    report_event(c->cfg.report, c->clock->now, "core.bus-fault", "%s 0x%08X, PC 0x%08X",
                 c->fault_write ? "write to" : "read of", c->fault_addr, pc);
    exc_fault(c, EXC_BUSFAULT, CFSR_PRECISERR | CFSR_BFARVALID, pc);
}

static void breakpoint_instruction(struct core *c)
{
    if (c->dhcsr & DHCSR_C_DEBUGEN) {
        core_enter_debug(c, DFSR_BKPT);
        return;
    }
    c->hfsr |= HFSR_DEBUGEVT; // no debugger: HardFault (C1.6.4)
    exc_fault(c, EXC_HARDFAULT, 0, core_get(c, UC_ARM_REG_PC));
}

// Unicorn ends without a reason of ours at WFI and WFE.
static void wait_instruction(struct core *c)
{
    uint32_t pc = core_get(c, UC_ARM_REG_PC), op = 0;
    bus_read(c->cfg.bus, pc - 2, 2, &op);
    if (op == 0xBF30) {
        c->sleeping = !exc_wakes(c);
    } else if (op == 0xBF20) {
        c->sleeping = !c->event && !exc_wakes(c);
        c->event = false;
    }
}

static void after_slice(struct core *c, uc_err err)
{
    enum stop_reason why = c->stop;
    uint32_t pc = core_get(c, UC_ARM_REG_PC);

    map_undo_store(c);
    if (err == UC_ERR_INSN_INVALID)
        why = STOP_UNDEFINED;
    else if (err != UC_ERR_OK && why == STOP_NONE)
        why = STOP_INVALID_ACCESS;
    switch (why) {
    case STOP_NONE:
        wait_instruction(c);
        break;
    case STOP_LIMIT:
    case STOP_STEP:
        break;
    case STOP_BKPT:
        breakpoint_instruction(c);
        break;
    case STOP_SVC:
        c->pending[EXC_SVCALL] = true;
        if (exc_priority(c, EXC_SVCALL) < exc_current_priority(c))
            exc_enter(c, EXC_SVCALL, pc);
        else
            exc_fault(c, EXC_HARDFAULT, 0, pc);
        break;
    case STOP_EXC_RETURN:
        exc_return(c, pc | 1);
        break;
    case STOP_BREAKPOINT:
        core_enter_debug(c, DFSR_BKPT);
        break;
    case STOP_HANG:
        c->hung = true;
        break;
    case STOP_UNDEFINED:
        exc_fault(c, EXC_USAGEFAULT, CFSR_UNDEFINSTR, pc);
        break;
    case STOP_NOCP:
        exc_fault(c, EXC_USAGEFAULT, CFSR_NOCP, pc);
        break;
    case STOP_INVSTATE:
        exc_fault(c, EXC_USAGEFAULT, CFSR_INVSTATE, pc);
        break;
    case STOP_BUS:
    case STOP_INVALID_ACCESS:
        invalid_access(c);
        break;
    }
    if (c->watch_hit && c->dhcsr & DHCSR_C_DEBUGEN)
        core_enter_debug(c, DFSR_DWTTRAP);
    c->watch_hit = false;
}

void core_request_reset(struct core *c)
{
    c->reset_request = true;
    core_stop(c, STOP_LIMIT);
}

void core_do_reset(struct core *c)
{
    if (!c->reset_request)
        return;
    c->reset_request = false;
    c->cfg.system_reset(c->cfg.ctx);
}

static void slice(struct core *c, vt_t limit)
{
    uint32_t pc = core_get(c, UC_ARM_REG_PC);
    if (!c->t_bit) {
        c->t_bit = true;
        exc_fault(c, EXC_USAGEFAULT, CFSR_INVSTATE, pc);
        return;
    }
    if (c->remap)
        map_refresh(c);
    if (map_needs_shadow(c, pc))
        map_add_shadow(c, pc);
    c->limit = limit;
    c->stop = STOP_NONE;
    c->pending_dirty = false;
    c->in_emu = true;
    uc_err err = uc_emu_start(c->uc, pc | 1, 0xFFFFFFFFull, 0, 0);
    c->in_emu = false;
    after_slice(c, err);
}

// Execute one instruction. Unicorn's own counting would throw away all translated code, so the
// instructions are counted by a hook; it only reaches code translated after it, hence the removal.
static void single_step(struct core *c)
{
    uint32_t pc = core_get(c, UC_ARM_REG_PC);
    uc_hook hook;
    uc_ctl_remove_cache(c->uc, pc, (uint64_t)pc + 4);
    if (uc_hook_add(c->uc, &hook, UC_HOOK_CODE, (void *)on_instruction, c, 1, 0) != UC_ERR_OK)
        return;
    c->step = 1;
    slice(c, VT_NEVER);
    c->step = 0;
    c->clock->now += c->period;
    c->instructions++;
    uc_hook_del(c->uc, hook);
    uc_ctl_remove_cache(c->uc, pc, (uint64_t)pc + 4);
    pc = core_get(c, UC_ARM_REG_PC);
    uc_ctl_remove_cache(c->uc, pc, (uint64_t)pc + 4);
}

void debug_step(struct core *c)
{
    int number = c->dhcsr & DHCSR_C_MASKINTS ? 0 : exc_next(c);
    c->halted = false;
    if (number)
        exc_enter(c, (unsigned)number, core_get(c, UC_ARM_REG_PC));
    else
        single_step(c);
    if (!c->halted) {
        c->halted = true;
        c->dfsr |= DFSR_HALTED;
    }
    c->dhcsr |= DHCSR_S_RETIRE_ST;
}

static void idle_until(struct core *c, vt_t t)
{
    vclock_reach(c->clock, t);
}

static bool executing(struct core *c)
{
    return !c->halted && !c->lockup && !c->hung && !c->held && c->period;
}

void core_run_until(struct core *c, vt_t t)
{
    while (c->clock->now < t) {
        vt_t irq_at = bus_next_irq(c->cfg.bus), tick_at = systick_next(c);
        vt_t limit = t;
        if (irq_at < limit)
            limit = irq_at;
        if (tick_at < limit)
            limit = tick_at;
        if (!executing(c)) {
            idle_until(c, limit);
        } else if (limit > c->clock->now) {
            int number = exc_next(c);
            if (number) {
                c->sleeping = false;
                exc_enter(c, (unsigned)number, core_get(c, UC_ARM_REG_PC));
                c->clock->now += 12 * c->period; // exception latency
            } else if (c->sleeping && !exc_wakes(c)) {
                idle_until(c, limit);
            } else {
                c->sleeping = false;
                slice(c, limit);
            }
        }
        if (c->clock->now >= irq_at)
            bus_sync(c->cfg.bus);
        if (c->clock->now >= tick_at)
            systick_sync(c);
        core_do_reset(c);
    }
}

// ---- life ----

void core_clock_changed(void *core)
{
    struct core *c = core;
    uint32_t hz = c->cfg.cpu_hz ? c->cfg.cpu_hz(c->cfg.ctx) : DEFAULT_HZ;
    vt_t period = hz ? vt_cycles(1, hz) : 0;
    if (period == c->period)
        return;
    systick_rate_change(c);
    c->cyccnt = dwt_cyccnt(c);
    c->cyccnt_time = c->clock->now;
    c->period = period;
    systick_rate_change(c);
}

void core_map_changed(void *core)
{
    struct core *c = core;
    c->remap = true;
    c->shadows_stale = true;
}

void core_code_changed(struct core *c, uint32_t addr, uint32_t size)
{
    uint32_t end = addr + size - 1;
    for (uint32_t page = addr >> 10; size && page <= end >> 10; page++)
        if (c->executed[page >> 6 & 1023] >> (page & 63) & 1) {
            uc_ctl_remove_cache(c->uc, addr, addr + size);
            memset(c->icount, 0, sizeof(c->icount));
            return;
        }
}

void core_forget_code(struct core *c)
{
    for (unsigned i = 0; i < c->cfg.bus->memories; i++) {
        const struct bus_memory *m = &c->cfg.bus->memory[i];
        for (uint32_t at = 0; at < m->size; at += 1024)
            core_code_changed(c, m->base + at, 1024);
    }
    core_map_changed(c);
}

void core_reset(struct core *c, bool power)
{
    if (power)
        debug_power_up(c);
    c->lockup = c->hung = c->sleeping = c->event = false;
    c->reset_request = false;
    c->dhcsr &= ~(DHCSR_C_HALT | DHCSR_C_STEP); // "clears on core reset", Cortex-M3 TRM, DHCSR
    c->dhcsr |= DHCSR_S_RESET_ST;
    if (c->halted && c->cfg.debug_state)
        c->cfg.debug_state(c->cfg.ctx, false);
    c->halted = false;
    core_clock_changed(c);
    scs_reset(c);
    exc_reset(c);
    loop_reset(c);
    c->remap = true;
    if (c->dhcsr & DHCSR_C_DEBUGEN && c->demcr & DEMCR_VC_CORERESET) // C1.6.3
        core_enter_debug(c, DFSR_VCATCH);
}

void core_hold(struct core *c, bool held)
{
    bool released = c->held && !held;
    c->held = held;
    if (!released)
        return;
    bool asked = c->dhcsr & DHCSR_C_HALT; // while the reset was held
    core_reset(c, false);                 // the vector catch is judged when the reset ends (C1.6.3)
    if (asked && !c->halted)
        core_enter_debug(c, DFSR_HALTED);
}

struct core *core_new(const struct core_config *config)
{
    struct core *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->cfg = *config;
    c->clock = config->clock;
    uc_hook h;
    if (uc_open(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS, &c->uc) != UC_ERR_OK ||
        uc_ctl_set_cpu_model(c->uc, UC_CPU_ARM_CORTEX_M7) != UC_ERR_OK ||
        uc_hook_add(c->uc, &h, UC_HOOK_BLOCK, (void *)on_block, c, 1, 0) != UC_ERR_OK ||
        uc_hook_add(c->uc, &h, UC_HOOK_INTR, (void *)on_interrupt, c, 1, 0) != UC_ERR_OK ||
        uc_hook_add(c->uc, &h, UC_HOOK_INSN_INVALID, (void *)on_undefined, c, 1, 0) != UC_ERR_OK ||
        !map_init(c)) {
        core_free(c);
        return NULL;
    }
    core_reset(c, true);
    return c;
}

void core_free(struct core *c)
{
    if (!c)
        return;
    if (c->uc) {
        map_free(c);
        uc_close(c->uc);
    }
    free(c);
}

bool core_halted(const struct core *c)
{
    return c->halted;
}

uint64_t core_instructions(const struct core *c)
{
    return c->instructions;
}
