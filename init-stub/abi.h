// SPDX-License-Identifier: MIT
// The contract between the host (tcl/stub.tcl) and the init stub: one parameter block in, one
// result block out, both arrays of 32-bit words in RAM. The generated Tcl form of the stub carries
// these numbers, so that they are written only here.
//
// Entry:  PC = load address | 1 (Thumb), SP = top of a stack of QSPI_STUB_STACK bytes, r0 = address
// of
//         the parameter block, r1 = address of the result block, PRIMASK = 1.
// Exit:   bkpt #0; r0 = status. The result block is complete, its magic word written last.
#pragma once
#include <stdint.h>
#include "../driver/nor_found.h"
#include "../driver/qspi_pin.h"

#define QSPI_PARAM_MAGIC  0x31505351u // "QSP1"
#define QSPI_RESULT_MAGIC 0x31525351u // "QSR1"
#define QSPI_STUB_STACK   512u

enum qspi_pin_slot {
    QSPI_SLOT_CLK,
    QSPI_SLOT_NCS,
    QSPI_SLOT_IO0,
    QSPI_SLOT_IO1,
    QSPI_SLOT_IO2,
    QSPI_SLOT_IO3,
    QSPI_SLOT_NCS2, // second chip of dual-flash mode; absent if it shares NCS
    QSPI_SLOT_IO4,  // BK2_IO0..3 in dual-flash mode
    QSPI_SLOT_IO5,
    QSPI_SLOT_IO6,
    QSPI_SLOT_IO7,
    QSPI_SLOTS
};

#define QSPI_FLAG_BANK2     1u // single chip on bank 2 (CR.FSEL)
#define QSPI_FLAG_DUAL      2u // dual-flash mode (CR.DFM)
#define QSPI_FLAG_KEEP_CHIP 4u // no 66h/99h if the chip answers in SPI mode: volatile bits survive

struct qspi_params {
    uint32_t magic;
    uint32_t flags;
    uint32_t sck_hz;           // wanted SCK, not exceeded; 0 = the stub's default
    uint32_t size_hint;        // bytes of the whole bank if the chip does not tell; 0 = none
    uint32_t pins[QSPI_SLOTS]; // pin words (driver/qspi_pin.h), 0 = not wired
};

enum qspi_status {
    QSPI_OK = 0,
    QSPI_ERR_PARAM, // a parameter is wrong; detail = its word index, value = the word
    QSPI_ERR_HSI,   // HSI did not become ready; value = RCC_CR
    QSPI_ERR_CLOCK, // a clock bit did not take; detail = register address, value = the register
    QSPI_ERR_PIN,  // a pin did not take its setting (LCKR?); detail = pin word, value = MODER field
                   // | AF << 4
    QSPI_ERR_BUSY, // QUADSPI stayed BUSY; detail = the command: its CCR without FMODE, value = SR
    QSPI_ERR_TIMEOUT, // a transfer did not finish; detail = the command: its CCR without FMODE,
                      // value = SR
    QSPI_ERR_NO_CHIP, // JEDEC ID reads all ones or all zeros; detail = chip 0 or 1, value = id as
                      // read
    QSPI_ERR_UNSTABLE_ID,   // the id read at 250 kHz (jedec_id) differs from the one at full SCK;
                            // detail = chip, value = the latter
    QSPI_ERR_CHIP_BUSY,     // the chip stays busy even after a reset; value = SR1
    QSPI_ERR_SIZE,          // size unknown: not in the id, no SFDP, no hint
    QSPI_ERR_DUAL_MISMATCH, // the chips of dual-flash mode have different ids (jedec_id)
    QSPI_STATUS_COUNT
};

struct qspi_result {
    uint32_t magic;
    uint32_t status; // enum qspi_status
    uint32_t detail;
    uint32_t value;
    uint32_t jedec_id[2];  // 0xEF4017; [1] for the second chip of dual-flash mode
    uint32_t sr[2];        // SR1 | SR2 << 8 | SR3 << 16
    uint32_t size;         // bytes of the whole bank
    uint32_t sck_hz;       // SCK in use
    uint32_t cr, dcr, ccr; // QUADSPI as left behind
    uint32_t found;        // what the chip had to be brought out of: QSPI_FOUND_*
    uint32_t sfdp[2];      // BFPT density DWORD of each chip, 0 = no SFDP
};
