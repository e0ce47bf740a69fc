// SPDX-License-Identifier: MIT
// Register access of the target driver. On the target each is one load or store; a host build with
// QSPI_HOST_TEST supplies the four functions itself and so puts the driver on a model.
#pragma once
#include <stdint.h>

#ifdef QSPI_HOST_TEST

uint32_t reg_read(uint32_t address);
void reg_write(uint32_t address, uint32_t value);
uint8_t reg_read8(uint32_t address);
void reg_write8(uint32_t address, uint8_t value);

#else

static inline uint32_t reg_read(uint32_t address)
{
    return *(volatile uint32_t *)address;
}

static inline void reg_write(uint32_t address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
}

static inline uint8_t reg_read8(uint32_t address)
{
    return *(volatile uint8_t *)address;
}

static inline void reg_write8(uint32_t address, uint8_t value)
{
    *(volatile uint8_t *)address = value;
}

#endif

static inline void reg_modify(uint32_t address, uint32_t clear, uint32_t set)
{
    reg_write(address, (reg_read(address) & ~clear) | set);
}
