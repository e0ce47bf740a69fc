// SPDX-License-Identifier: MIT
// What no pin can do to a NOR chip: choose its times, defects and state. Used by scenarios and
// tests.
#include "nor_state.h"
#include <string.h>

void nor_set_worst_case(struct nor *n, bool worst)
{
    n->worst_case = worst;
}

void nor_set_faults(struct nor *n, const struct nor_faults *faults)
{
    n->faults = *faults;
    unsigned room = sizeof(n->faults.stuck) / sizeof(n->faults.stuck[0]);
    if (n->faults.stuck_count > room)
        n->faults.stuck_count = room;
    n->read_quirks = n->faults.stuck_count || n->suspended.kind != JOB_NONE;
}

void nor_set_status(struct nor *n, uint8_t sr1, uint8_t sr2, uint8_t sr3)
{
    n->sr[0] = sr1 & (uint8_t) ~(NOR_SR1_WIP | NOR_SR1_WEL);
    n->sr[1] = sr2 & (uint8_t)~NOR_SR2_SUS;
    n->sr[2] = n->part->addr4 ? sr3 & (uint8_t)~NOR_SR3_ADS : sr3;
    memcpy(n->nv, n->sr, sizeof(n->nv));
    n->nv[1] &= (uint8_t)~NOR_SR2_SRL;
    nor_pin_functions(n);
    nor_save(n);
}

uint8_t nor_status(struct nor *n, unsigned number)
{
    return nor_read_sr(n, number - 1);
}

static void begin_erase(struct nor *n, bool suspended)
{
    const struct nor_times *t = n->worst_case ? &n->part->worst : &n->part->typical;
    struct nor_job job = {.kind = JOB_ERASE, .len = NOR_BLOCK};
    nor_start_job(n, &job, t->block_64k);
    n->wel = true;
    if (!suspended)
        return;
    n->job.suspend_at = n->clock->now;
    nor_settle(n);
}

bool nor_set_mode(struct nor *n, enum nor_mode mode)
{
    bool qpi = mode == NOR_IN_QPI || mode == NOR_IN_QPI_CONTINUOUS_QUAD;
    if (qpi && !n->part->qpi && !n->part->qpi_35h)
        return false;
    n->qpi = qpi;
    n->power_down = mode == NOR_IN_POWER_DOWN;
    n->continuous = NULL;
    if (mode == NOR_IN_CONTINUOUS_DUAL)
        n->continuous = n->lookup[0][NOR_CMD_FAST_READ_DUAL_IO];
    if (mode == NOR_IN_CONTINUOUS_QUAD || mode == NOR_IN_QPI_CONTINUOUS_QUAD)
        n->continuous = n->lookup[qpi][NOR_CMD_FAST_READ_QUAD_IO];
    if (n->part->qpi_35h)
        nor_pin_functions(n);
    else if (qpi || mode == NOR_IN_CONTINUOUS_QUAD)
        nor_set_status(n, n->sr[0], n->sr[1] | NOR_SR2_QE, n->sr[2]);
    if (mode == NOR_IN_ERASE || mode == NOR_IN_SUSPENDED_ERASE)
        begin_erase(n, mode == NOR_IN_SUSPENDED_ERASE);
    return true;
}

const struct nor_counters *nor_counters(const struct nor *n)
{
    return &n->counters;
}

void nor_set_trace(struct nor *n, void (*trace)(void *ctx, const struct nor_trace *t), void *ctx)
{
    n->trace = trace;
    n->trace_ctx = ctx;
}
