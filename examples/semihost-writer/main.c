// SPDX-License-Identifier: MIT
// The semihosting writer: runs in AXI SRAM of an STM32H7, reads a file of the PC through the
// debugger and writes it into the QSPI flash. tcl/semihost.tcl loads and starts it; the contract is
// request.h.
#include "blocks.h"
#include "say.h"
#include "semihost.h"

#define WINDOW 0x90000000u // RM0433 2.3.2
#define STEPS  10u         // progress messages a file

// The init stub's own code, linked in: clocks, pins, recovery and identification of the chip.
uint32_t stub_main(const struct qspi_params *params, struct qspi_result *result);

void writer_main(void);

__attribute__((section(".request"), used)) struct writer_request writer_request = {
    .magic = WRITER_MAGIC,
};

struct file {
    int handle;
    uint32_t length;
};

// What the stub's code complains of, by enum qspi_status.
static const char *const s_complaints[QSPI_STATUS_COUNT] = {
    [QSPI_ERR_PARAM] = "the wiring is wrong",
    [QSPI_ERR_HSI] = "the HSI does not start",
    [QSPI_ERR_CLOCK] = "a clock does not start",
    [QSPI_ERR_PIN] = "a pin does not take its setting (locked by firmware?)",
    [QSPI_ERR_BUSY] = "the QUADSPI stays busy",
    [QSPI_ERR_TIMEOUT] = "a QUADSPI transfer does not finish",
    [QSPI_ERR_NO_CHIP] = "no answer from the flash",
    [QSPI_ERR_UNSTABLE_ID] = "the JEDEC ID changes: a line floats or is too slow",
    [QSPI_ERR_CHIP_BUSY] = "the flash stays busy even after a reset",
    [QSPI_ERR_SIZE] = "the size of the flash is unknown: set QSPI_FLASH_SIZE",
    [QSPI_ERR_DUAL_MISMATCH] = "the two chips of the pair differ",
};

static enum writer_exit fail(struct writer_request *r, enum writer_exit code)
{
    say_now(r);
    return code;
}

static enum writer_exit open_file(struct writer_request *r, struct file *file)
{
    file->handle = semihost_open(r->file);
    if (file->handle == -1) {
        say_text(r, "cannot open ");
        say_text(r, r->file);
        say_text(r, " on the host: no such file, or no permission");
        return fail(r, WRITER_EXIT_FILE);
    }
    int length = semihost_length(file->handle);
    file->length = (uint32_t)length;
    if (length > 0)
        return WRITER_EXIT_OK;
    say_text(r, r->file);
    say_text(r, length ? " has no length the host can tell, or is too large" : " is empty");
    return fail(r, WRITER_EXIT_SIZE);
}

static enum writer_exit start_chip(struct writer_request *r)
{
    uint32_t status = stub_main(&r->qspi, &r->result);
    if (!status)
        return WRITER_EXIT_OK;
    say_text(r, status < QSPI_STATUS_COUNT ? s_complaints[status] : "unknown status");
    say_text(r, ": JEDEC ID 0x");
    say_hex(r, r->result.jedec_id[0], 6);
    say_text(r, ", detail 0x");
    say_hex(r, r->result.detail, 8);
    say_text(r, ", value 0x");
    say_hex(r, r->result.value, 8);
    say_text(r, ". Check the chip's power and the pins in QSPI_WIRING");
    return fail(r, WRITER_EXIT_CHIP);
}

static enum writer_exit check_fit(struct writer_request *r, const struct file *file)
{
    uint32_t offset = r->address - WINDOW;
    if (offset < r->result.size && file->length <= r->result.size - offset)
        return WRITER_EXIT_OK;
    say_text(r, r->file);
    say_text(r, " does not fit: ");
    say_number(r, file->length);
    say_text(r, " bytes at 0x");
    say_hex(r, r->address, 8);
    say_text(r, ", the flash is 0x");
    say_hex(r, WINDOW, 8);
    say_text(r, "-0x");
    say_hex(r, WINDOW + r->result.size - 1, 8);
    return fail(r, WRITER_EXIT_SIZE);
}

static enum writer_exit explain(struct writer_request *r, const struct blocks *b, uint32_t at,
                                enum block_error error)
{
    static const char *const what[] = {
        [BLOCK_ERR_READ] = "cannot read the flash",
        [BLOCK_ERR_ERASE] = "cannot erase the flash",
        [BLOCK_ERR_PROGRAM] = "cannot program the flash",
        [BLOCK_ERR_VERIFY] = "verify failed: the flash reads back something else",
    };
    say_text(r, what[error]);
    say_text(r, " at 0x");
    say_hex(r, WINDOW + at + (error == BLOCK_ERR_VERIFY ? b->bad : 0), 8);
    say_text(r, "; status registers when it was found: 0x");
    say_hex(r, r->result.sr[0], 6);
    say_text(r, " (SR3 SR2 SR1). Is the block protected?");
    return fail(r, error == BLOCK_ERR_VERIFY ? WRITER_EXIT_VERIFY : WRITER_EXIT_WRITE);
}

// done / total in parts of `parts`, without 64-bit arithmetic.
static uint32_t share(uint32_t done, uint32_t total, uint32_t parts)
{
    for (; total > 0xFFFFFFu; total /= 2)
        done /= 2;
    return done * parts / total;
}

static void say_progress(struct writer_request *r, uint32_t done, uint32_t total)
{
    say_number(r, share(done, total, 100));
    say_text(r, "% (");
    say_number(r, (done + 1023) / 1024);
    say_text(r, " of ");
    say_number(r, (total + 1023) / 1024);
    say_text(r, " KiB)");
    say_now(r);
}

static enum writer_exit read_part(struct writer_request *r, const struct file *file, uint8_t *data,
                                  uint32_t length, uint32_t done)
{
    while (length) {
        int got = semihost_read(file->handle, data, length);
        if (got <= 0) {
            say_text(r, got < 0 ? "the host cannot read " : "the host's file ended too early: ");
            say_text(r, r->file);
            say_text(r, ", after ");
            say_number(r, done);
            say_text(r, " of ");
            say_number(r, file->length);
            say_text(r, " bytes. The flash holds a part of it only");
            return fail(r, WRITER_EXIT_READ);
        }
        data += got;
        done += (uint32_t)got;
        length -= (uint32_t)got;
    }
    return WRITER_EXIT_OK;
}

static enum writer_exit write_file(struct writer_request *r, struct blocks *b,
                                   const struct file *file)
{
    uint32_t changed = 0, shown = 0;
    for (uint32_t done = 0; done < file->length;) {
        uint32_t at = r->address - WINDOW + done;
        uint32_t inside = at % b->size;
        uint32_t part = b->size - inside;
        if (part > file->length - done)
            part = file->length - done;
        enum block_error error = blocks_load(b, at - inside);
        if (error)
            return explain(r, b, at - inside, error);
        enum writer_exit code = read_part(r, file, b->then + inside, part, done);
        if (code)
            return code;
        bool wrote;
        error = blocks_store(b, at - inside, &wrote);
        if (error)
            return explain(r, b, at - inside, error);
        changed += wrote;
        done += part;
        uint32_t step = share(done, file->length, STEPS);
        if (step > shown)
            say_progress(r, done, file->length);
        shown = step;
    }
    say_text(r, "wrote and verified ");
    say_number(r, file->length);
    say_text(r, " bytes at 0x");
    say_hex(r, r->address, 8);
    say_text(r, ", ");
    say_number(r, changed);
    say_text(r, " blocks of ");
    say_number(r, b->size / 1024);
    say_text(r, " KiB changed");
    say_now(r);
    return WRITER_EXIT_OK;
}

static enum writer_exit run_on_chip(struct writer_request *r, const struct file *file)
{
    enum writer_exit code = start_chip(r);
    if (!code)
        code = check_fit(r, file);
    if (code)
        return code;
    struct blocks b;
    blocks_open(&b, r);
    code = write_file(r, &b, file);
    blocks_close(&b);
    return code;
}

static enum writer_exit run(struct writer_request *r)
{
    if (r->magic != WRITER_MAGIC || !r->file[0]) {
        say_text(r, "no request: start the writer by `qspi semihost FILE`");
        return fail(r, WRITER_EXIT_REQUEST);
    }
    struct file file;
    enum writer_exit code = open_file(r, &file);
    if (!code)
        code = run_on_chip(r, &file);
    if (file.handle != -1)
        semihost_close(file.handle);
    return code;
}

void writer_main(void)
{
    struct writer_request *r = &writer_request;
    r->code = run(r);
    if (r->flags & WRITER_FLAG_STOP)
        r->stop = WRITER_STOP_DONE;
    else
        semihost_exit(r->code);
    for (;;)
        __asm volatile("bkpt #0" ::: "memory");
}
