// SPDX-License-Identifier: MIT
// The scan stub's search for IO2 and IO3 of a chip whose CLK, NCS, IO0 and IO1 are known.
//
// With QE = 1 a read on four lines tells: the right pin shows the expected bits under a pull-up and
// under a pull-down, any other follows its pull. What is expected is read on one line before: the
// manufacturer and device id (94h, 90h), which most W25Q chips have, else the array (6Bh, 03h).
// QE = 0 is lifted by its volatile copy and put back. If that does not take, IO3 still tells itself
// as /HOLD or /RESET: held low, it makes the chip silent.
#include "scan.h"
#include "../driver/reg.h"

#define ONE         QUADSPI_LINES_1
#define FOUR        QUADSPI_LINES_4
#define SIZE_24     QUADSPI_SIZE_24
#define READ_AT(op) (QSPI_OP(ONE, op) | QSPI_ADDRESS(ONE, SIZE_24) | QSPI_DATA(ONE))
#define QUAD_OUT                                                                                   \
    (QSPI_OP(ONE, NOR_CMD_FAST_READ_QUAD) | QSPI_ADDRESS(ONE, SIZE_24) | QSPI_DUMMY(8) |           \
     QSPI_DATA(FOUR))
// The mode bits come as the last eight of a 32-bit address: FFh.
#define QUAD_ID                                                                                    \
    (QSPI_OP(ONE, NOR_CMD_READ_MFR_ID_QUAD) | QSPI_ADDRESS(FOUR, QUADSPI_SIZE_32) |                \
     QSPI_DUMMY(4) | QSPI_DATA(FOUR))
#define QUAD_ID_MODE 0x000000FFu

#define LOW_LINES    0x33333333u // bits that IO0 and IO1 carry of four bytes
#define IO2_BITS     0x44444444u
#define IO3_BITS     0x88888888u
#define PLACES       64u // looked at for data with ones and zeros on both lines
#define PLACE_STRIDE 0x1004u

// A quad read and what it is to give.
struct pattern {
    uint32_t shape, address, want;
};

// Makers whose chips have the W25Q status registers: 35h reads SR2 with QE in bit 1, 50h and 31h
// write its volatile copy. To others 35h may mean "enter QPI" (ISSI, Macronix, Micron).
static bool has_w25q_registers(uint32_t id)
{
    uint32_t maker = id >> 16;
    return maker == NOR_MFR_WINBOND || maker == 0xC8 /* GigaDevice */ || maker == 0x85 /* Puya */;
}

// SR2 of the chip, and in dual-flash mode of both, `set` added.
static void write_sr2(struct scan *s, const uint32_t sr2[2], uint32_t set)
{
    uint32_t chips = s->q.cr & QUADSPI_CR_DFM ? 2 : 1;
    scan_command(s, QSPI_OP(ONE, NOR_CMD_WRITE_ENABLE_VOLATILE_SR), 0);
    qspi_start(&s->q, SCAN_REGISTER(NOR_CMD_WRITE_SR2), QUADSPI_FMODE_WRITE, 0, chips);
    for (uint32_t chip = 0; chip < chips; chip++)
        reg_write8(QUADSPI_DR, (uint8_t)(sr2[chip] | set));
    qspi_wait(&s->q, QUADSPI_SR_TCF, QUADSPI_SR_TCF);
}

static bool mixed(uint32_t word, uint32_t bits)
{
    return (word & bits) != 0 && (word & bits) != bits;
}

static bool answers(struct scan *s, const struct pattern *p, uint32_t bits)
{
    return ((scan_command(s, p->shape, p->address) ^ p->want) & bits) == 0;
}

// Choose a quad read that works. IO0 and IO1 are connected and must show their bits of it.
static bool choose_pattern(struct scan *s, struct pattern *p)
{
    p->shape = QUAD_ID;
    p->address = QUAD_ID_MODE;
    p->want = scan_command(s, READ_AT(NOR_CMD_READ_MFR_ID), 0);
    if (mixed(p->want, IO2_BITS) && mixed(p->want, IO3_BITS) && answers(s, p, LOW_LINES))
        return true;
    p->shape = QUAD_OUT;
    for (unsigned place = PLACES; place-- > 0;) {
        p->address = place * PLACE_STRIDE;
        p->want = scan_command(s, READ_AT(NOR_CMD_READ), p->address);
        if (mixed(p->want, IO2_BITS) && mixed(p->want, IO3_BITS))
            break;
    }
    return answers(s, p, LOW_LINES);
}

// The one pin that shows its bits whatever its pull; 0 if it is none or several.
static uint32_t find_line(struct scan *s, const struct pattern *p, unsigned slot, uint32_t bits)
{
    uint32_t found = 0, matches = 0;
    for (unsigned choice = 0; choice < QSPI_SCAN_CHOICES; choice++) {
        uint32_t pin = scan_choice(s, slot, choice);
        if (!pin)
            continue;
        scan_connect(s, slot, pin);
        bool up = answers(s, p, bits);
        scan_pull(pin, SCAN_PULL_DOWN);
        scan_settle();
        if (up && answers(s, p, bits)) {
            found = pin;
            matches++;
        }
        scan_release(s, slot);
        scan_settle();
    }
    return matches == 1 ? found : 0;
}

static uint32_t read_id(struct scan *s)
{
    uint32_t id[2];
    nor_read_id(&s->q, id);
    return id[s->chip];
}

// Is `pin` the /HOLD or /RESET of the chip? A pull is tried before an output.
static bool silences(struct scan *s, uint32_t pin, uint32_t id)
{
    scan_pull(pin, SCAN_PULL_DOWN);
    scan_settle();
    bool silent = read_id(s) != id;
    if (!silent) {
        scan_drive_low(pin);
        silent = read_id(s) != id;
    }
    scan_rest(pin, SCAN_PULL_UP);
    scan_settle();
    return silent && read_id(s) == id;
}

static uint32_t find_hold(struct scan *s, uint32_t id)
{
    for (unsigned choice = 0; choice < QSPI_SCAN_CHOICES; choice++) {
        uint32_t pin = scan_choice(s, QSPI_SLOT_IO3, choice);
        if (pin && silences(s, pin, id))
            return pin;
    }
    return 0;
}

// Read SR2 and set QE if it is 0. Returns true if it was set; the flag tells if it stays 0. No
// register can be written while an erase is suspended: it is resumed, as at each bring-up.
static bool lift_qe(struct scan *s, struct qspi_scan_chip *chip, uint32_t sr2[2])
{
    scan_command(s, SCAN_REGISTER(NOR_CMD_READ_SR2), 0);
    sr2[0] = s->q.data[0];
    sr2[1] = s->q.data[1];
    if (sr2[s->chip] & NOR_SR2_QE)
        return false;
    if (sr2[s->chip] & NOR_SR2_SUS) {
        scan_command(s, QSPI_OP(ONE, NOR_CMD_RESUME), 0);
        (void)scan_stays_busy(s);
    }
    write_sr2(s, sr2, NOR_SR2_QE);
    if (!(scan_command(s, SCAN_REGISTER(NOR_CMD_READ_SR2), 0) & NOR_SR2_QE))
        chip->flags |= QSPI_SCAN_NO_QE;
    return true;
}

void scan_quad(struct scan *s, struct qspi_scan_chip *chip)
{
    // In dual-flash mode the chip before takes the same commands: it has to know them too.
    bool w25q = has_w25q_registers(chip->id) && (!s->chip || has_w25q_registers(chip[-1].id));
    uint32_t sr2[2];
    bool lifted = w25q && lift_qe(s, chip, sr2);

    struct pattern p;
    scan_survey_io3(s);
    if (!(chip->flags & QSPI_SCAN_NO_QE) && choose_pattern(s, &p)) {
        chip->lines[QSPI_SLOT_IO2] = find_line(s, &p, QSPI_SLOT_IO2, IO2_BITS);
        chip->lines[QSPI_SLOT_IO3] = find_line(s, &p, QSPI_SLOT_IO3, IO3_BITS);
    }
    if (lifted)
        write_sr2(s, sr2, 0);
    if (!chip->lines[QSPI_SLOT_IO3]) {
        chip->lines[QSPI_SLOT_IO3] = find_hold(s, chip->id);
        if (chip->lines[QSPI_SLOT_IO3])
            chip->flags |= QSPI_SCAN_HOLD;
    }
}
