// SPDX-License-Identifier: MIT
// GPIO ports A..K: registers, and the state of each pad as the rest of the board sees it.
#pragma once
#include "../bus/device.h"
#include "../report.h"
#include "rcc.h"

enum { GPIO_PORTS = 11, GPIO_PINS = 16 };

enum pad_mode { PAD_INPUT = 0, PAD_OUTPUT = 1, PAD_AF = 2, PAD_ANALOG = 3 }; // = MODER encoding
enum pad_pull { PULL_NONE = 0, PULL_UP = 1, PULL_DOWN = 2 };                 // = PUPDR encoding

struct pad_state {
    enum pad_mode mode;
    enum pad_pull pull;
    uint8_t af;
    uint8_t speed; // OSPEEDR 0..3
    bool open_drain;
    bool odr;
};

// Level of a pad as its input buffer sees it, asked for when IDR is read (wire layer answers).
typedef bool (*gpio_level_fn)(void *ctx, unsigned port, unsigned pin);

struct gpio;
struct gpio *gpio_new(struct vclock *clock, struct report *report, struct rcc *rcc);
void gpio_free(struct gpio *g);
struct bus_device gpio_device(struct gpio *g, unsigned port); // one bus device a port
struct pad_state gpio_pad(const struct gpio *g, unsigned port, unsigned pin);
// Counts up at each change of any pad's state, so that routing can be cached. A port whose clock is
// off keeps driving its pads (only its registers are out of reach), so clocks do not count.
uint32_t gpio_generation(const struct gpio *g);
void gpio_set_level_source(struct gpio *g, gpio_level_fn level, void *ctx);
// Called after each step of gpio_generation(). One listener (the wire layer); NULL = none.
void gpio_on_change(struct gpio *g, void (*changed)(void *ctx), void *ctx);
