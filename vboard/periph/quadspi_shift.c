// SPDX-License-Identifier: MIT
// Single clock cycles of the QUADSPI: which lines are driven in a phase, what is sampled, and when
// the samples cannot be trusted. Called by the sequencer.
#include "quadspi_int.h"

#define BIT(sig) (1u << (sig))

static const unsigned io_shift[BANKS] = {QS_BK1_IO0, QS_BK2_IO0};

// Shortest delay from the falling CLK edge at which the chip launches a bit to the edge that may
// sample it: tCLQV of the chip (6 ns, W25Q64JV 9.6) plus the input set-up time of the QUADSPI (2
// ns, DS12110 "QUADSPI characteristics").
enum { LAUNCH_TO_SAMPLE_PS = 8000 };

// xorshift32: deterministic bit errors.
uint32_t qspi_noise(struct quadspi *q)
{
    uint32_t x = q->noise;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return q->noise = x;
}

// Banks that take part in a command (RM0433 "NCS behavior").
static bool bank_active(const struct quadspi *q, unsigned bank)
{
    return q->cr & QUADSPI_CR_DFM || bank == first_bank(q);
}

static uint16_t ncs_levels(const struct quadspi *q)
{
    uint16_t high = BIT(QS_BK1_NCS) | BIT(QS_BK2_NCS);
    if (q->selected && bank_active(q, 0))
        high &= (uint16_t)~BIT(QS_BK1_NCS);
    if (q->selected && bank_active(q, 1))
        high &= (uint16_t)~BIT(QS_BK2_NCS);
    return high;
}

#define ALWAYS_DRIVEN (BIT(QS_CLK) | BIT(QS_BK1_NCS) | BIT(QS_BK2_NCS))

// Between commands: NCS high, CLK low (the chip cannot tell CKMODE 0 from 1), IO2 low and IO3 high
// unless data goes over four lines, where all are released.
void qspi_show_idle(struct quadspi *q)
{
    struct qspi_out out = {.drive = ALWAYS_DRIVEN, .rise = ncs_levels(q)};
    if (q->cr & QUADSPI_CR_EN && FIELD(q->ccr, QUADSPI_CCR_DMODE) != QUADSPI_LINES_4) {
        for (unsigned bank = 0; bank < BANKS; bank++) {
            out.drive |= (uint16_t)(0xCu << io_shift[bank]);
            out.rise |= (uint16_t)(0x8u << io_shift[bank]);
        }
    }
    out.fall = out.rise;
    nets_set_select(q->nets, &out);
}

// IO lines driven in a phase and the level of those that carry no data (RM0433 "QUADSPI signal
// interface protocol modes").
static void line_roles(const struct shifter *s, unsigned *driven, unsigned *fixed)
{
    bool released = s->receive || s->release;
    switch (s->lines) {
    case 1: // IO0 out, IO1 in, IO2 low, IO3 high; so too in dummies
        *driven = 0xD;
        *fixed = 0x8;
        return;
    case 2:
        *driven = released ? 0xC : 0xF;
        *fixed = 0x8;
        return;
    default:
        *driven = released ? 0x0 : 0xF;
        *fixed = 0;
        return;
    }
}

// The next bits to send, on the low lines.
static unsigned take_bits(struct shifter *s, unsigned bank)
{
    unsigned bits = s->out[bank] >> (32 - s->lines);
    s->out[bank] <<= s->lines;
    return bits;
}

// What a sample of the four IO lines says in this phase: SI is IO1.
static unsigned give_bits(const struct shifter *s, unsigned nibble)
{
    if (s->lines == 1)
        return nibble >> 1 & 1u;
    return nibble & ((1u << s->lines) - 1);
}

static void prepare_out(struct quadspi *q, struct qspi_out *out)
{
    struct shifter *s = &q->sh;
    unsigned driven, fixed;
    line_roles(s, &driven, &fixed);
    out->drive = ALWAYS_DRIVEN;
    out->rise = ncs_levels(q);
    out->fall = out->rise;
    if (s->lost) {
        s->lost--;
        driven &= ~((1u << s->lines) - 1);
    }
    for (unsigned bank = 0; bank < BANKS; bank++) {
        if (!bank_active(q, bank))
            continue;
        unsigned rise = fixed, fall = fixed;
        if (!s->receive && !s->release) {
            unsigned bits = take_bits(s, bank);
            rise |= bits;
            fall |= s->ddr ? take_bits(s, bank) : bits;
        }
        out->drive |= (uint16_t)(driven << io_shift[bank]);
        out->rise |= (uint16_t)(rise << io_shift[bank]);
        out->fall |= (uint16_t)(fall << io_shift[bank]);
    }
}

static void sample(struct quadspi *q, uint16_t rise, uint16_t fall)
{
    struct shifter *s = &q->sh;
    if (q->bad_sampling) { // a quarter of the bits is wrong
        rise ^= (uint16_t)(qspi_noise(q) & qspi_noise(q));
        fall ^= (uint16_t)(qspi_noise(q) & qspi_noise(q));
    }
    bool late = q->cr & QUADSPI_CR_SSHIFT;
    unsigned bank = first_bank(q), end = bank + chips_at_once(q);
    for (; bank < end; bank++) {
        unsigned first = give_bits(s, (late ? fall : rise) >> io_shift[bank] & 0xF);
        s->in[bank] = s->in[bank] << s->lines | first;
        if (s->ddr)
            s->in[bank] = s->in[bank] << s->lines | give_bits(s, fall >> io_shift[bank] & 0xF);
    }
}

void qspi_shift(struct quadspi *q, unsigned n)
{
    struct qspi_out out;
    uint16_t rise, fall;
    bool steady = q->sh.receive || q->sh.release;
    prepare_out(q, &out);
    while (n-- > 0) {
        q->t += q->period;
        q->clock->now = q->t;
        nets_clock(q->nets, &out, q->period, &rise, &fall);
        if (q->sh.receive)
            sample(q, rise, fall);
        if (!steady && n > 0)
            prepare_out(q, &out);
    }
}

static uint32_t kernel_source(const struct quadspi *q)
{
    uint32_t ccipr = 0;
    q->rcc_registers.read(q->rcc_registers.ctx, RCC_D1CCIPR - RCC_BASE, 4, &ccipr);
    return FIELD(ccipr, RCC_D1CCIPR_QSPISEL);
}

void qspi_judge_sampling(struct quadspi *q)
{
    bool ddr = q->ccr & QUADSPI_CCR_DDRM, late = q->cr & QUADSPI_CR_SSHIFT;
    bool undivided = FIELD(q->cr, QUADSPI_CR_PRESCALER) == 0;
    q->bad_sampling = false;
    if (!q->period || FIELD(q->ccr, QUADSPI_CCR_DMODE) == QUADSPI_LINES_NONE)
        return;
    if (ddr && late) {
        q->bad_sampling = true;
        report_event(q->report, q->t, "qspi.sshift-with-ddr", "SSHIFT must be 0 when DDRM is 1");
    }
    if (ddr && undivided) {
        q->bad_sampling = true;
        report_event(q->report, q->t, "qspi.ddr-prescaler-0",
                     "DDR needs a clock division of two or more, PRESCALER is 0");
    }
    if (q->errata.hclk_prescaler_0 && undivided && kernel_source(q) == RCC_QSPISEL_HCLK3) {
        q->bad_sampling = true;
        report_event(q->report, q->t, "qspi.hclk-prescaler-0",
                     "PRESCALER is 0 with hclk3 as kernel clock: data is wrong (ES0392)");
    }
    if (!ddr && q->period < (late ? LAUNCH_TO_SAMPLE_PS : 2 * LAUNCH_TO_SAMPLE_PS)) {
        q->bad_sampling = true;
        report_event(q->report, q->t, "qspi.sampled-too-early",
                     "CLK of %u kHz with SSHIFT=%u samples before the chip's bit is valid",
                     (unsigned)(VT_S / q->period / 1000), late);
    }
}
