// SPDX-License-Identifier: MIT
// Exception entry, return, priorities and faults of ARMv7-M (ARM DDI 0403, B1.5). Used by core.c.
#include "private.h"
#include <string.h>

enum { THREAD_PRIORITY = 256 };

static bool push_frame(struct core *c, uint32_t return_address, uint32_t *exc_return);

void exc_reset(struct core *c)
{
    memset(c->pending, 0, sizeof(c->pending));
    memset(c->active, 0, sizeof(c->active));
    memset(c->enabled, 0, sizeof(c->enabled));
    memset(c->priority, 0, sizeof(c->priority));
    c->fp_depth = 0;
    c->vtor = c->cfg.boot_address;
    uint32_t sp = 0, pc = 0;
    bus_read(c->cfg.bus, c->vtor, 4, &sp);
    bus_read(c->cfg.bus, c->vtor + 4, 4, &pc);
    c->t_bit = pc & 1;
    core_set(c, UC_ARM_REG_CONTROL, 0);
    core_set(c, UC_ARM_REG_PRIMASK, 0);
    core_set(c, UC_ARM_REG_FAULTMASK, 0);
    core_set(c, UC_ARM_REG_BASEPRI, 0);
    core_set(c, UC_ARM_REG_XPSR, XPSR_T);
    core_set(c, UC_ARM_REG_MSP, sp & ~3u);
    core_set(c, UC_ARM_REG_PSP, 0);
    core_set(c, UC_ARM_REG_LR, 0xFFFFFFFF);
    core_set(c, UC_ARM_REG_PC, pc & ~1u);
}

static unsigned group_priority(struct core *c, unsigned raw)
{
    unsigned bits = (c->aircr >> 8 & 7) + 1; // PRIGROUP: low bits are sub-priority
    return raw >> bits << bits;
}

// Priority of exception `number`: smaller is more urgent (B1.5.4).
int exc_priority(struct core *c, unsigned number)
{
    switch (number) {
    case EXC_RESET:
        return -3;
    case EXC_NMI:
        return -2;
    case EXC_HARDFAULT:
        return -1;
    default:
        return (int)group_priority(c, c->priority[number]);
    }
}

// Execution priority: of active exceptions, raised by PRIMASK, FAULTMASK and BASEPRI.
int exc_current_priority(struct core *c)
{
    int p = THREAD_PRIORITY;
    for (unsigned n = 1; n < EXCEPTIONS; n++)
        if (c->active[n] && exc_priority(c, n) < p)
            p = exc_priority(c, n);
    unsigned basepri = core_get(c, UC_ARM_REG_BASEPRI) & 0xF0;
    if (basepri && (int)group_priority(c, basepri) < p)
        p = (int)group_priority(c, basepri);
    if (core_get(c, UC_ARM_REG_PRIMASK) & 1 && p > 0)
        p = 0;
    if (core_get(c, UC_ARM_REG_FAULTMASK) & 1 && p > -1)
        p = -1;
    return p;
}

static bool masked_by_debug(const struct core *c, unsigned number)
{
    return c->dhcsr & DHCSR_C_DEBUGEN && c->dhcsr & DHCSR_C_MASKINTS &&
           (number >= 16 || number == EXC_SYSTICK || number == EXC_PENDSV);
}

static bool eligible(const struct core *c, unsigned number)
{
    if (!c->pending[number] || masked_by_debug(c, number))
        return false;
    return c->enabled[number] || number < 16;
}

static unsigned most_urgent(struct core *c)
{
    unsigned best = 0;
    for (unsigned n = 2; n < EXCEPTIONS; n++)
        if (eligible(c, n) && (!best || exc_priority(c, n) < exc_priority(c, best)))
            best = n;
    return best;
}

int exc_next(struct core *c)
{
    if (!memchr(c->pending, 1, sizeof(c->pending)))
        return 0;
    unsigned n = most_urgent(c);
    return n && exc_priority(c, n) < exc_current_priority(c) ? (int)n : 0;
}

bool exc_wakes(struct core *c)
{
    // WFI wakes for anything that would be taken if PRIMASK were clear (B1.5.17)
    if (!memchr(c->pending, 1, sizeof(c->pending)))
        return false;
    uint32_t primask = core_get(c, UC_ARM_REG_PRIMASK), zero = 0;
    uc_reg_write(c->uc, UC_ARM_REG_PRIMASK, &zero);
    bool wakes = exc_next(c) != 0;
    uc_reg_write(c->uc, UC_ARM_REG_PRIMASK, &primask);
    return wakes;
}

static void save_fp(struct core *c)
{
    if (c->fp_depth >= NESTED_FP)
        return;
    uint32_t *f = c->fp_saved[c->fp_depth++];
    for (int i = 0; i < FP_REGISTERS; i++)
        f[i] = core_get(c, UC_ARM_REG_S0 + i);
    f[FP_REGISTERS] = core_get(c, UC_ARM_REG_FPSCR);
}

static void restore_fp(struct core *c)
{
    if (!c->fp_depth)
        return;
    const uint32_t *f = c->fp_saved[--c->fp_depth];
    for (int i = 0; i < FP_REGISTERS; i++)
        core_set(c, UC_ARM_REG_S0 + i, f[i]);
    core_set(c, UC_ARM_REG_FPSCR, f[FP_REGISTERS]);
}

static uint32_t vector_catch_bits(unsigned number, uint32_t cfsr)
{
    switch (number) {
    case EXC_HARDFAULT:
        return DEMCR_VC_HARDERR;
    case EXC_MEMMANAGE:
        return DEMCR_VC_MMERR;
    case EXC_BUSFAULT:
        return DEMCR_VC_BUSERR;
    case EXC_USAGEFAULT:
        return cfsr & CFSR_NOCP        ? DEMCR_VC_NOCPERR
               : cfsr & CFSR_UNALIGNED ? DEMCR_VC_CHKERR
                                       : DEMCR_VC_STATERR;
    default:
        return 0;
    }
}

bool exc_enter(struct core *c, unsigned number, uint32_t return_address)
{
    uint32_t lr = 0, vector = 0;
    c->pending[number] = false;
    if (!push_frame(c, return_address, &lr)) {
        c->cfsr |= 1u << 12; // STKERR
        core_lockup(c, "no stack for an exception");
        return false;
    }
    save_fp(c);
    c->active[number] = true;
    uint32_t control = core_get(c, UC_ARM_REG_CONTROL);
    core_set(c, UC_ARM_REG_XPSR, XPSR_T | number);
    core_set(c, UC_ARM_REG_CONTROL, control & ~6u); // SPSEL and FPCA off
    core_set(c, UC_ARM_REG_LR, lr);
    if (bus_read(c->cfg.bus, c->vtor + 4 * number, 4, &vector) != BUS_OK) {
        c->hfsr |= HFSR_VECTTBL;
        core_lockup(c, "vector table unreadable");
        return false;
    }
    c->t_bit = vector & 1;
    core_set(c, UC_ARM_REG_PC, vector & ~1u);
    loop_reset(c);
    if (c->dhcsr & DHCSR_C_DEBUGEN && c->demcr & vector_catch_bits(number, c->cfsr))
        core_enter_debug(c, DFSR_VCATCH);
    return true;
}

static bool push_frame(struct core *c, uint32_t return_address, uint32_t *exc_return)
{
    static const int saved[] = {UC_ARM_REG_R0, UC_ARM_REG_R1,  UC_ARM_REG_R2,
                                UC_ARM_REG_R3, UC_ARM_REG_R12, UC_ARM_REG_LR};
    bool handler = core_get(c, UC_ARM_REG_XPSR) & 0x1FF;
    bool psp = !handler && core_get(c, UC_ARM_REG_CONTROL) & 2;
    int sp_reg = psp ? UC_ARM_REG_PSP : UC_ARM_REG_MSP;
    uint32_t sp = core_get(c, sp_reg), xpsr = core_get(c, UC_ARM_REG_XPSR) | XPSR_T;
    uint32_t aligned = sp & 4, frame = (sp - aligned) - 0x20; // STKALIGN is fixed to 1 on the M7
    bool ok = true;

    for (unsigned i = 0; i < 6; i++)
        ok &= bus_write(c->cfg.bus, frame + 4 * i, 4, core_get(c, saved[i])) == BUS_OK;
    ok &= bus_write(c->cfg.bus, frame + 24, 4, return_address) == BUS_OK;
    ok &= bus_write(c->cfg.bus, frame + 28, 4, xpsr | (aligned ? 1u << 9 : 0)) == BUS_OK;
    if (!ok)
        return false;
    core_set(c, sp_reg, frame);
    *exc_return = handler ? 0xFFFFFFF1 : psp ? 0xFFFFFFFD : 0xFFFFFFF9;
    return true;
}

void exc_return(struct core *c, uint32_t value)
{
    static const int saved[] = {UC_ARM_REG_R0, UC_ARM_REG_R1,  UC_ARM_REG_R2,
                                UC_ARM_REG_R3, UC_ARM_REG_R12, UC_ARM_REG_LR};
    unsigned number = core_get(c, UC_ARM_REG_XPSR) & 0x1FF;
    uint32_t word[8];
    bool psp = (value & 0xF) == 0xD, to_thread = (value & 0xF) != 1;

    if (number < EXCEPTIONS)
        c->active[number] = false;
    if (number != EXC_NMI)
        core_set(c, UC_ARM_REG_FAULTMASK, 0);
    if (number >= 16 && number < EXCEPTIONS && c->level[number])
        c->pending[number] = true; // the device still asks
    int sp_reg = psp ? UC_ARM_REG_PSP : UC_ARM_REG_MSP;
    uint32_t sp = core_get(c, sp_reg);
    for (unsigned i = 0; i < 8; i++)
        if (bus_read(c->cfg.bus, sp + 4 * i, 4, &word[i]) != BUS_OK) {
            core_lockup(c, "exception return reads no stack");
            return;
        }
    core_set(c, sp_reg, sp + 0x20 + (word[7] & 1u << 9 ? 4 : 0));
    uint32_t control = core_get(c, UC_ARM_REG_CONTROL);
    core_set(c, UC_ARM_REG_XPSR, word[7] & ~(1u << 9));
    if (to_thread)
        core_set(c, UC_ARM_REG_CONTROL, (control & ~2u) | (psp ? 2 : 0));
    for (unsigned i = 0; i < 6; i++)
        core_set(c, saved[i], word[i]);
    restore_fp(c);
    c->event = true;
    c->t_bit = word[7] & XPSR_T;
    core_set(c, UC_ARM_REG_PC, word[6] & ~1u);
    loop_reset(c);
}

// A fault: to its own handler if that is enabled and urgent enough, else to HardFault; a fault
// while HardFault or NMI runs locks the core up (B1.5.14, B1.5.15).
void exc_fault(struct core *c, enum exception kind, uint32_t cfsr_bits, uint32_t return_address)
{
    static const uint32_t enable[] = {
        [EXC_MEMMANAGE] = 1u << 16, [EXC_BUSFAULT] = 1u << 17, [EXC_USAGEFAULT] = 1u << 18};
    c->cfsr |= cfsr_bits;
    int current = exc_current_priority(c);
    if (kind != EXC_HARDFAULT && c->shcsr & enable[kind] && exc_priority(c, kind) < current) {
        exc_enter(c, kind, return_address);
        return;
    }
    if (current <= -1) {
        core_lockup(c, "fault in a fault handler");
        return;
    }
    if (kind != EXC_HARDFAULT)
        c->hfsr |= HFSR_FORCED;
    exc_enter(c, EXC_HARDFAULT, return_address);
}

void core_irq(void *core, unsigned irq, bool level)
{
    struct core *c = core;
    unsigned n = 16 + irq;
    if (irq >= IRQS || c->level[n] == level)
        return;
    c->level[n] = level;
    if (level) {
        c->pending[n] = true;
        c->pending_dirty = true;
    }
}
