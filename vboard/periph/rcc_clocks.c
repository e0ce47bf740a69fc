// SPDX-License-Identifier: MIT
// The clock tree of the STM32H743: which clock runs, since when, at what frequency
// (RM0433 "RCC clocks functional description"). Pure functions of the RCC's state.
#include "rcc_private.h"

enum { HSI_HZ = 64000000, CSI_HZ = 4000000, HSI48_HZ = 48000000, LSI_HZ = 32000 };

#define PLL_LOCK_TIME (50 * VT_US) // DS12110, typical

static uint32_t field(uint32_t value, uint32_t mask, unsigned pos)
{
    return (value & mask) >> pos;
}

static uint32_t osc_hz(const struct rcc *r, enum osc_id id)
{
    if (id >= OSC_COUNT || !osc_ready(r, id))
        return 0;
    switch (id) {
    case OSC_HSI:
        return HSI_HZ >> field(RCC_WORD(r, RCC_CR), RCC_CR_HSIDIV_Msk, RCC_CR_HSIDIV_Pos);
    case OSC_CSI:
        return CSI_HZ;
    case OSC_HSE:
        return r->cfg.hse_hz;
    case OSC_HSI48:
        return HSI48_HZ;
    case OSC_LSI:
        return LSI_HZ;
    default:
        return r->cfg.lse_hz;
    }
}

enum osc_id pll_source(const struct rcc *r)
{
    static const enum osc_id source[] = {OSC_HSI, OSC_CSI, OSC_HSE, OSC_COUNT};
    return source[RCC_WORD(r, RCC_PLLCKSELR) & RCC_PLLCKSELR_PLLSRC_Msk];
}

static uint32_t pll_divm(const struct rcc *r, unsigned pll)
{
    return RCC_WORD(r, RCC_PLLCKSELR) >> (RCC_PLLCKSELR_DIVM1_Pos + 8 * pll) & 0x3F;
}

static uint32_t pll_divr(const struct rcc *r, unsigned pll)
{
    return RCC_WORD(r, RCC_PLL1DIVR + 8 * pll);
}

vt_t pll_ready_at(const struct rcc *r, unsigned pll)
{
    enum osc_id source = pll_source(r);
    if (!r->pll[pll].on || source == OSC_COUNT || pll_divm(r, pll) == 0)
        return VT_NEVER;
    vt_t start = r->ready_at[source];
    if (start == VT_NEVER)
        return VT_NEVER;
    if (start < r->pll[pll].on_at)
        start = r->pll[pll].on_at;
    return start + PLL_LOCK_TIME;
}

static bool pll_ready(const struct rcc *r, unsigned pll)
{
    return pll_ready_at(r, pll) <= r->cfg.clock->now;
}

static uint64_t pll_ref_hz(const struct rcc *r, unsigned pll)
{
    uint32_t m = pll_divm(r, pll);
    return m ? osc_hz(r, pll_source(r)) / m : 0;
}

// RM0433: Fvco = Fref * (DIVN + FRACN / 2^13)
static uint64_t pll_vco_hz(const struct rcc *r, unsigned pll)
{
    uint32_t m = pll_divm(r, pll);
    if (!m)
        return 0;
    uint64_t n = (uint64_t)(field(pll_divr(r, pll), RCC_PLLDIVR_DIVN_Msk, 0) + 1) << 13;
    if (RCC_WORD(r, RCC_PLLCFGR) >> (4 * pll) & RCC_PLLCFGR_PLL1FRACEN)
        n += r->pll[pll].frac;
    return osc_hz(r, pll_source(r)) * n / m >> 13;
}

uint32_t rcc_pll_hz(const struct rcc *r, unsigned pll, char output)
{
    unsigned which = output == 'P' ? 0 : output == 'Q' ? 1 : 2;
    if (pll < 1 || pll > 3 || !pll_ready(r, pll - 1))
        return 0;
    if (!(RCC_WORD(r, RCC_PLLCFGR) >> (3 * (pll - 1) + which) & RCC_PLLCFGR_DIVP1EN))
        return 0;
    static const unsigned pos[] = {RCC_PLLDIVR_DIVP_Pos, RCC_PLLDIVR_DIVQ_Pos,
                                   RCC_PLLDIVR_DIVR_Pos};
    uint32_t divider = (pll_divr(r, pll - 1) >> pos[which] & 0x7F) + 1;
    return (uint32_t)(pll_vco_hz(r, pll - 1) / divider);
}

void pll_check(const struct rcc *r, unsigned pll)
{
    static const uint32_t ref_min[] = {1000000, 2000000, 4000000, 8000000};
    static const uint32_t ref_max[] = {2000000, 4000000, 8000000, 16000000};
    uint32_t cfg = RCC_WORD(r, RCC_PLLCFGR) >> (4 * pll);
    uint32_t rge = field(cfg, RCC_PLLCFGR_PLL1RGE_Msk, RCC_PLLCFGR_PLL1RGE_Pos);
    bool medium = cfg & RCC_PLLCFGR_PLL1VCOSEL;
    uint64_t ref = pll_ref_hz(r, pll), vco = pll_vco_hz(r, pll);
    vt_t now = r->cfg.clock->now;
    if (!ref) {
        report_event(r->cfg.report, now, "rcc.pll-without-source",
                     "PLL%u switched on while its source does not run", pll + 1);
        return;
    }
    if (ref < ref_min[rge] || ref > ref_max[rge])
        report_event(r->cfg.report, now, "rcc.pll-input-range",
                     "PLL%u reference %lu Hz is outside of RGE=%u", pll + 1, (unsigned long)ref,
                     (unsigned)rge);
    if (vco < (medium ? 150000000u : 192000000u) || vco > (medium ? 420000000u : 960000000u))
        report_event(r->cfg.report, now, "rcc.pll-vco-range", "PLL%u VCO at %lu Hz", pll + 1,
                     (unsigned long)vco);
    uint32_t p = field(pll_divr(r, pll), RCC_PLLDIVR_DIVP_Msk, RCC_PLLDIVR_DIVP_Pos);
    if (pll == 0 && p && p % 2 == 0)
        report_event(r->cfg.report, now, "rcc.pll1-odd-divp", "DIVP1 = %u is not allowed",
                     (unsigned)p + 1);
}

vt_t sys_ready_at(const struct rcc *r, unsigned sw)
{
    switch (sw) {
    case RCC_SW_HSI:
        return r->ready_at[OSC_HSI];
    case RCC_SW_CSI:
        return r->ready_at[OSC_CSI];
    case RCC_SW_HSE:
        return r->ready_at[OSC_HSE];
    default:
        if (!(RCC_WORD(r, RCC_PLLCFGR) & RCC_PLLCFGR_DIVP1EN))
            return VT_NEVER;
        return pll_ready_at(r, 0);
    }
}

unsigned sys_current(const struct rcc *r)
{
    unsigned wanted = RCC_WORD(r, RCC_CFGR) & RCC_CFGR_SW_Msk;
    return sys_ready_at(r, wanted) <= r->cfg.clock->now ? wanted : r->sys;
}

uint32_t rcc_sysclk_hz(const struct rcc *r)
{
    switch (sys_current(r)) {
    case RCC_SW_HSI:
        return osc_hz(r, OSC_HSI);
    case RCC_SW_CSI:
        return osc_hz(r, OSC_CSI);
    case RCC_SW_HSE:
        return osc_hz(r, OSC_HSE);
    default:
        return rcc_pll_hz(r, 1, 'P');
    }
}

// D1CPRE and HPRE: 0xxx = 1, then 2, 4, 8, 16, 64, 128, 256, 512.
static uint32_t ahb_shift(uint32_t pre)
{
    static const uint8_t shift[] = {1, 2, 3, 4, 6, 7, 8, 9};
    return pre < 8 ? 0 : shift[pre & 7];
}

// PPRE: 0xx = 1, then 2, 4, 8, 16.
static uint32_t apb_shift(uint32_t pre)
{
    return pre < 4 ? 0 : (pre & 3) + 1;
}

uint32_t rcc_cpu_hz(const struct rcc *r)
{
    uint32_t pre = field(RCC_WORD(r, RCC_D1CFGR), RCC_D1CFGR_D1CPRE_Msk, RCC_D1CFGR_D1CPRE_Pos);
    return rcc_sysclk_hz(r) >> ahb_shift(pre);
}

uint32_t rcc_hclk3_hz(const struct rcc *r)
{
    uint32_t pre = field(RCC_WORD(r, RCC_D1CFGR), RCC_D1CFGR_HPRE_Msk, RCC_D1CFGR_HPRE_Pos);
    return rcc_cpu_hz(r) >> ahb_shift(pre);
}

static uint32_t ppre(const struct rcc *r, unsigned bus)
{
    uint32_t d2 = RCC_WORD(r, RCC_D2CFGR);
    switch (bus) {
    case 1:
        return field(d2, RCC_D2CFGR_D2PPRE1_Msk, RCC_D2CFGR_D2PPRE1_Pos);
    case 2:
        return field(d2, RCC_D2CFGR_D2PPRE2_Msk, RCC_D2CFGR_D2PPRE2_Pos);
    case 3:
        return field(RCC_WORD(r, RCC_D1CFGR), RCC_D1CFGR_D1PPRE_Msk, RCC_D1CFGR_D1PPRE_Pos);
    default:
        return field(RCC_WORD(r, RCC_D3CFGR), RCC_D3CFGR_D3PPRE_Msk, RCC_D3CFGR_D3PPRE_Pos);
    }
}

uint32_t rcc_pclk_hz(const struct rcc *r, unsigned bus)
{
    return rcc_hclk3_hz(r) >> apb_shift(ppre(r, bus));
}

// RM0433 table "Ratio between clock timer and pclk"
uint32_t rcc_timclk_hz(const struct rcc *r, unsigned bus)
{
    uint32_t shift = apb_shift(ppre(r, bus));
    uint32_t free_up_to = RCC_WORD(r, RCC_CFGR) & RCC_CFGR_TIMPRE ? 2 : 1;
    return rcc_hclk3_hz(r) >> (shift > free_up_to ? shift - free_up_to : 0);
}

// per_ck by CKPERSEL
static uint32_t per_hz(const struct rcc *r)
{
    static const enum osc_id source[] = {OSC_HSI, OSC_CSI, OSC_HSE, OSC_COUNT};
    return osc_hz(r, source[field(RCC_WORD(r, RCC_D1CCIPR), RCC_D1CCIPR_CKPERSEL_Msk,
                                  RCC_D1CCIPR_CKPERSEL_Pos)]);
}

uint32_t rcc_quadspi_hz(const struct rcc *r)
{
    switch (field(RCC_WORD(r, RCC_D1CCIPR), RCC_D1CCIPR_QSPISEL_Msk, RCC_D1CCIPR_QSPISEL_Pos)) {
    case RCC_QSPISEL_HCLK3:
        return rcc_hclk3_hz(r);
    case RCC_QSPISEL_PLL1Q:
        return rcc_pll_hz(r, 1, 'Q');
    case RCC_QSPISEL_PLL2R:
        return rcc_pll_hz(r, 2, 'R');
    default:
        return per_hz(r);
    }
}

uint32_t rcc_usart_hz(const struct rcc *r, enum rcc_gate gate)
{
    uint32_t d2 = RCC_WORD(r, RCC_D2CCIP2R);
    uint32_t sel = gate == RCC_APB2   ? d2 >> 3 & 7
                   : gate == RCC_APB4 ? RCC_WORD(r, RCC_D3CCIPR) & 7
                                      : d2 & 7;
    switch (sel) {
    case 0:
        return rcc_pclk_hz(r, gate == RCC_APB2 ? 2 : gate == RCC_APB4 ? 4 : 1);
    case 1:
        return rcc_pll_hz(r, 2, 'Q');
    case 2:
        return rcc_pll_hz(r, 3, 'Q');
    case 3:
        return osc_hz(r, OSC_HSI);
    case 4:
        return osc_hz(r, OSC_CSI);
    case 5:
        return osc_hz(r, OSC_LSE);
    default:
        return 0;
    }
}

uint32_t rcc_rng_hz(const struct rcc *r)
{
    switch (RCC_WORD(r, RCC_D2CCIP2R) >> 8 & 3) {
    case 0:
        return osc_hz(r, OSC_HSI48);
    case 1:
        return rcc_pll_hz(r, 1, 'Q');
    case 2:
        return osc_hz(r, OSC_LSE);
    default:
        return osc_hz(r, OSC_LSI);
    }
}

uint32_t rcc_rtc_hz(const struct rcc *r)
{
    uint32_t bdcr = RCC_WORD(r, RCC_BDCR), divider = RCC_WORD(r, RCC_CFGR) >> 8 & 0x3F;
    if (!(bdcr & RCC_BDCR_RTCEN))
        return 0;
    switch (field(bdcr, RCC_BDCR_RTCSEL_Msk, RCC_BDCR_RTCSEL_Pos)) {
    case 1:
        return osc_hz(r, OSC_LSE);
    case 2:
        return osc_hz(r, OSC_LSI);
    case 3:
        return divider > 1 ? osc_hz(r, OSC_HSE) / divider : 0;
    default:
        return 0;
    }
}

uint32_t rcc_lsi_hz(const struct rcc *r)
{
    return osc_hz(r, OSC_LSI);
}

bool rcc_csi_ready(const struct rcc *r)
{
    return osc_ready(r, OSC_CSI);
}
