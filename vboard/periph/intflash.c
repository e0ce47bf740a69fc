// SPDX-License-Identifier: MIT
// Cells, write buffer and timing of the internal flash, see intflash.h. Programming can only clear
// bits; a second program of a flash word spoils its ECC unless it clears the word altogether.
#include "intflash_private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// DS12110 "Flash memory programming", typical, by PSIZE x8 x16 x32 x64.
static const vt_t program_time[] = {290 * VT_US, 180 * VT_US, 130 * VT_US, 100 * VT_US};

static vt_t now(const struct intflash *f)
{
    return f->cfg.clock->now;
}

static uint8_t *bank_cells(const struct intflash *f, unsigned bank)
{
    return f->cells + (size_t)bank * f->bank_size;
}

static uint32_t word_index(const struct intflash *f, unsigned bank, uint32_t offset)
{
    return (bank * f->bank_size + offset) / INTFLASH_WORD_SIZE;
}

static bool word_broken(const struct intflash *f, unsigned bank, uint32_t offset)
{
    uint32_t i = word_index(f, bank, offset);
    return f->broken[i / 8] >> (i % 8) & 1;
}

static void set_broken(struct intflash *f, unsigned bank, uint32_t offset, bool broken)
{
    uint32_t i = word_index(f, bank, offset);
    uint8_t bit = (uint8_t)(1u << (i % 8));
    f->broken[i / 8] = broken ? f->broken[i / 8] | bit : f->broken[i / 8] & (uint8_t)~bit;
}

static void tell_change(struct intflash *f, unsigned bank, uint32_t offset, uint32_t size)
{
    if (f->changed)
        f->changed(f->changed_ctx, intflash_bank_base(bank) + offset, size);
}

// ---- operations
// -----------------------------------------------------------------------------------

void intflash_error(struct intflash *f, unsigned bank, uint32_t sr_bits, const char *id,
                    const char *text)
{
    f->bank[bank].sr |= sr_bits;
    report_event(f->cfg.report, now(f), id, "bank %u: %s", bank + 1, text);
    intflash_sync(f);
}

bool intflash_protected(const struct flash_bank *b, uint32_t start, uint32_t size)
{
    for (uint32_t at = start; at < start + size; at += INTFLASH_SECTOR_SIZE)
        if (!(b->wpsn_cur >> (at / INTFLASH_SECTOR_SIZE) & 1)) // 0 = protected
            return true;
    return false;
}

// Wait, as the bus does, for the operation under way in the bank.
static void wait_bank(struct intflash *f, unsigned bank)
{
    if (f->bank[bank].busy)
        vclock_reach(f->cfg.clock, f->bank[bank].busy_until);
    intflash_sync(f);
}

static void begin(struct intflash *f, unsigned bank, uint32_t start, uint32_t size, vt_t duration)
{
    struct flash_bank *b = &f->bank[bank];
    b->busy = true;
    b->busy_until = now(f) + duration;
    b->op_start = start;
    b->op_end = start + size;
    tell_change(f, bank, start, size);
}

void intflash_erase(struct intflash *f, unsigned bank, uint32_t start, uint32_t size, vt_t duration)
{
    wait_bank(f, bank);
    memset(bank_cells(f, bank) + start, 0xFF, size);
    for (uint32_t at = start; at < start + size; at += INTFLASH_WORD_SIZE)
        set_broken(f, bank, at, false);
    begin(f, bank, start, size, duration);
}

void intflash_abort(struct intflash *f, unsigned bank)
{
    struct flash_bank *b = &f->bank[bank];
    intflash_sync(f);
    if (!b->busy)
        return;
    report_event(f->cfg.report, now(f), "intflash.reset-while-busy",
                 "bank %u: reset cut an operation at 0x%08x short", bank + 1,
                 (unsigned)(intflash_bank_base(bank) + b->op_start));
    for (uint32_t at = b->op_start; at < b->op_end; at += INTFLASH_WORD_SIZE)
        set_broken(f, bank, at, true);
    b->busy = false;
}

static bool all_bytes(const uint8_t *p, uint8_t value)
{
    for (unsigned i = 0; i < INTFLASH_WORD_SIZE; i++)
        if (p[i] != value)
            return false;
    return true;
}

static void program_word(struct intflash *f, unsigned bank)
{
    struct flash_bank *b = &f->bank[bank];
    uint8_t *cell = bank_cells(f, bank) + b->word;
    wait_bank(f, bank);
    bool used = !all_bytes(cell, 0xFF), same = memcmp(cell, b->buffer, INTFLASH_WORD_SIZE) == 0;
    bool zeroed = all_bytes(b->buffer, 0x00);
    if (used && !same && !zeroed) {
        report_event(f->cfg.report, now(f), "intflash.program-over",
                     "flash word 0x%08x programmed twice: its ECC is broken",
                     (unsigned)(intflash_bank_base(bank) + b->word));
        set_broken(f, bank, b->word, true);
    } else if (zeroed) {
        set_broken(f, bank, b->word, false);
    }
    for (unsigned i = 0; i < INTFLASH_WORD_SIZE; i++)
        cell[i] &= b->buffer[i];
    b->filled = 0;
    uint32_t psize = (b->cr & FLASH_CR_PSIZE_Msk) >> FLASH_CR_PSIZE_Pos;
    begin(f, bank, b->word, INTFLASH_WORD_SIZE, program_time[psize]);
}

void intflash_force_write(struct intflash *f, unsigned bank)
{
    struct flash_bank *b = &f->bank[bank];
    if (!b->filled)
        return;
    for (unsigned i = 0; i < INTFLASH_WORD_SIZE; i++)
        if (!(b->filled >> i & 1))
            b->buffer[i] = 0xFF;
    program_word(f, bank);
}

void intflash_sync(void *flash)
{
    struct intflash *f = flash;
    uint32_t pending = 0;
    for (unsigned i = 0; i < f->banks; i++) {
        struct flash_bank *b = &f->bank[i];
        if (b->busy && now(f) >= b->busy_until) {
            b->busy = false;
            b->sr |= FLASH_SR_EOP;
        }
        pending |= b->sr & b->cr & 0x0FEF0000; // flags and their enables share bit numbers
    }
    if (f->opt_busy && now(f) >= f->opt_busy_until) {
        f->opt_busy = false;
        f->optsr_cur = f->optsr_prg;
        f->boot_cur = f->boot_prg;
        for (unsigned i = 0; i < f->banks; i++) {
            f->bank[i].prar_cur = f->bank[i].prar_prg;
            f->bank[i].scar_cur = f->bank[i].scar_prg;
            f->bank[i].wpsn_cur = f->bank[i].wpsn_prg;
        }
    }
    irq_set(&f->cfg.irq, pending != 0);
}

// ---- accesses to the array
// ------------------------------------------------------------------------

// Bank (0, 1) and offset of an address; false if there is no cell.
static bool locate(const struct intflash *f, uint32_t addr, unsigned size, unsigned *bank,
                   uint32_t *offset)
{
    for (unsigned i = 0; i < f->banks; i++) {
        *bank = i;
        *offset = addr - intflash_bank_base(i);
        if (*offset < f->bank_size && *offset + size <= f->bank_size)
            return true;
    }
    return false;
}

enum bus_result intflash_write(void *flash, uint32_t addr, unsigned size, uint32_t value)
{
    struct intflash *f = flash;
    unsigned bank;
    uint32_t offset;
    if (!locate(f, addr, size, &bank, &offset))
        return BUS_FAULT;
    struct flash_bank *b = &f->bank[bank];
    intflash_sync(f);
    if ((b->cr & FLASH_CR_LOCK) || !(b->cr & FLASH_CR_PG) ||
        (b->cr & (FLASH_CR_SER | FLASH_CR_BER))) {
        intflash_error(f, bank, FLASH_SR_PGSERR, "intflash.write-without-pg",
                       "write to the array while PG is not set alone");
        return BUS_OK;
    }
    if (intflash_protected(b, offset, 1)) {
        intflash_error(f, bank, FLASH_SR_WRPERR, "intflash.write-protected",
                       "write to a protected sector");
        return BUS_OK;
    }
    uint32_t word = offset & ~(INTFLASH_WORD_SIZE - 1), first = offset & (INTFLASH_WORD_SIZE - 1);
    if (first + size > INTFLASH_WORD_SIZE || (b->filled && b->word != word)) {
        intflash_error(f, bank, FLASH_SR_INCERR, "intflash.inconsistent",
                       "write to another flash word before the buffered one is full");
        return BUS_OK;
    }
    uint32_t mask = ((1u << size) - 1) << first;
    if (b->filled & mask) {
        intflash_error(f, bank, FLASH_SR_STRBERR, "intflash.strobe",
                       "byte of the write buffer written twice");
        return BUS_OK;
    }
    b->word = word;
    for (unsigned i = 0; i < size; i++)
        b->buffer[first + i] = (uint8_t)(value >> (8 * i));
    b->filled |= mask;
    if (b->filled == UINT32_MAX)
        program_word(f, bank);
    return BUS_OK;
}

enum bus_result intflash_read(void *flash, uint32_t addr, unsigned size, uint32_t *value)
{
    struct intflash *f = flash;
    unsigned bank;
    uint32_t offset;
    *value = 0;
    if (!locate(f, addr, size, &bank, &offset))
        return BUS_FAULT;
    wait_bank(f, bank);
    if (word_broken(f, bank, offset)) {
        f->bank[bank].ecc_fa = offset / INTFLASH_WORD_SIZE;
        intflash_error(f, bank, FLASH_SR_DBECCERR, "intflash.double-ecc-error",
                       "read of a flash word whose ECC is broken");
        return BUS_FAULT;
    }
    memcpy(value, bank_cells(f, bank) + offset, size);
    return BUS_OK;
}

vt_t intflash_busy_until(const struct intflash *f, uint32_t addr)
{
    unsigned bank;
    uint32_t offset;
    if (!locate(f, addr, 1, &bank, &offset) || !f->bank[bank].busy)
        return 0;
    return f->bank[bank].busy_until;
}

uint32_t intflash_bank_base(unsigned bank)
{
    return bank ? INTFLASH_BANK2_BASE : INTFLASH_BANK1_BASE;
}

uint8_t *intflash_bank(struct intflash *f, unsigned bank)
{
    return bank < f->banks ? bank_cells(f, bank) : NULL;
}

uint32_t intflash_bank_size(const struct intflash *f)
{
    return f->bank_size;
}

void intflash_on_change(struct intflash *f,
                        void (*changed)(void *ctx, uint32_t addr, uint32_t size), void *ctx)
{
    f->changed = changed;
    f->changed_ctx = ctx;
}

uint32_t intflash_latency(const struct intflash *f)
{
    return f->acr & FLASH_ACR_LATENCY_Msk;
}

uint8_t *intflash_system_memory(struct intflash *f)
{
    return f->system_memory;
}

// ---- creation and the file
// ------------------------------------------------------------------------

static size_t cells_size(const struct intflash *f)
{
    return (size_t)f->bank_size * f->banks;
}

static void put16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static void fill_system_memory(struct intflash *f)
{
    memset(f->system_memory, 0xFF, SYSMEM_SIZE);
    memcpy(f->system_memory + (UID_BASE - SYSMEM_BASE), f->cfg.uid, sizeof(f->cfg.uid));
    put16(f->system_memory + (FLASHSIZE_BASE - SYSMEM_BASE), (uint16_t)f->cfg.size_kib);
}

static void *anonymous(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

struct intflash *intflash_new(const struct intflash_config *config)
{
    struct intflash *f = calloc(1, sizeof(*f));
    if (!f)
        return NULL;
    f->cfg = *config;
    if (f->cfg.size_kib == 0)
        f->cfg.size_kib = 2048;
    f->banks = f->cfg.size_kib > 128 ? 2 : 1;
    f->bank_size = f->cfg.size_kib * 1024 / f->banks;
    f->cells = anonymous(cells_size(f));
    f->system_memory = anonymous(SYSMEM_SIZE);
    f->broken = calloc(cells_size(f) / INTFLASH_WORD_SIZE / 8, 1);
    if (!f->cells || !f->system_memory || !f->broken) {
        intflash_free(f);
        return NULL;
    }
    memset(f->cells, 0xFF, cells_size(f));
    fill_system_memory(f);
    struct bus_device device = intflash_registers(f);
    device.reset(f, RESET_POWER);
    return f;
}

void intflash_free(struct intflash *f)
{
    if (!f)
        return;
    if (f->cells)
        munmap(f->cells, cells_size(f));
    if (f->system_memory)
        munmap(f->system_memory, SYSMEM_SIZE);
    free(f->broken);
    free(f);
}

// Make a new file of `size` bytes FFh.
static bool fill_file(int fd, size_t size)
{
    uint8_t blank[4096];
    memset(blank, 0xFF, sizeof(blank));
    for (size_t done = 0; done < size; done += sizeof(blank))
        if (write(fd, blank, sizeof(blank)) != (ssize_t)sizeof(blank))
            return false;
    return true;
}

bool intflash_attach_file(struct intflash *f, const char *path, char *err, unsigned err_size)
{
    size_t size = cells_size(f);
    struct stat st;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) {
        snprintf(err, err_size, "cannot open the internal flash file %s: %s", path,
                 strerror(errno));
        return false;
    }
    bool ok = fstat(fd, &st) == 0 && (st.st_size != 0 || fill_file(fd, size));
    if (!ok) {
        snprintf(err, err_size, "cannot write the internal flash file %s: %s", path,
                 strerror(errno));
    } else if (st.st_size != 0 && (size_t)st.st_size != size) {
        snprintf(err, err_size, "the internal flash file %s has %lld bytes, not %zu", path,
                 (long long)st.st_size, size);
        ok = false;
    } else if (mmap(f->cells, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) ==
               MAP_FAILED) {
        snprintf(err, err_size, "cannot map the internal flash file %s: %s", path, strerror(errno));
        ok = false;
    }
    close(fd);
    for (unsigned i = 0; ok && i < f->banks; i++)
        tell_change(f, i, 0, f->bank_size);
    return ok;
}
