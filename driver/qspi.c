// SPDX-License-Identifier: MIT
// The QUADSPI controller (RM0433 chapters RCC, GPIO, "Quad-SPI interface"); see qspi.h.
#include "qspi.h"
#include "reg.h"

// Turns of a polling loop before a wait is given up. A turn takes 5 core cycles at the least, so
// this is 2 ms with the fastest core (480 MHz), seven times the longest command that runs at 250
// kHz (72 clocks), and about a second with the slowest (4 MHz).
#define WAIT_TURNS 200000u

#define HSI_HZ 64000000u

#define CCR_FREE_RUNNING 0x20000000u // only for the sequence of ES0392 below

// Poll a register until (value & mask) == want. Returns false when the turns run out.
static bool wait_register(uint32_t address, uint32_t mask, uint32_t want)
{
    for (uint32_t turns = WAIT_TURNS; turns; turns--) {
        if ((reg_read(address) & mask) == want)
            return true;
    }
    return false;
}

uint32_t qspi_start_hsi(void)
{
    reg_modify(RCC_CR, 0, RCC_CR_HSION);
    if (!wait_register(RCC_CR, RCC_CR_HSIRDY, RCC_CR_HSIRDY))
        return 0;
    return HSI_HZ >> ((reg_read(RCC_CR) & RCC_CR_HSIDIV_Msk) >> RCC_CR_HSIDIV_Pos);
}

bool qspi_select_hsi(void)
{
    uint32_t ccipr = reg_read(RCC_D1CCIPR);
    uint32_t old = (ccipr & RCC_D1CCIPR_QSPISEL_Msk) >> RCC_D1CCIPR_QSPISEL_Pos;

    // A clock switch moves only while both of its inputs run (RM0433 "Clock switching delays").
    uint32_t on = (RCC_CR_PLL1ON >> 2) << 2 * old; // PLL1ON or PLL2ON, if it is one of them
    uint32_t ready = on << 1;
    if ((old == RCC_QSPISEL_PLL1Q || old == RCC_QSPISEL_PLL2R) && !(reg_read(RCC_CR) & ready)) {
        reg_modify(RCC_PLLCFGR, 0, RCC_PLLCFGR_DIVQ1EN | RCC_PLLCFGR_DIVR1EN << 3);
        reg_modify(RCC_CR, 0, on);
        if (!wait_register(RCC_CR, ready, ready))
            return false;
    }
    ccipr &= ~RCC_D1CCIPR_CKPERSEL_Msk;
    reg_write(RCC_D1CCIPR, ccipr); // per_ck = HSI first, should it be the old input
    reg_write(RCC_D1CCIPR, ccipr | RCC_QSPISEL_PER << RCC_D1CCIPR_QSPISEL_Pos);
    return true;
}

// Set one enable bit and see that it sticks; the read also gives the clock its start-up cycles.
static bool enable_clock(uint32_t address, uint32_t bit)
{
    reg_modify(address, 0, bit);
    return (reg_read(address) & bit) != 0;
}

bool qspi_enable_port(unsigned port)
{
    return enable_clock(RCC_AHB4ENR, 1u << RCC_AHB4_GPIO_Pos(port));
}

// What ES0392 "Internal timing criticality" asks for after a reset and after memory-mapped mode: a
// free running clock, stopped before CLK moves. QUADSPI must be idle; it is switched off
// afterwards.
static void settle_timing(void)
{
    reg_write(QUADSPI_CR, QUADSPI_CR_PRESCALER_Msk | QUADSPI_CR_EN);
    reg_write(QUADSPI_CCR, CCR_FREE_RUNNING);
    reg_write(QUADSPI_CCR, CCR_FREE_RUNNING);
    reg_write(QUADSPI_CR, 0);
    (void)wait_register(QUADSPI_SR, QUADSPI_SR_BUSY, 0);
}

bool qspi_enable(const struct qspi *q)
{
    if (!enable_clock(RCC_AHB3ENR, RCC_AHB3ENR_QSPIEN))
        return false;
    reg_modify(RCC_AHB3RSTR, 0, RCC_AHB3RSTR_QSPIRST);
    reg_modify(RCC_AHB3RSTR, RCC_AHB3RSTR_QSPIRST, 0);
    settle_timing();
    reg_write(QUADSPI_CR, q->cr);
    return true;
}

// Replace one pin's field of `width` bits in a GPIO register.
static void set_field(uint32_t address, uint32_t index, uint32_t width, uint32_t value)
{
    uint32_t shift = index * width;
    reg_modify(address, ((1u << width) - 1) << shift, value << shift);
}

bool qspi_connect_pin(uint32_t pin_word, bool pull_up)
{
    uint32_t base = GPIO_PORT(QSPI_PIN_PORT(pin_word));
    uint32_t pin = QSPI_PIN_NUMBER(pin_word);

    // The mode comes last, so that the pin goes from what it was to its final drive in one step.
    set_field(base + GPIO_OTYPER_OFFSET, pin, 1, 0);
    set_field(base + GPIO_OSPEEDR_OFFSET, pin, 2, 3);
    set_field(base + GPIO_PUPDR_OFFSET, pin, 2, pull_up);
    set_field(base + GPIO_AFRL_OFFSET + pin / 8 * 4, pin % 8, 4, QSPI_PIN_AF(pin_word));
    set_field(base + GPIO_MODER_OFFSET, pin, 2, 2);
    return qspi_pin_state(pin_word) == (2u | QSPI_PIN_AF(pin_word) << 4);
}

uint32_t qspi_pin_state(uint32_t pin_word)
{
    uint32_t base = GPIO_PORT(QSPI_PIN_PORT(pin_word));
    uint32_t pin = QSPI_PIN_NUMBER(pin_word);
    uint32_t mode = reg_read(base + GPIO_MODER_OFFSET) >> pin * 2 & 3u;
    uint32_t af = reg_read(base + GPIO_AFRL_OFFSET + pin / 8 * 4) >> pin % 8 * 4 & 0xFu;
    return mode | af << 4;
}

void qspi_wait(struct qspi *q, uint32_t mask, uint32_t value)
{
    if (q->fault || wait_register(QUADSPI_SR, mask, value))
        return;
    q->fault = value ? QSPI_FAULT_TIMEOUT : QSPI_FAULT_BUSY;
}

void qspi_configure(struct qspi *q, uint32_t max_hz, uint32_t ncs_hz, uint32_t fsize)
{
    // PRESCALER is odd: SCK has a duty of 50 %, and never 0, which asks as much of the kernel clock
    // (errata sheet ES0392).
    uint32_t prescaler = (q->kernel_hz - 1) / max_hz | 1u;
    if (prescaler > 255)
        prescaler = 255;
    q->sck_hz = q->kernel_hz / (prescaler + 1);
    uint32_t csht = q->sck_hz / ncs_hz;
    if (csht > 7)
        csht = 7;

    qspi_wait(q, QUADSPI_SR_BUSY, 0);
    reg_write(QUADSPI_DCR, fsize << QUADSPI_DCR_FSIZE_Pos | csht << QUADSPI_DCR_CSHT_Pos);
    // SSHIFT: sample half a cycle later, which leaves room for the delays of pads and chip.
    reg_write(QUADSPI_CR, q->cr | QUADSPI_CR_SSHIFT | prescaler << QUADSPI_CR_PRESCALER_Pos);
}

void qspi_start(struct qspi *q, uint32_t shape, uint32_t fmode, uint32_t address, uint32_t bytes)
{
    qspi_wait(q, QUADSPI_SR_BUSY, 0);
    if (q->fault)
        return;
    q->shape = shape;
    reg_write(QUADSPI_FCR, QUADSPI_FCR_CTCF | QUADSPI_FCR_CTEF);
    reg_write(QUADSPI_DLR, bytes - 1);
    reg_write(QUADSPI_CCR, shape | fmode << QUADSPI_CCR_FMODE_Pos);
    // In dual-flash mode the chips see AR / 2.
    if (shape & QUADSPI_CCR_ADMODE_Msk)
        reg_write(QUADSPI_AR, q->cr & QUADSPI_CR_DFM ? address << 1 : address);
}

void qspi_command(struct qspi *q, uint32_t shape, uint32_t address)
{
    unsigned chips = q->cr & QUADSPI_CR_DFM ? 2 : 1;
    if (!(shape & QUADSPI_CCR_DMODE_Msk)) {
        qspi_start(q, shape, QUADSPI_FMODE_WRITE, address, 0);
        qspi_wait(q, QUADSPI_SR_TCF, QUADSPI_SR_TCF);
        return;
    }
    qspi_start(q, shape, QUADSPI_FMODE_READ, address, 4 * chips);
    // All of it fits into the FIFO. Reading DR before the bytes are there would stall the bus.
    qspi_wait(q, QUADSPI_SR_FLEVEL_Msk, 4 * chips << QUADSPI_SR_FLEVEL_Pos);
    q->data[0] = q->data[1] = 0;
    if (q->fault)
        return;
    for (unsigned byte = 0; byte < 4; byte++) {
        for (unsigned chip = 0; chip < chips; chip++)
            ((uint8_t *)&q->data[chip])[byte] = reg_read8(QUADSPI_DR);
    }
}

void qspi_map(struct qspi *q, uint32_t shape)
{
    // A CCR written while BUSY is ignored and would leave the last command's phases behind.
    qspi_wait(q, QUADSPI_SR_BUSY, 0);
    reg_write(QUADSPI_CCR, shape | QUADSPI_FMODE_MAPPED << QUADSPI_CCR_FMODE_Pos);
}

void qspi_stop(struct qspi *q)
{
    reg_modify(QUADSPI_CR, 0, QUADSPI_CR_ABORT);
    if (!wait_register(QUADSPI_CR, QUADSPI_CR_ABORT, 0) && !q->fault) {
        q->fault = QSPI_FAULT_BUSY;
    }
    qspi_wait(q, QUADSPI_SR_BUSY, 0);
    uint32_t cr = reg_read(QUADSPI_CR);
    reg_write(QUADSPI_CR, 0);
    settle_timing();
    reg_write(QUADSPI_CR, cr);
}
