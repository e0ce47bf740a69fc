// SPDX-License-Identifier: MIT
// The registers of the internal flash's controller: keys, erase, option bytes (RM0433 "FLASH
// registers"). Bank 2 has its own set at +0x100, which also shows the shared registers.
#include "intflash_private.h"
#include "regio.h"
#include <string.h>

#define OFFSET(address) ((address)-FLASH_R_BASE)

// DS12110, typical, by PSIZE x8 x16 x32 x64. A bank of 1 MiB; smaller ones in proportion.
static const vt_t sector_time[] = {2000 * VT_MS, 1800 * VT_MS, 1100 * VT_MS, 1000 * VT_MS};
static const vt_t bank_time[] = {13000 * VT_MS, 8000 * VT_MS, 6000 * VT_MS, 5000 * VT_MS};
#define OPTION_TIME (500 * VT_MS) // erase and program of the option words: an assumption

enum {
    CR_RESET = 0x31,
    CR_KEPT = 0x0FEF873E, // all but LOCK and the self-clearing FW and START
    ACR_RESET = 0x37,
};
// Factory option bytes: RDP level 0, software watchdog, no reset on Stop/Standby, IWDG runs in
// them, BOOT_ADD0 0x08000000, BOOT_ADD1 0x1FF00000, nothing protected.
#define OPTSR_FACTORY  0x1006AAD0u
#define BOOT_FACTORY   0x1FF00800u
#define AREA_FACTORY   0x000000FFu
#define OPTSR_BUSY     0x00000001u
#define OPTSR_SWAP     0x80000000u
#define OPTSR_WRITABLE 0x302FFFDCu // BOR_LEV .. IO_HSLV without the status bits

static vt_t now(const struct intflash *f)
{
    return f->cfg.clock->now;
}

// Take a key for either lock. Returns BUS_FAULT for a wrong one, which also blocks the lock.
static enum bus_result take_key(struct intflash *f, uint32_t value, const uint32_t key[2],
                                unsigned *step, bool *dead, uint32_t *lock)
{
    if (*dead || !(*lock & 1) || value != key[*step]) {
        report_event(f->cfg.report, now(f), "intflash.wrong-key",
                     "key 0x%08x: locked until the next reset", (unsigned)value);
        *dead = true;
        *lock |= 1;
        return BUS_FAULT;
    }
    if (++*step == 2) {
        *lock &= ~1u;
        *step = 0;
    }
    return BUS_OK;
}

static uint32_t psize(const struct flash_bank *b)
{
    return (b->cr & FLASH_CR_PSIZE_Msk) >> FLASH_CR_PSIZE_Pos;
}

static void erase_bank(struct intflash *f, unsigned bank)
{
    struct flash_bank *b = &f->bank[bank];
    if (intflash_protected(b, 0, f->bank_size)) {
        intflash_error(f, bank, FLASH_SR_WRPERR, "intflash.erase-protected",
                       "bank erase with a protected sector");
        return;
    }
    intflash_erase(f, bank, 0, f->bank_size,
                   bank_time[psize(b)] / 8 * (f->bank_size / INTFLASH_SECTOR_SIZE));
}

static void start(struct intflash *f, unsigned bank)
{
    struct flash_bank *b = &f->bank[bank];
    if ((b->cr & FLASH_CR_PG) || !(b->cr & (FLASH_CR_SER | FLASH_CR_BER))) {
        intflash_error(f, bank, FLASH_SR_PGSERR, "intflash.start-without-erase",
                       "START without SER or BER, or with PG");
        return;
    }
    if (b->cr & FLASH_CR_BER) {
        erase_bank(f, bank);
        return;
    }
    uint32_t at = ((b->cr & FLASH_CR_SNB_Msk) >> FLASH_CR_SNB_Pos) * (uint32_t)INTFLASH_SECTOR_SIZE;
    if (at >= f->bank_size) {
        report_event(f->cfg.report, now(f), "intflash.no-such-sector",
                     "bank %u: erase of a sector the part does not have", bank + 1);
        return;
    }
    if (intflash_protected(b, at, 1)) {
        intflash_error(f, bank, FLASH_SR_WRPERR, "intflash.erase-protected",
                       "erase of a protected sector");
        return;
    }
    intflash_erase(f, bank, at, INTFLASH_SECTOR_SIZE, sector_time[psize(b)]);
}

static void write_cr(struct intflash *f, unsigned bank, uint32_t value)
{
    struct flash_bank *b = &f->bank[bank];
    if (b->cr & FLASH_CR_LOCK) {
        if (value != FLASH_CR_LOCK)
            report_event(f->cfg.report, now(f), "intflash.cr-locked",
                         "bank %u: CR written while locked: ignored", bank + 1);
        return;
    }
    b->cr = value & CR_KEPT;
    if (value & FLASH_CR_CRC_EN)
        report_event(f->cfg.report, now(f), "intflash.crc-not-modelled",
                     "the flash CRC unit is not modelled");
    if (value & FLASH_CR_FW)
        intflash_force_write(f, bank);
    if (value & FLASH_CR_START)
        start(f, bank);
    b->cr |= value & FLASH_CR_LOCK;
}

static void mass_erase(struct intflash *f)
{
    for (unsigned i = 0; i < f->banks; i++)
        if (!(f->bank[i].cr & FLASH_CR_LOCK))
            erase_bank(f, i);
}

// RM0433 "Option bytes modification": a readout protection going back to level 0 erases all.
static void start_options(struct intflash *f)
{
    bool was_open = (f->optsr_cur >> 8 & 0xFF) == 0xAA;
    bool opens = (f->optsr_prg >> 8 & 0xFF) == 0xAA;
    if (f->optsr_prg & OPTSR_SWAP) {
        report_event(f->cfg.report, now(f), "intflash.swap-not-modelled",
                     "SWAP_BANK is not modelled");
        f->optsr_prg &= ~OPTSR_SWAP;
    }
    if (!opens)
        report_event(f->cfg.report, now(f), "intflash.rdp-not-modelled",
                     "readout protection is stored but does not block anybody");
    for (unsigned i = 0; !was_open && opens && i < f->banks; i++)
        intflash_erase(f, i, 0, f->bank_size, bank_time[3]);
    f->opt_busy = true;
    f->opt_busy_until = now(f) + OPTION_TIME;
}

static void write_optcr(struct intflash *f, uint32_t value)
{
    if (f->optcr & FLASH_OPTCR_OPTLOCK) {
        if (value != FLASH_OPTCR_OPTLOCK)
            report_event(f->cfg.report, now(f), "intflash.optcr-locked",
                         "OPTCR written while locked: ignored");
        return;
    }
    f->optcr = value & 0x40000001;
    if (value & FLASH_OPTCR_MER)
        mass_erase(f);
    if (value & FLASH_OPTCR_OPTSTART)
        start_options(f);
}

// ---- the register file
// ----------------------------------------------------------------------------

// The word behind a register that is plain to read; NULL if it reads 0 or is special.
static uint32_t *plain(struct intflash *f, unsigned bank, uint32_t reg)
{
    struct flash_bank *b = &f->bank[bank];
    switch (reg + FLASH_R_BASE) {
    case FLASH_ACR:
        return &f->acr;
    case FLASH_CR:
        return &b->cr;
    case FLASH_OPTCR:
        return &f->optcr;
    case FLASH_OPTSR_PRG:
        return &f->optsr_prg;
    case FLASH_PRAR_CUR:
        return &b->prar_cur;
    case FLASH_PRAR_PRG:
        return &b->prar_prg;
    case FLASH_SCAR_CUR:
        return &b->scar_cur;
    case FLASH_SCAR_PRG:
        return &b->scar_prg;
    case FLASH_WPSN_CUR:
        return &b->wpsn_cur;
    case FLASH_WPSN_PRG:
        return &b->wpsn_prg;
    case FLASH_BOOT_CUR:
        return &f->boot_cur;
    case FLASH_BOOT_PRG:
        return &f->boot_prg;
    case FLASH_ECC_FA:
        return &b->ecc_fa;
    default:
        return NULL;
    }
}

static uint32_t read_reg(struct intflash *f, unsigned bank, uint32_t reg)
{
    struct flash_bank *b = &f->bank[bank];
    if (reg == OFFSET(FLASH_SR))
        return b->sr | (b->filled ? FLASH_SR_WBNE : 0) | (b->busy ? FLASH_SR_BSY | FLASH_SR_QW : 0);
    if (reg == OFFSET(FLASH_OPTSR_CUR))
        return f->optsr_cur | (f->opt_busy ? OPTSR_BUSY : 0);
    uint32_t *word = plain(f, bank, reg);
    return word ? *word : 0;
}

static enum bus_result regs_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    struct intflash *f = ctx;
    unsigned bank = offset >= FLASH_BANK2_OFFSET;
    *value = 0;
    intflash_sync(f);
    if (bank < f->banks && offset < 2 * FLASH_BANK2_OFFSET)
        *value = reg_extract(read_reg(f, bank, offset & 0xFC), offset, size);
    return BUS_OK;
}

// Registers that hold the next option bytes: open while OPTLOCK is 0.
static void write_option(struct intflash *f, unsigned bank, uint32_t reg, uint32_t value)
{
    uint32_t *word = plain(f, bank, reg);
    if (f->optcr & FLASH_OPTCR_OPTLOCK) {
        report_event(f->cfg.report, now(f), "intflash.option-locked",
                     "option register written while locked: ignored");
        return;
    }
    switch (reg + FLASH_R_BASE) {
    case FLASH_OPTSR_PRG:
        *word = (*word & ~OPTSR_WRITABLE) | (value & (OPTSR_WRITABLE | OPTSR_SWAP));
        return;
    case FLASH_PRAR_PRG:
    case FLASH_SCAR_PRG:
        *word = value & 0x8FFF0FFF;
        return;
    case FLASH_WPSN_PRG:
        *word = value & 0xFF;
        return;
    default:
        *word = value;
    }
}

static enum bus_result write_reg(struct intflash *f, unsigned bank, uint32_t reg, uint32_t value)
{
    static const uint32_t key[2] = {FLASH_KEY1, FLASH_KEY2};
    static const uint32_t opt_key[2] = {FLASH_OPTKEY1, FLASH_OPTKEY2};
    struct flash_bank *b = &f->bank[bank];
    switch (reg + FLASH_R_BASE) {
    case FLASH_ACR:
        f->acr = value & (FLASH_ACR_LATENCY_Msk | FLASH_ACR_WRHIGHFREQ_Msk);
        return BUS_OK;
    case FLASH_KEYR:
        return take_key(f, value, key, &b->key_step, &b->key_dead, &b->cr);
    case FLASH_OPTKEYR:
        return take_key(f, value, opt_key, &f->opt_key_step, &f->opt_key_dead, &f->optcr);
    case FLASH_CR:
        write_cr(f, bank, value);
        return BUS_OK;
    case FLASH_CCR:
        b->sr &= ~(value & 0x0FEF0000);
        return BUS_OK;
    case FLASH_OPTCR:
        write_optcr(f, value);
        return BUS_OK;
    case FLASH_OPTSR_PRG:
    case FLASH_PRAR_PRG:
    case FLASH_SCAR_PRG:
    case FLASH_WPSN_PRG:
    case FLASH_BOOT_PRG:
        write_option(f, bank, reg, value);
        return BUS_OK;
    default: // OPTCCR: OPTCHANGEERR never happens here; the rest is read-only or not modelled
        return BUS_OK;
    }
}

static enum bus_result regs_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    struct intflash *f = ctx;
    unsigned bank = offset >= FLASH_BANK2_OFFSET;
    if (bank >= f->banks || offset >= 2 * FLASH_BANK2_OFFSET)
        return BUS_OK;
    intflash_sync(f);
    uint32_t reg = offset & 0xFC;
    enum bus_result result =
        write_reg(f, bank, reg, reg_merge(read_reg(f, bank, reg), offset, size, value));
    intflash_sync(f);
    return result;
}

static vt_t next_event(void *ctx)
{
    const struct intflash *f = ctx;
    vt_t next = VT_NEVER;
    for (unsigned i = 0; i < f->banks; i++)
        if (f->bank[i].busy && f->bank[i].busy_until < next)
            next = f->bank[i].busy_until;
    if (f->opt_busy && f->opt_busy_until < next)
        next = f->opt_busy_until;
    return next;
}

static vt_t next_irq(void *ctx)
{
    const struct intflash *f = ctx;
    vt_t next = VT_NEVER;
    for (unsigned i = 0; i < f->banks; i++) {
        const struct flash_bank *b = &f->bank[i];
        if (b->busy && (b->cr & FLASH_SR_EOP) && b->busy_until < next)
            next = b->busy_until;
    }
    return next;
}

static void reset(void *ctx, enum reset_kind kind)
{
    struct intflash *f = ctx;
    if (kind == RESET_POWER && !f->optsr_cur) { // the first power-up: a new part
        f->optsr_cur = OPTSR_FACTORY;
        f->boot_cur = BOOT_FACTORY;
        for (unsigned i = 0; i < f->banks; i++) {
            f->bank[i].prar_cur = f->bank[i].scar_cur = AREA_FACTORY;
            f->bank[i].wpsn_cur = 0xFF;
        }
    }
    f->acr = ACR_RESET;
    f->optcr = FLASH_OPTCR_OPTLOCK;
    f->optsr_prg = f->optsr_cur;
    f->boot_prg = f->boot_cur;
    f->opt_key_step = 0;
    f->opt_key_dead = false;
    f->opt_busy = false;
    for (unsigned i = 0; i < f->banks; i++) {
        struct flash_bank *b = &f->bank[i];
        intflash_abort(f, i);
        b->cr = CR_RESET;
        b->sr = b->filled = b->ecc_fa = 0;
        b->key_step = 0;
        b->key_dead = false;
        b->prar_prg = b->prar_cur;
        b->scar_prg = b->scar_cur;
        b->wpsn_prg = b->wpsn_cur;
    }
    irq_set(&f->cfg.irq, false);
}

struct bus_device intflash_registers(struct intflash *f)
{
    return (struct bus_device){.name = "FLASH",
                               .base = FLASH_R_BASE,
                               .size = 0x400,
                               .ctx = f,
                               .read = regs_read,
                               .write = regs_write,
                               .reset = reset,
                               .next_event = next_event,
                               .next_irq = next_irq,
                               .sync = intflash_sync};
}
