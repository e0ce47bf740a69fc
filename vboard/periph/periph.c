// SPDX-License-Identifier: MIT
// Creates the peripherals and strings them together, see periph.h.
#include "periph.h"
#include "../../driver/stm32h7_regs.h"
#include "crc.h"
#include "dbgmcu.h"
#include "env.h"
#include "limits.h"
#include "misc.h"
#include "pwr.h"
#include "regfile.h"
#include "rtc.h"
#include "syscfg.h"
#include "tim.h"
#include "usart.h"
#include "watchdog.h"
#include <stdlib.h>
#include <string.h>

enum { MAX_DEVICES = 128, MAX_REGFILES = 64, REV_V = 0x2003, FLASH_IRQ = 4 };

struct periphs {
    struct periphs_config cfg;
    struct periph_env env;
    struct bus_device device[MAX_DEVICES];
    unsigned devices;
    struct intflash *flash;
    struct pwr *pwr;
    struct syscfg *syscfg;
    struct dbgmcu *dbgmcu;
    struct crc_unit *crc;
    struct iwdg *iwdg;
    struct wwdg *wwdg;
    struct rtc *rtc;
    struct exti *exti;
    struct rng *rng;
    struct hsem *hsem;
    struct usart *usart[USART_COUNT];
    struct tim *tim[TIM_COUNT];
    struct regfile *regfile[MAX_REGFILES];
    bool core_halted;
};

static void add(struct periphs *p, struct bus_device device)
{
    if (p->devices < MAX_DEVICES)
        p->device[p->devices++] = device;
}

// DBGMCU or the core's state changed: stop or start the watchdogs.
static void update_freeze(void *ctx)
{
    struct periphs *p = ctx;
    iwdg_freeze(p->iwdg, p->core_halted && dbgmcu_freezes_iwdg(p->dbgmcu));
    wwdg_freeze(p->wwdg, p->core_halted && dbgmcu_freezes_wwdg(p->dbgmcu));
}

static void on_clock(void *ctx)
{
    struct periphs *p = ctx;
    for (unsigned i = 0; i < TIM_COUNT; i++)
        tim_clock_changed(p->tim[i]);
    limits_check(&p->env, p->pwr, intflash_latency(p->flash));
}

static bool create_system(struct periphs *p)
{
    struct intflash_config flash = {.clock = p->cfg.clock,
                                    .report = p->cfg.report,
                                    .size_kib = p->cfg.flash_kib,
                                    .irq = env_irq(&p->env, FLASH_IRQ)};
    struct watchdog_fire fire = {p->cfg.reset_request, p->cfg.reset_ctx};
    memcpy(flash.uid, p->cfg.uid, sizeof(flash.uid));
    p->flash = intflash_new(&flash);
    p->pwr = pwr_new(&p->env);
    p->dbgmcu = dbgmcu_new(&p->env, p->cfg.rev_id);
    p->crc = crc_new(&p->env);
    p->iwdg = iwdg_new(&p->env, &fire);
    p->wwdg = wwdg_new(&p->env, &fire);
    p->rtc = rtc_new(&p->env);
    p->exti = exti_new(&p->env);
    p->rng = rng_new(&p->env);
    p->hsem = hsem_new(&p->env);
    if (!p->flash || !p->pwr || !p->dbgmcu || !p->crc || !p->iwdg || !p->wwdg || !p->rtc ||
        !p->exti || !p->rng || !p->hsem)
        return false;
    p->syscfg = syscfg_new(&p->env, p->pwr);
    return p->syscfg != NULL;
}

static bool create_many(struct periphs *p)
{
    for (unsigned i = 0; i < USART_COUNT; i++)
        if (!(p->usart[i] = usart_new(&p->env, i, p->cfg.uart_byte, p->cfg.uart_ctx)))
            return false;
    for (unsigned i = 0; i < TIM_COUNT; i++)
        if (!(p->tim[i] = tim_new(&p->env, i)))
            return false;
    for (unsigned i = 0; i < regfile_table_count && i < MAX_REGFILES; i++)
        if (!(p->regfile[i] = regfile_new(&p->env, &regfile_table[i])))
            return false;
    return true;
}

static void collect(struct periphs *p)
{
    add(p, rcc_device(p->cfg.rcc));
    add(p, intflash_registers(p->flash));
    add(p, pwr_device(p->pwr));
    add(p, syscfg_device(p->syscfg));
    add(p, dbgmcu_device(p->dbgmcu, DBGMCU_BASE));
    add(p, crc_device(p->crc));
    add(p, iwdg_device(p->iwdg));
    add(p, wwdg_device(p->wwdg));
    add(p, rtc_device(p->rtc));
    add(p, exti_device(p->exti));
    add(p, rng_device(p->rng));
    add(p, hsem_device(p->hsem));
    for (unsigned i = 0; i < USART_COUNT; i++)
        add(p, usart_device(p->usart[i]));
    for (unsigned i = 0; i < TIM_COUNT; i++)
        add(p, tim_device(p->tim[i]));
    for (unsigned i = 0; i < regfile_table_count && i < MAX_REGFILES; i++)
        add(p, regfile_device(p->regfile[i]));
}

static void set_defaults(struct periphs_config *c)
{
    static const uint8_t zero[12];
    static const uint8_t made_up[12] = {0x2A, 0x00, 0x33, 0x00, 0x0F, 0x51,
                                        0x30, 0x38, 0x37, 0x39, 0x33, 0x31};
    if (!c->rev_id)
        c->rev_id = REV_V;
    if (!c->flash_kib)
        c->flash_kib = 2048;
    if (memcmp(c->uid, zero, sizeof(zero)) == 0)
        memcpy(c->uid, made_up, sizeof(made_up));
}

struct periphs *periphs_new(const struct periphs_config *config)
{
    struct periphs *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->cfg = *config;
    set_defaults(&p->cfg);
    p->env = (struct periph_env){.clock = config->clock,
                                 .report = config->report,
                                 .rcc = config->rcc,
                                 .irq = config->irq,
                                 .irq_ctx = config->irq_ctx};
    if (!create_system(p) || !create_many(p)) {
        periphs_free(p);
        return NULL;
    }
    collect(p);
    dbgmcu_on_change(p->dbgmcu, update_freeze, p);
    rcc_on_change(config->rcc, on_clock, p);
    return p;
}

void periphs_free(struct periphs *p)
{
    if (!p)
        return;
    for (unsigned i = 0; i < USART_COUNT; i++)
        usart_free(p->usart[i]);
    for (unsigned i = 0; i < TIM_COUNT; i++)
        tim_free(p->tim[i]);
    for (unsigned i = 0; i < MAX_REGFILES; i++)
        regfile_free(p->regfile[i]);
    intflash_free(p->flash);
    syscfg_free(p->syscfg);
    pwr_free(p->pwr);
    dbgmcu_free(p->dbgmcu);
    crc_free(p->crc);
    iwdg_free(p->iwdg);
    wwdg_free(p->wwdg);
    rtc_free(p->rtc);
    exti_free(p->exti);
    rng_free(p->rng);
    hsem_free(p->hsem);
    free(p);
}

unsigned periphs_devices(struct periphs *p, struct bus_device *out, unsigned max)
{
    for (unsigned i = 0; i < p->devices && i < max; i++)
        out[i] = p->device[i];
    return p->devices;
}

// The system memory cannot be written.
static enum bus_result refuse_write(void *ctx, uint32_t addr, unsigned size, uint32_t value)
{
    (void)ctx, (void)addr, (void)size, (void)value;
    return BUS_FAULT;
}

unsigned periphs_memories(struct periphs *p, struct bus_memory *out, unsigned max)
{
    struct bus_memory all[3];
    unsigned n = 0;
    for (unsigned i = 0; i < 2; i++)
        if (intflash_bank(p->flash, i))
            all[n++] = (struct bus_memory){.name = i ? "flash bank 2" : "flash bank 1",
                                           .base = intflash_bank_base(i),
                                           .size = intflash_bank_size(p->flash),
                                           .bytes = intflash_bank(p->flash, i),
                                           .write = intflash_write,
                                           .ctx = p->flash};
    all[n++] = (struct bus_memory){.name = "system memory",
                                   .base = SYSMEM_BASE,
                                   .size = SYSMEM_SIZE,
                                   .bytes = intflash_system_memory(p->flash),
                                   .write = refuse_write};
    for (unsigned i = 0; i < n && i < max; i++)
        out[i] = all[i];
    return n;
}

struct intflash *periphs_flash(struct periphs *p)
{
    return p->flash;
}

struct bus_device periphs_dbgmcu_apb(struct periphs *p)
{
    return dbgmcu_device(p->dbgmcu, DBGMCU_APB_BASE);
}

void periphs_core_halted(struct periphs *p, bool halted)
{
    p->core_halted = halted;
    update_freeze(p);
}
