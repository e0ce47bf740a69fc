// SPDX-License-Identifier: MIT
// GPIO ports A..K (RM0433 "General-purpose I/Os"): registers, lock mechanism and pad states. The
// bus reaches the registers, the wire layer asks for the pads.
#include "gpio.h"
#include "../../driver/stm32h7_regs.h"
#include <stdlib.h>

enum { REG_COUNT = GPIO_AFRH_OFFSET / 4 + 1 };

#define REG(name) (GPIO_##name##_OFFSET / 4)

// How far a lock key sequence has come: LCKK+mask, mask, LCKK+mask, then a read.
enum lock_step { LOCK_NONE, LOCK_ONE, LOCK_ZERO, LOCK_KEYED, LOCK_DONE };

struct port {
    struct gpio *gpio;
    unsigned index;
    uint32_t reg[REG_COUNT];
    enum lock_step lock;
    uint16_t lock_mask; // LCK bits of the sequence under way
};

struct gpio {
    struct vclock *clock;
    struct report *report;
    struct rcc *rcc;
    struct port port[GPIO_PORTS];
    uint32_t generation;
    gpio_level_fn level;
    void *level_ctx;
    void (*changed)(void *ctx);
    void *changed_ctx;
};

static void pads_changed(struct gpio *g)
{
    g->generation++;
    if (g->changed)
        g->changed(g->changed_ctx);
}

// Reset values of ports A and B, which carry the debug pins (RM0433 "GPIO registers").
static void reset_port(struct port *p)
{
    for (unsigned i = 0; i < REG_COUNT; i++)
        p->reg[i] = 0;
    p->reg[REG(MODER)] = 0xFFFFFFFFu;
    if (p->index == 0) {
        p->reg[REG(MODER)] = 0xABFFFFFFu;
        p->reg[REG(OSPEEDR)] = 0x0C000000u;
        p->reg[REG(PUPDR)] = 0x64000000u;
    } else if (p->index == 1) {
        p->reg[REG(MODER)] = 0xFFFFFEBFu;
        p->reg[REG(OSPEEDR)] = 0x000000C0u;
        p->reg[REG(PUPDR)] = 0x00000100u;
    }
    p->lock = LOCK_NONE;
    p->lock_mask = 0;
}

static void port_reset_by_rcc(void *ctx)
{
    struct port *p = ctx;
    reset_port(p);
    pads_changed(p->gpio);
}

static void port_reset(void *ctx, enum reset_kind kind)
{
    (void)kind; // power-on and system reset are alike here
    port_reset_by_rcc(ctx);
}

static bool reachable(const struct port *p)
{
    unsigned bit = RCC_AHB4_GPIO_Pos(p->index);
    return rcc_enabled(p->gpio->rcc, RCC_AHB4, bit) &&
           !rcc_held_in_reset(p->gpio->rcc, RCC_AHB4, bit);
}

// IDR follows the pins: it may change at any moment.
static vt_t port_next_event(void *ctx)
{
    const struct port *p = ctx;
    return p->gpio->clock->now;
}

static bool analog(const struct port *p, unsigned pin)
{
    return (p->reg[REG(MODER)] >> (2 * pin) & 3u) == PAD_ANALOG;
}

// IDR: in analog mode the Schmitt trigger is off and the bit reads 0.
static uint32_t read_idr(const struct port *p)
{
    const struct gpio *g = p->gpio;
    uint32_t idr = 0;
    for (unsigned pin = 0; pin < GPIO_PINS; pin++)
        if (!analog(p, pin) && g->level && g->level(g->level_ctx, p->index, pin))
            idr |= 1u << pin;
    return idr;
}

static uint32_t read_lckr(struct port *p)
{
    if (p->lock == LOCK_KEYED) {
        p->lock = LOCK_DONE;
        p->reg[REG(LCKR)] = GPIO_LCKR_LCKK | p->lock_mask;
    }
    return p->reg[REG(LCKR)];
}

static enum bus_result port_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    struct port *p = ctx;
    uint32_t index = offset / 4;
    uint32_t word = 0;
    *value = 0;
    if (!reachable(p))
        return BUS_OK;
    if (index == REG(IDR))
        word = read_idr(p);
    else if (index == REG(LCKR))
        word = read_lckr(p);
    else if (index < REG_COUNT && index != REG(BSRR))
        word = p->reg[index];
    *value = size == 4 ? word : word >> (offset % 4 * 8) & ((1u << (8 * size)) - 1);
    return BUS_OK;
}

// Each pin's bit of `pins` widened to a field of `bits` bits.
static uint32_t widen(uint32_t pins, unsigned bits)
{
    uint32_t mask = 0;
    for (unsigned pin = 0; pin < 32 / bits; pin++)
        if (pins >> pin & 1u)
            mask |= ((1u << bits) - 1) << (bits * pin);
    return mask;
}

// Bits of register `index` that the lock holds (RM0433: MODER, OTYPER, OSPEEDR, PUPDR, AFRL, AFRH).
static uint32_t locked_bits(const struct port *p, uint32_t index)
{
    if (p->lock != LOCK_DONE)
        return 0;
    switch (index) {
    case REG(MODER):
    case REG(OSPEEDR):
    case REG(PUPDR):
        return widen(p->lock_mask, 2);
    case REG(OTYPER):
        return p->lock_mask;
    case REG(AFRL):
        return widen(p->lock_mask & 0xFFu, 4);
    case REG(AFRH):
        return widen(p->lock_mask >> 8, 4);
    default:
        return 0;
    }
}

// LCKR takes words only. The sequence is LCKK+mask, mask, LCKK+mask with one and the same mask.
static void write_lckr(struct port *p, unsigned size, uint32_t value)
{
    if (p->lock == LOCK_DONE)
        return;
    uint16_t mask = value & 0xFFFFu;
    bool key = value & GPIO_LCKR_LCKK;
    bool same = size == 4 && mask == p->lock_mask;
    if (p->lock == LOCK_ONE && same && !key) {
        p->lock = LOCK_ZERO;
    } else if (p->lock == LOCK_ZERO && same && key) {
        p->lock = LOCK_KEYED;
    } else {
        p->lock = size == 4 && key ? LOCK_ONE : LOCK_NONE;
        p->lock_mask = mask;
    }
    if (size == 4)
        p->reg[REG(LCKR)] = mask;
}

static uint32_t writable_bits(uint32_t index)
{
    return index == REG(OTYPER) || index == REG(ODR) ? 0xFFFFu : 0xFFFFFFFFu;
}

static void store(struct port *p, uint32_t index, uint32_t word)
{
    struct gpio *g = p->gpio;
    uint32_t old = p->reg[index];
    uint32_t locked = locked_bits(p, index);
    if ((word ^ old) & locked)
        report_event(g->report, g->clock->now, "gpio.locked-pin",
                     "write of 0x%08x to GPIO%c register 0x%02x changes pins locked by LCKR",
                     (unsigned)word, 'A' + p->index, (unsigned)index * 4);
    word = (word & ~locked) | (old & locked);
    p->reg[index] = word & writable_bits(index);
    if (p->reg[index] != old)
        pads_changed(g);
}

static enum bus_result port_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    struct port *p = ctx;
    uint32_t index = offset / 4;
    if (!reachable(p)) {
        report_event(p->gpio->report, p->gpio->clock->now, "gpio.no-clock",
                     "write to GPIO%c register 0x%02x without its clock is lost", 'A' + p->index,
                     (unsigned)offset);
        return BUS_OK;
    }
    if (index >= REG_COUNT || index == REG(IDR))
        return BUS_OK;
    unsigned shift = offset % 4 * 8;
    uint32_t lanes = size == 4 ? 0xFFFFFFFFu : ((1u << (8 * size)) - 1) << shift;
    value = value << shift & lanes;
    if (index == REG(LCKR)) {
        write_lckr(p, size, value);
    } else if (index == REG(BSRR)) { // set wins over reset
        uint32_t odr = p->reg[REG(ODR)];
        store(p, REG(ODR), (odr & ~(value >> 16)) | (value & 0xFFFFu));
    } else {
        store(p, index, (p->reg[index] & ~lanes) | value);
    }
    return BUS_OK;
}

struct gpio *gpio_new(struct vclock *clock, struct report *report, struct rcc *rcc)
{
    struct gpio *g = calloc(1, sizeof(*g));
    if (!g)
        return NULL;
    g->clock = clock;
    g->report = report;
    g->rcc = rcc;
    for (unsigned i = 0; i < GPIO_PORTS; i++) {
        g->port[i].gpio = g;
        g->port[i].index = i;
        reset_port(&g->port[i]);
        rcc_on_reset(rcc, RCC_AHB4, RCC_AHB4_GPIO_Pos(i), port_reset_by_rcc, &g->port[i]);
    }
    return g;
}

void gpio_free(struct gpio *g)
{
    free(g);
}

struct bus_device gpio_device(struct gpio *g, unsigned port)
{
    static const char *const names[GPIO_PORTS] = {"GPIOA", "GPIOB", "GPIOC", "GPIOD",
                                                  "GPIOE", "GPIOF", "GPIOG", "GPIOH",
                                                  "GPIOI", "GPIOJ", "GPIOK"};
    return (struct bus_device){.name = names[port],
                               .base = GPIO_PORT(port),
                               .size = GPIO_STRIDE,
                               .ctx = &g->port[port],
                               .read = port_read,
                               .write = port_write,
                               .reset = port_reset,
                               .next_event = port_next_event};
}

struct pad_state gpio_pad(const struct gpio *g, unsigned port, unsigned pin)
{
    const uint32_t *r = g->port[port].reg;
    uint32_t afr = r[pin < 8 ? REG(AFRL) : REG(AFRH)];
    return (struct pad_state){
        .mode = (enum pad_mode)(r[REG(MODER)] >> (2 * pin) & 3u),
        .pull = (enum pad_pull)(r[REG(PUPDR)] >> (2 * pin) & 3u),
        .af = afr >> (4 * (pin % 8)) & 0xFu,
        .speed = r[REG(OSPEEDR)] >> (2 * pin) & 3u,
        .open_drain = r[REG(OTYPER)] >> pin & 1u,
        .odr = r[REG(ODR)] >> pin & 1u,
    };
}

uint32_t gpio_generation(const struct gpio *g)
{
    return g->generation;
}

void gpio_set_level_source(struct gpio *g, gpio_level_fn level, void *ctx)
{
    g->level = level;
    g->level_ctx = ctx;
}

void gpio_on_change(struct gpio *g, void (*changed)(void *ctx), void *ctx)
{
    g->changed = changed;
    g->changed_ctx = ctx;
}
