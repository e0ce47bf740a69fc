// SPDX-License-Identifier: MIT
// The loader: runs on the target next to OpenOCD, which keeps its buffers full, and rewrites only
// what differs. Contract: abi.h.
#include <stddef.h>
#include "abi.h"
#include "../driver/reg.h"
#include "chip.h"
#include "lz4.h"

#define IDLE_US    10000u // between two feeds of the watchdog
#define LOOK_BYTES 512u   // compared at a time

struct loader {
    struct chip chip;
    volatile struct loader_box *box;
    uint32_t base;                        // offset of the block in hand
    uint32_t mask, own;                   // its sectors: given, and covered by the image whole
    const uint8_t *fresh[LOADER_SECTORS]; // their new contents; NULL: not read yet
    uint8_t *old;
};

void loader_main(void);

#ifndef QSPI_HOST_TEST
void entry(void);
__attribute__((naked, used, section(".text.entry"))) void entry(void)
{
    __asm volatile("bl loader_main\n"
                   "bkpt #0\n");
}
#endif

// Keep the first error.
static bool fail(struct loader *l, enum loader_status status, uint32_t address, uint32_t found)
{
    if (!l->box->status) {
        l->box->address = address;
        l->box->found = found;
        l->box->status = status;
    }
    return false;
}

static bool check_fault(struct loader *l)
{
    if (!l->chip.q.fault)
        return true;
    return fail(l, LOADER_ERR_CONTROLLER, l->chip.q.shape, reg_read(QUADSPI_SR));
}

// Turn the outcome of an erase or program at `offset` into an error of the box.
static bool check_nor(struct loader *l, enum nor_error error, uint32_t offset)
{
    if (!error)
        return true;
    if (error == NOR_ERR_CONTROLLER)
        return check_fault(l);
    uint32_t sr1 = l->chip.q.data[0] & 0xFFu;
    return fail(l, error == NOR_ERR_WEL ? LOADER_ERR_WEL : LOADER_ERR_BUSY, offset, sr1);
}

static volatile uint32_t *mask_of(const struct loader *l, uint32_t offset)
{
    uint32_t block = (offset - l->box->first) >> LOADER_BLOCK_SHIFT;
    if (offset < l->box->first || block >= l->box->blocks)
        return NULL;
    return (volatile uint32_t *)LOADER_MASK + block;
}

static uint32_t hash_of(const struct loader *l, uint32_t offset, unsigned sector)
{
    uint32_t index = (offset - l->box->first) / LOADER_SECTOR + sector;
    return ((const volatile uint32_t *)LOADER_TABLE)[index];
}

// Compare the hashes of the table with the chip, and leave the bits of sectors that differ.
static void hash_all(struct loader *l)
{
    for (uint32_t block = 0; block < l->box->blocks && !l->box->stop; block++) {
        uint32_t offset = l->box->first + (block << LOADER_BLOCK_SHIFT);
        volatile uint32_t *mask = mask_of(l, offset);
        for (unsigned i = 0; i < LOADER_SECTORS; i++) {
            if (!(*mask >> i & 1))
                continue;
            uint32_t crc = chip_crc(&l->chip, offset + i * LOADER_SECTOR, LOADER_SECTOR);
            if (crc == hash_of(l, offset, i) && !(l->box->flags & LOADER_FLAG_REWRITE)) {
                *mask &= ~(1u << i);
                l->box->same++;
            }
        }
        timer_feed();
        l->box->hashed = block + 1;
        if (!check_fault(l))
            return;
    }
}

// Find where each given sector's data is; decode first if it is packed.
static bool unpack(struct loader *l, const volatile struct loader_slot *slot, uint8_t *buffer)
{
    if (slot->packed) {
        uint32_t span = slot->span;
        uint32_t low = (uint32_t)__builtin_ctz(span | 0x80000000u);
        uint32_t high = 32u - (uint32_t)__builtin_clz(span | 1u);
        uint8_t *decoded = (uint8_t *)LOADER_DECODED;
        if (high > LOADER_SECTORS || low >= high || l->mask & ~span)
            return fail(l, LOADER_ERR_DATA, l->base, span);
        uint32_t length = (high - low) * LOADER_SECTOR;
        int32_t made = lz4_decode(buffer, slot->packed, decoded + low * LOADER_SECTOR, length);
        if (made != (int32_t)length)
            return fail(l, LOADER_ERR_DATA, l->base, (uint32_t)made);
        buffer = decoded;
    }
    for (unsigned i = 0; i < LOADER_SECTORS; i++)
        l->fresh[i] = l->mask >> i & 1 ? buffer + i * LOADER_SECTOR : NULL;
    return true;
}

// Is what arrived what the table of hashes says?
static bool check_data(struct loader *l)
{
    const volatile uint32_t *hashed = mask_of(l, l->base);
    if (!hashed)
        return true;
    for (unsigned i = 0; i < LOADER_SECTORS; i++) {
        if (!(l->mask & *hashed & 1u << i))
            continue;
        uint32_t crc = chip_crc_ram(l->fresh[i], LOADER_SECTOR);
        if (crc != hash_of(l, l->base, i))
            return fail(l, LOADER_ERR_DATA, l->base + i * LOADER_SECTOR, crc);
    }
    return true;
}

// What the planner has to know of one sector, read from the chip as far as needed.
static void look(struct loader *l, struct plan_sector *facts, unsigned sector)
{
    uint32_t chunk[LOOK_BYTES / 4];
    uint32_t offset = l->base + sector * LOADER_SECTOR;
    facts->erase = (l->box->flags & LOADER_FLAG_REWRITE) && l->mask >> sector & 1;
    facts->differs = facts->filled = 0;
    if (!l->fresh[sector]) { // not given: it is to stay what it is
        uint8_t *old = l->old + sector * LOADER_SECTOR;
        chip_read(&l->chip, offset, old, LOADER_SECTOR);
        plan_fill(facts, 0, old, LOADER_SECTOR);
        l->fresh[sector] = old;
        return;
    }
    const uint8_t *fresh = l->fresh[sector];
    for (uint32_t at = 0; at < LOADER_SECTOR; at += LOOK_BYTES) {
        if (facts->erase) {
            plan_fill(facts, at, fresh + at, LOADER_SECTOR - at);
            return;
        }
        chip_read(&l->chip, offset + at, (uint8_t *)chunk, LOOK_BYTES);
        plan_look(facts, at, (const uint8_t *)chunk, fresh + at, LOOK_BYTES);
    }
}

static bool program(struct loader *l, const struct plan *plan, uint32_t sectors)
{
    uint32_t page = l->chip.row.page, pieces = page / PLAN_PAGE;
    for (unsigned i = 0; i < LOADER_SECTORS; i++) {
        uint32_t bits = sectors >> i & 1 ? plan->program[i] : 0;
        for (uint32_t at = 0; bits; at += page, bits >>= pieces) {
            if (!(bits & ((1u << pieces) - 1)))
                continue;
            uint32_t offset = l->base + i * LOADER_SECTOR + at;
            enum nor_error error = chip_program(&l->chip, offset, l->fresh[i] + at, page);
            if (!check_nor(l, error, offset))
                return false;
            l->box->pages++;
        }
    }
    return true;
}

// Each erase is followed by the programs that belong to it: if the power fails, no more than one
// erase is open.
static bool carry_out(struct loader *l, const struct plan *plan)
{
    for (uint32_t i = 0; i < plan->erases; i++) {
        uint32_t kind = plan->erase[i].kind, at = plan->erase[i].offset;
        if (!check_nor(l, chip_erase(&l->chip, kind, l->base + at), l->base + at))
            return false;
        l->box->erases[kind]++;
        uint32_t sectors = (1u << l->chip.row.erase_size[kind] / LOADER_SECTOR) - 1;
        if (!program(l, plan, sectors << at / LOADER_SECTOR))
            return false;
    }
    return program(l, plan, ~plan->erased);
}

// Compare the sectors `mask` with the chip. False at the first difference, which the box then
// holds.
static bool verify(struct loader *l, uint32_t mask)
{
    for (unsigned i = 0; i < LOADER_SECTORS; i++) {
        uint32_t offset = l->base + i * LOADER_SECTOR;
        if (!(mask >> i & 1))
            continue;
        uint32_t at = chip_compare(&l->chip, offset, l->fresh[i], LOADER_SECTOR);
        if (!check_fault(l))
            return false;
        if (at == LOADER_SECTOR)
            continue;
        l->box->address = offset + at;
        l->box->expected = l->fresh[i][at];
        l->box->found = chip_byte(&l->chip, offset + at);
        return false;
    }
    return true;
}

static uint32_t count(uint32_t bits)
{
    uint32_t total = 0;
    for (; bits; bits &= bits - 1)
        total++;
    return total;
}

static void tally(struct loader *l, const struct plan *plan)
{
    uint32_t given = l->mask;
    // what the hashes had counted as unchanged, and is erased along with its neighbours
    uint32_t along = plan->erased & l->own & ~given;
    l->box->same += count(given & plan->same) - (mask_of(l, l->base) ? count(along) : 0);
    l->box->erased += count(plan->erased);
    l->box->programmed += count(given & ~plan->same & ~plan->erased);
    l->box->predicted_us += plan->us;
}

// One try at the block in hand. `*again` tells whether another may help.
static bool write_once(struct loader *l, bool first, bool *again)
{
    struct plan_sector facts[LOADER_SECTORS];
    struct plan plan;
    *again = false;
    for (unsigned i = 0; i < LOADER_SECTORS; i++)
        look(l, &facts[i], i);
    if (!check_fault(l))
        return false;
    plan_make(&plan, &l->chip.row, facts, l->own);
    if (first)
        tally(l, &plan);
    if (l->box->flags & LOADER_FLAG_DRY)
        return true;
    if (!carry_out(l, &plan))
        return false;
    uint32_t touched = 0xFFFFu & ~plan.same;
    if (l->box->flags & LOADER_FLAG_TRUST || verify(l, touched))
        return true;
    *again = !l->box->status;
    return false;
}

static bool write_block(struct loader *l)
{
    bool again;
    if (write_once(l, true, &again))
        return true;
    if (!again)
        return false;
    l->box->retries++;
    chip_single(&l->chip);
    l->box->lines = 1;
    if (write_once(l, false, &again))
        return true;
    if (again)
        l->box->status = LOADER_ERR_VERIFY;
    return false;
}

// Compare the given sectors without changing anything; remember the first difference of all.
static bool compare_block(struct loader *l)
{
    for (unsigned i = 0; i < LOADER_SECTORS; i++) {
        if (!(l->mask >> i & 1))
            continue;
        uint32_t address = l->box->address, expected = l->box->expected, found = l->box->found;
        if (verify(l, 1u << i)) {
            l->box->same++;
            continue;
        }
        if (l->box->status)
            return false;
        if (l->box->different++ == 0 || l->box->address < l->box->difference) {
            l->box->difference = l->box->address;
            continue;
        }
        l->box->address = address;
        l->box->expected = expected;
        l->box->found = found;
    }
    return true;
}

static bool fetch(struct loader *l, volatile struct loader_slot *slot, uint8_t *buffer)
{
    for (unsigned i = 0; i < LOADER_SECTORS; i++)
        if (slot->mask >> i & 1)
            chip_read(&l->chip, slot->address + i * LOADER_SECTOR, buffer + i * LOADER_SECTOR,
                      LOADER_SECTOR);
    if (!check_fault(l))
        return false;
    slot->state = LOADER_SLOT_FETCHED;
    return true;
}

static bool work_off(struct loader *l, volatile struct loader_slot *slot, uint8_t *buffer)
{
    l->base = slot->address;
    l->mask = slot->mask;
    l->own = slot->span;
    if (l->base % LOADER_BLOCK || l->base >= l->box->size || l->mask >> LOADER_SECTORS ||
        slot->packed > LOADER_BLOCK)
        return fail(l, LOADER_ERR_SLOT, l->base, (uint32_t)(slot - l->box->slot));
    if (!unpack(l, slot, buffer) || !check_data(l))
        return false;
    if (!(l->box->flags & LOADER_FLAG_VERIFY ? compare_block(l) : write_block(l)))
        return false;
    l->box->done++;
    __asm volatile("" ::: "memory"); // the buffer is given back last
    slot->state = LOADER_SLOT_FREE;
    return true;
}

// Wait until the host has something in `slot`, or wants to stop. Returns false for that.
static bool wait_slot(const struct loader *l, const volatile struct loader_slot *slot)
{
    for (;;) {
        timer_feed();
        timer_arm(&l->chip.timer, IDLE_US);
        while (!timer_expired()) {
            uint32_t state = slot->state;
            if (state == LOADER_SLOT_FETCH || state == LOADER_SLOT_FILLED)
                return true;
            if (l->box->stop)
                return false;
        }
    }
}

static void serve(struct loader *l)
{
    for (unsigned next = 0;;) {
        volatile struct loader_slot *slot = &l->box->slot[next];
        uint8_t *buffer = (uint8_t *)LOADER_BUFFERS + next * LOADER_BLOCK;
        if (!wait_slot(l, slot))
            return;
        __asm volatile("" ::: "memory"); // the buffer is read after its state
        if (slot->state == LOADER_SLOT_FETCH) {
            if (!fetch(l, slot, buffer))
                return;
            continue;
        }
        if (!work_off(l, slot, buffer))
            return;
        next = next + 1 < LOADER_SLOTS ? next + 1 : 0;
    }
}

static bool start(struct loader *l)
{
    volatile struct loader_box *box = l->box;
    if (box->magic != LOADER_MAGIC || box->first % LOADER_BLOCK || box->blocks > LOADER_TABLE_MAX ||
        !box->size)
        return fail(l, LOADER_ERR_PARAM, 0, box->magic);
    l->chip.q.kernel_hz = qspi_start_hsi();
    qspi_stop(&l->chip.q); // out of memory-mapped mode
    bool runs = timer_start(&l->chip.timer, &l->chip.q);
    if (!check_fault(l))
        return false;
    if (!runs)
        return fail(l, LOADER_ERR_TIMER, TIM7_BASE, 0);
    chip_crc_setup();
    nor_set_speed(&l->chip.q, box->sck_hz ? box->sck_hz : UINT32_MAX, box->size);
    if (box->flags & LOADER_FLAG_QUAD)
        chip_try_quad(&l->chip, box->jedec_id);
    box->sck = l->chip.q.sck_hz;
    box->lines = l->chip.lines;
    return check_fault(l);
}

static bool check_params(struct loader *l)
{
    // cppcheck-suppress ctuuninitvar ; chip_init() sets the rest
    const volatile struct loader_box *box = l->box;
    if (box->magic != LOADER_MAGIC)
        return fail(l, LOADER_ERR_PARAM, 0, box->magic);
    if (box->first % LOADER_BLOCK)
        return fail(l, LOADER_ERR_PARAM, 0, box->first);
    if (box->blocks > LOADER_TABLE_MAX)
        return fail(l, LOADER_ERR_PARAM, 0, box->blocks);
    return box->size || fail(l, LOADER_ERR_PARAM, 0, 0);
}

// The controller as the init stub leaves it.
static void finish(struct loader *l)
{
    struct qspi *q = &l->chip.q;
    q->fault = QSPI_FAULT_NONE;
    q->cr &= ~QUADSPI_CR_FTHRES_Msk;
    qspi_stop(q);
    nor_set_speed(q, l->box->sck_hz ? l->box->sck_hz : UINT32_MAX, l->box->size);
    nor_map(q, l->chip.wide);
    if (q->fault)
        fail(l, LOADER_ERR_CONTROLLER, q->shape, reg_read(QUADSPI_SR));
    timer_stop(&l->chip.timer);
}

// Work until the host wants to stop or something fails.
static void work(struct loader *l)
{
    if (start(l)) {
        hash_all(l);
        __asm volatile("" ::: "memory");
        l->box->state = LOADER_HASHED;
        if (!l->box->status)
            serve(l);
    }
    finish(l);
}

__attribute__((used)) void loader_main(void)
{
    struct loader l;
    l.box = (volatile struct loader_box *)LOADER_BOX;
    l.old = (uint8_t *)LOADER_OLD;
    uint32_t flags = l.box->flags;
    uint32_t clocks = reg_read(RCC_AHB4ENR);
    chip_init(&l.chip,
              (flags & LOADER_FLAG_BANK2 ? QUADSPI_CR_FSEL : 0) |
                  (flags & LOADER_FLAG_DUAL ? QUADSPI_CR_DFM : 0),
              l.box->size);
    if (check_params(&l))
        work(&l);
    reg_write(RCC_AHB4ENR, clocks);
    l.box->state = LOADER_DONE;
}
