// SPDX-License-Identifier: MIT
// The init stub: OpenOCD loads it into RAM and runs it on `reset init`. It brings clocks, pins,
// QUADSPI and the flash chip from any state into memory-mapped 1-1-1 read. Contract: abi.h.
#include <stddef.h>
#include "abi.h"
#include "../driver/nor.h"
#include "../driver/reg.h"

#define CHIP_MAX_24_BIT 0x01000000u // bytes that three address bytes reach

_Static_assert(QSPI_ERR_BUSY + 1 == QSPI_ERR_TIMEOUT, "enum qspi_fault maps on both");

__attribute__((used)) uint32_t stub_main(const struct qspi_params *params,
                                         struct qspi_result *result);

#ifndef QSPI_HOST_TEST
void entry(void);
// The first code of the image. r0 and r1 pass through to stub_main(), its status returns in r0.
__attribute__((naked, used, section(".text.entry"))) void entry(void)
{
    __asm volatile("bl stub_main\n"
                   "bkpt #0\n");
}
#endif

static enum qspi_status stop(struct qspi_result *result, enum qspi_status status, uint32_t detail,
                             uint32_t value)
{
    result->detail = detail;
    result->value = value;
    return status;
}

static enum qspi_status stop_clock(struct qspi_result *result, uint32_t address)
{
    return stop(result, QSPI_ERR_CLOCK, address, reg_read(address));
}

static enum qspi_status check_params(const struct qspi_params *params, struct qspi_result *result)
{
    const uint32_t *words = &params->magic;
    uint32_t index = offsetof(struct qspi_params, magic) / 4;
    if (params->magic != QSPI_PARAM_MAGIC)
        return stop(result, QSPI_ERR_PARAM, index, words[index]);

    uint32_t needed =
        1u << QSPI_SLOT_CLK | 1u << QSPI_SLOT_NCS | 1u << QSPI_SLOT_IO0 | 1u << QSPI_SLOT_IO1;
    if (params->flags & QSPI_FLAG_DUAL)
        needed |= 1u << QSPI_SLOT_IO4 | 1u << QSPI_SLOT_IO5;
    for (unsigned slot = 0; slot < QSPI_SLOTS; slot++, needed >>= 1) {
        uint32_t word = params->pins[slot];
        bool absent = !word && !(needed & 1);
        bool valid = (word & ~0xFFFu) == QSPI_PIN_VALID && QSPI_PIN_PORT(word) < QSPI_PIN_PORTS;
        if (!absent && !valid)
            return stop(result, QSPI_ERR_PARAM, offsetof(struct qspi_params, pins) / 4 + slot,
                        word);
    }
    return QSPI_OK;
}

// Clocks and pins. QUADSPI runs before its pins are connected, and NCS is the first of them and CLK
// the last, so that no chip sees a clock edge while it is selected by chance.
static enum qspi_status connect(const struct qspi_params *params, struct qspi *q,
                                struct qspi_result *result)
{
    q->kernel_hz = qspi_start_hsi();
    if (!q->kernel_hz)
        return stop(result, QSPI_ERR_HSI, RCC_CR, reg_read(RCC_CR));
    if (!qspi_select_hsi())
        return stop_clock(result, RCC_D1CCIPR);
    if (!qspi_enable(q))
        return stop_clock(result, RCC_AHB3ENR);
    unsigned slot = QSPI_SLOT_CLK;
    do {
        if (++slot == QSPI_SLOTS)
            slot = QSPI_SLOT_CLK;
        uint32_t pin = params->pins[slot];
        if (!pin)
            continue;
        if (!qspi_enable_port(QSPI_PIN_PORT(pin)))
            return stop_clock(result, RCC_AHB4ENR);
        // Pulled up, a line that nobody drives reads 1: an absent chip gives FFFFFF, and so does
        // AFh, which OpenOCD asks before 9Fh and a W25Q does not answer.
        if (!qspi_connect_pin(pin, slot != QSPI_SLOT_CLK))
            return stop(result, QSPI_ERR_PIN, pin, qspi_pin_state(pin));
    } while (slot != QSPI_SLOT_CLK);
    return QSPI_OK;
}

// Recover and identify the chip, then map it: mapped also if something is wrong with the chip, so
// that the window and stmqspi find a controller that answers.
static enum qspi_status start_chip(const struct qspi_params *params, struct qspi *q,
                                   struct qspi_result *result)
{
    uint32_t fast[2];
    uint32_t dual = params->flags / QSPI_FLAG_DUAL & 1;
    uint32_t sck = params->sck_hz ? params->sck_hz : UINT32_MAX;
    uint32_t busy = nor_recover(q, params->flags & QSPI_FLAG_KEEP_CHIP, &result->found);
    nor_read_id(q, result->jedec_id);
    nor_set_speed(q, sck, 0x80000000u);
    nor_read_id(q, fast);
    nor_read_status(q, result->sr);
    nor_read_density(q, result->sfdp);

    uint32_t size = nor_capacity(result->sfdp[0], result->jedec_id[0]) << dual;
    if (!size)
        size = params->size_hint;
    result->size = size;
    if (!size)
        size = CHIP_MAX_24_BIT;
    bool long_address = size >> dual > CHIP_MAX_24_BIT;
    nor_set_speed(q, sck, size);
    nor_map(q, long_address);
    result->sck_hz = q->sck_hz;
    result->cr = reg_read(QUADSPI_CR);
    result->dcr = reg_read(QUADSPI_DCR);
    result->ccr = reg_read(QUADSPI_CCR);

    if (q->fault)
        return stop(result, QSPI_ERR_BUSY + q->fault - QSPI_FAULT_BUSY, q->shape,
                    reg_read(QUADSPI_SR));
    for (unsigned chip = 0; chip <= dual; chip++) {
        uint32_t id = result->jedec_id[chip];
        if (id == 0 || id == 0xFFFFFF)
            return stop(result, QSPI_ERR_NO_CHIP, chip, id);
        if (fast[chip] != id)
            return stop(result, QSPI_ERR_UNSTABLE_ID, chip, fast[chip]);
    }
    if (busy)
        return stop(result, QSPI_ERR_CHIP_BUSY, 0, busy);
    if (dual && result->jedec_id[0] != result->jedec_id[1])
        return QSPI_ERR_DUAL_MISMATCH;
    return result->size ? QSPI_OK : QSPI_ERR_SIZE;
}

uint32_t stub_main(const struct qspi_params *params, struct qspi_result *result)
{
    struct qspi q;
    qspi_init(&q, (params->flags & QSPI_FLAG_BANK2) * (QUADSPI_CR_FSEL / QSPI_FLAG_BANK2) |
                      (params->flags & QSPI_FLAG_DUAL) * (QUADSPI_CR_DFM / QSPI_FLAG_DUAL));
    for (unsigned i = 0; i < sizeof *result / 4; i++)
        ((volatile uint32_t *)result)[i] = 0;

    enum qspi_status status = check_params(params, result);
    if (!status)
        status = connect(params, &q, result);
    if (!status)
        status = start_chip(params, &q, result);
    result->status = status;
    __asm volatile("" ::: "memory"); // the magic word comes last
    result->magic = QSPI_RESULT_MAGIC;
    return status;
}
