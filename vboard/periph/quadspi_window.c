// SPDX-License-Identifier: MIT
// Memory-mapped mode of the QUADSPI: reads in the window at 0x90000000, prefetch, timeout counter,
// and the errata of this mode. The bus reads here.
#include "quadspi_int.h"

bool quadspi_window_open(const struct quadspi *q)
{
    return gate_open(&q->gate) && q->cr & QUADSPI_CR_EN && fmode(q) == FMODE_MAPPED;
}

static bool window_open(void *ctx)
{
    return quadspi_window_open(ctx);
}

vt_t qspi_timeout(const struct quadspi *q)
{
    if (q->state != SEQ_STALL || fmode(q) != FMODE_MAPPED || !(q->cr & QUADSPI_CR_TCEN))
        return VT_NEVER;
    return q->t + (vt_t)q->lptr * q->period;
}

// An address phase of two chips carries half of an even address.
static void start_mapped(struct quadspi *q, uint32_t address)
{
    q->head = address & ~(uint32_t)(chips_at_once(q) - 1);
    q->level = 0;
    qspi_start(q, q->head, memory_size(q) - q->head);
}

bool qspi_resume_mapped(struct quadspi *q)
{
    if (!q->restart)
        return false;
    q->restart = false;
    start_mapped(q, q->restart_at);
    return true;
}

// Go on with the stream that ends at `address`, or end it and begin another.
static void seek(struct quadspi *q, uint32_t address)
{
    if (q->state == SEQ_IDLE) {
        start_mapped(q, address);
        return;
    }
    bool streaming = q->state == SEQ_SHIFT || q->state == SEQ_STALL;
    if (streaming && address == q->head)
        return;
    q->restart = true;
    q->restart_at = address;
    q->level = 0;
    if (!streaming) // NCS is on its way up
        return;
    q->phase = PH_DONE;
    q->state = SEQ_DESELECT;
    q->t = q->clock->now + q->period / 2;
}

// Erratum: the read meets the edge at which the timeout counter runs out.
static bool meets_timeout(const struct quadspi *q)
{
    vt_t now = q->clock->now, due = qspi_timeout(q);
    bool just = q->timeout_at && now - q->timeout_at < q->period;
    return q->errata.tcen_race && q->cr & QUADSPI_CR_TCEN && (just || due - now < q->period);
}

// Move `size` bytes at `address` out of the stream, waiting for them. False if they never come.
static bool fetch(struct quadspi *q, uint32_t address, unsigned size, uint32_t *value)
{
    seek(q, address);
    for (;;) {
        unsigned skip = q->restart ? 0 : address - q->head;
        if (!q->restart && q->level >= skip + size)
            break;
        vt_t next = qspi_next(q);
        if (next == VT_NEVER)
            return false;
        vclock_reach(q->clock, next);
        qspi_sync(q);
    }
    while (q->head != address) {
        fifo_pop(q);
        q->head++;
    }
    *value = 0;
    for (unsigned i = 0; i < size; i++)
        *value |= (uint32_t)fifo_pop(q) << (8 * i);
    q->head += size;
    qspi_unstall(q);
    return true;
}

// Erratum "last byte": 0x00 at first, no answer ever after. False if the bus stalls now.
static bool survive_last_byte(struct quadspi *q, uint32_t address, unsigned size, uint32_t *value)
{
    if (!q->errata.last_byte_stall || (uint64_t)address + size != memory_size(q))
        return true;
    report_event(q->report, q->clock->now, "qspi.last-byte-mapped",
                 "memory-mapped read of 0x%08x, the last byte by FSIZE: reads 0x00, then stalls "
                 "the bus (ES0392)",
                 (unsigned)(QSPI_WINDOW_BASE + address + size - 1));
    *value &= size == 1 ? 0 : UINT32_MAX >> (8 * (5 - size));
    q->axi_stalled = q->last_byte_read;
    q->last_byte_read = true;
    return !q->axi_stalled;
}

static enum bus_result refuse(struct quadspi *q, uint32_t offset, const char *why)
{
    report_event(q->report, q->clock->now, "qspi.window-fault", "access to 0x%08x %s",
                 (unsigned)(QSPI_WINDOW_BASE + offset), why);
    return BUS_FAULT;
}

static enum bus_result window_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    struct quadspi *q = ctx;
    *value = 0;
    if (q->axi_stalled)
        return BUS_HANG;
    if (!quadspi_window_open(q))
        return refuse(q, offset, "outside memory-mapped mode");
    if ((uint64_t)offset + size > memory_size(q))
        return refuse(q, offset, "beyond the memory size in DCR.FSIZE");
    qspi_sync(q);
    bool raced = meets_timeout(q);
    if (!FIELD(q->ccr, QUADSPI_CCR_DMODE) || !fetch(q, offset, size, value)) {
        report_event(q->report, q->clock->now, "qspi.window-hang",
                     "mapped read of 0x%08x never gets data (no kernel clock, no data phase, or a "
                     "hanging QUADSPI)",
                     (unsigned)(QSPI_WINDOW_BASE + offset));
        return BUS_HANG;
    }
    if (raced) {
        report_event(q->report, q->clock->now, "qspi.timeout-race",
                     "a mapped read at the edge of the TCEN timeout gets wrong data (ES0392)");
        *value = size == 4 ? ~*value : ~*value & ((1u << (8 * size)) - 1);
    }
    qspi_update_irq(q);
    return survive_last_byte(q, offset, size, value) ? BUS_OK : BUS_HANG;
}

static enum bus_result window_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    (void)size;
    (void)value;
    return refuse(ctx, offset, "is a write; the window is read-only");
}

// Contents may change at any moment (the chip may be busy).
static vt_t window_next_event(void *ctx)
{
    const struct quadspi *q = ctx;
    return q->clock->now;
}

struct bus_device quadspi_window(struct quadspi *q)
{
    return (struct bus_device){.name = "QUADSPI window",
                               .base = QSPI_WINDOW_BASE,
                               .size = QSPI_WINDOW_SIZE,
                               .ctx = q,
                               .read = window_read,
                               .write = window_write,
                               .open = window_open,
                               .next_event = window_next_event};
}
