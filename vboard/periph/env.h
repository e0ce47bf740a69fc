// SPDX-License-Identifier: MIT
// What every small peripheral model needs of its surroundings; periph.c fills it in.
#pragma once
#include "../bus/device.h"
#include "../report.h"
#include "rcc.h"
#include "regio.h"

struct periph_env {
    struct vclock *clock;
    struct report *report;
    struct rcc *rcc;
    void (*irq)(void *ctx, unsigned irq, bool level); // NVIC inputs; may be NULL
    void *irq_ctx;
};

static inline struct irq_line env_irq(const struct periph_env *env, unsigned irq)
{
    return (struct irq_line){.set = env->irq, .ctx = env->irq_ctx, .irq = irq};
}

static inline vt_t env_now(const struct periph_env *env)
{
    return env->clock->now;
}
