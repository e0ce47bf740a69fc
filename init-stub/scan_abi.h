// SPDX-License-Identifier: MIT
// The contract between the host (tcl/scan.tcl) and the scan stub, in the manner of abi.h: the host
// says which pins may carry which signal, the stub answers with the chips it found and where.
//
// Entry and exit as in abi.h, with a stack of QSPI_SCAN_STACK bytes. The stub leaves its pins as
// inputs and the QUADSPI clocked: the host puts all registers back.
#pragma once
#include <stdint.h>
#include "../driver/qspi_pin.h"
#include "abi.h"

#define QSPI_SCAN_PARAM_MAGIC  0x31435351u // "QSC1"
#define QSPI_SCAN_RESULT_MAGIC 0x31525343u // "CSR1"
#define QSPI_SCAN_STACK        1024u
#define QSPI_SCAN_CHOICES      4u // pins that one signal may be tried on
#define QSPI_SCAN_CHIPS        4u // chips reported at most

// Signals as data/quadspi-pins.csv names them. Those of a bank follow one another in the order of
// enum qspi_pin_slot, from NCS on.
enum qspi_scan_signal {
    QSPI_SCAN_CLK,
    QSPI_SCAN_BK1_NCS,
    QSPI_SCAN_BK1_IO0,
    QSPI_SCAN_BK1_IO1,
    QSPI_SCAN_BK1_IO2,
    QSPI_SCAN_BK1_IO3,
    QSPI_SCAN_BK2_NCS,
    QSPI_SCAN_BK2_IO0,
    QSPI_SCAN_BK2_IO1,
    QSPI_SCAN_BK2_IO2,
    QSPI_SCAN_BK2_IO3,
    QSPI_SCAN_SIGNALS
};

// Why a pin was left out.
enum qspi_scan_skip {
    QSPI_SCAN_USED,
    QSPI_SCAN_LOCKED,    // by LCKR, until the next reset
    QSPI_SCAN_HELD_HIGH, // an output of something else drives it
    QSPI_SCAN_HELD_LOW,
    QSPI_SCAN_MOVES, // its level changes by itself: a clock or data of something else
};

// Flags of a chip.
#define QSPI_SCAN_BANK2  1u  // on bank 2
#define QSPI_SCAN_SHARED 2u  // on bank 2, selected by the NCS of the chip before it in the list
#define QSPI_SCAN_BUSY   4u  // busy for more than 3 s: it has no id, its IO2 and IO3 are not known
#define QSPI_SCAN_NO_QE  8u  // QE is 0 and does not take a volatile 1: no quad reads
#define QSPI_SCAN_HOLD   16u // IO3 was told by its /HOLD or /RESET function

enum qspi_scan_status {
    QSPI_SCAN_OK,            // the scan went through, with or without a chip
    QSPI_SCAN_ERR_PARAM,     // not the magic word
    QSPI_SCAN_ERR_HSI,       // HSI did not become ready
    QSPI_SCAN_ERR_CLOCK,     // a clock bit did not take
    QSPI_SCAN_ERR_CONTROLLER // QUADSPI hangs; value = its SR
};

// Flag of a scan: also try F5h on four lines, by which ISSI, Macronix and Micron leave QPI. Its
// last clock holds IO3 low, for a chip in SPI mode /HOLD or /RESET: only for a second scan, after
// one that found no chip in SPI mode.
#define QSPI_SCAN_TRY_F5 1u

struct qspi_scan_params {
    uint32_t magic;
    uint32_t flags;                                       // QSPI_SCAN_TRY_F5
    uint32_t pins[QSPI_SCAN_SIGNALS * QSPI_SCAN_CHOICES]; // pin words by signal, 0 = no more
};

struct qspi_scan_chip {
    uint32_t flags;                    // QSPI_SCAN_BANK2...
    uint32_t lines[QSPI_SLOT_IO3 + 1]; // pin words by enum qspi_pin_slot, 0 = not told
    uint32_t id;                       // 0xEF4017
    uint32_t bytes;                    // size, 0 = unknown
    uint32_t density;                  // BFPT density DWORD, 0 = no SFDP
};

struct qspi_scan_result {
    uint32_t magic;
    uint32_t status; // enum qspi_scan_status
    uint32_t value;
    uint32_t tried;                      // combinations of CLK, NCS, IO0 and IO1
    uint32_t found;                      // entries of `chips` in use
    uint32_t skipped[QSPI_SCAN_SIGNALS]; // enum qspi_scan_skip of each choice, a byte each
    struct qspi_scan_chip chips[QSPI_SCAN_CHIPS];
};
