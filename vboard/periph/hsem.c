// SPDX-License-Identifier: MIT
// The hardware semaphores, see misc.h (RM0433 "Hardware semaphore"). No free interrupt.
#include "misc.h"
#include "../../driver/stm32h7_regs.h"
#include <stdlib.h>
#include <string.h>

enum {
    COUNT = 32,
    R0 = 0x00,
    RLR0 = 0x80,
    IER = 0x100,
    CR = 0x140,
    KEYR = 0x144,
    CORE = 0x300, // COREID of the Cortex-M7
};
#define LOCK       0x80000000u
#define OWNER_MASK 0x00000FFFu // COREID and PROCID

struct hsem {
    struct periph_env env;
    struct gate gate;
    uint32_t sem[COUNT];
    uint32_t ier, key;
};

static uint32_t read_reg(struct hsem *h, uint32_t reg)
{
    if (reg < RLR0)
        return h->sem[reg / 4];
    if (reg < IER) { // one-step lock: reading takes a free semaphore
        uint32_t *sem = &h->sem[(reg - RLR0) / 4];
        if (!(*sem & LOCK))
            *sem = LOCK | CORE;
        return *sem;
    }
    return reg == IER ? h->ier : reg == KEYR ? h->key : 0;
}

static enum bus_result hsem_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    struct hsem *h = ctx;
    *value = gate_open(&h->gate) ? reg_extract(read_reg(h, offset & ~3u), offset, size) : 0;
    return BUS_OK;
}

static void write_sem(uint32_t *sem, uint32_t value)
{
    uint32_t owner = value & OWNER_MASK;
    if ((owner & 0xF00) != CORE)
        return;
    if ((value & LOCK) && !(*sem & LOCK))
        *sem = LOCK | owner;
    else if (!(value & LOCK) && (*sem & OWNER_MASK) == owner)
        *sem = 0;
}

static enum bus_result hsem_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    struct hsem *h = ctx;
    uint32_t reg = offset & ~3u;
    if (!gate_open(&h->gate) || size != 4)
        return BUS_OK;
    if (reg < RLR0)
        write_sem(&h->sem[reg / 4], value);
    else if (reg == IER)
        h->ier = value;
    else if (reg == KEYR)
        h->key = value & 0xFFFF0000;
    else if (reg == CR && (value & 0xFFFF0000) == h->key)
        memset(h->sem, 0, sizeof(h->sem));
    return BUS_OK;
}

static void clear(void *ctx)
{
    struct hsem *h = ctx;
    memset(h->sem, 0, sizeof(h->sem));
    h->ier = h->key = 0;
}

static void hsem_reset(void *ctx, enum reset_kind kind)
{
    (void)kind;
    clear(ctx);
}

struct hsem *hsem_new(const struct periph_env *env)
{
    struct hsem *h = calloc(1, sizeof(*h));
    if (!h)
        return NULL;
    h->env = *env;
    h->gate = (struct gate){env->rcc, RCC_AHB4, RCC_AHB4_HSEM_Pos};
    rcc_on_reset(env->rcc, RCC_AHB4, RCC_AHB4_HSEM_Pos, clear, h);
    return h;
}

void hsem_free(struct hsem *h)
{
    free(h);
}

struct bus_device hsem_device(struct hsem *h)
{
    return (struct bus_device){.name = "HSEM",
                               .base = HSEM_BASE,
                               .size = 0x400,
                               .ctx = h,
                               .read = hsem_read,
                               .write = hsem_write,
                               .reset = hsem_reset};
}
