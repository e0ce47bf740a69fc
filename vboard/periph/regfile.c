// SPDX-License-Identifier: MIT
// A peripheral that is nothing but registers, see regfile.h.
#include "regfile.h"
#include <stdlib.h>
#include <string.h>

struct regfile {
    struct periph_env env;
    const struct regfile_desc *desc;
    struct gate gate;
    uint32_t *word;
    const struct regfile_init **rule; // by word, NULL = plain
};

static enum bus_result regfile_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    const struct regfile *f = ctx;
    *value = gate_open(&f->gate) ? reg_extract(f->word[offset / 4], offset, size) : 0;
    return BUS_OK;
}

static bool starts(const struct regfile_desc *d, uint32_t offset, uint32_t old, uint32_t value)
{
    if (!(value & ~old & d->on_mask) || offset < d->on_offset)
        return false;
    uint32_t away = offset - d->on_offset;
    return d->on_stride ? away % d->on_stride == 0 && away / d->on_stride < d->on_count : away == 0;
}

static enum bus_result regfile_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    struct regfile *f = ctx;
    if (!gate_open(&f->gate)) {
        report_event(f->env.report, env_now(&f->env), "bus.write-unclocked",
                     "write to %s+0x%x while its clock is off: ignored", f->desc->name,
                     (unsigned)offset);
        return BUS_OK;
    }
    uint32_t *word = &f->word[offset / 4];
    const struct regfile_init *rule = f->rule[offset / 4];
    uint32_t mask = rule ? rule->writable : UINT32_MAX;
    uint32_t fresh = (*word & ~mask) | (reg_merge(*word, offset, size, value) & mask);
    if (starts(f->desc, offset & ~3u, *word, fresh))
        report_event(f->env.report, env_now(&f->env), "bus.not-modelled",
                     "%s switched on, but only its registers are modelled", f->desc->name);
    *word = fresh;
    return BUS_OK;
}

static void set_initial(void *ctx)
{
    struct regfile *f = ctx;
    memset(f->word, 0, f->desc->size);
    for (unsigned i = 0; i < f->desc->inits; i++)
        f->word[f->desc->init[i].offset / 4] = f->desc->init[i].reset;
}

static void regfile_reset(void *ctx, enum reset_kind kind)
{
    struct regfile *f = ctx;
    if (kind == RESET_POWER || !f->desc->power_only)
        set_initial(f);
}

struct regfile *regfile_new(const struct periph_env *env, const struct regfile_desc *desc)
{
    struct regfile *f = calloc(1, sizeof(*f));
    if (!f)
        return NULL;
    f->env = *env;
    f->desc = desc;
    f->word = calloc(desc->size / 4, sizeof(*f->word));
    f->rule = calloc(desc->size / 4, sizeof(*f->rule));
    if (!f->word || !f->rule) {
        regfile_free(f);
        return NULL;
    }
    for (unsigned i = 0; i < desc->inits; i++)
        f->rule[desc->init[i].offset / 4] = &desc->init[i];
    if (desc->bit != REGFILE_ALWAYS) {
        f->gate = (struct gate){env->rcc, desc->gate, (unsigned)desc->bit};
        rcc_on_reset(env->rcc, desc->gate, (unsigned)desc->bit, set_initial, f);
    }
    set_initial(f);
    return f;
}

void regfile_free(struct regfile *f)
{
    if (!f)
        return;
    free(f->word);
    free(f->rule);
    free(f);
}

uint32_t regfile_get(const struct regfile *f, uint32_t offset)
{
    return f->word[offset / 4];
}

struct bus_device regfile_device(struct regfile *f)
{
    return (struct bus_device){.name = f->desc->name,
                               .base = f->desc->base,
                               .size = f->desc->size,
                               .ctx = f,
                               .read = regfile_read,
                               .write = regfile_write,
                               .reset = regfile_reset};
}
