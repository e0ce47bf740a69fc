// SPDX-License-Identifier: MIT
// The QUADSPI sequencer: phases of a command in virtual time, FIFO stalls, polling, abort. It lags
// behind and is brought up to vclock.now (qspi_sync) whenever somebody looks.
#include "quadspi_int.h"

// BUSY follows the emptied FIFO through the resynchronisation into the kernel clock domain: two
// flip-flops (the manual gives no figure; firmware that does not wait for BUSY=0 fails on silicon).
enum { RESYNC_CLOCKS = 2 };

static unsigned line_count(uint32_t mode)
{
    return mode == QUADSPI_LINES_4 ? 4 : mode;
}

static void set_select(struct quadspi *q, bool low)
{
    q->selected = low;
    qspi_show_idle(q);
}

static uint32_t present_period(const struct quadspi *q)
{
    uint32_t hz = gate_open(&q->gate) ? rcc_quadspi_hz(q->rcc) : 0;
    if (!hz)
        return 0;
    vt_t p = vt_cycles(FIELD(q->cr, QUADSPI_CR_PRESCALER) + 1, hz);
    return p > UINT32_MAX ? UINT32_MAX : (uint32_t)p;
}

// ---- flags -------------------------------------------------------------------------------------

bool qspi_busy(const struct quadspi *q)
{
    return q->state != SEQ_IDLE || (fmode(q) == FMODE_READ && q->level > 0) ||
           q->clock->now < q->busy_until;
}

bool qspi_filling(const struct quadspi *q)
{
    if (q->state != SEQ_SHIFT && q->state != SEQ_HANG)
        return q->state == SEQ_STALL && (q->left || q->endless);
    return true;
}

static bool threshold_reached(const struct quadspi *q)
{
    unsigned threshold = FIELD(q->cr, QUADSPI_CR_FTHRES) + 1;
    switch (fmode(q)) {
    case FMODE_WRITE:
        return q->cr & QUADSPI_CR_EN && QUADSPI_FIFO_SIZE - q->level >= threshold;
    case FMODE_READ:
        return q->level >= threshold || (q->level > 0 && !qspi_filling(q));
    case FMODE_POLL:
        return q->poll_fresh;
    default:
        return false;
    }
}

uint32_t qspi_status(const struct quadspi *q)
{
    uint32_t sr = q->sr;
    if (threshold_reached(q))
        sr |= QUADSPI_SR_FTF;
    if (qspi_busy(q))
        sr |= QUADSPI_SR_BUSY;
    if (fmode(q) == FMODE_WRITE || fmode(q) == FMODE_READ)
        sr |= q->level << QUADSPI_SR_FLEVEL_Pos;
    return sr;
}

void qspi_update_irq(struct quadspi *q)
{
    // TEIE..TOIE stand in the order of TEF..TOF, 16 bits higher
    bool level = qspi_status(q) & (q->cr >> 16) & 0x1Fu;
    if (level == q->irq_level)
        return;
    q->irq_level = level;
    irq_set(&q->irq, level);
}

// ---- phases ------------------------------------------------------------------------------------

static void shift_out(struct quadspi *q, enum seq_phase phase, uint32_t lines, uint32_t bits,
                      uint32_t value)
{
    bool ddr = phase != PH_INSTRUCTION && q->ccr & QUADSPI_CCR_DDRM;
    uint32_t out = value << (32 - bits);
    q->phase = phase;
    q->state = SEQ_SHIFT;
    q->sh = (struct shifter){.out = {out, out}, .lines = line_count(lines), .ddr = ddr};
    q->cycles = bits / (q->sh.lines * (ddr ? 2 : 1));
}

static void deselect_after(struct quadspi *q, vt_t delay)
{
    q->phase = PH_DONE;
    q->state = SEQ_DESELECT;
    q->t += delay;
}

static bool reading(const struct quadspi *q)
{
    return fmode(q) != FMODE_WRITE;
}

// Without room (or without bytes to send) the clock stops.
static bool must_stall(const struct quadspi *q)
{
    unsigned n = chips_at_once(q);
    if (!reading(q))
        return q->level < n;
    return fmode(q) != FMODE_POLL && q->level + n > QUADSPI_FIFO_SIZE;
}

// Set up the next byte of the data phase, one for each chip.
static void begin_byte(struct quadspi *q, bool first)
{
    unsigned lines = line_count(FIELD(q->ccr, QUADSPI_CCR_DMODE));
    bool ddr = q->ccr & QUADSPI_CCR_DDRM;
    q->phase = PH_DATA;
    if (must_stall(q)) {
        q->state = SEQ_STALL;
        return;
    }
    q->state = SEQ_SHIFT;
    q->sh = (struct shifter){.lines = lines, .ddr = ddr, .receive = reading(q)};
    q->cycles = 8 / (lines * (ddr ? 2 : 1));
    if (reading(q))
        return;
    unsigned bank = first_bank(q);
    for (unsigned i = 0; i < chips_at_once(q); i++)
        q->sh.out[bank + i] = (uint32_t)fifo_pop(q) << 24;
    if (first && q->errata.write_dummy_nibble && FIELD(q->ccr, QUADSPI_CCR_DCYC)) {
        q->sh.lost = q->cycles > 1 ? q->cycles / 2 : 1;
        report_event(q->report, q->t, "qspi.write-with-dummies",
                     "first nibble of an indirect write with dummy cycles is lost (ES0396 2.6.1)");
    }
}

static void end_data(struct quadspi *q)
{
    if (fmode(q) == FMODE_MAPPED) { // end of memory: NCS stays low, as with a full FIFO
        q->state = SEQ_STALL;
        return;
    }
    if (fmode(q) != FMODE_POLL) {
        q->sr |= QUADSPI_SR_TCF;
        if (!reading(q))
            q->level = 0; // more than DLR said
    }
    deselect_after(q, q->period / 2);
}

// Status bytes are in: compare them (RM0433 "Automatic status-polling mode").
static void end_poll(struct quadspi *q)
{
    q->polled = q->incoming;
    uint32_t same = ~(q->polled ^ q->psmar) & q->psmkr;
    bool match = q->cr & QUADSPI_CR_PMM ? same != 0 : same == q->psmkr;
    q->poll_fresh = true;
    if (match)
        q->sr |= QUADSPI_SR_SMF;
    if (match && q->cr & QUADSPI_CR_APMS)
        q->endless = false;
}

static void take_received(struct quadspi *q)
{
    unsigned bank = first_bank(q);
    for (unsigned i = 0; i < chips_at_once(q); i++) {
        uint8_t byte = (uint8_t)q->sh.in[bank + i];
        if (fmode(q) == FMODE_POLL) {
            q->incoming |= (uint32_t)byte << (8 * (q->level++ & 3));
        } else {
            fifo_push(q, byte);
        }
    }
}

static void end_byte(struct quadspi *q)
{
    unsigned n = chips_at_once(q);
    if (reading(q))
        take_received(q);
    bool count = !(q->endless && fmode(q) != FMODE_POLL);
    if (count)
        q->left -= n < q->left ? n : q->left;
    if (!count || q->left) {
        begin_byte(q, false);
        return;
    }
    if (fmode(q) == FMODE_POLL) {
        q->level = 0;
        end_poll(q);
    }
    end_data(q);
}

// Set up the first phase after `q->phase` that the command has.
static void next_phase(struct quadspi *q)
{
    uint32_t ccr = q->ccr;
    unsigned shift = q->cr & QUADSPI_CR_DFM ? 1 : 0;
    switch (q->phase) {
    case PH_INSTRUCTION:
        if (FIELD(ccr, QUADSPI_CCR_ADMODE)) {
            shift_out(q, PH_ADDRESS, FIELD(ccr, QUADSPI_CCR_ADMODE),
                      8 * (FIELD(ccr, QUADSPI_CCR_ADSIZE) + 1), q->address >> shift);
            return;
        }
        // fall through
    case PH_ADDRESS:
        if (FIELD(ccr, QUADSPI_CCR_ABMODE)) {
            shift_out(q, PH_ALTERNATE, FIELD(ccr, QUADSPI_CCR_ABMODE),
                      8 * (FIELD(ccr, QUADSPI_CCR_ABSIZE) + 1), q->abr);
            return;
        }
        // fall through
    case PH_ALTERNATE:
        if (FIELD(ccr, QUADSPI_CCR_DCYC)) {
            unsigned lines = line_count(FIELD(ccr, QUADSPI_CCR_DMODE));
            q->phase = PH_DUMMY;
            q->sh = (struct shifter){.lines = lines ? lines : 1, .release = true};
            q->cycles = FIELD(ccr, QUADSPI_CCR_DCYC);
            return;
        }
        // fall through
    case PH_DUMMY:
        if (FIELD(ccr, QUADSPI_CCR_DMODE)) {
            begin_byte(q, true);
            return;
        }
        end_data(q);
        return;
    case PH_DATA:
        end_byte(q);
        return;
    case PH_DONE:
        return;
    }
}

// ---- life of a command -------------------------------------------------------------------------

void qspi_start(struct quadspi *q, uint32_t address, uint64_t bytes)
{
    if (q->clock->now > q->t)
        q->t = q->clock->now;
    q->address = address;
    q->left = bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
    q->endless = bytes > UINT32_MAX;
    if (fmode(q) == FMODE_POLL) {
        q->left = q->dlr > 3 ? 4 : q->dlr + 1;
        q->endless = true;
        q->incoming = 0;
    }
    q->commands++;
    qspi_judge_sampling(q);
    set_select(q, true);
    q->t += q->period / 2; // NCS falls one CLK cycle before the first rising edge
    q->phase = PH_INSTRUCTION;
    q->state = SEQ_SHIFT;
    q->cycles = 0;
    uint32_t imode = FIELD(q->ccr, QUADSPI_CCR_IMODE);
    if (imode && !(q->ccr & QUADSPI_CCR_SIOO && q->instruction_sent))
        shift_out(q, PH_INSTRUCTION, imode, 8, FIELD(q->ccr, QUADSPI_CCR_INSTRUCTION));
    q->instruction_sent = true;
}

void qspi_hang(struct quadspi *q, bool heals_by_abort)
{
    q->state = SEQ_HANG;
    q->heals_by_abort = heals_by_abort;
}

static vt_t select_high_time(const struct quadspi *q)
{
    return (vt_t)(FIELD(q->dcr, QUADSPI_DCR_CSHT) + 1) * q->period;
}

// NCS has been high for long enough.
static void recovered(struct quadspi *q)
{
    q->state = SEQ_IDLE;
    if (q->aborting) {
        q->aborting = false;
        q->cr &= ~QUADSPI_CR_ABORT;
        q->sr |= QUADSPI_SR_TCF;
        q->endless = false;
    }
    if (qspi_resume_mapped(q))
        return;
    if (fmode(q) == FMODE_POLL && q->endless) {
        q->state = SEQ_INTERVAL;
        q->t += (vt_t)q->pir * q->period;
    }
}

// The wait until `q->t` is over.
static void end_wait(struct quadspi *q)
{
    q->clock->now = q->t;
    switch (q->state) {
    case SEQ_DESELECT:
        set_select(q, false);
        q->t += select_high_time(q);
        q->state = SEQ_RECOVER;
        return;
    case SEQ_RECOVER:
        recovered(q);
        return;
    case SEQ_INTERVAL:
        qspi_start(q, q->address, 0);
        return;
    default: // TCEN: NCS rises after LPTR cycles without an access
        q->sr |= QUADSPI_SR_TOF;
        q->timeout_at = q->t;
        q->level = 0;
        deselect_after(q, 0);
        return;
    }
}

// One step of the sequencer not later than `until`; false if there is none.
static bool step(struct quadspi *q, vt_t until)
{
    switch (q->state) {
    case SEQ_SHIFT:
        if (q->cycles) {
            vt_t fit = q->t + (vt_t)q->cycles * q->period <= until ? q->cycles
                       : until > q->t                              ? (until - q->t) / q->period
                                                                   : 0;
            if (!fit)
                return false;
            q->cycles -= (unsigned)fit;
            qspi_shift(q, (unsigned)fit);
        }
        if (!q->cycles)
            next_phase(q);
        return true;
    case SEQ_DESELECT:
    case SEQ_RECOVER:
    case SEQ_INTERVAL:
        if (q->t > until)
            return false;
        end_wait(q);
        return true;
    case SEQ_STALL:
        if (qspi_timeout(q) > until)
            return false;
        q->t = qspi_timeout(q);
        end_wait(q);
        return true;
    default:
        return false;
    }
}

void qspi_sync(struct quadspi *q)
{
    vt_t now = q->clock->now;
    if (!q->period) { // no kernel clock: all waits shift
        if (q->state != SEQ_IDLE && now > q->synced)
            q->t += now - q->synced;
    } else {
        while (step(q, now))
            ;
    }
    q->clock->now = now;
    q->synced = now;
    qspi_update_irq(q);
}

void qspi_retime(struct quadspi *q)
{
    qspi_sync(q);
    q->period = present_period(q);
}

vt_t qspi_next(const struct quadspi *q)
{
    vt_t resync = q->clock->now < q->busy_until ? q->busy_until : VT_NEVER;
    if (!q->period)
        return VT_NEVER;
    switch (q->state) {
    case SEQ_SHIFT:
        return q->t + (vt_t)q->cycles * q->period;
    case SEQ_DESELECT:
    case SEQ_RECOVER:
    case SEQ_INTERVAL:
        return q->t;
    case SEQ_STALL:
        return qspi_timeout(q);
    default:
        return resync;
    }
}

void qspi_unstall(struct quadspi *q)
{
    if (fmode(q) == FMODE_READ && !q->level && q->period)
        q->busy_until = q->clock->now +
                        (vt_t)RESYNC_CLOCKS * q->period / (FIELD(q->cr, QUADSPI_CR_PRESCALER) + 1);
    if (q->state != SEQ_STALL || (!q->left && !q->endless))
        return;
    if (reading(q) && q->level > RESTART_LEVEL)
        return;
    q->t = q->clock->now;
    begin_byte(q, q->sh.release || q->phase != PH_DATA);
}

void qspi_abort(struct quadspi *q)
{
    if (!qspi_busy(q))
        return;
    q->cr |= QUADSPI_CR_ABORT;
    if (q->aborting || (q->state == SEQ_HANG && !q->heals_by_abort))
        return;
    q->aborting = true;
    q->restart = false;
    q->level = 0;
    q->last_byte_read = false;
    q->busy_until = 0;
    bool waiting = q->state == SEQ_RECOVER;
    if (!waiting || q->t < q->clock->now)
        q->t = q->clock->now;
    if (q->selected) {
        deselect_after(q, q->period / 2);
    } else {
        q->state = SEQ_RECOVER;
        q->t += waiting ? 0 : q->period;
    }
}

void qspi_stop(struct quadspi *q)
{
    q->state = SEQ_IDLE;
    q->cycles = 0;
    q->level = 0;
    q->aborting = false;
    q->restart = false;
    q->last_byte_read = false;
    q->busy_until = 0;
    q->cr &= ~QUADSPI_CR_ABORT;
    q->t = q->clock->now;
    set_select(q, false);
}
