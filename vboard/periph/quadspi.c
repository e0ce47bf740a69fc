// SPDX-License-Identifier: MIT
// Registers of the QUADSPI (RM0433 "QUADSPI registers"; the rules of access are spelled out in the
// sister manual RM0399 chapter 24 of the same peripheral). The bus reads and writes here.
#include "quadspi_int.h"
#include <stdlib.h>

#define OFFSET(name) (QUADSPI_##name - QUADSPI_BASE)

// CR bits that exist, and those of them that may change only when BUSY = 0.
#define CR_BITS                                                                                    \
    (QUADSPI_CR_EN | QUADSPI_CR_DMAEN | QUADSPI_CR_TCEN | QUADSPI_CR_SSHIFT | QUADSPI_CR_DFM |     \
     QUADSPI_CR_FSEL | QUADSPI_CR_FTHRES_Msk | QUADSPI_CR_TEIE | QUADSPI_CR_TCIE |                 \
     QUADSPI_CR_FTIE | QUADSPI_CR_SMIE | QUADSPI_CR_TOIE | QUADSPI_CR_APMS | QUADSPI_CR_PMM |      \
     QUADSPI_CR_PRESCALER_Msk)
#define CR_IDLE_BITS                                                                               \
    (QUADSPI_CR_TCEN | QUADSPI_CR_SSHIFT | QUADSPI_CR_DFM | QUADSPI_CR_FSEL | QUADSPI_CR_APMS |    \
     QUADSPI_CR_PMM | QUADSPI_CR_PRESCALER_Msk)
#define DCR_BITS (QUADSPI_DCR_FSIZE_Msk | QUADSPI_DCR_CSHT_Msk | QUADSPI_DCR_CKMODE)
#define CCR_BITS 0xFF7FFFFFu
#define CCR_PHASES                                                                                 \
    (QUADSPI_CCR_IMODE_Msk | QUADSPI_CCR_ADMODE_Msk | QUADSPI_CCR_ABMODE_Msk |                     \
     QUADSPI_CCR_DMODE_Msk)

struct quadspi_errata quadspi_errata_default(void)
{
    return (struct quadspi_errata){.write_dummy_nibble = true,
                                   .ccr_zero_hang = true,
                                   .data_only_hang = true,
                                   .last_byte_stall = true,
                                   .hclk_prescaler_0 = true,
                                   .tcen_race = true};
}

static void window_may_have_changed(const struct quadspi *q)
{
    if (q->window_changed)
        q->window_changed(q->window_ctx);
}

static void while_busy(const struct quadspi *q, const char *name)
{
    report_event(q->report, q->clock->now, "qspi.write-while-busy",
                 "write to %s while BUSY=1 is ignored", name);
}

// ---- starting commands -------------------------------------------------------------------------

static void start_indirect(struct quadspi *q)
{
    uint64_t bytes = (uint64_t)q->dlr + 1, size = memory_size(q);
    bool addressed = FIELD(q->ccr, QUADSPI_CCR_ADMODE), open_end = q->dlr == UINT32_MAX;
    bool data = FIELD(q->ccr, QUADSPI_CCR_DMODE);
    if (open_end)
        bytes = size >> 32 ? UINT64_MAX : size - (q->ar < size ? q->ar : 0);
    bool past =
        q->ar >= size || (data && !open_end && fmode(q) != FMODE_POLL && q->ar + bytes > size);
    if (addressed && past) {
        report_event(q->report, q->clock->now, "qspi.address-error",
                     "AR=0x%08x with DLR=0x%08x goes beyond the memory size in DCR.FSIZE",
                     (unsigned)q->ar, (unsigned)q->dlr);
        q->sr |= QUADSPI_SR_TEF;
        q->level = 0;
        return;
    }
    if (q->errata.internal_timing && !q->settled) {
        qspi_hang(q, false);
        return;
    }
    if (!data && fmode(q) != FMODE_WRITE)
        report_event(q->report, q->clock->now, "qspi.read-without-data",
                     "DMODE=0 is for indirect write mode only");
    qspi_start(q, q->ar, bytes);
}

// A write mode command without data, or any read, starts by itself.
static bool needs_no_data(const struct quadspi *q)
{
    return fmode(q) == FMODE_READ || fmode(q) == FMODE_POLL ||
           (fmode(q) == FMODE_WRITE && !FIELD(q->ccr, QUADSPI_CCR_DMODE));
}

static void enter_freerun(struct quadspi *q)
{
    if (q->freeruns++ == 0)
        q->freerun_since = q->clock->now;
    q->state = SEQ_FREERUN;
}

static void trigger_by_ccr(struct quadspi *q)
{
    if (!(q->cr & QUADSPI_CR_EN) || fmode(q) == FMODE_MAPPED)
        return;
    if (!(q->ccr & CCR_PHASES)) {
        report_event(q->report, q->clock->now, "qspi.empty-command",
                     "CCR=0x%08x has no phase at all%s", (unsigned)q->ccr,
                     q->errata.ccr_zero_hang ? ": the QUADSPI hangs (ES0396 2.6.2)" : "");
        if (q->errata.ccr_zero_hang)
            qspi_hang(q, false);
        return;
    }
    bool data_only = (q->ccr & CCR_PHASES & ~QUADSPI_CCR_DMODE_Msk) == 0;
    if (fmode(q) == FMODE_READ && data_only && FIELD(q->ccr, QUADSPI_CCR_DCYC) < 2 &&
        q->errata.data_only_hang) {
        report_event(q->report, q->clock->now, "qspi.data-only-read",
                     "indirect read with a data phase only hangs until ABORT (ES0396 2.6.3)");
        qspi_hang(q, true);
        return;
    }
    if (!FIELD(q->ccr, QUADSPI_CCR_ADMODE) && needs_no_data(q))
        start_indirect(q);
}

// ---- writes ------------------------------------------------------------------------------------

// ES0392 "Internal timing criticality": CR.EN must fall within 127 kernel clocks of the first of
// two free-running clock requests at the largest prescaler.
static void leave_freerun(struct quadspi *q)
{
    vt_t kernel_clock = q->period / (FIELD(q->cr, QUADSPI_CR_PRESCALER) + 1);
    if (q->freeruns >= 2 && FIELD(q->cr, QUADSPI_CR_PRESCALER) == 255 &&
        q->clock->now - q->freerun_since < 127 * kernel_clock)
        q->settled = true;
    q->freeruns = 0;
}

static void write_cr(struct quadspi *q, uint32_t value)
{
    uint32_t bits = CR_BITS;
    if (!(value & QUADSPI_CR_EN) && q->cr & QUADSPI_CR_EN) { // nothing is busy then any more
        leave_freerun(q);
        qspi_stop(q);
    }
    if (qspi_busy(q)) {
        bits &= ~CR_IDLE_BITS;
        if ((value ^ q->cr) & CR_IDLE_BITS)
            while_busy(q, "CR fields that need BUSY=0");
    }
    q->cr = (q->cr & ~bits) | (value & bits);
    if (q->cr & QUADSPI_CR_DFM) {
        q->dlr |= 1u;
        q->ar &= ~1u;
    }
    if (value & QUADSPI_CR_ABORT && q->cr & QUADSPI_CR_EN) {
        q->freeruns = 0;
        qspi_abort(q);
    }
    qspi_retime(q);
    if (q->state == SEQ_IDLE)
        qspi_show_idle(q);
    window_may_have_changed(q);
}

static void write_ccr(struct quadspi *q, uint32_t value, bool instruction_written)
{
    if (q->state == SEQ_FREERUN && value & QUADSPI_CCR_FRCM) {
        enter_freerun(q); // ES0392 has the write repeated
        return;
    }
    if (qspi_busy(q)) {
        report_event(q->report, q->clock->now, "qspi.ccr-while-busy",
                     "CCR=0x%08x written while BUSY=1 is ignored", (unsigned)value);
        return;
    }
    if (fmode(q) == FMODE_MAPPED && FIELD(value, QUADSPI_CCR_FMODE) != FMODE_MAPPED)
        q->settled = false;
    q->ccr = value & CCR_BITS;
    q->instruction_sent = false;
    q->level = 0;
    qspi_show_idle(q);
    if (q->ccr & QUADSPI_CCR_FRCM) {
        if (q->cr & QUADSPI_CR_EN)
            enter_freerun(q);
    } else if (instruction_written) {
        trigger_by_ccr(q);
    }
    window_may_have_changed(q);
}

static void write_ar(struct quadspi *q, uint32_t value)
{
    if (fmode(q) == FMODE_MAPPED)
        return;
    if (qspi_busy(q)) {
        report_event(q->report, q->clock->now, "qspi.ar-while-busy",
                     "AR=0x%08x written while BUSY=1 is ignored", (unsigned)value);
        return;
    }
    q->ar = q->cr & QUADSPI_CR_DFM ? value & ~1u : value;
    if (q->cr & QUADSPI_CR_EN && FIELD(q->ccr, QUADSPI_CCR_ADMODE) && needs_no_data(q))
        start_indirect(q);
}

static enum bus_result write_dr(struct quadspi *q, uint32_t offset, unsigned size, uint32_t value)
{
    bool takes = q->cr & QUADSPI_CR_EN && fmode(q) == FMODE_WRITE &&
                 FIELD(q->ccr, QUADSPI_CCR_DMODE) && !(q->ccr & QUADSPI_CCR_FRCM);
    if (!takes || offset != OFFSET(DR)) {
        report_event(q->report, q->clock->now, "qspi.dr-write",
                     takes ? "DR written elsewhere than at its bottom"
                           : "DR written outside an indirect write with data (CCR=0x%08x)",
                     (unsigned)q->ccr);
        return BUS_OK;
    }
    while (q->level + size > QUADSPI_FIFO_SIZE) {
        vt_t next = qspi_next(q);
        if (next == VT_NEVER)
            return BUS_HANG;
        vclock_reach(q->clock, next);
        qspi_sync(q);
    }
    for (unsigned i = 0; i < size; i++)
        fifo_push(q, (uint8_t)(value >> (8 * i)));
    while (q->state != SEQ_IDLE && q->state != SEQ_SHIFT && q->state != SEQ_STALL) {
        vt_t next = qspi_next(q); // the last command's NCS has still to rise and rest
        if (next == VT_NEVER)
            return BUS_OK;
        vclock_reach(q->clock, next);
        qspi_sync(q);
    }
    if (q->state == SEQ_IDLE)
        start_indirect(q);
    else
        qspi_unstall(q);
    return BUS_OK;
}

static void write_idle_only(struct quadspi *q, uint32_t *reg, uint32_t value, const char *name)
{
    if (qspi_busy(q))
        while_busy(q, name);
    else
        *reg = value;
}

static enum bus_result write_register(struct quadspi *q, uint32_t offset, unsigned size,
                                      uint32_t value)
{
    uint32_t low = offset & 3;
#define MERGED(reg) reg_merge(q->reg, low, size, value)
    switch (offset & ~3u) {
    case OFFSET(CR):
        write_cr(q, MERGED(cr));
        break;
    case OFFSET(DCR):
        write_idle_only(q, &q->dcr, MERGED(dcr) & DCR_BITS, "DCR");
        break;
    case OFFSET(FCR):
        q->sr &= ~(reg_merge(0, low, size, value) &
                   (QUADSPI_FCR_CTEF | QUADSPI_FCR_CTCF | QUADSPI_FCR_CSMF | QUADSPI_FCR_CTOF));
        break;
    case OFFSET(DLR):
        write_idle_only(q, &q->dlr, MERGED(dlr) | (q->cr & QUADSPI_CR_DFM ? 1u : 0), "DLR");
        break;
    case OFFSET(CCR):
        write_ccr(q, MERGED(ccr), low == 0);
        break;
    case OFFSET(AR):
        write_ar(q, MERGED(ar));
        break;
    case OFFSET(ABR):
        write_idle_only(q, &q->abr, MERGED(abr), "ABR");
        break;
    case OFFSET(DR):
        return write_dr(q, offset, size, value);
    case OFFSET(PSMKR):
        write_idle_only(q, &q->psmkr, MERGED(psmkr), "PSMKR");
        break;
    case OFFSET(PSMAR):
        write_idle_only(q, &q->psmar, MERGED(psmar), "PSMAR");
        break;
    case OFFSET(PIR):
        write_idle_only(q, &q->pir, MERGED(pir) & 0xFFFFu, "PIR");
        break;
    case OFFSET(LPTR):
        write_idle_only(q, &q->lptr, MERGED(lptr) & 0xFFFFu, "LPTR");
        break;
    default:
        break;
    }
#undef MERGED
    return BUS_OK;
}

static enum bus_result reg_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    struct quadspi *q = ctx;
    if (!gate_open(&q->gate)) {
        report_event(q->report, q->clock->now, "qspi.no-clock",
                     "write to QUADSPI register 0x%02x without its clock is lost",
                     (unsigned)offset);
        return BUS_OK;
    }
    qspi_sync(q);
    enum bus_result result = write_register(q, offset, size, value);
    qspi_sync(q);
    return result;
}

// ---- reads -------------------------------------------------------------------------------------

// DR in indirect read mode: waits until enough bytes are there or no more will come.
static enum bus_result read_fifo(struct quadspi *q, uint32_t offset, unsigned size, uint32_t *value)
{
    if (offset != OFFSET(DR) || !qspi_busy(q)) {
        report_event(q->report, q->clock->now, "qspi.dr-read",
                     offset != OFFSET(DR) ? "DR read elsewhere than at its bottom"
                                          : "DR read with nothing received and nothing under way");
        return BUS_OK;
    }
    while (q->level < size && qspi_filling(q)) {
        vt_t next = qspi_next(q);
        if (next == VT_NEVER) {
            report_event(q->report, q->clock->now, "qspi.dr-hang",
                         "DR read waits for data that never comes: the bus hangs");
            return BUS_HANG;
        }
        vclock_reach(q->clock, next);
        qspi_sync(q);
    }
    unsigned taken = 0;
    for (; taken < size && q->level; taken++)
        *value |= (uint32_t)fifo_pop(q) << (8 * taken);
    if (taken)
        qspi_unstall(q);
    return BUS_OK;
}

static enum bus_result read_dr(struct quadspi *q, uint32_t offset, unsigned size, uint32_t *value)
{
    if (fmode(q) == FMODE_POLL) {
        *value = reg_extract(q->polled, offset, size);
        q->poll_fresh = false;
        return BUS_OK;
    }
    if (fmode(q) != FMODE_READ || !(q->cr & QUADSPI_CR_EN))
        return BUS_OK; // zero
    return read_fifo(q, offset, size, value);
}

static uint32_t register_value(const struct quadspi *q, uint32_t offset)
{
    switch (offset) {
    case OFFSET(CR):
        return q->cr;
    case OFFSET(DCR):
        return q->dcr;
    case OFFSET(SR):
        return qspi_status(q);
    case OFFSET(DLR):
        return q->dlr;
    case OFFSET(CCR):
        return q->ccr;
    case OFFSET(AR):
        return q->ar;
    case OFFSET(ABR):
        return q->abr;
    case OFFSET(PSMKR):
        return q->psmkr;
    case OFFSET(PSMAR):
        return q->psmar;
    case OFFSET(PIR):
        return q->pir;
    case OFFSET(LPTR):
        return q->lptr;
    default:
        return 0;
    }
}

static enum bus_result reg_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    struct quadspi *q = ctx;
    *value = 0;
    if (!gate_open(&q->gate))
        return BUS_OK;
    qspi_sync(q);
    if ((offset & ~3u) != OFFSET(DR)) {
        *value = reg_extract(register_value(q, offset & ~3u), offset, size);
        return BUS_OK;
    }
    enum bus_result result = read_dr(q, offset, size, value);
    qspi_sync(q);
    return result;
}

// ---- life
// ----------------------------------------------------------------------------------------

static void reset_by_rcc(void *ctx)
{
    struct quadspi *q = ctx;
    qspi_sync(q);
    q->cr = q->dcr = q->sr = q->dlr = q->ccr = q->ar = q->abr = 0;
    q->psmkr = q->psmar = q->pir = q->lptr = q->polled = 0;
    q->instruction_sent = q->poll_fresh = q->settled = q->axi_stalled = false;
    q->freeruns = 0;
    q->timeout_at = 0;
    qspi_stop(q);
    qspi_retime(q);
    window_may_have_changed(q);
}

static void reset(void *ctx, enum reset_kind kind)
{
    (void)kind; // power-on and system reset are alike here
    reset_by_rcc(ctx);
}

static void clocks_changed(void *ctx)
{
    struct quadspi *q = ctx;
    qspi_retime(q);
    window_may_have_changed(q);
}

static void sync(void *ctx)
{
    qspi_sync(ctx);
}

static vt_t next_event(void *ctx)
{
    struct quadspi *q = ctx;
    qspi_sync(q);
    return qspi_next(q);
}

static vt_t next_irq(void *ctx)
{
    const struct quadspi *q = ctx;
    const uint32_t enables =
        QUADSPI_CR_TEIE | QUADSPI_CR_TCIE | QUADSPI_CR_FTIE | QUADSPI_CR_SMIE | QUADSPI_CR_TOIE;
    return (q->cr & enables) ? qspi_next(q) : VT_NEVER;
}

struct quadspi *quadspi_new(struct vclock *clock, struct report *report, struct rcc *rcc,
                            struct nets *nets, const struct quadspi_errata *errata,
                            struct irq_line irq)
{
    struct quadspi *q = calloc(1, sizeof(*q));
    if (!q)
        return NULL;
    q->clock = clock;
    q->report = report;
    q->rcc = rcc;
    q->nets = nets;
    q->errata = errata ? *errata : quadspi_errata_default();
    q->irq = irq;
    q->noise = 1;
    q->gate = (struct gate){rcc, RCC_AHB3, RCC_AHB3_QSPI_Pos};
    q->rcc_registers = rcc_device(rcc);
    qspi_stop(q);
    qspi_retime(q);
    rcc_on_reset(rcc, RCC_AHB3, RCC_AHB3_QSPI_Pos, reset_by_rcc, q);
    rcc_on_change(rcc, clocks_changed, q);
    nets_on_observe(nets, sync, q);
    return q;
}

void quadspi_free(struct quadspi *q)
{
    if (q)
        nets_on_observe(q->nets, NULL, NULL);
    free(q);
}

struct bus_device quadspi_registers(struct quadspi *q)
{
    return (struct bus_device){.name = "QUADSPI",
                               .base = QUADSPI_BASE,
                               .size = 0x400,
                               .ctx = q,
                               .read = reg_read,
                               .write = reg_write,
                               .reset = reset,
                               .popping = OFFSET(DR),
                               .next_event = next_event,
                               .next_irq = next_irq,
                               .sync = sync};
}

void quadspi_on_window(struct quadspi *q, void (*changed)(void *ctx), void *ctx)
{
    q->window_changed = changed;
    q->window_ctx = ctx;
}

uint64_t quadspi_commands(const struct quadspi *q)
{
    return q->commands;
}
