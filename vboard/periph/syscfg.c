// SPDX-License-Identifier: MIT
// System configuration, see syscfg.h.
#include "syscfg.h"
#include "../../driver/stm32h7_regs.h"
#include <stdlib.h>
#include <string.h>

#define WORD(s, address) ((s)->reg[((address)-SYSCFG_BASE) / 4])

enum {
    WORDS = 0x400 / 4,
    EXTICR1 = 0x08,
    CFGR = 0x18,
    CCCR = 0x28,
    UR0 = 0x300,
    UR2 = 0x308,
    UR3 = 0x30C,
    UR5 = 0x314,
    UR9 = 0x324,
    UR17 = 0x344,
    CCCSR_EN = 0x1,
    CCCSR_READY = 0x100,
    PKG_176_PINS = 5, // LQFP176/UFBGA176, as the STM32H743IIT6
};

struct syscfg {
    struct periph_env env;
    struct gate gate;
    struct pwr *pwr;
    uint32_t reg[WORDS];
};

static uint32_t writable(uint32_t offset)
{
    switch (offset + SYSCFG_BASE) {
    case SYSCFG_PMCR:
        return 0x0FE003FF;
    case SYSCFG_CCCSR:
        return 0x00010003;
    case SYSCFG_PWRCR:
        return SYSCFG_PWRCR_ODEN;
    }
    if (offset >= EXTICR1 && offset < EXTICR1 + 16)
        return 0x0000FFFF;
    if (offset == CFGR)
        return 0x0000FFFF;
    return offset == CCCR ? 0x000000FF : 0;
}

static enum bus_result syscfg_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    const struct syscfg *s = ctx;
    uint32_t word = s->reg[offset / 4];
    *value = 0;
    if (!gate_open(&s->gate))
        return BUS_OK;
    // The compensation cell runs on the CSI.
    if ((offset & ~3u) == SYSCFG_CCCSR - SYSCFG_BASE && (word & CCCSR_EN) &&
        rcc_csi_ready(s->env.rcc))
        word |= CCCSR_READY;
    *value = reg_extract(word, offset, size);
    return BUS_OK;
}

static enum bus_result syscfg_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    struct syscfg *s = ctx;
    uint32_t *word = &s->reg[offset / 4], mask = writable(offset & ~3u);
    if (!gate_open(&s->gate)) {
        report_event(s->env.report, env_now(&s->env), "bus.write-unclocked",
                     "write to SYSCFG+0x%x while its clock is off: ignored", (unsigned)offset);
        return BUS_OK;
    }
    *word = (*word & ~mask) | (reg_merge(*word, offset, size, value) & mask);
    if ((offset & ~3u) == SYSCFG_PWRCR - SYSCFG_BASE)
        pwr_set_overdrive(s->pwr, *word & SYSCFG_PWRCR_ODEN);
    return BUS_OK;
}

static void clear(void *ctx)
{
    struct syscfg *s = ctx;
    memset(s->reg, 0, sizeof(s->reg));
    WORD(s, SYSCFG_PKGR) = PKG_176_PINS;
    WORD(s, SYSCFG_PMCR) = 0; // analog switches closed
    s->reg[CCCR / 4] = 0x88;
    s->reg[UR0 / 4] = 0x00AA0000; // RDP level 0, no bank swap; the user registers mirror options
    s->reg[UR2 / 4] = 0x08000000; // BOOT_ADD0
    s->reg[UR3 / 4] = 0x00001FF0; // BOOT_ADD1
    s->reg[UR5 / 4] = 0x00FF0000; // no write protection in bank 1
    s->reg[UR9 / 4] = 0x000000FF; // nor in bank 2
    s->reg[UR17 / 4] = 0;
    pwr_set_overdrive(s->pwr, false);
}

static void syscfg_reset(void *ctx, enum reset_kind kind)
{
    (void)kind;
    clear(ctx);
}

struct syscfg *syscfg_new(const struct periph_env *env, struct pwr *pwr)
{
    struct syscfg *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->env = *env;
    s->pwr = pwr;
    s->gate = (struct gate){env->rcc, RCC_APB4, RCC_APB4_SYSCFG_Pos};
    rcc_on_reset(env->rcc, RCC_APB4, RCC_APB4_SYSCFG_Pos, clear, s);
    clear(s);
    return s;
}

void syscfg_free(struct syscfg *s)
{
    free(s);
}

struct bus_device syscfg_device(struct syscfg *s)
{
    return (struct bus_device){.name = "SYSCFG",
                               .base = SYSCFG_BASE,
                               .size = 0x400,
                               .ctx = s,
                               .read = syscfg_read,
                               .write = syscfg_write,
                               .reset = syscfg_reset};
}
