// SPDX-License-Identifier: MIT
// The life of a NOR chip: made, powered, selected, reset. Used by the nets of the virtual board and
// by the serprog server.
#include "nor_state.h"
#include <stdlib.h>
#include <string.h>

// Datasheet 9.3 and 9.6
enum { TVSL_US = 20, TPUW_US = 5000, TRST_US = 30, SR3_FACTORY = 0x60 };

uint32_t nor_noise(struct nor *n)
{
    n->noise ^= n->noise << 13; // xorshift32: the same errors in each run
    n->noise ^= n->noise >> 17;
    n->noise ^= n->noise << 5;
    return n->noise;
}

uint8_t nor_read_sr(struct nor *n, unsigned index)
{
    nor_settle(n);
    uint8_t v = n->sr[index];
    if (index == 0)
        v |= (nor_busy(n) ? NOR_SR1_WIP : 0) | (n->wel ? NOR_SR1_WEL : 0);
    else if (index == 1)
        v |= n->suspended.kind != JOB_NONE ? NOR_SR2_SUS : 0;
    else
        v |= n->addr4 ? NOR_SR3_ADS : 0;
    return v;
}

// Volatile state as after power-up or 99h (datasheet 8.2.43: registers return to their non-volatile
// values, suspend, WEL, QPI, C0h, 77h and continuous read are forgotten).
void nor_reset_state(struct nor *n)
{
    uint8_t srl = n->sr[1] & NOR_SR2_SRL; // only a power cycle unlocks the registers
    memcpy(n->sr, n->nv, sizeof(n->sr));
    n->sr[1] |= srl;
    n->wel = n->sr_volatile_armed = n->reset_armed = n->qpi = n->power_down = false;
    n->addr4 = n->part->addr4 && (n->nv[2] & NOR_SR3_ADP);
    n->ext_addr = n->read_params = 0;
    n->wrap_bits = 0x10;
    n->continuous = NULL;
    n->resumed_at = 0;
    nor_locks_set_all(n, true);
    nor_pin_functions(n);
}

void nor_software_reset(struct nor *n)
{
    nor_settle(n);
    nor_abandon_jobs(n);
    nor_reset_state(n);
    n->ready_at = n->clock->now + TRST_US * VT_US;
}

struct nor *nor_new(const struct nor_part *part, struct vclock *clock, struct report *report)
{
    struct nor *n = calloc(1, sizeof(*n));
    if (!n)
        return NULL;
    n->part = part;
    n->clock = clock;
    n->report = report;
    n->noise = part->jedec_id;
    n->levels = 0xF;
    n->array = malloc(part->size);
    n->locks = malloc(nor_locks_bytes(n));
    if (!n->array || !n->locks) {
        nor_free(n);
        return NULL;
    }
    memset(n->array, 0xFF, part->size);
    memset(n->security, 0xFF, sizeof(n->security));
    n->nv[1] = part->qe_factory ? NOR_SR2_QE : 0;
    n->nv[2] = SR3_FACTORY;
    nor_part_sfdp(part, n->sfdp);
    nor_build_lookup(n);
    n->powered = true;
    n->phase = PHASE_DEAF;
    nor_reset_state(n);
    return n;
}

void nor_free(struct nor *n)
{
    if (!n)
        return;
    nor_settle(n);
    nor_release(n);
    free(n->locks);
    free(n);
}

void nor_power(struct nor *n, bool on)
{
    if (on == n->powered)
        return;
    nor_settle(n);
    n->selected = false;
    nor_deafen(n);
    n->powered = on;
    if (!on) {
        nor_abandon_jobs(n);
        return;
    }
    n->sr[1] &= (uint8_t)~NOR_SR2_SRL;
    n->in_reset = false;
    nor_reset_state(n);
    n->ready_at = n->clock->now + TVSL_US * VT_US;
    n->write_ok_at = n->clock->now + TPUW_US * VT_US;
}

void nor_select(struct nor *n, bool low)
{
    if (low == n->selected)
        return;
    n->selected = low;
    if (low) {
        n->drive = (struct nor_drive){0};
        n->output = false;
        nor_begin(n);
        return;
    }
    if (n->powered)
        nor_finish(n);
    nor_deafen(n);
}

uint8_t *nor_array(struct nor *n)
{
    nor_settle(n);
    return n->array;
}

uint32_t nor_size(const struct nor *n)
{
    return n->part->size;
}
