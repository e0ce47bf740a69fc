// SPDX-License-Identifier: MIT
// The peripherals of which only the registers exist, with the bit that gates each (RM0433 "Memory
// map", "RCC ... enable register"). Read-only status registers read their reset value for ever.
#include "regfile.h"
#include "../../driver/stm32h7_regs.h"

#define INIT(a) .init = a, .inits = sizeof(a) / sizeof(*(a))

static const struct regfile_init i2c_init[] = {{0x18, 0x00000001, 0x00000003}}; // ISR: TXE
static const struct regfile_init spi_init[] = {{0x14, 0x00001002, 0}, {0x40, 0x00000107, ~0u}};
static const struct regfile_init lptim_init[] = {{0x18, 0x00000001, ~0u}}; // ARR
static const struct regfile_init fdcan_init[] = {{0x00, 0x32141218, 0}, {0x18, 0x00000001, ~0u}};
static const struct regfile_init fmc_init[] = {
    {0x00, 0x000030DB, ~0u},  {0x04, 0x0FFFFFFF, ~0u},  {0x08, 0x000030D2, ~0u},
    {0x0C, 0x0FFFFFFF, ~0u},  {0x10, 0x000030D2, ~0u},  {0x14, 0x0FFFFFFF, ~0u},
    {0x18, 0x000030D2, ~0u},  {0x1C, 0x0FFFFFFF, ~0u},  {0x80, 0x00000018, ~0u},
    {0x84, 0x00000040, ~0u},  {0x140, 0x000002D0, ~0u}, {0x144, 0x000002D0, ~0u},
    {0x148, 0x0FFFFFFF, ~0u}, {0x14C, 0x0FFFFFFF, ~0u}, {0x158, 0, 0}}; // SDSR
static const struct regfile_init dma_init[] = {
    {0x00, 0, 0},      {0x04, 0, 0},      {0x24, 0x21, ~0u}, {0x3C, 0x21, ~0u}, {0x54, 0x21, ~0u},
    {0x6C, 0x21, ~0u}, {0x84, 0x21, ~0u}, {0x9C, 0x21, ~0u}, {0xB4, 0x21, ~0u}, {0xCC, 0x21, ~0u}};
static const struct regfile_init dlyb_init[] = {{0x00, 0, 0x3}, {0x04, 0, 0x00007F0F}};
static const struct regfile_init vrefbuf_init[] = {{0x00, 0x00000002, 0x73}};
static const struct regfile_init sdmmc_init[] = {{0x34, 0, 0}};
static const struct regfile_init crs_init[] = {{0x00, 0x00002000, ~0u}, {0x04, 0x2022BB7F, ~0u}};

// Self-clearing start and reset bits of Ethernet and USB read 0, AHBIDL reads 1: their drivers
// wait.
static const struct regfile_init eth_init[] = {{0x200, 0, ~1u}, {0x1000, 0, ~1u}};
static const struct regfile_init usb_init[] = {{0x10, 0x80000000, 0}};

#define PLAIN(n, b, s, g, k)                                                                       \
    {                                                                                              \
        .name = n, .base = b, .size = s, .gate = g, .bit = k                                       \
    }
#define WITH(n, b, s, g, k, i)                                                                     \
    {                                                                                              \
        .name = n, .base = b, .size = s, .gate = g, .bit = k, INIT(i)                              \
    }
#define STARTS(n, b, s, g, k, offset, mask, ...)                                                   \
    {                                                                                              \
        .name = n, .base = b, .size = s, .gate = g, .bit = k, .on_offset = offset,                 \
        .on_mask = mask, __VA_ARGS__                                                               \
    }

const struct regfile_desc regfile_table[] = {
    STARTS("LPTIM1", LPTIM1_BASE, 0x400, RCC_APB1L, 9, 0x10, 1, INIT(lptim_init)),
    STARTS("SPI2", SPI2_BASE, 0x400, RCC_APB1L, 14, 0x00, 1, INIT(spi_init)),
    STARTS("SPI3", SPI3_BASE, 0x400, RCC_APB1L, 15, 0x00, 1, INIT(spi_init)),
    PLAIN("SPDIFRX", SPDIFRX_BASE, 0x400, RCC_APB1L, 16),
    STARTS("I2C1", I2C1_BASE, 0x400, RCC_APB1L, 21, 0x00, 1, INIT(i2c_init)),
    STARTS("I2C2", I2C2_BASE, 0x400, RCC_APB1L, 22, 0x00, 1, INIT(i2c_init)),
    STARTS("I2C3", I2C3_BASE, 0x400, RCC_APB1L, 23, 0x00, 1, INIT(i2c_init)),
    PLAIN("HDMI-CEC", CEC_BASE, 0x400, RCC_APB1L, 27),
    PLAIN("DAC1", DAC1_BASE, 0x400, RCC_APB1L, 29),
    WITH("CRS", CRS_BASE, 0x400, RCC_APB1H, 1, crs_init),
    PLAIN("SWPMI", SWPMI_BASE, 0x400, RCC_APB1H, 2),
    PLAIN("OPAMP", OPAMP_BASE, 0x400, RCC_APB1H, 4),
    PLAIN("MDIOS", MDIOS_BASE, 0x400, RCC_APB1H, 5),
    WITH("FDCAN1", FDCAN1_BASE, 0x400, RCC_APB1H, 8, fdcan_init),
    WITH("FDCAN2", FDCAN2_BASE, 0x800, RCC_APB1H, 8, fdcan_init),
    PLAIN("SRAMCAN", SRAMCAN_BASE, 0x2800, RCC_APB1H, 8),
    STARTS("SPI1", SPI1_BASE, 0x400, RCC_APB2, 12, 0x00, 1, INIT(spi_init)),
    STARTS("SPI4", SPI4_BASE, 0x400, RCC_APB2, 13, 0x00, 1, INIT(spi_init)),
    STARTS("SPI5", SPI5_BASE, 0x400, RCC_APB2, 20, 0x00, 1, INIT(spi_init)),
    PLAIN("SAI1", SAI1_BASE, 0x400, RCC_APB2, 22),
    PLAIN("SAI2", SAI2_BASE, 0x400, RCC_APB2, 23),
    PLAIN("SAI3", SAI3_BASE, 0x400, RCC_APB2, 24),
    PLAIN("DFSDM1", DFSDM1_BASE, 0x400, RCC_APB2, 28),
    PLAIN("HRTIM1", HRTIM1_BASE, 0x400, RCC_APB2, 29),
    STARTS("DMA1", DMA1_BASE, 0x400, RCC_AHB1, 0, 0x10, 1, .on_stride = 0x18, .on_count = 8,
           INIT(dma_init)),
    STARTS("DMA2", DMA2_BASE, 0x400, RCC_AHB1, 1, 0x10, 1, .on_stride = 0x18, .on_count = 8,
           INIT(dma_init)),
    PLAIN("DMAMUX1", DMAMUX1_BASE, 0x400, RCC_AHB1, REGFILE_ALWAYS), // with DMA1 or DMA2
    STARTS("ADC12", ADC12_BASE, 0x400, RCC_AHB1, 5, 0x08, 1, .on_stride = 0x100, .on_count = 2),
    WITH("ETH", ETH_BASE, 0x2000, RCC_AHB1, 15, eth_init),
    WITH("USB1_OTG_HS", USB1_OTG_HS_BASE, 0x40000, RCC_AHB1, 25, usb_init),
    WITH("USB2_OTG_FS", USB2_OTG_FS_BASE, 0x40000, RCC_AHB1, 27, usb_init),
    PLAIN("DCMI", DCMI_BASE, 0x400, RCC_AHB2, 0),
    PLAIN("CRYP", CRYP_BASE, 0x400, RCC_AHB2, 4),
    PLAIN("HASH", HASH_BASE, 0x400, RCC_AHB2, 5),
    WITH("SDMMC2", SDMMC2_BASE, 0x400, RCC_AHB2, 9, sdmmc_init),
    WITH("DLYB_SDMMC2", DLYB_SDMMC2_BASE, 0x400, RCC_AHB2, 9, dlyb_init),
    PLAIN("LTDC", LTDC_BASE, 0x1000, RCC_APB3, 3),
    PLAIN("GPV", GPV_BASE, 0x100000, RCC_AHB3, REGFILE_ALWAYS),
    STARTS("MDMA", MDMA_BASE, 0x1000, RCC_AHB3, 0, 0x4C, 1, .on_stride = 0x40, .on_count = 16),
    STARTS("DMA2D", DMA2D_BASE, 0x1000, RCC_AHB3, 4, 0x00, 1, .on_stride = 0),
    PLAIN("JPEG", JPEG_BASE, 0x1000, RCC_AHB3, 5),
    STARTS("FMC", FMC_R_BASE, 0x1000, RCC_AHB3, 12, 0x150, 0x7, INIT(fmc_init)), // SDCMR
    WITH("DLYB_QUADSPI", DLYB_QUADSPI_BASE, 0x1000, RCC_AHB3, RCC_AHB3_QSPI_Pos, dlyb_init),
    WITH("SDMMC1", SDMMC1_BASE, 0x1000, RCC_AHB3, 16, sdmmc_init),
    WITH("DLYB_SDMMC1", DLYB_SDMMC1_BASE, 0x1000, RCC_AHB3, 16, dlyb_init),
    PLAIN("RAMECC1", RAMECC1_BASE, 0x400, RCC_AHB3, REGFILE_ALWAYS),
    STARTS("SPI6", SPI6_BASE, 0x400, RCC_APB4, 5, 0x00, 1, INIT(spi_init)),
    STARTS("I2C4", I2C4_BASE, 0x400, RCC_APB4, 7, 0x00, 1, INIT(i2c_init)),
    STARTS("LPTIM2", LPTIM2_BASE, 0x400, RCC_APB4, 9, 0x10, 1, INIT(lptim_init)),
    STARTS("LPTIM3", LPTIM3_BASE, 0x400, RCC_APB4, 10, 0x10, 1, INIT(lptim_init)),
    STARTS("LPTIM4", LPTIM4_BASE, 0x400, RCC_APB4, 11, 0x10, 1, INIT(lptim_init)),
    STARTS("LPTIM5", LPTIM5_BASE, 0x400, RCC_APB4, 12, 0x10, 1, INIT(lptim_init)),
    PLAIN("COMP12", COMP12_BASE, 0x400, RCC_APB4, 14),
    WITH("VREFBUF", VREFBUF_BASE, 0x400, RCC_APB4, 15, vrefbuf_init),
    PLAIN("SAI4", SAI4_BASE, 0x400, RCC_APB4, 21),
    STARTS("BDMA", BDMA_BASE, 0x400, RCC_AHB4, 21, 0x08, 1, .on_stride = 0x14, .on_count = 8),
    PLAIN("DMAMUX2", DMAMUX2_BASE, 0x400, RCC_AHB4, 21),
    STARTS("ADC3", ADC3_BASE, 0x400, RCC_AHB4, 24, 0x08, 1, .on_stride = 0),
};
const unsigned regfile_table_count = sizeof(regfile_table) / sizeof(*regfile_table);
