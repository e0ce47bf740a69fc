// SPDX-License-Identifier: MIT
// The bus matrix, see bus.h.
#include "bus.h"
#include <assert.h>
#include <string.h>

void bus_add_memory(struct bus *b, const struct bus_memory *m)
{
    assert(b->memories < BUS_MAX_MEMORIES);
    b->memory[b->memories++] = *m;
}

void bus_add_device(struct bus *b, const struct bus_device *d)
{
    assert(b->devices < BUS_MAX_DEVICES);
    unsigned i = b->devices++;
    for (; i && b->device[i - 1].base > d->base; i--)
        b->device[i] = b->device[i - 1];
    b->device[i] = *d;
}

struct bus_memory *bus_find_memory(struct bus *b, uint32_t addr)
{
    for (unsigned i = 0; i < b->memories; i++)
        if (addr - b->memory[i].base < b->memory[i].size)
            return &b->memory[i];
    return NULL;
}

struct bus_device *bus_find_device(struct bus *b, uint32_t addr)
{
    if (!b->devices)
        return NULL;
    if (addr - b->device[b->last].base < b->device[b->last].size)
        return &b->device[b->last];
    unsigned low = 0, high = b->devices;
    while (high - low > 1) {
        unsigned mid = (low + high) / 2;
        if (b->device[mid].base <= addr)
            low = mid;
        else
            high = mid;
    }
    if (addr - b->device[low].base >= b->device[low].size)
        return NULL;
    b->last = low;
    return &b->device[low];
}

enum bus_result bus_read(struct bus *b, uint32_t addr, unsigned size, uint32_t *value)
{
    *value = 0;
    struct bus_memory *m = bus_find_memory(b, addr);
    if (m) {
        if (addr - m->base > m->size - size)
            return BUS_FAULT;
        if (!m->accessible || m->accessible(m->ctx))
            memcpy(value, m->bytes + (addr - m->base), size); // host and target are little endian
        return BUS_OK;
    }
    struct bus_device *d = bus_find_device(b, addr);
    if (!d || addr % size || !d->read || (d->open && !d->open(d->ctx)))
        return BUS_FAULT;
    b->read_last = d;
    return d->read(d->ctx, addr - d->base, size, value);
}

enum bus_result bus_write(struct bus *b, uint32_t addr, unsigned size, uint32_t value)
{
    struct bus_memory *m = bus_find_memory(b, addr);
    if (m) {
        if (addr - m->base > m->size - size)
            return BUS_FAULT;
        if (m->accessible && !m->accessible(m->ctx))
            return BUS_OK;
        if (m->write)
            return m->write(m->ctx, addr, size, value);
        memcpy(m->bytes + (addr - m->base), &value, size);
        return BUS_OK;
    }
    struct bus_device *d = bus_find_device(b, addr);
    if (!d || addr % size || !d->write || (d->open && !d->open(d->ctx)))
        return BUS_FAULT;
    b->writes++;
    return d->write(d->ctx, addr - d->base, size, value);
}

void bus_reset(struct bus *b, enum reset_kind kind)
{
    for (unsigned i = 0; i < b->devices; i++)
        if (b->device[i].reset)
            b->device[i].reset(b->device[i].ctx, kind);
}

vt_t bus_next_irq(const struct bus *b)
{
    vt_t next = VT_NEVER;
    for (unsigned i = 0; i < b->devices; i++) {
        const struct bus_device *d = &b->device[i];
        vt_t t = d->next_irq ? d->next_irq(d->ctx) : VT_NEVER;
        if (t < next)
            next = t;
    }
    return next;
}

void bus_sync(struct bus *b)
{
    for (unsigned i = 0; i < b->devices; i++)
        if (b->device[i].sync)
            b->device[i].sync(b->device[i].ctx);
}
