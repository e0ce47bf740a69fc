// SPDX-License-Identifier: MIT
// Loops that only wait are skipped, exactly: if the core comes back to a block with the same
// registers, having written nothing, and what it read cannot change before a known moment, then
// whole turns of the loop are added to the clock at once.
#include "private.h"
#include <string.h>

enum { FIRST_BACKOFF = 16, MAX_BACKOFF = 4096 };

static const int watched[17] = {UC_ARM_REG_R0,     UC_ARM_REG_R1, UC_ARM_REG_R2,  UC_ARM_REG_R3,
                                UC_ARM_REG_R4,     UC_ARM_REG_R5, UC_ARM_REG_R6,  UC_ARM_REG_R7,
                                UC_ARM_REG_R8,     UC_ARM_REG_R9, UC_ARM_REG_R10, UC_ARM_REG_R11,
                                UC_ARM_REG_R12,    UC_ARM_REG_SP, UC_ARM_REG_LR,  UC_ARM_REG_XPSR,
                                UC_ARM_REG_PRIMASK};

static void read_registers(struct core *c, uint32_t *r)
{
    for (unsigned i = 0; i < 17; i++)
        r[i] = core_get(c, watched[i]);
}

void loop_reset(struct core *c)
{
    c->loop.blocks = 0;
    c->loop.anchor = 1; // no block starts at an odd address
    c->loop.backoff = FIRST_BACKOFF;
    c->loop.countdown = FIRST_BACKOFF;
}

static void drop_anchor(struct core *c, bool give_up)
{
    struct loop_watch *l = &c->loop;
    l->anchor = 1;
    if (give_up && l->backoff < MAX_BACKOFF)
        l->backoff *= 2;
    l->countdown = l->backoff;
}

static void set_anchor(struct core *c, uint32_t addr)
{
    struct loop_watch *l = &c->loop;
    l->anchor = addr;
    l->blocks = 0;
    l->unsteady = false;
    l->read_from = NULL;
    l->writes = c->cfg.bus->writes;
    l->anchor_time = c->clock->now;
    read_registers(c, l->registers);
}

static bool loop_stores(struct core *c)
{
    for (unsigned i = 0; i < c->loop.blocks; i++) {
        struct bus_memory *m = bus_find_memory(c->cfg.bus, c->loop.block[i]);
        uint32_t size = c->loop.block_size[i];
        if (!m || c->loop.block[i] - m->base > m->size - size ||
            decode_stores(m->bytes + (c->loop.block[i] - m->base), size))
            return true;
    }
    return false;
}

// Back at the anchor: skip whole turns if nothing can be different in them.
static void close_turn(struct core *c)
{
    struct loop_watch *l = &c->loop;
    uint32_t now[17];
    read_registers(c, now);
    vt_t period = c->clock->now - l->anchor_time;
    if (l->unsteady || l->writes != c->cfg.bus->writes || period == 0 ||
        memcmp(now, l->registers, sizeof(now)) != 0 || loop_stores(c)) {
        drop_anchor(c, true);
        return;
    }
    vt_t until = c->limit;
    if (l->read_from && l->read_from->next_event) {
        vt_t t = l->read_from->next_event(l->read_from->ctx);
        until = t < until ? t : until;
    }
    // stop one turn short, so that the change is met by running code
    if (until != VT_NEVER && until > c->clock->now + 2 * period)
        c->clock->now += ((until - c->clock->now) / period - 1) * period;
    l->backoff = FIRST_BACKOFF;
    drop_anchor(c, false);
}

void loop_on_block(struct core *c, uint32_t addr, uint32_t size)
{
    struct loop_watch *l = &c->loop;
    if (l->anchor == 1) {
        if (--l->countdown == 0)
            set_anchor(c, addr);
        else
            return;
    } else if (addr == l->anchor && l->blocks) {
        close_turn(c);
        return;
    }
    if (l->blocks == LOOP_BLOCKS) {
        drop_anchor(c, true);
        return;
    }
    l->block[l->blocks] = addr;
    l->block_size[l->blocks++] = size;
}
