// SPDX-License-Identifier: MIT
// Inside of the wire layer: the wiring as the scenario gives it (nets.c) and the routing tables
// that nets_route.c makes of it whenever a pad, a wire or a fault changes.
#pragma once
#include "nets.h"

enum {
    NETS_MAX = 24, // 12 chip pins, and one pad without chip per QUADSPI signal
    PAD_NONE = -1,
    MAX_BRIDGES = 8,
    PIN_NODES = NETS_CHIPS * CHIP_PINS,
    WATCHED_MAX = 48,
};

#define NIBBLES     16
#define SIGNAL_LUT  (1u << QS_SIGNALS)
#define QS_BIT(sig) (1u << (sig))

// What one byte of the net level word means to the QUADSPI and to the chips.
struct net_view {
    uint16_t signals; // bit per enum qspi_signal
    uint16_t pins;    // bit chip * CHIP_PINS + pin
};

// All masks are bit per net.
struct routing {
    unsigned count;
    uint8_t pin_net[PIN_NODES];
    int8_t pad_net[GPIO_PORTS * GPIO_PINS]; // -1 = on no net
    uint32_t stuck_high, stuck_low;
    uint32_t gpio_high, gpio_low; // driven by GPIO outputs
    uint32_t weak_high;           // level 1 when nobody drives: pull-up, or floating high
    uint32_t floating;            // nobody holds it: noise
    uint32_t drives_high[SIGNAL_LUT], drives_low[SIGNAL_LUT]; // signals driven -> nets driven
    uint32_t chip_io[NETS_CHIPS][NIBBLES];                    // IO pins driven -> nets driven
    struct net_view view[3][256];                             // by byte of the level word
    uint32_t speed_nets[4];   // nets with a QUADSPI output pad (CLK, IO) of that OSPEEDR
    uint32_t slow_ps;         // shortest period that all those pads follow
    bool plain;               // CLK and NCS pins need no look within a command
    bool clocked[NETS_CHIPS]; // with `plain`: the chip sees the QUADSPI's CLK
};

// Levels of one combination of drivers, worked out once for each routing.
struct memo {
    uint64_t key;      // 0 = unused
    uint32_t level;    // of all nets, without noise
    uint32_t noisy;    // nets that noise is to be added to
    uint32_t conflict; // nets with opposing drivers
    struct net_view view;
};

enum { MEMOS = 256 };

struct bridge {
    uint8_t chip, a, b;
};

struct nets {
    struct vclock *clock;
    struct report *report;
    struct gpio *gpio;
    void (*observe)(void *ctx);
    void *observe_ctx;
    // wiring
    struct nor *nor[NETS_CHIPS];
    int16_t pad[NETS_CHIPS][CHIP_PINS]; // port * 16 + pin
    enum line_fault fault[NETS_CHIPS][CHIP_PINS];
    enum pad_pull pull[NETS_CHIPS][CHIP_PINS];
    struct bridge bridge[MAX_BRIDGES];
    unsigned bridges;
    enum float_level float_level;
    // state
    uint32_t noise;
    struct qspi_out idle; // what the QUADSPI drives between clocks
    bool selected[NETS_CHIPS];
    // what the CLK pin saw last, outside the plain path of nets_clock()
    bool clk_high[NETS_CHIPS];
    bool rise_seen[NETS_CHIPS]; // there was a rising edge since the chip was selected
    uint8_t rise[NETS_CHIPS];   // IO levels at that edge
    vt_t edge[NETS_CHIPS];      // time of the last falling edge
    // pads that matter, and their state as the routing knows it
    uint8_t watched[WATCHED_MAX];
    struct pad_state seen[WATCHED_MAX];
    unsigned watched_count;
    struct routing route;
    struct memo memo[MEMOS];
};

// Longest period limit of an OSPEEDR setting, in picoseconds.
uint32_t nets_pad_period(unsigned speed);
// The QUADSPI signal at a pad that is in AF mode with AF number `af`, or -1 (the pin table).
int nets_signal_at(unsigned pad, unsigned af);
// Fill `watched` with all pads of the pin table and all wired pads.
void nets_watch_pads(struct nets *w);
// Make the routing tables anew.
void nets_make_routing(struct nets *w);
