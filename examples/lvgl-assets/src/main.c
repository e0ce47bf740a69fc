// SPDX-License-Identifier: MIT
// Example firmware: maps the external flash with the kit's driver, checks the CRC-32 of the assets
// in it and that each image and font lies there, and leaves its verdict in RAM for a debugger to
// read. The LED blinks twice a second if all is well, ten times if not.
#include "driver/nor.h"
#include "driver/reg.h"
#include "lvgl.h"

// Value of lvgl_assets_verdict
#define VERDICT_RUNNING   0u
#define VERDICT_OK        0x600DF00Du
#define VERDICT_BAD_CLOCK 0xBAD00001u // HSI, kernel clock or an enable bit
#define VERDICT_BAD_PIN   0xBAD00002u
#define VERDICT_BAD_FLASH 0xBAD00003u // no chip, or QUADSPI does not finish a command
#define VERDICT_BAD_CRC                                                                            \
    0xBAD00004u // the flash holds other assets than this firmware was built with
#define VERDICT_BAD_OBJECT 0xBAD00005u // an image or font is not what its descriptor says

// For the debugger
volatile uint32_t lvgl_assets_verdict;
volatile uint32_t lvgl_assets_crc_read;
volatile uint32_t lvgl_assets_jedec_id;

extern const uint8_t _assets_start[], _assets_end[]; // link.ld
extern const uint8_t lvgl_assets_crc[];              // its address is the CRC-32: see examples.mk

extern const lv_image_dsc_t wallpaper, dashboard, chart, gauge, cover, icon_home, icon_settings,
    icon_battery, icon_radio, icon_bell, icon_sun;
extern const lv_font_t dejavu_sans_20, dejavu_sans_40;

static const lv_image_dsc_t *const images[] = {
    &wallpaper,     &dashboard,    &chart,      &gauge,     &cover,   &icon_home,
    &icon_settings, &icon_battery, &icon_radio, &icon_bell, &icon_sun};
static const lv_font_t *const fonts[] = {&dejavu_sans_20, &dejavu_sans_40};

#define COUNT(array)     (sizeof(array) / sizeof((array)[0]))
#define PIN(port, n, af) QSPI_PIN_WORD((port) - 'A', n, af)

// FK743M2-IIT6, WeAct MiniSTM32H7xx, DevEBox H7xx. NCS first, so that the chip is deselected when
// the others come to life.
static const uint32_t wiring[] = {
    PIN('B', 6, 10),                                                   // NCS
    PIN('D', 11, 9), PIN('D', 12, 9), PIN('E', 2, 9), PIN('D', 13, 9), // IO0..IO3
    PIN('B', 2, 9),                                                    // CLK
};

static uint32_t start_flash(void)
{
    struct qspi q;
    qspi_init(&q, 0);
    q.kernel_hz = qspi_start_hsi();
    if (!q.kernel_hz || !qspi_select_hsi() || !qspi_enable(&q))
        return VERDICT_BAD_CLOCK;
    for (unsigned i = 0; i < COUNT(wiring); i++) {
        if (!qspi_enable_port(QSPI_PIN_PORT(wiring[i])))
            return VERDICT_BAD_CLOCK;
        if (!qspi_connect_pin(wiring[i], true))
            return VERDICT_BAD_PIN;
    }
    uint32_t found, id[2];
    nor_recover(&q, false, &found);
    nor_read_id(&q, id);
    lvgl_assets_jedec_id = id[0];
    uint32_t size = nor_capacity(0, id[0]);
    if (q.fault || !size || id[0] == 0 || id[0] == 0xFFFFFF)
        return VERDICT_BAD_FLASH;
    nor_set_speed(&q, 32000000, size);
    nor_map(&q, false);
    return q.fault ? VERDICT_BAD_FLASH : VERDICT_OK;
}

// CRC-32 as zlib computes it, by the CRC unit (RM0433 "Cyclic redundancy check calculation unit").
static uint32_t crc32(const uint8_t *from, const uint8_t *to)
{
    reg_modify(RCC_AHB4ENR, 0, 1u << RCC_AHB4_CRC_Pos);
    (void)reg_read(RCC_AHB4ENR);
    reg_write(CRC_INIT, 0xFFFFFFFFu);
    reg_write(CRC_POL, 0x04C11DB7u);
    reg_write(CRC_CR, CRC_CR_RESET | CRC_CR_REV_OUT | 3u << CRC_CR_REV_IN_Pos);
    for (; from < to; from += 4)
        reg_write(CRC_DR, *(const uint32_t *)(const void *)from);
    return ~reg_read(CRC_DR);
}

static bool in_assets(const uint8_t *data, uint32_t size)
{
    return data >= _assets_start && data <= _assets_end && size <= (uint32_t)(_assets_end - data);
}

static bool objects_are_sound(void)
{
    for (unsigned i = 0; i < COUNT(images); i++) {
        const lv_image_header_t *h = &images[i]->header;
        if (h->magic != LV_IMAGE_HEADER_MAGIC || images[i]->data_size != h->stride * h->h ||
            !in_assets(images[i]->data, images[i]->data_size))
            return false;
    }
    for (unsigned i = 0; i < COUNT(fonts); i++) {
        const lv_font_fmt_txt_dsc_t *dsc = fonts[i]->dsc;
        if (!in_assets(dsc->glyph_bitmap, 1))
            return false;
    }
    return true;
}

static uint32_t check(void)
{
    uint32_t verdict = start_flash();
    if (verdict != VERDICT_OK)
        return verdict;
    lvgl_assets_crc_read = crc32(_assets_start, _assets_end);
    if (lvgl_assets_crc_read != (uint32_t)lvgl_assets_crc)
        return VERDICT_BAD_CRC;
    return objects_are_sound() ? VERDICT_OK : VERDICT_BAD_OBJECT;
}

// ---- LED: PH7, active low (FK743M2-IIT6) ----

#define LED_PORT     7u
#define LED_PIN      7u
#define SYST_CSR     0xE000E010u // ARMv7-M B3.3
#define SYST_RVR     0xE000E014u
#define SYST_CVR     0xE000E018u
#define SYST_CSR_RUN 7u // core clock, interrupt, enable

void SysTick_Handler(void);
void SysTick_Handler(void)
{
    uint32_t on = reg_read(GPIO_ODR(LED_PORT)) & 1u << LED_PIN;
    reg_write(GPIO_BSRR(LED_PORT), on ? 1u << (LED_PIN + 16) : 1u << LED_PIN);
}

static void blink(uint32_t half_period_cycles)
{
    qspi_enable_port(LED_PORT);
    reg_modify(GPIO_MODER(LED_PORT), 3u << LED_PIN * 2, 1u << LED_PIN * 2);
    reg_write(SYST_RVR, half_period_cycles - 1);
    reg_write(SYST_CVR, 0);
    reg_write(SYST_CSR, SYST_CSR_RUN);
}

int main(void)
{
    lvgl_assets_verdict = VERDICT_RUNNING;
    uint32_t verdict = check();
    lvgl_assets_verdict = verdict;
    // The reload register has 24 bits: with 64 MHz a quarter of a second at most.
    blink(verdict == VERDICT_OK ? 16000000u : 3200000u);
    for (;;)
        __asm volatile("wfi");
}
