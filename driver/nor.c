// SPDX-License-Identifier: MIT
// Recovery, identification and mapping of a SPI NOR chip (W25Q64JV-DTR datasheet Rev J; JESD216);
// see nor.h.
#include "nor.h"

#define RECOVERY_HZ     250000u
#define RECOVERY_NCS_HZ (RECOVERY_HZ / 8u) // NCS high for 8 cycles, 32 us
#define READ_MAX_HZ     50000000u          // READ 03h
#define NCS_HZ          20000000u // NCS high for 50 ns, tSHSL after program, erase, register write
#define FSIZE_4_GIB     31u       // no address is out of range

// One poll of SR1 takes 40 clocks and 8 with NCS high, 192 us at 250 kHz. A busy chip is polled for
// more than 3 s. A chip that reads FFh may be writing a status register (tW 15 ms): at least 29 ms.
#define POLLS_BUSY   16000u
#define POLLS_SILENT 150u
#define SILENT       0xFFu // pull-ups make this of lines nobody drives; no SR1 reads so for long

#define ONES(lines, size)   (QSPI_OP(lines, 0xFFu) | QSPI_ADDRESS(lines, size))
#define REGISTER(lines, op) (QSPI_OP(lines, op) | QSPI_DATA(lines))
#define SFDP_SIGNATURE      0x50444653u // "SFDP"
#define SFDP_FIRST_TABLE    12u         // here stands the address of the first table, 24 bits
#define SFDP_DENSITY        4u          // offset in the first table

// A command without address. Not inlined: the stub is smaller so.
__attribute__((noinline)) static void run_op(struct qspi *q, uint32_t shape)
{
    qspi_command(q, shape, 0);
}

// The mode bits come last in: EBh 8 clocks (10 with 4 address bytes) on 4 lines, BBh 16 (20) on 2
// lines; EDh and BDh need less. All ones there end it. Each length comes before a longer one, so
// that no chip already drives data against us. A chip in SPI mode sees opcode FFh, which is none;
// one in QPI mode sees FFh (leave QPI) or BBh, which is none there. 344 us at 250 kHz.
void nor_leave_continuous_read(struct qspi *q)
{
    for (uint32_t lines = QUADSPI_LINES_4; lines >= QUADSPI_LINES_2; lines--) {
        for (uint32_t size = QUADSPI_SIZE_24; size <= QUADSPI_SIZE_32; size++)
            qspi_command(q, ONES(lines, size), UINT32_MAX);
    }
}

// Read a status register on one line. To ISSI, Macronix and Micron 35h means "enter QPI": they do
// not answer it, and F5h on four lines takes it back.
static void read_register(struct qspi *q, uint32_t opcode)
{
    run_op(q, REGISTER(QUADSPI_LINES_1, opcode));
    if ((uint8_t)q->data[0] == SILENT)
        run_op(q, QSPI_OP(QUADSPI_LINES_4, NOR_CMD_EXIT_QPI_F5));
}

// Read SR1 into q->data in the line mode that the chip is in. Asked in the wrong one it keeps its
// lines released and the pull-ups give FFh, so the AND of both answers is the true one. QPI is
// tried, with a wake-up before, only if SPI is silent: with QE = 0 IO3 may be a reset input, which
// 4-line 05h pulls low.
static void read_sr1(struct qspi *q, uint32_t *found)
{
    run_op(q, REGISTER(QUADSPI_LINES_1, NOR_CMD_READ_SR1));
    uint32_t spi[2] = {(uint8_t)q->data[0], (uint8_t)q->data[1]};
    if (spi[0] != SILENT && spi[1] != SILENT)
        return;
    run_op(q, QSPI_OP(QUADSPI_LINES_4, NOR_CMD_RELEASE_POWER_DOWN));
    run_op(q, REGISTER(QUADSPI_LINES_4, NOR_CMD_READ_SR1));
    for (unsigned chip = 0; chip < 2; chip++) {
        q->data[chip] &= spi[chip];
        if (q->data[chip] != spi[chip])
            *found |= QSPI_FOUND_QPI;
    }
}

// Poll until no chip is busy. Returns 0, or the SR1 bits read last when the polls run out.
static uint32_t wait_ready(struct qspi *q, uint32_t *found)
{
    uint32_t silent = POLLS_SILENT;
    uint32_t busy = POLLS_BUSY;
    for (;;) {
        read_sr1(q, found);
        uint32_t both = (uint8_t)(q->data[0] | q->data[1]);
        if (!(both & NOR_SR1_WIP))
            return 0;
        if (both == SILENT)
            silent--;
        else
            *found |= QSPI_FOUND_BUSY;
        if (!silent || !--busy)
            return both;
    }
}

uint32_t nor_recover(struct qspi *q, bool keep, uint32_t *found)
{
    *found = 0;
    qspi_configure(q, RECOVERY_HZ, RECOVERY_NCS_HZ, FSIZE_4_GIB);

    nor_leave_continuous_read(q);

    // tRES1 is 3 us: NCS stays high for 32 us after each command.
    run_op(q, QSPI_OP(QUADSPI_LINES_1, NOR_CMD_RELEASE_POWER_DOWN));

    // Only now: a busy chip takes none of the commands below but a reset, which would leave a
    // half-done erase behind.
    uint32_t busy = wait_ready(q, found);

    if (*found & QSPI_FOUND_QPI)
        run_op(q, QSPI_OP(QUADSPI_LINES_4, NOR_CMD_EXIT_QPI));

    // Resumed, not reset: the sector would stay half erased.
    read_register(q, NOR_CMD_READ_SR2);
    if ((uint8_t)q->data[0] != SILENT && (q->data[0] | q->data[1]) & NOR_SR2_SUS) {
        run_op(q, QSPI_OP(QUADSPI_LINES_1, NOR_CMD_RESUME));
        busy = wait_ready(q, found);
        *found |= QSPI_FOUND_SUSPENDED;
    }

    if (busy)
        *found |= busy == SILENT ? QSPI_FOUND_SILENT : QSPI_FOUND_ABORTED;
    if (busy || *found & QSPI_FOUND_QPI) {
        run_op(q, QSPI_OP(QUADSPI_LINES_4, NOR_CMD_RESET_ENABLE));
        run_op(q, QSPI_OP(QUADSPI_LINES_4, NOR_CMD_RESET));
    } else if (keep) {
        return 0;
    }
    run_op(q, QSPI_OP(QUADSPI_LINES_1, NOR_CMD_RESET_ENABLE));
    run_op(q, QSPI_OP(QUADSPI_LINES_1, NOR_CMD_RESET));
    nor_leave_continuous_read(q); // tRST is 30 us
    uint32_t ignored;
    return wait_ready(q, &ignored);
}

void nor_read_id(struct qspi *q, uint32_t id[2])
{
    run_op(q, REGISTER(QUADSPI_LINES_1, NOR_CMD_READ_JEDEC_ID));
    for (unsigned chip = 0; chip < 2; chip++)
        id[chip] = __builtin_bswap32(q->data[chip]) >> 8;
}

void nor_read_status(struct qspi *q, uint32_t sr[2])
{
    sr[0] = sr[1] = 0;
    // SR3 first: the last one read ends in the low byte.
    for (uint32_t opcodes = NOR_CMD_READ_SR1 << 16 | NOR_CMD_READ_SR2 << 8 | NOR_CMD_READ_SR3;
         opcodes; opcodes >>= 8) {
        read_register(q, opcodes & 0xFFu);
        for (unsigned chip = 0; chip < 2; chip++)
            sr[chip] = sr[chip] << 8 | (uint8_t)q->data[chip];
    }
}

// One DWORD of the SFDP space at `address` of each chip.
static void read_sfdp(struct qspi *q, uint32_t address)
{
    qspi_command(q,
                 REGISTER(QUADSPI_LINES_1, NOR_CMD_READ_SFDP) |
                     QSPI_ADDRESS(QUADSPI_LINES_1, QUADSPI_SIZE_24) | QSPI_DUMMY(8),
                 address);
}

void nor_read_density(struct qspi *q, uint32_t density[2])
{
    read_sfdp(q, 0);
    bool present = q->data[0] == SFDP_SIGNATURE;
    read_sfdp(q, SFDP_FIRST_TABLE);
    read_sfdp(q, (q->data[0] & 0xFFFFFFu) + SFDP_DENSITY);
    for (unsigned chip = 0; chip < 2; chip++)
        density[chip] = present ? q->data[chip] : 0;
}

uint32_t nor_capacity(uint32_t density, uint32_t id)
{
    // Density: bits minus 1, or with bit 31 the power of two of the bits.
    if (density & 0x80000000u)
        return 1u << ((density - 3) & 31u);
    if (density)
        return density / 8 + 1;
    // The capacity code of most makers: the power of two of the bytes. 64 KiB to 256 MiB.
    uint32_t code = id & 0xFFu;
    return code >= 16 && code <= 28 ? 1u << code : 0;
}

void nor_set_speed(struct qspi *q, uint32_t max_hz, uint32_t bytes)
{
    // A mapped read of the last byte of the FSIZE range stalls the bus (errata sheet ES0392), so
    // the range is made twice the bank: FSIZE + 1 bits of address, FSIZE = log2(bytes). OpenOCD's
    // stmqspi accepts that as well as the exact value.
    uint32_t fsize = 32u - (uint32_t)__builtin_clz(bytes - 1);
    qspi_configure(q, max_hz < READ_MAX_HZ ? max_hz : READ_MAX_HZ, NCS_HZ, fsize);
}

void nor_map(struct qspi *q, bool long_address)
{
    uint32_t shape =
        REGISTER(QUADSPI_LINES_1, NOR_CMD_READ) | QSPI_ADDRESS(QUADSPI_LINES_1, QUADSPI_SIZE_24);
    if (long_address) {
        run_op(q, QSPI_OP(QUADSPI_LINES_1, NOR_CMD_WRITE_ENABLE)); // some makers ask for it
        run_op(q, QSPI_OP(QUADSPI_LINES_1, NOR_CMD_ENTER_4BYTE));
        shape = REGISTER(QUADSPI_LINES_1, NOR_CMD_READ_4B) |
                QSPI_ADDRESS(QUADSPI_LINES_1, QUADSPI_SIZE_32);
    }
    qspi_map(q, shape);
}
