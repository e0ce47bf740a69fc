// SPDX-License-Identifier: MIT
// The RCC: reset values, ready bits in time, what hardware refuses, frequencies.
#include "periph_bench.h"

// ---- reset values
// ---------------------------------------------------------------------------------

// The exception's value for a register, if tests/reset-exceptions.csv names one.
static bool exception(const char *peripheral, const char *reg, uint32_t *value)
{
    char line[512], want[64];
    FILE *f = fopen("tests/reset-exceptions.csv", "r");
    assert_non_null(f);
    int n = snprintf(want, sizeof(want), "%s,%s,", peripheral, reg);
    bool found = false;
    while (!found && fgets(line, sizeof(line), f)) {
        if (strncmp(line, want, (size_t)n) == 0) {
            *value = (uint32_t)strtoul(line + n, NULL, 0);
            found = true;
        }
    }
    fclose(f);
    return found;
}

static void check_reset_values(struct bench *b)
{
    char line[512];
    unsigned checked = 0;
    FILE *f = fopen("tests/reset-values.csv", "r");
    assert_non_null(f);
    while (fgets(line, sizeof(line), f)) {
        char peripheral[16], reg[16];
        unsigned address, reset;
        if (sscanf(line, "%15[^,],%15[^,],%x,%x", peripheral, reg, &address, &reset) != 4)
            continue;
        if (strcmp(peripheral, "RCC") != 0)
            continue;
        uint32_t expected = reset;
        exception(peripheral, reg, &expected);
        if (rd(b, address) != expected)
            fail_msg("%s %s: reads %08x, expected %08x", peripheral, reg, rd(b, address), expected);
        checked++;
    }
    fclose(f);
    assert_int_equal(checked, 74);
}

static void test_reset_values(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    bus_reset(&b->bus, RESET_SYSTEM);
    rcc_set_reset_flags(b->rcc, RCC_RSR_SFTRSTF | RCC_RSR_PINRSTF | RCC_RSR_CPURSTF);
    check_reset_values(b);
    // and again after much was changed
    wr(b, RCC_CR, rd(b, RCC_CR) | RCC_CR_CSION | RCC_CR_HSEON);
    wait(b, 10 * VT_MS);
    wr(b, RCC_CFGR, RCC_SW_CSI);
    for (uint32_t a = RCC_AHB3RSTR; a <= RCC_APB4LPENR; a += 4)
        if (a != RCC_RSR)
            wr(b, a, 0x5A5A5A5A);
    wr(b, RCC_D1CCIPR, ~0u);
    bus_reset(&b->bus, RESET_SYSTEM);
    check_reset_values(b);
    bench_free(b);
}

static void test_unimplemented_bits(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, RCC_AHB3ENR, ~0u);
    assert_int_equal(rd(b, RCC_AHB3ENR), 0x00015031);
    wr(b, RCC_AHB4ENR, ~0u);
    assert_int_equal(rd(b, RCC_AHB4ENR), 0x132807FF);
    wr(b, RCC_D1CCIPR, ~0u);
    assert_int_equal(rd(b, RCC_D1CCIPR), 0x30010033);
    wr(b, RCC_BASE + 0x14, ~0u); // reserved
    assert_int_equal(rd(b, RCC_BASE + 0x14), 0);
    bench_free(b);
}

static void test_byte_access(void **state)
{
    struct bench *b = bench_new();
    uint32_t v;
    (void)state;
    assert_int_equal(bus_write(&b->bus, RCC_AHB3ENR + 1, 1, 0x40), BUS_OK);
    assert_int_equal(rd(b, RCC_AHB3ENR), RCC_AHB3ENR_QSPIEN);
    assert_int_equal(bus_read(&b->bus, RCC_AHB3ENR + 1, 1, &v), BUS_OK);
    assert_int_equal(v, 0x40);
    bench_free(b);
}

static void test_aliases(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, RCC_AHB3ENR + RCC_C1_OFFSET, RCC_AHB3ENR_QSPIEN);
    assert_int_equal(rd(b, RCC_AHB3ENR), RCC_AHB3ENR_QSPIEN);
    assert_true(rcc_enabled(b->rcc, RCC_AHB3, RCC_AHB3_QSPI_Pos));
    wr(b, RCC_APB4LPENR, 0);
    assert_int_equal(rd(b, RCC_APB4LPENR + RCC_C1_OFFSET), 0);
    bench_free(b);
}

static void test_reset_flags(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    assert_int_equal(rd(b, RCC_RSR), 0x00FA0000);
    wr(b, RCC_RSR, RCC_RSR_RMVF);
    assert_int_equal(rd(b, RCC_RSR), 0);
    bus_reset(&b->bus, RESET_SYSTEM);
    rcc_set_reset_flags(b->rcc, RCC_RSR_IWDG1RSTF);
    assert_int_equal(rd(b, RCC_C1_RSR), RCC_RSR_IWDG1RSTF);
    bench_free(b);
}

// ---- gates and resets
// -----------------------------------------------------------------------------

static void count_call(void *ctx)
{
    ++*(unsigned *)ctx;
}

static void test_device_reset(void **state)
{
    struct bench *b = bench_new();
    unsigned calls = 0, changes = 0;
    (void)state;
    rcc_on_reset(b->rcc, RCC_AHB3, RCC_AHB3_QSPI_Pos, count_call, &calls);
    rcc_on_change(b->rcc, count_call, &changes);
    wr(b, RCC_AHB3RSTR, RCC_AHB3RSTR_QSPIRST);
    assert_int_equal(calls, 1);
    assert_true(rcc_held_in_reset(b->rcc, RCC_AHB3, RCC_AHB3_QSPI_Pos));
    wr(b, RCC_AHB3RSTR, RCC_AHB3RSTR_QSPIRST);
    assert_int_equal(calls, 1); // no new edge
    wr(b, RCC_AHB3RSTR, 0);
    assert_false(rcc_held_in_reset(b->rcc, RCC_AHB3, RCC_AHB3_QSPI_Pos));
    wr(b, RCC_AHB4RSTR, 1);
    assert_int_equal(calls, 1);
    assert_int_equal(changes, 4);
    bench_free(b);
}

// ---- oscillators
// ----------------------------------------------------------------------------------

static void test_start_up_times(void **state)
{
    static const struct {
        uint32_t on, ready;
        vt_t time;
    } osc[] = {{RCC_CR_CSION, RCC_CR_CSIRDY, 4 * VT_US},
               {RCC_CR_HSI48ON, RCC_CR_HSI48RDY, 2100 * VT_NS},
               {RCC_CR_HSEON, RCC_CR_HSERDY, 2 * VT_MS}};
    struct bench *b = bench_new();
    struct bus_device rcc = rcc_device(b->rcc);
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        wr(b, RCC_CR, RCC_CR_HSION | osc[i].on);
        assert_int_equal(rd(b, RCC_CR) & osc[i].ready, 0);
        assert_int_equal(rcc.next_event(rcc.ctx), b->clock.now + osc[i].time);
        wait(b, osc[i].time - 1);
        assert_int_equal(rd(b, RCC_CR) & osc[i].ready, 0);
        wait(b, 1);
        assert_int_equal(rd(b, RCC_CR) & osc[i].ready, osc[i].ready);
        wr(b, RCC_CR, RCC_CR_HSION);
        assert_int_equal(rd(b, RCC_CR) & osc[i].ready, 0);
    }
    assert_int_equal(rcc.next_event(rcc.ctx), VT_NEVER);
    bench_free(b);
}

static void test_no_crystal(void **state)
{
    struct bench *b = bench_new_with(0, 0, 0);
    (void)state;
    wr(b, RCC_CR, RCC_CR_HSION | RCC_CR_HSEON);
    wr(b, PWR_CR1, PWR_CR1_DBP);
    wr(b, RCC_BDCR, RCC_BDCR_LSEON);
    wait(b, 60 * VT_S);
    assert_int_equal(rd(b, RCC_CR) & RCC_CR_HSERDY, 0);
    assert_int_equal(rd(b, RCC_BDCR), RCC_BDCR_LSEON);
    bench_free(b);
}

static void test_bypass_needs_an_oscillator(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, RCC_CR, RCC_CR_HSION | RCC_CR_HSEBYP);
    wr(b, RCC_CR, RCC_CR_HSION | RCC_CR_HSEBYP | RCC_CR_HSEON);
    wait(b, VT_S);
    assert_int_equal(rd(b, RCC_CR) & RCC_CR_HSERDY, 0);
    wr(b, RCC_CR, RCC_CR_HSION | RCC_CR_HSEON); // HSEBYP is locked while HSEON
    assert_int_equal(rd(b, RCC_CR) & RCC_CR_HSEBYP, RCC_CR_HSEBYP);
    bench_free(b);
}

static void test_system_clock_cannot_stop(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, RCC_CR, RCC_CR_CSION);
    assert_int_equal(rd(b, RCC_CR) & (RCC_CR_HSION | RCC_CR_HSIRDY), 5);
    assert_int_equal(report_count(b->report, "rcc.clock-in-use"), 1);
    wait(b, VT_MS);
    wr(b, RCC_CFGR, RCC_SW_CSI);
    wr(b, RCC_CR, RCC_CR_CSION);
    assert_int_equal(rd(b, RCC_CR) & (RCC_CR_HSION | RCC_CR_HSIRDY), 0);
    assert_int_equal(rcc_cpu_hz(b->rcc), 4000000);
    bench_free(b);
}

static void test_switch_waits_for_source(void **state)
{
    struct bench *b = bench_new();
    struct bus_device rcc = rcc_device(b->rcc);
    (void)state;
    wr(b, RCC_CR, RCC_CR_HSION | RCC_CR_HSEON);
    wr(b, RCC_CFGR, RCC_SW_HSE);
    assert_int_equal(rd(b, RCC_CFGR), RCC_SW_HSE); // SWS still HSI
    assert_int_equal(rcc_cpu_hz(b->rcc), 64000000);
    assert_int_equal(rcc.next_irq(rcc.ctx), 2 * VT_MS);
    unsigned changes = 0;
    rcc_on_change(b->rcc, count_call, &changes);
    wait(b, 2 * VT_MS);
    assert_int_equal(changes, 1); // the pace changes by itself
    assert_int_equal(rd(b, RCC_CFGR), RCC_SW_HSE | RCC_SW_HSE << RCC_CFGR_SWS_Pos);
    assert_int_equal(rcc_cpu_hz(b->rcc), 25000000);
    bench_free(b);
}

static void test_ready_interrupt(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, RCC_CIER, 1u << 3); // HSERDYIE
    wr(b, RCC_CR, RCC_CR_HSION | RCC_CR_HSEON);
    assert_false(b->irq[5]);
    wait(b, 2 * VT_MS);
    assert_true(b->irq[5]);
    assert_int_equal(rd(b, RCC_CIFR), 1u << 3);
    wr(b, RCC_CICR, 1u << 3);
    assert_false(b->irq[5]);
    assert_int_equal(rd(b, RCC_CIFR), 0);
    bench_free(b);
}

static void test_hsidiv(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, RCC_CR, RCC_CR_HSION | 2u << RCC_CR_HSIDIV_Pos);
    assert_int_equal(rd(b, RCC_CR) & RCC_CR_HSIDIVF, 0);
    wait(b, VT_US);
    assert_int_equal(rd(b, RCC_CR) & RCC_CR_HSIDIVF, RCC_CR_HSIDIVF);
    assert_int_equal(rcc_cpu_hz(b->rcc), 16000000);
    bench_free(b);
}

// ---- PLLs
// -----------------------------------------------------------------------------------------

// The usual 400 MHz set-up from a 25 MHz crystal: 25 / 5 * 160 / 2.
static void start_pll1(struct bench *b)
{
    wr(b, RCC_CR, RCC_CR_HSION | RCC_CR_HSEON);
    wait(b, 3 * VT_MS);
    wr(b, RCC_PLLCKSELR, 2 | 5u << 4 | 5u << 12 | 5u << 20);
    wr(b, RCC_PLL1DIVR, 159 | 1u << 9 | 3u << 16 | 1u << 24);
    wr(b, RCC_PLLCFGR, 0x01FF0000 | 2u << 2);
    wr(b, RCC_CR, RCC_CR_HSION | RCC_CR_HSEON | RCC_CR_PLL1ON);
}

static void test_pll_lock_and_frequencies(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    start_pll1(b);
    assert_int_equal(rd(b, RCC_CR) & RCC_CR_PLL1RDY, 0);
    assert_int_equal(rcc_pll_hz(b->rcc, 1, 'P'), 0);
    wait(b, 50 * VT_US);
    assert_int_equal(rd(b, RCC_CR) & RCC_CR_PLL1RDY, RCC_CR_PLL1RDY);
    assert_int_equal(rcc_pll_hz(b->rcc, 1, 'P'), 400000000);
    assert_int_equal(rcc_pll_hz(b->rcc, 1, 'Q'), 200000000);
    assert_int_equal(rcc_pll_hz(b->rcc, 1, 'R'), 400000000);
    wr(b, RCC_PLLCFGR, rd(b, RCC_PLLCFGR) & ~RCC_PLLCFGR_DIVQ1EN);
    assert_int_equal(rcc_pll_hz(b->rcc, 1, 'Q'), 0);
    assert_int_equal(report_count(b->report, NULL), 0);
    bench_free(b);
}

static void test_bus_clocks_on_pll(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    start_pll1(b);
    wait(b, VT_MS);
    wr(b, FLASH_ACR, 0x24);
    wr(b, RCC_D1CFGR, 8 | 4u << 4); // HPRE /2, D1PPRE /2
    wr(b, RCC_D2CFGR, 4u << 4 | 5u << 8);
    wr(b, RCC_CFGR, RCC_SW_PLL1);
    assert_int_equal(rcc_cpu_hz(b->rcc), 400000000);
    assert_int_equal(rcc_hclk3_hz(b->rcc), 200000000);
    assert_int_equal(rcc_pclk_hz(b->rcc, 1), 100000000);
    assert_int_equal(rcc_pclk_hz(b->rcc, 2), 50000000);
    assert_int_equal(rcc_timclk_hz(b->rcc, 1), 200000000);
    assert_int_equal(rcc_timclk_hz(b->rcc, 2), 100000000);
    assert_int_equal(rcc_quadspi_hz(b->rcc), 200000000);
    wr(b, RCC_CFGR, RCC_SW_PLL1 | RCC_CFGR_TIMPRE);
    assert_int_equal(rcc_timclk_hz(b->rcc, 2), 200000000);
    // VOS is still scale 3: silicon would not stand it
    assert_true(report_count(b->report, "limits.voltage-scale") > 0);
    bench_free(b);
}

static void test_quadspi_kernel_clock(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    assert_int_equal(rcc_quadspi_hz(b->rcc), 64000000);
    wr(b, RCC_D1CFGR, 9); // HPRE /4
    assert_int_equal(rcc_quadspi_hz(b->rcc), 16000000);
    wr(b, RCC_D1CCIPR, RCC_QSPISEL_PLL2R << RCC_D1CCIPR_QSPISEL_Pos);
    assert_int_equal(rcc_quadspi_hz(b->rcc), 0);
    wr(b, RCC_D1CCIPR, RCC_QSPISEL_PER << RCC_D1CCIPR_QSPISEL_Pos);
    assert_int_equal(rcc_quadspi_hz(b->rcc), 64000000);
    wr(b, RCC_D1CCIPR, RCC_QSPISEL_PER << RCC_D1CCIPR_QSPISEL_Pos | 1u << RCC_D1CCIPR_CKPERSEL_Pos);
    assert_int_equal(rcc_quadspi_hz(b->rcc), 0); // CSI is off
    start_pll1(b);
    wait(b, VT_MS);
    wr(b, RCC_D1CCIPR, RCC_QSPISEL_PLL1Q << RCC_D1CCIPR_QSPISEL_Pos);
    assert_int_equal(rcc_quadspi_hz(b->rcc), 200000000);
    bench_free(b);
}

static void test_fraction(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, RCC_PLL1FRACR, 4096u << RCC_PLLFRACR_FRACN_Pos); // half a step
    start_pll1(b);
    wait(b, VT_MS);
    assert_int_equal(rcc_pll_hz(b->rcc, 1, 'P'), 400000000); // FRACEN is 0
    wr(b, RCC_PLLCFGR, rd(b, RCC_PLLCFGR) | RCC_PLLCFGR_PLL1FRACEN);
    assert_int_equal(rcc_pll_hz(b->rcc, 1, 'P'), 401250000);
    wr(b, RCC_PLL1FRACR, 0); // latched: no effect until FRACEN toggles
    assert_int_equal(rcc_pll_hz(b->rcc, 1, 'P'), 401250000);
    bench_free(b);
}

static void test_pll_settings_locked_while_on(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    start_pll1(b);
    uint32_t divr = rd(b, RCC_PLL1DIVR), ckselr = rd(b, RCC_PLLCKSELR), cfgr = rd(b, RCC_PLLCFGR);
    wr(b, RCC_PLL1DIVR, 0x01010280);
    wr(b, RCC_PLLCKSELR, 0x02020200);
    wr(b, RCC_PLLCFGR, cfgr ^ RCC_PLLCFGR_PLL1RGE_Msk);
    assert_int_equal(rd(b, RCC_PLL1DIVR), divr);
    assert_int_equal(rd(b, RCC_PLLCKSELR) & 0x3F3, ckselr & 0x3F3);
    assert_int_equal(rd(b, RCC_PLLCKSELR) >> 12 & 0x3F, 0x20); // PLL2 is off
    assert_int_equal(rd(b, RCC_PLLCFGR), cfgr);
    assert_int_equal(report_count(b->report, "rcc.pll-setting-while-on"), 3);
    wr(b, RCC_PLL2DIVR, 0x01010280 + 1);
    assert_int_equal(rd(b, RCC_PLL2DIVR), 0x01010281);
    bench_free(b);
}

static void test_pll_without_source(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, RCC_PLLCKSELR, 2 | 5u << 4);
    wr(b, RCC_CR, RCC_CR_HSION | RCC_CR_PLL1ON); // HSE is off
    wait(b, VT_S);
    assert_int_equal(rd(b, RCC_CR) & RCC_CR_PLL1RDY, 0);
    assert_int_equal(report_count(b->report, "rcc.pll-without-source"), 1);
    wr(b, RCC_CR, RCC_CR_HSION | RCC_CR_PLL1ON | RCC_CR_HSEON);
    wait(b, 2 * VT_MS + 49 * VT_US);
    assert_int_equal(rd(b, RCC_CR) & RCC_CR_PLL1RDY, 0);
    wait(b, VT_US);
    assert_int_equal(rd(b, RCC_CR) & RCC_CR_PLL1RDY, RCC_CR_PLL1RDY);
    wr(b, RCC_CR, RCC_CR_HSION | RCC_CR_HSEON); // off
    wr(b, RCC_PLLCKSELR, 2);                    // DIVM1 = 0: no reference
    wr(b, RCC_CR, RCC_CR_HSION | RCC_CR_HSEON | RCC_CR_PLL1ON);
    wait(b, VT_S);
    assert_int_equal(rd(b, RCC_CR) & RCC_CR_PLL1RDY, 0);
    bench_free(b);
}

static void test_pll1_in_use(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    start_pll1(b);
    wait(b, VT_MS);
    wr(b, RCC_CFGR, RCC_SW_PLL1);
    wr(b, RCC_CR, RCC_CR_HSION); // neither PLL1 nor its source may stop
    assert_int_equal(rd(b, RCC_CR) & (RCC_CR_PLL1ON | RCC_CR_HSEON), RCC_CR_PLL1ON | RCC_CR_HSEON);
    wr(b, RCC_CFGR, RCC_SW_HSI);
    wr(b, RCC_CR, RCC_CR_HSION);
    assert_int_equal(rd(b, RCC_CR) & (RCC_CR_PLL1ON | RCC_CR_PLL1RDY), 0);
    assert_int_equal(rcc_cpu_hz(b->rcc), 64000000);
    bench_free(b);
}

static void test_pll_range_is_judged(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, RCC_PLLCKSELR, 0 | 4u << 4); // HSI / 4 = 16 MHz, RGE says 1 to 2 MHz
    wr(b, RCC_PLL1DIVR, 99);           // VCO 1600 MHz
    wr(b, RCC_CR, RCC_CR_HSION | RCC_CR_PLL1ON);
    assert_int_equal(report_count(b->report, "rcc.pll-input-range"), 1);
    assert_int_equal(report_count(b->report, "rcc.pll-vco-range"), 1);
    bench_free(b);
}

// ---- backup domain
// --------------------------------------------------------------------------------

static void test_backup_domain(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, RCC_BDCR, RCC_BDCR_LSEON);
    assert_int_equal(rd(b, RCC_BDCR), 0);
    assert_int_equal(report_count(b->report, "rcc.bdcr-protected"), 1);
    wr(b, PWR_CR1, PWR_CR1_DBP);
    wr(b, RCC_BDCR, RCC_BDCR_LSEON);
    assert_int_equal(rd(b, RCC_BDCR), RCC_BDCR_LSEON);
    wait(b, 2 * VT_S);
    assert_int_equal(rd(b, RCC_BDCR), RCC_BDCR_LSEON | RCC_BDCR_LSERDY);
    wr(b, RCC_BDCR, RCC_BDCR_LSEON | 1u << RCC_BDCR_RTCSEL_Pos | RCC_BDCR_RTCEN);
    assert_int_equal(rcc_rtc_hz(b->rcc), 32768);
    wr(b, RCC_BDCR, RCC_BDCR_LSEON | 2u << RCC_BDCR_RTCSEL_Pos | RCC_BDCR_RTCEN);
    assert_int_equal(rcc_rtc_hz(b->rcc), 32768); // RTCSEL cannot change
    bus_reset(&b->bus, RESET_SYSTEM);
    assert_int_equal(rcc_rtc_hz(b->rcc), 32768); // survives
    wr(b, RCC_BDCR, 0);
    assert_int_equal(rcc_rtc_hz(b->rcc), 32768); // DBP is 0 again
    wr(b, PWR_CR1, PWR_CR1_DBP);
    wr(b, RCC_BDCR, RCC_BDCR_BDRST);
    assert_int_equal(rd(b, RCC_BDCR), RCC_BDCR_BDRST);
    wr(b, RCC_BDCR, 0);
    assert_int_equal(rcc_rtc_hz(b->rcc), 0);
    bench_free(b);
}

static void test_lsi(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, RCC_CSR, RCC_CSR_LSION);
    assert_int_equal(rd(b, RCC_CSR), RCC_CSR_LSION);
    wait(b, 200 * VT_US);
    assert_int_equal(rd(b, RCC_CSR), RCC_CSR_LSION | RCC_CSR_LSIRDY);
    wr(b, RCC_CSR, 0);
    assert_int_equal(rd(b, RCC_CSR), 0);
    assert_int_equal(rcc_lsi_hz(b->rcc), 0);
    rcc_force_lsi(b->rcc);
    wait(b, 200 * VT_US);
    assert_int_equal(rcc_lsi_hz(b->rcc), 32000);
    assert_int_equal(rd(b, RCC_CSR), RCC_CSR_LSIRDY);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reset_values),
        cmocka_unit_test(test_unimplemented_bits),
        cmocka_unit_test(test_byte_access),
        cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_reset_flags),
        cmocka_unit_test(test_device_reset),
        cmocka_unit_test(test_start_up_times),
        cmocka_unit_test(test_no_crystal),
        cmocka_unit_test(test_bypass_needs_an_oscillator),
        cmocka_unit_test(test_system_clock_cannot_stop),
        cmocka_unit_test(test_switch_waits_for_source),
        cmocka_unit_test(test_ready_interrupt),
        cmocka_unit_test(test_hsidiv),
        cmocka_unit_test(test_pll_lock_and_frequencies),
        cmocka_unit_test(test_bus_clocks_on_pll),
        cmocka_unit_test(test_quadspi_kernel_clock),
        cmocka_unit_test(test_fraction),
        cmocka_unit_test(test_pll_settings_locked_while_on),
        cmocka_unit_test(test_pll_without_source),
        cmocka_unit_test(test_pll1_in_use),
        cmocka_unit_test(test_pll_range_is_judged),
        cmocka_unit_test(test_backup_domain),
        cmocka_unit_test(test_lsi),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
