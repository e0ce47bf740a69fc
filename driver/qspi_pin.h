// SPDX-License-Identifier: MIT
// How one pin is written as a word: the host puts it into the stub's parameter block, firmware into
// its wiring table. Constants only, freestanding.
#pragma once
#include <stdint.h>

// One pin: 0 = not wired, else QSPI_PIN_VALID | port (A = 0) << 8 | pin << 4 | AF number.
#define QSPI_PIN_VALID 0x80000000u
#define QSPI_PIN_WORD(p, n, af)                                                                    \
    (QSPI_PIN_VALID | (uint32_t)(p) << 8 | (uint32_t)(n) << 4 | (uint32_t)(af))
#define QSPI_PIN_PORT(word)   ((word) >> 8 & 0xFu)
#define QSPI_PIN_NUMBER(word) ((word) >> 4 & 0xFu)
#define QSPI_PIN_AF(word)     ((word)&0xFu)
#define QSPI_PIN_PORTS        11u // A..K
