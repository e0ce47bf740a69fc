// SPDX-License-Identifier: MIT
// The internal flash of the STM32H743 and its controller (RM0433 "Embedded flash memory"): two
// banks of 128 KiB sectors, 256-bit flash words with ECC, key-locked registers, option bytes. Not
// modelled: bank swap, readout and proprietary code protection, the CRC unit; option bytes and
// broken ECC last as long as the process, the cells as long as their file.
#pragma once
#include "../bus/device.h"
#include "../report.h"

struct intflash;

struct intflash_config {
    struct vclock *clock;
    struct report *report;
    uint32_t size_kib; // 2048 or 1024: two banks; 128: one bank, one sector
    uint8_t uid[12];
    struct irq_line irq; // FLASH global interrupt
};

struct intflash *intflash_new(const struct intflash_config *config);
void intflash_free(struct intflash *f);
struct bus_device intflash_registers(struct intflash *f); // 0x52002000

// Bind the array to a file, mapped shared, so that contents survive any end of the process: bank 1
// then bank 2. A missing file is made, blank (FFh); a file of another size is an error. The address
// of the array does not change. Returns false with a sentence in `err`.
bool intflash_attach_file(struct intflash *f, const char *path, char *err, unsigned err_size);

// The cells of bank 0 or 1, for execution in place; NULL and size 0 for a bank that the part lacks.
uint8_t *intflash_bank(struct intflash *f, unsigned bank);
uint32_t intflash_bank_size(const struct intflash *f);
// Address range of a bank.
uint32_t intflash_bank_base(unsigned bank);

// A write or read by any master at an absolute address inside a bank. A write goes to the write
// buffer; a bank at work makes the master wait. Reading a flash word with broken ECC faults.
enum bus_result intflash_write(void *flash, uint32_t addr, unsigned size, uint32_t value);
enum bus_result intflash_read(void *flash, uint32_t addr, unsigned size, uint32_t *value);

// Until when reads of the bank at `addr` are held up by an operation (<= now: not at all).
vt_t intflash_busy_until(const struct intflash *f, uint32_t addr);

// Called when cells changed (programmed, erased): bank-absolute address and length. May be NULL.
void intflash_on_change(struct intflash *f,
                        void (*changed)(void *ctx, uint32_t addr, uint32_t size), void *ctx);

// FLASH_ACR.LATENCY.
uint32_t intflash_latency(const struct intflash *f);

// System memory 0x1FF00000, 128 KiB: UID, flash size and package words; the rest reads FFh.
uint8_t *intflash_system_memory(struct intflash *f);
