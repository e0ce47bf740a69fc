// SPDX-License-Identifier: MIT
// A MEM-AP (ADIv5.2 chapter C2): the debugger's window to a memory system. The SW-DP selects it.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "../bus/device.h"

// The memory system behind the port. `at` is the virtual time of the access; the port brings its
// machine there first. `size` is 1, 2 or 4, the address naturally aligned, data in the low bits.
struct mem_port {
    enum bus_result (*read)(void *ctx, vt_t at, uint32_t addr, unsigned size, uint32_t *value);
    enum bus_result (*write)(void *ctx, vt_t at, uint32_t addr, unsigned size, uint32_t value);
    void *ctx;
};

struct memap {
    uint32_t idr;       // 0xFC
    uint32_t base;      // 0xF8
    uint32_t csw_fixed; // CSW bits that read as one whatever is written (DeviceEn)
    bool sizes; // 8/16-bit and packed transfers implemented (AHB/AXI), else 32-bit only (APB)
    struct mem_port port;
    uint32_t csw, tar;
};

void memap_reset(struct memap *ap);
// Register access: `reg` is the byte offset 0x00..0xFC. BUS_FAULT sets the DP's sticky error.
enum bus_result memap_read(struct memap *ap, vt_t at, unsigned reg, uint32_t *value);
enum bus_result memap_write(struct memap *ap, vt_t at, unsigned reg, uint32_t value);
