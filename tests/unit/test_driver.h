// SPDX-License-Identifier: MIT
// The target driver and the init stub, compiled for the host on top of the virtual board's models:
// every register access goes to the bench that `driver_bench` points at.
#pragma once
#include "qspi_bench.h"
#define QSPI_HOST_TEST
#include "../../driver/reg.h"

static struct bench *driver_bench;
static unsigned long driver_accesses;

// A turn of a polling loop: some ten cycles at 64 MHz.
#define TURN (200 * VT_NS)

uint32_t reg_read(uint32_t address)
{
    driver_accesses++;
    driver_bench->clock.now += TURN;
    return peek(driver_bench, address);
}

void reg_write(uint32_t address, uint32_t value)
{
    driver_accesses++;
    poke(driver_bench, address, value);
}

uint8_t reg_read8(uint32_t address)
{
    driver_accesses++;
    return peek8(driver_bench, address);
}

void reg_write8(uint32_t address, uint8_t value)
{
    driver_accesses++;
    poke8(driver_bench, address, value);
}

// The model of the peripheral has functions of these names too.
#define qspi_start driver_qspi_start
#define qspi_stop  driver_qspi_stop
#include "../../driver/qspi.c"
#include "../../driver/nor.c"
#include "../../driver/nor_write.c"
#include "../../init-stub/stub.c"

#define WORD(port, pin, af) QSPI_PIN_WORD((port) - 'A', pin, af)

// The default board's wiring (bench_pins) for the first chip.
static inline struct qspi_params params_default(void)
{
    return (struct qspi_params){
        .magic = QSPI_PARAM_MAGIC,
        .pins = {[QSPI_SLOT_CLK] = WORD('B', 2, 9),
                 [QSPI_SLOT_NCS] = WORD('B', 6, 10),
                 [QSPI_SLOT_IO0] = WORD('D', 11, 9),
                 [QSPI_SLOT_IO1] = WORD('D', 12, 9),
                 [QSPI_SLOT_IO2] = WORD('E', 2, 9),
                 [QSPI_SLOT_IO3] = WORD('D', 13, 9)},
    };
}

// The second chip on bank 2, CLK shared.
static inline struct qspi_params params_bank2(void)
{
    struct qspi_params p = params_default();
    p.flags = QSPI_FLAG_BANK2;
    p.pins[QSPI_SLOT_NCS] = WORD('C', 11, 9);
    p.pins[QSPI_SLOT_IO0] = WORD('E', 7, 10);
    p.pins[QSPI_SLOT_IO1] = WORD('E', 8, 10);
    p.pins[QSPI_SLOT_IO2] = WORD('E', 9, 10);
    p.pins[QSPI_SLOT_IO3] = WORD('E', 10, 10);
    return p;
}

static inline struct qspi_params params_dual(void)
{
    struct qspi_params p = params_default();
    p.flags = QSPI_FLAG_DUAL;
    p.pins[QSPI_SLOT_NCS2] = WORD('C', 11, 9);
    p.pins[QSPI_SLOT_IO4] = WORD('E', 7, 10);
    p.pins[QSPI_SLOT_IO5] = WORD('E', 8, 10);
    p.pins[QSPI_SLOT_IO6] = WORD('E', 9, 10);
    p.pins[QSPI_SLOT_IO7] = WORD('E', 10, 10);
    return p;
}

static inline struct qspi_result run_stub(struct bench *b, const struct qspi_params *params)
{
    struct qspi_result result;
    driver_bench = b;
    memset(&result, 0xA5, sizeof(result));
    uint32_t status = stub_main(params, &result);
    assert_int_equal(status, result.status);
    assert_int_equal(result.magic, QSPI_RESULT_MAGIC);
    return result;
}
