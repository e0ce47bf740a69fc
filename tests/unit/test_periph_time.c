// SPDX-License-Identifier: MIT
// The peripherals that live in time: watchdogs, UARTs, timers, RTC, random numbers.
#include "periph_bench.h"

static void enable(struct bench *b, uint32_t enr, unsigned bit)
{
    wr(b, enr, rd(b, enr) | 1u << bit);
}

// ---- IWDG
// -----------------------------------------------------------------------------------------

// HAL_IWDG_Init: prescaler 32 (1 ms a count), reload 99.
static void start_iwdg(struct bench *b)
{
    wr(b, IWDG1_KR, IWDG_KEY_START);
    wr(b, IWDG1_KR, IWDG_KEY_ACCESS);
    wr(b, IWDG1_PR, 3);
    wr(b, IWDG1_RLR, 99);
    assert_int_equal(rd(b, IWDG1_SR), 3);
    wait(b, VT_MS);
    assert_int_equal(rd(b, IWDG1_SR), 0);
    wr(b, IWDG1_KR, IWDG_KEY_RELOAD);
}

static void test_iwdg_fires(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    assert_int_equal(rd(b, IWDG1_RLR), 0xFFF);
    assert_int_equal(rd(b, IWDG1_WINR), 0xFFF);
    start_iwdg(b);
    assert_int_equal(bus_next_irq(&b->bus), b->clock.now + 100 * VT_MS);
    wait(b, 99 * VT_MS);
    wr(b, IWDG1_KR, IWDG_KEY_RELOAD);
    wait(b, 99 * VT_MS);
    assert_int_equal(b->reset_wanted, 0);
    wait(b, VT_MS);
    assert_int_equal(b->reset_wanted, RCC_RSR_IWDG1RSTF | RCC_RSR_PINRSTF | RCC_RSR_CPURSTF);
    assert_int_equal(bus_next_irq(&b->bus), VT_NEVER);
    bus_reset(&b->bus, RESET_SYSTEM);
    b->reset_wanted = 0;
    wait(b, 10 * VT_S); // a system reset stops it
    assert_int_equal(b->reset_wanted, 0);
    bench_free(b);
}

static void test_iwdg_protection(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, IWDG1_RLR, 5);
    assert_int_equal(rd(b, IWDG1_RLR), 0xFFF);
    assert_int_equal(report_count(b->report, "iwdg.write-ignored"), 1);
    wr(b, IWDG1_KR, IWDG_KEY_ACCESS);
    wr(b, IWDG1_PR, 1); // no LSI: the update never arrives
    wait(b, VT_S);
    assert_int_equal(rd(b, IWDG1_SR), 1);
    wr(b, IWDG1_KR, IWDG_KEY_START);
    wait(b, VT_MS);
    assert_int_equal(rd(b, IWDG1_SR), 0);
    assert_int_equal(rcc_lsi_hz(b->rcc), 32000); // forced on
    bench_free(b);
}

static void test_iwdg_window(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    start_iwdg(b);
    wr(b, IWDG1_KR, IWDG_KEY_ACCESS);
    wr(b, IWDG1_WINR, 50);
    wait(b, 60 * VT_MS);
    wr(b, IWDG1_KR, IWDG_KEY_RELOAD); // counter 39: inside
    assert_int_equal(b->reset_wanted, 0);
    wait(b, 40 * VT_MS);
    wr(b, IWDG1_KR, IWDG_KEY_RELOAD); // counter 59: too early
    assert_int_not_equal(b->reset_wanted, 0);
    bench_free(b);
}

static void test_iwdg_stops_with_the_core(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    start_iwdg(b);
    wait(b, 50 * VT_MS);
    wr(b, DBGMCU_APB4FZ1, DBGMCU_APB4FZ1_IWDG1);
    periphs_core_halted(b->periphs, true);
    wait(b, 10 * VT_S);
    assert_int_equal(b->reset_wanted, 0);
    periphs_core_halted(b->periphs, false);
    wait(b, 49 * VT_MS);
    assert_int_equal(b->reset_wanted, 0);
    wait(b, VT_MS);
    assert_int_not_equal(b->reset_wanted, 0);
    bench_free(b);
}

static void test_iwdg_runs_on_without_dbgmcu(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    start_iwdg(b);
    periphs_core_halted(b->periphs, true);
    wait(b, 100 * VT_MS);
    assert_int_not_equal(b->reset_wanted, 0);
    bench_free(b);
}

// ---- WWDG
// -----------------------------------------------------------------------------------------

static void test_wwdg(void **state)
{
    struct bench *b = bench_new();
    vt_t count = vt_cycles(4096, 64000000);
    (void)state;
    enable(b, RCC_APB3ENR, RCC_APB3_WWDG1_Pos);
    wr(b, RCC_APB3ENR, 0); // cannot be cleared by software
    assert_int_equal(rd(b, RCC_APB3ENR), 1u << RCC_APB3_WWDG1_Pos);
    wr(b, WWDG1_BASE + 4, 0x200 | 0x7F); // early wake-up interrupt
    wr(b, WWDG1_BASE, 0x80 | 0x45);
    wait(b, 4 * count);
    assert_int_equal(rd(b, WWDG1_BASE), 0x80 | 0x41);
    assert_false(b->irq[0]);
    wait(b, count);
    assert_true(b->irq[0]);
    assert_int_equal(b->reset_wanted, 0);
    wait(b, count);
    assert_int_equal(b->reset_wanted, RCC_RSR_WWDG1RSTF | RCC_RSR_PINRSTF | RCC_RSR_CPURSTF);
    bench_free(b);
}

static void test_wwdg_window(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    enable(b, RCC_APB3ENR, RCC_APB3_WWDG1_Pos);
    wr(b, WWDG1_BASE + 4, 0x50);
    wr(b, WWDG1_BASE, 0x80 | 0x7F);
    wr(b, WWDG1_BASE, 0x80 | 0x7F); // above the window
    assert_int_not_equal(b->reset_wanted, 0);
    bench_free(b);
}

// ---- UART
// -----------------------------------------------------------------------------------------

enum { TE_UE = 0x9, TXE = 0x80, TC = 0x40 };

static void test_uart_sends(void **state)
{
    struct bench *b = bench_new();
    vt_t frame = vt_cycles(10 * 556, 64000000); // 115200 baud
    (void)state;
    wr(b, USART_CR1(USART1_BASE), TE_UE);
    assert_int_equal(rd(b, USART_ISR(USART1_BASE)), 0); // unclocked
    enable(b, RCC_APB2ENR, 4);
    assert_int_equal(rd(b, USART_ISR(USART1_BASE)), TXE | TC);
    wr(b, USART_BRR(USART1_BASE), 556);
    wr(b, USART_CR1(USART1_BASE), TE_UE);
    assert_int_equal(rd(b, USART_ISR(USART1_BASE)), 0x200000 | TXE | TC); // TEACK
    wr(b, USART_TDR(USART1_BASE), 'o');
    assert_int_equal(rd(b, USART_ISR(USART1_BASE)), 0x200000 | TXE);
    wr(b, USART_TDR(USART1_BASE), 'k');
    assert_int_equal(rd(b, USART_ISR(USART1_BASE)), 0x200000);
    wr(b, USART_TDR(USART1_BASE), '!'); // full: lost
    assert_int_equal(report_count(b->report, "usart.overwritten"), 1);
    wait(b, frame);
    assert_int_equal(b->sent_count, 1);
    assert_int_equal(rd(b, USART_ISR(USART1_BASE)), 0x200000 | TXE);
    wait(b, frame);
    assert_int_equal(rd(b, USART_ISR(USART1_BASE)), 0x200000 | TXE | TC);
    assert_int_equal(b->sent_count, 2);
    assert_memory_equal(b->sent, "ok", 2);
    bench_free(b);
}

static void test_uart_interrupt_and_fifo(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    enable(b, RCC_APB1LENR, 18);
    wr(b, USART_BRR(USART3_BASE), 64);
    wr(b, USART_CR1(USART3_BASE), 0x20000000 | TC | TE_UE); // FIFOEN, TCIE
    assert_true(b->irq[39]);
    for (unsigned i = 0; i < 17; i++)
        wr(b, USART_TDR(USART3_BASE), 'a' + i);
    assert_false(b->irq[39]);
    assert_int_equal(rd(b, USART_ISR(USART3_BASE)) & TXE, 0);
    assert_int_equal(report_count(b->report, NULL), 0);
    wait(b, 17 * vt_cycles(640, 64000000));
    assert_true(b->irq[39]);
    assert_int_equal(b->sent_count, 17);
    wr(b, USART_ICR(USART3_BASE), TC);
    assert_false(b->irq[39]);
    bench_free(b);
}

static void test_uart_without_kernel_clock(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    enable(b, RCC_APB2ENR, 4);
    wr(b, RCC_D2CCIP2R, 4u << 3); // CSI, which is off
    wr(b, USART_BRR(USART1_BASE), 556);
    wr(b, USART_CR1(USART1_BASE), TE_UE);
    wr(b, USART_TDR(USART1_BASE), 'x');
    wait(b, VT_S);
    assert_int_equal(rd(b, USART_ISR(USART1_BASE)) & TC, 0);
    assert_int_equal(b->sent_count, 0);
    bench_free(b);
}

// ---- timers
// ---------------------------------------------------------------------------------------

enum {
    T_CR1 = 0x00,
    T_DIER = 0x0C,
    T_SR = 0x10,
    T_EGR = 0x14,
    T_CNT = 0x24,
    T_PSC = 0x28,
    T_ARR = 0x2C
};

static void test_timer_counts(void **state)
{
    struct bench *b = bench_new();
    struct bus_device *d;
    (void)state;
    enable(b, RCC_APB1LENR, 4); // TIM6, as the HAL's time base: 1 MHz, 1 ms
    assert_int_equal(rd(b, TIM6_BASE + T_ARR), 0xFFFF);
    wr(b, TIM6_BASE + T_PSC, 63);
    wr(b, TIM6_BASE + T_ARR, 999);
    wr(b, TIM6_BASE + T_EGR, 1); // loads the prescaler, sets UIF
    assert_int_equal(rd(b, TIM6_BASE + T_SR), 1);
    wr(b, TIM6_BASE + T_SR, 0);
    wr(b, TIM6_BASE + T_DIER, 1);
    wr(b, TIM6_BASE + T_CR1, 1);
    wait(b, 500 * VT_US);
    assert_int_equal(rd(b, TIM6_BASE + T_CNT), 500);
    d = bus_find_device(&b->bus, TIM6_BASE);
    assert_int_equal(d->next_event(d->ctx), b->clock.now + VT_US);
    assert_int_equal(bus_next_irq(&b->bus), b->clock.now + 500 * VT_US);
    assert_false(b->irq[54]);
    wait(b, 500 * VT_US);
    assert_true(b->irq[54]);
    wr(b, TIM6_BASE + T_SR, 0);
    assert_false(b->irq[54]);
    wait(b, 12345 * VT_US); // many periods at once
    assert_int_equal(rd(b, TIM6_BASE + T_CNT), 345);
    assert_int_equal(rd(b, TIM6_BASE + T_SR), 1);
    bench_free(b);
}

static void test_timer_one_pulse_and_width(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    enable(b, RCC_APB1LENR, 0);
    enable(b, RCC_APB1LENR, 1);
    assert_int_equal(rd(b, TIM2_BASE + T_ARR), 0xFFFFFFFF); // 32 bits
    assert_int_equal(rd(b, TIM3_BASE + T_ARR), 0xFFFF);
    wr(b, TIM2_BASE + T_ARR, 99);
    wr(b, TIM2_BASE + T_CR1, 0x9); // OPM
    wait(b, VT_MS);
    assert_int_equal(rd(b, TIM2_BASE + T_CR1), 0x8);
    assert_int_equal(rd(b, TIM2_BASE + T_CNT), 0);
    assert_int_equal(rd(b, TIM2_BASE + T_SR), 1);
    bench_free(b);
}

static void test_timer_follows_the_clock(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    enable(b, RCC_APB1LENR, 0);
    wr(b, TIM2_BASE + T_CR1, 1);
    wait(b, VT_US);
    assert_int_equal(rd(b, TIM2_BASE + T_CNT), 64);
    wr(b, RCC_D1CFGR, 9); // HPRE /4
    wait(b, VT_US);
    assert_int_equal(rd(b, TIM2_BASE + T_CNT), 80);
    wr(b, TIM2_BASE + T_CR1, 0);
    wait(b, VT_US);
    assert_int_equal(rd(b, TIM2_BASE + T_CNT), 80);
    bench_free(b);
}

// ---- RTC
// ------------------------------------------------------------------------------------------

// Clock and registers as HAL_RCCEx_PeriphCLKConfig and HAL_RTC_Init leave them.
static void start_rtc(struct bench *b)
{
    wr(b, PWR_CR1, PWR_CR1_DBP);
    wr(b, RCC_BDCR, RCC_BDCR_LSEON);
    wait(b, 2 * VT_S);
    assert_int_equal(rd(b, RCC_BDCR) & RCC_BDCR_LSERDY, RCC_BDCR_LSERDY);
    wr(b, RCC_BDCR, RCC_BDCR_LSEON | 1u << RCC_BDCR_RTCSEL_Pos | RCC_BDCR_RTCEN);
    wr(b, RTC_WPR, 0xCA);
    wr(b, RTC_WPR, 0x53);
    wr(b, RTC_ISR, 0xFFFFFFFF); // HAL writes the INIT mask alone or all ones
    assert_int_equal(rd(b, RTC_ISR) & 0x40, 0);
    wait(b, VT_MS);
    assert_int_equal(rd(b, RTC_ISR) & 0x40, 0x40); // INITF
}

static void test_rtc_init_and_calendar(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    start_rtc(b);
    wr(b, RTC_PRER, 255);
    wr(b, RTC_PRER, 127u << 16 | 255);
    wr(b, RTC_TR, 0x235958);
    wr(b, RTC_DR, 0x24 << 16 | 3u << 13 | 0x02 << 8 | 0x28); // Wednesday 2024-02-28
    wr(b, RTC_ISR, 0);
    assert_int_equal(rd(b, RTC_ISR) & 0x20, 0);
    wait(b, VT_MS);
    assert_int_equal(rd(b, RTC_ISR), 0x37); // INITS RSF WUTWF ALRxWF
    wr(b, RTC_WPR, 0xFF);
    assert_int_equal(rd(b, RTC_TR), 0x235958);
    wait(b, 3 * VT_S);
    assert_int_equal(rd(b, RTC_TR), 0x000001);
    assert_int_equal(rd(b, RTC_DR), 0x24 << 16 | 4u << 13 | 0x02 << 8 | 0x29); // leap day
    wait(b, 86400 * VT_S);
    assert_int_equal(rd(b, RTC_DR), 0x24 << 16 | 5u << 13 | 0x03 << 8 | 0x01);
    bus_reset(&b->bus, RESET_SYSTEM); // goes on in the backup domain
    wait(b, 10 * VT_S);
    assert_int_equal(rd(b, RTC_TR), 0x000011);
    bench_free(b);
}

static void test_rtc_protection(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    assert_int_equal(rd(b, RTC_DR), 0x2101);
    assert_int_equal(rd(b, RTC_ISR), 0x7);
    assert_int_equal(rd(b, RTC_PRER), 0x007F00FF);
    wr(b, RTC_BKP0R, 0x1234); // DBP is 0
    assert_int_equal(rd(b, RTC_BKP0R), 0);
    wr(b, PWR_CR1, PWR_CR1_DBP);
    wr(b, RTC_BKP0R, 0x1234);
    wr(b, RTC_PRER, 0); // no key
    assert_int_equal(rd(b, RTC_PRER), 0x007F00FF);
    wr(b, RTC_WPR, 0xCA);
    wr(b, RTC_WPR, 0x53);
    wr(b, RTC_PRER, 0); // not in initialization mode
    assert_int_equal(rd(b, RTC_PRER), 0x007F00FF);
    assert_int_equal(report_count(b->report, "rtc.write-protected"), 3);
    bus_reset(&b->bus, RESET_SYSTEM);
    assert_int_equal(rd(b, RTC_BKP0R), 0x1234);
    wr(b, PWR_CR1, PWR_CR1_DBP);
    wr(b, RCC_BDCR, RCC_BDCR_BDRST);
    wr(b, RCC_BDCR, 0);
    assert_int_equal(rd(b, RTC_BKP0R), 0);
    bench_free(b);
}

static void test_rtc_without_clock(void **state)
{
    struct bench *b = bench_new_with(0, 0, 0); // no LSE crystal
    (void)state;
    wr(b, PWR_CR1, PWR_CR1_DBP);
    wr(b, RCC_BDCR, RCC_BDCR_LSEON | 1u << RCC_BDCR_RTCSEL_Pos | RCC_BDCR_RTCEN);
    wr(b, RTC_WPR, 0xCA);
    wr(b, RTC_WPR, 0x53);
    wr(b, RTC_ISR, 0x80);
    wait(b, 10 * VT_S);
    assert_int_equal(rd(b, RTC_ISR) & 0x40, 0);
    assert_int_equal(rd(b, RTC_TR), 0);
    bench_free(b);
}

// ---- RNG
// ------------------------------------------------------------------------------------------

static void test_random_numbers(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    enable(b, RCC_AHB2ENR, RCC_AHB2_RNG_Pos);
    wr(b, RNG_BASE, 4); // HSI48 is off: clock error
    wait(b, VT_MS);
    assert_int_equal(rd(b, RNG_BASE + 4) & 0x23, 0x22);
    wr(b, RNG_BASE, 0);
    wr(b, RCC_CR, rd(b, RCC_CR) | RCC_CR_HSI48ON);
    wait(b, VT_MS);
    wr(b, RNG_BASE + 4, 0);
    wr(b, RNG_BASE, 4);
    assert_int_equal(rd(b, RNG_BASE + 4), 0);
    assert_int_equal(rd(b, RNG_BASE + 8), 0); // not ready
    wait(b, VT_US);
    assert_int_equal(rd(b, RNG_BASE + 4), 1);
    uint32_t first = rd(b, RNG_BASE + 8);
    assert_int_not_equal(first, 0);
    assert_int_equal(rd(b, RNG_BASE + 4), 0);
    wait(b, VT_US);
    assert_int_not_equal(rd(b, RNG_BASE + 8), first);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iwdg_fires),
        cmocka_unit_test(test_iwdg_protection),
        cmocka_unit_test(test_iwdg_window),
        cmocka_unit_test(test_iwdg_stops_with_the_core),
        cmocka_unit_test(test_iwdg_runs_on_without_dbgmcu),
        cmocka_unit_test(test_wwdg),
        cmocka_unit_test(test_wwdg_window),
        cmocka_unit_test(test_uart_sends),
        cmocka_unit_test(test_uart_interrupt_and_fifo),
        cmocka_unit_test(test_uart_without_kernel_clock),
        cmocka_unit_test(test_timer_counts),
        cmocka_unit_test(test_timer_one_pulse_and_width),
        cmocka_unit_test(test_timer_follows_the_clock),
        cmocka_unit_test(test_rtc_init_and_calendar),
        cmocka_unit_test(test_rtc_protection),
        cmocka_unit_test(test_rtc_without_clock),
        cmocka_unit_test(test_random_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
