// SPDX-License-Identifier: MIT
// Pins of the scan stub: which of them may be tried, and how one is connected and put to rest.
#include "scan.h"
#include "../driver/reg.h"

#ifndef SETTLE_READS       // the tests' registers are slower
#define SETTLE_READS 3000u // of 6 cycles at the least: 37 us at 480 MHz
#endif
#define SAMPLES     32u
#define SHORT_READS 8u

enum { MODE_INPUT, MODE_OUTPUT };
enum { SAW_LOW = 1, SAW_HIGH = 2 };

static void set_pair(uint32_t pin, uint32_t offset, uint32_t value)
{
    uint32_t shift = QSPI_PIN_NUMBER(pin) * 2;
    reg_modify(GPIO_PORT(QSPI_PIN_PORT(pin)) + offset, 3u << shift, value << shift);
}

static bool level(uint32_t pin)
{
    return reg_read(GPIO_IDR(QSPI_PIN_PORT(pin))) >> QSPI_PIN_NUMBER(pin) & 1;
}

void scan_settle(void)
{
    for (uint32_t reads = SETTLE_READS; reads; reads--)
        (void)reg_read(RCC_AHB4ENR);
}

void scan_pull(uint32_t pin, enum scan_pull pull)
{
    set_pair(pin, GPIO_PUPDR_OFFSET, pull);
}

void scan_rest(uint32_t pin, enum scan_pull pull)
{
    scan_pull(pin, pull);
    set_pair(pin, GPIO_MODER_OFFSET, MODE_INPUT);
}

// Make a pin an output at `high`, at its slowest.
static void drive_pin(uint32_t pin, bool high)
{
    uint32_t base = GPIO_PORT(QSPI_PIN_PORT(pin));
    reg_write(base + GPIO_BSRR_OFFSET, 1u << QSPI_PIN_NUMBER(pin) << (high ? 0 : 16));
    reg_modify(base + GPIO_OTYPER_OFFSET, 1u << QSPI_PIN_NUMBER(pin), 0);
    set_pair(pin, GPIO_OSPEEDR_OFFSET, 0);
    set_pair(pin, GPIO_MODER_OFFSET, MODE_OUTPUT);
}

void scan_drive_low(uint32_t pin)
{
    drive_pin(pin, false);
}

// Levels seen at a pin under a pull.
static uint32_t sample(uint32_t pin, enum scan_pull pull)
{
    uint32_t seen = 0;
    scan_pull(pin, pull);
    scan_settle();
    for (unsigned n = 0; n < SAMPLES; n++)
        seen |= level(pin) ? SAW_HIGH : SAW_LOW;
    return seen;
}

// A pin that follows the pulls is free. One that does not hangs on a resistor of the board, which
// an output of ours moves, or on an output of something else, which it does not: tried for less
// than a microsecond.
static enum qspi_scan_skip who_holds(uint32_t pin, enum scan_pull rest)
{
    uint32_t down = sample(pin, SCAN_PULL_DOWN);
    uint32_t up = sample(pin, SCAN_PULL_UP);
    scan_pull(pin, rest);
    if (down == SAW_LOW && up == SAW_HIGH)
        return QSPI_SCAN_USED;
    if (down != up || down == (SAW_LOW | SAW_HIGH))
        return QSPI_SCAN_MOVES;

    bool high = down == SAW_HIGH;
    drive_pin(pin, !high);
    for (unsigned n = 0; n < SHORT_READS; n++)
        (void)level(pin);
    bool moved = level(pin) != high;
    scan_rest(pin, rest);
    if (moved)
        return QSPI_SCAN_USED;
    return high ? QSPI_SCAN_HELD_HIGH : QSPI_SCAN_HELD_LOW;
}

static bool locked(uint32_t pin)
{
    uint32_t lckr = reg_read(GPIO_LCKR(QSPI_PIN_PORT(pin)));
    return lckr & GPIO_LCKR_LCKK && lckr >> QSPI_PIN_NUMBER(pin) & 1;
}

static enum scan_pull rest_of(unsigned signal)
{
    return signal == QSPI_SCAN_CLK ? SCAN_PULL_DOWN : SCAN_PULL_UP;
}

static uint32_t pin_at(const struct scan *s, unsigned signal, unsigned choice)
{
    return s->params->pins[signal * QSPI_SCAN_CHOICES + choice];
}

static uint32_t skip_at(const struct scan *s, unsigned signal, unsigned choice)
{
    return s->result->skipped[signal] >> choice * 8 & 0xFF;
}

static void leave_out(struct scan *s, unsigned signal, unsigned choice, enum qspi_scan_skip why)
{
    s->result->skipped[signal] |= (uint32_t)why << choice * 8;
}

static void survey_signal(struct scan *s, unsigned signal)
{
    for (unsigned choice = 0; choice < QSPI_SCAN_CHOICES; choice++) {
        uint32_t pin = pin_at(s, signal, choice);
        if (pin && !skip_at(s, signal, choice))
            leave_out(s, signal, choice, who_holds(pin, rest_of(signal)));
    }
}

bool scan_survey(struct scan *s)
{
    // CLK comes last: no chip is selected when it moves.
    for (unsigned signal = QSPI_SCAN_SIGNALS; signal-- > 0;) {
        for (unsigned choice = 0; choice < QSPI_SCAN_CHOICES; choice++) {
            uint32_t pin = pin_at(s, signal, choice);
            if (!pin)
                continue;
            if (!qspi_enable_port(QSPI_PIN_PORT(pin)))
                return false;
            if (locked(pin))
                leave_out(s, signal, choice, QSPI_SCAN_LOCKED);
            else
                scan_rest(pin, rest_of(signal));
        }
    }
    scan_settle();
    for (unsigned signal = 0; signal < QSPI_SCAN_SIGNALS; signal++) {
        if (signal != QSPI_SCAN_BK1_IO3 && signal != QSPI_SCAN_BK2_IO3)
            survey_signal(s, signal);
    }
    return true;
}

// The signal of a line.
static unsigned signal_of(const struct scan *s, unsigned slot)
{
    return slot == QSPI_SLOT_CLK ? QSPI_SCAN_CLK : s->first + slot - QSPI_SLOT_NCS;
}

void scan_survey_io3(struct scan *s)
{
    survey_signal(s, signal_of(s, QSPI_SLOT_IO3));
}

uint32_t scan_choice(const struct scan *s, unsigned slot, unsigned choice)
{
    unsigned signal = signal_of(s, slot);
    return skip_at(s, signal, choice) ? 0 : pin_at(s, signal, choice);
}

void scan_connect(struct scan *s, unsigned slot, uint32_t pin)
{
    s->lines[slot] = pin;
    (void)qspi_connect_pin(pin, slot != QSPI_SLOT_CLK);
}

void scan_release(struct scan *s, unsigned slot)
{
    scan_rest(s->lines[slot], rest_of(slot)); // of the slots, only CLK has the number of its signal
    s->lines[slot] = 0;
}
