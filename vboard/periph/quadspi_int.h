// SPDX-License-Identifier: MIT
// Inside of the QUADSPI model: registers (quadspi.c), the sequencer that turns a command into clock
// cycles (quadspi_seq.c), single cycles (quadspi_shift.c), memory-mapped mode (quadspi_window.c).
#pragma once
#include "../../driver/stm32h7_regs.h"
#include "quadspi.h"
#include "regio.h"

#define FIELD(reg, name) (((reg)&name##_Msk) >> name##_Pos)
#define QUADSPI_CCR_FRCM 0x20000000u // free-running clock (RM0399 24.5.6)

enum { FMODE_WRITE, FMODE_READ, FMODE_POLL, FMODE_MAPPED };
enum { BANKS = 2, RESTART_LEVEL = QUADSPI_FIFO_SIZE - 4 };

enum seq_state {
    SEQ_IDLE,
    SEQ_SHIFT,    // clock cycles of the present phase, `cycles` to go
    SEQ_STALL,    // NCS low, clock stopped: FIFO full, FIFO empty, or end of memory
    SEQ_DESELECT, // NCS low until `t`
    SEQ_RECOVER,  // NCS high, not reusable before `t`
    SEQ_INTERVAL, // between two polls, until `t`
    SEQ_HANG,     // broken down
    SEQ_FREERUN,  // free-running clock
};

enum seq_phase { PH_INSTRUCTION, PH_ADDRESS, PH_ALTERNATE, PH_DUMMY, PH_DATA, PH_DONE };

// The present phase as the shifter sees it.
struct shifter {
    uint32_t out[BANKS]; // bits to send, next one on top
    uint32_t in[BANKS];  // bits received, last one at the bottom
    unsigned lines;      // 1, 2, 4
    bool ddr;
    bool receive;  // sample; multi-line modes release their lines
    bool release;  // dummies: multi-line modes release their lines
    unsigned lost; // cycles whose output is lost (erratum)
};

struct quadspi {
    struct vclock *clock;
    struct report *report;
    struct rcc *rcc;
    struct nets *nets;
    struct quadspi_errata errata;
    struct irq_line irq;
    bool irq_level;
    struct gate gate;
    struct bus_device rcc_registers;
    void (*window_changed)(void *ctx);
    void *window_ctx;

    // registers; sr holds only the sticky flags TEF, TCF, SMF, TOF
    uint32_t cr, dcr, sr, dlr, ccr, ar, abr, psmkr, psmar, pir, lptr;
    bool instruction_sent; // since the last CCR write, for SIOO
    uint8_t fifo[QUADSPI_FIFO_SIZE];
    unsigned fifo_head, level;
    uint32_t polled;   // DR in polling mode
    uint32_t incoming; // the same, still coming in
    bool poll_fresh;   // FTF in polling mode
    vt_t busy_until;   // BUSY follows the emptied FIFO a little later

    // sequencer
    enum seq_state state;
    enum seq_phase phase;
    vt_t t;          // start of the next cycle, or end of the present wait
    vt_t synced;     // everything up to here has happened
    uint32_t period; // of CLK in ps, 0 = no kernel clock
    unsigned cycles; // left in the present shift
    struct shifter sh;
    bool selected; // NCS low
    bool aborting;
    bool endless;     // data phase without end
    uint32_t left;    // data bytes still to be moved
    uint32_t address; // of the command under way
    bool heals_by_abort;
    uint32_t noise;
    bool bad_sampling; // received bits are unreliable in this command
    uint64_t commands;

    // memory-mapped mode
    uint32_t head; // address of the next byte in the FIFO
    bool restart;  // a read at `restart_at` waits for the old one to be over
    uint32_t restart_at;
    vt_t timeout_at;     // moment of the last timeout
    bool last_byte_read; // erratum: once more and the bus stalls
    bool axi_stalled;
    // erratum "internal timing": the free-running clock sequence
    bool settled;
    unsigned freeruns;
    vt_t freerun_since;
};

static inline unsigned fmode(const struct quadspi *q)
{
    return FIELD(q->ccr, QUADSPI_CCR_FMODE);
}

static inline unsigned chips_at_once(const struct quadspi *q)
{
    return q->cr & QUADSPI_CR_DFM ? 2 : 1;
}

// The bank of a single-flash command, or the first of two.
static inline unsigned first_bank(const struct quadspi *q)
{
    return (q->cr & QUADSPI_CR_FSEL) && !(q->cr & QUADSPI_CR_DFM) ? 1 : 0;
}

// Bytes of memory by FSIZE; 2^32 possible.
static inline uint64_t memory_size(const struct quadspi *q)
{
    return UINT64_C(2) << FIELD(q->dcr, QUADSPI_DCR_FSIZE);
}

static inline void fifo_push(struct quadspi *q, uint8_t byte)
{
    q->fifo[(q->fifo_head + q->level++) % QUADSPI_FIFO_SIZE] = byte;
}

static inline uint8_t fifo_pop(struct quadspi *q)
{
    uint8_t byte = q->fifo[q->fifo_head];
    q->fifo_head = (q->fifo_head + 1) % QUADSPI_FIFO_SIZE;
    q->level--;
    return byte;
}

// quadspi_shift.c
uint32_t qspi_noise(struct quadspi *q);
// Run `n` cycles of the present phase; the clock is set to the end of each.
void qspi_shift(struct quadspi *q, unsigned n);
// Show NCS and the idle lines on the nets.
void qspi_show_idle(struct quadspi *q);
// Judge whether received bits can be trusted with this clock, and report it if not.
void qspi_judge_sampling(struct quadspi *q);

// quadspi_seq.c
// Let everything up to vclock.now happen.
void qspi_sync(struct quadspi *q);
// Look at the clock tree again; what was due before is brought up to date with the old period
// first.
void qspi_retime(struct quadspi *q);
// Start a command at vclock.now (the sequencer is idle): `address` if it has one, `bytes` of data
// (polling mode goes by DLR).
void qspi_start(struct quadspi *q, uint32_t address, uint64_t bytes);
void qspi_hang(struct quadspi *q, bool heals_by_abort);
// The FIFO was filled or emptied from the bus: go on if stalled.
void qspi_unstall(struct quadspi *q);
void qspi_abort(struct quadspi *q);
// CR.EN cleared: everything stops at once.
void qspi_stop(struct quadspi *q);
bool qspi_busy(const struct quadspi *q);
// Next moment at which the sequencer does something visible; VT_NEVER if it waits for the bus.
vt_t qspi_next(const struct quadspi *q);
// More data bytes will come into the FIFO by themselves.
bool qspi_filling(const struct quadspi *q);
// Interrupt line from the flags.
void qspi_update_irq(struct quadspi *q);
uint32_t qspi_status(const struct quadspi *q);

// quadspi_window.c
// The timeout counter of TCEN: the moment NCS is raised if nothing happens; VT_NEVER if not
// counting.
vt_t qspi_timeout(const struct quadspi *q);
// The sequencer has come to rest; a waiting mapped read goes on. True if one did.
bool qspi_resume_mapped(struct quadspi *q);
