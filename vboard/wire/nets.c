// SPDX-License-Identifier: MIT
// The copper between MCU and flash chips: levels of all nets, half a clock cycle at a time. The
// QUADSPI clocks it, the GPIO ports look at it, the chips hang on it.
#include "nets_int.h"
#include <stdlib.h>
#include <string.h>

enum { IO_MASK = 0xF };

// xorshift32: deterministic noise.
static uint32_t noise(struct nets *w)
{
    uint32_t x = w->noise;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return w->noise = x;
}

static struct net_view view(const struct routing *r, uint32_t level)
{
    const struct net_view *a = &r->view[0][level & 0xFF], *b = &r->view[1][level >> 8 & 0xFF],
                          *c = &r->view[2][level >> 16 & 0xFF];
    return (struct net_view){(uint16_t)(a->signals | b->signals | c->signals),
                             (uint16_t)(a->pins | b->pins | c->pins)};
}

static unsigned io_pins(struct net_view v, unsigned chip)
{
    return v.pins >> (chip * CHIP_PINS + CHIP_IO0) & IO_MASK;
}

static bool pin_high(struct net_view v, unsigned chip, enum chip_pin pin)
{
    return v.pins >> (chip * CHIP_PINS + pin) & 1u;
}

static void report_conflict(const struct nets *w, uint32_t nets)
{
    static const char *const names[CHIP_PINS] = {"CLK", "NCS", "IO0", "IO1", "IO2", "IO3"};
    unsigned node = 0;
    while (node < PIN_NODES - 1 && !(nets >> w->route.pin_net[node] & 1u))
        node++;
    report_event(w->report, w->clock->now, "nets.conflict",
                 "two outputs drive the net of chip %u %s against each other", node / CHIP_PINS + 1,
                 names[node % CHIP_PINS]);
}

// Nets driven by all of QUADSPI, chips and GPIO outputs.
struct drivers {
    uint32_t high, low;
};

static void drive_signals(const struct routing *r, struct drivers *d, uint16_t drive,
                          uint16_t level)
{
    d->high |= r->drives_high[drive & level & (SIGNAL_LUT - 1)];
    d->low |= r->drives_low[drive & ~level & (SIGNAL_LUT - 1)];
}

static void drive_chip(const struct routing *r, struct drivers *d, unsigned chip, uint8_t mask,
                       uint8_t level)
{
    d->high |= r->chip_io[chip][mask & level & IO_MASK];
    d->low |= r->chip_io[chip][mask & ~level & IO_MASK];
}

// Levels of all nets from who drives them high and low: opposing drivers give low, faults win.
static void resolve(const struct routing *r, struct drivers d, struct memo *m)
{
    uint32_t fixed = r->stuck_high | r->stuck_low, undriven = ~(d.high | d.low);
    m->conflict = d.high & d.low & ~fixed;
    m->noisy = undriven & r->floating & ~fixed;
    m->level = (d.high & ~d.low) | (undriven & r->weak_high);
    m->level = (m->level & ~r->stuck_low) | r->stuck_high;
    m->view = view(r, m->level);
}

static struct nor_drive chip_drive(struct nets *w, unsigned chip)
{
    if (!w->nor[chip] || !w->selected[chip])
        return (struct nor_drive){0};
    return nor_drive(w->nor[chip]);
}

// ---- the careful way: any pin may do anything -------------------------------------------------

static void move_select(struct nets *w, unsigned chip, bool low)
{
    if (low == w->selected[chip])
        return;
    w->selected[chip] = low;
    w->rise_seen[chip] = false;
    if (w->nor[chip])
        nor_select(w->nor[chip], low);
}

// A chip's CLK pin at level `high`: a rising edge latches the IO levels, a falling one completes
// the cycle. `period` 0 = measure it.
static void move_clock(struct nets *w, unsigned chip, bool high, struct net_view v, uint32_t period)
{
    if (high == w->clk_high[chip])
        return;
    w->clk_high[chip] = high;
    if (high) {
        w->rise_seen[chip] = true;
        w->rise[chip] = (uint8_t)io_pins(v, chip);
        return;
    }
    vt_t since = w->clock->now - w->edge[chip];
    w->edge[chip] = w->clock->now;
    if (!w->rise_seen[chip] || !w->selected[chip] || !w->nor[chip])
        return;
    w->rise_seen[chip] = false;
    if (!period)
        period = since > UINT32_MAX ? UINT32_MAX : (uint32_t)since;
    nor_clock(w->nor[chip], w->rise[chip], (uint8_t)io_pins(v, chip), period);
}

// Let the chips see new levels. A floating CLK pin keeps its last level.
static void show_chips(struct nets *w, uint32_t level, uint32_t driven, uint32_t period)
{
    const struct routing *r = &w->route;
    struct net_view v = view(r, level);
    uint32_t held = driven | ~r->floating | r->stuck_high | r->stuck_low;
    for (unsigned chip = 0; chip < NETS_CHIPS; chip++) {
        move_select(w, chip, !pin_high(v, chip, CHIP_NCS));
        if (held >> r->pin_net[chip * CHIP_PINS + CHIP_CLK] & 1u)
            move_clock(w, chip, pin_high(v, chip, CHIP_CLK), v, period);
    }
}

// Nets whose output pad is too slow for `period` and shows the wrong level this time.
static uint32_t late_nets(struct nets *w, uint32_t period)
{
    uint32_t slow = 0;
    unsigned slowest = 3;
    for (unsigned speed = 4; speed-- > 0;)
        if (w->route.speed_nets[speed] && period < nets_pad_period(speed)) {
            slow |= w->route.speed_nets[speed];
            slowest = speed;
        }
    if (!slow)
        return 0;
    report_event(w->report, w->clock->now, "nets.pad-too-slow",
                 "a CLK or IO pad with OSPEEDR %u follows a clock of %u kHz at most, not %u kHz",
                 slowest, (unsigned)(VT_S / nets_pad_period(slowest) / 1000),
                 (unsigned)(VT_S / period / 1000));
    return slow & noise(w) & noise(w);
}

static uint32_t half_cycle(struct nets *w, uint16_t drive, uint16_t level, bool rising,
                           uint32_t period)
{
    const struct routing *r = &w->route;
    struct drivers d = {r->gpio_high, r->gpio_low};
    struct memo m;
    drive_signals(r, &d, drive, level);
    uint32_t ours = d.high | d.low;
    for (unsigned chip = 0; chip < NETS_CHIPS; chip++) {
        struct nor_drive c = chip_drive(w, chip);
        drive_chip(r, &d, chip, c.mask, rising ? c.rise : c.fall);
    }
    resolve(r, d, &m);
    if (m.conflict)
        report_conflict(w, m.conflict);
    if (m.noisy)
        m.level |= m.noisy & noise(w);
    if (period && period < r->slow_ps)
        m.level ^= late_nets(w, period) & ours & ~(r->stuck_high | r->stuck_low);
    show_chips(w, m.level, d.high | d.low, period);
    return m.level;
}

static void clock_carefully(struct nets *w, const struct qspi_out *out, uint32_t period,
                            uint16_t *in_rise, uint16_t *in_fall)
{
    uint16_t rise = out->rise | QS_BIT(QS_CLK), fall = out->fall & (uint16_t)~QS_BIT(QS_CLK);
    *in_rise = view(&w->route, half_cycle(w, out->drive, rise, true, period)).signals;
    *in_fall = view(&w->route, half_cycle(w, out->drive, fall, false, period)).signals;
}

// ---- the fast way ------------------------------------------------------------------------------

static const struct memo *look_up(struct nets *w, uint64_t key)
{
    struct memo *m = &w->memo[key * UINT64_C(0x9E3779B97F4A7C15) >> 56];
    if (m->key == key)
        return m;
    const struct routing *r = &w->route;
    struct drivers d = {r->gpio_high, r->gpio_low};
    drive_signals(r, &d, (uint16_t)key, (uint16_t)(key >> 16));
    for (unsigned chip = 0; chip < NETS_CHIPS; chip++) {
        uint8_t c = (uint8_t)(key >> (32 + 8 * chip));
        drive_chip(r, &d, chip, c >> 4, c & IO_MASK);
    }
    resolve(r, d, m);
    m->key = key;
    return m;
}

// What everybody sees while the QUADSPI drives `level` and the chips `chip_bits` (mask and level of
// IO0..3, a byte a chip).
static struct net_view see(struct nets *w, uint16_t drive, uint16_t level, uint64_t chip_bits)
{
    const struct memo *m =
        look_up(w, UINT64_C(1) << 63 | chip_bits << 32 | (uint64_t)level << 16 | drive);
    if (m->conflict)
        report_conflict(w, m->conflict);
    if (m->noisy)
        return view(&w->route, m->level | (m->noisy & noise(w)));
    return m->view;
}

void nets_clock(struct nets *w, const struct qspi_out *out, uint32_t period_ps, uint16_t *in_rise,
                uint16_t *in_fall)
{
    const struct routing *r = &w->route;
    if (!r->plain || period_ps < r->slow_ps) {
        clock_carefully(w, out, period_ps, in_rise, in_fall);
        return;
    }
    uint64_t rise = 0, fall = 0;
    for (unsigned chip = 0; chip < NETS_CHIPS; chip++) {
        if (!w->nor[chip] || !w->selected[chip])
            continue;
        struct nor_drive c = nor_drive(w->nor[chip]);
        rise |= (uint64_t)(c.mask << 4 | (c.rise & IO_MASK)) << (8 * chip);
        fall |= (uint64_t)(c.mask << 4 | (c.fall & IO_MASK)) << (8 * chip);
    }
    struct net_view vr = see(w, out->drive, out->rise, rise), vf = vr;
    if (fall != rise || out->fall != out->rise)
        vf = see(w, out->drive, out->fall, fall);
    *in_rise = vr.signals;
    *in_fall = vf.signals;
    if (!(out->drive & QS_BIT(QS_CLK)))
        return;
    for (unsigned chip = 0; chip < NETS_CHIPS; chip++)
        if (w->selected[chip] && w->nor[chip] && r->clocked[chip])
            nor_clock(w->nor[chip], (uint8_t)io_pins(vr, chip), (uint8_t)io_pins(vf, chip),
                      period_ps);
}

// ---- between clocks ----------------------------------------------------------------------------

static uint32_t show_idle(struct nets *w)
{
    uint32_t level = half_cycle(w, w->idle.drive, w->idle.rise, true, 0);
    struct net_view v = view(&w->route, level);
    for (unsigned chip = 0; chip < NETS_CHIPS; chip++)
        if (w->nor[chip])
            nor_idle(w->nor[chip], (uint8_t)io_pins(v, chip));
    return level;
}

void nets_set_select(struct nets *w, const struct qspi_out *out)
{
    w->idle = *out;
    w->idle.rise &= (uint16_t)~QS_BIT(QS_CLK);
    show_idle(w);
}

bool nets_selected(const struct nets *w, unsigned chip)
{
    return w->selected[chip];
}

// Everything up to now still belongs to the old wiring.
static void before_change(struct nets *w)
{
    if (w->observe)
        w->observe(w->observe_ctx);
}

static void after_change(struct nets *w)
{
    nets_make_routing(w);
    show_idle(w);
}

static bool pads_moved(const struct nets *w)
{
    for (unsigned i = 0; i < w->watched_count; i++) {
        struct pad_state s =
            gpio_pad(w->gpio, w->watched[i] / GPIO_PINS, w->watched[i] % GPIO_PINS);
        const struct pad_state *o = &w->seen[i];
        if (s.mode != o->mode || s.pull != o->pull || s.af != o->af || s.speed != o->speed ||
            s.open_drain != o->open_drain || s.odr != o->odr)
            return true;
    }
    return false;
}

static void gpio_changed(void *ctx)
{
    struct nets *w = ctx;
    if (!pads_moved(w))
        return;
    before_change(w);
    after_change(w);
}

// A pad that is on no net: its own driver, else its pull, else it floats.
static bool lone_pad_level(struct nets *w, unsigned pad)
{
    struct pad_state s = gpio_pad(w->gpio, pad / GPIO_PINS, pad % GPIO_PINS);
    int signal = s.mode == PAD_AF ? nets_signal_at(pad, s.af) : -1;
    bool driven = s.mode == PAD_OUTPUT || (signal >= 0 && (w->idle.drive >> signal & 1u));
    bool level = s.mode == PAD_OUTPUT ? s.odr : signal >= 0 && (w->idle.rise >> signal & 1u);
    if (driven && !(s.open_drain && level))
        return level;
    if (s.mode != PAD_ANALOG && (s.pull == PULL_UP || s.pull == PULL_DOWN))
        return s.pull == PULL_UP;
    if (w->float_level == FLOAT_NOISE)
        return noise(w) & 1u;
    return w->float_level == FLOAT_HIGH;
}

bool nets_pad_level(void *nets, unsigned port, unsigned pin)
{
    struct nets *w = nets;
    unsigned pad = port * GPIO_PINS + pin;
    before_change(w);
    if (w->route.pad_net[pad] < 0)
        return lone_pad_level(w, pad);
    return show_idle(w) >> w->route.pad_net[pad] & 1u;
}

// ---- set-up ------------------------------------------------------------------------------------

struct nets *nets_new(struct vclock *clock, struct report *report, struct gpio *gpio)
{
    struct nets *w = calloc(1, sizeof(*w));
    if (!w)
        return NULL;
    w->clock = clock;
    w->report = report;
    w->gpio = gpio;
    w->noise = 1;
    for (unsigned chip = 0; chip < NETS_CHIPS; chip++)
        for (unsigned pin = 0; pin < CHIP_PINS; pin++)
            w->pad[chip][pin] = PAD_NONE;
    nets_watch_pads(w);
    after_change(w);
    gpio_set_level_source(gpio, nets_pad_level, w);
    gpio_on_change(gpio, gpio_changed, w);
    return w;
}

void nets_free(struct nets *w)
{
    if (!w)
        return;
    gpio_set_level_source(w->gpio, NULL, NULL);
    gpio_on_change(w->gpio, NULL, NULL);
    free(w);
}

void nets_on_observe(struct nets *w, void (*sync)(void *ctx), void *ctx)
{
    w->observe = sync;
    w->observe_ctx = ctx;
}

void nets_connect(struct nets *w, unsigned chip, enum chip_pin pin, unsigned port, unsigned pad)
{
    before_change(w);
    w->pad[chip][pin] = (int16_t)(port * GPIO_PINS + pad);
    nets_watch_pads(w);
    after_change(w);
}

void nets_attach_chip(struct nets *w, unsigned chip, struct nor *nor)
{
    before_change(w);
    move_select(w, chip, false);
    w->nor[chip] = nor;
    after_change(w);
}

void nets_set_fault(struct nets *w, unsigned chip, enum chip_pin pin, enum line_fault fault)
{
    before_change(w);
    w->fault[chip][pin] = fault;
    after_change(w);
}

void nets_set_external_pull(struct nets *w, unsigned chip, enum chip_pin pin, enum pad_pull pull)
{
    before_change(w);
    w->pull[chip][pin] = pull;
    after_change(w);
}

void nets_set_float(struct nets *w, enum float_level level, uint32_t noise_seed)
{
    before_change(w);
    w->float_level = level;
    w->noise = noise_seed ? noise_seed : 1;
    after_change(w);
}

void nets_bridge(struct nets *w, unsigned chip, enum chip_pin a, enum chip_pin b)
{
    if (w->bridges == MAX_BRIDGES)
        return;
    before_change(w);
    w->bridge[w->bridges++] = (struct bridge){(uint8_t)chip, (uint8_t)a, (uint8_t)b};
    after_change(w);
}
