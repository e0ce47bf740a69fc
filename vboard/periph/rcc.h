// SPDX-License-Identifier: MIT
// Reset and clock control: the clock tree with its ready bits, and who is clocked or held in reset.
#pragma once
#include "../bus/device.h"
#include "../report.h"

struct rcc;

struct rcc_config {
    struct vclock *clock;
    struct report *report;
    uint32_t hse_hz;     // crystal on the board, 0 = none fitted (HSERDY never comes)
    uint32_t lse_hz;     // 32768 or 0
    bool hse_is_clock;   // an oscillator drives OSC_IN: HSEBYP works (with a crystal it does not)
    struct irq_line irq; // RCC global interrupt; its `set` may be NULL
};

struct rcc *rcc_new(const struct rcc_config *config);
void rcc_free(struct rcc *r);
struct bus_device rcc_device(struct rcc *r);

// Registers whose bits gate a device. Each names both its ENR and its RSTR.
enum rcc_gate {
    RCC_AHB3,
    RCC_AHB1,
    RCC_AHB2,
    RCC_AHB4,
    RCC_APB3,
    RCC_APB1L,
    RCC_APB1H,
    RCC_APB2,
    RCC_APB4
};

// True if bit `bit` of the gate's ENR (or its C1_ alias) is set.
bool rcc_enabled(const struct rcc *r, enum rcc_gate gate, unsigned bit);

// Tell `reset` each time bit `bit` of the gate's RSTR is set; while it stays set the device is held
// in reset (rcc_held_in_reset) and must act as unclocked.
void rcc_on_reset(struct rcc *r, enum rcc_gate gate, unsigned bit, void (*reset)(void *ctx),
                  void *ctx);
bool rcc_held_in_reset(const struct rcc *r, enum rcc_gate gate, unsigned bit);

// Frequencies now, in Hz; 0 = that clock does not run.
uint32_t rcc_cpu_hz(const struct rcc *r);     // sys_d1cpre_ck, the Cortex-M7 clock
uint32_t rcc_hclk3_hz(const struct rcc *r);   // AXI/AHB3
uint32_t rcc_quadspi_hz(const struct rcc *r); // QUADSPI kernel clock by D1CCIPR.QSPISEL
uint32_t rcc_lsi_hz(const struct rcc *r);     // 32 kHz, forced on by the IWDG
void rcc_force_lsi(struct rcc *r);            // the IWDG was started

// Why the last reset happened, into RSR. Bits as in RCC_RSR.
void rcc_set_reset_flags(struct rcc *r, uint32_t rsr_bits);

// Called after any register write that may have changed a frequency or a gate. Several may be
// added, up to 16; NULL adds none.
void rcc_on_change(struct rcc *r, void (*changed)(void *ctx), void *ctx);

// More frequencies, in Hz; 0 = that clock does not run.
uint32_t rcc_sysclk_hz(const struct rcc *r);
uint32_t rcc_pclk_hz(const struct rcc *r, unsigned bus);        // APB `bus` 1..4
uint32_t rcc_timclk_hz(const struct rcc *r, unsigned bus);      // timers on APB 1 or 2 (TIMPRE)
uint32_t rcc_usart_hz(const struct rcc *r, enum rcc_gate gate); // kernel clock of the UARTs there
uint32_t rcc_rtc_hz(const struct rcc *r); // RTC clock by BDCR, 0 = RTCEN clear
uint32_t rcc_rng_hz(const struct rcc *r); // D2CCIP2R.RNGSEL
uint32_t rcc_pll_hz(const struct rcc *r, unsigned pll, char output); // pll 1..3, 'P' 'Q' 'R'
bool rcc_csi_ready(const struct rcc *r);

// PWR_CR1.DBP: opens the backup domain (BDCR, RTC) for writing.
void rcc_set_backup_access(struct rcc *r, bool open);
bool rcc_backup_access(const struct rcc *r);
// Tell `reset` when BDCR.BDRST is set or the power comes on: the backup domain is cleared.
void rcc_on_backup_reset(struct rcc *r, void (*reset)(void *ctx), void *ctx);
