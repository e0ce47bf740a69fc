// SPDX-License-Identifier: MIT
// What a write to the RCC's control registers does: oscillators, PLLs, system clock, backup domain,
// and what hardware refuses while a clock is in use (RM0433 "RCC register description").
#include "rcc_private.h"

// Start-up times, typical, DS12110 "Oscillator characteristics".
static const vt_t startup[OSC_COUNT] = {
    [OSC_HSI] = 1400 * VT_NS,   [OSC_CSI] = 4 * VT_US,   [OSC_HSE] = 2 * VT_MS,
    [OSC_HSI48] = 2100 * VT_NS, [OSC_LSI] = 120 * VT_US, [OSC_LSE] = 2 * VT_S,
};

enum { WRITABLE_CR = 0x150D1299 | RCC_CR_HSIKERON };
#define HSIDIV_SETTLE (100 * VT_NS)

static void note(const struct rcc *r, const char *id, const char *text)
{
    report_event(r->cfg.report, r->cfg.clock->now, id, "%s", text);
}

// ---- oscillators and PLLs
// -------------------------------------------------------------------------

static bool fitted(const struct rcc *r, enum osc_id id)
{
    if (id == OSC_HSE) {
        bool bypass = RCC_WORD(r, RCC_CR) & RCC_CR_HSEBYP;
        return r->cfg.hse_hz && (!bypass || r->cfg.hse_is_clock);
    }
    return id != OSC_LSE || r->cfg.lse_hz;
}

static void osc_switch(struct rcc *r, enum osc_id id, bool on, bool was_on)
{
    if (!on)
        r->ready_at[id] = VT_NEVER;
    else if (!was_on)
        r->ready_at[id] = fitted(r, id) ? r->cfg.clock->now + startup[id] : VT_NEVER;
}

// True if the system clock needs oscillator `id`, directly or through PLL1.
static bool osc_in_use(const struct rcc *r, enum osc_id id)
{
    static const enum osc_id of_sw[] = {OSC_HSI, OSC_CSI, OSC_HSE, OSC_COUNT};
    unsigned wanted = RCC_WORD(r, RCC_CFGR) & RCC_CFGR_SW_Msk;
    if (of_sw[r->sys] == id || of_sw[wanted] == id)
        return true;
    return r->pll[0].on && pll_source(r) == id;
}

static bool any_pll_on(const struct rcc *r)
{
    return r->pll[0].on || r->pll[1].on || r->pll[2].on;
}

// Bits of CR that hardware keeps as they are.
static uint32_t keep_in_use(const struct rcc *r, uint32_t old, uint32_t value)
{
    static const struct {
        enum osc_id osc;
        uint32_t bit;
    } guarded[] = {{OSC_HSI, RCC_CR_HSION}, {OSC_CSI, RCC_CR_CSION}, {OSC_HSE, RCC_CR_HSEON}};
    for (unsigned i = 0; i < 3; i++) {
        if ((old & ~value & guarded[i].bit) && osc_in_use(r, guarded[i].osc)) {
            note(r, "rcc.clock-in-use", "an oscillator in use cannot be switched off");
            value |= guarded[i].bit;
        }
    }
    bool pll1_used =
        r->sys == RCC_SW_PLL1 || (RCC_WORD(r, RCC_CFGR) & RCC_CFGR_SW_Msk) == RCC_SW_PLL1;
    if ((old & ~value & RCC_CR_PLL1ON) && pll1_used) {
        note(r, "rcc.clock-in-use", "PLL1 is the system clock and cannot be switched off");
        value |= RCC_CR_PLL1ON;
    }
    if (((old ^ value) & RCC_CR_HSIDIV_Msk) && any_pll_on(r) && pll_source(r) == OSC_HSI) {
        note(r, "rcc.hsidiv-in-use", "HSIDIV cannot change while a PLL runs from the HSI");
        value = (value & ~RCC_CR_HSIDIV_Msk) | (old & RCC_CR_HSIDIV_Msk);
    }
    if (((old ^ value) & RCC_CR_HSEBYP) && (old & RCC_CR_HSEON))
        value = (value & ~RCC_CR_HSEBYP) | (old & RCC_CR_HSEBYP);
    return value | (old & RCC_CR_CSSHSEON); // set only, until reset
}

void rcc_write_cr(struct rcc *r, uint32_t value)
{
    uint32_t old = RCC_WORD(r, RCC_CR);
    value = keep_in_use(r, old, value & WRITABLE_CR);
    RCC_WORD(r, RCC_CR) = value;
    osc_switch(r, OSC_HSI, value & RCC_CR_HSION, old & RCC_CR_HSION);
    osc_switch(r, OSC_CSI, value & RCC_CR_CSION, old & RCC_CR_CSION);
    osc_switch(r, OSC_HSE, value & RCC_CR_HSEON, old & RCC_CR_HSEON);
    osc_switch(r, OSC_HSI48, value & RCC_CR_HSI48ON, old & RCC_CR_HSI48ON);
    if ((old ^ value) & RCC_CR_HSIDIV_Msk)
        r->hsidiv_at = r->cfg.clock->now + HSIDIV_SETTLE;
    for (unsigned i = 0; i < 3; i++) {
        bool on = value & (RCC_CR_PLL1ON << (2 * i));
        if (on && !r->pll[i].on) {
            r->pll[i].on_at = r->cfg.clock->now;
            r->pll[i].frac = RCC_WORD(r, RCC_PLL1FRACR + 8 * i) >> RCC_PLLFRACR_FRACN_Pos;
            pll_check(r, i);
        }
        r->pll[i].on = on;
    }
}

void rcc_write_cfgr(struct rcc *r, uint32_t value)
{
    uint32_t old = RCC_WORD(r, RCC_CFGR);
    value &= 0xFFFCFFC7;
    if ((value & RCC_CFGR_SW_Msk) > RCC_SW_PLL1)
        value = (value & ~RCC_CFGR_SW_Msk) | (old & RCC_CFGR_SW_Msk);
    RCC_WORD(r, RCC_CFGR) = value;
    if (sys_ready_at(r, value & RCC_CFGR_SW_Msk) == VT_NEVER)
        note(r, "rcc.switch-to-dead-clock", "SW selects a clock that does not run");
}

void rcc_write_pllckselr(struct rcc *r, uint32_t value)
{
    uint32_t keep = any_pll_on(r) ? RCC_PLLCKSELR_PLLSRC_Msk : 0;
    for (unsigned i = 0; i < 3; i++)
        if (r->pll[i].on)
            keep |= RCC_PLLCKSELR_DIVM1_Msk << (8 * i);
    uint32_t old = RCC_WORD(r, RCC_PLLCKSELR);
    value &= 0x03F3F3F3;
    if ((old ^ value) & keep)
        note(r, "rcc.pll-setting-while-on", "PLLCKSELR written for a PLL that is on: ignored");
    RCC_WORD(r, RCC_PLLCKSELR) = (value & ~keep) | (old & keep);
}

void rcc_write_pllcfgr(struct rcc *r, uint32_t value)
{
    uint32_t old = RCC_WORD(r, RCC_PLLCFGR), keep = 0;
    value &= 0x01FF0FFF;
    for (unsigned i = 0; i < 3; i++)
        if (r->pll[i].on)
            keep |= (RCC_PLLCFGR_PLL1RGE_Msk | RCC_PLLCFGR_PLL1VCOSEL) << (4 * i);
    if ((old ^ value) & keep)
        note(r, "rcc.pll-setting-while-on", "PLLCFGR range of a PLL that is on: ignored");
    value = (value & ~keep) | (old & keep);
    for (unsigned i = 0; i < 3; i++) // FRACN is latched when FRACEN goes from 0 to 1
        if (value & ~old & (RCC_PLLCFGR_PLL1FRACEN << (4 * i)))
            r->pll[i].frac = RCC_WORD(r, RCC_PLL1FRACR + 8 * i) >> RCC_PLLFRACR_FRACN_Pos;
    RCC_WORD(r, RCC_PLLCFGR) = value;
}

void rcc_write_plldivr(struct rcc *r, unsigned pll, uint32_t value)
{
    uint32_t address = RCC_PLL1DIVR + 8 * pll;
    value &= 0x7F7FFFFF;
    if (r->pll[pll].on) {
        if (value != RCC_WORD(r, address))
            note(r, "rcc.pll-setting-while-on", "PLLxDIVR of a PLL that is on: ignored");
        return;
    }
    RCC_WORD(r, address) = value;
}

// ---- backup domain, resets
// ------------------------------------------------------------------------

void rcc_backup_reset(struct rcc *r)
{
    RCC_WORD(r, RCC_BDCR) &= RCC_BDCR_BDRST;
    r->ready_at[OSC_LSE] = VT_NEVER;
    for (unsigned i = 0; i < r->backups; i++)
        r->backup[i].call(r->backup[i].ctx);
}

void rcc_write_bdcr(struct rcc *r, uint32_t value)
{
    uint32_t old = RCC_WORD(r, RCC_BDCR);
    if (!r->backup_open) {
        note(r, "rcc.bdcr-protected", "BDCR written while PWR_CR1.DBP is 0: ignored");
        return;
    }
    value &= 0x0001833D;
    if (old & RCC_BDCR_RTCSEL_Msk) // once chosen, only a backup domain reset frees it
        value = (value & ~RCC_BDCR_RTCSEL_Msk) | (old & RCC_BDCR_RTCSEL_Msk);
    if (old & RCC_BDCR_LSEON)
        value = (value & ~RCC_BDCR_LSEBYP) | (old & RCC_BDCR_LSEBYP);
    RCC_WORD(r, RCC_BDCR) = value;
    osc_switch(r, OSC_LSE, value & RCC_BDCR_LSEON, old & RCC_BDCR_LSEON);
    if (value & RCC_BDCR_BDRST)
        rcc_backup_reset(r);
}

static void lsi_update(struct rcc *r, bool was_on)
{
    bool on = r->lsi_forced || (RCC_WORD(r, RCC_CSR) & RCC_CSR_LSION);
    osc_switch(r, OSC_LSI, on, was_on);
}

void rcc_write_csr(struct rcc *r, uint32_t value)
{
    bool was_on = r->lsi_forced || (RCC_WORD(r, RCC_CSR) & RCC_CSR_LSION);
    RCC_WORD(r, RCC_CSR) = value & RCC_CSR_LSION;
    lsi_update(r, was_on);
}

void rcc_force_lsi(struct rcc *r)
{
    bool was_on = r->lsi_forced || (RCC_WORD(r, RCC_CSR) & RCC_CSR_LSION);
    r->lsi_forced = true;
    lsi_update(r, was_on);
}
