// SPDX-License-Identifier: MIT
// Soldering the flash chips: nets, contents, defects and the state that a scenario asks for.
#include "board.h"
#include "../driver/nor_cmds.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { CUT_STATUS = 99 }; // of the process whose board lost its power

static bool set_status_word(struct nor *n, const char *word)
{
    unsigned number;
    char *end;
    if (strncasecmp(word, "sr", 2) != 0 || word[2] < '1' || word[2] > '3' || word[3] != ':')
        return false;
    number = (unsigned)(word[2] - '0');
    unsigned long value = strtoul(word + 4, &end, 16);
    if (end == word + 4 || *end || value > 0xFF)
        return false;
    uint8_t sr[3];
    for (unsigned i = 0; i < 3; i++)
        sr[i] = i + 1 == number ? (uint8_t)value : nor_status(n, i + 1);
    nor_set_status(n, sr[0], sr[1], sr[2]);
    return true;
}

// One word of "state": a mode that firmware may have left the chip in, or srN:HEX.
static bool apply_state(struct nor *n, const char *word)
{
    static const struct {
        const char *word;
        enum nor_mode mode;
    } modes[] = {
        {"spi", NOR_IN_SPI},
        {"qpi", NOR_IN_QPI},
        {"continuous-dual", NOR_IN_CONTINUOUS_DUAL},
        {"continuous-quad", NOR_IN_CONTINUOUS_QUAD},
        {"continuous-qpi", NOR_IN_QPI_CONTINUOUS_QUAD},
        {"power-down", NOR_IN_POWER_DOWN},
        {"erasing", NOR_IN_ERASE},
        {"suspended", NOR_IN_SUSPENDED_ERASE},
    };
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
        if (strcasecmp(word, modes[i].word) == 0)
            return nor_set_mode(n, modes[i].mode);
    return set_status_word(n, word);
}

static bool stuck_bits(struct nor_faults *f, const char *word)
{
    unsigned address, mask, value;
    if (f->stuck_count >= sizeof(f->stuck) / sizeof(f->stuck[0]) ||
        sscanf(word, "stuck:%x:%x:%x", &address, &mask, &value) != 3)
        return false;
    f->stuck[f->stuck_count++] = (struct nor_stuck_bits){address, (uint8_t)mask, (uint8_t)value};
    return true;
}

static bool apply_trouble(struct nor *n, struct nor_faults *f, const char *word)
{
    struct {
        const char *word;
        bool *flag;
    } flags[] = {
        {"mute", &f->mute},
        {"stuck-busy", &f->stuck_busy},
        {"program-fails", &f->program_fails},
        {"erase-fails", &f->erase_fails},
        {"wel-refused", &f->wel_refused},
    };
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (strcasecmp(word, flags[i].word) == 0) {
            *flags[i].flag = true;
            return true;
        }
    if (strcasecmp(word, "no-power") == 0) {
        nor_power(n, false);
        return true;
    }
    return sscanf(word, "slow:%u", &f->slow_percent) == 1 || stuck_bits(f, word);
}

// The power fails: chips are left as they are in the middle of it, and with the board's probe the
// whole run ends. Somewhere within the next 0.7 ms, so that programs are met half done as well.
static void cut_power(struct board *b)
{
    b->clock.now += b->scenario.cut * 37u % 8 * 100 * VT_US;
    for (unsigned i = 0; i < NETS_CHIPS; i++)
        if (b->nor[i])
            nor_power(b->nor[i], false);
    fprintf(stderr, "vboard: power failed at command %u\n", (unsigned)b->scenario.cut);
    _exit(CUT_STATUS);
}

static void count_command(void *ctx, const struct nor_trace *t)
{
    struct board *b = ctx;
    (void)t;
    if (++b->commands == b->scenario.cut)
        cut_power(b);
}

static bool fit(struct board *b, unsigned i, char *error, unsigned error_size)
{
    const struct scenario_chip *c = &b->scenario.chip[i];
    for (unsigned p = 0; p < CHIP_PINS; p++) {
        if (c->pad[p].port != NO_PAD)
            nets_connect(b->nets, i, (enum chip_pin)p, c->pad[p].port, c->pad[p].pin);
        nets_set_fault(b->nets, i, (enum chip_pin)p, c->fault[p]);
        nets_set_external_pull(b->nets, i, (enum chip_pin)p, c->pull[p]);
    }
    if (c->bridge[0] >= 0)
        nets_bridge(b->nets, i, (enum chip_pin)c->bridge[0], (enum chip_pin)c->bridge[1]);
    if (!c->part)
        return true;
    struct nor *n = b->nor[i] = nor_new(c->part, &b->clock, b->report);
    if (!n || (c->contents[0] && !nor_attach_file(n, c->contents, error, error_size)))
        return false;
    nor_set_worst_case(n, b->scenario.worst_times);
    struct nor_faults faults = {0};
    for (unsigned k = 0; k < c->states; k++)
        if (!apply_state(n, c->state[k])) {
            snprintf(error, error_size, "%s cannot be in the state '%s'", c->part->name,
                     c->state[k]);
            return false;
        }
    for (unsigned k = 0; k < c->troubles; k++)
        if (!apply_trouble(n, &faults, c->trouble[k])) {
            snprintf(error, error_size, "no such trouble: '%s'", c->trouble[k]);
            return false;
        }
    nor_set_faults(n, &faults);
    if (b->scenario.cut)
        nor_set_trace(n, count_command, b);
    nets_attach_chip(b->nets, i, n);
    return true;
}

bool board_fit_chips(struct board *b, char *error, unsigned error_size)
{
    for (unsigned i = 0; i < NETS_CHIPS; i++)
        if (!fit(b, i, error, error_size))
            return false;
    return true;
}
