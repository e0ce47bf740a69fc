// SPDX-License-Identifier: MIT
// What keeps a NOR chip busy: program, erase and register writes, their times, suspension, and the
// damage if power or a reset cuts them short. Contents change when the time is over.
#include "nor_state.h"
#include <string.h>

enum { TSUS_US = 20, PER_MILLE = 1000 };

static uint8_t *job_cells(struct nor *n, const struct nor_job *j)
{
    if (j->kind == JOB_SECURITY_PROGRAM || j->kind == JOB_SECURITY_ERASE)
        return n->security[j->addr - 1];
    return n->array + j->addr;
}

static void count_program(struct nor *n, const struct nor_job *j, const uint8_t *cells)
{
    bool again = false;
    bool lost = false;
    for (unsigned i = 0; i < NOR_PAGE_SIZE; i++) {
        again |= j->page[i] != 0xFF && cells[i] != 0xFF;
        lost |= (j->page[i] & ~cells[i]) != 0 && j->page[i] != 0xFF;
    }
    n->counters.pages_programmed++;
    n->counters.double_programs += again;
    if (lost)
        NOR_EVENT(n, "nor.program-sets-bits", "page %08lX is not erased: bits cannot go to 1",
                  (unsigned long)j->addr);
}

static void program(struct nor *n, const struct nor_job *j)
{
    uint8_t *cells = job_cells(n, j);
    if (n->faults.program_fails)
        return;
    if (j->kind == JOB_PROGRAM)
        count_program(n, j, cells);
    for (unsigned i = 0; i < NOR_PAGE_SIZE; i++)
        cells[i] &= j->page[i];
}

static void erase(struct nor *n, const struct nor_job *j)
{
    if (n->faults.erase_fails)
        return;
    if (j->kind == JOB_ERASE_CHIP)
        n->counters.erases_chip++;
    else if (j->kind == JOB_ERASE) {
        n->counters.erases_4k += j->len == NOR_SECTOR;
        n->counters.erases_32k += j->len == NOR_BLOCK / 2;
        n->counters.erases_64k += j->len == NOR_BLOCK;
    }
    memset(job_cells(n, j), 0xFF, j->len);
}

static void complete_status(struct nor *n, const struct nor_job *j)
{
    for (unsigned i = 0; i < 3; i++)
        if (j->sr_written >> i & 1)
            n->sr[i] = n->nv[i] = j->sr[i];
    n->nv[1] &= (uint8_t)~NOR_SR2_SRL; // ends with the power
    n->counters.status_writes++;
    nor_pin_functions(n);
    nor_save(n);
}

static void complete(struct nor *n, const struct nor_job *j)
{
    n->wel = false;
    switch (j->kind) {
    case JOB_STATUS:
        complete_status(n, j);
        break;
    case JOB_PROGRAM:
    case JOB_SECURITY_PROGRAM:
        program(n, j);
        break;
    default:
        erase(n, j);
    }
    if (j->kind == JOB_SECURITY_PROGRAM || j->kind == JOB_SECURITY_ERASE)
        nor_save(n);
}

void nor_settle(struct nor *n)
{
    struct nor_job *j = &n->job;
    if (j->kind == JOB_NONE || n->faults.stuck_busy)
        return;
    vt_t now = n->clock->now;
    if (j->suspend_at < j->ends && now >= j->suspend_at) {
        j->remaining = j->ends - j->suspend_at;
        n->suspended = *j;
        j->kind = JOB_NONE;
        n->wel = false; // a write during the suspension needs its own 06h
        n->read_quirks = true;
    } else if (now >= j->ends) {
        complete(n, j);
        j->kind = JOB_NONE;
    }
}

void nor_start_job(struct nor *n, struct nor_job *job, uint32_t microseconds)
{
    unsigned percent = n->faults.slow_percent ? n->faults.slow_percent : 100;
    job->duration = microseconds * VT_US / 100 * percent;
    job->ends = n->clock->now + job->duration;
    job->suspend_at = VT_NEVER;
    n->job = *job;
}

// 75h: page program and sector or block erase only, while none is suspended (datasheet 8.2.18).
bool nor_suspend(struct nor *n)
{
    struct nor_job *j = &n->job;
    if ((j->kind != JOB_PROGRAM && j->kind != JOB_ERASE) || n->suspended.kind != JOB_NONE)
        return false;
    if (n->resumed_at && n->clock->now - n->resumed_at < TSUS_US * VT_US) {
        NOR_EVENT(n, "nor.suspend-too-early", "75h within tSUS after 7Ah is ignored");
        return false;
    }
    if (j->suspend_at == VT_NEVER)
        j->suspend_at = n->clock->now + TSUS_US * VT_US;
    return true;
}

bool nor_resume(struct nor *n)
{
    if (n->suspended.kind == JOB_NONE || nor_busy(n))
        return false;
    n->job = n->suspended;
    n->suspended.kind = JOB_NONE;
    n->job.ends = n->clock->now + n->job.remaining;
    n->job.suspend_at = VT_NEVER;
    n->resumed_at = n->clock->now;
    n->wel = true; // cleared by the completion
    n->read_quirks = n->faults.stuck_count != 0;
    return true;
}

// A number that depends on nothing but place and content: the same cut leaves the same cells.
static uint32_t cell_hash(uint32_t addr, uint32_t salt)
{
    uint32_t h = addr * 2654435761u ^ salt;
    h ^= h >> 15;
    h *= 2246822519u;
    return h ^ h >> 13;
}

// Each bit that the program was to clear is cleared with the probability of the time gone.
static void half_program(struct nor *n, const struct nor_job *j, unsigned per_mille)
{
    uint8_t *cells = job_cells(n, j);
    for (unsigned i = 0; i < NOR_PAGE_SIZE; i++) {
        uint8_t done = 0;
        for (unsigned bit = 0; bit < 8; bit++)
            if (cell_hash((j->addr + i) * 8 + bit, 1) % PER_MILLE < per_mille)
                done |= (uint8_t)(1u << bit);
        cells[i] &= (uint8_t)(j->page[i] | ~done);
    }
}

// An erase first programs, then erases: a byte may hold its data, zeros, noise or be blank.
static void half_erase(struct nor *n, const struct nor_job *j)
{
    uint8_t *cells = job_cells(n, j);
    for (uint32_t i = 0; i < j->len; i++) {
        uint32_t h = cell_hash(j->addr + i, 2);
        switch (h >> 8 & 3) {
        case 0:
            cells[i] = 0x00;
            break;
        case 1:
            cells[i] = 0xFF;
            break;
        case 2:
            cells[i] = (uint8_t)h;
            break;
        default:
            break;
        }
    }
}

static void abandon(struct nor *n, struct nor_job *j, bool running)
{
    vt_t left = 0;
    if (!running)
        left = j->remaining;
    else if (j->ends > n->clock->now)
        left = j->ends - n->clock->now;
    unsigned gone = (unsigned)((j->duration - left) * PER_MILLE / (j->duration ? j->duration : 1));
    if (nor_is_erase(j))
        half_erase(n, j);
    else if (j->kind != JOB_STATUS)
        half_program(n, j, gone);
    if (j->kind == JOB_SECURITY_PROGRAM || j->kind == JOB_SECURITY_ERASE)
        nor_save(n);
    NOR_EVENT(n, "nor.job-cut-short", "%s at %08lX after %u.%u %%: contents are undefined",
              nor_is_erase(j)         ? "erase"
              : j->kind == JOB_STATUS ? "register write"
                                      : "program",
              (unsigned long)j->addr, gone / 10, gone % 10);
    j->kind = JOB_NONE;
}

void nor_abandon_jobs(struct nor *n)
{
    if (n->job.kind != JOB_NONE)
        abandon(n, &n->job, true);
    if (n->suspended.kind != JOB_NONE)
        abandon(n, &n->suspended, false);
    n->read_quirks = n->faults.stuck_count != 0;
}
