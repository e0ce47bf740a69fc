// SPDX-License-Identifier: MIT
// The pins of the NOR chip: moves bits between the lines and the byte under way, and hands whole
// bytes to nor_decode.c. Called for each clock cycle, so it does no more than it must.
#include "nor_state.h"

enum { IO3 = 0x8, TRESET_US = 1 };

static const struct nor_drive driven_by_nobody;

// Put the next bits of n->shift (the byte stands in bits 7..0) on the lines.
static void present(struct nor *n)
{
    uint32_t l = n->lines;
    n->drive.rise = (uint8_t)((n->shift >> (8 - l) & n->line_mask) << n->out_pos);
    n->shift <<= l;
    n->drive.fall = n->drive.rise;
    if (n->dtr) {
        n->drive.fall = (uint8_t)((n->shift >> (8 - l) & n->line_mask) << n->out_pos);
        n->shift <<= l;
    }
    if (n->too_fast) {
        uint32_t r = nor_noise(n);
        n->drive.rise ^= (uint8_t)(r >> 8 & r >> 16 & n->drive.mask);
        n->drive.fall ^= (uint8_t)(r >> 12 & r >> 20 & n->drive.mask);
    }
}

static void set_lines(struct nor *n, unsigned lines, bool dtr)
{
    n->lines = (uint8_t)lines;
    n->line_mask = (uint8_t)((1u << lines) - 1);
    n->dtr = dtr;
    n->clocks_per_byte = 8 / lines / (dtr ? 2 : 1);
    n->clocks_left = n->clocks_per_byte;
}

// The next byte comes in on `lines` lines and belongs to `phase`.
void nor_expect(struct nor *n, enum nor_phase phase, unsigned lines, bool dtr)
{
    n->phase = phase;
    n->output = false;
    n->shift = 0;
    n->limit = n->limit_in;
    set_lines(n, lines, dtr);
}

void nor_expect_dummy(struct nor *n, unsigned clocks)
{
    n->phase = PHASE_DUMMY;
    n->clocks_left = clocks;
}

// From the next cycle on the chip drives `lines` lines; one line is IO1.
void nor_begin_output(struct nor *n, unsigned lines, bool dtr)
{
    n->phase = PHASE_DATA_OUT;
    n->output = true;
    n->limit = n->limit_out;
    n->too_fast = n->period < n->limit;
    set_lines(n, lines, dtr);
    n->out_pos = lines == 1;
    n->drive.mask = n->faults.mute ? 0 : (uint8_t)(n->line_mask << n->out_pos);
    n->undefined_out = false;
    n->shift = n->cmd->next(n);
    present(n);
}

// Ignore the lines until chip select rises.
void nor_deafen(struct nor *n)
{
    n->phase = PHASE_DEAF;
    n->output = false;
    n->drive = driven_by_nobody;
}

// /WP and /HOLD or /RESET are functions of IO2 and IO3 only while QE is clear (SR2 QE, SR3
// HOLD/RST).
void nor_pin_functions(struct nor *n)
{
    bool quad = n->qpi || n->sr[1] & NOR_SR2_QE;
    n->reset_pin = !quad && (n->sr[2] & NOR_SR3_HOLD_RST);
    n->hold_pin = !quad && !n->reset_pin;
    n->held = n->held && n->hold_pin;
    if (!n->reset_pin)
        n->in_reset = false;
    n->reset_low_since = n->reset_pin && !(n->levels & IO3) ? n->clock->now : VT_NEVER;
}

// /RESET acts after tRESET (1 us) low; the chip is ready tRST after the level it acted on ends.
void nor_reset_pin_level(struct nor *n, bool low)
{
    if (low && n->reset_low_since == VT_NEVER)
        n->reset_low_since = n->clock->now;
    bool acted =
        n->reset_low_since != VT_NEVER && n->clock->now - n->reset_low_since >= TRESET_US * VT_US;
    if (acted && !n->in_reset) {
        nor_software_reset(n);
        nor_deafen(n);
        n->in_reset = n->reset_pin;
    }
    if (low)
        return;
    if (n->in_reset)
        nor_software_reset(n);
    n->in_reset = false;
    n->reset_low_since = VT_NEVER;
}

void nor_idle(struct nor *n, uint8_t levels)
{
    n->levels = levels;
    if (n->hold_pin)
        n->held = n->held && !(levels & IO3);
    if (n->reset_pin && n->powered)
        nor_reset_pin_level(n, !(levels & IO3));
}

// With /HOLD low the chip neither drives nor counts clocks. A hold that ends within a cycle ends
// after it (datasheet 6.1.4: while CLK is low). Returns true if the cycle does not count.
static bool pin_cycle(struct nor *n, uint8_t rise)
{
    bool low = !(rise & IO3);
    if (n->reset_pin) {
        nor_reset_pin_level(n, low);
        return n->in_reset || n->phase == PHASE_DEAF;
    }
    bool ignored = n->held || low;
    n->held = low;
    if (low && !n->hold_reported) {
        n->hold_reported = true;
        NOR_EVENT(n, "nor.hold", "IO3 is low while QE=0: the chip is on hold, clocks do not count");
    }
    return ignored;
}

static uint8_t corrupt(struct nor *n, uint8_t levels)
{
    uint32_t r = nor_noise(n);
    return r >> 16 & 3 ? levels : levels ^ (r & 0xF); // one time in four
}

// Clocked above a limit: bits come out wrong, and go in wrong if it is the limit of inputs.
static void clock_too_fast(struct nor *n, uint8_t *rise, uint8_t *fall)
{
    if (!n->too_fast_reported)
        NOR_EVENT(n, "nor.clock-too-fast", "%lu kHz with %02Xh, at most %lu kHz",
                  (unsigned long)(VT_S / n->period / 1000), n->opcode,
                  (unsigned long)(VT_S / n->limit / 1000));
    n->too_fast_reported = true;
    if (n->output)
        return;
    *rise = corrupt(n, *rise);
    *fall = corrupt(n, *fall);
}

static void clock_out(struct nor *n)
{
    if (--n->clocks_left == 0) {
        n->clocks_left = n->clocks_per_byte;
        n->count++;
        if (n->undefined_out)
            NOR_EVENT(n, "nor.read-suspended", "read of cells that a suspended command changes");
        n->undefined_out = false;
        n->shift = n->cmd->next(n);
    }
    present(n);
}

static void clock_in(struct nor *n, uint8_t rise, uint8_t fall)
{
    n->shift = n->shift << n->lines | (rise & n->line_mask);
    if (n->dtr)
        n->shift = n->shift << n->lines | (fall & n->line_mask);
    if (--n->clocks_left)
        return;
    uint8_t byte = (uint8_t)n->shift;
    n->clocks_left = n->clocks_per_byte;
    n->shift = 0;
    nor_byte_in(n, byte);
}

struct nor_drive nor_drive(struct nor *n)
{
    struct nor_drive d; // by value of its fields: faster than a copy of three bytes
    d.mask = n->held ? 0 : n->drive.mask;
    d.rise = n->drive.rise;
    d.fall = n->drive.fall;
    return d;
}

void nor_clock(struct nor *n, uint8_t rise, uint8_t fall, uint32_t period_ps)
{
    n->levels = rise;
    if (!n->selected || ((n->hold_pin || n->reset_pin) && pin_cycle(n, rise)))
        return;
    n->period = period_ps;
    n->too_fast = period_ps < n->limit;
    if (n->too_fast)
        clock_too_fast(n, &rise, &fall);
    if (n->output)
        clock_out(n);
    else if (n->phase < PHASE_DUMMY || n->phase == PHASE_DATA_IN)
        clock_in(n, rise, fall);
    else if (n->phase == PHASE_DUMMY) {
        if (--n->clocks_left == 0)
            nor_after_dummy(n);
    } else if (n->phase == PHASE_COMPLETE) {
        n->clocks_left++; // of which there should be none
    }
}
