// SPDX-License-Identifier: MIT
// Erase, program and read through the FIFO, for loaders and firmware (the init stub has no room and
// no need for them). QUADSPI must be out of memory-mapped mode (qspi_stop()); afterwards nor_map()
// opens the window again.
//
// A `shape` is one of the macros below or any other of that kind (4-byte opcodes, more lines).
// Addresses are those each chip sees; in dual-flash mode bank address / 2.
#pragma once
#include "nor.h"

#define NOR_ADDRESSED(opcode)                                                                      \
    (QSPI_OP(QUADSPI_LINES_1, opcode) | QSPI_ADDRESS(QUADSPI_LINES_1, QUADSPI_SIZE_24))
#define NOR_SHAPE_ERASE_4K  NOR_ADDRESSED(NOR_CMD_ERASE_4K)
#define NOR_SHAPE_ERASE_64K NOR_ADDRESSED(NOR_CMD_ERASE_64K)
#define NOR_SHAPE_PROGRAM   (NOR_ADDRESSED(NOR_CMD_PAGE_PROGRAM) | QSPI_DATA(QUADSPI_LINES_1))
#define NOR_SHAPE_READ      (NOR_ADDRESSED(NOR_CMD_READ) | QSPI_DATA(QUADSPI_LINES_1))

// Longest times by the W25Q64JV datasheet (9.6), ms
#define NOR_MS_PROGRAM   3u
#define NOR_MS_ERASE_4K  400u
#define NOR_MS_ERASE_64K 2000u

enum nor_error {
    NOR_OK,
    NOR_ERR_CONTROLLER, // q->fault tells more
    NOR_ERR_WEL,        // the chip refuses write enable: status register or power trouble
    NOR_ERR_TIMEOUT,    // still busy after the time given
};

// 06h, and see that it took. With two chips WEL of both is asked for.
enum nor_error nor_write_enable(struct qspi *q);

// Wait until WIP is 0, at least `ms` milliseconds counted in SCK cycles.
enum nor_error nor_wait_ready(struct qspi *q, uint32_t ms);

// Erase the sector or block at `address` by `shape` and wait for at least `ms`. What a protected
// block does is nothing, silently: read it back.
enum nor_error nor_erase(struct qspi *q, uint32_t shape, uint32_t address, uint32_t ms);

// Program `length` bytes (1..256 a chip, within one page) and wait.
enum nor_error nor_program(struct qspi *q, uint32_t shape, uint32_t address, const uint8_t *data,
                           uint32_t length);

// Read `length` bytes (at least 1; even in dual-flash mode).
enum nor_error nor_read(struct qspi *q, uint32_t shape, uint32_t address, uint8_t *data,
                        uint32_t length);
