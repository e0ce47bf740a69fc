// SPDX-License-Identifier: MIT
// The serprog protocol, see serprog.h. Virtual time moves with the SPI clock, with flashrom's
// delays and a little with each operation, so that busy times pass as behind a real programmer.
#include "serprog.h"
#include <stdlib.h>
#include <string.h>

enum { ACK = 0x06, NAK = 0x15, BUS_SPI = 0x08, VERSION = 1 };

enum {
    S_CMD_NOP = 0x00,
    S_CMD_Q_IFACE = 0x01,
    S_CMD_Q_CMDMAP = 0x02,
    S_CMD_Q_PGMNAME = 0x03,
    S_CMD_Q_SERBUF = 0x04,
    S_CMD_Q_BUSTYPE = 0x05,
    S_CMD_Q_OPBUF = 0x07,
    S_CMD_Q_WRNMAXLEN = 0x08,
    S_CMD_O_INIT = 0x0B,
    S_CMD_O_DELAY = 0x0E,
    S_CMD_O_EXEC = 0x0F,
    S_CMD_SYNCNOP = 0x10,
    S_CMD_Q_RDNMAXLEN = 0x11,
    S_CMD_S_BUSTYPE = 0x12,
    S_CMD_O_SPIOP = 0x13,
    S_CMD_S_SPI_FREQ = 0x14,
    S_CMD_S_PIN_STATE = 0x15,
};

static const uint8_t commands[] = {
    S_CMD_NOP,        S_CMD_Q_IFACE,     S_CMD_Q_CMDMAP,    S_CMD_Q_PGMNAME, S_CMD_Q_SERBUF,
    S_CMD_Q_BUSTYPE,  S_CMD_Q_OPBUF,     S_CMD_Q_WRNMAXLEN, S_CMD_O_INIT,    S_CMD_O_DELAY,
    S_CMD_O_EXEC,     S_CMD_SYNCNOP,     S_CMD_Q_RDNMAXLEN, S_CMD_S_BUSTYPE, S_CMD_O_SPIOP,
    S_CMD_S_SPI_FREQ, S_CMD_S_PIN_STATE,
};

// Lines of the chip as the programmer's socket has them: data out, data in, /WP, /HOLD.
enum { IO_OUT = 0x1, IO_IN = 0x2, IO_WP = 0x4, IO_HOLD = 0x8 };

enum {
    DEFAULT_HZ = 12000000,
    MIN_HZ = 1000,
    MAX_HZ = 200000000,
    OPERATION_US = 50, // a USB transfer or so
    MAX_LENGTH = 1 << 20,
    OPBUF_SIZE = 0xFFFF,
};

void serprog_init(struct serprog *s, struct vclock *clock, struct nor *chip)
{
    *s = (struct serprog){.clock = clock, .chip = chip};
    s->period_ps = (uint32_t)vt_cycles(1, DEFAULT_HZ);
}

static uint8_t exchange(struct serprog *s, uint8_t out)
{
    unsigned in = 0;
    for (int bit = 7; bit >= 0; bit--) {
        struct nor_drive d = nor_drive(s->chip);
        uint8_t pulled = IO_IN | IO_HOLD | (s->wp_low ? 0 : IO_WP);
        uint8_t levels = (uint8_t)((out >> bit & IO_OUT) | (pulled & ~d.mask) | (d.rise & d.mask));
        s->clock->now += s->period_ps;
        nor_clock(s->chip, levels, levels, s->period_ps);
        in = in << 1 | !!(levels & IO_IN);
    }
    return (uint8_t)in;
}

static bool get_number(FILE *in, unsigned bytes, uint32_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < bytes; i++) {
        int c = fgetc(in);
        if (c == EOF)
            return false;
        *value |= (uint32_t)c << (8 * i);
    }
    return true;
}

static void put_number(FILE *out, unsigned bytes, uint32_t value)
{
    for (unsigned i = 0; i < bytes; i++)
        fputc((int)(value >> (8 * i) & 0xFF), out);
}

static void acknowledge(FILE *out, unsigned bytes, uint32_t value)
{
    fputc(ACK, out);
    put_number(out, bytes, value);
}

static void put_command_map(FILE *out)
{
    uint8_t map[32] = {0};
    for (unsigned i = 0; i < sizeof(commands); i++)
        map[commands[i] / 8] |= (uint8_t)(1u << commands[i] % 8);
    fputc(ACK, out);
    fwrite(map, 1, sizeof(map), out);
}

static void put_name(FILE *out)
{
    static const char name[16] = "virtual board";
    fputc(ACK, out);
    fwrite(name, 1, sizeof(name), out);
}

static bool spi_operation(struct serprog *s, FILE *in, FILE *out)
{
    uint32_t to_send, to_read;
    if (!get_number(in, 3, &to_send) || !get_number(in, 3, &to_read))
        return false;
    uint8_t *data = malloc(to_send + 1);
    if (!data || fread(data, 1, to_send, in) != to_send) {
        free(data);
        return false;
    }
    s->clock->now += OPERATION_US * VT_US;
    if (!s->pins_off)
        nor_select(s->chip, true);
    for (uint32_t i = 0; i < to_send; i++)
        exchange(s, data[i]);
    free(data);
    fputc(ACK, out);
    for (uint32_t i = 0; i < to_read; i++)
        fputc(exchange(s, 0), out);
    nor_select(s->chip, false);
    return true;
}

static bool set_frequency(struct serprog *s, FILE *in, FILE *out)
{
    uint32_t hz;
    if (!get_number(in, 4, &hz))
        return false;
    if (hz == 0) {
        fputc(NAK, out);
        return true;
    }
    hz = hz < MIN_HZ ? MIN_HZ : hz > MAX_HZ ? MAX_HZ : hz;
    s->period_ps = (uint32_t)((VT_S + hz - 1) / hz);
    acknowledge(out, 4, hz);
    return true;
}

static bool add_delay(struct serprog *s, FILE *in, FILE *out)
{
    uint32_t us;
    if (!get_number(in, 4, &us))
        return false;
    s->delay_us += us;
    fputc(ACK, out);
    return true;
}

static bool set_byte(FILE *in, FILE *out, uint8_t *value, uint8_t must_have)
{
    uint32_t v;
    if (!get_number(in, 1, &v))
        return false;
    *value = (uint8_t)v;
    fputc(must_have && !(v & must_have) ? NAK : ACK, out);
    return true;
}

static void run_operation_buffer(struct serprog *s, FILE *out)
{
    s->clock->now += s->delay_us * VT_US;
    s->delay_us = 0;
    fputc(ACK, out);
}

// False if the stream ended within the command.
static bool answer(struct serprog *s, int command, FILE *in, FILE *out)
{
    uint8_t byte = 1;
    switch (command) {
    case S_CMD_NOP:
        fputc(ACK, out);
        return true;
    case S_CMD_SYNCNOP:
        fputc(NAK, out);
        fputc(ACK, out);
        return true;
    case S_CMD_Q_IFACE:
        acknowledge(out, 2, VERSION);
        return true;
    case S_CMD_Q_CMDMAP:
        put_command_map(out);
        return true;
    case S_CMD_Q_PGMNAME:
        put_name(out);
        return true;
    case S_CMD_Q_SERBUF:
    case S_CMD_Q_OPBUF:
        acknowledge(out, 2, OPBUF_SIZE);
        return true;
    case S_CMD_Q_BUSTYPE:
        acknowledge(out, 1, BUS_SPI);
        return true;
    case S_CMD_Q_WRNMAXLEN:
    case S_CMD_Q_RDNMAXLEN:
        acknowledge(out, 3, MAX_LENGTH);
        return true;
    case S_CMD_O_INIT:
        s->delay_us = 0;
        fputc(ACK, out);
        return true;
    case S_CMD_O_DELAY:
        return add_delay(s, in, out);
    case S_CMD_O_EXEC:
        run_operation_buffer(s, out);
        return true;
    case S_CMD_S_BUSTYPE:
        return set_byte(in, out, &byte, BUS_SPI);
    case S_CMD_O_SPIOP:
        return spi_operation(s, in, out);
    case S_CMD_S_SPI_FREQ:
        return set_frequency(s, in, out);
    case S_CMD_S_PIN_STATE: {
        bool whole = set_byte(in, out, &byte, 0);
        s->pins_off = byte == 0;
        return whole;
    }
    default:
        fputc(NAK, out);
        return true;
    }
}

void serprog_serve(struct serprog *s, FILE *in, FILE *out)
{
    s->pins_off = false;
    int command;
    while ((command = fgetc(in)) != EOF)
        if (!answer(s, command, in, out) || fflush(out) != 0)
            return;
}
