// SPDX-License-Identifier: MIT
// The Cortex-M7 with its debug unit, as the AHB-AP and the board see it. Instructions are executed
// by Unicorn; exceptions, the system control space and debug are the model's own.
#pragma once
#include "../adi/memap.h"
#include "../bus/bus.h"
#include "../report.h"

struct core;

struct core_config {
    struct vclock *clock;
    struct report *report;
    struct bus *bus;
    uint32_t (*cpu_hz)(void *ctx);   // frequency of the core now, 0 = stopped
    void (*system_reset)(void *ctx); // SYSRESETREQ: the board resets everything, core_reset too
    void (*debug_state)(void *ctx, bool halted); // entered or left debug state (freezes watchdogs)
    void *ctx;
    uint32_t boot_address; // initial vector table
};

struct core *core_new(const struct core_config *config);
void core_free(struct core *c);
// Reset the processor; `power` also resets the debug unit. Starts at the boot address.
void core_reset(struct core *c, bool power);
// Hold the core in reset (NRST low) or let it go.
void core_hold(struct core *c, bool held);
// Let the machine run until the clock reads `t`.
void core_run_until(struct core *c, vt_t t);
// An NVIC input changed (for struct irq_line).
void core_irq(void *core, unsigned irq, bool level);
// What answers at an address has changed (a window opened, a memory got its clock).
void core_map_changed(void *core);
// The clock of the core may have changed.
void core_clock_changed(void *core);
// Ask for a system reset from within a bus access or a device's `sync`; it happens right after.
void core_request_reset(struct core *c);
// Contents of memory changed behind the core's back.
void core_code_changed(struct core *c, uint32_t addr, uint32_t size);
// The port behind AP0 (AHB-AP of the core) and, without the private peripheral bus, AP1 (AXI-AP).
struct mem_port core_ahb_port(struct core *c);
struct mem_port core_axi_port(struct core *c);
// For tests.
uint32_t core_register(struct core *c, unsigned selector); // DCRSR numbering
bool core_halted(const struct core *c);
uint64_t core_instructions(const struct core *c);
