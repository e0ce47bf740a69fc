// SPDX-License-Identifier: MIT
// Power control, see pwr.h.
#include "pwr.h"
#include "../../driver/stm32h7_regs.h"
#include <stdlib.h>

#define OFFSET(address) ((address)-PWR_BASE)
#define SUPPLY_TIME     (100 * VT_US) // LDO settles after CR3: an assumption
#define VOS_TIME        (50 * VT_US)  // step of the core voltage: an assumption
#define BACKUP_REG_TIME (100 * VT_US)

enum {
    CR1_RESET = 0x0000C000, // SVOS; bits 31:28 are reserved and read 1
    CR1_WRITABLE = 0x0007C3F1,
    CR2_BREN = 0x1,
    CR2_MONEN = 0x10,
    CR2_BRRDY = 0x10000,
    CR3_SUPPLY = PWR_CR3_BYPASS | PWR_CR3_LDOEN | PWR_CR3_SCUEN,
    CR3_UPPER = 0x03000300, // USBREGEN, USB33DEN, VBRS, VBE
    CR3_USB33DEN = 0x01000000,
    CR3_USB33RDY = 0x04000000,
    CPUCR_WRITABLE = 0x00000807,
    VOS3 = 1,
    VOS1 = 3,
};

struct pwr {
    struct periph_env env;
    uint32_t cr1, cr2, cr3, cpucr, vos, wkupepr;
    bool supply_written; // the low byte of CR3 is written once a power-up
    bool overdrive;
    vt_t supply_at, vos_at, backup_at;
};

static bool supply_ready(const struct pwr *p)
{
    return p->supply_at <= env_now(&p->env);
}

static bool vos_ready(const struct pwr *p)
{
    return supply_ready(p) && p->vos_at <= env_now(&p->env);
}

static uint32_t read_reg(const struct pwr *p, uint32_t reg)
{
    switch (reg + PWR_BASE) {
    case PWR_CR1:
        return p->cr1 | 0xF0000000;
    case PWR_CSR1:
        return p->vos << PWR_CSR1_ACTVOS_Pos | (supply_ready(p) ? PWR_CSR1_ACTVOSRDY : 0);
    case PWR_CR2:
        return p->cr2 | ((p->cr2 & CR2_BREN) && p->backup_at <= env_now(&p->env) ? CR2_BRRDY : 0);
    case PWR_CR3:
        return p->cr3 | (p->cr3 & CR3_USB33DEN ? CR3_USB33RDY : 0);
    case PWR_CPUCR:
        return p->cpucr;
    case PWR_D3CR:
        return p->vos << PWR_D3CR_VOS_Pos | (vos_ready(p) ? PWR_D3CR_VOSRDY : 0);
    case PWR_WKUPEPR:
        return p->wkupepr;
    default:
        return 0;
    }
}

// RM0433, PWR_CR3: the first write of the low byte after power-on counts; an invalid combination
// leaves the default and ACTVOSRDY stays 0 until the next power-on.
static void write_supply(struct pwr *p, uint32_t value)
{
    uint32_t supply = value & CR3_SUPPLY;
    if (p->supply_written) {
        if (supply != (p->cr3 & CR3_SUPPLY))
            report_event(p->env.report, env_now(&p->env), "pwr.supply-written-twice",
                         "CR3 supply bits are locked until the next power-on");
        return;
    }
    p->supply_written = true;
    if ((supply & (PWR_CR3_LDOEN | PWR_CR3_BYPASS)) != PWR_CR3_LDOEN) {
        report_event(p->env.report, env_now(&p->env), "pwr.supply-invalid",
                     "CR3 = 0x%x: the board feeds the core by the LDO", (unsigned)supply);
        return;
    }
    p->cr3 = (p->cr3 & ~(uint32_t)CR3_SUPPLY) | supply;
    p->supply_at = env_now(&p->env) + SUPPLY_TIME;
}

static void write_vos(struct pwr *p, uint32_t value)
{
    uint32_t vos = (value & PWR_D3CR_VOS_Msk) >> PWR_D3CR_VOS_Pos;
    if (vos == p->vos || vos == 0)
        return;
    if (!supply_ready(p)) {
        report_event(p->env.report, env_now(&p->env), "pwr.vos-before-supply",
                     "VOS written before CR3 was and ACTVOSRDY came: ignored");
        return;
    }
    p->vos = vos;
    p->vos_at = env_now(&p->env) + VOS_TIME;
}

static void write_reg(struct pwr *p, uint32_t reg, uint32_t value, bool low_byte)
{
    switch (reg + PWR_BASE) {
    case PWR_CR1:
        p->cr1 = value & CR1_WRITABLE;
        rcc_set_backup_access(p->env.rcc, value & PWR_CR1_DBP);
        return;
    case PWR_CR2:
        if (value & ~p->cr2 & CR2_BREN)
            p->backup_at = env_now(&p->env) + BACKUP_REG_TIME;
        p->cr2 = value & (CR2_BREN | CR2_MONEN);
        return;
    case PWR_CR3:
        p->cr3 = (p->cr3 & CR3_SUPPLY) | (value & CR3_UPPER);
        if (low_byte)
            write_supply(p, value);
        return;
    case PWR_CPUCR:
        p->cpucr = value & CPUCR_WRITABLE; // CSSF clears flags that are never set here
        return;
    case PWR_D3CR:
        write_vos(p, value);
        return;
    case PWR_WKUPEPR:
        p->wkupepr = value & 0x0FFF3F3F;
        return;
    default:
        return;
    }
}

static enum bus_result pwr_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    *value = reg_extract(read_reg(ctx, offset & ~3u), offset, size);
    return BUS_OK;
}

static enum bus_result pwr_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    uint32_t reg = offset & ~3u;
    write_reg(ctx, reg, reg_merge(read_reg(ctx, reg), offset, size, value), (offset & 3) == 0);
    return BUS_OK;
}

static void pwr_reset(void *ctx, enum reset_kind kind)
{
    struct pwr *p = ctx;
    p->cr1 = CR1_RESET & CR1_WRITABLE;
    p->cr2 = p->cpucr = p->wkupepr = 0;
    p->vos = VOS3;
    p->vos_at = env_now(&p->env);
    p->overdrive = false;
    p->backup_at = VT_NEVER;
    rcc_set_backup_access(p->env.rcc, false);
    if (kind == RESET_POWER) {
        p->cr3 = PWR_CR3_SCUEN | PWR_CR3_LDOEN;
        p->supply_written = false;
        p->supply_at = VT_NEVER;
    }
}

static vt_t pwr_next_event(void *ctx)
{
    const struct pwr *p = ctx;
    const vt_t at[] = {p->supply_at, p->vos_at, p->backup_at};
    vt_t next = VT_NEVER;
    for (unsigned i = 0; i < sizeof(at) / sizeof(*at); i++)
        if (at[i] > env_now(&p->env) && at[i] < next)
            next = at[i];
    return next;
}

void pwr_set_overdrive(struct pwr *p, bool on)
{
    if (on == p->overdrive)
        return;
    if (on && p->vos != VOS1)
        report_event(p->env.report, env_now(&p->env), "pwr.overdrive-below-vos1",
                     "ODEN set while the voltage scale is not 1");
    p->overdrive = on;
    p->vos_at = env_now(&p->env) + VOS_TIME;
}

unsigned pwr_scale(const struct pwr *p)
{
    return p->vos == VOS1 && p->overdrive ? 0 : 4 - p->vos;
}

struct pwr *pwr_new(const struct periph_env *env)
{
    struct pwr *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->env = *env;
    pwr_reset(p, RESET_POWER);
    return p;
}

void pwr_free(struct pwr *p)
{
    free(p);
}

struct bus_device pwr_device(struct pwr *p)
{
    return (struct bus_device){.name = "PWR",
                               .base = PWR_BASE,
                               .size = 0x400,
                               .ctx = p,
                               .read = pwr_read,
                               .write = pwr_write,
                               .reset = pwr_reset,
                               .next_event = pwr_next_event};
}
