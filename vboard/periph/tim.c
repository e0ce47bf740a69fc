// SPDX-License-Identifier: MIT
// The timers, see tim.h.
#include "tim.h"
#include "../../driver/stm32h7_regs.h"
#include <stdlib.h>
#include <string.h>

enum {
    CR1 = 0x00,
    DIER = 0x0C,
    SR = 0x10,
    EGR = 0x14,
    CNT = 0x24,
    PSC = 0x28,
    ARR = 0x2C,
    WORDS = 0x70 / 4,
    CR1_CEN = 0x1,
    CR1_UDIS = 0x2,
    CR1_URS = 0x4,
    CR1_OPM = 0x8,
    CR1_ARPE = 0x80,
    UIF = 0x1, // SR, DIER.UIE and EGR.UG
};

static const struct {
    const char *name;
    uint32_t base;
    uint8_t bus, bit, irq, wide; // APB 1 or 2; ENR bit; NVIC position; 32-bit counter
} unit[TIM_COUNT] = {
    {"TIM1", TIM1_BASE, 2, 0, 25, 0},     {"TIM2", TIM2_BASE, 1, 0, 28, 1},
    {"TIM3", TIM3_BASE, 1, 1, 29, 0},     {"TIM4", TIM4_BASE, 1, 2, 30, 0},
    {"TIM5", TIM5_BASE, 1, 3, 50, 1},     {"TIM6", TIM6_BASE, 1, 4, 54, 0},
    {"TIM7", TIM7_BASE, 1, 5, 55, 0},     {"TIM8", TIM8_BASE, 2, 1, 44, 0},
    {"TIM12", TIM12_BASE, 1, 6, 43, 0},   {"TIM13", TIM13_BASE, 1, 7, 44, 0},
    {"TIM14", TIM14_BASE, 1, 8, 45, 0},   {"TIM15", TIM15_BASE, 2, 16, 116, 0},
    {"TIM16", TIM16_BASE, 2, 17, 117, 0}, {"TIM17", TIM17_BASE, 2, 18, 118, 0},
};

struct tim {
    struct periph_env env;
    unsigned index;
    struct gate gate;
    struct irq_line irq;
    uint32_t reg[WORDS];
    uint32_t psc, arr; // as loaded by the last update
    uint32_t cnt;      // at `since`
    vt_t since;
    uint32_t hz;
};

static uint32_t top(const struct tim *t)
{
    return unit[t->index].wide ? UINT32_MAX : 0xFFFF;
}

static bool counting(const struct tim *t)
{
    return (t->reg[CR1 / 4] & CR1_CEN) && t->hz && t->arr && gate_open(&t->gate);
}

static vt_t ticks_time(const struct tim *t, uint64_t ticks)
{
    return vt_cycles(ticks * (t->psc + 1), t->hz);
}

static void load(struct tim *t)
{
    t->psc = t->reg[PSC / 4];
    t->arr = t->reg[ARR / 4];
}

// Time of the next overflow.
static vt_t overflow_at(const struct tim *t)
{
    if (!counting(t))
        return VT_NEVER;
    uint64_t left = t->cnt <= t->arr ? (uint64_t)t->arr - t->cnt + 1
                                     : (uint64_t)top(t) - t->cnt + 1; // missed: wraps
    return t->since + ticks_time(t, left);
}

static void overflow(struct tim *t, vt_t at)
{
    t->cnt = 0;
    t->since = at;
    if (t->reg[CR1 / 4] & CR1_UDIS)
        return;
    load(t);
    t->reg[SR / 4] |= UIF;
    if (t->reg[CR1 / 4] & CR1_OPM)
        t->reg[CR1 / 4] &= ~(uint32_t)CR1_CEN;
}

// Whole periods with the same settings that ended before now, at once.
static void skip_periods(struct tim *t)
{
    vt_t period = ticks_time(t, (uint64_t)t->arr + 1), now = env_now(&t->env);
    if (t->reg[CR1 / 4] & CR1_OPM || period == 0 || now <= t->since)
        return;
    t->since += (now - t->since) / period * period;
}

static void tim_sync(void *ctx)
{
    struct tim *t = ctx;
    vt_t at = overflow_at(t);
    if (at <= env_now(&t->env)) {
        overflow(t, at);
        if (counting(t))
            skip_periods(t);
    }
    irq_set(&t->irq, t->reg[SR / 4] & t->reg[DIER / 4] & UIF);
}

static uint32_t count(const struct tim *t)
{
    vt_t now = env_now(&t->env);
    if (!counting(t) || now <= t->since)
        return t->cnt;
    vt_t away = now - t->since;
    uint64_t cycles = away / VT_S * t->hz + away % VT_S * t->hz / VT_S;
    return t->cnt + (uint32_t)(cycles / (t->psc + 1));
}

// Start counting afresh from the present value, after a change of pace.
static void rebase(struct tim *t)
{
    t->cnt = count(t);
    t->since = env_now(&t->env);
    t->hz = rcc_timclk_hz(t->env.rcc, unit[t->index].bus);
}

void tim_clock_changed(void *tim)
{
    struct tim *t = tim;
    if (t->hz == rcc_timclk_hz(t->env.rcc, unit[t->index].bus))
        return;
    tim_sync(t);
    rebase(t);
}

static enum bus_result tim_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    struct tim *t = ctx;
    uint32_t reg = offset & ~3u;
    *value = 0;
    tim_sync(t);
    if (gate_open(&t->gate) && reg / 4 < WORDS)
        *value = reg_extract(reg == CNT ? count(t) : t->reg[reg / 4], offset, size);
    return BUS_OK;
}

static void update_event(struct tim *t)
{
    load(t);
    t->cnt = 0;
    t->since = env_now(&t->env);
    if (!(t->reg[CR1 / 4] & CR1_URS))
        t->reg[SR / 4] |= UIF;
}

static enum bus_result tim_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    struct tim *t = ctx;
    uint32_t reg = offset & ~3u;
    if (!gate_open(&t->gate) || reg / 4 >= WORDS)
        return BUS_OK;
    tim_sync(t);
    rebase(t);
    value = reg_merge(reg == CNT ? t->cnt : t->reg[reg / 4], offset, size, value);
    switch (reg) {
    case SR:
        t->reg[SR / 4] &= value; // cleared by writing 0
        break;
    case EGR:
        if ((value & UIF) && !(t->reg[CR1 / 4] & CR1_UDIS))
            update_event(t);
        break;
    case CNT:
        t->cnt = value & top(t);
        break;
    case PSC:
        t->reg[PSC / 4] = value & 0xFFFF;
        break;
    case ARR:
        t->reg[ARR / 4] = value & top(t);
        if (!(t->reg[CR1 / 4] & CR1_ARPE))
            t->arr = t->reg[ARR / 4];
        break;
    default:
        t->reg[reg / 4] = value;
    }
    tim_sync(t);
    return BUS_OK;
}

// CNT reads differently at the next tick; other registers at the next overflow.
static vt_t tim_next_event(void *ctx)
{
    const struct tim *t = ctx;
    if (!counting(t))
        return VT_NEVER;
    return t->since + ticks_time(t, (uint64_t)(count(t) - t->cnt) + 1);
}

static vt_t tim_next_irq(void *ctx)
{
    const struct tim *t = ctx;
    bool wanted = (t->reg[DIER / 4] & UIF) && !(t->reg[SR / 4] & UIF);
    return wanted ? overflow_at(t) : VT_NEVER;
}

static void clear(void *ctx)
{
    struct tim *t = ctx;
    memset(t->reg, 0, sizeof(t->reg));
    t->reg[ARR / 4] = top(t);
    load(t);
    t->cnt = 0;
    t->since = env_now(&t->env);
    irq_set(&t->irq, false);
}

static void tim_reset(void *ctx, enum reset_kind kind)
{
    (void)kind;
    clear(ctx);
}

struct tim *tim_new(const struct periph_env *env, unsigned index)
{
    struct tim *t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    enum rcc_gate gate = unit[index].bus == 1 ? RCC_APB1L : RCC_APB2;
    t->env = *env;
    t->index = index;
    t->gate = (struct gate){env->rcc, gate, unit[index].bit};
    t->irq = env_irq(env, unit[index].irq);
    t->hz = rcc_timclk_hz(env->rcc, unit[index].bus);
    rcc_on_reset(env->rcc, gate, unit[index].bit, clear, t);
    clear(t);
    return t;
}

void tim_free(struct tim *t)
{
    free(t);
}

struct bus_device tim_device(struct tim *t)
{
    return (struct bus_device){.name = unit[t->index].name,
                               .base = unit[t->index].base,
                               .size = 0x400,
                               .ctx = t,
                               .read = tim_read,
                               .write = tim_write,
                               .reset = tim_reset,
                               .next_event = tim_next_event,
                               .next_irq = tim_next_irq,
                               .sync = tim_sync};
}
