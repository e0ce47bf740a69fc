// SPDX-License-Identifier: MIT
// TIM7 as the loader's clock (RM0433 "Basic timers"); see timer.h.
#include "timer.h"
#include "../driver/nor_cmds.h"
#include "../driver/reg.h"

#define TIM7_CR1  (TIM7_BASE + 0x00u)
#define TIM7_DIER (TIM7_BASE + 0x0Cu)
#define TIM7_SR   (TIM7_BASE + 0x10u)
#define TIM7_EGR  (TIM7_BASE + 0x14u)
#define TIM7_CNT  (TIM7_BASE + 0x24u)
#define TIM7_PSC  (TIM7_BASE + 0x28u)
#define TIM7_ARR  (TIM7_BASE + 0x2Cu)

#define TIM_CR1_CEN 1u
#define TIM_CR1_OPM 8u
#define TIM_UIF     1u
#define TIM_UG      1u

#define APB1_TIM7 (1u << 5) // RCC_APB1LENR, RCC_APB1LRSTR

#define PRESCALER   63u // 0.25 to 4 ticks a microsecond between 16 and 240 MHz
#define SLOW_HZ     250000u
#define SLOW_BYTES  32u // fit into the FIFO, so that nothing else takes time
#define SLOW_CLOCKS (8u + 8u * SLOW_BYTES)
#define SLOW_NCS_HZ 1000000u
#define SLOW_FSIZE  31u

static void run(uint32_t ticks)
{
    reg_write(TIM7_CR1, 0);
    reg_write(TIM7_ARR, ticks);
    reg_write(TIM7_EGR, TIM_UG); // takes the prescaler and clears the counter
    reg_write(TIM7_SR, 0);
    reg_write(TIM7_CR1, TIM_CR1_CEN | TIM_CR1_OPM);
}

bool timer_start(struct timer *t, struct qspi *q)
{
    t->clocked = reg_read(RCC_APB1LENR) & APB1_TIM7;
    reg_modify(RCC_APB1LENR, 0, APB1_TIM7);
    (void)reg_read(RCC_APB1LENR);
    reg_modify(RCC_APB1LRSTR, 0, APB1_TIM7);
    reg_modify(RCC_APB1LRSTR, APB1_TIM7, 0);
    reg_write(TIM7_DIER, 0);
    reg_write(TIM7_PSC, PRESCALER);

    qspi_configure(q, SLOW_HZ, SLOW_NCS_HZ, SLOW_FSIZE);
    unsigned chips = q->cr & QUADSPI_CR_DFM ? 2 : 1;
    run(0xFFFF);
    qspi_start(q, QSPI_OP(QUADSPI_LINES_1, NOR_CMD_READ_SR1) | QSPI_DATA(QUADSPI_LINES_1),
               QUADSPI_FMODE_READ, 0, SLOW_BYTES);
    qspi_wait(q, QUADSPI_SR_TCF, QUADSPI_SR_TCF);
    uint32_t ticks = reg_read(TIM7_CNT);
    for (unsigned i = 0; i < SLOW_BYTES; i++)
        (void)reg_read8(QUADSPI_DR);
    // Two chips give the bytes in half the clocks.
    uint32_t clocks = chips == 2 ? (SLOW_CLOCKS + 8u) / 2 : SLOW_CLOCKS;
    t->ticks_ms = ticks * (q->sck_hz / 1000u) / clocks;
    return t->ticks_ms != 0;
}

void timer_arm(const struct timer *t, uint32_t us)
{
    run(t->ticks_ms * us / 1000u + 1);
}

bool timer_expired(void)
{
    return (reg_read(TIM7_SR) & TIM_UIF) != 0;
}

void timer_feed(void)
{
    reg_write(IWDG1_KR, IWDG_KEY_RELOAD);
}

void timer_sleep(const struct timer *t, uint32_t us)
{
    timer_feed();
    timer_arm(t, us);
    while (!timer_expired())
        ;
}

void timer_stop(const struct timer *t)
{
    reg_modify(RCC_APB1LRSTR, 0, APB1_TIM7);
    reg_modify(RCC_APB1LRSTR, APB1_TIM7, 0);
    reg_modify(RCC_APB1LENR, APB1_TIM7, t->clocked);
}
