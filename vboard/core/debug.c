// SPDX-License-Identifier: MIT
// The debug unit: halting, core register transfer, breakpoints (FPB), watchpoints (DWT), and the
// memory ports of the debugger (ARM DDI 0403, C1).
#include "private.h"
#include <string.h>

#define DBGKEY      0xA05Fu
#define DHCSR_ADDR  0xE000EDF0u
#define DCRSR_ADDR  0xE000EDF4u
#define DCRDR_ADDR  0xE000EDF8u
#define DEMCR_ADDR  0xE000EDFCu
#define DFSR_ADDR   0xE000ED30u
#define DCRSR_WNR   (1u << 16)
#define FP_CTRL     0xE0002000u
#define FP_COMP0    0xE0002008u
#define DWT_CTRL    0xE0001000u
#define DWT_COMP0   0xE0001020u
#define DWT_END     (DWT_COMP0 + 16 * DWT_COMPARATORS)
#define FP_REV1     (1u << 28) // comparators match any code address
#define DWT_NUMCOMP ((uint32_t)DWT_COMPARATORS << 28)

void debug_power_up(struct core *c)
{
    c->dhcsr = c->demcr = c->dcrdr = c->dfsr = 0;
    c->fp_ctrl = 0;
    c->dwt_ctrl = 0;
    memset(c->fp_comp, 0, sizeof(c->fp_comp));
    memset(c->dwt_function, 0, sizeof(c->dwt_function));
    debug_hooks(c);
}

// ---- breakpoints and watchpoints ----

static void on_breakpoint(uc_engine *uc, uint64_t addr, uint32_t size, void *user)
{
    (void)uc, (void)addr, (void)size;
    core_stop(user, STOP_BREAKPOINT);
}

static void on_watch(uc_engine *uc, uc_mem_type type, uint64_t addr, int size, int64_t value,
                     void *user)
{
    struct core *c = user;
    (void)uc, (void)size, (void)value;
    for (unsigned i = 0; i < DWT_COMPARATORS; i++) {
        uint32_t function = c->dwt_function[i] & 0xF, span = 1u << (c->dwt_mask[i] & 0x1F);
        bool read = function == 5 || function == 7, write = function == 6 || function == 7;
        if (((uint32_t)addr & ~(span - 1)) == (c->dwt_comp[i] & ~(span - 1)) &&
            ((type == UC_MEM_READ && read) || (type == UC_MEM_WRITE && write))) {
            c->dwt_function[i] |= 1u << 24; // MATCHED
            c->watch_hit = true; // the core halts behind the block, as silicon does a little late
            core_stop(c, STOP_LIMIT);
        }
    }
}

void debug_hooks(struct core *c)
{
    bool changed = false;
    for (unsigned i = 0; i < FP_COMPARATORS; i++) {
        bool want = c->fp_ctrl & 1 && c->fp_comp[i] & 1 && c->dhcsr & DHCSR_C_DEBUGEN;
        if (c->fp_hooked[i]) {
            uc_hook_del(c->uc, c->fp_hook[i]);
            c->fp_hooked[i] = false;
            changed = true;
        }
        if (want) {
            uint32_t at = c->fp_comp[i] & ~1u;
            c->fp_hooked[i] = uc_hook_add(c->uc, &c->fp_hook[i], UC_HOOK_CODE,
                                          (void *)on_breakpoint, c, at, at) == UC_ERR_OK;
            changed = true;
        }
    }
    for (unsigned i = 0; i < DWT_COMPARATORS; i++) {
        uint32_t f = c->dwt_function[i] & 0xF;
        bool want = f >= 5 && f <= 7 && c->demcr & DEMCR_TRCENA;
        if (c->dwt_hooked[i]) {
            uc_hook_del(c->uc, c->dwt_hook[i]);
            c->dwt_hooked[i] = false;
            changed = true;
        }
        if (want) {
            uint32_t span = 1u << (c->dwt_mask[i] & 0x1F), at = c->dwt_comp[i] & ~(span - 1);
            c->dwt_hooked[i] =
                uc_hook_add(c->uc, &c->dwt_hook[i], UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE,
                            (void *)on_watch, c, at, (uint64_t)at + span - 1) == UC_ERR_OK;
            changed = true;
        }
    }
    if (changed) // hooks only reach code translated after them
        core_forget_code(c);
}

// ---- core register transfer (C1.6.4) ----

bool debug_transfer(struct core *c, unsigned selector, bool write, uint32_t *value)
{
    int reg = 0;
    if (selector <= 12)
        reg = UC_ARM_REG_R0 + (int)selector;
    else if (selector == 13)
        reg = UC_ARM_REG_SP;
    else if (selector == 14)
        reg = UC_ARM_REG_LR;
    else if (selector == 15)
        reg = UC_ARM_REG_PC;
    else if (selector == 17)
        reg = UC_ARM_REG_MSP;
    else if (selector == 18)
        reg = UC_ARM_REG_PSP;
    else if (selector == 33)
        reg = UC_ARM_REG_FPSCR;
    else if (selector >= 64 && selector < 96)
        reg = UC_ARM_REG_S0 + (int)(selector - 64);

    if (selector == 16) {
        if (write) {
            core_set(c, UC_ARM_REG_XPSR, *value | XPSR_T);
            c->t_bit = *value & XPSR_T;
        } else {
            *value = (core_get(c, UC_ARM_REG_XPSR) & ~XPSR_T) | (c->t_bit ? XPSR_T : 0);
        }
        return true;
    }
    if (selector == 20) {
        static const int part[4] = {UC_ARM_REG_PRIMASK, UC_ARM_REG_BASEPRI, UC_ARM_REG_FAULTMASK,
                                    UC_ARM_REG_CONTROL};
        uint32_t v = 0;
        for (unsigned i = 0; i < 4; i++) {
            if (write)
                core_set(c, part[i], *value >> 8 * i & 0xFF);
            else
                v |= (core_get(c, part[i]) & 0xFF) << 8 * i;
        }
        if (!write)
            *value = v;
        return true;
    }
    if (!reg)
        return false;
    if (!write) {
        *value = core_get(c, reg);
        return true;
    }
    if (selector == 15) {
        c->lockup = false; // a new PC leaves lockup (B1.5.15)
        core_set(c, reg, *value & ~1u);
    } else {
        core_set(c, reg,
                 selector == 13 || selector == 17 || selector == 18 ? *value & ~3u : *value);
    }
    return true;
}

uint32_t core_register(struct core *c, unsigned selector)
{
    uint32_t v = 0;
    debug_transfer(c, selector, false, &v);
    return v;
}

// ---- DHCSR ----

static uint32_t dhcsr_read(struct core *c)
{
    uint32_t v = (c->dhcsr & 0x2F) | DHCSR_S_REGRDY;
    v |= c->dhcsr & (DHCSR_S_RETIRE_ST | DHCSR_S_RESET_ST);
    c->dhcsr &= ~(DHCSR_S_RETIRE_ST | DHCSR_S_RESET_ST); // sticky, cleared by the read
    if (c->halted)
        v |= DHCSR_S_HALT;
    else if (c->lockup)
        v |= DHCSR_S_LOCKUP;
    else if (!c->held && !c->hung && !c->sleeping)
        v |= DHCSR_S_RETIRE_ST;
    if (c->sleeping)
        v |= DHCSR_S_SLEEP;
    return v;
}

static void leave_debug(struct core *c)
{
    c->cyccnt_time = c->clock->now;
    c->halted = false;
    loop_reset(c);
    if (c->cfg.debug_state)
        c->cfg.debug_state(c->cfg.ctx, false);
}

static void dhcsr_write(struct core *c, uint32_t value)
{
    if (value >> 16 != DBGKEY)
        return;
    uint32_t old = c->dhcsr;
    c->dhcsr = (c->dhcsr & ~0x2Fu) | (value & 0x2F);
    if (!(value & DHCSR_C_DEBUGEN)) {
        c->dhcsr &= ~0x2Eu;
        if (c->halted)
            leave_debug(c);
    } else if (c->halted) {
        if (!(value & DHCSR_C_HALT)) {
            if (value & DHCSR_C_STEP) {
                debug_step(c);
                c->dhcsr |= DHCSR_C_HALT;
            } else {
                leave_debug(c);
            }
        }
    } else if (value & DHCSR_C_HALT && !c->hung && !c->held) {
        core_enter_debug(c, DFSR_HALTED);
    }
    if ((old ^ c->dhcsr) & DHCSR_C_DEBUGEN)
        debug_hooks(c);
}

static void dcrsr_write(struct core *c, uint32_t value)
{
    if (!c->halted)
        return; // unpredictable on a running core
    debug_transfer(c, value & 0x7F, value & DCRSR_WNR, &c->dcrdr);
}

static bool comparator(struct core *c, uint32_t addr, bool write, uint32_t *value)
{
    if (addr >= FP_COMP0 && addr < FP_COMP0 + 4 * FP_COMPARATORS) {
        uint32_t *comp = &c->fp_comp[(addr - FP_COMP0) / 4];
        if (!write) {
            *value = *comp;
        } else if (*comp != *value) {
            *comp = *value;
            debug_hooks(c);
        }
        return true;
    }
    if (addr < DWT_COMP0 || addr >= DWT_END)
        return false;
    unsigned i = (addr - DWT_COMP0) / 16, reg = (addr & 0xF) / 4;
    uint32_t *store[4] = {&c->dwt_comp[i], &c->dwt_mask[i], &c->dwt_function[i], NULL};
    if (!store[reg])
        return true;
    if (!write) {
        *value = *store[reg];
        if (reg == 2)
            *store[reg] &= ~(1u << 24);
    } else {
        *store[reg] = *value;
        if (reg == 2 || c->dwt_function[i] & 0xF)
            debug_hooks(c);
    }
    return true;
}

bool debug_register(struct core *c, uint32_t addr, bool write, uint32_t *value)
{
    switch (addr) {
    case DHCSR_ADDR:
        if (write)
            dhcsr_write(c, *value);
        else
            *value = dhcsr_read(c);
        return true;
    case DCRSR_ADDR:
        if (write)
            dcrsr_write(c, *value);
        return true;
    case DCRDR_ADDR:
        if (write)
            c->dcrdr = *value;
        else
            *value = c->dcrdr;
        return true;
    case DEMCR_ADDR:
        if (write) {
            dwt_cyccnt(c);
            c->demcr = *value & 0x010F07F1;
            debug_hooks(c);
        } else {
            *value = c->demcr;
        }
        return true;
    case DFSR_ADDR:
        if (write)
            c->dfsr &= ~*value;
        else
            *value = c->dfsr;
        return true;
    case FP_CTRL:
        if (!write) {
            *value = FP_REV1 | (uint32_t)FP_COMPARATORS << 4 | c->fp_ctrl;
        } else if (*value & 2) { // KEY
            c->fp_ctrl = *value & 1;
            debug_hooks(c);
        }
        return true;
    case DWT_CTRL:
        if (write) {
            dwt_cyccnt(c);
            c->dwt_ctrl = *value & 0x007FFFFF;
        } else {
            *value = DWT_NUMCOMP | c->dwt_ctrl;
        }
        return true;
    default:
        return comparator(c, addr, write, value);
    }
}

// ---- the debugger's memory ports ----

static bool private_bus(uint32_t addr)
{
    return addr >> 20 == 0xE00;
}

static enum bus_result finish(struct core *c, enum bus_result r)
{
    if (r == BUS_HANG)
        c->hung = true;
    return r;
}

static enum bus_result ahb_read(void *ctx, vt_t at, uint32_t addr, unsigned size, uint32_t *value)
{
    struct core *c = ctx;
    core_run_until(c, at);
    if (c->hung && !private_bus(addr))
        return BUS_HANG;
    return finish(c, core_read(c, addr, size, value));
}

static enum bus_result ahb_write(void *ctx, vt_t at, uint32_t addr, unsigned size, uint32_t value)
{
    struct core *c = ctx;
    core_run_until(c, at);
    if (c->hung && !private_bus(addr))
        return BUS_HANG;
    enum bus_result r = finish(c, core_write(c, addr, size, value));
    core_code_changed(c, addr, size);
    core_do_reset(c);
    return r;
}

struct mem_port core_ahb_port(struct core *c)
{
    return (struct mem_port){ahb_read, ahb_write, c};
}

// The AXI-AP sees neither the private peripheral bus nor the TCMs.
static bool axi_reaches(uint32_t addr)
{
    return !private_bus(addr) && addr >= 0x00010000 && (addr < 0x20000000 || addr >= 0x20020000);
}

static enum bus_result axi_read(void *ctx, vt_t at, uint32_t addr, unsigned size, uint32_t *value)
{
    return axi_reaches(addr) ? ahb_read(ctx, at, addr, size, value) : BUS_FAULT;
}

static enum bus_result axi_write(void *ctx, vt_t at, uint32_t addr, unsigned size, uint32_t value)
{
    return axi_reaches(addr) ? ahb_write(ctx, at, addr, size, value) : BUS_FAULT;
}

struct mem_port core_axi_port(struct core *c)
{
    return (struct mem_port){axi_read, axi_write, c};
}
