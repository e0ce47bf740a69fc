// SPDX-License-Identifier: MIT
// From bytes to commands: takes the instruction apart into address, mode, dummy and data phases as
// its row of nor_cmds[] says, and decides whether the chip obeys it at all.
#include "nor_state.h"
#include <string.h>

enum { CONTINUOUS_OFF_OPCODE = 0xFF };

void nor_build_lookup(struct nor *n)
{
    for (unsigned i = 0; i < nor_cmds_count; i++) {
        const struct nor_cmd *c = &nor_cmds[i];
        if (((c->flags & F_NEEDS_QPI) && !n->part->qpi) ||
            ((c->flags & F_NEEDS_DTR) && !n->part->dtr) ||
            ((c->flags & F_NEEDS_35H) && !n->part->qpi_35h) ||
            ((c->flags & F_NOT_35H) && n->part->qpi_35h) ||
            ((c->flags & F_NEEDS_ADDR4) && !n->part->addr4))
            continue;
        if (c->flags & F_SPI)
            n->lookup[0][c->opcode] = c;
        if ((c->flags & F_QPI) && (n->part->qpi || n->part->qpi_35h))
            n->lookup[1][c->opcode] = c;
    }
}

static uint32_t period_ps(uint32_t hz)
{
    return hz ? (uint32_t)(VT_S / hz) : 0;
}

static unsigned address_lines(const struct nor *n)
{
    return n->qpi ? 4 : n->cmd->address_lines;
}

static unsigned data_lines(const struct nor *n)
{
    return n->qpi ? 4 : n->cmd->data_lines;
}

static unsigned address_bytes(const struct nor *n)
{
    if (n->cmd->address == ADDR_MODE)
        return n->addr4 ? 4 : 3;
    return n->cmd->address == ADDR_4 ? 4 : n->cmd->address == ADDR_3 ? 3 : 0;
}

// C0h sets the dummy clocks of the QPI reads; the two clocks of a mode byte are among them.
static unsigned dummy_clocks(const struct nor *n)
{
    if (n->opcode == NOR_CMD_READ_UNIQUE_ID && n->addr4)
        return n->cmd->dummy + 8u;
    if (!n->qpi)
        return n->cmd->dummy;
    if (!(n->cmd->flags & F_DUMMY_P))
        return n->cmd->dummy_qpi;
    return 2u + 2u * (n->read_params >> 4 & 3) - (n->cmd->flags & F_MODE ? 2u : 0u);
}

static uint32_t wrap_mask(const struct nor *n)
{
    if ((n->cmd->flags & F_WRAP_P) && n->qpi)
        return (8u << (n->read_params & 3)) - 1;
    if ((n->cmd->flags & F_WRAP_W) && !n->qpi && !(n->wrap_bits & 0x10))
        return (8u << (n->wrap_bits >> 5 & 3)) - 1;
    return n->part->size - 1;
}

static void begin_data(struct nor *n)
{
    if (n->cmd->data_lines == 0) {
        n->phase = PHASE_COMPLETE;
        n->clocks_left = 0;
    } else if (n->cmd->next)
        nor_begin_output(n, data_lines(n), n->cmd->flags & F_DTR);
    else
        nor_expect(n, PHASE_DATA_IN, data_lines(n), false);
}

static void after_mode(struct nor *n)
{
    unsigned dummy = dummy_clocks(n);
    if (dummy)
        nor_expect_dummy(n, dummy);
    else
        begin_data(n);
}

void nor_after_dummy(struct nor *n)
{
    begin_data(n);
}

static void after_address(struct nor *n)
{
    n->address_raw = n->address;
    if (n->part->addr4 && address_bytes(n) == 3 && (n->cmd->flags & F_ARRAY))
        n->address |= (uint32_t)n->ext_addr << 24;
    if (n->cmd->flags & F_ARRAY) {
        if (n->address >= n->part->size)
            NOR_EVENT(n, "nor.address-beyond-end", "%02Xh at %08lX: the chip sees %08lX", n->opcode,
                      (unsigned long)n->address, (unsigned long)(n->address & (n->part->size - 1)));
        n->address &= n->part->size - 1;
        n->read_mask = wrap_mask(n);
    }
    if (n->cmd->flags & F_MODE)
        nor_expect(n, PHASE_MODE, address_lines(n), n->cmd->flags & F_DTR);
    else
        after_mode(n);
}

static void begin_address(struct nor *n)
{
    n->bytes_left = address_bytes(n);
    n->limit_in = period_ps(n->cmd->flags & F_DTR ? n->part->dtr_hz : n->part->max_hz);
    n->limit_out = n->cmd->flags & F_READ_LIMIT ? period_ps(n->part->read_hz) : n->limit_in;
    if (n->bytes_left)
        nor_expect(n, PHASE_ADDRESS, address_lines(n), n->cmd->flags & F_DTR);
    else
        after_mode(n);
}

// M5-4 = 10 keeps the read going at the next chip select; anything else ends it.
static void take_mode(struct nor *n, uint8_t mode)
{
    if (n->cmd->flags & F_CONTINUOUS)
        n->continuous = (mode & NOR_MODE_CONTINUOUS_MASK) == NOR_MODE_CONTINUOUS ? n->cmd : NULL;
    after_mode(n);
}

// NULL if the chip obeys, else the id of the event.
static const char *refusal(const struct nor *n)
{
    const struct nor_cmd *c = n->cmd;
    if (n->power_down)
        return n->opcode == NOR_CMD_RELEASE_POWER_DOWN ? NULL : "nor.command-in-power-down";
    if (!c)
        return "nor.unknown-opcode";
    if (nor_busy(n) && !(c->flags & F_WHILE_BUSY))
        return "nor.command-while-busy";
    if ((c->flags & F_QE) && !(n->sr[1] & NOR_SR2_QE))
        return "nor.quad-without-qe";
    if (n->suspended.kind == JOB_NONE)
        return NULL;
    uint32_t forbidden =
        nor_is_erase(&n->suspended) ? F_NOT_IN_ERASE_SUSPEND : F_NOT_IN_PROGRAM_SUSPEND;
    return c->flags & forbidden ? "nor.command-while-suspended" : NULL;
}

static void take_opcode(struct nor *n, uint8_t opcode)
{
    nor_settle(n);
    n->heard = true;
    n->opcode = opcode;
    n->counters.opcode[opcode]++;
    // 50h and 66h count for the very next instruction only.
    n->sr_volatile = n->sr_volatile_armed;
    n->reset_now = n->reset_armed;
    n->sr_volatile_armed = n->reset_armed = false;
    n->cmd = n->lookup[n->qpi][opcode];
    const char *why = refusal(n);
    if (!why) {
        if (n->cmd->flags & F_PAGE)
            memset(n->page, 0xFF, sizeof(n->page));
        begin_address(n);
        return;
    }
    // FFh on one line is how a host ends a continuous read that may be on; it harms nothing.
    if (opcode != CONTINUOUS_OFF_OPCODE || n->qpi)
        NOR_EVENT(n, why, "%02Xh ignored%s", opcode, n->qpi ? " in QPI mode" : "");
    nor_deafen(n);
}

static void take_data(struct nor *n, uint8_t b)
{
    if (n->cmd->flags & F_PAGE)
        n->page[(n->address + n->count) % NOR_PAGE_SIZE] = b;
    else if (n->count < sizeof(n->in))
        n->in[n->count] = b;
    n->count++;
}

void nor_byte_in(struct nor *n, uint8_t b)
{
    switch (n->phase) {
    case PHASE_OPCODE:
        take_opcode(n, b);
        break;
    case PHASE_ADDRESS:
        n->address = n->address << 8 | b;
        if (--n->bytes_left == 0)
            after_address(n);
        break;
    case PHASE_MODE:
        take_mode(n, b);
        break;
    default:
        take_data(n, b);
    }
}

void nor_begin(struct nor *n)
{
    nor_settle(n);
    n->cmd = NULL;
    n->address = n->count = 0;
    n->held = n->hold_reported = n->too_fast_reported = false;
    n->heard = n->from_continuous = false;
    n->limit_in = period_ps(n->part->max_hz);
    if (!n->powered || n->in_reset || n->clock->now < n->ready_at) {
        if (n->powered)
            NOR_EVENT(n, "nor.not-ready", "selected within tVSL, tRST or tRES");
        nor_deafen(n);
        return;
    }
    if (!n->continuous) {
        nor_expect(n, PHASE_OPCODE, n->qpi ? 4 : 1, false);
        return;
    }
    n->heard = n->from_continuous = true;
    n->cmd = n->continuous;
    n->opcode = n->cmd->opcode;
    begin_address(n);
}

// Commands that write take effect only if chip select rises just after a whole byte.
static bool is_whole(struct nor *n)
{
    const struct nor_cmd *c = n->cmd;
    if ((c->flags & F_ANY_LENGTH) || n->phase == PHASE_DATA_OUT)
        return true;
    if (n->phase == PHASE_COMPLETE)
        return n->clocks_left == 0;
    return n->phase == PHASE_DATA_IN && n->clocks_left == n->clocks_per_byte &&
           n->count >= c->in_min && (c->in_max == 0 || n->count <= c->in_max);
}

static bool execute(struct nor *n)
{
    const struct nor_cmd *c = n->cmd;
    if (!is_whole(n)) {
        if (c->execute)
            NOR_EVENT(n, "nor.incomplete-command",
                      "%02Xh not executed: chip select rose at the wrong clock", n->opcode);
        return false;
    }
    if ((c->flags & F_WEL) && !n->wel) {
        NOR_EVENT(n, "nor.no-write-enable", "%02Xh not executed: WEL=0", n->opcode);
        return false;
    }
    return !c->execute || c->execute(n);
}

static void finish_opcode(struct nor *n)
{
    unsigned bits = (n->clocks_per_byte - n->clocks_left) * n->lines;
    if (bits && n->shift != (1u << bits) - 1)
        NOR_EVENT(n, "nor.partial-opcode", "chip select rose after %u bits", bits);
}

void nor_finish(struct nor *n)
{
    if (n->phase == PHASE_OPCODE) {
        finish_opcode(n);
        return;
    }
    if (!n->heard)
        return;
    struct nor_trace t = {.opcode = n->opcode,
                          .qpi = n->qpi,
                          .continuous = n->from_continuous,
                          .length = n->count,
                          .address = n->address_raw,
                          .has_address = n->cmd && n->cmd->address && n->phase > PHASE_ADDRESS &&
                                         n->phase != PHASE_DEAF};
    t.executed = n->phase != PHASE_DEAF && execute(n);
    if (n->trace)
        n->trace(n->trace_ctx, &t);
}
