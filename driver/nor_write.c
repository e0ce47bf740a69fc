// SPDX-License-Identifier: MIT
// Erase, program and read of a SPI NOR chip in indirect mode (W25Q64JV-DTR datasheet Rev J, 8.2);
// see nor_write.h.
#include "nor_write.h"
#include "reg.h"

#define POLL_CLOCKS 40u // opcode and four bytes of SR1

static uint32_t poll_sr1(struct qspi *q)
{
    qspi_command(q, QSPI_OP(QUADSPI_LINES_1, NOR_CMD_READ_SR1) | QSPI_DATA(QUADSPI_LINES_1), 0);
    return q->data[0] | q->data[1];
}

static enum nor_error controller_state(const struct qspi *q)
{
    return q->fault ? NOR_ERR_CONTROLLER : NOR_OK;
}

enum nor_error nor_wait_ready(struct qspi *q, uint32_t ms)
{
    for (uint32_t polls = q->sck_hz / 1000u * ms / POLL_CLOCKS + 1; polls; polls--) {
        if (!(poll_sr1(q) & NOR_SR1_WIP))
            return controller_state(q);
    }
    return NOR_ERR_TIMEOUT;
}

enum nor_error nor_write_enable(struct qspi *q)
{
    qspi_command(q, QSPI_OP(QUADSPI_LINES_1, NOR_CMD_WRITE_ENABLE), 0);
    poll_sr1(q);
    if (q->fault)
        return NOR_ERR_CONTROLLER;
    bool second = !(q->cr & QUADSPI_CR_DFM) || q->data[1] & NOR_SR1_WEL;
    return q->data[0] & NOR_SR1_WEL && second ? NOR_OK : NOR_ERR_WEL;
}

enum nor_error nor_erase(struct qspi *q, uint32_t shape, uint32_t address, uint32_t ms)
{
    enum nor_error error = nor_write_enable(q);
    if (error)
        return error;
    qspi_command(q, shape, address);
    return nor_wait_ready(q, ms);
}

enum nor_error nor_program(struct qspi *q, uint32_t shape, uint32_t address, const uint8_t *data,
                           uint32_t length)
{
    enum nor_error error = nor_write_enable(q);
    if (error)
        return error;
    qspi_start(q, shape, QUADSPI_FMODE_WRITE, address, length);
    for (; length && !q->fault; length--) {
        // FTF: with FTHRES = 0, room for one byte
        qspi_wait(q, QUADSPI_SR_FTF, QUADSPI_SR_FTF);
        reg_write8(QUADSPI_DR, *data++);
    }
    qspi_wait(q, QUADSPI_SR_TCF, QUADSPI_SR_TCF);
    return nor_wait_ready(q, NOR_MS_PROGRAM);
}

enum nor_error nor_read(struct qspi *q, uint32_t shape, uint32_t address, uint8_t *data,
                        uint32_t length)
{
    qspi_start(q, shape, QUADSPI_FMODE_READ, address, length);
    for (; length; length--) {
        // FTF: with FTHRES = 0, at least one byte in the FIFO
        qspi_wait(q, QUADSPI_SR_FTF, QUADSPI_SR_FTF);
        if (q->fault)
            break;
        *data++ = reg_read8(QUADSPI_DR);
    }
    return controller_state(q);
}
