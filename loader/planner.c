// SPDX-License-Identifier: MIT
// The planner of the loader, see planner.h.
#include "planner.h"

// All sectors of the erase of `size` bytes at `offset`, as bits.
static uint32_t sectors_of(uint32_t offset, uint32_t size)
{
    return (((1u << size / PLAN_SECTOR) - 1u) & 0xFFFFu) << offset / PLAN_SECTOR;
}

static const uint32_t *words(const uint8_t *bytes)
{
    return (const uint32_t *)(const void *)bytes;
}

static uint16_t piece(uint32_t offset)
{
    return (uint16_t)(1u << offset / PLAN_PAGE);
}

void plan_fill(struct plan_sector *sector, uint32_t offset, const uint8_t *fresh, uint32_t bytes)
{
    for (uint32_t page = 0; page < bytes; page += PLAN_PAGE) {
        const uint32_t *is = words(fresh + page);
        // most pages hold something in their first words
        for (unsigned i = 0; i < PLAN_PAGE / 4; i++) {
            if (is[i] != UINT32_MAX) {
                sector->filled |= piece(offset + page);
                break;
            }
        }
    }
}

void plan_look(struct plan_sector *sector, uint32_t offset, const uint8_t *old,
               const uint8_t *fresh, uint32_t bytes)
{
    for (uint32_t page = 0; page < bytes; page += PLAN_PAGE) {
        const uint32_t *was = words(old + page), *is = words(fresh + page);
        uint32_t changed = 0, rises = 0;
        for (unsigned i = 0; i < PLAN_PAGE / 4; i++) {
            changed |= was[i] ^ is[i];
            rises |= ~was[i] & is[i];
        }
        if (changed)
            sector->differs |= piece(offset + page);
        if (rises)
            sector->erase = true;
    }
    plan_fill(sector, offset, fresh, bytes);
}

// Page programs that the 256-byte pieces `bits` take.
static uint32_t pages(const struct plan_chip *chip, uint32_t bits)
{
    uint32_t pieces = chip->page / PLAN_PAGE, count = 0;
    for (; bits; bits >>= pieces)
        count += (bits & ((1u << pieces) - 1u)) != 0;
    return count;
}

// Time to bring the smallest erase unit at `offset` in order, without and with an erase.
static uint32_t unit_cost(const struct plan_chip *chip, const struct plan_sector *sectors,
                          uint32_t offset, bool erase)
{
    uint32_t us = erase ? chip->erase_us[0] : 0;
    for (uint32_t at = offset; at < offset + chip->erase_size[0]; at += PLAN_SECTOR) {
        const struct plan_sector *s = &sectors[at / PLAN_SECTOR];
        us += pages(chip, erase ? s->filled : s->differs) * chip->program_us;
    }
    return us;
}

static bool unit_needs_erase(const struct plan_chip *chip, const struct plan_sector *sectors,
                             uint32_t offset)
{
    for (uint32_t at = offset; at < offset + chip->erase_size[0]; at += PLAN_SECTOR)
        if (sectors[at / PLAN_SECTOR].erase)
            return true;
    return false;
}

struct search {
    const struct plan_chip *chip;
    const struct plan_sector *sectors;
    uint32_t own;
    struct plan *plan;
};

static void add_erase(struct plan *plan, uint8_t kind, uint32_t offset, uint32_t size)
{
    plan->erase[plan->erases].kind = kind;
    plan->erase[plan->erases++].offset = offset;
    plan->erased |= sectors_of(offset, size);
}

// The cheapest way for the `size` bytes at `offset`, with erases of kind `kind` and smaller. Adds
// its erases to the plan and returns its time.
static uint32_t cover(const struct search *s, int kind, uint32_t offset, uint32_t size)
{
    const struct plan_chip *chip = s->chip;
    for (; kind > 0; kind--)
        if (chip->erase_size[kind] && chip->erase_size[kind] <= size)
            break;
    uint32_t step = chip->erase_size[kind], total = 0;
    for (uint32_t at = offset; at < offset + size; at += step) {
        if (kind == 0) {
            bool erase = unit_needs_erase(chip, s->sectors, at);
            if (erase)
                add_erase(s->plan, 0, at, step);
            total += unit_cost(chip, s->sectors, at, erase);
            continue;
        }
        uint32_t erases = s->plan->erases, erased = s->plan->erased;
        uint32_t small = cover(s, kind - 1, at, step);
        uint32_t large = chip->erase_us[kind], inside = sectors_of(at, step);
        for (uint32_t i = at; i < at + step; i += PLAN_SECTOR)
            large += pages(chip, s->sectors[i / PLAN_SECTOR].filled) * chip->program_us;
        if (large < small && (inside & ~s->own) == 0) {
            s->plan->erases = erases;
            s->plan->erased = erased;
            add_erase(s->plan, (uint8_t)kind, at, step);
            small = large;
        }
        total += small;
    }
    return total;
}

void plan_make(struct plan *plan, const struct plan_chip *chip,
               const struct plan_sector sectors[PLAN_SECTORS], uint32_t own)
{
    plan->erases = plan->erased = plan->same = 0;
    const struct search s = {chip, sectors, own, plan};
    plan->us = cover(&s, PLAN_KINDS - 1, 0, PLAN_SECTORS * PLAN_SECTOR);
    for (unsigned i = 0; i < PLAN_SECTORS; i++) {
        bool erased = plan->erased >> i & 1;
        plan->program[i] = erased ? sectors[i].filled : sectors[i].differs;
        if (!erased && !sectors[i].differs)
            plan->same |= 1u << i;
    }
}
