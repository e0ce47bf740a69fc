// SPDX-License-Identifier: MIT
// What the two halves of the internal flash share: intflash.c (cells and write buffer) and
// intflash_regs.c (the controller's registers).
#pragma once
#include "intflash.h"
#include "../../driver/stm32h7_regs.h"

enum { INTFLASH_BANKS = 2 };

struct flash_bank {
    uint32_t cr, sr, ecc_fa;
    uint32_t prar_cur, prar_prg, scar_cur, scar_prg, wpsn_cur, wpsn_prg;
    unsigned key_step; // keys taken so far
    bool key_dead;     // a wrong key: locked until the next system reset
    uint8_t buffer[INTFLASH_WORD_SIZE];
    uint32_t filled; // bit per byte of the buffer
    uint32_t word;   // offset in the bank of the flash word in the buffer
    bool busy;
    vt_t busy_until;
    uint32_t op_start, op_end; // offsets in the bank of the operation under way
};

struct intflash {
    struct intflash_config cfg;
    uint8_t *cells; // bank after bank
    uint32_t bank_size;
    unsigned banks;
    uint8_t *broken; // bit per flash word: ECC does not fit the data
    uint8_t *system_memory;
    struct flash_bank bank[INTFLASH_BANKS];
    uint32_t acr, optcr, optsr_cur, optsr_prg, boot_cur, boot_prg;
    unsigned opt_key_step;
    bool opt_key_dead;
    bool opt_busy;
    vt_t opt_busy_until;
    void (*changed)(void *ctx, uint32_t addr, uint32_t size);
    void *changed_ctx;
};

// Finish what is over by now and set the interrupt line.
void intflash_sync(void *flash);
// Begin to erase [start, start + size) of a bank; the write protection is already judged.
void intflash_erase(struct intflash *f, unsigned bank, uint32_t start, uint32_t size,
                    vt_t duration);
// Send the write buffer, missing bytes as FFh (CR.FW).
void intflash_force_write(struct intflash *f, unsigned bank);
// Raise error flags of FLASH_SR and record the event.
void intflash_error(struct intflash *f, unsigned bank, uint32_t sr_bits, const char *id,
                    const char *text);
// An operation cut short by a reset leaves its words unreadable.
void intflash_abort(struct intflash *f, unsigned bank);
// True if a sector of [start, start + size) is write-protected.
bool intflash_protected(const struct flash_bank *b, uint32_t start, uint32_t size);
