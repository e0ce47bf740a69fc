// SPDX-License-Identifier: MIT
// The window watchdog of the D1 domain, see watchdog.h. It resets the system only while
// RCC_GCR.WW1RSC is set, else the CPU alone (RM0433); the model asks for the same reset in both
// cases.
#include "watchdog.h"
#include "../../driver/stm32h7_regs.h"
#include <stdlib.h>

enum { CR = 0x00, CFR = 0x04, SR = 0x08, CR_WDGA = 0x80, CFR_EWI = 0x200, WWDG_IRQ = 0 };

struct wwdg {
    struct periph_env env;
    struct watchdog_fire fire;
    struct gate gate;
    struct irq_line irq;
    uint32_t t, cfr;
    bool active, ewif, frozen, fired;
    vt_t loaded; // when the counter was `t`
    vt_t frozen_since;
};

// One count: 4096 * 2^WDGTB cycles of pclk3; 0 = no clock.
static vt_t tick(const struct wwdg *w)
{
    uint32_t hz = rcc_pclk_hz(w->env.rcc, 3);
    return hz ? vt_cycles(4096ull << (w->cfr >> 11 & 7), hz) : 0;
}

static bool counting(const struct wwdg *w)
{
    return w->active && !w->frozen && !w->fired && tick(w);
}

static uint32_t counter(const struct wwdg *w)
{
    vt_t at = w->frozen ? w->frozen_since : env_now(&w->env);
    if (!w->active || !tick(w))
        return w->t;
    return (uint32_t)(w->t - (at - w->loaded) / tick(w)) & 0x7F;
}

// When the counter gets from its loaded value to `value`.
static vt_t when(const struct wwdg *w, uint32_t value)
{
    return counting(w) && w->t >= value ? w->loaded + (w->t - value) * tick(w) : VT_NEVER;
}

static void fire(struct wwdg *w)
{
    w->fired = true;
    if (w->fire.fire)
        w->fire.fire(w->fire.ctx, RCC_RSR_WWDG1RSTF | RCC_RSR_PINRSTF | RCC_RSR_CPURSTF);
}

static void wwdg_sync(void *ctx)
{
    struct wwdg *w = ctx;
    if (env_now(&w->env) >= when(w, 0x40))
        w->ewif = true;
    if (env_now(&w->env) >= when(w, 0x3F))
        fire(w);
    irq_set(&w->irq, w->ewif && (w->cfr & CFR_EWI));
}

static vt_t wwdg_next_irq(void *ctx)
{
    const struct wwdg *w = ctx;
    return w->ewif ? when(w, 0x3F) : when(w, 0x40);
}

static vt_t wwdg_next_event(void *ctx)
{
    const struct wwdg *w = ctx;
    return counting(w) ? w->loaded + (w->t - counter(w) + 1) * tick(w) : VT_NEVER;
}

static uint32_t read_reg(const struct wwdg *w, uint32_t reg)
{
    switch (reg) {
    case CR:
        return counter(w) | (w->active ? CR_WDGA : 0);
    case CFR:
        return w->cfr;
    case SR:
        return w->ewif;
    default:
        return 0;
    }
}

static enum bus_result wwdg_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    struct wwdg *w = ctx;
    wwdg_sync(w);
    *value = gate_open(&w->gate) ? reg_extract(read_reg(w, offset & ~3u), offset, size) : 0;
    return BUS_OK;
}

static void write_cr(struct wwdg *w, uint32_t value)
{
    bool outside = w->active && counter(w) > (w->cfr & 0x7F);
    w->t = value & 0x7F;
    w->loaded = w->frozen_since = env_now(&w->env);
    w->active |= (value & CR_WDGA) != 0;
    if (w->active && (outside || w->t < 0x40))
        fire(w);
}

static enum bus_result wwdg_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    struct wwdg *w = ctx;
    wwdg_sync(w);
    if (!gate_open(&w->gate))
        return BUS_OK;
    value = reg_merge(read_reg(w, offset & ~3u), offset, size, value);
    switch (offset & ~3u) {
    case CR:
        write_cr(w, value);
        break;
    case CFR:
        w->t = counter(w);
        w->loaded = w->frozen_since = env_now(&w->env);
        w->cfr = (value & 0x3A7F) | (w->cfr & CFR_EWI);
        break;
    case SR:
        w->ewif &= value & 1; // cleared by writing 0
        break;
    }
    wwdg_sync(w);
    return BUS_OK;
}

static void wwdg_reset(void *ctx, enum reset_kind kind)
{
    struct wwdg *w = ctx;
    (void)kind;
    w->t = w->cfr = 0x7F;
    w->active = w->ewif = w->fired = false;
    irq_set(&w->irq, false);
}

void wwdg_freeze(struct wwdg *w, bool frozen)
{
    if (frozen == w->frozen)
        return;
    wwdg_sync(w);
    if (frozen)
        w->frozen_since = env_now(&w->env);
    else
        w->loaded += env_now(&w->env) - w->frozen_since;
    w->frozen = frozen;
}

struct wwdg *wwdg_new(const struct periph_env *env, const struct watchdog_fire *fire_fn)
{
    struct wwdg *w = calloc(1, sizeof(*w));
    if (!w)
        return NULL;
    w->env = *env;
    w->fire = *fire_fn;
    w->gate = (struct gate){env->rcc, RCC_APB3, RCC_APB3_WWDG1_Pos};
    w->irq = env_irq(env, WWDG_IRQ);
    wwdg_reset(w, RESET_POWER);
    return w;
}

void wwdg_free(struct wwdg *w)
{
    free(w);
}

struct bus_device wwdg_device(struct wwdg *w)
{
    return (struct bus_device){.name = "WWDG1",
                               .base = WWDG1_BASE,
                               .size = 0x400,
                               .ctx = w,
                               .read = wwdg_read,
                               .write = wwdg_write,
                               .reset = wwdg_reset,
                               .next_event = wwdg_next_event,
                               .next_irq = wwdg_next_irq,
                               .sync = wwdg_sync};
}
