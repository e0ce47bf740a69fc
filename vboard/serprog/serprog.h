// SPDX-License-Identifier: MIT
// A programmer that speaks serprog (flashrom's Documentation/serprog-protocol.txt, version 1) on a
// stream and drives one NOR chip at its pins. Used by main.c.
#pragma once
#include <stdio.h>
#include "../chip/nor.h"

struct serprog {
    struct vclock *clock;
    struct nor *chip;
    bool wp_low;        // level of /WP (IO2); /HOLD (IO3) is pulled up
    bool pins_off;      // 15h with 0: nothing reaches the chip
    uint32_t period_ps; // of the SPI clock
    uint64_t delay_us;  // in the operation buffer
};

// A programmer with its clock at 12 MHz.
void serprog_init(struct serprog *s, struct vclock *clock, struct nor *chip);

// Answer commands until the stream ends or fails.
void serprog_serve(struct serprog *s, FILE *in, FILE *out);
