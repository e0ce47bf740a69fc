// SPDX-License-Identifier: MIT
// A bench for the peripheral tests: RCC and all peripherals on a bus, without core, pins or probe.
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "driver/stm32h7_regs.h"
#include "vboard/bus/bus.h"
#include "vboard/periph/periph.h"

struct bench {
    struct vclock clock;
    struct report *report;
    struct rcc *rcc;
    struct periphs *periphs;
    struct bus bus;
    uint32_t reset_wanted; // RSR flag a watchdog asked for
    uint8_t sent[64];      // bytes of the UARTs
    unsigned sent_count;
    bool irq[160];
};

static inline void bench_reset_wanted(void *ctx, uint32_t rsr)
{
    ((struct bench *)ctx)->reset_wanted = rsr;
}

static inline void bench_byte(void *ctx, uint32_t base, uint8_t byte)
{
    struct bench *b = ctx;
    (void)base;
    if (b->sent_count < sizeof(b->sent))
        b->sent[b->sent_count++] = byte;
}

static inline void bench_irq(void *ctx, unsigned irq, bool level)
{
    assert_true(irq < 160);
    ((struct bench *)ctx)->irq[irq] = level;
}

static inline struct bench *bench_new_with(uint32_t hse_hz, uint32_t lse_hz, uint32_t flash_kib)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    b->report = report_new();
    b->rcc = rcc_new(&(struct rcc_config){.clock = &b->clock,
                                          .report = b->report,
                                          .hse_hz = hse_hz,
                                          .lse_hz = lse_hz,
                                          .irq = {bench_irq, b, 5}});
    b->periphs = periphs_new(&(struct periphs_config){.clock = &b->clock,
                                                      .report = b->report,
                                                      .rcc = b->rcc,
                                                      .flash_kib = flash_kib,
                                                      .irq = bench_irq,
                                                      .irq_ctx = b,
                                                      .reset_request = bench_reset_wanted,
                                                      .reset_ctx = b,
                                                      .uart_byte = bench_byte,
                                                      .uart_ctx = b});
    assert_non_null(b->periphs);
    struct bus_device device[BUS_MAX_DEVICES];
    unsigned n = periphs_devices(b->periphs, device, BUS_MAX_DEVICES);
    for (unsigned i = 0; i < n; i++)
        bus_add_device(&b->bus, &device[i]);
    struct bus_memory memory[BUS_MAX_MEMORIES];
    n = periphs_memories(b->periphs, memory, BUS_MAX_MEMORIES);
    for (unsigned i = 0; i < n; i++)
        bus_add_memory(&b->bus, &memory[i]);
    return b;
}

static inline struct bench *bench_new(void)
{
    return bench_new_with(25000000, 32768, 0);
}

static inline void bench_free(struct bench *b)
{
    periphs_free(b->periphs);
    rcc_free(b->rcc);
    report_free(b->report);
    free(b);
}

static inline uint32_t rd(struct bench *b, uint32_t addr)
{
    uint32_t value;
    assert_int_equal(bus_read(&b->bus, addr, 4, &value), BUS_OK);
    return value;
}

static inline void wr(struct bench *b, uint32_t addr, uint32_t value)
{
    assert_int_equal(bus_write(&b->bus, addr, 4, value), BUS_OK);
}

static inline void wait(struct bench *b, vt_t time)
{
    b->clock.now += time;
    bus_sync(&b->bus);
}
