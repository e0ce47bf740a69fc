// SPDX-License-Identifier: MIT
// Time for the loader, from TIM7, whatever clocks the core and its timers run at; and the watchdog,
// which every wait feeds.
#pragma once
#include "../driver/qspi.h"

struct timer {
    uint32_t ticks_ms; // ticks in a millisecond
    uint32_t clocked;  // RCC bit of TIM7 as it was before
};

// Start TIM7 and measure it against SCK, by a 1 ms read of a status register at 250 kHz. `q` must
// be set up and idle; its SCK is 250 kHz afterwards. Returns false if the timer does not count.
bool timer_start(struct timer *t, struct qspi *q);

// Arm the timer for `us` microseconds, at most 10000.
void timer_arm(const struct timer *t, uint32_t us);

// Has the time that was armed run out?
bool timer_expired(void);

// Wait for `us` microseconds, at most 10000, and feed the independent watchdog, which option bytes
// may have started (RM0433 "IWDG": a reload while it is off does nothing).
void timer_sleep(const struct timer *t, uint32_t us);

// Feed the independent watchdog.
void timer_feed(void);

// Leave TIM7 as after a reset, its clock as it was before.
void timer_stop(const struct timer *t);
