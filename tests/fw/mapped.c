// SPDX-License-Identifier: MIT
// Test firmware with parts in internal flash, RAM and QSPI: maps the QSPI flash in one of three
// ways and then calls a function in it and compares its words, for ever. tests/e2e/gdb.bats debugs
// it.
//   MODE 1  1-1-1, 03h      MODE 4  1-4-4 in continuous read, EBh      MODE 6  QPI, EBh
//   MODE 0  leaves the QUADSPI alone and only counts
#include "driver/nor_write.h"
#include "driver/reg.h"

#define PIN(port, n, af) QSPI_PIN_WORD((port) - 'A', n, af)
#define COUNT(array)     (sizeof(array) / sizeof((array)[0]))
#define WORDS            4000u

void Reset_Handler(void);
extern uint32_t _stack_top[], _bss_start[], _bss_end[];

// For the debugger
volatile uint32_t rounds, errors, fault;
// In RAM, put there by the debugger only
volatile uint32_t in_ram[64] = {0x52414D21, 1, 2, 3};

__asm(".section .qspi.words, \"a\"\n"
      ".globl qspi_words\n"
      "qspi_words:\n"
      ".set x, 1\n"
      ".rept 4000\n"
      ".word x\n"
      ".set x, (x * 1664525 + 1013904223) & 0xFFFFFFFF\n"
      ".endr\n"
      ".text\n");
extern const volatile uint32_t qspi_words[WORDS];

uint32_t next_word(uint32_t x);
__attribute__((section(".qspi.code"), noinline, long_call)) uint32_t next_word(uint32_t x)
{
    return x * 1664525u + 1013904223u;
}

#if MODE
static const uint32_t wiring[] = {
    PIN('B', 6, 10),                                                   // NCS
    PIN('D', 11, 9), PIN('D', 12, 9), PIN('E', 2, 9), PIN('D', 13, 9), // IO0..IO3
    PIN('B', 2, 9),                                                    // CLK
};

static void set_qe(struct qspi *q)
{
    qspi_command(q, QSPI_OP(QUADSPI_LINES_1, NOR_CMD_WRITE_ENABLE_VOLATILE_SR), 0);
    qspi_start(q, QSPI_OP(QUADSPI_LINES_1, NOR_CMD_WRITE_SR2) | QSPI_DATA(QUADSPI_LINES_1),
               QUADSPI_FMODE_WRITE, 0, 1);
    reg_write8(QUADSPI_DR, NOR_SR2_QE);
    qspi_wait(q, QUADSPI_SR_TCF, QUADSPI_SR_TCF);
    nor_wait_ready(q, 20);
}

static void map(struct qspi *q)
{
    uint32_t quad = QSPI_ADDRESS(QUADSPI_LINES_4, QUADSPI_SIZE_24) |
                    QUADSPI_LINES_4 << QUADSPI_CCR_ABMODE_Pos | QSPI_DATA(QUADSPI_LINES_4) |
                    QUADSPI_CCR_SIOO;
    if (MODE == 1) {
        nor_map(q, false);
        return;
    }
    set_qe(q);
    if (MODE == 6)
        qspi_command(q, QSPI_OP(QUADSPI_LINES_1, NOR_CMD_ENTER_QPI), 0);
    reg_write(QUADSPI_ABR, NOR_MODE_CONTINUOUS);
    if (MODE == 6) // after a reset the dummy clocks of QPI are two, which are the mode byte
        qspi_map(q, QSPI_OP(QUADSPI_LINES_4, NOR_CMD_FAST_READ_QUAD_IO) | quad);
    else
        qspi_map(q, QSPI_OP(QUADSPI_LINES_1, NOR_CMD_FAST_READ_QUAD_IO) | QSPI_DUMMY(4) | quad);
}

static void start_flash(void)
{
    struct qspi q;
    uint32_t found;
    qspi_init(&q, 0);
    q.kernel_hz = qspi_start_hsi();
    fault = !qspi_select_hsi() || !qspi_enable(&q);
    for (unsigned i = 0; i < COUNT(wiring); i++) {
        qspi_enable_port(QSPI_PIN_PORT(wiring[i]));
        qspi_connect_pin(wiring[i], true);
    }
    nor_recover(&q, false, &found);
    nor_set_speed(&q, 16000000, 8388608);
    map(&q);
    fault |= q.fault;
}

static void look(void)
{
    uint32_t x = 1;
    for (unsigned i = 0; i < WORDS; i += 16) {
        if (qspi_words[i] != x)
            errors++;
        for (unsigned n = 0; n < 16; n++)
            x = next_word(x);
    }
}
#endif

void Reset_Handler(void)
{
    for (uint32_t *to = _bss_start; to != _bss_end;)
        *to++ = 0;
#if MODE
    start_flash();
#endif
    for (;;) {
#if MODE
        look();
#endif
        rounds++;
    }
}

static void hang(void)
{
    for (;;)
        ;
}

typedef void (*vector)(void);
__attribute__((section(".vectors"), used)) static const vector vectors[16] = {
    (vector)(uintptr_t)_stack_top,
    Reset_Handler,
    hang,
    hang,
    hang,
    hang,
    hang,
    0,
    0,
    0,
    0,
    hang,
    hang,
    0,
    hang,
    hang,
};
