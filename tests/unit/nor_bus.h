// SPDX-License-Identifier: MIT
// A host at the pins of one NOR chip: clocks bytes in and out on any number of lines and fails the
// test if both sides drive a line. For the test_nor*.c programs.
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "driver/nor_cmds.h"
#include "vboard/chip/nor.h"
#include "vboard/chip/parts.h"

struct bus {
    struct vclock clock;
    struct report *report;
    struct nor *chip;
    uint32_t period;   // ps a clock
    uint8_t pulls;     // level of lines that nobody drives
    uint8_t hold_mask; // lines the host drives all the time (board wiring: /WP, /HOLD)
    uint8_t hold;
    uint8_t driven; // union of the lines the chip drove since bus_select
    struct nor_trace trace;
};

static inline void bus_trace(void *ctx, const struct nor_trace *t)
{
    ((struct bus *)ctx)->trace = *t;
}

static inline void bus_open(struct bus *b, const char *part)
{
    *b = (struct bus){.period = 20000, .pulls = 0xF};
    b->report = report_new();
    b->clock.now = VT_S;
    b->chip = nor_new(nor_part_find(part), &b->clock, b->report);
    assert_non_null(b->chip);
    nor_set_trace(b->chip, bus_trace, b);
}

static inline void bus_close(struct bus *b)
{
    nor_free(b->chip);
    report_free(b->report);
}

static inline void bus_wait(struct bus *b, vt_t t)
{
    b->clock.now += t;
}

// One clock; the host drives `mask`. Returns the levels at the rise in bits 3..0, at the fall
// in 7..4.
static inline uint8_t bus_cycle(struct bus *b, uint8_t mask, uint8_t rise, uint8_t fall)
{
    struct nor_drive d = nor_drive(b->chip);
    mask |= b->hold_mask;
    rise = (uint8_t)((rise & ~b->hold_mask) | b->hold);
    fall = (uint8_t)((fall & ~b->hold_mask) | b->hold);
    assert_int_equal(d.mask & mask, 0);
    b->driven |= d.mask;
    uint8_t open = (uint8_t) ~(d.mask | mask) & 0xF;
    rise = (uint8_t)((rise & mask) | (d.rise & d.mask) | (b->pulls & open));
    fall = (uint8_t)((fall & mask) | (d.fall & d.mask) | (b->pulls & open));
    b->clock.now += b->period;
    nor_clock(b->chip, rise, fall, b->period);
    return (uint8_t)(rise | fall << 4);
}

static inline void bus_select(struct bus *b)
{
    b->driven = 0;
    b->clock.now += 100 * VT_NS;
    nor_select(b->chip, true);
}

static inline void bus_release(struct bus *b)
{
    nor_select(b->chip, false);
    b->clock.now += 100 * VT_NS;
}

static inline void bus_send(struct bus *b, unsigned lines, uint8_t byte)
{
    uint8_t mask = (uint8_t)((1u << lines) - 1);
    for (int at = 8 - (int)lines; at >= 0; at -= (int)lines)
        bus_cycle(b, mask, byte >> at & mask, byte >> at & mask);
}

static inline uint8_t bus_receive(struct bus *b, unsigned lines)
{
    unsigned byte = 0;
    for (unsigned got = 0; got < 8; got += lines) {
        uint8_t in = bus_cycle(b, lines == 1 ? 1 : 0, 0, 0);
        byte = byte << lines | (lines == 1 ? in >> 1 & 1 : in & ((1u << lines) - 1));
    }
    return (uint8_t)byte;
}

static inline void bus_send_dtr(struct bus *b, unsigned lines, uint8_t byte)
{
    uint8_t mask = (uint8_t)((1u << lines) - 1);
    for (int at = 8 - (int)lines; at >= 0; at -= 2 * (int)lines)
        bus_cycle(b, mask, byte >> at & mask, byte >> (at - (int)lines) & mask);
}

static inline uint8_t bus_receive_dtr(struct bus *b, unsigned lines)
{
    unsigned byte = 0;
    for (unsigned got = 0; got < 8; got += 2 * lines) {
        uint8_t in = bus_cycle(b, lines == 1 ? 1 : 0, 0, 0);
        uint8_t mask = (uint8_t)((1u << lines) - 1);
        unsigned shift = lines == 1;
        byte = byte << lines | (in >> shift & mask);
        byte = byte << lines | (in >> (4 + shift) & mask);
    }
    return (uint8_t)byte;
}

static inline void bus_dummy(struct bus *b, unsigned clocks)
{
    while (clocks--)
        bus_cycle(b, 0, 0, 0);
}

static inline void bus_address(struct bus *b, unsigned lines, uint32_t address)
{
    for (int s = 16; s >= 0; s -= 8)
        bus_send(b, lines, (uint8_t)(address >> s));
}

static inline void bus_address4(struct bus *b, unsigned lines, uint32_t address)
{
    bus_send(b, lines, (uint8_t)(address >> 24));
    bus_address(b, lines, address);
}

// An instruction alone, on one line.
static inline void bus_command(struct bus *b, uint8_t opcode)
{
    bus_select(b);
    bus_send(b, 1, opcode);
    bus_release(b);
}

static inline void bus_command_addressed(struct bus *b, uint8_t opcode, uint32_t address)
{
    bus_select(b);
    bus_send(b, 1, opcode);
    bus_address(b, 1, address);
    bus_release(b);
}

static inline uint8_t bus_register(struct bus *b, uint8_t opcode)
{
    bus_select(b);
    bus_send(b, 1, opcode);
    uint8_t v = bus_receive(b, 1);
    bus_release(b);
    return v;
}

static inline void bus_read(struct bus *b, uint32_t address, uint8_t *data, unsigned len)
{
    bus_select(b);
    bus_send(b, 1, NOR_CMD_READ);
    bus_address(b, 1, address);
    for (unsigned i = 0; i < len; i++)
        data[i] = bus_receive(b, 1);
    bus_release(b);
}

static inline bool bus_busy(struct bus *b)
{
    return bus_register(b, NOR_CMD_READ_SR1) & NOR_SR1_WIP;
}

// Time until BUSY clears, to `step`; VT_NEVER after `limit`.
static inline vt_t bus_time_busy(struct bus *b, vt_t step, vt_t limit)
{
    vt_t start = b->clock.now;
    while (bus_busy(b)) {
        if (b->clock.now - start > limit)
            return VT_NEVER;
        bus_wait(b, step);
    }
    return b->clock.now - start;
}

static inline void bus_ready(struct bus *b)
{
    assert_true(bus_time_busy(b, VT_MS, 500 * VT_S) != VT_NEVER);
}

static inline void bus_program(struct bus *b, uint32_t address, const void *data, unsigned len)
{
    bus_command(b, NOR_CMD_WRITE_ENABLE);
    bus_select(b);
    bus_send(b, 1, NOR_CMD_PAGE_PROGRAM);
    bus_address(b, 1, address);
    for (unsigned i = 0; i < len; i++)
        bus_send(b, 1, ((const uint8_t *)data)[i]);
    bus_release(b);
}

static inline void bus_erase(struct bus *b, uint8_t opcode, uint32_t address)
{
    bus_command(b, NOR_CMD_WRITE_ENABLE);
    bus_command_addressed(b, opcode, address);
}

static inline void bus_write_register(struct bus *b, uint8_t enable, uint8_t opcode, uint8_t value)
{
    bus_command(b, enable);
    bus_select(b);
    bus_send(b, 1, opcode);
    bus_send(b, 1, value);
    bus_release(b);
}

// Contents of which no two neighbours or equal places of two pages are alike.
static inline void bus_fill(struct bus *b)
{
    uint8_t *cells = nor_array(b->chip);
    for (uint32_t i = 0; i < nor_size(b->chip); i++)
        cells[i] = (uint8_t)(i * 7 + (i >> 8) * 13 + (i >> 16));
}

// An open chip with those contents, SR2 as given.
static inline void bus_open_filled(struct bus *b, const char *part, uint8_t sr2)
{
    bus_open(b, part);
    bus_fill(b);
    nor_set_status(b->chip, 0, sr2, 0x60);
}

// Clock `count` bytes out and compare them with the cells from `at` on, around the end of the
// array.
static inline void bus_expect(struct bus *b, unsigned lines, bool dtr, uint32_t at, unsigned count)
{
    const uint8_t *cells = nor_array(b->chip);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(dtr ? bus_receive_dtr(b, lines) : bus_receive(b, lines),
                         cells[(at + i) % nor_size(b->chip)]);
}

static inline void bus_expect_sr(struct bus *b, uint8_t sr1, uint8_t sr2, uint8_t sr3)
{
    assert_int_equal(bus_register(b, NOR_CMD_READ_SR1), sr1);
    assert_int_equal(bus_register(b, NOR_CMD_READ_SR2), sr2);
    assert_int_equal(bus_register(b, NOR_CMD_READ_SR3), sr3);
}

static inline void bus_expect_cells(struct bus *b, uint32_t at, const void *data, unsigned len)
{
    assert_memory_equal(nor_array(b->chip) + at, data, len);
}

static inline void bus_power_cycle(struct bus *b)
{
    nor_power(b->chip, false);
    bus_wait(b, VT_MS);
    nor_power(b->chip, true);
    bus_wait(b, 6 * VT_MS);
}
