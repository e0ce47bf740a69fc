// SPDX-License-Identifier: MIT
// The random number generator, see misc.h (RM0433 "True random number generator").
#include "misc.h"
#include "../../driver/stm32h7_regs.h"
#include <stdlib.h>

enum {
    CR = 0x00,
    SR = 0x04,
    DR = 0x08,
    CR_RNGEN = 0x4,
    CR_IE = 0x8,
    SR_DRDY = 0x1,
    SR_CECS = 0x2,
    SR_CEIS = 0x20,
    WORD_CYCLES = 40,
    RNG_IRQ = 80,
    SEED = 0x2545F491,
};

struct rng {
    struct periph_env env;
    struct gate gate;
    struct irq_line irq;
    uint32_t cr, state;
    bool ceis;
    vt_t ready_at;
};

static uint32_t status(const struct rng *r)
{
    uint32_t sr = r->ceis ? SR_CEIS : 0;
    if (!(r->cr & CR_RNGEN))
        return sr;
    if (!rcc_rng_hz(r->env.rcc))
        return sr | SR_CECS;
    return r->ready_at <= env_now(&r->env) ? sr | SR_DRDY : sr;
}

static void schedule(struct rng *r)
{
    uint32_t hz = rcc_rng_hz(r->env.rcc);
    r->ready_at = hz ? env_now(&r->env) + vt_cycles(WORD_CYCLES, hz) : VT_NEVER;
}

static void rng_sync(void *ctx)
{
    struct rng *r = ctx;
    if (r->cr & CR_RNGEN) {
        r->ceis |= rcc_rng_hz(r->env.rcc) == 0;
        if (r->ready_at == VT_NEVER)
            schedule(r);
    }
    irq_set(&r->irq, (r->cr & CR_IE) && (status(r) & (SR_DRDY | SR_CEIS)));
}

static uint32_t take(struct rng *r)
{
    if (!(status(r) & SR_DRDY))
        return 0;
    r->state ^= r->state << 13;
    r->state ^= r->state >> 17;
    r->state ^= r->state << 5;
    schedule(r);
    return r->state;
}

static enum bus_result rng_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    struct rng *r = ctx;
    uint32_t word = 0;
    *value = 0;
    if (!gate_open(&r->gate))
        return BUS_OK;
    rng_sync(r);
    if ((offset & ~3u) == CR)
        word = r->cr;
    else if ((offset & ~3u) == SR)
        word = status(r);
    else if ((offset & ~3u) == DR)
        word = take(r);
    rng_sync(r);
    *value = reg_extract(word, offset, size);
    return BUS_OK;
}

static enum bus_result rng_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    struct rng *r = ctx;
    if (!gate_open(&r->gate))
        return BUS_OK;
    if ((offset & ~3u) == CR) {
        uint32_t old = r->cr;
        r->cr = reg_merge(old, offset, size, value) & 0x2C;
        if (r->cr & ~old & CR_RNGEN)
            schedule(r);
    } else if ((offset & ~3u) == SR && !(value & SR_CEIS)) {
        r->ceis = false;
    }
    rng_sync(r);
    return BUS_OK;
}

static vt_t rng_next_event(void *ctx)
{
    const struct rng *r = ctx;
    return (r->cr & CR_RNGEN) && r->ready_at > env_now(&r->env) ? r->ready_at : VT_NEVER;
}

static vt_t rng_next_irq(void *ctx)
{
    const struct rng *r = ctx;
    return r->cr & CR_IE ? rng_next_event(ctx) : VT_NEVER;
}

static void clear(void *ctx)
{
    struct rng *r = ctx;
    r->cr = 0;
    r->ceis = false;
    r->ready_at = VT_NEVER;
    irq_set(&r->irq, false);
}

static void rng_reset(void *ctx, enum reset_kind kind)
{
    (void)kind;
    clear(ctx);
}

struct rng *rng_new(const struct periph_env *env)
{
    struct rng *r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    r->env = *env;
    r->state = SEED;
    r->gate = (struct gate){env->rcc, RCC_AHB2, RCC_AHB2_RNG_Pos};
    r->irq = env_irq(env, RNG_IRQ);
    rcc_on_reset(env->rcc, RCC_AHB2, RCC_AHB2_RNG_Pos, clear, r);
    clear(r);
    return r;
}

void rng_free(struct rng *r)
{
    free(r);
}

struct bus_device rng_device(struct rng *r)
{
    return (struct bus_device){.name = "RNG",
                               .base = RNG_BASE,
                               .size = 0x400,
                               .ctx = r,
                               .read = rng_read,
                               .write = rng_write,
                               .reset = rng_reset,
                               .next_event = rng_next_event,
                               .next_irq = rng_next_irq,
                               .sync = rng_sync};
}
