// SPDX-License-Identifier: MIT
// The inside of the NOR chip model, shared by the files of this folder only: nor.c (life of the
// chip), nor_pins.c (clock cycles), nor_decode.c (command table), nor_exec.c (what commands do),
// nor_jobs.c (busy times), nor_protect.c (write protection), nor_file.c (persistence).
#pragma once
#include <stddef.h>
#include "../../driver/nor_cmds.h"
#include "nor.h"
#include "parts.h"

enum nor_phase {
    PHASE_OPCODE,
    PHASE_ADDRESS,
    PHASE_MODE,
    PHASE_DUMMY,
    PHASE_DATA_IN,
    PHASE_DATA_OUT,
    PHASE_COMPLETE, // a command without data is whole; a further clock spoils it
    PHASE_DEAF      // until chip select rises
};

enum nor_address { ADDR_NONE, ADDR_MODE, ADDR_3, ADDR_4 }; // ADDR_MODE: 3 or 4 bytes by ADS

enum nor_cmd_flags {
    F_SPI = 1 << 0,         // known with the instruction on one line
    F_QPI = 1 << 1,         // known with the instruction on four lines
    F_NEEDS_QPI = 1 << 2,   // only parts with QPI
    F_NEEDS_DTR = 1 << 3,   // only parts with DTR
    F_NEEDS_ADDR4 = 1 << 4, // only parts with four-byte addresses
    F_QE = 1 << 5,          // uses four lines: QE must be set
    F_WHILE_BUSY = 1 << 6,
    F_DTR = 1 << 7,         // address, mode and data on both edges
    F_READ_LIMIT = 1 << 8,  // clock limit of 03h
    F_WEL = 1 << 9,         // needs WEL
    F_MODE = 1 << 10,       // a mode byte follows the address
    F_CONTINUOUS = 1 << 11, // which can keep the read going
    F_WRAP_W = 1 << 12,     // wraps as 77h set
    F_WRAP_P = 1 << 13,     // wraps as C0h set
    F_DUMMY_P = 1 << 14,    // dummy clocks as C0h set, mode byte included
    F_PAGE = 1 << 15,       // data go to the page buffer
    F_ARRAY = 1 << 16,      // the address is one of the array
    F_ANY_LENGTH = 1 << 17, // executed wherever chip select rises after the opcode
    F_NOT_IN_ERASE_SUSPEND = 1 << 18,
    F_NOT_IN_PROGRAM_SUSPEND = 1 << 19,
    F_NEEDS_35H = 1 << 20, // only parts to which 35h means "enter QPI"
    F_NOT_35H = 1 << 21,   // not those
    F_NOT_SUSPENDED = F_NOT_IN_ERASE_SUSPEND | F_NOT_IN_PROGRAM_SUSPEND,
    F_BOTH = F_SPI | F_QPI
};

struct nor_cmd {
    uint8_t opcode;
    uint8_t address;        // enum nor_address
    uint8_t address_lines;  // address and mode byte, in SPI
    uint8_t data_lines;     // in SPI; 0 = no data
    uint8_t dummy;          // clocks in SPI
    uint8_t dummy_qpi;      // clocks in QPI, without F_DUMMY_P
    uint8_t in_min, in_max; // data bytes taken, in_max 0 = any number
    uint32_t flags;
    uint8_t (*next)(struct nor *n); // the next byte out; NULL = data go in
    bool (*execute)(struct nor *n); // at the rising edge of chip select; false = refused
};

enum nor_job_kind {
    JOB_NONE,
    JOB_PROGRAM,
    JOB_ERASE,
    JOB_ERASE_CHIP,
    JOB_STATUS,
    JOB_SECURITY_PROGRAM,
    JOB_SECURITY_ERASE
};

struct nor_job {
    enum nor_job_kind kind;
    uint32_t addr, len; // array: page, sector, block; security: register number 1..3 in addr
    vt_t duration;      // as a whole
    vt_t ends;          // while running
    vt_t remaining;     // while suspended
    vt_t suspend_at;    // 75h was taken: the time it takes effect
    uint8_t page[NOR_PAGE_SIZE];
    uint8_t sr[3];
    uint8_t sr_written; // bit i: sr[i]
};

enum { NOR_SECURITY_REGISTERS = 3, NOR_SECURITY_SIZE = 256, NOR_SECTOR = 4096, NOR_BLOCK = 65536 };

struct nor {
    const struct nor_part *part;
    struct vclock *clock;
    struct report *report;
    const struct nor_cmd *lookup[2][256]; // [QPI][opcode]

    // Cells and registers that survive power-off
    uint8_t *array;
    size_t mapped; // bytes of the file mapping, 0 = plain memory
    char *nv_path;
    uint8_t nv[3];
    uint8_t security[NOR_SECURITY_REGISTERS][NOR_SECURITY_SIZE];

    // Volatile state
    uint8_t sr[3]; // without BUSY, WEL, SUS, ADS
    bool powered, wel, sr_volatile_armed, reset_armed, qpi, power_down, addr4;
    uint8_t ext_addr;                 // A31-24 in 3-byte mode
    uint8_t read_params;              // P5-4 dummy clocks, P1-0 wrap
    uint8_t wrap_bits;                // W6-4
    const struct nor_cmd *continuous; // the read that goes on, or NULL
    uint8_t *locks; // WPS: a bit per sector of the first and last block, a bit per other block
    struct nor_job job, suspended;
    vt_t ready_at, write_ok_at, resumed_at;

    // The instruction under way
    bool selected, sr_volatile, reset_now, from_continuous, held, hold_reported;
    bool heard; // an opcode came in whole, or needed none
    enum nor_phase phase;
    const struct nor_cmd *cmd;
    uint8_t opcode;
    uint32_t address; // as clocked in; then the array address of reads
    uint32_t address_raw;
    uint32_t read_mask; // address bits that count up
    uint32_t count;     // data bytes clocked in or out whole
    bool undefined_out; // the byte going out is of a suspended range
    uint8_t in[4];
    uint8_t page[NOR_PAGE_SIZE];

    // The byte under way
    struct nor_drive drive;
    bool output, dtr, too_fast, too_fast_reported;
    uint8_t lines, line_mask, out_pos;
    uint32_t clocks_left, clocks_per_byte;
    uint32_t shift;
    uint32_t bytes_left; // of the address
    uint32_t period, limit, limit_in, limit_out;

    // Pins
    bool hold_pin, reset_pin; // function of IO3
    bool in_reset;            // by the pin
    uint8_t levels;           // as last seen
    vt_t reset_low_since;

    // Not of the chip
    bool worst_case;
    bool read_quirks; // reads must look for stuck bits or a suspended region
    struct nor_faults faults;
    struct nor_counters counters;
    void (*trace)(void *ctx, const struct nor_trace *t);
    void *trace_ctx;
    uint32_t noise;
    uint8_t sfdp[NOR_SFDP_SIZE];
};

#define NOR_EVENT(n, id, ...) report_event((n)->report, (n)->clock->now, id, __VA_ARGS__)

// nor.c
void nor_reset_state(struct nor *n); // as after power-up, without the waiting times
void nor_software_reset(struct nor *n);
uint32_t nor_noise(struct nor *n);
uint8_t nor_read_sr(struct nor *n, unsigned index); // 0..2, status bits included

// nor_pins.c
void nor_expect(struct nor *n, enum nor_phase phase, unsigned lines, bool dtr);
void nor_expect_dummy(struct nor *n, unsigned clocks);
void nor_begin_output(struct nor *n, unsigned lines, bool dtr);
void nor_deafen(struct nor *n);
void nor_pin_functions(struct nor *n); // after a change of QE or HOLD/RST
void nor_reset_pin_level(struct nor *n, bool low);

// nor_decode.c
void nor_build_lookup(struct nor *n);
void nor_begin(struct nor *n);              // chip select fell
void nor_byte_in(struct nor *n, uint8_t b); // a byte of any phase is whole
void nor_after_dummy(struct nor *n);
void nor_finish(struct nor *n); // chip select rose

// nor_exec.c
extern const struct nor_cmd nor_cmds[];
extern const unsigned nor_cmds_count;

// nor_jobs.c
void nor_settle(struct nor *n); // let what is over by now be over
static inline bool nor_busy(const struct nor *n)
{
    return n->job.kind != JOB_NONE;
}
static inline bool nor_is_erase(const struct nor_job *j)
{
    return j->kind == JOB_ERASE || j->kind == JOB_ERASE_CHIP || j->kind == JOB_SECURITY_ERASE;
}
void nor_start_job(struct nor *n, struct nor_job *job, uint32_t microseconds);
bool nor_suspend(struct nor *n);
bool nor_resume(struct nor *n);
void nor_abandon_jobs(struct nor *n); // power or reset: half done

// nor_protect.c
bool nor_range_protected(const struct nor *n, uint32_t addr, uint32_t len);
bool nor_status_locked(const struct nor *n);
uint8_t nor_status_merge(const struct nor *n, unsigned index, uint8_t wanted, bool nonvolatile);
void nor_locks_set_all(struct nor *n, bool locked);
void nor_lock_set(struct nor *n, uint32_t addr, bool locked);
bool nor_lock_get(const struct nor *n, uint32_t addr);
size_t nor_locks_bytes(const struct nor *n);

// nor_file.c
void nor_save(struct nor *n); // non-volatile registers
void nor_release(struct nor *n);
