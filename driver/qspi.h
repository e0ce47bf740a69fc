// SPDX-License-Identifier: MIT
// The QUADSPI controller of the STM32H742/743/750/753: clocks, pins, single commands and the
// memory-mapped window. Serves the init stub, the loaders and firmware: freestanding, position
// independent, no static data, and every wait is bounded.
//
// Errors are sticky: after a wait that ran out, struct qspi holds its kind and the command, and
// every later call on it does nothing. So a caller checks `fault` where it matters, not after each
// command.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "qspi_pin.h"
#include "stm32h7_regs.h"

enum qspi_fault {
    QSPI_FAULT_NONE,
    QSPI_FAULT_BUSY,    // SR.BUSY stayed set: the controller takes no command
    QSPI_FAULT_TIMEOUT, // a transfer did not finish: no kernel clock, or the controller hangs
};

struct qspi {
    uint32_t cr;        // CR without PRESCALER: EN, and FSEL or DFM as the wiring needs
    uint32_t kernel_hz; // clock before the prescaler
    uint32_t sck_hz;    // set by qspi_configure()
    uint32_t data[2];   // answer of the last command, first byte in the low bits; [1] is the second
                        // chip of dual-flash mode
    uint32_t shape;     // the last command started; after a fault the one that failed
    uint32_t fault;     // enum qspi_fault
};

// A command's shape is its CCR value without FMODE. Lines are QUADSPI_LINES_x.
#define QSPI_OP(lines, opcode) ((uint32_t)(lines) << QUADSPI_CCR_IMODE_Pos | (opcode))
#define QSPI_ADDRESS(lines, size)                                                                  \
    ((uint32_t)(lines) << QUADSPI_CCR_ADMODE_Pos | (uint32_t)(size) << QUADSPI_CCR_ADSIZE_Pos)
#define QSPI_DUMMY(cycles) ((uint32_t)(cycles) << QUADSPI_CCR_DCYC_Pos)
#define QSPI_DATA(lines)   ((uint32_t)(lines) << QUADSPI_CCR_DMODE_Pos)

// Start with a fresh handle. `wiring` is 0 for bank 1, QUADSPI_CR_FSEL for bank 2, QUADSPI_CR_DFM
// for dual-flash mode.
static inline void qspi_init(struct qspi *q, uint32_t wiring)
{
    q->cr = QUADSPI_CR_EN | wiring;
    q->shape = 0;
    q->fault = QSPI_FAULT_NONE;
}

// Switch the HSI on and wait until it is ready. Returns its frequency in Hz behind HSIDIV, 0 if it
// does not start (RM0433 RCC_CR).
uint32_t qspi_start_hsi(void);

// Make per_ck = HSI the kernel clock of QUADSPI, so that SCK does not depend on any PLL. If the
// clock that was selected before is off, it is started first, and stays on. Returns false if it
// does not start.
bool qspi_select_hsi(void);

// Clock GPIO port `port` (A = 0). Returns false if the enable bit does not stick.
bool qspi_enable_port(unsigned port);

// Clock QUADSPI and put it and its delay block through a reset, then switch it on idle: NCS is
// driven high from here on wherever a pin is connected to it. Returns false if the enable bit does
// not stick.
bool qspi_enable(const struct qspi *q);

// Connect the pin of a pin word: push-pull, very high speed, pull-up if `pull_up`, alternate
// function. Its port must be clocked. Returns false if the mode or AF did not take (LCKR).
bool qspi_connect_pin(uint32_t pin_word, bool pull_up);

// What a pin is set to now: MODER field | AF number << 4.
uint32_t qspi_pin_state(uint32_t pin_word);

// Set SCK to at most `max_hz` (at least kernel clock / 256), the time of NCS high between commands
// to at least 1 / `ncs_hz` seconds (at most 8 SCK cycles), and DCR.FSIZE.
void qspi_configure(struct qspi *q, uint32_t max_hz, uint32_t ncs_hz, uint32_t fsize);

// Run one command; if its shape has data, read four bytes from each chip into q->data. (The chip
// repeats a register that is shorter.) `address` is the one that each chip sees, ignored if the
// shape has none.
void qspi_command(struct qspi *q, uint32_t shape, uint32_t address);

// Start a command that moves `bytes` bytes (all chips together) in FMODE `fmode`. The caller feeds
// or drains the FIFO.
void qspi_start(struct qspi *q, uint32_t shape, uint32_t fmode, uint32_t address, uint32_t bytes);

// Wait until (SR & mask) == value. A `value` of 0 waits for something to end (BUSY), another one
// for something to come: that decides the kind of fault.
void qspi_wait(struct qspi *q, uint32_t mask, uint32_t value);

// Enter memory-mapped mode with the read command `shape`.
void qspi_map(struct qspi *q, uint32_t shape);

// Leave memory-mapped mode, or cut off whatever runs, by ABORT.
void qspi_stop(struct qspi *q);
