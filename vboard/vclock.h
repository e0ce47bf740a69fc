// SPDX-License-Identifier: MIT
// Virtual time: the one clock of the machine behind the probe. Every layer reads it, any layer
// that makes its caller wait moves it.
#pragma once
#include <stdint.h>

typedef uint64_t vt_t; // picoseconds since power-up

#define VT_NEVER UINT64_MAX
#define VT_NS    UINT64_C(1000)
#define VT_US    UINT64_C(1000000)
#define VT_MS    UINT64_C(1000000000)
#define VT_S     UINT64_C(1000000000000)

struct vclock {
    vt_t now;
};

// Move the clock to `t`; earlier times leave it where it is.
static inline void vclock_reach(struct vclock *c, vt_t t)
{
    if (t > c->now)
        c->now = t;
}

// Duration of `cycles` at `hz`, rounded to the nearest picosecond. `hz` must not be 0.
static inline vt_t vt_cycles(uint64_t cycles, uint64_t hz)
{
    return (cycles / hz) * VT_S + ((cycles % hz) * VT_S + hz / 2) / hz;
}
