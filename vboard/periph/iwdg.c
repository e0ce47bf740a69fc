// SPDX-License-Identifier: MIT
// The independent watchdog, see watchdog.h.
#include "watchdog.h"
#include "../../driver/stm32h7_regs.h"
#include <stdlib.h>

enum { SR_PVU = 1, SR_RVU = 2, SR_WVU = 4, UPDATE_CYCLES = 5, LSI_HZ = 32000 };

struct iwdg {
    struct periph_env env;
    struct watchdog_fire fire;
    uint32_t pr, rlr, winr;
    bool unlocked, running, frozen, fired;
    vt_t reloaded; // when the counter was RLR; moved along while frozen
    vt_t frozen_since;
    vt_t updated[3]; // when the write to PR, RLR, WINR arrives in the LSI domain
};

static vt_t tick(const struct iwdg *w)
{
    unsigned shift = w->pr > 6 ? 8 : w->pr + 2; // 4, 8, .. 256
    return vt_cycles(1ull << shift, LSI_HZ);
}

static vt_t deadline(const struct iwdg *w)
{
    if (!w->running || w->frozen || w->fired)
        return VT_NEVER;
    return w->reloaded + tick(w) * (w->rlr + 1);
}

static void fire(struct iwdg *w)
{
    w->fired = true;
    if (w->fire.fire)
        w->fire.fire(w->fire.ctx, RCC_RSR_IWDG1RSTF | RCC_RSR_PINRSTF | RCC_RSR_CPURSTF);
}

static void iwdg_sync(void *ctx)
{
    struct iwdg *w = ctx;
    if (env_now(&w->env) >= deadline(w))
        fire(w);
}

static vt_t iwdg_next_irq(void *ctx)
{
    return deadline(ctx);
}

static vt_t iwdg_next_event(void *ctx)
{
    const struct iwdg *w = ctx;
    vt_t next = deadline(w);
    for (unsigned i = 0; i < 3; i++)
        if (w->updated[i] > env_now(&w->env) && w->updated[i] < next)
            next = w->updated[i];
    return next;
}

static uint32_t read_reg(const struct iwdg *w, uint32_t reg)
{
    uint32_t sr = 0;
    switch (reg + IWDG1_BASE) {
    case IWDG1_PR:
        return w->pr;
    case IWDG1_RLR:
        return w->rlr;
    case IWDG1_SR:
        for (unsigned i = 0; i < 3; i++)
            sr |= (uint32_t)(w->updated[i] > env_now(&w->env)) << i;
        return sr;
    case IWDG1_WINR:
        return w->winr;
    default:
        return 0;
    }
}

static enum bus_result iwdg_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    iwdg_sync(ctx);
    *value = reg_extract(read_reg(ctx, offset & ~3u), offset, size);
    return BUS_OK;
}

static void reload(struct iwdg *w)
{
    vt_t now = env_now(&w->env), at = w->frozen ? w->frozen_since : now;
    uint64_t counted = w->running && at > w->reloaded ? (at - w->reloaded) / tick(w) : 0;
    if (w->running && !w->fired && w->winr < w->rlr && w->rlr - counted > w->winr) {
        fire(w); // refreshed outside of the window
        return;
    }
    w->reloaded = at;
}

static void write_key(struct iwdg *w, uint32_t key)
{
    w->unlocked = key == IWDG_KEY_ACCESS;
    if (key == IWDG_KEY_RELOAD)
        reload(w);
    if (key == IWDG_KEY_START && !w->running) {
        rcc_force_lsi(w->env.rcc);
        w->running = true;
        w->reloaded = w->frozen_since = env_now(&w->env);
        for (unsigned i = 0; i < 3; i++) // updates that waited for the LSI
            if (w->updated[i] == VT_NEVER)
                w->updated[i] = env_now(&w->env) + vt_cycles(UPDATE_CYCLES, LSI_HZ);
    }
}

// A register that takes effect in the LSI domain; without LSI the update flag stays set.
static void write_protected(struct iwdg *w, unsigned index, uint32_t *reg, uint32_t value)
{
    if (!w->unlocked || w->updated[index] > env_now(&w->env)) {
        report_event(w->env.report, env_now(&w->env), "iwdg.write-ignored",
                     "register written without key 5555h or during an update");
        return;
    }
    *reg = value;
    bool lsi = w->running || rcc_lsi_hz(w->env.rcc);
    w->updated[index] = lsi ? env_now(&w->env) + vt_cycles(UPDATE_CYCLES, LSI_HZ) : VT_NEVER;
    if (index == 2) // writing WINR reloads the counter
        w->reloaded = w->frozen ? w->frozen_since : env_now(&w->env);
}

static enum bus_result iwdg_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    struct iwdg *w = ctx;
    uint32_t reg = offset & ~3u;
    iwdg_sync(w);
    value = reg_merge(read_reg(w, reg), offset, size, value);
    switch (reg + IWDG1_BASE) {
    case IWDG1_KR:
        write_key(w, value & 0xFFFF);
        break;
    case IWDG1_PR:
        write_protected(w, 0, &w->pr, value & 7);
        break;
    case IWDG1_RLR:
        write_protected(w, 1, &w->rlr, value & 0xFFF);
        break;
    case IWDG1_WINR:
        write_protected(w, 2, &w->winr, value & 0xFFF);
        break;
    }
    return BUS_OK;
}

static void iwdg_reset(void *ctx, enum reset_kind kind)
{
    struct iwdg *w = ctx;
    (void)kind;
    w->pr = 0;
    w->rlr = w->winr = 0xFFF;
    w->unlocked = w->running = w->fired = false;
    for (unsigned i = 0; i < 3; i++)
        w->updated[i] = 0;
}

void iwdg_freeze(struct iwdg *w, bool frozen)
{
    if (frozen == w->frozen)
        return;
    iwdg_sync(w);
    if (frozen)
        w->frozen_since = env_now(&w->env);
    else
        w->reloaded += env_now(&w->env) - w->frozen_since;
    w->frozen = frozen;
}

struct iwdg *iwdg_new(const struct periph_env *env, const struct watchdog_fire *fire_fn)
{
    struct iwdg *w = calloc(1, sizeof(*w));
    if (!w)
        return NULL;
    w->env = *env;
    w->fire = *fire_fn;
    iwdg_reset(w, RESET_POWER);
    return w;
}

void iwdg_free(struct iwdg *w)
{
    free(w);
}

struct bus_device iwdg_device(struct iwdg *w)
{
    return (struct bus_device){.name = "IWDG1",
                               .base = IWDG1_BASE,
                               .size = 0x400,
                               .ctx = w,
                               .read = iwdg_read,
                               .write = iwdg_write,
                               .reset = iwdg_reset,
                               .next_event = iwdg_next_event,
                               .next_irq = iwdg_next_irq,
                               .sync = iwdg_sync};
}
