// SPDX-License-Identifier: MIT
// A workbench for the wire and QUADSPI tests: real RCC, GPIO, nets and chips on the default board's
// pins, reached through the devices' registers only.
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../driver/nor_cmds.h"
#include "../../driver/stm32h7_regs.h"
#include "../../vboard/chip/parts.h"
#include "../../vboard/periph/quadspi.h"

struct bench_pin {
    unsigned chip;
    enum chip_pin pin;
    char port;
    unsigned number, af;
};

static const struct bench_pin bench_pins[] = {
    {0, CHIP_CLK, 'B', 2, 9},  {0, CHIP_NCS, 'B', 6, 10}, {0, CHIP_IO0, 'D', 11, 9},
    {0, CHIP_IO1, 'D', 12, 9}, {0, CHIP_IO2, 'E', 2, 9},  {0, CHIP_IO3, 'D', 13, 9},
    {1, CHIP_CLK, 'B', 2, 9},  {1, CHIP_NCS, 'C', 11, 9}, {1, CHIP_IO0, 'E', 7, 10},
    {1, CHIP_IO1, 'E', 8, 10}, {1, CHIP_IO2, 'E', 9, 10}, {1, CHIP_IO3, 'E', 10, 10},
};

enum { BENCH_PINS = sizeof(bench_pins) / sizeof(bench_pins[0]), MAX_TRACE = 4096 };

struct bench {
    struct vclock clock;
    struct report *report;
    struct rcc *rcc;
    struct gpio *gpio;
    struct nets *nets;
    struct quadspi *quadspi;
    struct nor *nor[NETS_CHIPS];
    struct bus_device rcc_dev, gpio_dev[GPIO_PORTS], regs, window;
    bool irq;
    struct nor_trace trace[MAX_TRACE]; // of the first chip
    unsigned traced;
};

static inline void bench_irq(void *ctx, unsigned irq, bool level)
{
    struct bench *b = ctx;
    assert_int_equal(irq, 92);
    b->irq = level;
}

static inline void bench_trace(void *ctx, const struct nor_trace *t)
{
    struct bench *b = ctx;
    if (b->traced < MAX_TRACE)
        b->trace[b->traced] = *t;
    b->traced++;
}

static inline const struct bus_device *bench_device(const struct bench *b, uint32_t addr)
{
    if (addr >= QSPI_WINDOW_BASE)
        return &b->window;
    if (addr >= RCC_BASE)
        return &b->rcc_dev;
    unsigned port = (addr - GPIO_BASE) / GPIO_STRIDE;
    if (addr >= GPIO_BASE && port < GPIO_PORTS)
        return &b->gpio_dev[port];
    return &b->regs;
}

static inline enum bus_result bench_read(struct bench *b, uint32_t addr, unsigned size,
                                         uint32_t *value)
{
    const struct bus_device *d = bench_device(b, addr);
    return d->read(d->ctx, addr - d->base, size, value);
}

static inline enum bus_result bench_write(struct bench *b, uint32_t addr, unsigned size,
                                          uint32_t value)
{
    const struct bus_device *d = bench_device(b, addr);
    return d->write(d->ctx, addr - d->base, size, value);
}

static inline uint32_t peek(struct bench *b, uint32_t addr)
{
    uint32_t value;
    assert_int_equal(bench_read(b, addr, 4, &value), BUS_OK);
    b->clock.now += 20 * VT_NS;
    return value;
}

static inline uint8_t peek8(struct bench *b, uint32_t addr)
{
    uint32_t value;
    assert_int_equal(bench_read(b, addr, 1, &value), BUS_OK);
    b->clock.now += 20 * VT_NS;
    return (uint8_t)value;
}

static inline void poke(struct bench *b, uint32_t addr, uint32_t value)
{
    assert_int_equal(bench_write(b, addr, 4, value), BUS_OK);
    b->clock.now += 20 * VT_NS;
}

static inline void poke8(struct bench *b, uint32_t addr, uint32_t value)
{
    assert_int_equal(bench_write(b, addr, 1, value), BUS_OK);
    b->clock.now += 20 * VT_NS;
}

static inline void field(struct bench *b, uint32_t addr, unsigned shift, uint32_t mask,
                         uint32_t value)
{
    poke(b, addr, (peek(b, addr) & ~(mask << shift)) | value << shift);
}

static inline void set_pin(struct bench *b, char port, unsigned n, unsigned mode, unsigned af)
{
    unsigned p = (unsigned)(port - 'A');
    field(b, n < 8 ? GPIO_AFRL(p) : GPIO_AFRH(p), n % 8 * 4, 0xF, af);
    field(b, GPIO_OSPEEDR(p), n * 2, 3, 3);
    field(b, GPIO_MODER(p), n * 2, 3, mode);
}

static inline void wait_idle(struct bench *b)
{
    for (unsigned i = 0; peek(b, QUADSPI_SR) & QUADSPI_SR_BUSY; i++) {
        assert_true(i < 1000000);
        b->clock.now += 100 * VT_NS;
    }
}

// QUADSPI on at 64 MHz / (prescaler + 1), memory of `fsize`, both banks' pins in AF mode.
static inline void bench_up(struct bench *b, unsigned prescaler, unsigned fsize, uint32_t cr_bits)
{
    poke(b, RCC_AHB4ENR, 0x7FF);
    poke(b, RCC_AHB3ENR, RCC_AHB3ENR_QSPIEN);
    for (unsigned i = 0; i < BENCH_PINS; i++)
        set_pin(b, bench_pins[i].port, bench_pins[i].number, PAD_AF, bench_pins[i].af);
    poke(b, QUADSPI_DCR, fsize << QUADSPI_DCR_FSIZE_Pos | 2u << QUADSPI_DCR_CSHT_Pos);
    poke(b, QUADSPI_CR, prescaler << QUADSPI_CR_PRESCALER_Pos | cr_bits | QUADSPI_CR_EN);
}

static inline struct bench *bench_new(const char *part0, const char *part1,
                                      const struct quadspi_errata *errata)
{
    struct bench *b = calloc(1, sizeof(*b));
    const char *parts[NETS_CHIPS] = {part0, part1};
    b->report = report_new();
    b->rcc = rcc_new(&(struct rcc_config){.clock = &b->clock, .report = b->report});
    b->gpio = gpio_new(&b->clock, b->report, b->rcc);
    b->nets = nets_new(&b->clock, b->report, b->gpio);
    b->quadspi = quadspi_new(&b->clock, b->report, b->rcc, b->nets, errata,
                             (struct irq_line){bench_irq, b, 92});
    b->rcc_dev = rcc_device(b->rcc);
    b->regs = quadspi_registers(b->quadspi);
    b->window = quadspi_window(b->quadspi);
    for (unsigned i = 0; i < GPIO_PORTS; i++)
        b->gpio_dev[i] = gpio_device(b->gpio, i);
    for (unsigned i = 0; i < BENCH_PINS; i++) {
        const struct bench_pin *p = &bench_pins[i];
        if (parts[p->chip])
            nets_connect(b->nets, p->chip, p->pin, (unsigned)(p->port - 'A'), p->number);
    }
    b->clock.now = 10 * VT_MS; // past power-up
    for (unsigned chip = 0; chip < NETS_CHIPS; chip++) {
        if (!parts[chip])
            continue;
        b->nor[chip] = nor_new(nor_part_find(parts[chip]), &b->clock, b->report);
        assert_non_null(b->nor[chip]);
        nets_attach_chip(b->nets, chip, b->nor[chip]);
    }
    if (b->nor[0])
        nor_set_trace(b->nor[0], bench_trace, b);
    b->clock.now += 20 * VT_MS;
    return b;
}

static inline void bench_free(struct bench *b)
{
    quadspi_free(b->quadspi);
    nets_free(b->nets);
    gpio_free(b->gpio);
    rcc_free(b->rcc);
    for (unsigned chip = 0; chip < NETS_CHIPS; chip++)
        if (b->nor[chip])
            nor_free(b->nor[chip]);
    report_free(b->report);
    free(b);
}

// A board with one W25Q64JV-IQ, QUADSPI at 32 MHz, FSIZE one bit larger than the chip.
static inline struct bench *bench_default(void)
{
    struct bench *b = bench_new("W25Q64JV-IQ", NULL, NULL);
    bench_up(b, 1, 23, 0);
    return b;
}

// CCR values
#define LINES(i, a, alt, d)                                                                        \
    ((uint32_t)(i) << QUADSPI_CCR_IMODE_Pos | (uint32_t)(a) << QUADSPI_CCR_ADMODE_Pos |            \
     (uint32_t)(alt) << QUADSPI_CCR_ABMODE_Pos | (uint32_t)(d) << QUADSPI_CCR_DMODE_Pos)
#define FMODE(m)   ((uint32_t)(m) << QUADSPI_CCR_FMODE_Pos)
#define DUMMIES(n) ((uint32_t)(n) << QUADSPI_CCR_DCYC_Pos)
#define ADDR24     (2u << QUADSPI_CCR_ADSIZE_Pos)
enum { M_WRITE, M_READ, M_POLL, M_MAPPED };
enum { L0, L1, L2, L4 };

static inline void command(struct bench *b, uint8_t opcode)
{
    wait_idle(b);
    poke(b, QUADSPI_CCR, LINES(L1, L0, L0, L0) | opcode);
    wait_idle(b);
}

static inline void read_data(struct bench *b, uint8_t *data, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        data[i] = peek8(b, QUADSPI_DR);
}

// JEDEC ID over one line, first byte in the high byte.
static inline uint32_t read_jedec(struct bench *b)
{
    uint8_t id[3];
    wait_idle(b);
    poke(b, QUADSPI_DLR, 2);
    poke(b, QUADSPI_CCR, FMODE(M_READ) | LINES(L1, L0, L0, L1) | NOR_CMD_READ_JEDEC_ID);
    read_data(b, id, 3);
    wait_idle(b);
    return (uint32_t)id[0] << 16 | (uint32_t)id[1] << 8 | id[2];
}

static inline void fill_array(struct bench *b, unsigned chip)
{
    uint8_t *bytes = nor_array(b->nor[chip]);
    for (uint32_t i = 0; i < nor_size(b->nor[chip]); i++)
        bytes[i] = (uint8_t)(i * 7 + (i >> 8) * 13 + (i >> 16) + chip * 0x55);
}
