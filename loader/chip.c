// SPDX-License-Identifier: MIT
// Fast access to the flash for the loader, see chip.h. Times: W25Q64JV-DTR datasheet Rev J, 9.6.
#include "chip.h"
#include "../driver/reg.h"

#define WIDE_SIZE    0x01000000u // bytes that three address bytes reach
#define FIFO_CHUNK   16u         // bytes that FTF stands for
#define FTHRES       ((FIFO_CHUNK - 1) << QUADSPI_CR_FTHRES_Pos)
#define ERASE_MS     4000u // twice the longest, of a worn 64 KiB block
#define ERASE_LOOK   100u  // us between two looks
#define PROGRAM_MS   30u   // ten times the longest
#define PROGRAM_LOOK 20u   // looks before the timer is used again
#define CRC_ENABLE   (1u << RCC_AHB4_CRC_Pos)
#define CRC_SETUP    (3u << CRC_CR_REV_IN_Pos | CRC_CR_REV_OUT)
#define CRC_POLY     0x04C11DB7u // IEEE 802.3

#define ADDRESSED(c, opcode3, opcode4)                                                             \
    (QSPI_OP(QUADSPI_LINES_1, (c)->wide ? (opcode4) : (opcode3)) |                                 \
     QSPI_ADDRESS(QUADSPI_LINES_1, (c)->wide ? QUADSPI_SIZE_32 : QUADSPI_SIZE_24))

void chip_single(struct chip *c)
{
    c->lines = 1;
    c->read_shape = ADDRESSED(c, NOR_CMD_READ, NOR_CMD_READ_4B) | QSPI_DATA(QUADSPI_LINES_1);
    c->program_shape =
        ADDRESSED(c, NOR_CMD_PAGE_PROGRAM, NOR_CMD_PAGE_PROGRAM_4B) | QSPI_DATA(QUADSPI_LINES_1);
}

void chip_init(struct chip *c, uint32_t wiring, uint32_t size)
{
    qspi_init(&c->q, wiring);
    c->q.cr |= FTHRES;
    c->dual = wiring & QUADSPI_CR_DFM ? 1 : 0;
    c->wide = size >> c->dual > WIDE_SIZE;
    c->program_us = 300;
    c->row.page = NOR_PAGE_SIZE << c->dual;
    c->row.program_us = 400;
    c->row.erase_us[0] = 45000;
    c->row.erase_us[1] = 120000;
    c->row.erase_us[2] = 150000;
    c->row.erase_size[0] = 4096u << c->dual;
    // There is no 32 KiB erase with four address bytes on W25Q256; with two chips, 64 KiB of each
    // would be more than a block of the loader.
    c->row.erase_size[1] = c->wide ? 0 : 32768u << c->dual;
    c->row.erase_size[2] = c->dual ? 0 : 65536u;
    c->erase_shape[0] = ADDRESSED(c, NOR_CMD_ERASE_4K, NOR_CMD_ERASE_4K_4B);
    c->erase_shape[1] = ADDRESSED(c, NOR_CMD_ERASE_32K, NOR_CMD_ERASE_32K);
    c->erase_shape[2] = ADDRESSED(c, NOR_CMD_ERASE_64K, NOR_CMD_ERASE_64K_4B);
    chip_single(c);
}

static bool quad_makers(uint32_t maker)
{
    // Winbond, GigaDevice, Puya, XMC, Boya: QE is bit 1 of SR2, and 94h answers as on Winbond.
    return maker == NOR_MFR_WINBOND || maker == 0xC8 || maker == 0x85 || maker == 0x20 ||
           maker == 0x68;
}

// Maker and device id of each chip, read by the command of `shape` from address 0.
static void read_maker(struct chip *c, uint32_t shape, uint32_t id[2])
{
    qspi_command(&c->q, shape, 0);
    id[0] = c->q.data[0];
    id[1] = c->q.data[1];
}

void chip_try_quad(struct chip *c, uint32_t jedec_id)
{
    uint32_t sr[2], one[2], four[2];
    nor_read_status(&c->q, sr);
    if (c->dual)
        sr[0] &= sr[1];
    if (!quad_makers(jedec_id >> 16) || !(sr[0] >> 8 & NOR_SR2_QE))
        return;
    read_maker(c, NOR_ADDRESSED(NOR_CMD_READ_MFR_ID) | QSPI_DATA(QUADSPI_LINES_1), one);
    // 94h: address, mode byte (left out as two more dummy cycles would be: FFh by alternate bytes)
    // and 4 dummy cycles on four lines.
    reg_write(QUADSPI_ABR, 0xFF);
    read_maker(c,
               QSPI_OP(QUADSPI_LINES_1, NOR_CMD_READ_MFR_ID_QUAD) |
                   QSPI_ADDRESS(QUADSPI_LINES_4, QUADSPI_SIZE_24) |
                   QUADSPI_LINES_4 << QUADSPI_CCR_ABMODE_Pos | QSPI_DUMMY(4) |
                   QSPI_DATA(QUADSPI_LINES_4),
               four);
    if (c->q.fault || (one[0] & 0xFF) != jedec_id >> 16 || one[0] != four[0] || one[1] != four[1])
        return;
    c->lines = 4;
    c->read_shape = ADDRESSED(c, NOR_CMD_FAST_READ_QUAD, NOR_CMD_FAST_READ_QUAD_4B) |
                    QSPI_DUMMY(8) | QSPI_DATA(QUADSPI_LINES_4);
    c->program_shape = ADDRESSED(c, NOR_CMD_PAGE_PROGRAM_QUAD, NOR_CMD_PAGE_PROGRAM_QUAD_4B) |
                       QSPI_DATA(QUADSPI_LINES_4);
}

static void start_read(struct chip *c, uint32_t offset, uint32_t length)
{
    qspi_start(&c->q, c->read_shape, QUADSPI_FMODE_READ, offset >> c->dual, length);
}

// 16 bytes are in the FIFO after this, unless the controller fails.
static void wait_chunk(struct chip *c)
{
    if (!(reg_read(QUADSPI_SR) & QUADSPI_SR_FTF))
        qspi_wait(&c->q, QUADSPI_SR_FTF, QUADSPI_SR_FTF);
}

void chip_read(struct chip *c, uint32_t offset, uint8_t *to, uint32_t length)
{
    uint32_t *words = (uint32_t *)(void *)to;
    start_read(c, offset, length);
    for (; length && !c->q.fault; length -= FIFO_CHUNK) {
        wait_chunk(c);
        for (unsigned i = 0; i < FIFO_CHUNK / 4 && !c->q.fault; i++)
            *words++ = reg_read(QUADSPI_DR);
    }
}

void chip_crc_setup(void)
{
    reg_modify(RCC_AHB4ENR, 0, CRC_ENABLE);
    (void)reg_read(RCC_AHB4ENR);
    reg_write(CRC_POL, CRC_POLY);
    reg_write(CRC_INIT, UINT32_MAX);
}

uint32_t chip_crc(struct chip *c, uint32_t offset, uint32_t length)
{
    reg_write(CRC_CR, CRC_SETUP | CRC_CR_RESET);
    start_read(c, offset, length);
    for (; length && !c->q.fault; length -= FIFO_CHUNK) {
        wait_chunk(c);
        if (c->q.fault)
            break;
        reg_write(CRC_DR, reg_read(QUADSPI_DR));
        reg_write(CRC_DR, reg_read(QUADSPI_DR));
        reg_write(CRC_DR, reg_read(QUADSPI_DR));
        reg_write(CRC_DR, reg_read(QUADSPI_DR));
    }
    return ~reg_read(CRC_DR);
}

uint32_t chip_crc_ram(const uint8_t *bytes, uint32_t length)
{
    const uint32_t *words = (const uint32_t *)(const void *)bytes;
    reg_write(CRC_CR, CRC_SETUP | CRC_CR_RESET);
    for (uint32_t i = 0; i < length / 4; i++)
        reg_write(CRC_DR, words[i]);
    return ~reg_read(CRC_DR);
}

static uint32_t first_byte(uint32_t difference)
{
    return (uint32_t)__builtin_ctz(difference) / 8;
}

uint32_t chip_compare(struct chip *c, uint32_t offset, const uint8_t *with, uint32_t length)
{
    const uint32_t *words = (const uint32_t *)(const void *)with;
    uint32_t at = length;
    start_read(c, offset, length);
    for (uint32_t done = 0; done < length && !c->q.fault; done += FIFO_CHUNK, words += 4) {
        wait_chunk(c);
        if (c->q.fault)
            break;
        for (unsigned i = 0; i < FIFO_CHUNK / 4; i++) {
            uint32_t difference = reg_read(QUADSPI_DR) ^ words[i];
            if (difference && at == length)
                at = done + 4 * i + first_byte(difference);
        }
    }
    return at;
}

uint8_t chip_byte(struct chip *c, uint32_t offset)
{
    uint32_t chunk[FIFO_CHUNK / 4];
    chip_read(c, offset & ~(FIFO_CHUNK - 1), (uint8_t *)chunk, FIFO_CHUNK);
    return ((const uint8_t *)chunk)[offset % FIFO_CHUNK];
}

static bool ready(struct chip *c)
{
    qspi_command(&c->q, QSPI_OP(QUADSPI_LINES_1, NOR_CMD_READ_SR1) | QSPI_DATA(QUADSPI_LINES_1), 0);
    return !((c->q.data[0] | c->q.data[1]) & NOR_SR1_WIP);
}

// Look every ERASE_LOOK microseconds, for `ms` milliseconds.
static enum nor_error wait_long(struct chip *c, uint32_t ms)
{
    for (uint32_t looks = ms * 1000 / ERASE_LOOK; looks; looks--) {
        if (ready(c))
            return c->q.fault ? NOR_ERR_CONTROLLER : NOR_OK;
        timer_sleep(&c->timer, ERASE_LOOK);
    }
    return NOR_ERR_TIMEOUT;
}

enum nor_error chip_erase(struct chip *c, uint32_t kind, uint32_t offset)
{
    enum nor_error error = nor_write_enable(&c->q);
    if (error)
        return error;
    qspi_command(&c->q, c->erase_shape[kind], offset >> c->dual);
    return wait_long(c, ERASE_MS);
}

// Sleep for most of the time that programs have taken so far, then look often.
static enum nor_error wait_program(struct chip *c)
{
    timer_sleep(&c->timer, c->program_us);
    for (unsigned looks = 0; looks < PROGRAM_LOOK; looks++) {
        if (!ready(c))
            continue;
        if (c->q.fault)
            return NOR_ERR_CONTROLLER;
        if (looks == 0 && c->program_us > 50)
            c->program_us -= c->program_us / 16;
        else if (looks > 8)
            c->program_us += 10;
        return NOR_OK;
    }
    c->program_us += c->program_us < 2000 ? 40 : 0;
    return wait_long(c, PROGRAM_MS);
}

enum nor_error chip_program(struct chip *c, uint32_t offset, const uint8_t *data, uint32_t length)
{
    const uint32_t *words = (const uint32_t *)(const void *)data;
    enum nor_error error = nor_write_enable(&c->q);
    if (error)
        return error;
    qspi_start(&c->q, c->program_shape, QUADSPI_FMODE_WRITE, offset >> c->dual, length);
    for (; length && !c->q.fault; length -= FIFO_CHUNK) {
        wait_chunk(c); // FTF: room for as much
        for (unsigned i = 0; i < FIFO_CHUNK / 4; i++)
            reg_write(QUADSPI_DR, *words++);
    }
    qspi_wait(&c->q, QUADSPI_SR_TCF, QUADSPI_SR_TCF);
    return wait_program(c);
}
