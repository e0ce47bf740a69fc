// SPDX-License-Identifier: MIT
// The bus matrix: which memory or device answers at an address. The core and the access ports are
// its masters; it knows nothing of them.
#pragma once
#include "device.h"

enum { BUS_MAX_DEVICES = 192, BUS_MAX_MEMORIES = 16 };

// Plain memory, readable (and executable) in place.
struct bus_memory {
    const char *name;
    uint32_t base;
    uint32_t size; // multiple of 4 KiB
    uint8_t *bytes;
    // NULL: writes go straight to `bytes`. Else every write comes here (flash memory).
    enum bus_result (*write)(void *ctx, uint32_t addr, unsigned size, uint32_t value);
    bool (*accessible)(void *ctx); // NULL = always; false = reads zero, writes are lost (no clock)
    void *ctx;
};

struct bus {
    struct bus_memory memory[BUS_MAX_MEMORIES];
    unsigned memories;
    struct bus_device device[BUS_MAX_DEVICES]; // ascending base addresses
    unsigned devices;
    unsigned last; // index of the device found last
    uint64_t
        writes; // counts every write to a device: "nothing was written since" for loop skipping
    struct bus_device *read_last; // device that served the last read
};

void bus_add_memory(struct bus *b, const struct bus_memory *m);
void bus_add_device(struct bus *b, const struct bus_device *d);
struct bus_memory *bus_find_memory(struct bus *b, uint32_t addr);
struct bus_device *bus_find_device(struct bus *b, uint32_t addr);
// `size` is 1, 2 or 4. Unaligned accesses to memory are fine, to devices they fault (RM: the M7
// allows them on normal memory only). Nobody at the address: BUS_FAULT.
enum bus_result bus_read(struct bus *b, uint32_t addr, unsigned size, uint32_t *value);
enum bus_result bus_write(struct bus *b, uint32_t addr, unsigned size, uint32_t value);
void bus_reset(struct bus *b, enum reset_kind kind);
// Earliest self-made interrupt change of any device, and the call that brings it about.
vt_t bus_next_irq(const struct bus *b);
void bus_sync(struct bus *b);
