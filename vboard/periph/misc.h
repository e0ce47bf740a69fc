// SPDX-License-Identifier: MIT
// Three small peripherals that start-up code meets: the interrupt controller's software side
// (EXTI), the random number generator and the hardware semaphores.
#pragma once
#include "env.h"

struct exti; // no pin edges: only SWIER sets pending bits
struct exti *exti_new(const struct periph_env *env);
void exti_free(struct exti *e);
struct bus_device exti_device(struct exti *e);

struct rng; // deterministic numbers at the pace of its kernel clock
struct rng *rng_new(const struct periph_env *env);
void rng_free(struct rng *r);
struct bus_device rng_device(struct rng *r);

struct hsem; // 32 semaphores, one bus master: the core
struct hsem *hsem_new(const struct periph_env *env);
void hsem_free(struct hsem *h);
struct bus_device hsem_device(struct hsem *h);
