// SPDX-License-Identifier: MIT
// The register map of the STM32H742/743/750/753: used by the init stub, the loaders, the virtual
// board and the tests. Plain numbers only, so that it serves freestanding code and assembler too.
//
// Names are those of ST's SVD and CMSIS header. A register macro is an ABSOLUTE address; its offset
// is the difference to the block's _BASE. A field FOO has FOO_Pos (lowest bit) and FOO_Msk (in
// place); a single-bit field is its mask alone. Sources: STM32H743.svd v2.4, CMSIS stm32h743xx.h,
// RM0433.
#pragma once

// ---- memories (RM0433 "Memory organization") ---------------------------------------------------
#define ITCM_BASE            0x00000000u // 64 KiB
#define ITCM_SIZE            0x00010000u
#define DTCM_BASE            0x20000000u // 128 KiB
#define DTCM_SIZE            0x00020000u
#define AXISRAM_BASE         0x24000000u // 512 KiB
#define AXISRAM_SIZE         0x00080000u
#define SRAM1_BASE           0x30000000u // 128 KiB, AHB2ENR.SRAM1EN
#define SRAM2_BASE           0x30020000u // 128 KiB, AHB2ENR.SRAM2EN
#define SRAM3_BASE           0x30040000u // 32 KiB, AHB2ENR.SRAM3EN
#define SRAM4_BASE           0x38000000u // 64 KiB
#define SRAM4_SIZE           0x00010000u
#define BKPSRAM_BASE         0x38800000u // 4 KiB, AHB4ENR.BKPRAMEN
#define INTFLASH_BANK1_BASE  0x08000000u
#define INTFLASH_BANK2_BASE  0x08100000u
#define INTFLASH_SECTOR_SIZE 0x00020000u // 128 KiB, both banks
#define INTFLASH_WORD_SIZE   32u         // one flash word: 256 bits + ECC
#define SYSMEM_BASE          0x1FF00000u // system memory: ROM boot loader, UID, flash size
#define SYSMEM_SIZE          0x00020000u
#define UID_BASE             0x1FF1E800u // 96-bit unique id
#define FLASHSIZE_BASE       0x1FF1E880u // 16 bits: KiB of internal flash
#define QSPI_WINDOW_BASE     0x90000000u // memory-mapped QUADSPI, 256 MiB
#define QSPI_WINDOW_SIZE     0x10000000u

// ---- peripheral base addresses (CMSIS) ---------------------------------------------------------
// D2 APB1
#define TIM2_BASE    0x40000000u
#define TIM3_BASE    0x40000400u
#define TIM4_BASE    0x40000800u
#define TIM5_BASE    0x40000C00u
#define TIM6_BASE    0x40001000u
#define TIM7_BASE    0x40001400u
#define TIM12_BASE   0x40001800u
#define TIM13_BASE   0x40001C00u
#define TIM14_BASE   0x40002000u
#define LPTIM1_BASE  0x40002400u
#define SPI2_BASE    0x40003800u
#define SPI3_BASE    0x40003C00u
#define SPDIFRX_BASE 0x40004000u
#define USART2_BASE  0x40004400u
#define USART3_BASE  0x40004800u
#define UART4_BASE   0x40004C00u
#define UART5_BASE   0x40005000u
#define I2C1_BASE    0x40005400u
#define I2C2_BASE    0x40005800u
#define I2C3_BASE    0x40005C00u
#define CEC_BASE     0x40006C00u
#define DAC1_BASE    0x40007400u
#define UART7_BASE   0x40007800u
#define UART8_BASE   0x40007C00u
#define CRS_BASE     0x40008400u
#define SWPMI_BASE   0x40008800u
#define OPAMP_BASE   0x40009000u
#define MDIOS_BASE   0x40009400u
#define FDCAN1_BASE  0x4000A000u
#define FDCAN2_BASE  0x4000A400u
#define SRAMCAN_BASE 0x4000AC00u
// D2 APB2
#define TIM1_BASE   0x40010000u
#define TIM8_BASE   0x40010400u
#define USART1_BASE 0x40011000u
#define USART6_BASE 0x40011400u
#define SPI1_BASE   0x40013000u
#define SPI4_BASE   0x40013400u
#define TIM15_BASE  0x40014000u
#define TIM16_BASE  0x40014400u
#define TIM17_BASE  0x40014800u
#define SPI5_BASE   0x40015000u
#define SAI1_BASE   0x40015800u
#define SAI2_BASE   0x40015C00u
#define SAI3_BASE   0x40016000u
#define DFSDM1_BASE 0x40017000u
#define HRTIM1_BASE 0x40017400u
// D2 AHB1, AHB2
#define DMA1_BASE        0x40020000u
#define DMA2_BASE        0x40020400u
#define DMAMUX1_BASE     0x40020800u
#define ADC12_BASE       0x40022000u
#define ETH_BASE         0x40028000u
#define USB1_OTG_HS_BASE 0x40040000u
#define USB2_OTG_FS_BASE 0x40080000u
#define DCMI_BASE        0x48020000u
#define CRYP_BASE        0x48021000u
#define HASH_BASE        0x48021400u
#define RNG_BASE         0x48021800u
#define SDMMC2_BASE      0x48022400u
#define DLYB_SDMMC2_BASE 0x48022800u
// D1 APB3, AXI, AHB3
#define LTDC_BASE         0x50001000u
#define WWDG1_BASE        0x50003000u
#define GPV_BASE          0x51000000u // AXI interconnect, 1 MiB
#define MDMA_BASE         0x52000000u
#define DMA2D_BASE        0x52001000u
#define FLASH_R_BASE      0x52002000u
#define JPEG_BASE         0x52003000u
#define FMC_R_BASE        0x52004000u
#define QUADSPI_BASE      0x52005000u
#define DLYB_QUADSPI_BASE 0x52006000u
#define SDMMC1_BASE       0x52007000u
#define DLYB_SDMMC1_BASE  0x52008000u
#define RAMECC1_BASE      0x52009000u
// D3 APB4
#define EXTI_BASE    0x58000000u
#define SYSCFG_BASE  0x58000400u
#define LPUART1_BASE 0x58000C00u
#define SPI6_BASE    0x58001400u
#define I2C4_BASE    0x58001C00u
#define LPTIM2_BASE  0x58002400u
#define LPTIM3_BASE  0x58002800u
#define LPTIM4_BASE  0x58002C00u
#define LPTIM5_BASE  0x58003000u
#define COMP12_BASE  0x58003800u
#define VREFBUF_BASE 0x58003C00u
#define RTC_BASE     0x58004000u
#define IWDG1_BASE   0x58004800u
#define SAI4_BASE    0x58005400u
// D3 AHB4
#define GPIO_BASE    0x58020000u
#define RCC_BASE     0x58024400u
#define PWR_BASE     0x58024800u
#define CRC_BASE     0x58024C00u
#define BDMA_BASE    0x58025400u
#define DMAMUX2_BASE 0x58025800u
#define ADC3_BASE    0x58026000u
#define HSEM_BASE    0x58026400u
// debug
#define DBGMCU_BASE     0x5C001000u // as the core sees it
#define DBGMCU_APB_BASE 0xE00E1000u // the same registers on the debug port's AP2

// ---- RCC ---------------------------------------------------------------------------------------
#define RCC_CR         0x58024400u
#define RCC_HSICFGR    0x58024404u
#define RCC_CRRCR      0x58024408u
#define RCC_CSICFGR    0x5802440Cu
#define RCC_CFGR       0x58024410u
#define RCC_D1CFGR     0x58024418u
#define RCC_D2CFGR     0x5802441Cu
#define RCC_D3CFGR     0x58024420u
#define RCC_PLLCKSELR  0x58024428u
#define RCC_PLLCFGR    0x5802442Cu
#define RCC_PLL1DIVR   0x58024430u
#define RCC_PLL1FRACR  0x58024434u
#define RCC_PLL2DIVR   0x58024438u
#define RCC_PLL2FRACR  0x5802443Cu
#define RCC_PLL3DIVR   0x58024440u
#define RCC_PLL3FRACR  0x58024444u
#define RCC_D1CCIPR    0x5802444Cu
#define RCC_D2CCIP1R   0x58024450u
#define RCC_D2CCIP2R   0x58024454u
#define RCC_D3CCIPR    0x58024458u
#define RCC_CIER       0x58024460u
#define RCC_CIFR       0x58024464u
#define RCC_CICR       0x58024468u
#define RCC_BDCR       0x58024470u
#define RCC_CSR        0x58024474u
#define RCC_AHB3RSTR   0x5802447Cu
#define RCC_AHB1RSTR   0x58024480u
#define RCC_AHB2RSTR   0x58024484u
#define RCC_AHB4RSTR   0x58024488u
#define RCC_APB3RSTR   0x5802448Cu
#define RCC_APB1LRSTR  0x58024490u
#define RCC_APB1HRSTR  0x58024494u
#define RCC_APB2RSTR   0x58024498u
#define RCC_APB4RSTR   0x5802449Cu
#define RCC_GCR        0x580244A0u
#define RCC_D3AMR      0x580244A8u
#define RCC_RSR        0x580244D0u
#define RCC_AHB3ENR    0x580244D4u
#define RCC_AHB1ENR    0x580244D8u
#define RCC_AHB2ENR    0x580244DCu
#define RCC_AHB4ENR    0x580244E0u
#define RCC_APB3ENR    0x580244E4u
#define RCC_APB1LENR   0x580244E8u
#define RCC_APB1HENR   0x580244ECu
#define RCC_APB2ENR    0x580244F0u
#define RCC_APB4ENR    0x580244F4u
#define RCC_AHB3LPENR  0x580244FCu
#define RCC_AHB1LPENR  0x58024500u
#define RCC_AHB2LPENR  0x58024504u
#define RCC_AHB4LPENR  0x58024508u
#define RCC_APB3LPENR  0x5802450Cu
#define RCC_APB1LLPENR 0x58024510u
#define RCC_APB1HLPENR 0x58024514u
#define RCC_APB2LPENR  0x58024518u
#define RCC_APB4LPENR  0x5802451Cu
#define RCC_C1_RSR     0x58024530u // RSR, ENRs and LPENRs once more, as CPU1's view
#define RCC_C1_OFFSET  0x60u       // C1_xxx = xxx + this

#define RCC_CR_HSION      0x00000001u
#define RCC_CR_HSIKERON   0x00000002u
#define RCC_CR_HSIRDY     0x00000004u
#define RCC_CR_HSIDIV_Pos 3
#define RCC_CR_HSIDIV_Msk 0x00000018u
#define RCC_CR_HSIDIVF    0x00000020u
#define RCC_CR_CSION      0x00000080u
#define RCC_CR_CSIRDY     0x00000100u
#define RCC_CR_CSIKERON   0x00000200u
#define RCC_CR_HSI48ON    0x00001000u
#define RCC_CR_HSI48RDY   0x00002000u
#define RCC_CR_D1CKRDY    0x00004000u
#define RCC_CR_D2CKRDY    0x00008000u
#define RCC_CR_HSEON      0x00010000u
#define RCC_CR_HSERDY     0x00020000u
#define RCC_CR_HSEBYP     0x00040000u
#define RCC_CR_CSSHSEON   0x00080000u
#define RCC_CR_PLL1ON     0x01000000u // PLL2ON, PLL3ON: two bits higher each
#define RCC_CR_PLL1RDY    0x02000000u
#define RCC_CR_PLL2ON     0x04000000u
#define RCC_CR_PLL2RDY    0x08000000u
#define RCC_CR_PLL3ON     0x10000000u
#define RCC_CR_PLL3RDY    0x20000000u

#define RCC_CFGR_SW_Pos        0
#define RCC_CFGR_SW_Msk        0x00000007u
#define RCC_CFGR_SWS_Pos       3
#define RCC_CFGR_SWS_Msk       0x00000038u
#define RCC_CFGR_TIMPRE        0x00008000u
#define RCC_SW_HSI             0u
#define RCC_SW_CSI             1u
#define RCC_SW_HSE             2u
#define RCC_SW_PLL1            3u
#define RCC_D1CFGR_HPRE_Pos    0
#define RCC_D1CFGR_HPRE_Msk    0x0000000Fu
#define RCC_D1CFGR_D1PPRE_Pos  4
#define RCC_D1CFGR_D1PPRE_Msk  0x00000070u
#define RCC_D1CFGR_D1CPRE_Pos  8
#define RCC_D1CFGR_D1CPRE_Msk  0x00000F00u
#define RCC_D2CFGR_D2PPRE1_Pos 4
#define RCC_D2CFGR_D2PPRE1_Msk 0x00000070u
#define RCC_D2CFGR_D2PPRE2_Pos 8
#define RCC_D2CFGR_D2PPRE2_Msk 0x00000700u
#define RCC_D3CFGR_D3PPRE_Pos  4
#define RCC_D3CFGR_D3PPRE_Msk  0x00000070u

#define RCC_PLLCKSELR_PLLSRC_Msk 0x00000003u // 0 HSI, 1 CSI, 2 HSE, 3 none
#define RCC_PLLCKSELR_DIVM1_Pos  4           // DIVM2, DIVM3: 8 bits higher each
#define RCC_PLLCKSELR_DIVM1_Msk  0x000003F0u
#define RCC_PLLCFGR_PLL1FRACEN   0x00000001u // PLL2, PLL3: 4 bits higher each
#define RCC_PLLCFGR_PLL1VCOSEL   0x00000002u
#define RCC_PLLCFGR_PLL1RGE_Pos  2
#define RCC_PLLCFGR_PLL1RGE_Msk  0x0000000Cu
#define RCC_PLLCFGR_DIVP1EN      0x00010000u // PLL2, PLL3: 3 bits higher each
#define RCC_PLLCFGR_DIVQ1EN      0x00020000u
#define RCC_PLLCFGR_DIVR1EN      0x00040000u
#define RCC_PLLDIVR_DIVN_Pos     0 // every divider field holds the divider minus 1
#define RCC_PLLDIVR_DIVN_Msk     0x000001FFu
#define RCC_PLLDIVR_DIVP_Pos     9
#define RCC_PLLDIVR_DIVP_Msk     0x0000FE00u
#define RCC_PLLDIVR_DIVQ_Pos     16
#define RCC_PLLDIVR_DIVQ_Msk     0x007F0000u
#define RCC_PLLDIVR_DIVR_Pos     24
#define RCC_PLLDIVR_DIVR_Msk     0x7F000000u
#define RCC_PLLFRACR_FRACN_Pos   3
#define RCC_PLLFRACR_FRACN_Msk   0x0000FFF8u

#define RCC_D1CCIPR_QSPISEL_Pos  4
#define RCC_D1CCIPR_QSPISEL_Msk  0x00000030u
#define RCC_QSPISEL_HCLK3        0u
#define RCC_QSPISEL_PLL1Q        1u
#define RCC_QSPISEL_PLL2R        2u
#define RCC_QSPISEL_PER          3u
#define RCC_D1CCIPR_CKPERSEL_Pos 28
#define RCC_D1CCIPR_CKPERSEL_Msk 0x30000000u // 0 HSI, 1 CSI, 2 HSE

#define RCC_BDCR_LSEON      0x00000001u
#define RCC_BDCR_LSERDY     0x00000002u
#define RCC_BDCR_LSEBYP     0x00000004u
#define RCC_BDCR_RTCSEL_Pos 8
#define RCC_BDCR_RTCSEL_Msk 0x00000300u // 0 none, 1 LSE, 2 LSI, 3 HSE/RTCPRE
#define RCC_BDCR_RTCEN      0x00008000u
#define RCC_BDCR_BDRST      0x00010000u
#define RCC_CSR_LSION       0x00000001u
#define RCC_CSR_LSIRDY      0x00000002u

#define RCC_RSR_RMVF      0x00010000u
#define RCC_RSR_CPURSTF   0x00020000u
#define RCC_RSR_D1RSTF    0x00080000u
#define RCC_RSR_D2RSTF    0x00100000u
#define RCC_RSR_BORRSTF   0x00200000u
#define RCC_RSR_PINRSTF   0x00400000u
#define RCC_RSR_PORRSTF   0x00800000u
#define RCC_RSR_SFTRSTF   0x01000000u
#define RCC_RSR_IWDG1RSTF 0x04000000u
#define RCC_RSR_WWDG1RSTF 0x10000000u
#define RCC_RSR_LPWRRSTF  0x40000000u

// Bit numbers in both the ENR and the RSTR.
#define RCC_AHB3_MDMA_Pos       0
#define RCC_AHB3_DMA2D_Pos      4
#define RCC_AHB3_JPGDEC_Pos     5
#define RCC_AHB3_FMC_Pos        12
#define RCC_AHB3_QSPI_Pos       14
#define RCC_AHB3_SDMMC1_Pos     16
#define RCC_AHB2_RNG_Pos        6
#define RCC_AHB2_SRAM1_Pos      29
#define RCC_AHB2_SRAM2_Pos      30
#define RCC_AHB2_SRAM3_Pos      31
#define RCC_AHB4_GPIO_Pos(port) (port) // A = 0
#define RCC_AHB4_CRC_Pos        19
#define RCC_AHB4_HSEM_Pos       25
#define RCC_AHB4_BKPRAM_Pos     28
#define RCC_APB3_WWDG1_Pos      6
#define RCC_APB4_SYSCFG_Pos     1
#define RCC_APB4_LPUART1_Pos    3
#define RCC_APB4_RTCAPB_Pos     16
#define RCC_AHB3ENR_QSPIEN      0x00004000u
#define RCC_AHB3RSTR_QSPIRST    0x00004000u

// ---- GPIO (port A = 0 .. K = 10) ---------------------------------------------------------------
#define GPIO_STRIDE         0x400u
#define GPIO_PORT(port)     (GPIO_BASE + GPIO_STRIDE * (port))
#define GPIO_MODER_OFFSET   0x00u // 2 bits a pin: 0 input, 1 output, 2 alternate function, 3 analog
#define GPIO_OTYPER_OFFSET  0x04u // 1 = open drain
#define GPIO_OSPEEDR_OFFSET 0x08u // 2 bits a pin: 0 low, 1 medium, 2 high, 3 very high
#define GPIO_PUPDR_OFFSET   0x0Cu // 2 bits a pin: 0 none, 1 up, 2 down
#define GPIO_IDR_OFFSET     0x10u
#define GPIO_ODR_OFFSET     0x14u
#define GPIO_BSRR_OFFSET    0x18u // [15:0] set, [31:16] reset
#define GPIO_LCKR_OFFSET    0x1Cu
#define GPIO_AFRL_OFFSET    0x20u // 4 bits a pin, 0..7
#define GPIO_AFRH_OFFSET    0x24u // 4 bits a pin, 8..15
#define GPIO_LCKR_LCKK      0x00010000u
#define GPIO_MODER(port)    (GPIO_PORT(port) + GPIO_MODER_OFFSET)
#define GPIO_OTYPER(port)   (GPIO_PORT(port) + GPIO_OTYPER_OFFSET)
#define GPIO_OSPEEDR(port)  (GPIO_PORT(port) + GPIO_OSPEEDR_OFFSET)
#define GPIO_PUPDR(port)    (GPIO_PORT(port) + GPIO_PUPDR_OFFSET)
#define GPIO_IDR(port)      (GPIO_PORT(port) + GPIO_IDR_OFFSET)
#define GPIO_ODR(port)      (GPIO_PORT(port) + GPIO_ODR_OFFSET)
#define GPIO_BSRR(port)     (GPIO_PORT(port) + GPIO_BSRR_OFFSET)
#define GPIO_LCKR(port)     (GPIO_PORT(port) + GPIO_LCKR_OFFSET)
#define GPIO_AFRL(port)     (GPIO_PORT(port) + GPIO_AFRL_OFFSET)
#define GPIO_AFRH(port)     (GPIO_PORT(port) + GPIO_AFRH_OFFSET)

// ---- QUADSPI (RM0433 "Quad-SPI interface") -----------------------------------------------------
#define QUADSPI_CR    0x52005000u
#define QUADSPI_DCR   0x52005004u
#define QUADSPI_SR    0x52005008u
#define QUADSPI_FCR   0x5200500Cu
#define QUADSPI_DLR   0x52005010u
#define QUADSPI_CCR   0x52005014u
#define QUADSPI_AR    0x52005018u
#define QUADSPI_ABR   0x5200501Cu
#define QUADSPI_DR    0x52005020u
#define QUADSPI_PSMKR 0x52005024u
#define QUADSPI_PSMAR 0x52005028u
#define QUADSPI_PIR   0x5200502Cu
#define QUADSPI_LPTR  0x52005030u

#define QUADSPI_CR_EN            0x00000001u
#define QUADSPI_CR_ABORT         0x00000002u
#define QUADSPI_CR_DMAEN         0x00000004u
#define QUADSPI_CR_TCEN          0x00000008u
#define QUADSPI_CR_SSHIFT        0x00000010u
#define QUADSPI_CR_DFM           0x00000040u
#define QUADSPI_CR_FSEL          0x00000080u
#define QUADSPI_CR_FTHRES_Pos    8 // threshold minus 1
#define QUADSPI_CR_FTHRES_Msk    0x00001F00u
#define QUADSPI_CR_TEIE          0x00010000u
#define QUADSPI_CR_TCIE          0x00020000u
#define QUADSPI_CR_FTIE          0x00040000u
#define QUADSPI_CR_SMIE          0x00080000u
#define QUADSPI_CR_TOIE          0x00100000u
#define QUADSPI_CR_APMS          0x00400000u
#define QUADSPI_CR_PMM           0x00800000u
#define QUADSPI_CR_PRESCALER_Pos 24 // kernel clock / (field + 1)
#define QUADSPI_CR_PRESCALER_Msk 0xFF000000u

#define QUADSPI_DCR_CKMODE    0x00000001u
#define QUADSPI_DCR_CSHT_Pos  8 // cycles of NCS high minus 1
#define QUADSPI_DCR_CSHT_Msk  0x00000700u
#define QUADSPI_DCR_FSIZE_Pos 16 // size = 2^(FSIZE+1), both chips together in dual-flash mode
#define QUADSPI_DCR_FSIZE_Msk 0x001F0000u

#define QUADSPI_SR_TEF        0x00000001u
#define QUADSPI_SR_TCF        0x00000002u
#define QUADSPI_SR_FTF        0x00000004u
#define QUADSPI_SR_SMF        0x00000008u
#define QUADSPI_SR_TOF        0x00000010u
#define QUADSPI_SR_BUSY       0x00000020u
#define QUADSPI_SR_FLEVEL_Pos 8
#define QUADSPI_SR_FLEVEL_Msk 0x00003F00u
#define QUADSPI_FCR_CTEF      0x00000001u
#define QUADSPI_FCR_CTCF      0x00000002u
#define QUADSPI_FCR_CSMF      0x00000008u
#define QUADSPI_FCR_CTOF      0x00000010u
#define QUADSPI_FIFO_SIZE     32u // bytes

#define QUADSPI_CCR_INSTRUCTION_Pos 0
#define QUADSPI_CCR_INSTRUCTION_Msk 0x000000FFu
#define QUADSPI_CCR_IMODE_Pos       8
#define QUADSPI_CCR_IMODE_Msk       0x00000300u
#define QUADSPI_CCR_ADMODE_Pos      10
#define QUADSPI_CCR_ADMODE_Msk      0x00000C00u
#define QUADSPI_CCR_ADSIZE_Pos      12
#define QUADSPI_CCR_ADSIZE_Msk      0x00003000u
#define QUADSPI_CCR_ABMODE_Pos      14
#define QUADSPI_CCR_ABMODE_Msk      0x0000C000u
#define QUADSPI_CCR_ABSIZE_Pos      16
#define QUADSPI_CCR_ABSIZE_Msk      0x00030000u
#define QUADSPI_CCR_DCYC_Pos        18
#define QUADSPI_CCR_DCYC_Msk        0x007C0000u
#define QUADSPI_CCR_DMODE_Pos       24
#define QUADSPI_CCR_DMODE_Msk       0x03000000u
#define QUADSPI_CCR_FMODE_Pos       26
#define QUADSPI_CCR_FMODE_Msk       0x0C000000u
#define QUADSPI_CCR_SIOO            0x10000000u
#define QUADSPI_CCR_DHHC            0x40000000u
#define QUADSPI_CCR_DDRM            0x80000000u
// IMODE, ADMODE, ABMODE, DMODE
#define QUADSPI_LINES_NONE 0u
#define QUADSPI_LINES_1    1u
#define QUADSPI_LINES_2    2u
#define QUADSPI_LINES_4    3u
// ADSIZE, ABSIZE
#define QUADSPI_SIZE_8  0u
#define QUADSPI_SIZE_16 1u
#define QUADSPI_SIZE_24 2u
#define QUADSPI_SIZE_32 3u
// FMODE
#define QUADSPI_FMODE_WRITE  0u // indirect write
#define QUADSPI_FMODE_READ   1u // indirect read
#define QUADSPI_FMODE_POLL   2u // automatic status polling
#define QUADSPI_FMODE_MAPPED 3u // memory-mapped

#define DLYB_QUADSPI_CR   0x52006000u
#define DLYB_QUADSPI_CFGR 0x52006004u
#define DLYB_CR_DEN       0x00000001u
#define DLYB_CR_SEN       0x00000002u

// ---- FLASH (bank 2's own registers and the aliases of the shared ones: + FLASH_BANK2_OFFSET) ----
#define FLASH_BANK2_OFFSET 0x100u
#define FLASH_ACR          0x52002000u
#define FLASH_KEYR         0x52002004u
#define FLASH_OPTKEYR      0x52002008u
#define FLASH_CR           0x5200200Cu
#define FLASH_SR           0x52002010u
#define FLASH_CCR          0x52002014u
#define FLASH_OPTCR        0x52002018u
#define FLASH_OPTSR_CUR    0x5200201Cu
#define FLASH_OPTSR_PRG    0x52002020u
#define FLASH_OPTCCR       0x52002024u
#define FLASH_PRAR_CUR     0x52002028u
#define FLASH_PRAR_PRG     0x5200202Cu
#define FLASH_SCAR_CUR     0x52002030u
#define FLASH_SCAR_PRG     0x52002034u
#define FLASH_WPSN_CUR     0x52002038u
#define FLASH_WPSN_PRG     0x5200203Cu
#define FLASH_BOOT_CUR     0x52002040u
#define FLASH_BOOT_PRG     0x52002044u
#define FLASH_CRCCR        0x52002050u
#define FLASH_CRCSADD      0x52002054u
#define FLASH_CRCEADD      0x52002058u
#define FLASH_CRCDATA      0x5200205Cu
#define FLASH_ECC_FA       0x52002060u

#define FLASH_KEY1    0x45670123u
#define FLASH_KEY2    0xCDEF89ABu
#define FLASH_OPTKEY1 0x08192A3Bu
#define FLASH_OPTKEY2 0x4C5D6E7Fu

#define FLASH_ACR_LATENCY_Msk    0x0000000Fu
#define FLASH_ACR_WRHIGHFREQ_Pos 4
#define FLASH_ACR_WRHIGHFREQ_Msk 0x00000030u
#define FLASH_CR_LOCK            0x00000001u
#define FLASH_CR_PG              0x00000002u
#define FLASH_CR_SER             0x00000004u
#define FLASH_CR_BER             0x00000008u
#define FLASH_CR_PSIZE_Pos       4 // 0 x8, 1 x16, 2 x32, 3 x64
#define FLASH_CR_PSIZE_Msk       0x00000030u
#define FLASH_CR_FW              0x00000040u
#define FLASH_CR_START           0x00000080u
#define FLASH_CR_SNB_Pos         8
#define FLASH_CR_SNB_Msk         0x00000700u
#define FLASH_CR_CRC_EN          0x00008000u
#define FLASH_SR_BSY             0x00000001u
#define FLASH_SR_WBNE            0x00000002u
#define FLASH_SR_QW              0x00000004u
#define FLASH_SR_CRC_BUSY        0x00000008u
#define FLASH_SR_EOP             0x00010000u
#define FLASH_SR_WRPERR          0x00020000u
#define FLASH_SR_PGSERR          0x00040000u
#define FLASH_SR_STRBERR         0x00080000u
#define FLASH_SR_INCERR          0x00200000u
#define FLASH_SR_OPERR           0x00400000u
#define FLASH_SR_RDPERR          0x00800000u
#define FLASH_SR_RDSERR          0x01000000u
#define FLASH_SR_SNECCERR        0x02000000u
#define FLASH_SR_DBECCERR        0x04000000u
#define FLASH_SR_CRCEND          0x08000000u
#define FLASH_OPTCR_OPTLOCK      0x00000001u
#define FLASH_OPTCR_OPTSTART     0x00000002u
#define FLASH_OPTCR_MER          0x00000010u
#define FLASH_OPTCR_SWAP_BANK    0x80000000u

// ---- PWR, SYSCFG, DBGMCU, CRC ------------------------------------------------------------------
#define PWR_CR1             0x58024800u
#define PWR_CSR1            0x58024804u
#define PWR_CR2             0x58024808u
#define PWR_CR3             0x5802480Cu
#define PWR_CPUCR           0x58024810u
#define PWR_D3CR            0x58024818u
#define PWR_WKUPCR          0x58024820u
#define PWR_WKUPFR          0x58024824u
#define PWR_WKUPEPR         0x58024828u
#define PWR_CR1_PVDE        0x00000010u
#define PWR_CR1_PLS_Pos     5
#define PWR_CR1_PLS_Msk     0x000000E0u // 6: 2.85 V
#define PWR_CR1_DBP         0x00000100u
#define PWR_CSR1_PVDO       0x00000010u // VDD is below the level of PLS
#define PWR_CSR1_ACTVOSRDY  0x00002000u
#define PWR_CSR1_ACTVOS_Pos 14
#define PWR_CSR1_ACTVOS_Msk 0x0000C000u
#define PWR_CR3_BYPASS      0x00000001u
#define PWR_CR3_LDOEN       0x00000002u
#define PWR_CR3_SCUEN       0x00000004u
#define PWR_D3CR_VOSRDY     0x00002000u
#define PWR_D3CR_VOS_Pos    14 // 1 scale 3, 2 scale 2, 3 scale 1
#define PWR_D3CR_VOS_Msk    0x0000C000u

#define SYSCFG_PMCR       0x58000404u
#define SYSCFG_CCCSR      0x58000420u
#define SYSCFG_PWRCR      0x5800042Cu
#define SYSCFG_PKGR       0x58000524u
#define SYSCFG_PWRCR_ODEN 0x00000001u

#define DBGMCU_IDC           0x5C001000u
#define DBGMCU_CR            0x5C001004u
#define DBGMCU_APB3FZ1       0x5C001034u
#define DBGMCU_APB1LFZ1      0x5C00103Cu
#define DBGMCU_APB2FZ1       0x5C00104Cu
#define DBGMCU_APB4FZ1       0x5C001054u
#define DBGMCU_DEV_ID        0x450u // of the whole H742/743/750/753 family
#define DBGMCU_APB3FZ1_WWDG1 0x00000040u
#define DBGMCU_APB4FZ1_IWDG1 0x00040000u

#define CRC_DR              0x58024C00u
#define CRC_IDR             0x58024C04u
#define CRC_CR              0x58024C08u
#define CRC_INIT            0x58024C10u
#define CRC_POL             0x58024C14u
#define CRC_CR_RESET        0x00000001u
#define CRC_CR_POLYSIZE_Pos 3 // 0 32 bits, 1 16, 2 8, 3 7
#define CRC_CR_POLYSIZE_Msk 0x00000018u
#define CRC_CR_REV_IN_Pos   5 // 0 none, 1 by byte, 2 by half-word, 3 by word
#define CRC_CR_REV_IN_Msk   0x00000060u
#define CRC_CR_REV_OUT      0x00000080u

// ---- IWDG, USART, RTC, AXI interconnect --------------------------------------------------------
#define IWDG1_KR        0x58004800u
#define IWDG1_PR        0x58004804u
#define IWDG1_RLR       0x58004808u
#define IWDG1_SR        0x5800480Cu
#define IWDG1_WINR      0x58004810u
#define IWDG_KEY_RELOAD 0xAAAAu
#define IWDG_KEY_ACCESS 0x5555u
#define IWDG_KEY_START  0xCCCCu

#define USART_CR1(base)   ((base) + 0x00u)
#define USART_CR2(base)   ((base) + 0x04u)
#define USART_CR3(base)   ((base) + 0x08u)
#define USART_BRR(base)   ((base) + 0x0Cu)
#define USART_RQR(base)   ((base) + 0x18u)
#define USART_ISR(base)   ((base) + 0x1Cu)
#define USART_ICR(base)   ((base) + 0x20u)
#define USART_RDR(base)   ((base) + 0x24u)
#define USART_TDR(base)   ((base) + 0x28u)
#define USART_PRESC(base) ((base) + 0x2Cu)

#define RTC_TR    0x58004000u
#define RTC_DR    0x58004004u
#define RTC_CR    0x58004008u
#define RTC_ISR   0x5800400Cu
#define RTC_PRER  0x58004010u
#define RTC_WUTR  0x58004014u
#define RTC_WPR   0x58004024u
#define RTC_BKP0R 0x58004050u

#define GPV_TARG7_FN_MOD 0x51008108u // rev Y workaround register
