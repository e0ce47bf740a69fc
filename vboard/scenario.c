// SPDX-License-Identifier: MIT
// Reading scenarios, see scenario.h.
#include "scenario.h"
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const chip_pin_names[CHIP_PINS] = {"clk", "ncs", "io0", "io1", "io2", "io3"};

struct context {
    struct scenario *s;
    struct scenario_chip *chip;
    const char *folder;
    char *error;
    unsigned error_size;
};

static bool fail(const struct context *c, const char *what, const char *value)
{
    snprintf(c->error, c->error_size, "%s: '%s'", what, value);
    return false;
}

static int index_of(const char *word, const char *const *names, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (strcasecmp(word, names[i]) == 0)
            return (int)i;
    return -1;
}

static int chip_pin(const char *word)
{
    return index_of(word, chip_pin_names, CHIP_PINS);
}

static bool parse_pad(const char *word, struct pad_name *pad)
{
    char *end;
    if (toupper((unsigned char)word[0]) != 'P' || !isalpha((unsigned char)word[1]))
        return false;
    unsigned port = (unsigned)(toupper((unsigned char)word[1]) - 'A');
    unsigned long pin = strtoul(word + 2, &end, 10);
    if (port >= GPIO_PORTS || end == word + 2 || *end || pin >= GPIO_PINS)
        return false;
    *pad = (struct pad_name){(uint8_t)port, (uint8_t)pin};
    return true;
}

// The next blank-separated word of `*text` into `word`; false at the end.
static bool next_word(const char **text, char *word, size_t size)
{
    *text += strspn(*text, " \t{},");
    size_t n = strcspn(*text, " \t{},");
    if (n == 0 || n >= size)
        return false;
    memcpy(word, *text, n);
    word[n] = 0;
    *text += n;
    return true;
}

static bool set_wiring(struct context *c, const char *value)
{
    char signal[32], name[32];
    for (unsigned i = 0; i < CHIP_PINS; i++)
        c->chip->pad[i].port = NO_PAD;
    while (next_word(&value, signal, sizeof(signal))) {
        int pin = chip_pin(signal);
        if (pin < 0)
            return fail(c, "no such pin of a flash chip", signal);
        if (!next_word(&value, name, sizeof(name)) || !parse_pad(name, &c->chip->pad[pin]))
            return fail(c, "no pad of the MCU given for", signal);
    }
    return true;
}

static bool two_words(struct context *c, const char *value, char *a, char *b, size_t size)
{
    const char *text = value;
    return (next_word(&text, a, size) && next_word(&text, b, size)) ||
           fail(c, "two words expected", value);
}

static bool set_line(struct context *c, const char *value)
{
    static const char *const names[] = {"ok", "open", "stuck-low", "stuck-high"};
    char pin[32], fault[32];
    if (!two_words(c, value, pin, fault, sizeof(pin)))
        return false;
    int p = chip_pin(pin), f = index_of(fault, names, 4);
    if (p < 0 || f < 0)
        return fail(c, "expected PIN ok|open|stuck-low|stuck-high", value);
    c->chip->fault[p] = (enum line_fault)f;
    return true;
}

static bool set_pull(struct context *c, const char *value)
{
    static const char *const names[] = {"none", "up", "down"};
    char pin[32], pull[32];
    if (!two_words(c, value, pin, pull, sizeof(pin)))
        return false;
    int p = chip_pin(pin), f = index_of(pull, names, 3);
    if (p < 0 || f < 0)
        return fail(c, "expected PIN none|up|down", value);
    c->chip->pull[p] = (enum pad_pull)f;
    return true;
}

static bool set_swap(struct context *c, const char *value)
{
    char a[32], b[32];
    if (!two_words(c, value, a, b, sizeof(a)))
        return false;
    int p = chip_pin(a), q = chip_pin(b);
    if (p < 0 || q < 0)
        return fail(c, "expected two pins of the chip", value);
    struct pad_name pad = c->chip->pad[p];
    c->chip->pad[p] = c->chip->pad[q];
    c->chip->pad[q] = pad;
    return true;
}

static bool set_bridge(struct context *c, const char *value)
{
    char a[32], b[32];
    if (!two_words(c, value, a, b, sizeof(a)))
        return false;
    c->chip->bridge[0] = chip_pin(a);
    c->chip->bridge[1] = chip_pin(b);
    return (c->chip->bridge[0] >= 0 && c->chip->bridge[1] >= 0) ||
           fail(c, "expected two pins of the chip", value);
}

static bool set_part(struct context *c, const char *value)
{
    c->chip->part = NULL;
    if (strcasecmp(value, "none") == 0)
        return true;
    c->chip->part = nor_part_find(value);
    return c->chip->part || fail(c, "no such flash chip in the parts table", value);
}

static bool set_words(struct context *c, const char *value, char (*words)[32], unsigned *count)
{
    *count = 0;
    while (*count < SCENARIO_WORDS && next_word(&value, words[*count], 32))
        ++*count;
    return value[strspn(value, " \t{},")] == 0 || fail(c, "too many words, or one too long", value);
}

static bool set_state(struct context *c, const char *value)
{
    return set_words(c, value, c->chip->state, &c->chip->states);
}

static bool set_trouble(struct context *c, const char *value)
{
    return set_words(c, value, c->chip->trouble, &c->chip->troubles);
}

static bool set_path(const struct context *c, char *to, const char *value)
{
    int n = value[0] == '/' || !c->folder[0]
                ? snprintf(to, SCENARIO_PATH, "%s", value)
                : snprintf(to, SCENARIO_PATH, "%s/%s", c->folder, value);
    return (n >= 0 && n < SCENARIO_PATH) || fail(c, "path too long", value);
}

static bool set_contents(struct context *c, const char *value)
{
    return set_path(c, c->chip->contents, value);
}

static bool set_flash_contents(struct context *c, const char *value)
{
    return set_path(c, c->s->flash_contents, value);
}

static bool set_firmware(struct context *c, const char *value)
{
    if (strcmp(value, "default") == 0 || strcmp(value, "blank") == 0) {
        snprintf(c->s->firmware, SCENARIO_PATH, "%s", value);
        return true;
    }
    return set_path(c, c->s->firmware, value);
}

static bool set_report(struct context *c, const char *value)
{
    return set_path(c, c->s->report, value);
}

static bool set_stats(struct context *c, const char *value)
{
    return set_path(c, c->s->stats, value);
}

static bool set_probe(struct context *c, const char *value)
{
    c->s->probe = NULL;
    if (strcasecmp(value, "none") == 0)
        return true;
    c->s->probe = probe_profile_find(value);
    return c->s->probe || fail(c, "no such probe profile", value);
}

static bool set_power(struct context *c, const char *value)
{
    c->s->target_power = strcasecmp(value, "on") == 0;
    return c->s->target_power || strcasecmp(value, "off") == 0 || fail(c, "on or off", value);
}

static bool set_times(struct context *c, const char *value)
{
    c->s->worst_times = strcasecmp(value, "worst") == 0;
    return c->s->worst_times || strcasecmp(value, "typical") == 0 ||
           fail(c, "typical or worst", value);
}

static bool set_float(struct context *c, const char *value)
{
    static const char *const names[] = {"noise", "low", "high"};
    int f = index_of(value, names, 3);
    if (f < 0)
        return fail(c, "noise, low or high", value);
    c->s->floating = (enum float_level)f;
    return true;
}

static bool parse_number(struct context *c, const char *value, uint32_t *to)
{
    char *end;
    unsigned long v = strtoul(value, &end, 0);
    if (end == value || *end || v > UINT32_MAX)
        return fail(c, "a number was expected", value);
    *to = (uint32_t)v;
    return true;
}

static bool set_seed(struct context *c, const char *value)
{
    return parse_number(c, value, &c->s->seed);
}

static bool set_cut(struct context *c, const char *value)
{
    return parse_number(c, value, &c->s->cut);
}

static bool set_hse(struct context *c, const char *value)
{
    return parse_number(c, value, &c->s->hse_hz);
}

static bool set_lse(struct context *c, const char *value)
{
    return parse_number(c, value, &c->s->lse_hz);
}

static bool set_flash_kib(struct context *c, const char *value)
{
    uint32_t kib;
    if (!parse_number(c, value, &kib))
        return false;
    c->s->flash_kib = kib;
    return kib == 128 || kib == 1024 || kib == 2048 || fail(c, "128, 1024 or 2048", value);
}

static bool set_silicon(struct context *c, const char *value)
{
    char rev = (char)toupper((unsigned char)value[0]);
    if (value[1] || !strchr("YXV", rev) || !rev)
        return fail(c, "silicon revision Y, X or V", value);
    c->s->silicon = rev;
    c->s->errata.write_dummy_nibble = rev == 'Y'; // ES0396 2.6.1, table 3
    return true;
}

static bool set_erratum(struct context *c, const char *value)
{
    static const struct {
        const char *name;
        size_t offset;
    } errata[] = {
        {"write-dummy-nibble", offsetof(struct quadspi_errata, write_dummy_nibble)},
        {"ccr-zero-hang", offsetof(struct quadspi_errata, ccr_zero_hang)},
        {"data-only-hang", offsetof(struct quadspi_errata, data_only_hang)},
        {"last-byte-stall", offsetof(struct quadspi_errata, last_byte_stall)},
        {"hclk-prescaler-0", offsetof(struct quadspi_errata, hclk_prescaler_0)},
        {"tcen-race", offsetof(struct quadspi_errata, tcen_race)},
        {"internal-timing", offsetof(struct quadspi_errata, internal_timing)},
    };
    char name[32], state[32];
    if (!two_words(c, value, name, state, sizeof(name)))
        return false;
    for (size_t i = 0; i < sizeof(errata) / sizeof(errata[0]); i++)
        if (strcasecmp(name, errata[i].name) == 0) {
            *(bool *)((char *)&c->s->errata + errata[i].offset) = strcasecmp(state, "on") == 0;
            return true;
        }
    return fail(c, "no such erratum", name);
}

// Keys ending in "2" speak of the second chip.
static const struct {
    const char *key;
    bool (*set)(struct context *c, const char *value);
    bool per_chip;
} keys[] = {
    {"probe", set_probe, false},       {"target-power", set_power, false},
    {"part", set_part, true},          {"contents", set_contents, true},
    {"wiring", set_wiring, true},      {"line", set_line, true},
    {"pull", set_pull, true},          {"swap", set_swap, true},
    {"bridge", set_bridge, true},      {"state", set_state, true},
    {"trouble", set_trouble, true},    {"times", set_times, false},
    {"float", set_float, false},       {"seed", set_seed, false},
    {"hse", set_hse, false},           {"lse", set_lse, false},
    {"flash", set_flash_kib, false},   {"flash-contents", set_flash_contents, false},
    {"firmware", set_firmware, false}, {"silicon", set_silicon, false},
    {"erratum", set_erratum, false},   {"report", set_report, false},
    {"stats", set_stats, false},       {"cut", set_cut, false},
};

bool scenario_set(struct scenario *s, const char *key, const char *value, const char *folder,
                  char *error, unsigned error_size)
{
    char name[32];
    snprintf(name, sizeof(name), "%s", key);
    size_t n = strlen(name);
    bool second = n && name[n - 1] == '2';
    if (second)
        name[n - 1] = 0;
    struct context c = {s, &s->chip[second], folder ? folder : "", error, error_size};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strcasecmp(name, keys[i].key) == 0 && (keys[i].per_chip || !second))
            return keys[i].set(&c, value);
    return fail(&c, "no such key", key);
}

void scenario_default(struct scenario *s)
{
    char ignored[64];
    *s = (struct scenario){.probe = probe_profile_find("full-speed"),
                           .target_power = true,
                           .seed = 1,
                           .hse_hz = 25000000,
                           .lse_hz = 32768,
                           .flash_kib = 2048,
                           .firmware = "default",
                           .silicon = 'V',
                           .errata = quadspi_errata_default()};
    s->errata.write_dummy_nibble = false; // rev Y only
    for (unsigned chip = 0; chip < NETS_CHIPS; chip++) {
        s->chip[chip].bridge[0] = s->chip[chip].bridge[1] = -1;
        for (unsigned i = 0; i < CHIP_PINS; i++)
            s->chip[chip].pad[i].port = NO_PAD;
    }
    scenario_set(s, "part", "W25Q64JV-IQ", "", ignored, sizeof(ignored));
    scenario_set(s, "wiring", "clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 PE2 io3 PD13", "", ignored,
                 sizeof(ignored));
}

static char *trim(char *text)
{
    text += strspn(text, " \t\r\n");
    size_t n = strlen(text);
    while (n && isspace((unsigned char)text[n - 1]))
        text[--n] = 0;
    return text;
}

bool scenario_load(struct scenario *s, const char *path, char *error, unsigned error_size)
{
    char line[1024], folder[SCENARIO_PATH], why[256];
    snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = 0;
    else
        folder[0] = 0;
    FILE *f = fopen(path, "r");
    if (!f) {
        snprintf(error, error_size, "cannot read the scenario %s", path);
        return false;
    }
    bool ok = true;
    for (unsigned n = 1; ok && fgets(line, sizeof(line), f); n++) {
        line[strcspn(line, "#")] = 0;
        char *key = trim(line), *eq = strchr(key, '=');
        if (!*key)
            continue;
        if (eq)
            *eq = 0;
        ok = eq ? scenario_set(s, trim(key), trim(eq + 1), folder, why, sizeof(why))
                : snprintf(why, sizeof(why), "expected 'key = value'") < 0;
        if (!ok)
            snprintf(error, error_size, "%s:%u: %s", path, n, why);
    }
    fclose(f);
    return ok;
}
