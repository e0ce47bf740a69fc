// SPDX-License-Identifier: MIT
// The SPI NOR chip behind QUADSPI as the init stub and firmware need it first: bring it to 1-line
// SPI from any state, ask who it is, map it. In dual-flash mode each command goes to both chips and
// each answer is an array of two; with one chip [1] is 0.
#pragma once
#include "nor_cmds.h"
#include "nor_found.h"
#include "qspi.h"

// Bring the chip to 1-line SPI whatever it was left in: continuous read (SPI or QPI, SDR or DTR, 3
// or 4 address bytes), QPI, power-down, busy, suspended. Sets SCK to 250 kHz, which is also the
// clock that all of its waiting is counted in; so it takes the same time whatever the core runs at.
// A running operation is waited for, at least 3 s (an erase block takes 2 s at most), then reset.
// With `keep`, a chip that answers in SPI mode is not reset (66h, 99h) and keeps its volatile bits.
// `found` gets QSPI_FOUND_x.
// Returns the SR1 bits that stay set in WIP's place: 0 = ready, 0xFF = nobody answers, else busy.
uint32_t nor_recover(struct qspi *q, bool keep, uint32_t *found);

// End a continuous read, in which the first clocks of a command are taken for address and mode
// bits: NCS, CLK and data lines that are driven or pulled high are all it needs. Harmless to a chip
// that is in no such mode.
void nor_leave_continuous_read(struct qspi *q);

// JEDEC ID (9Fh) of each chip: manufacturer << 16 | type << 8 | capacity.
void nor_read_id(struct qspi *q, uint32_t id[2]);

// SR1 | SR2 << 8 | SR3 << 16 of each chip.
void nor_read_status(struct qspi *q, uint32_t sr[2]);

// Density DWORD (the second) of the SFDP basic flash parameter table of each chip; 0 = no SFDP
// (JESD216).
void nor_read_density(struct qspi *q, uint32_t density[2]);

// Bytes of one chip by its density DWORD, else by the capacity code of its id, else 0.
uint32_t nor_capacity(uint32_t density, uint32_t id);

// Set SCK to at most `max_hz` and at most 50 MHz (the limit of 03h), and the controller to a bank
// of `bytes` (all chips). Call again when either changes.
void nor_set_speed(struct qspi *q, uint32_t max_hz, uint32_t bytes);

// Enter memory-mapped 1-1-1 read: 03h with 3 address bytes. With `long_address` (chips above 16
// MiB) 13h with 4, and the chip itself goes into 4-byte mode (B7h), so that the erase and program
// opcodes that a host derives from the mapped CCR take 4 bytes as well.
void nor_map(struct qspi *q, bool long_address);
