// SPDX-License-Identifier: MIT
// What the parts of the RCC model share: rcc.c (bus side), rcc_control.c (what writes do) and
// rcc_clocks.c (the clock tree).
#pragma once
#include "rcc.h"
#include "../../driver/stm32h7_regs.h"

enum osc_id { OSC_HSI, OSC_CSI, OSC_HSE, OSC_HSI48, OSC_LSI, OSC_LSE, OSC_COUNT };

enum { RCC_WORDS = 0x120 / 4, RCC_GATES = RCC_APB4 + 1, RCC_HOOKS = 128, RCC_LISTENERS = 16 };

struct rcc_hook {
    enum rcc_gate gate;
    unsigned bit;
    void (*call)(void *ctx);
    void *ctx;
};

struct rcc {
    struct rcc_config cfg;
    uint32_t reg[RCC_WORDS];  // what software wrote; ready bits are computed on reading
    vt_t ready_at[OSC_COUNT]; // VT_NEVER = off or without a crystal
    struct rcc_pll {
        bool on;
        vt_t on_at;
        uint32_t frac; // FRACN as latched by the modulator
    } pll[3];
    unsigned sys;     // system clock in use (RCC_SW_*); a pending switch waits for its source
    vt_t hsidiv_at;   // when the new HSIDIV is effective
    bool backup_open; // PWR_CR1.DBP
    bool lsi_forced;
    uint32_t was_ready; // for the edges that set CIFR: bit order of CIFR
    struct rcc_hook hook[RCC_HOOKS];
    unsigned hooks;
    struct rcc_hook listener[RCC_LISTENERS]; // gate and bit unused
    unsigned listeners;
    struct rcc_hook backup[4];
    unsigned backups;
};

// The register at an absolute address of the register map.
#define RCC_WORD(r, address) ((r)->reg[((address)-RCC_BASE) / 4])

static inline bool osc_ready(const struct rcc *r, enum osc_id id)
{
    return r->ready_at[id] <= r->cfg.clock->now;
}

// When the PLL (0..2) is or will be locked; VT_NEVER if its source does not run or DIVM is 0.
vt_t pll_ready_at(const struct rcc *r, unsigned pll);
// When the clock selected by SW value `sw` is or will be usable.
vt_t sys_ready_at(const struct rcc *r, unsigned sw);
// The system clock in use now.
unsigned sys_current(const struct rcc *r);
// The oscillator a PLLSRC value names; OSC_COUNT = none.
enum osc_id pll_source(const struct rcc *r);
// Judge the PLL's settings when it is switched on, into the report.
void pll_check(const struct rcc *r, unsigned pll);

// Writes to the registers of that name; `pll` is 0..2.
void rcc_write_cr(struct rcc *r, uint32_t value);
void rcc_write_cfgr(struct rcc *r, uint32_t value);
void rcc_write_pllckselr(struct rcc *r, uint32_t value);
void rcc_write_pllcfgr(struct rcc *r, uint32_t value);
void rcc_write_plldivr(struct rcc *r, unsigned pll, uint32_t value);
void rcc_write_bdcr(struct rcc *r, uint32_t value);
void rcc_write_csr(struct rcc *r, uint32_t value);
// Clear the backup domain: BDCR but BDRST, the LSE, and whoever asked to be told.
void rcc_backup_reset(struct rcc *r);
