// SPDX-License-Identifier: MIT
// The extended interrupt and event controller, see misc.h (RM0433 "EXTI").
#include "misc.h"
#include "../../driver/stm32h7_regs.h"
#include <stdlib.h>
#include <string.h>

enum { GROUPS = 3, WORDS = 0xC0 / 4 };

// Offsets of group n's registers: the edge side at n * 0x20, the CPU side at 0x80 + n * 0x10.
enum { RTSR = 0x00, FTSR = 0x04, SWIER = 0x08, IMR = 0x80, EMR = 0x84, PR = 0x88 };

static const uint32_t configurable[GROUPS] = {0x003FFFFF, 0x000A0000, 0x00740000};
static const uint32_t imr_reset[GROUPS] = {0xFFC00000, 0xFFF5FFFF, 0x018BFFFF};

struct exti {
    struct periph_env env;
    uint32_t reg[WORDS];
};

static uint32_t *cpu_word(struct exti *e, unsigned group, uint32_t reg)
{
    return &e->reg[(reg + group * 0x10) / 4];
}

// Lines 0 to 15 reach the NVIC by themselves; the others belong to their peripherals.
static void update_irq(struct exti *e)
{
    static const struct {
        uint32_t lines;
        uint8_t irq;
    } input[] = {{0x0001, 6},  {0x0002, 7},  {0x0004, 8}, {0x0008, 9},
                 {0x0010, 10}, {0x03E0, 23}, {0xFC00, 40}};
    uint32_t pending = *cpu_word(e, 0, PR) & *cpu_word(e, 0, IMR);
    for (unsigned i = 0; i < sizeof(input) / sizeof(*input); i++) {
        struct irq_line line = env_irq(&e->env, input[i].irq);
        irq_set(&line, pending & input[i].lines);
    }
}

static enum bus_result exti_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    const struct exti *e = ctx;
    *value = offset / 4 < WORDS ? reg_extract(e->reg[offset / 4], offset, size) : 0;
    return BUS_OK;
}

static void write_edge_side(struct exti *e, uint32_t reg, uint32_t value)
{
    unsigned group = reg / 0x20;
    uint32_t which = reg % 0x20;
    if (which <= SWIER)
        value &= configurable[group];
    if (which == SWIER) {
        *cpu_word(e, group, PR) |= value & ~e->reg[reg / 4];
        value |= e->reg[reg / 4]; // cleared by clearing the pending bit
    }
    e->reg[reg / 4] = value;
}

static enum bus_result exti_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    struct exti *e = ctx;
    uint32_t reg = offset & ~3u;
    if (reg / 4 >= WORDS)
        return BUS_OK;
    if (reg >= IMR && reg % 0x10 == PR % 0x10) {
        uint32_t cleared = reg_merge(0, offset, size, value);
        e->reg[reg / 4] &= ~cleared;
        e->reg[((reg - IMR) / 0x10 * 0x20 + SWIER) / 4] &= ~cleared;
    } else {
        value = reg_merge(e->reg[reg / 4], offset, size, value);
        if (reg < GROUPS * 0x20)
            write_edge_side(e, reg, value);
        else if (reg >= IMR && reg < IMR + GROUPS * 0x10)
            e->reg[reg / 4] = value;
    }
    update_irq(e);
    return BUS_OK;
}

static void exti_reset(void *ctx, enum reset_kind kind)
{
    struct exti *e = ctx;
    (void)kind;
    memset(e->reg, 0, sizeof(e->reg));
    for (unsigned i = 0; i < GROUPS; i++)
        *cpu_word(e, i, IMR) = imr_reset[i];
    update_irq(e);
}

struct exti *exti_new(const struct periph_env *env)
{
    struct exti *e = calloc(1, sizeof(*e));
    if (!e)
        return NULL;
    e->env = *env;
    exti_reset(e, RESET_POWER);
    return e;
}

void exti_free(struct exti *e)
{
    free(e);
}

struct bus_device exti_device(struct exti *e)
{
    return (struct bus_device){.name = "EXTI",
                               .base = EXTI_BASE,
                               .size = 0x400,
                               .ctx = e,
                               .read = exti_read,
                               .write = exti_write,
                               .reset = exti_reset};
}
