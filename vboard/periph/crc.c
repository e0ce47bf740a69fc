// SPDX-License-Identifier: MIT
// The CRC calculation unit, see crc.h.
#include "crc.h"
#include "../../driver/stm32h7_regs.h"
#include <stdlib.h>

struct crc_unit {
    struct periph_env env;
    struct gate gate;
    uint32_t dr, idr, cr, init, pol;
};

static unsigned poly_bits(const struct crc_unit *c)
{
    static const uint8_t bits[] = {32, 16, 8, 7};
    return bits[(c->cr & CRC_CR_POLYSIZE_Msk) >> CRC_CR_POLYSIZE_Pos];
}

static uint32_t poly_mask(const struct crc_unit *c)
{
    return UINT32_MAX >> (32 - poly_bits(c));
}

static uint32_t reverse(uint32_t value, unsigned bits)
{
    uint32_t out = 0;
    for (unsigned i = 0; i < bits; i++)
        out |= (value >> i & 1) << (bits - 1 - i);
    return out;
}

// REV_IN: bits reversed within bytes, half-words or the word; no wider than the access itself.
static uint32_t reverse_input(const struct crc_unit *c, uint32_t value, unsigned bits)
{
    unsigned group = 4u << ((c->cr & CRC_CR_REV_IN_Msk) >> CRC_CR_REV_IN_Pos); // 4 8 16 32
    if (group == 4)
        return value;
    if (group > bits)
        group = bits;
    uint32_t out = 0;
    for (unsigned at = 0; at < bits; at += group)
        out |= reverse(value >> at & (UINT32_MAX >> (32 - group)), group) << at;
    return out;
}

static void feed(struct crc_unit *c, uint32_t value, unsigned bits)
{
    unsigned n = poly_bits(c);
    uint32_t crc = c->dr & poly_mask(c);
    value = reverse_input(c, value, bits);
    for (unsigned i = bits; i-- > 0;) {
        uint32_t out = (crc >> (n - 1) & 1) ^ (value >> i & 1);
        crc = (crc << 1 ^ (out ? c->pol : 0)) & poly_mask(c);
    }
    c->dr = crc;
}

static uint32_t read_reg(const struct crc_unit *c, uint32_t reg)
{
    switch (reg + CRC_BASE) {
    case CRC_DR:
        return c->cr & CRC_CR_REV_OUT ? reverse(c->dr, poly_bits(c)) : c->dr;
    case CRC_IDR:
        return c->idr;
    case CRC_CR:
        return c->cr;
    case CRC_INIT:
        return c->init;
    case CRC_POL:
        return c->pol;
    default:
        return 0;
    }
}

static enum bus_result crc_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    const struct crc_unit *c = ctx;
    *value = gate_open(&c->gate) ? reg_extract(read_reg(c, offset & ~3u), offset, size) : 0;
    return BUS_OK;
}

static enum bus_result crc_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    struct crc_unit *c = ctx;
    uint32_t reg = offset & ~3u;
    if (!gate_open(&c->gate))
        return BUS_OK;
    if (reg == CRC_DR - CRC_BASE) {
        feed(c, size == 4 ? value : value & ((1u << (8 * size)) - 1), 8 * size);
        return BUS_OK;
    }
    value = reg_merge(read_reg(c, reg), offset, size, value);
    switch (reg + CRC_BASE) {
    case CRC_IDR:
        c->idr = value;
        break;
    case CRC_CR:
        c->cr = value & (CRC_CR_POLYSIZE_Msk | CRC_CR_REV_IN_Msk | CRC_CR_REV_OUT);
        if (value & CRC_CR_RESET)
            c->dr = c->init;
        break;
    case CRC_INIT:
        c->init = c->dr = value; // RM0433: writing INIT also loads the data register
        break;
    case CRC_POL:
        c->pol = value;
        break;
    }
    return BUS_OK;
}

static void clear(void *ctx)
{
    struct crc_unit *c = ctx;
    c->dr = c->init = UINT32_MAX;
    c->idr = c->cr = 0;
    c->pol = 0x04C11DB7;
}

static void crc_reset(void *ctx, enum reset_kind kind)
{
    (void)kind;
    clear(ctx);
}

struct crc_unit *crc_new(const struct periph_env *env)
{
    struct crc_unit *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->env = *env;
    c->gate = (struct gate){env->rcc, RCC_AHB4, RCC_AHB4_CRC_Pos};
    rcc_on_reset(env->rcc, RCC_AHB4, RCC_AHB4_CRC_Pos, clear, c);
    clear(c);
    return c;
}

void crc_free(struct crc_unit *c)
{
    free(c);
}

struct bus_device crc_device(struct crc_unit *c)
{
    return (struct bus_device){.name = "CRC",
                               .base = CRC_BASE,
                               .size = 0x400,
                               .ctx = c,
                               .read = crc_read,
                               .write = crc_write,
                               .reset = crc_reset};
}
