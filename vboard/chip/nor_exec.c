// SPDX-License-Identifier: MIT
// What the commands of a NOR chip do at the rising edge of chip select. Each returns false if the
// chip ignores it; the rows of nor_table.c name them.
#include "nor_exec.h"
#include <string.h>

enum { TRES1_US = 3, BLOCK_32K = 32768 };

bool nor_do_write_enable(struct nor *n)
{
    if (n->clock->now < n->write_ok_at) {
        NOR_EVENT(n, "nor.write-before-tpuw", "06h within tPUW (5 ms) after power-up is ignored");
        return false;
    }
    n->wel = !n->faults.wel_refused;
    return n->wel;
}

bool nor_do_write_disable(struct nor *n)
{
    n->wel = false;
    return true;
}

bool nor_do_volatile_sr(struct nor *n)
{
    n->sr_volatile_armed = true;
    return true;
}

static bool write_status(struct nor *n, unsigned first, unsigned count)
{
    if (!n->sr_volatile && !n->wel) {
        NOR_EVENT(n, "nor.no-write-enable", "%02Xh not executed: WEL=0", n->opcode);
        return false;
    }
    if (nor_status_locked(n)) {
        NOR_EVENT(n, "nor.status-locked", "%02Xh not executed: SRL, or SRP with /WP low",
                  n->opcode);
        return false;
    }
    struct nor_job job = {.kind = JOB_STATUS};
    for (unsigned i = 0; i < count; i++) {
        job.sr[first + i] = nor_status_merge(n, first + i, n->in[i], !n->sr_volatile);
        job.sr_written |= (uint8_t)(1u << (first + i));
    }
    if (!n->sr_volatile) {
        const struct nor_times *t = n->worst_case ? &n->part->worst : &n->part->typical;
        nor_start_job(n, &job, t->write_status);
        return true;
    }
    for (unsigned i = first; i < first + count; i++)
        n->sr[i] = job.sr[i];
    nor_pin_functions(n);
    return true;
}

bool nor_do_write_sr1(struct nor *n)
{
    return write_status(n, 0, n->count);
}

bool nor_do_write_sr2(struct nor *n)
{
    return write_status(n, 1, 1);
}

bool nor_do_write_sr3(struct nor *n)
{
    return write_status(n, 2, 1);
}

static bool overlaps_suspended(const struct nor *n, uint32_t addr, uint32_t len)
{
    const struct nor_job *s = &n->suspended;
    return s->kind != JOB_NONE && addr < s->addr + s->len && s->addr < addr + len;
}

static bool change_allowed(struct nor *n, uint32_t addr, uint32_t len)
{
    if (nor_range_protected(n, addr, len)) {
        NOR_EVENT(n, "nor.protected", "%02Xh at %08lX not executed: protected", n->opcode,
                  (unsigned long)addr);
        return false;
    }
    if (overlaps_suspended(n, addr, len)) {
        NOR_EVENT(n, "nor.command-while-suspended", "%02Xh at %08lX hits the suspended range",
                  n->opcode, (unsigned long)addr);
        return false;
    }
    return true;
}

static const struct nor_times *times(const struct nor *n)
{
    return n->worst_case ? &n->part->worst : &n->part->typical;
}

static void note_page_wrap(struct nor *n)
{
    if (n->address % NOR_PAGE_SIZE + n->count > NOR_PAGE_SIZE)
        NOR_EVENT(n, "nor.page-wrap", "%lu bytes at %08lX wrap within the page",
                  (unsigned long)n->count, (unsigned long)n->address);
}

bool nor_do_program(struct nor *n)
{
    uint32_t base = n->address & ~(NOR_PAGE_SIZE - 1);
    if (!change_allowed(n, base, NOR_PAGE_SIZE))
        return false;
    note_page_wrap(n);
    struct nor_job job = {.kind = JOB_PROGRAM, .addr = base, .len = NOR_PAGE_SIZE};
    memcpy(job.page, n->page, sizeof(job.page));
    nor_start_job(n, &job, times(n)->page_program);
    return true;
}

static bool erase(struct nor *n, uint32_t len, uint32_t microseconds)
{
    uint32_t base = n->address & ~(len - 1);
    if (!change_allowed(n, base, len))
        return false;
    struct nor_job job = {.kind = JOB_ERASE, .addr = base, .len = len};
    nor_start_job(n, &job, microseconds);
    return true;
}

bool nor_do_erase_4k(struct nor *n)
{
    return erase(n, NOR_SECTOR, times(n)->sector_4k);
}

bool nor_do_erase_32k(struct nor *n)
{
    return erase(n, BLOCK_32K, times(n)->block_32k);
}

bool nor_do_erase_64k(struct nor *n)
{
    return erase(n, NOR_BLOCK, times(n)->block_64k);
}

bool nor_do_erase_chip(struct nor *n)
{
    if (!change_allowed(n, 0, n->part->size))
        return false;
    struct nor_job job = {.kind = JOB_ERASE_CHIP, .len = n->part->size};
    nor_start_job(n, &job, times(n)->chip_erase);
    return true;
}

// LB1..3 lock their register for good.
static unsigned writable_security(struct nor *n)
{
    unsigned number = nor_security_number(n->address_raw);
    unsigned locked = n->sr[1] & NOR_SR2_LB;
    if (number && !(locked >> (NOR_SR2_LB_SHIFT + number - 1) & 1))
        return number;
    NOR_EVENT(n, "nor.protected", "%02Xh at %08lX not executed: %s", n->opcode,
              (unsigned long)n->address_raw, number ? "LB is set" : "no such register");
    return 0;
}

bool nor_do_security_program(struct nor *n)
{
    struct nor_job job = {.kind = JOB_SECURITY_PROGRAM, .len = NOR_SECURITY_SIZE};
    job.addr = writable_security(n);
    if (!job.addr)
        return false;
    note_page_wrap(n);
    memcpy(job.page, n->page, sizeof(job.page));
    nor_start_job(n, &job, times(n)->page_program);
    return true;
}

bool nor_do_security_erase(struct nor *n)
{
    struct nor_job job = {.kind = JOB_SECURITY_ERASE, .len = NOR_SECURITY_SIZE};
    job.addr = writable_security(n);
    if (!job.addr)
        return false;
    nor_start_job(n, &job, times(n)->sector_4k);
    return true;
}

bool nor_do_suspend(struct nor *n)
{
    return nor_suspend(n);
}

bool nor_do_resume(struct nor *n)
{
    return nor_resume(n);
}

bool nor_do_lock(struct nor *n)
{
    nor_lock_set(n, n->address, true);
    return true;
}

bool nor_do_unlock(struct nor *n)
{
    nor_lock_set(n, n->address, false);
    return true;
}

bool nor_do_lock_all(struct nor *n)
{
    nor_locks_set_all(n, true);
    return true;
}

bool nor_do_unlock_all(struct nor *n)
{
    nor_locks_set_all(n, false);
    return true;
}

bool nor_do_power_down(struct nor *n)
{
    n->power_down = true;
    return true;
}

bool nor_do_release(struct nor *n)
{
    if (n->power_down)
        n->ready_at = n->clock->now + TRES1_US * VT_US;
    n->power_down = false;
    return true;
}

bool nor_do_reset_enable(struct nor *n)
{
    n->reset_armed = true;
    return true;
}

bool nor_do_reset(struct nor *n)
{
    if (!n->reset_now) {
        NOR_EVENT(n, "nor.reset-not-enabled", "99h without 66h just before it is ignored");
        return false;
    }
    nor_software_reset(n);
    return true;
}

bool nor_do_enter_qpi(struct nor *n)
{
    n->qpi = true;
    nor_pin_functions(n);
    return true;
}

bool nor_do_exit_qpi(struct nor *n)
{
    n->qpi = false;
    nor_pin_functions(n);
    return true;
}

bool nor_do_read_params(struct nor *n)
{
    n->read_params = n->in[0];
    return true;
}

bool nor_do_burst_wrap(struct nor *n) // three dummy bytes, then W7-0
{
    n->wrap_bits = n->in[0] & 0x70;
    return true;
}

bool nor_do_enter_4byte(struct nor *n)
{
    n->addr4 = true;
    return true;
}

bool nor_do_exit_4byte(struct nor *n)
{
    n->addr4 = false;
    return true;
}

bool nor_do_write_ext_addr(struct nor *n)
{
    n->ext_addr = n->in[0];
    n->wel = false;
    return true;
}
