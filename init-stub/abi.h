// SPDX-License-Identifier: MIT
// The contract between the host (tcl/stub.tcl) and the init stub: one parameter block in, one
// result block out, both arrays of 32-bit words in RAM. The generated Tcl form of the stub carries
// these numbers, so that they are written only here.
//
// Entry:  PC = load address | 1 (Thumb), SP = top of a stack of QSPI_STUB_STACK bytes, r0 = address of
//         the parameter block, r1 = address of the result block, PRIMASK = 1.
// Exit:   bkpt #0; r0 = status. The result block is complete, its magic word written last.
#pragma once
#include <stdint.h>

#define QSPI_PARAM_MAGIC  0x31505351u // "QSP1"
#define QSPI_RESULT_MAGIC 0x31525351u // "QSR1"
#define QSPI_STUB_STACK   512u

// One pin: 0 = not wired, else QSPI_PIN_VALID | port (A = 0) << 8 | pin << 4 | AF number.
#define QSPI_PIN_VALID            0x80000000u
#define QSPI_PIN_WORD(p, n, af)   (QSPI_PIN_VALID | (uint32_t)(p) << 8 | (uint32_t)(n) << 4 | (uint32_t)(af))

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

#define QSPI_FLAG_BANK2 1u // single chip on bank 2 (CR.FSEL)
#define QSPI_FLAG_DUAL  2u // dual-flash mode (CR.DFM)

struct qspi_params {
    uint32_t magic;
    uint32_t flags;
    uint32_t sck_hz;    // wanted SCK, not exceeded; 0 = the stub's default
    uint32_t size_hint; // bytes of the whole bank if the chip does not tell; 0 = none
    uint32_t pins[QSPI_SLOTS];
};

enum qspi_status {
    QSPI_OK = 0,
    QSPI_ERR_PARAM,      // magic or a pin word is wrong; detail = word index
    QSPI_ERR_HSI,        // HSI did not become ready
    QSPI_ERR_CLOCK,      // a clock enable bit did not stick; detail = register address
    QSPI_ERR_PIN,        // a pin did not take its mode or AF (locked by LCKR?); detail = pin word, value = MODER|AF read
    QSPI_ERR_BUSY,       // QUADSPI stayed BUSY; detail = step
    QSPI_ERR_TIMEOUT,    // a transfer did not finish; detail = step
    QSPI_ERR_NO_CHIP,    // JEDEC ID reads all ones or all zeros; detail = id as read
    QSPI_ERR_UNSTABLE_ID, // two reads of the JEDEC ID differ: floating or noisy lines
    QSPI_ERR_CHIP_BUSY,  // the chip stays busy (WIP) beyond the longest erase; value = SR1
    QSPI_ERR_SIZE,       // size unknown: not in the ID, no SFDP, no hint
    QSPI_ERR_DUAL_MISMATCH, // the two chips of dual-flash mode answer with different ids
    QSPI_STATUS_COUNT
};

struct qspi_result {
    uint32_t magic;
    uint32_t status;      // enum qspi_status
    uint32_t detail;
    uint32_t value;
    uint32_t jedec_id[2]; // 0xEF4017; [1] for the second chip of dual-flash mode
    uint32_t sr[2];       // SR1 | SR2 << 8 | SR3 << 16
    uint32_t size;        // bytes of the whole bank
    uint32_t sck_hz;      // SCK in use
    uint32_t cr, dcr, ccr; // QUADSPI as left behind
    uint32_t found;       // what the chip had to be brought out of: QSPI_FOUND_*
    uint32_t sfdp[2];     // BFPT density DWORD of each chip, 0 = no SFDP
};

#define QSPI_FOUND_BUSY       1u // an erase or program was running
#define QSPI_FOUND_SUSPENDED  2u // an erase or program was suspended
