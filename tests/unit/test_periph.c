// SPDX-License-Identifier: MIT
// The peripherals without a sense of time: CRC unit, DBGMCU, PWR, SYSCFG, EXTI, semaphores and the
// register files.
#include "periph_bench.h"

static void enable(struct bench *b, uint32_t enr, unsigned bit)
{
    wr(b, enr, rd(b, enr) | 1u << bit);
}

// ---- CRC
// ------------------------------------------------------------------------------------------

static void feed_bytes(struct bench *b, const char *text)
{
    for (; *text; text++)
        assert_int_equal(bus_write(&b->bus, CRC_DR, 1, (uint8_t)*text), BUS_OK);
}

static struct bench *crc_bench(uint32_t cr, uint32_t init, uint32_t pol)
{
    struct bench *b = bench_new();
    enable(b, RCC_AHB4ENR, RCC_AHB4_CRC_Pos);
    wr(b, CRC_POL, pol);
    wr(b, CRC_INIT, init);
    wr(b, CRC_CR, cr | CRC_CR_RESET);
    return b;
}

static void test_crc_default(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    enable(b, RCC_AHB4ENR, RCC_AHB4_CRC_Pos);
    assert_int_equal(rd(b, CRC_DR), 0xFFFFFFFF);
    assert_int_equal(rd(b, CRC_POL), 0x04C11DB7);
    wr(b, CRC_DR, 0x12345678);
    assert_int_equal(rd(b, CRC_DR), 0xDF8A8A2B); // what silicon of the family answers
    wr(b, CRC_CR, CRC_CR_RESET);
    assert_int_equal(rd(b, CRC_DR), 0xFFFFFFFF);
    assert_int_equal(rd(b, CRC_CR), 0);
    bench_free(b);
}

// Check values of "123456789" from the catalogue of parametrised CRC algorithms.
static void test_crc_catalogue(void **state)
{
    const uint32_t reflected = 1u << CRC_CR_REV_IN_Pos | CRC_CR_REV_OUT;
    static const uint32_t size16 = 1u << CRC_CR_POLYSIZE_Pos, size8 = 2u << CRC_CR_POLYSIZE_Pos,
                          size7 = 3u << CRC_CR_POLYSIZE_Pos;
    const struct {
        uint32_t cr, init, pol, expected;
    } known[] = {
        {0, 0xFFFFFFFF, 0x04C11DB7, 0x0376E6E7},                      // CRC-32/MPEG-2
        {reflected, 0xFFFFFFFF, 0x04C11DB7, 0xCBF43926 ^ 0xFFFFFFFF}, // CRC-32
        {reflected, 0xFFFFFFFF, 0x1EDC6F41, 0xE3069283 ^ 0xFFFFFFFF}, // CRC-32C
        {size16, 0xFFFF, 0x1021, 0x29B1},                             // CRC-16/CCITT-FALSE
        {size16, 0x0000, 0x1021, 0x31C3},                             // CRC-16/XMODEM
        {size16 | reflected, 0xFFFF, 0x8005, 0x4B37},                 // CRC-16/MODBUS
        {size8, 0x00, 0x07, 0xF4},                                    // CRC-8
        {size7, 0x00, 0x09, 0x75},                                    // CRC-7/MMC
    };
    (void)state;
    for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++) {
        struct bench *b = crc_bench(known[i].cr, known[i].init, known[i].pol);
        feed_bytes(b, "123456789");
        assert_int_equal(rd(b, CRC_DR), known[i].expected);
        bench_free(b);
    }
}

static void test_crc_widths(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    enable(b, RCC_AHB4ENR, RCC_AHB4_CRC_Pos);
    wr(b, CRC_DR, 0x31323334);
    uint32_t by_word = rd(b, CRC_DR);
    wr(b, CRC_CR, CRC_CR_RESET);
    assert_int_equal(bus_write(&b->bus, CRC_DR, 2, 0x3132), BUS_OK);
    assert_int_equal(bus_write(&b->bus, CRC_DR, 2, 0x3334), BUS_OK);
    assert_int_equal(rd(b, CRC_DR), by_word);
    wr(b, CRC_CR, CRC_CR_RESET);
    feed_bytes(b, "1234");
    assert_int_equal(rd(b, CRC_DR), by_word);
    // words with bytes reversed within the word: a little-endian CRC-32
    wr(b, CRC_CR, 3u << CRC_CR_REV_IN_Pos | CRC_CR_REV_OUT | CRC_CR_RESET);
    wr(b, CRC_DR, 0x34333231);
    assert_int_equal(rd(b, CRC_DR), 0x9BE3E0A3 ^ 0xFFFFFFFF);
    bench_free(b);
}

static void test_crc_clock_and_reset(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, CRC_IDR, 0x55);
    assert_int_equal(rd(b, CRC_DR), 0);
    enable(b, RCC_AHB4ENR, RCC_AHB4_CRC_Pos);
    assert_int_equal(rd(b, CRC_IDR), 0);
    wr(b, CRC_IDR, 0x12345678);
    wr(b, CRC_CR, CRC_CR_RESET); // leaves IDR alone
    assert_int_equal(rd(b, CRC_IDR), 0x12345678);
    wr(b, RCC_AHB4RSTR, 1u << RCC_AHB4_CRC_Pos);
    assert_int_equal(rd(b, CRC_DR), 0); // held in reset
    wr(b, RCC_AHB4RSTR, 0);
    assert_int_equal(rd(b, CRC_IDR), 0);
    bench_free(b);
}

// ---- DBGMCU
// ---------------------------------------------------------------------------------------

static void test_dbgmcu(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    struct bus_device apb = periphs_dbgmcu_apb(b->periphs);
    bus_add_device(&b->bus, &apb);
    assert_int_equal(rd(b, DBGMCU_IDC), 0x20036450);
    assert_int_equal(rd(b, DBGMCU_APB_BASE), 0x20036450);
    // what target/stm32h7x.cfg writes, through AP2
    wr(b, DBGMCU_APB_BASE + 0x04, 0x00600000 | 0x3F | 0x00100000);
    wr(b, DBGMCU_APB_BASE + 0x34, 0x40);
    wr(b, DBGMCU_APB_BASE + 0x3C, 0x800); // no second core: the bit does not exist
    wr(b, DBGMCU_APB_BASE + 0x54, 0xC0000);
    assert_int_equal(rd(b, DBGMCU_CR), 0x0070003F);
    assert_int_equal(rd(b, DBGMCU_APB3FZ1), 0x40);
    assert_int_equal(rd(b, DBGMCU_APB1LFZ1), 0);
    assert_int_equal(rd(b, DBGMCU_APB4FZ1), DBGMCU_APB4FZ1_IWDG1);
    bus_reset(&b->bus, RESET_SYSTEM);
    assert_int_equal(rd(b, DBGMCU_CR), 0x0070003F);
    bus_reset(&b->bus, RESET_POWER);
    assert_int_equal(rd(b, DBGMCU_CR), 0);
    bench_free(b);
}

// ---- PWR and SYSCFG
// -------------------------------------------------------------------------------

static void test_pwr_reset_state(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    assert_int_equal(rd(b, PWR_CR1), 0xF000C000);
    assert_int_equal(rd(b, PWR_CSR1), 0x00004000);
    assert_int_equal(rd(b, PWR_CR2), 0);
    assert_int_equal(rd(b, PWR_CR3), 0x00000006);
    assert_int_equal(rd(b, PWR_D3CR), 0x00004000);
    bench_free(b);
}

// HAL_PWREx_ConfigSupply, then HAL_PWREx_ControlVoltageScaling to scale 0.
static void test_supply_and_voltage(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, PWR_D3CR, 3u << PWR_D3CR_VOS_Pos); // too early
    assert_int_equal(rd(b, PWR_D3CR), 0x00004000);
    assert_int_equal(report_count(b->report, "pwr.vos-before-supply"), 1);
    wr(b, PWR_CR3, PWR_CR3_LDOEN);
    assert_int_equal(rd(b, PWR_CR3), PWR_CR3_LDOEN);
    assert_int_equal(rd(b, PWR_CSR1) & PWR_CSR1_ACTVOSRDY, 0);
    wait(b, VT_MS);
    assert_int_equal(rd(b, PWR_CSR1), 0x4000 | PWR_CSR1_ACTVOSRDY);
    assert_int_equal(rd(b, PWR_D3CR), 0x4000 | PWR_D3CR_VOSRDY);
    wr(b, PWR_D3CR, 3u << PWR_D3CR_VOS_Pos);
    assert_int_equal(rd(b, PWR_D3CR), 0xC000);
    wait(b, VT_MS);
    assert_int_equal(rd(b, PWR_D3CR), 0xC000 | PWR_D3CR_VOSRDY);
    enable(b, RCC_APB4ENR, RCC_APB4_SYSCFG_Pos);
    wr(b, SYSCFG_PWRCR, SYSCFG_PWRCR_ODEN);
    assert_int_equal(rd(b, PWR_D3CR), 0xC000);
    wait(b, VT_MS);
    assert_int_equal(rd(b, PWR_D3CR), 0xC000 | PWR_D3CR_VOSRDY);
    assert_int_equal(report_count(b->report, "pwr.overdrive-below-vos1"), 0);
    wr(b, PWR_CR3, PWR_CR3_LDOEN | PWR_CR3_SCUEN); // written once
    assert_int_equal(rd(b, PWR_CR3), PWR_CR3_LDOEN);
    bus_reset(&b->bus, RESET_SYSTEM);
    assert_int_equal(rd(b, PWR_CR3), PWR_CR3_LDOEN);
    assert_int_equal(rd(b, PWR_D3CR) & PWR_D3CR_VOS_Msk, 0x4000);
    bus_reset(&b->bus, RESET_POWER);
    assert_int_equal(rd(b, PWR_CR3), 6);
    bench_free(b);
}

static void test_supply_invalid(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, PWR_CR3, PWR_CR3_BYPASS);
    wait(b, VT_S);
    assert_int_equal(rd(b, PWR_CSR1) & PWR_CSR1_ACTVOSRDY, 0);
    wr(b, PWR_CR3, PWR_CR3_LDOEN); // locked now
    wait(b, VT_S);
    assert_int_equal(rd(b, PWR_CSR1) & PWR_CSR1_ACTVOSRDY, 0);
    assert_int_equal(report_count(b->report, "pwr.supply-invalid"), 1);
    bench_free(b);
}

static void test_usb_detector_leaves_supply_open(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    assert_int_equal(bus_write(&b->bus, PWR_CR3 + 3, 1, 1), BUS_OK); // USB33DEN by byte
    assert_int_equal(rd(b, PWR_CR3), 0x05000006);
    wait(b, VT_MS);
    assert_int_equal(rd(b, PWR_CSR1) & PWR_CSR1_ACTVOSRDY, 0); // the low byte is still unwritten
    wr(b, PWR_CR3, 0x01000000 | PWR_CR3_LDOEN);
    wait(b, VT_MS);
    assert_int_equal(rd(b, PWR_CSR1) & PWR_CSR1_ACTVOSRDY, PWR_CSR1_ACTVOSRDY);
    bench_free(b);
}

static void test_compensation_cell(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, SYSCFG_CCCSR, 1);
    assert_int_equal(rd(b, SYSCFG_CCCSR), 0); // unclocked
    assert_int_equal(report_count(b->report, "bus.write-unclocked"), 1);
    enable(b, RCC_APB4ENR, RCC_APB4_SYSCFG_Pos);
    assert_int_equal(rd(b, SYSCFG_PKGR), 5);
    wr(b, SYSCFG_CCCSR, 1);
    assert_int_equal(rd(b, SYSCFG_CCCSR), 1); // the CSI is off
    wr(b, RCC_CR, rd(b, RCC_CR) | RCC_CR_CSION);
    wait(b, VT_MS);
    assert_int_equal(rd(b, SYSCFG_CCCSR), 0x101);
    wr(b, SYSCFG_PMCR, ~0u);
    assert_int_equal(rd(b, SYSCFG_PMCR), 0x0FE003FF);
    bench_free(b);
}

static void test_limits(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, RCC_D1CFGR, 0);
    assert_int_equal(report_count(b->report, NULL), 0);
    wr(b, FLASH_ACR, 0); // 64 MHz at scale 3 wants one wait state
    wr(b, RCC_D1CFGR, 0);
    assert_int_equal(report_count(b->report, "limits.flash-latency"), 1);
    wr(b, FLASH_ACR, 1);
    wr(b, RCC_D1CFGR, 0);
    assert_int_equal(report_count(b->report, NULL), 1);
    bench_free(b);
}

// ---- EXTI, semaphores, register files
// -------------------------------------------------------------

static void test_exti(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, EXTI_BASE + 0x80, 1u << 7); // IMR1
    wr(b, EXTI_BASE + 0x08, 1u << 7); // SWIER1
    assert_true(b->irq[23]);
    assert_int_equal(rd(b, EXTI_BASE + 0x88), 1u << 7);
    wr(b, EXTI_BASE + 0x88, 1u << 7); // PR1: cleared by 1
    assert_false(b->irq[23]);
    assert_int_equal(rd(b, EXTI_BASE + 0x88), 0);
    assert_int_equal(rd(b, EXTI_BASE + 0x08), 0);
    wr(b, EXTI_BASE, ~0u);
    assert_int_equal(rd(b, EXTI_BASE), 0x003FFFFF);
    bench_free(b);
}

static void test_semaphores(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    enable(b, RCC_AHB4ENR, RCC_AHB4_HSEM_Pos);
    assert_int_equal(rd(b, HSEM_BASE), 0);
    assert_int_equal(rd(b, HSEM_BASE + 0x80), 0x80000300); // taken by reading RLR
    assert_int_equal(rd(b, HSEM_BASE), 0x80000300);
    wr(b, HSEM_BASE, 0x80000301); // another process cannot take it
    assert_int_equal(rd(b, HSEM_BASE), 0x80000300);
    wr(b, HSEM_BASE, 0x00000300);
    assert_int_equal(rd(b, HSEM_BASE), 0);
    bench_free(b);
}

static void test_register_files(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    wr(b, SPI1_BASE + 0x08, 0x12345678);
    assert_int_equal(rd(b, SPI1_BASE + 0x08), 0);
    assert_int_equal(rd(b, SPI1_BASE + 0x14), 0);
    assert_int_equal(report_count(b->report, "bus.write-unclocked"), 1);
    enable(b, RCC_APB2ENR, 12);
    assert_int_equal(rd(b, SPI1_BASE + 0x14), 0x1002); // SR
    wr(b, SPI1_BASE + 0x14, 0);                        // read-only
    wr(b, SPI1_BASE + 0x08, 0x12345678);
    assert_int_equal(rd(b, SPI1_BASE + 0x14), 0x1002);
    assert_int_equal(rd(b, SPI1_BASE + 0x08), 0x12345678);
    wr(b, SPI1_BASE, 1); // SPE
    assert_int_equal(report_count(b->report, "bus.not-modelled"), 1);
    wr(b, RCC_APB2RSTR, 1u << 12);
    wr(b, RCC_APB2RSTR, 0);
    assert_int_equal(rd(b, SPI1_BASE + 0x08), 0);
    wr(b, GPV_TARG7_FN_MOD, 1);
    assert_int_equal(rd(b, GPV_TARG7_FN_MOD), 1);
    bench_free(b);
}

static void test_dma_is_recorded(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    enable(b, RCC_AHB3ENR, RCC_AHB3_MDMA_Pos);
    enable(b, RCC_AHB1ENR, 0);
    wr(b, MDMA_BASE + 0x4C + 0x40 * 5, 0x02); // interrupt enable only
    assert_int_equal(report_count(b->report, "bus.not-modelled"), 0);
    wr(b, MDMA_BASE + 0x4C + 0x40 * 5, 0x03); // channel 5 on
    assert_int_equal(report_count(b->report, "bus.not-modelled"), 1);
    wr(b, DMA1_BASE + 0x10 + 0x18 * 7, 1);
    assert_int_equal(report_count(b->report, "bus.not-modelled"), 2);
    bench_free(b);
}

static void test_delay_block(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    enable(b, RCC_AHB3ENR, RCC_AHB3_QSPI_Pos);
    assert_int_equal(rd(b, DLYB_QUADSPI_CR), 0);
    wr(b, DLYB_QUADSPI_CR, ~0u);
    wr(b, DLYB_QUADSPI_CFGR, ~0u);
    assert_int_equal(rd(b, DLYB_QUADSPI_CR), DLYB_CR_DEN | DLYB_CR_SEN);
    assert_int_equal(rd(b, DLYB_QUADSPI_CFGR), 0x7F0F);
    bench_free(b);
}

// No two devices may claim the same address, and each must be where the register map says.
static void test_no_overlaps(void **state)
{
    struct bench *b = bench_new();
    (void)state;
    assert_true(b->bus.devices > 80);
    for (unsigned i = 1; i < b->bus.devices; i++) {
        const struct bus_device *p = &b->bus.device[i - 1], *d = &b->bus.device[i];
        if (p->base + p->size > d->base)
            fail_msg("%s overlaps %s", p->name, d->name);
    }
    for (unsigned i = 0; i < b->bus.devices; i++) {
        const struct bus_device *d = &b->bus.device[i];
        bool taken = (d->base < QUADSPI_BASE + 0x1000 && d->base + d->size > QUADSPI_BASE) ||
                     (d->base < GPIO_BASE + 0x2C00 && d->base + d->size > GPIO_BASE);
        assert_false(taken);
    }
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crc_default),
        cmocka_unit_test(test_crc_catalogue),
        cmocka_unit_test(test_crc_widths),
        cmocka_unit_test(test_crc_clock_and_reset),
        cmocka_unit_test(test_dbgmcu),
        cmocka_unit_test(test_pwr_reset_state),
        cmocka_unit_test(test_supply_and_voltage),
        cmocka_unit_test(test_supply_invalid),
        cmocka_unit_test(test_usb_detector_leaves_supply_open),
        cmocka_unit_test(test_compensation_cell),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_exti),
        cmocka_unit_test(test_semaphores),
        cmocka_unit_test(test_register_files),
        cmocka_unit_test(test_dma_is_recorded),
        cmocka_unit_test(test_delay_block),
        cmocka_unit_test(test_no_overlaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
