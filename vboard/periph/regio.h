// SPDX-License-Identifier: MIT
// Helpers shared by the peripheral models: byte lanes of a 32-bit register, and the clock gate.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "rcc.h"

// The part of `word` that an access of `size` bytes at `offset` reads.
static inline uint32_t reg_extract(uint32_t word, uint32_t offset, unsigned size)
{
    uint32_t value = word >> (8 * (offset & 3));
    return size == 4 ? value : value & ((1u << (8 * size)) - 1);
}

// `word` with the bytes replaced that a write of `size` bytes at `offset` touches.
static inline uint32_t reg_merge(uint32_t word, uint32_t offset, unsigned size, uint32_t value)
{
    if (size == 4)
        return value;
    unsigned shift = 8 * (offset & 3);
    uint32_t mask = ((1u << (8 * size)) - 1) << shift;
    return (word & ~mask) | ((value << shift) & mask);
}

// A device's clock gate: its bit in an ENR and RSTR. `rcc` NULL = always clocked.
struct gate {
    struct rcc *rcc;
    enum rcc_gate reg;
    unsigned bit;
};

// True if the device's bus interface is clocked and not held in reset.
static inline bool gate_open(const struct gate *g)
{
    if (!g->rcc)
        return true;
    return rcc_enabled(g->rcc, g->reg, g->bit) && !rcc_held_in_reset(g->rcc, g->reg, g->bit);
}
