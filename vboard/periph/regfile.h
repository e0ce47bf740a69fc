// SPDX-License-Identifier: MIT
// Peripherals of which only the registers exist: they keep what is written to the bits that can be
// written, behind their clock gate. Switching one of them on is recorded as "not modelled".
#pragma once
#include "env.h"

enum { REGFILE_ALWAYS = -1 }; // no gate bit

struct regfile_init { // a register that does not read 0 after reset, or is not all writable
    uint32_t offset, reset;
    uint32_t writable; // mask
};

struct regfile_desc {
    const char *name;
    uint32_t base, size;
    enum rcc_gate gate;
    int bit; // in the gate's ENR and RSTR; REGFILE_ALWAYS
    const struct regfile_init *init;
    unsigned inits;
    // Setting a bit of `on_mask` at on_offset + n * on_stride (n < on_count) would start the thing.
    uint32_t on_offset, on_mask, on_stride;
    unsigned on_count;
    bool power_only; // a system reset leaves it alone
};

struct regfile;
struct regfile *regfile_new(const struct periph_env *env, const struct regfile_desc *desc);
void regfile_free(struct regfile *f);
struct bus_device regfile_device(struct regfile *f);
// A word as it stands, for models that build on a register file. `offset` is a multiple of 4.
uint32_t regfile_get(const struct regfile *f, uint32_t offset);

// The peripherals nothing of which is modelled (regfile_table.c).
extern const struct regfile_desc regfile_table[];
extern const unsigned regfile_table_count;
