// SPDX-License-Identifier: MIT
// The private peripheral bus 0xE0000000: system control block, NVIC, SysTick, MPU registers, DWT
// cycle counter, ITM, ROM tables (ARM DDI 0403 B3; Cortex-M7 TRM for the identification values).
#include "private.h"
#include <string.h>

#define ITM_BASE 0xE0000000u
#define DWT_BASE 0xE0001000u
#define FPB_BASE 0xE0002000u
#define SCS_BASE 0xE000E000u
#define PPB_ROM  0xE00FF000u
#define CPU_ROM  0xE00FE000u

#define AIRCR_KEY    0x05FAu
#define SYST_ENABLE  1u
#define SYST_TICKINT 2u
#define SYST_FLAG    (1u << 16)
#define SYST_MASK    0xFFFFFFu

// Identification and feature registers that never change
static const struct {
    uint32_t addr, value;
} fixed[] = {
    {0xE000E004, 4},          // ICTR: 160 interrupt lines
    {0xE000ED00, 0x411FC271}, // CPUID: Cortex-M7 r1p1
    {0xE000ED40, 0x00000030},
    {0xE000ED44, 0x00000200},
    {0xE000ED48, 0x00100000}, // ID_PFR, ID_DFR
    {0xE000ED50, 0x00100030},
    {0xE000ED58, 0x01000000}, // ID_MMFR
    {0xE000ED60, 0x01101110},
    {0xE000ED64, 0x02112000},
    {0xE000ED68, 0x20232231}, // ID_ISAR
    {0xE000ED6C, 0x01111131},
    {0xE000ED70, 0x01310132},
    {0xE000ED78, 0x09000003}, // CLIDR: level 1 instruction and data cache
    {0xE000ED7C, 0x8303C003}, // CTR: 32-byte lines
    {0xE000ED90, 0x00001000}, // MPU_TYPE: 16 regions
    {0xE000EF40, 0x10110221},
    {0xE000EF44, 0x12000011},
    {0xE000EF48, 0x00000040}, // MVFR
    {0xE0001FB4, 0x00000003},
    {0xE0000FB4, 0x00000003}, // LSR
    // ROM table of the processor: SCS, DWT, FPB, ITM, then the PPB table that names it
    {CPU_ROM + 0x0, 0xFFF10003},
    {CPU_ROM + 0x4, 0xFFF03003},
    {CPU_ROM + 0x8, 0xFFF04003},
    {CPU_ROM + 0xC, 0xFFF02003},
    {PPB_ROM + 0x0, 0xFFFFF003},
};

// Peripheral and component identification: base, part number, component class
static const struct {
    uint32_t base;
    uint16_t part;
    uint8_t class;
} components[] = {
    {SCS_BASE, 0x00C, 0xE}, {DWT_BASE, 0x002, 0xE}, {FPB_BASE, 0x00E, 0xE},
    {ITM_BASE, 0x001, 0xE}, {CPU_ROM, 0x4C7, 0x1},  {PPB_ROM, 0x4C8, 0x1},
};

static bool identification(uint32_t addr, uint32_t *value)
{
    static const uint8_t cid[4] = {0x0D, 0x00, 0x05, 0xB1};
    uint32_t off = addr & 0xFFF;
    if (off < 0xFD0)
        return false;
    for (unsigned i = 0; i < sizeof(components) / sizeof(components[0]); i++) {
        if (components[i].base != (addr & ~0xFFFu))
            continue;
        uint32_t part = components[i].part, class = components[i].class;
        if (off >= 0xFF0)
            *value = cid[(off - 0xFF0) / 4] | (off == 0xFF4 ? class << 4 : 0);
        else if (off == 0xFE0)
            *value = part & 0xFF;
        else if (off == 0xFE4)
            *value = 0xB0 | part >> 8;
        else if (off == 0xFE8)
            *value = 0x0B; // JEP106 0x3B: Arm
        else
            *value = off == 0xFD0 ? 4 : 0;
        return true;
    }
    return false;
}

void scs_reset(struct core *c)
{
    c->aircr = 0;
    c->scr = 0;
    c->ccr = 0x00040200;
    c->shcsr = c->cfsr = c->hfsr = c->mmfar = c->bfar = 0;
    c->cpacr = c->csselr = c->actlr = 0;
    c->syst_csr = c->syst_rvr = c->syst_frozen = 0;
    c->syst_zero = VT_NEVER;
    c->mpu_ctrl = c->mpu_rnr = 0;
    memset(c->mpu_rbar, 0, sizeof(c->mpu_rbar));
    memset(c->mpu_rasr, 0, sizeof(c->mpu_rasr));
    c->fpccr = 0xC0000000;
    c->fpcar = c->fpdscr = 0;
    memset(c->level, 0, sizeof(c->level));
}

// ---- SysTick (B3.3): clocked by the core or by core/8 ----

static vt_t syst_period(const struct core *c)
{
    return c->syst_csr & 4 ? c->period : 8 * c->period;
}

static uint32_t syst_value(const struct core *c)
{
    if (c->syst_zero == VT_NEVER || !c->period)
        return c->syst_frozen;
    vt_t left = c->syst_zero > c->clock->now ? c->syst_zero - c->clock->now : 0;
    return (uint32_t)(left / syst_period(c)) & SYST_MASK;
}

static void syst_start(struct core *c, uint32_t from)
{
    bool runs = c->syst_csr & SYST_ENABLE && c->period && (from || c->syst_rvr);
    c->syst_frozen = from;
    // zero is reached after `from` counts, or after a reload if it stands at zero
    c->syst_zero =
        !runs ? VT_NEVER : c->clock->now + (from ? from : c->syst_rvr + 1ull) * syst_period(c);
}

vt_t systick_next(struct core *c)
{
    return c->halted ? VT_NEVER : c->syst_zero;
}

void systick_sync(struct core *c)
{
    if (c->syst_zero == VT_NEVER || c->clock->now < c->syst_zero || !c->period)
        return;
    c->syst_csr |= SYST_FLAG;
    if (c->syst_csr & SYST_TICKINT)
        c->pending[EXC_SYSTICK] = true;
    vt_t turn = (c->syst_rvr + 1ull) * syst_period(c);
    if (!c->syst_rvr) {
        c->syst_zero = VT_NEVER;
        c->syst_frozen = 0;
        return;
    }
    c->syst_zero += turn * (1 + (c->clock->now - c->syst_zero) / turn);
}

void systick_rate_change(struct core *c)
{
    // called before and after the period changes: first freezes the count, then starts from it
    if (c->syst_zero != VT_NEVER) {
        c->syst_frozen = syst_value(c);
        c->syst_zero = VT_NEVER;
    } else if (c->syst_csr & SYST_ENABLE && c->syst_frozen) {
        syst_start(c, c->syst_frozen);
    }
}

static void syst_write(struct core *c, uint32_t off, uint32_t value)
{
    uint32_t count = syst_value(c);
    if (off == 0x10)
        c->syst_csr = (c->syst_csr & SYST_FLAG) | (value & 7);
    else if (off == 0x14)
        c->syst_rvr = value & SYST_MASK;
    else if (off == 0x18) {
        count = 0;
        c->syst_csr &= ~SYST_FLAG;
    }
    if (off != 0x14)
        syst_start(c, count);
    core_stop(c, STOP_LIMIT); // the next tick bounds the run
}

uint32_t dwt_cyccnt(struct core *c)
{
    bool on = c->demcr & DEMCR_TRCENA && c->dwt_ctrl & 1 && c->period && !c->halted;
    if (on)
        c->cyccnt += (uint32_t)((c->clock->now - c->cyccnt_time) / c->period);
    c->cyccnt_time = c->clock->now;
    return c->cyccnt;
}

// ---- NVIC and system handlers ----

static uint32_t irq_bits(const bool *flags, unsigned word)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < 32 && word * 32 + i < IRQS; i++)
        v |= (uint32_t)flags[16 + word * 32 + i] << i;
    return v;
}

static void irq_set_bits(struct core *c, bool *flags, unsigned word, uint32_t bits, bool to)
{
    for (unsigned i = 0; i < 32 && word * 32 + i < IRQS; i++)
        if (bits >> i & 1)
            flags[16 + word * 32 + i] = to;
    core_stop(c, STOP_LIMIT);
}

static uint32_t icsr_read(struct core *c)
{
    uint32_t v = core_get(c, UC_ARM_REG_XPSR) & 0x1FF;
    int pending = 0;
    for (unsigned n = 2; n < EXCEPTIONS && !pending; n++)
        if (c->pending[n] && (c->enabled[n] || n < 16))
            pending = (int)n;
    v |= (uint32_t)pending << 12;
    v |= (uint32_t)c->pending[EXC_SYSTICK] << 26 | (uint32_t)c->pending[EXC_PENDSV] << 28;
    return v;
}

static void icsr_write(struct core *c, uint32_t value)
{
    if (value >> 31 & 1)
        c->pending[EXC_NMI] = true;
    if (value >> 28 & 1)
        c->pending[EXC_PENDSV] = true;
    if (value >> 27 & 1)
        c->pending[EXC_PENDSV] = false;
    if (value >> 26 & 1)
        c->pending[EXC_SYSTICK] = true;
    if (value >> 25 & 1)
        c->pending[EXC_SYSTICK] = false;
    core_stop(c, STOP_LIMIT);
}

static void aircr_write(struct core *c, uint32_t value)
{
    if (value >> 16 != AIRCR_KEY)
        return;
    c->aircr = value & 0x700;
    if (value & 2) // VECTCLRACTIVE
        memset(c->active, 0, sizeof(c->active));
    if (value & 4) // SYSRESETREQ
        core_request_reset(c);
}

static uint32_t shcsr_read(const struct core *c)
{
    return (c->shcsr & 0x70000) | (uint32_t)c->active[EXC_MEMMANAGE] |
           (uint32_t)c->active[EXC_BUSFAULT] << 1 | (uint32_t)c->active[EXC_USAGEFAULT] << 3 |
           (uint32_t)c->active[EXC_SVCALL] << 7 | (uint32_t)c->active[EXC_PENDSV] << 10 |
           (uint32_t)c->active[EXC_SYSTICK] << 11 | (uint32_t)c->pending[EXC_SVCALL] << 15;
}

// A plain register: its storage, and the bits software can change. NULL if it is none.
static uint32_t *plain(struct core *c, uint32_t addr, uint32_t *mask)
{
    *mask = 0xFFFFFFFF;
    switch (addr) {
    case 0xE000E008:
        return &c->actlr;
    case 0xE000ED08:
        *mask = 0xFFFFFF80;
        return &c->vtor;
    case 0xE000ED10:
        *mask = 0x16;
        return &c->scr;
    case 0xE000ED14:
        *mask = 0x00070313;
        return &c->ccr;
    case 0xE000ED34:
        return &c->mmfar;
    case 0xE000ED38:
        return &c->bfar;
    case 0xE000ED84:
        *mask = 0xF;
        return &c->csselr;
    case 0xE000ED88:
        *mask = 0x00F00000;
        return &c->cpacr;
    case 0xE000ED94:
        *mask = 7;
        return &c->mpu_ctrl;
    case 0xE000ED98:
        *mask = MPU_REGIONS - 1;
        return &c->mpu_rnr;
    case 0xE000EF34:
        return &c->fpccr;
    case 0xE000EF38:
        *mask = ~7u;
        return &c->fpcar;
    case 0xE000EF3C:
        *mask = 0x07C00000;
        return &c->fpdscr;
    case ITM_BASE + 0xE80:
        return &c->itm_tcr;
    default:
        return NULL;
    }
}

static bool mpu_alias(struct core *c, uint32_t addr, bool write, uint32_t *value)
{
    if (addr < 0xE000ED9C || addr > 0xE000EDB8)
        return false;
    uint32_t *bank = (addr - 0xE000ED9C) & 4 ? c->mpu_rasr : c->mpu_rbar;
    if (!write) {
        *value = bank[c->mpu_rnr] | (bank == c->mpu_rbar ? c->mpu_rnr : 0);
        return true;
    }
    if (bank == c->mpu_rbar && *value & 0x10)
        c->mpu_rnr = *value & (MPU_REGIONS - 1);
    bank[c->mpu_rnr] = bank == c->mpu_rbar ? *value & ~0x1Fu : *value;
    return true;
}

static bool nvic_access(struct core *c, uint32_t addr, bool write, uint32_t *value)
{
    uint32_t off = addr - SCS_BASE;
    unsigned word = off / 4 & 7;
    if (off < 0x100 || off >= 0x4F0)
        return false;
    if (off >= 0x400) {
        for (unsigned i = 0; i < 4; i++) {
            unsigned n = 16 + (off - 0x400) + i;
            if (n >= EXCEPTIONS)
                continue;
            if (write)
                c->priority[n] = *value >> 8 * i & 0xF0;
            else
                *value |= (uint32_t)c->priority[n] << 8 * i;
        }
        return true;
    }
    bool *flags = off < 0x200 ? c->enabled : off < 0x300 ? c->pending : c->active;
    if (!write)
        *value = irq_bits(flags, word);
    else if (off < 0x300)
        irq_set_bits(c, flags, word, *value, !(off & 0x80));
    return true;
}

static bool handler_priorities(struct core *c, uint32_t addr, bool write, uint32_t *value)
{
    if (addr < 0xE000ED18 || addr > 0xE000ED20)
        return false;
    unsigned first = 4 + (addr - 0xE000ED18);
    for (unsigned i = 0; i < 4; i++) {
        if (write)
            c->priority[first + i] = *value >> 8 * i & 0xF0;
        else
            *value |= (uint32_t)c->priority[first + i] << 8 * i;
    }
    return true;
}

static uint32_t word_read(struct core *c, uint32_t addr)
{
    uint32_t value = 0, mask;
    for (unsigned i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        if (fixed[i].addr == addr)
            return fixed[i].value;
    if (debug_register(c, addr, false, &value) || nvic_access(c, addr, false, &value) ||
        handler_priorities(c, addr, false, &value) || mpu_alias(c, addr, false, &value) ||
        identification(addr, &value))
        return value;
    uint32_t *reg = plain(c, addr, &mask);
    if (reg)
        return *reg;
    switch (addr) {
    case 0xE000E010:
        value = c->syst_csr;
        c->syst_csr &= ~SYST_FLAG;
        return value;
    case 0xE000E014:
        return c->syst_rvr;
    case 0xE000E018:
        return syst_value(c);
    case 0xE000ED04:
        return icsr_read(c);
    case 0xE000ED0C:
        return 0xFA050000 | c->aircr;
    case 0xE000ED24:
        return shcsr_read(c);
    case 0xE000ED28:
        return c->cfsr;
    case 0xE000ED2C:
        return c->hfsr;
    case 0xE000ED80: // CCSIDR: 16 KiB each, data 4 ways, instruction 2 ways
        return c->csselr == 0 ? 0xF00FE019 : c->csselr == 1 ? 0xF01FE009 : 0;
    case DWT_BASE + 4:
        return dwt_cyccnt(c);
    default:
        return 0;
    }
}

static void word_write(struct core *c, uint32_t addr, uint32_t value)
{
    uint32_t mask;
    if (debug_register(c, addr, true, &value) || nvic_access(c, addr, true, &value) ||
        handler_priorities(c, addr, true, &value) || mpu_alias(c, addr, true, &value))
        return;
    uint32_t *reg = plain(c, addr, &mask);
    if (reg) {
        *reg = (*reg & ~mask) | (value & mask);
        return;
    }
    switch (addr) {
    case 0xE000E010:
    case 0xE000E014:
    case 0xE000E018:
        syst_write(c, addr - SCS_BASE, value);
        break;
    case 0xE000ED04:
        icsr_write(c, value);
        break;
    case 0xE000ED0C:
        aircr_write(c, value);
        break;
    case 0xE000ED24:
        c->shcsr = value & 0x70000;
        break;
    case 0xE000ED28:
        c->cfsr &= ~value;
        break;
    case 0xE000ED2C:
        c->hfsr &= ~value;
        break;
    case 0xE000EF00: // STIR
        if (16 + (value & 0x1FF) < EXCEPTIONS)
            c->pending[16 + (value & 0x1FF)] = true;
        core_stop(c, STOP_LIMIT);
        break;
    case DWT_BASE + 4:
        c->cyccnt = value;
        c->cyccnt_time = c->clock->now;
        break;
    default:
        break; // cache maintenance and the rest: no effect in the model
    }
}

enum bus_result scs_read(struct core *c, uint32_t addr, unsigned size, uint32_t *value)
{
    uint32_t word = word_read(c, addr & ~3u);
    *value = word >> (addr & 3) * 8 & (size == 4 ? 0xFFFFFFFF : (1u << size * 8) - 1);
    return BUS_OK;
}

enum bus_result scs_write(struct core *c, uint32_t addr, unsigned size, uint32_t value)
{
    if (size < 4) { // byte writes matter for priorities only: merge
        uint32_t shift = (addr & 3) * 8, mask = ((1u << size * 8) - 1) << shift;
        value = (word_read(c, addr & ~3u) & ~mask) | (value << shift & mask);
    }
    word_write(c, addr & ~3u, value);
    return BUS_OK;
}
