// SPDX-License-Identifier: MIT
// Routing of the wire layer: joins chip pins and pads to nets and compiles who drives and who hears
// each net into look-up tables, for nets.c.
#include "nets_int.h"
#include <string.h>

struct pin_row {
    uint8_t pad, signal, af;
};

#define PORT_A 0
#define PORT_B 1
#define PORT_C 2
#define PORT_D 3
#define PORT_E 4
#define PORT_F 5
#define PORT_G 6
#define PORT_H 7

#define QSPI_PIN(port, pin, signal, af) {PORT_##port * GPIO_PINS + (pin), QS_##signal, af},
static const struct pin_row pin_table[] = {
#include "quadspi_pins.inc"
};
#undef QSPI_PIN

enum { ROWS = sizeof(pin_table) / sizeof(pin_table[0]) };

static struct pad_state pad_state(const struct nets *w, unsigned pad)
{
    return gpio_pad(w->gpio, pad / GPIO_PINS, pad % GPIO_PINS);
}

uint32_t nets_pad_period(unsigned speed)
{
    static const uint32_t hz[4] = {PAD_HZ_LOW, PAD_HZ_MEDIUM, PAD_HZ_HIGH, PAD_HZ_VERY_HIGH};
    return (uint32_t)(VT_S / hz[speed & 3u]);
}

int nets_signal_at(unsigned pad, unsigned af)
{
    for (unsigned i = 0; i < ROWS; i++)
        if (pin_table[i].pad == pad && pin_table[i].af == af)
            return pin_table[i].signal;
    return -1;
}

static void watch(struct nets *w, unsigned pad)
{
    for (unsigned i = 0; i < w->watched_count; i++)
        if (w->watched[i] == pad)
            return;
    w->watched[w->watched_count++] = (uint8_t)pad;
}

void nets_watch_pads(struct nets *w)
{
    w->watched_count = 0;
    for (unsigned i = 0; i < ROWS; i++)
        watch(w, pin_table[i].pad);
    for (unsigned chip = 0; chip < NETS_CHIPS; chip++)
        for (unsigned pin = 0; pin < CHIP_PINS; pin++)
            if (w->pad[chip][pin] != PAD_NONE)
                watch(w, (unsigned)w->pad[chip][pin]);
}

static bool is_io(unsigned signal)
{
    return signal != QS_CLK && signal != QS_BK1_NCS && signal != QS_BK2_NCS;
}

// The pad behind chip pin `node`, if copper leads there.
static int pad_of(const struct nets *w, unsigned node)
{
    unsigned chip = node / CHIP_PINS, pin = node % CHIP_PINS;
    return w->fault[chip][pin] == LINE_OPEN ? PAD_NONE : w->pad[chip][pin];
}

static void join(uint8_t *net, unsigned a, unsigned b)
{
    uint8_t from = net[b], to = net[a];
    for (unsigned i = 0; i < PIN_NODES; i++)
        if (net[i] == from)
            net[i] = to;
}

// Chip pins on one pad or joined by a bridge are one net; every pad with a chip pin is on its net.
static void number_nets(const struct nets *w, struct routing *r)
{
    uint8_t group[PIN_NODES];
    for (unsigned i = 0; i < PIN_NODES; i++)
        group[i] = (uint8_t)i;
    for (unsigned a = 0; a < PIN_NODES; a++)
        for (unsigned b = a + 1; b < PIN_NODES; b++)
            if (pad_of(w, a) != PAD_NONE && pad_of(w, a) == pad_of(w, b))
                join(group, a, b);
    for (unsigned i = 0; i < w->bridges; i++) {
        const struct bridge *br = &w->bridge[i];
        join(group, br->chip * CHIP_PINS + br->a, br->chip * CHIP_PINS + br->b);
    }
    int8_t number[PIN_NODES];
    memset(number, -1, sizeof(number));
    memset(r->pad_net, -1, sizeof(r->pad_net));
    for (unsigned i = 0; i < PIN_NODES; i++) {
        if (number[group[i]] < 0)
            number[group[i]] = (int8_t)r->count++;
        r->pin_net[i] = (uint8_t)number[group[i]];
        if (pad_of(w, i) != PAD_NONE)
            r->pad_net[pad_of(w, i)] = number[group[i]];
    }
}

// Each IO signal is sampled at the lowest pad that carries it; a pad without chip gets a net then.
static void choose_inputs(const struct nets *w, struct routing *r, int8_t *input_net)
{
    uint8_t pads[QS_SIGNALS] = {0};
    memset(input_net, -1, QS_SIGNALS);
    for (unsigned pad = 0; pad < GPIO_PORTS * GPIO_PINS; pad++) {
        struct pad_state s = pad_state(w, pad);
        int signal = s.mode == PAD_AF ? nets_signal_at(pad, s.af) : -1;
        if (signal < 0 || pads[signal]++)
            continue;
        if (r->pad_net[pad] < 0)
            r->pad_net[pad] = (int8_t)r->count++;
        input_net[signal] = r->pad_net[pad];
    }
    for (unsigned signal = 0; signal < QS_SIGNALS; signal++)
        if (is_io(signal) && pads[signal] > 1)
            report_event(w->report, w->clock->now, "nets.signal-twice",
                         "%u pads are in AF mode for the same QUADSPI IO signal; the lowest one is "
                         "sampled",
                         pads[signal]);
}

struct pulls {
    uint32_t up, down;         // by PUPDR
    uint32_t ext_up, ext_down; // resistors on the board, stronger
};

static void add_pull(enum pad_pull pull, uint32_t net, uint32_t *up, uint32_t *down)
{
    if (pull == PULL_UP)
        *up |= net;
    else if (pull == PULL_DOWN)
        *down |= net;
}

static void add_pad(const struct nets *w, struct routing *r, unsigned pad, uint32_t *sig_high,
                    uint32_t *sig_low, struct pulls *p)
{
    struct pad_state s = pad_state(w, pad);
    uint32_t net = 1u << r->pad_net[pad];
    if (s.mode == PAD_ANALOG)
        return;
    add_pull(s.pull, net, &p->up, &p->down);
    if (s.mode == PAD_OUTPUT) {
        if (!s.odr)
            r->gpio_low |= net;
        else if (!s.open_drain)
            r->gpio_high |= net;
        return;
    }
    int signal = s.mode == PAD_AF ? nets_signal_at(pad, s.af) : -1;
    if (signal < 0)
        return;
    sig_low[signal] |= net;
    if (!s.open_drain)
        sig_high[signal] |= net;
    if (signal == QS_CLK || is_io((unsigned)signal))
        r->speed_nets[s.speed] |= net;
}

static void add_chip_pins(const struct nets *w, struct routing *r, struct pulls *p)
{
    for (unsigned node = 0; node < PIN_NODES; node++) {
        unsigned chip = node / CHIP_PINS, pin = node % CHIP_PINS;
        uint32_t net = 1u << r->pin_net[node];
        add_pull(w->pull[chip][pin], net, &p->ext_up, &p->ext_down);
        if (w->fault[chip][pin] == LINE_STUCK_LOW)
            r->stuck_low |= net;
        else if (w->fault[chip][pin] == LINE_STUCK_HIGH)
            r->stuck_high |= net;
        r->view[r->pin_net[node] / 8][1u << r->pin_net[node] % 8].pins |= (uint16_t)(1u << node);
        if (pin >= CHIP_IO0)
            r->chip_io[chip][1u << (pin - CHIP_IO0)] |= net;
    }
}

// Nets whose level somebody can see: those of a pad or of a fitted chip.
static uint32_t visible(const struct nets *w, const struct routing *r)
{
    uint32_t nets = 0;
    for (unsigned pad = 0; pad < GPIO_PORTS * GPIO_PINS; pad++)
        if (r->pad_net[pad] >= 0)
            nets |= 1u << r->pad_net[pad];
    for (unsigned node = 0; node < PIN_NODES; node++)
        if (w->nor[node / CHIP_PINS])
            nets |= 1u << r->pin_net[node];
    return nets;
}

// A resistor on the board beats the 40 kOhm of PUPDR; up and down alike leave the net in between.
static void settle_weak(const struct nets *w, struct routing *r, const struct pulls *p)
{
    uint32_t ext_none = ~(p->ext_up ^ p->ext_down);
    uint32_t none = ext_none & ~(p->up ^ p->down);
    uint32_t undecided = ext_none & p->ext_up; // two resistors against each other
    r->weak_high = (p->ext_up & ~p->ext_down) | (ext_none & ~undecided & p->up & ~p->down);
    none |= undecided;
    if (w->float_level == FLOAT_NOISE)
        r->floating = none & visible(w, r);
    else if (w->float_level == FLOAT_HIGH)
        r->weak_high |= none;
    r->stuck_low &= ~r->stuck_high;
}

// Fill a table whose single-bit entries are set: each entry is the union of its bits' entries.
static void fill_union(uint32_t *table, unsigned entries)
{
    for (unsigned i = 1; i < entries; i++)
        table[i] |= table[i & (i - 1)] | table[i & (0u - i)];
}

static void fill_views(struct routing *r, const int8_t *input_net)
{
    for (unsigned signal = 0; signal < QS_SIGNALS; signal++)
        if (input_net[signal] >= 0)
            r->view[input_net[signal] / 8][1u << input_net[signal] % 8].signals |=
                (uint16_t)QS_BIT(signal);
    for (unsigned byte = 0; byte < 3; byte++) {
        struct net_view *v = r->view[byte];
        for (unsigned i = 1; i < 256; i++) {
            v[i].signals |= v[i & (i - 1)].signals | v[i & (0u - i)].signals;
            v[i].pins |= v[i & (i - 1)].pins | v[i & (0u - i)].pins;
        }
    }
}

// Plain routing: each CLK pin sees the QUADSPI's CLK alone or nothing that moves, and no NCS pin
// sees noise or anything that moves within a command. Then nets_clock() need not look at them.
static void judge_plain(const struct nets *w, struct routing *r, const uint32_t *sig_high,
                        const uint32_t *sig_low)
{
    uint32_t fixed = r->stuck_high | r->stuck_low, gpio = r->gpio_high | r->gpio_low;
    uint32_t clk_high = sig_high[QS_CLK], clk_low = sig_low[QS_CLK];
    uint32_t data = r->chip_io[0][NIBBLES - 1] | r->chip_io[1][NIBBLES - 1];
    for (unsigned signal = 0; signal < QS_SIGNALS; signal++)
        if (is_io(signal))
            data |= sig_low[signal];
    uint32_t select = sig_low[QS_BK1_NCS] | sig_low[QS_BK2_NCS];
    r->plain = true;
    for (unsigned chip = 0; chip < NETS_CHIPS; chip++) {
        uint32_t clk = 1u << r->pin_net[chip * CHIP_PINS + CHIP_CLK];
        uint32_t ncs = 1u << r->pin_net[chip * CHIP_PINS + CHIP_NCS];
        r->clocked[chip] = clk & clk_high & clk_low & ~(data | select | gpio | fixed);
        bool clk_still = (clk & fixed) || !(clk & (clk_low | data | select));
        bool ncs_held = (ncs & fixed) || (!(ncs & (clk_low | data)) &&
                                          ((ncs & (select | gpio)) || !(ncs & r->floating)));
        if (w->nor[chip] && (!(r->clocked[chip] || clk_still) || !ncs_held))
            r->plain = false;
    }
}

void nets_make_routing(struct nets *w)
{
    struct routing *r = &w->route;
    memset(r, 0, sizeof(*r));
    memset(w->memo, 0, sizeof(w->memo));
    int8_t input_net[QS_SIGNALS];
    uint32_t sig_high[QS_SIGNALS] = {0}, sig_low[QS_SIGNALS] = {0};
    struct pulls pulls = {0};
    number_nets(w, r);
    choose_inputs(w, r, input_net);
    for (unsigned pad = 0; pad < GPIO_PORTS * GPIO_PINS; pad++)
        if (r->pad_net[pad] >= 0)
            add_pad(w, r, pad, sig_high, sig_low, &pulls);
    add_chip_pins(w, r, &pulls);
    settle_weak(w, r, &pulls);
    judge_plain(w, r, sig_high, sig_low);
    for (unsigned signal = 0; signal < QS_SIGNALS; signal++) {
        r->drives_high[QS_BIT(signal)] = sig_high[signal];
        r->drives_low[QS_BIT(signal)] = sig_low[signal];
    }
    fill_union(r->drives_high, SIGNAL_LUT);
    fill_union(r->drives_low, SIGNAL_LUT);
    for (unsigned chip = 0; chip < NETS_CHIPS; chip++)
        fill_union(r->chip_io[chip], NIBBLES);
    fill_views(r, input_net);
    for (unsigned speed = 0; speed < 4; speed++)
        if (r->speed_nets[speed] && nets_pad_period(speed) > r->slow_ps)
            r->slow_ps = nets_pad_period(speed);
    for (unsigned i = 0; i < w->watched_count; i++)
        w->seen[i] = pad_state(w, w->watched[i]);
}
