// SPDX-License-Identifier: MIT
// The registers of the RCC: reset values, writable bits, what hardware forbids (RM0433 "RCC
// register description"). The frequencies are worked out in rcc_clocks.c.
#include "rcc_private.h"
#include "regio.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define AT(address) (((address)-RCC_BASE) / 4)

// Bits that exist and can be written, in the order of the registers. ENR, RSTR and LPENR share
// theirs.
static const uint32_t gate_bits[RCC_GATES] = {
    [RCC_AHB3] = 0x00015031,  [RCC_AHB1] = 0x1E038023, [RCC_AHB2] = 0xE0000271,
    [RCC_AHB4] = 0x132807FF,  [RCC_APB3] = 0x00000048, [RCC_APB1L] = 0xE8FFC3FF,
    [RCC_APB1H] = 0x00000136, [RCC_APB2] = 0x31D73033, [RCC_APB4] = 0x0021DEAA,
};

struct reg_rule {
    uint32_t address, reset, writable;
};

static const struct reg_rule rules[] = {
    {RCC_HSICFGR, 0x400008EC, 0x7F000000}, // HSICAL: as read on one rev V part
    {RCC_CRRCR, 0, 0},
    {RCC_CSICFGR, 0x20000000, 0x3F000000},
    {RCC_D1CFGR, 0, 0x00000F7F},
    {RCC_D2CFGR, 0, 0x00000770},
    {RCC_D3CFGR, 0, 0x00000070},
    {RCC_PLL1FRACR, 0, RCC_PLLFRACR_FRACN_Msk},
    {RCC_PLL2FRACR, 0, RCC_PLLFRACR_FRACN_Msk},
    {RCC_PLL3FRACR, 0, RCC_PLLFRACR_FRACN_Msk},
    {RCC_D1CCIPR, 0, 0x30010033},
    {RCC_D2CCIP1R, 0, 0xB13771C7},
    {RCC_D2CCIP2R, 0, 0x70F0333F},
    {RCC_D3CCIPR, 0, 0x77E3FF07},
    {RCC_CIER, 0, 0x000003FF},
    {RCC_D3AMR, 0, 0x3129DEA9},
    // registers with rules of their own
    {RCC_CR, RCC_CR_HSION, 0},
    {RCC_PLLCKSELR, 0x02020200, 0},
    {RCC_PLLCFGR, 0x01FF0000, 0},
    {RCC_PLL1DIVR, 0x01010280, 0},
    {RCC_PLL2DIVR, 0x01010280, 0},
    {RCC_PLL3DIVR, 0x01010280, 0},
};

// ---- ready bits
// -----------------------------------------------------------------------------------

static uint32_t ready_bits_cr(const struct rcc *r)
{
    static const struct {
        enum osc_id osc;
        uint32_t bit;
    } oscillator[] = {{OSC_HSI, RCC_CR_HSIRDY},
                      {OSC_CSI, RCC_CR_CSIRDY},
                      {OSC_HSE, RCC_CR_HSERDY},
                      {OSC_HSI48, RCC_CR_HSI48RDY}};
    uint32_t bits = RCC_CR_D1CKRDY | RCC_CR_D2CKRDY;
    vt_t now = r->cfg.clock->now;
    for (unsigned i = 0; i < 4; i++)
        if (osc_ready(r, oscillator[i].osc))
            bits |= oscillator[i].bit;
    for (unsigned i = 0; i < 3; i++)
        if (pll_ready_at(r, i) <= now)
            bits |= RCC_CR_PLL1RDY << (2 * i);
    if (now >= r->hsidiv_at)
        bits |= RCC_CR_HSIDIVF;
    return bits;
}

// What is ready now, in the bit order of CIFR.
static uint32_t ready_bits_cifr(const struct rcc *r)
{
    static const enum osc_id order[] = {OSC_LSI, OSC_LSE, OSC_HSI, OSC_HSE, OSC_CSI, OSC_HSI48};
    uint32_t bits = 0;
    for (unsigned i = 0; i < 6; i++)
        bits |= (uint32_t)osc_ready(r, order[i]) << i;
    for (unsigned i = 0; i < 3; i++)
        bits |= (uint32_t)(pll_ready_at(r, i) <= r->cfg.clock->now) << (6 + i);
    return bits;
}

// Bring flags, interrupt line and a pending clock switch up to now.
static void rcc_sync(void *ctx)
{
    struct rcc *r = ctx;
    unsigned before = r->sys;
    uint32_t ready = ready_bits_cifr(r);
    r->sys = sys_current(r);
    RCC_WORD(r, RCC_CIFR) |= ready & ~r->was_ready & RCC_WORD(r, RCC_CIER);
    r->was_ready = ready;
    irq_set(&r->cfg.irq, RCC_WORD(r, RCC_CIFR) != 0);
    if (r->sys != before)
        for (unsigned i = 0; i < r->listeners; i++)
            r->listener[i].call(r->listener[i].ctx);
}

static void changed(struct rcc *r)
{
    for (unsigned i = 0; i < r->listeners; i++)
        r->listener[i].call(r->listener[i].ctx);
}

static vt_t next_ready(const struct rcc *r)
{
    vt_t now = r->cfg.clock->now, next = VT_NEVER;
    for (unsigned i = 0; i < OSC_COUNT; i++)
        if (r->ready_at[i] > now && r->ready_at[i] < next)
            next = r->ready_at[i];
    for (unsigned i = 0; i < 3; i++) {
        vt_t t = pll_ready_at(r, i);
        if (t > now && t < next)
            next = t;
    }
    return next;
}

static vt_t rcc_next_event(void *ctx)
{
    const struct rcc *r = ctx;
    vt_t next = next_ready(r);
    if (r->hsidiv_at > r->cfg.clock->now && r->hsidiv_at < next)
        next = r->hsidiv_at;
    return next;
}

// A clock switch that waits for its source changes the pace of everything: stop there.
static vt_t rcc_next_irq(void *ctx)
{
    const struct rcc *r = ctx;
    unsigned wanted = RCC_WORD(r, RCC_CFGR) & RCC_CFGR_SW_Msk;
    vt_t next = RCC_WORD(r, RCC_CIER) ? next_ready(r) : VT_NEVER;
    if (wanted != r->sys) {
        vt_t t = sys_ready_at(r, wanted);
        next = t < next ? t : next;
    }
    return next;
}

// ---- bus
// -----------------------------------------------------------------------------------------

static void write_rstr(struct rcc *r, enum rcc_gate gate, uint32_t value)
{
    uint32_t *reg = &r->reg[AT(RCC_AHB3RSTR) + gate];
    uint32_t rising = value & ~*reg;
    *reg = value;
    for (unsigned i = 0; i < r->hooks; i++)
        if (r->hook[i].gate == gate && (rising >> r->hook[i].bit & 1))
            r->hook[i].call(r->hook[i].ctx);
}

// ---- bus
// ------------------------------------------------------------------------------------------

// CPU1's copy of RSR, ENR and LPENR is the same set of bits on this part.
static uint32_t unalias(uint32_t offset)
{
    uint32_t first = RCC_C1_RSR - RCC_BASE, last = first + (RCC_APB4LPENR - RCC_RSR);
    return offset >= first && offset <= last + 3 ? offset - RCC_C1_OFFSET : offset;
}

static uint32_t read_word(const struct rcc *r, uint32_t address)
{
    uint32_t value = RCC_WORD(r, address);
    switch (address) {
    case RCC_CR:
        return value | ready_bits_cr(r);
    case RCC_CFGR:
        return value | sys_current(r) << RCC_CFGR_SWS_Pos;
    case RCC_BDCR:
        return value | (osc_ready(r, OSC_LSE) ? RCC_BDCR_LSERDY : 0);
    case RCC_CSR:
        return value | (osc_ready(r, OSC_LSI) ? RCC_CSR_LSIRDY : 0);
    default:
        return value;
    }
}

static enum bus_result rcc_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    struct rcc *r = ctx;
    offset = unalias(offset);
    rcc_sync(r);
    *value = offset / 4 < RCC_WORDS
                 ? reg_extract(read_word(r, RCC_BASE + (offset & ~3u)), offset, size)
                 : 0;
    return BUS_OK;
}

static void write_gates(struct rcc *r, uint32_t address, uint32_t value)
{
    static const uint32_t rstr_extra[RCC_GATES] = {[RCC_AHB3] = 0x80000000}; // CPURST
    static const uint32_t lpenr_extra[RCC_GATES] = {
        [RCC_AHB3] = 0xF0000100, [RCC_AHB4] = 0x20000000};
    if (address >= RCC_AHB3RSTR && address <= RCC_APB4RSTR) {
        enum rcc_gate gate = (address - RCC_AHB3RSTR) / 4;
        uint32_t no_reset = gate == RCC_AHB2 ? 0xE0000000 : gate == RCC_AHB4 ? 0x10000000 : 0;
        write_rstr(r, gate, value & ((gate_bits[gate] & ~no_reset) | rstr_extra[gate]));
    } else if (address >= RCC_AHB3ENR && address <= RCC_APB4ENR) {
        enum rcc_gate gate = (address - RCC_AHB3ENR) / 4;
        uint32_t *reg = &RCC_WORD(r, address);
        uint32_t sticky = gate == RCC_APB3 ? 1u << RCC_APB3_WWDG1_Pos : 0; // until the next reset
        *reg = (value & gate_bits[gate]) | (*reg & sticky);
    } else if (address >= RCC_AHB3LPENR && address <= RCC_APB4LPENR) {
        enum rcc_gate gate = (address - RCC_AHB3LPENR) / 4;
        RCC_WORD(r, address) = value & (gate_bits[gate] | lpenr_extra[gate]);
    }
}

static void write_word(struct rcc *r, uint32_t address, uint32_t value)
{
    switch (address) {
    case RCC_CR:
        rcc_write_cr(r, value);
        return;
    case RCC_CFGR:
        rcc_write_cfgr(r, value);
        return;
    case RCC_PLLCKSELR:
        rcc_write_pllckselr(r, value);
        return;
    case RCC_PLLCFGR:
        rcc_write_pllcfgr(r, value);
        return;
    case RCC_PLL1DIVR:
    case RCC_PLL2DIVR:
    case RCC_PLL3DIVR:
        rcc_write_plldivr(r, (address - RCC_PLL1DIVR) / 8, value);
        return;
    case RCC_CICR:
        RCC_WORD(r, RCC_CIFR) &= ~value;
        return;
    case RCC_BDCR:
        rcc_write_bdcr(r, value);
        return;
    case RCC_CSR:
        rcc_write_csr(r, value);
        return;
    case RCC_GCR:
        RCC_WORD(r, RCC_GCR) |= value & 1; // WW1RSC: set only
        return;
    case RCC_RSR:
        if (value & RCC_RSR_RMVF)
            RCC_WORD(r, RCC_RSR) = 0;
        return;
    }
    for (unsigned i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        if (rules[i].address == address) {
            uint32_t keep = ~rules[i].writable;
            RCC_WORD(r, address) = (RCC_WORD(r, address) & keep) | (value & ~keep);
            return;
        }
    }
    write_gates(r, address, value);
}

static enum bus_result rcc_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    struct rcc *r = ctx;
    offset = unalias(offset);
    if (offset / 4 >= RCC_WORDS)
        return BUS_OK;
    rcc_sync(r);
    uint32_t address = RCC_BASE + (offset & ~3u);
    write_word(r, address, reg_merge(RCC_WORD(r, address), offset, size, value));
    rcc_sync(r);
    changed(r);
    return BUS_OK;
}

static void rcc_reset(void *ctx, enum reset_kind kind)
{
    struct rcc *r = ctx;
    uint32_t rsr = RCC_WORD(r, RCC_RSR), bdcr = RCC_WORD(r, RCC_BDCR);
    memset(r->reg, 0, sizeof(r->reg));
    for (unsigned i = 0; i < sizeof(rules) / sizeof(*rules); i++)
        RCC_WORD(r, rules[i].address) = rules[i].reset;
    for (unsigned g = 0; g < RCC_GATES; g++) // all sleep clocks on (docs/reset-values.md)
        r->reg[AT(RCC_AHB3LPENR) + g] = gate_bits[g];
    RCC_WORD(r, RCC_AHB3LPENR) |= 0xF0000100;
    RCC_WORD(r, RCC_AHB4LPENR) |= 0x20000000;
    for (unsigned i = 0; i < OSC_COUNT; i++)
        if (i != OSC_LSE || kind == RESET_POWER)
            r->ready_at[i] = VT_NEVER;
    memset(r->pll, 0, sizeof(r->pll));
    r->ready_at[OSC_HSI] = r->cfg.clock->now; // the part leaves reset when the HSI is stable
    r->hsidiv_at = r->cfg.clock->now;
    r->sys = RCC_SW_HSI;
    r->lsi_forced = false;
    r->backup_open = false;
    RCC_WORD(r, RCC_BDCR) = bdcr;
    RCC_WORD(r, RCC_RSR) = rsr;
    if (kind == RESET_POWER) {
        RCC_WORD(r, RCC_BDCR) = 0;
        rcc_backup_reset(r);
        RCC_WORD(r, RCC_RSR) = RCC_RSR_PORRSTF | RCC_RSR_PINRSTF | RCC_RSR_BORRSTF |
                               RCC_RSR_D1RSTF | RCC_RSR_D2RSTF | RCC_RSR_CPURSTF;
    }
    r->was_ready = ready_bits_cifr(r);
    irq_set(&r->cfg.irq, false);
    changed(r);
}

struct rcc *rcc_new(const struct rcc_config *config)
{
    struct rcc *r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    r->cfg = *config;
    rcc_reset(r, RESET_POWER);
    return r;
}

void rcc_free(struct rcc *r)
{
    free(r);
}

struct bus_device rcc_device(struct rcc *r)
{
    return (struct bus_device){.name = "RCC",
                               .base = RCC_BASE,
                               .size = 0x400,
                               .ctx = r,
                               .read = rcc_read,
                               .write = rcc_write,
                               .reset = rcc_reset,
                               .next_event = rcc_next_event,
                               .next_irq = rcc_next_irq,
                               .sync = rcc_sync};
}

bool rcc_enabled(const struct rcc *r, enum rcc_gate gate, unsigned bit)
{
    return r->reg[AT(RCC_AHB3ENR) + gate] >> bit & 1;
}

bool rcc_held_in_reset(const struct rcc *r, enum rcc_gate gate, unsigned bit)
{
    return r->reg[AT(RCC_AHB3RSTR) + gate] >> bit & 1;
}

void rcc_on_reset(struct rcc *r, enum rcc_gate gate, unsigned bit, void (*reset)(void *ctx),
                  void *ctx)
{
    assert(r->hooks < RCC_HOOKS);
    r->hook[r->hooks++] = (struct rcc_hook){gate, bit, reset, ctx};
}

void rcc_on_change(struct rcc *r, void (*changed_fn)(void *ctx), void *ctx)
{
    if (!changed_fn)
        return;
    assert(r->listeners < RCC_LISTENERS);
    r->listener[r->listeners++] = (struct rcc_hook){.call = changed_fn, .ctx = ctx};
}

void rcc_on_backup_reset(struct rcc *r, void (*reset)(void *ctx), void *ctx)
{
    assert(r->backups < sizeof(r->backup) / sizeof(*r->backup));
    r->backup[r->backups++] = (struct rcc_hook){.call = reset, .ctx = ctx};
}

void rcc_set_reset_flags(struct rcc *r, uint32_t rsr_bits)
{
    RCC_WORD(r, RCC_RSR) |= rsr_bits & 0x55FA0000;
}

void rcc_set_backup_access(struct rcc *r, bool open)
{
    r->backup_open = open;
}

bool rcc_backup_access(const struct rcc *r)
{
    return r->backup_open;
}
