// SPDX-License-Identifier: MIT
// The scan stub: `qspi scan` (tcl/scan.tcl) runs it to find out on which pins the flash chips are.
// It tries each combination of CLK, NCS, IO0 and IO1 until a chip answers, then looks for IO2 and
// IO3 (scan_quad.c). Contract: scan_abi.h.
#include "scan.h"
#include "../driver/reg.h"

#define SCAN_HZ          1000000u
#define SCAN_NCS_HZ      (SCAN_HZ / 8u) // NCS high for 8 cycles, 8 us: tRES1 is 3 us
#define SCAN_FSIZE       31u
#define SCAN_POLL_CLOCKS 48u                                 // 05h with four bytes, and NCS high
#define POLLS_3_S        (3u * (SCAN_HZ / SCAN_POLL_CLOCKS)) // an erase block takes 2 s at most
#define ALL_BYTES        0x01010101u
#define ID_MASK          0x00FFFFFFu // of what 9Fh puts into a word

__attribute__((used)) uint32_t stub_main(const struct qspi_scan_params *params,
                                         struct qspi_scan_result *result);

#ifndef QSPI_HOST_TEST
void entry(void);
// The first code of the image. r0 and r1 pass through to stub_main(), its status returns in r0.
__attribute__((naked, used, section(".text.entry"))) void entry(void)
{
    __asm volatile("bl stub_main\n"
                   "bkpt #0\n");
}
#endif

uint32_t scan_command(struct scan *s, uint32_t shape, uint32_t address)
{
    qspi_command(&s->q, shape, address);
    return s->q.data[s->chip];
}

// The answer to a command if it does not depend on the pull of IO1, so that somebody drives the
// line; else 0, as for an answer of nothing but zeros.
static uint32_t steady(struct scan *s, uint32_t shape)
{
    uint32_t up = scan_command(s, shape, 0);
    scan_pull(s->lines[QSPI_SLOT_IO1], SCAN_PULL_DOWN);
    uint32_t down = scan_command(s, shape, 0);
    scan_pull(s->lines[QSPI_SLOT_IO1], SCAN_PULL_UP);
    return up == down ? up : 0;
}

// JEDEC ID as 0xEF4017, 0 if there is none.
static uint32_t ask_id(struct scan *s)
{
    scan_command(s, QSPI_OP(QUADSPI_LINES_1, NOR_CMD_RELEASE_POWER_DOWN), 0);
    uint32_t answer = steady(s, SCAN_REGISTER(NOR_CMD_READ_JEDEC_ID)) & ID_MASK;
    return answer == ID_MASK ? 0 : __builtin_bswap32(answer) >> 8;
}

// Does a chip say that it is busy? Then it answers nothing but its status: the same byte again and
// again, not all ones.
static bool says_busy(struct scan *s)
{
    uint32_t answer = steady(s, SCAN_REGISTER(NOR_CMD_READ_SR1));
    uint32_t sr1 = answer & 0xFF;
    return sr1 & NOR_SR1_WIP && sr1 != 0xFF && answer == sr1 * ALL_BYTES;
}

bool scan_stays_busy(struct scan *s)
{
    for (uint32_t polls = POLLS_3_S; polls && !s->q.fault; polls--) {
        if (!(scan_command(s, SCAN_REGISTER(NOR_CMD_READ_SR1), 0) & NOR_SR1_WIP))
            return false;
    }
    return true;
}

// Add a chip on the lines in use. `id` 0: it stays busy.
static void add_chip(struct scan *s, uint32_t id, uint32_t flags)
{
    struct qspi_scan_result *r = s->result;
    if (r->found == QSPI_SCAN_CHIPS)
        return;
    struct qspi_scan_chip *chip = &r->chips[r->found];
    for (unsigned slot = QSPI_SLOT_CLK; slot <= QSPI_SLOT_IO1; slot++)
        chip->lines[slot] = s->lines[slot];
    chip->flags = flags;
    chip->id = id;
    if (id) {
        uint32_t density[2];
        nor_read_density(&s->q, density);
        chip->density = density[s->chip];
        chip->bytes = nor_capacity(chip->density, id);
        scan_quad(s, chip);
    }
    r->found++;
}

// One combination. Returns true if a chip is there.
static bool try_lines(struct scan *s, uint32_t flags)
{
    s->result->tried++;
    uint32_t id = ask_id(s);
    if (!id && says_busy(s)) {
        flags |= QSPI_SCAN_BUSY;
        if (!scan_stays_busy(s)) {
            nor_leave_continuous_read(&s->q);
            id = ask_id(s);
            flags &= ~QSPI_SCAN_BUSY;
        }
    }
    if (s->q.fault || (!id && !(flags & QSPI_SCAN_BUSY)))
        return false;
    add_chip(s, id, flags);
    return true;
}

// Set the controller to a bank; in dual-flash mode both take each command.
static void use_bank(struct scan *s, uint32_t first, uint32_t chip, uint32_t wiring)
{
    s->first = first;
    s->chip = chip;
    s->q.cr = QUADSPI_CR_EN | wiring;
    qspi_configure(&s->q, SCAN_HZ, SCAN_NCS_HZ, SCAN_FSIZE);
}

// Each pair of IO0 and IO1 of the bank, until one answers.
static bool try_data_lines(struct scan *s, uint32_t flags)
{
    bool found = false;
    for (unsigned n = 0; n < QSPI_SCAN_CHOICES * QSPI_SCAN_CHOICES && !found; n++) {
        uint32_t io0 = scan_choice(s, QSPI_SLOT_IO0, n / QSPI_SCAN_CHOICES);
        uint32_t io1 = scan_choice(s, QSPI_SLOT_IO1, n % QSPI_SCAN_CHOICES);
        if (!io0 || !io1)
            continue;
        scan_connect(s, QSPI_SLOT_IO0, io0);
        scan_connect(s, QSPI_SLOT_IO1, io1);
        found = try_lines(s, flags);
        if (found && !flags) {
            // A second chip on bank 2 may share this NCS; only dual-flash mode reaches it. Both
            // chips' lines are connected then.
            uint32_t lines[2] = {io0, io1};
            use_bank(s, QSPI_SCAN_BK2_NCS, 1, QUADSPI_CR_DFM);
            try_data_lines(s, QSPI_SCAN_BANK2 | QSPI_SCAN_SHARED);
            use_bank(s, QSPI_SCAN_BK1_NCS, 0, 0);
            s->lines[QSPI_SLOT_IO0] = lines[0];
            s->lines[QSPI_SLOT_IO1] = lines[1];
        }
        scan_release(s, QSPI_SLOT_IO0);
        scan_release(s, QSPI_SLOT_IO1);
    }
    return found;
}

// Send a command without data on four lines, two of which are connected in all pairs; the others
// stay pulled up, which must be what the command has on them.
static void send_to_pairs(struct scan *s, uint32_t opcode, unsigned one, unsigned other)
{
    for (unsigned n = 0; n < QSPI_SCAN_CHOICES * QSPI_SCAN_CHOICES; n++) {
        uint32_t one_pin = scan_choice(s, one, n / QSPI_SCAN_CHOICES);
        uint32_t other_pin = scan_choice(s, other, n % QSPI_SCAN_CHOICES);
        if (!one_pin || !other_pin)
            continue;
        scan_connect(s, one, one_pin);
        scan_connect(s, other, other_pin);
        scan_command(s, QSPI_OP(QUADSPI_LINES_4, opcode), 0);
        scan_release(s, one);
        scan_release(s, other);
    }
}

// Bring a chip out of continuous read, power-down and QPI. Mostly clocks are enough, as its data
// lines are pulled up and read FFh. ABh on four lines has IO1 and IO3 high as well, F5h IO0 and
// IO2.
static void wake(struct scan *s)
{
    nor_leave_continuous_read(&s->q);
    send_to_pairs(s, NOR_CMD_RELEASE_POWER_DOWN, QSPI_SLOT_IO0, QSPI_SLOT_IO2);
    scan_command(s, QSPI_OP(QUADSPI_LINES_4, NOR_CMD_EXIT_QPI), 0);
    if (s->params->flags & QSPI_SCAN_TRY_F5) {
        scan_survey_io3(s);
        send_to_pairs(s, NOR_CMD_EXIT_QPI_F5, QSPI_SLOT_IO1, QSPI_SLOT_IO3);
    }
}

static void scan_bank(struct scan *s, uint32_t first, uint32_t wiring, uint32_t flags)
{
    use_bank(s, first, 0, wiring);
    for (unsigned n = 0; n < QSPI_SCAN_CHOICES * QSPI_SCAN_CHOICES && !s->q.fault; n++) {
        uint32_t clk = scan_choice(s, QSPI_SLOT_CLK, n / QSPI_SCAN_CHOICES);
        uint32_t ncs = scan_choice(s, QSPI_SLOT_NCS, n % QSPI_SCAN_CHOICES);
        if (!clk || !ncs)
            continue;
        scan_connect(s, QSPI_SLOT_NCS, ncs);
        scan_connect(s, QSPI_SLOT_CLK, clk);
        wake(s);
        try_data_lines(s, flags);
        scan_release(s, QSPI_SLOT_CLK);
        scan_release(s, QSPI_SLOT_NCS);
    }
}

static enum qspi_scan_status scan_all(const struct qspi_scan_params *params,
                                      struct qspi_scan_result *result)
{
    struct scan s; // not cleared as a whole: there is no memset()
    s.params = params;
    s.result = result;
    s.chip = 0;
    qspi_init(&s.q, 0);
    if (params->magic != QSPI_SCAN_PARAM_MAGIC)
        return QSPI_SCAN_ERR_PARAM;
    s.q.kernel_hz = qspi_start_hsi();
    if (!s.q.kernel_hz)
        return QSPI_SCAN_ERR_HSI;
    if (!qspi_select_hsi() || !qspi_enable(&s.q) || !scan_survey(&s))
        return QSPI_SCAN_ERR_CLOCK;
    scan_bank(&s, QSPI_SCAN_BK1_NCS, 0, 0);
    scan_bank(&s, QSPI_SCAN_BK2_NCS, QUADSPI_CR_FSEL, QSPI_SCAN_BANK2);
    result->value = reg_read(QUADSPI_SR);
    return s.q.fault ? QSPI_SCAN_ERR_CONTROLLER : QSPI_SCAN_OK;
}

uint32_t stub_main(const struct qspi_scan_params *params, struct qspi_scan_result *result)
{
    for (unsigned i = 0; i < sizeof *result / 4; i++)
        ((volatile uint32_t *)result)[i] = 0;
    enum qspi_scan_status status = scan_all(params, result);
    result->status = status;
    __asm volatile("" ::: "memory"); // the magic word comes last
    result->magic = QSPI_SCAN_RESULT_MAGIC;
    return status;
}
