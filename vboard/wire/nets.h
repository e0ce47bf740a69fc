// SPDX-License-Identifier: MIT
// The copper: which pad of the MCU reaches which pin of which flash chip, and what level a net has
// when drivers, pulls, faults and floating lines meet.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "../chip/nor.h"
#include "../periph/gpio.h"

// Signals of the QUADSPI peripheral that can appear at a pad (data/quadspi-pins.csv).
enum qspi_signal {
    QS_CLK,
    QS_BK1_NCS,
    QS_BK1_IO0,
    QS_BK1_IO1,
    QS_BK1_IO2,
    QS_BK1_IO3,
    QS_BK2_NCS,
    QS_BK2_IO0,
    QS_BK2_IO1,
    QS_BK2_IO2,
    QS_BK2_IO3,
    QS_SIGNALS
};

// Pins of a flash chip.
enum chip_pin { CHIP_CLK, CHIP_NCS, CHIP_IO0, CHIP_IO1, CHIP_IO2, CHIP_IO3, CHIP_PINS };

enum line_fault { LINE_OK, LINE_OPEN, LINE_STUCK_LOW, LINE_STUCK_HIGH };

enum float_level { FLOAT_NOISE, FLOAT_LOW, FLOAT_HIGH }; // what an undriven, unpulled net reads

enum { NETS_CHIPS = 2 };

// Fastest clock an output pad follows, by its OSPEEDR setting, in Hz: DS12110 "Output timing
// characteristics (HSLV OFF)" at 2.7..3.6 V, 50 pF; very high speed by "QUADSPI characteristics".
#define PAD_HZ_LOW       12000000u
#define PAD_HZ_MEDIUM    60000000u
#define PAD_HZ_HIGH      85000000u
#define PAD_HZ_VERY_HIGH 133000000u

// Connects itself to `gpio` as its level source and listener.
struct nets;
struct nets *nets_new(struct vclock *clock, struct report *report, struct gpio *gpio);
void nets_free(struct nets *w);

// Bring the QUADSPI up to vclock.now before anybody looks at a pad or rewires one. NULL = none.
void nets_on_observe(struct nets *w, void (*sync)(void *ctx), void *ctx);

// Solder `chip`'s pin to pad port/pin. One pad may carry pins of both chips (shared CLK or NCS).
void nets_connect(struct nets *w, unsigned chip, enum chip_pin pin, unsigned port, unsigned pad);
void nets_attach_chip(struct nets *w, unsigned chip, struct nor *nor); // NULL = none fitted
void nets_set_fault(struct nets *w, unsigned chip, enum chip_pin pin, enum line_fault fault);
void nets_set_external_pull(struct nets *w, unsigned chip, enum chip_pin pin, enum pad_pull pull);
void nets_set_float(struct nets *w, enum float_level level, uint32_t noise_seed);
// Short the nets of two chip pins together (a solder bridge): opposing drivers give low.
void nets_bridge(struct nets *w, unsigned chip, enum chip_pin a, enum chip_pin b);

// The QUADSPI side. It drives its signals; only those that reach a pad in AF mode with the right AF
// number get anywhere. Where several pads carry an IO signal, the lowest one is sampled. What no
// driver, pull or fault holds floats (nets_set_float): FLOAT_NOISE is drawn anew for each half
// cycle, a floating NCS included, so that a chip without its select line never sees a whole
// command; a floating CLK makes no clock. Pads slower than the clock flip bits and lose edges.
struct qspi_out {
    uint16_t drive; // bit per enum qspi_signal: driven
    uint16_t rise;  // level in the first half of the cycle
    uint16_t fall;  // level in the second half (DDR; equal to rise otherwise)
};
// Signal levels (`rise` counts) without a clock: CLK idle. Chips see their select edges.
void nets_set_select(struct nets *w, const struct qspi_out *out);
// One full CLK cycle ending at vclock.now; the CLK bits of `out` say only whether it is driven.
// Returns in in_rise/in_fall the level of each signal's pad as the QUADSPI samples it (bit per enum
// qspi_signal). A signal that reaches no pad samples 0.
void nets_clock(struct nets *w, const struct qspi_out *out, uint32_t period_ps, uint16_t *in_rise,
                uint16_t *in_fall);
// True if the chip's NCS is low now. For tests.
bool nets_selected(const struct nets *w, unsigned chip);
// Level of a pad for IDR (gpio_level_fn); includes GPIO outputs, pulls, chip drivers and faults.
bool nets_pad_level(void *nets, unsigned port, unsigned pin);
