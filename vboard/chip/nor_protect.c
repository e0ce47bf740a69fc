// SPDX-License-Identifier: MIT
// Write protection of the NOR chip: the BP/TB/SEC/CMP ranges, the individual locks of WPS=1, and
// who may write the status registers (W25Q64JV-DTR datasheet 7.1). Used by nor_exec.c.
#include "nor_state.h"
#include <string.h>

enum { WP_PIN = 0x4, SEC_LARGEST = 32768 };

struct range {
    uint32_t start, end; // end exclusive
};

// The 64 Mbit table 7.1 by rule, which gives the tables of the other sizes too: BP counts doublings
// of 1/64 of the array, at least 64 KiB (so 16 Mbit and 256 Mbit start at 64 KiB), all ones = all.
static uint32_t protected_length(const struct nor *n)
{
    bool wide = n->part->addr4; // BP3..0, no SEC
    unsigned all = wide ? 15 : 7;
    unsigned bp = n->sr[0] >> NOR_SR1_BP_SHIFT & all;
    if (bp == 0)
        return 0;
    if (bp == all)
        return n->part->size;
    if (!wide && (n->sr[0] & NOR_SR1_SEC)) {
        uint32_t len = (uint32_t)NOR_SECTOR << (bp - 1);
        return len < SEC_LARGEST ? len : SEC_LARGEST;
    }
    uint32_t unit = wide ? NOR_BLOCK : n->part->size / 64;
    if (unit < NOR_BLOCK)
        unit = NOR_BLOCK;
    uint64_t len = (uint64_t)unit << (bp - 1);
    return len < n->part->size ? (uint32_t)len : n->part->size;
}

static struct range protected_range(const struct nor *n)
{
    uint32_t size = n->part->size;
    uint32_t len = protected_length(n);
    bool bottom = n->sr[0] & (n->part->addr4 ? NOR_SR1_TB_256M : NOR_SR1_TB);
    if (n->sr[1] & NOR_SR2_CMP) {
        len = size - len;
        bottom = !bottom;
    }
    if (bottom)
        return (struct range){0, len};
    return (struct range){size - len, size};
}

// Index of the lock of `addr`: sectors of the first and the last block, other blocks as a whole.
static uint32_t lock_index(const struct nor *n, uint32_t addr)
{
    uint32_t sectors = NOR_BLOCK / NOR_SECTOR;
    uint32_t last = n->part->size - NOR_BLOCK;
    if (addr < NOR_BLOCK)
        return addr / NOR_SECTOR;
    if (addr >= last)
        return sectors + (addr - last) / NOR_SECTOR;
    return 2 * sectors + addr / NOR_BLOCK;
}

size_t nor_locks_bytes(const struct nor *n)
{
    return (2 * NOR_BLOCK / NOR_SECTOR + n->part->size / NOR_BLOCK) / 8 + 1;
}

void nor_locks_set_all(struct nor *n, bool locked)
{
    memset(n->locks, locked ? 0xFF : 0, nor_locks_bytes(n));
}

void nor_lock_set(struct nor *n, uint32_t addr, bool locked)
{
    uint32_t i = lock_index(n, addr);
    uint8_t bit = (uint8_t)(1u << i % 8);
    n->locks[i / 8] = (uint8_t)(locked ? n->locks[i / 8] | bit : n->locks[i / 8] & ~bit);
}

bool nor_lock_get(const struct nor *n, uint32_t addr)
{
    uint32_t i = lock_index(n, addr);
    return n->locks[i / 8] >> i % 8 & 1;
}

bool nor_range_protected(const struct nor *n, uint32_t addr, uint32_t len)
{
    if (n->sr[2] & NOR_SR3_WPS) {
        for (uint64_t a = addr; a < (uint64_t)addr + len; a += NOR_SECTOR)
            if (nor_lock_get(n, (uint32_t)a))
                return true;
        return false;
    }
    struct range r = protected_range(n);
    return r.start < r.end && addr < r.end && (uint64_t)addr + len > r.start;
}

// SRL locks until the power goes; SRP locks while the pin /WP is low, which it is not with QE set.
bool nor_status_locked(const struct nor *n)
{
    if (n->sr[1] & NOR_SR2_SRL)
        return true;
    bool wp_low = !(n->levels & WP_PIN) && !(n->sr[1] & NOR_SR2_QE);
    return (n->sr[0] & NOR_SR1_SRP) && wp_low;
}

// The register after `wanted` was written: what is reserved, one-time or fixed keeps its value.
uint8_t nor_status_merge(const struct nor *n, unsigned index, uint8_t wanted, bool nonvolatile)
{
    uint8_t old = n->sr[index];
    if (index == 0)
        return wanted & (uint8_t) ~(NOR_SR1_WIP | NOR_SR1_WEL);
    if (index == 2) {
        uint8_t writable = NOR_SR3_HOLD_RST | NOR_SR3_DRV | NOR_SR3_WPS;
        if (n->part->addr4 && nonvolatile)
            writable |= NOR_SR3_ADP;
        return (uint8_t)((old & ~writable) | (wanted & writable));
    }
    uint8_t result = wanted & (NOR_SR2_CMP | NOR_SR2_QE | NOR_SR2_SRL);
    result |= old & NOR_SR2_LB;
    if (nonvolatile)
        result |= wanted & NOR_SR2_LB;
    if (n->part->qe_fixed || n->qpi)
        result |= old & NOR_SR2_QE;
    return result;
}
