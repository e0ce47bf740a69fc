// SPDX-License-Identifier: MIT
// The debug MCU unit, see dbgmcu.h. Only a power-on reset clears it.
#include "dbgmcu.h"
#include "../../driver/stm32h7_regs.h"
#include <stdlib.h>

enum { IDC_LOW = 0x6000 | DBGMCU_DEV_ID }; // bits 15:12 read 6 (a rev V part)

struct dbgmcu {
    struct periph_env env;
    uint16_t rev_id;
    uint32_t cr, apb3fz1, apb1lfz1, apb2fz1, apb4fz1;
    void (*changed)(void *ctx);
    void *changed_ctx;
};

// The word behind a register, and which of its bits exist.
static uint32_t *word_of(struct dbgmcu *d, uint32_t reg, uint32_t *writable)
{
    switch (reg + DBGMCU_BASE) {
    case DBGMCU_CR:
        *writable = 0x107001BF;
        return &d->cr;
    case DBGMCU_APB3FZ1:
        *writable = 0x00000040;
        return &d->apb3fz1;
    case DBGMCU_APB1LFZ1:
        *writable = 0x00E003FF;
        return &d->apb1lfz1;
    case DBGMCU_APB2FZ1:
        *writable = 0x20070003;
        return &d->apb2fz1;
    case DBGMCU_APB4FZ1:
        *writable = 0x00051E80;
        return &d->apb4fz1;
    default:
        return NULL;
    }
}

static enum bus_result dbgmcu_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    struct dbgmcu *d = ctx;
    uint32_t writable, reg = offset & ~3u;
    const uint32_t *word = word_of(d, reg, &writable);
    uint32_t whole = word ? *word : 0;
    if (reg == DBGMCU_IDC - DBGMCU_BASE)
        whole = (uint32_t)d->rev_id << 16 | IDC_LOW;
    *value = reg_extract(whole, offset, size);
    return BUS_OK;
}

static enum bus_result dbgmcu_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    struct dbgmcu *d = ctx;
    uint32_t writable;
    uint32_t *word = word_of(d, offset & ~3u, &writable);
    if (!word)
        return BUS_OK;
    *word = reg_merge(*word, offset, size, value) & writable;
    if (d->changed)
        d->changed(d->changed_ctx);
    return BUS_OK;
}

static void dbgmcu_reset(void *ctx, enum reset_kind kind)
{
    struct dbgmcu *d = ctx;
    if (kind == RESET_POWER)
        d->cr = d->apb3fz1 = d->apb1lfz1 = d->apb2fz1 = d->apb4fz1 = 0;
}

struct dbgmcu *dbgmcu_new(const struct periph_env *env, uint16_t rev_id)
{
    struct dbgmcu *d = calloc(1, sizeof(*d));
    if (!d)
        return NULL;
    d->env = *env;
    d->rev_id = rev_id;
    return d;
}

void dbgmcu_free(struct dbgmcu *d)
{
    free(d);
}

struct bus_device dbgmcu_device(struct dbgmcu *d, uint32_t base)
{
    return (struct bus_device){.name = "DBGMCU",
                               .base = base,
                               .size = 0x1000,
                               .ctx = d,
                               .read = dbgmcu_read,
                               .write = dbgmcu_write,
                               .reset = dbgmcu_reset};
}

bool dbgmcu_freezes_iwdg(const struct dbgmcu *d)
{
    return d->apb4fz1 & DBGMCU_APB4FZ1_IWDG1;
}

bool dbgmcu_freezes_wwdg(const struct dbgmcu *d)
{
    return d->apb3fz1 & DBGMCU_APB3FZ1_WWDG1;
}

void dbgmcu_on_change(struct dbgmcu *d, void (*changed)(void *ctx), void *ctx)
{
    d->changed = changed;
    d->changed_ctx = ctx;
}
