// SPDX-License-Identifier: MIT
// What Unicorn sees of the bus: plain memory in place, everything else through callbacks.
#include "private.h"
#include <stdlib.h>
#include <string.h>

enum { PAGE = 0x1000, ACCESS_CYCLES = 6 }; // an AXI to AHB/APB access costs the core some cycles

#define PPB_BASE 0xE0000000u
#define PPB_SIZE 0x00100000u

struct span {
    struct core *core;
    uint32_t base, size;
    struct bus_device *window; // not NULL: mapped only while it is open
    bool mapped;
    struct span *next;
};

// Unicorn executes plain memory only, so a page of a window in which code runs is copied first, by
// the same reads that the core's fetches would make (it works as an instruction cache of 4 KiB
// lines).
struct shadow {
    uint32_t base;
    uint8_t *bytes;
    struct shadow *next;
};

static struct span *window_at(struct core *c, uint32_t addr)
{
    for (struct span *s = c->span_list; s; s = s->next)
        if (s->window && s->mapped && addr - s->base < s->size)
            return s;
    return NULL;
}

static bool has_shadow(const struct core *c, uint32_t page)
{
    for (const struct shadow *s = c->shadow_list; s; s = s->next)
        if (s->base == page)
            return true;
    return false;
}

bool map_needs_shadow(struct core *c, uint32_t addr)
{
    // an instruction may reach into the next page
    return window_at(c, addr) && (!has_shadow(c, addr & ~(uint32_t)(PAGE - 1)) ||
                                  !has_shadow(c, (addr + 2) & ~(uint32_t)(PAGE - 1)));
}

static void shadow_page(struct core *c, uint32_t page)
{
    uint32_t word = 0;
    if (!window_at(c, page) || has_shadow(c, page))
        return;
    struct shadow *s = calloc(1, sizeof(*s));
    uint8_t *bytes = aligned_alloc(PAGE, PAGE);
    if (!s || !bytes) {
        free(s);
        free(bytes);
        return;
    }
    for (uint32_t i = 0; i < PAGE; i += 4) {
        // what cannot be read is no code: permanently undefined instructions
        if (bus_read(c->cfg.bus, page + i, 4, &word) != BUS_OK)
            word = 0xDE00DE00;
        memcpy(bytes + i, &word, 4);
    }
    *s = (struct shadow){page, bytes, c->shadow_list};
    c->shadow_list = s;
    uc_ctl_remove_cache(c->uc, page, (uint64_t)page + PAGE);
    uc_mem_unmap(c->uc, page, PAGE);
    uc_mem_map_ptr(c->uc, page, PAGE, UC_PROT_READ | UC_PROT_EXEC, bytes);
}

void map_add_shadow(struct core *c, uint32_t addr)
{
    shadow_page(c, addr & ~(uint32_t)(PAGE - 1));
    shadow_page(c, (addr + 2) & ~(uint32_t)(PAGE - 1));
}

static void drop_shadows(struct core *c)
{
    if (!c->shadow_list)
        return;
    while (c->shadow_list) {
        struct shadow *s = c->shadow_list;
        struct span *w = window_at(c, s->base);
        uc_ctl_remove_cache(c->uc, s->base, (uint64_t)s->base + PAGE);
        if (w) {
            uc_mem_unmap(c->uc, w->base, w->size);
            w->mapped = false;
        }
        for (struct shadow *o = s->next; o; o = o->next)
            uc_ctl_remove_cache(c->uc, o->base, (uint64_t)o->base + PAGE);
        while (c->shadow_list) { // there is one window; all its pages are gone with it
            s = c->shadow_list;
            c->shadow_list = s->next;
            free(s->bytes);
            free(s);
        }
    }
    loop_reset(c);
}

static void device_failed(struct core *c, enum bus_result r, uint32_t addr, bool write)
{
    c->fault_addr = addr;
    c->fault_write = write;
    c->fault_fetch = false;
    core_stop(c, r == BUS_HANG ? STOP_HANG : STOP_BUS);
}

static uint64_t on_read(uc_engine *uc, uint64_t offset, unsigned size, void *user)
{
    struct span *s = user;
    struct core *c = s->core;
    uint32_t addr = s->base + (uint32_t)offset, value = 0;
    (void)uc;
    c->clock->now += ACCESS_CYCLES * c->period;
    enum bus_result r = core_read(c, addr, size, &value);
    if (s->base == PPB_BASE) {
        c->loop.unsteady = true;
    } else {
        struct bus_device *d = c->cfg.bus->read_last;
        if ((c->loop.read_from && c->loop.read_from != d) ||
            (d->popping && addr - d->base == d->popping))
            c->loop.unsteady = true;
        c->loop.read_from = d;
    }
    if (r != BUS_OK)
        device_failed(c, r, addr, false);
    return value;
}

static void on_write(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *user)
{
    struct span *s = user;
    struct core *c = s->core;
    uint32_t addr = s->base + (uint32_t)offset;
    (void)uc;
    c->clock->now += ACCESS_CYCLES * c->period;
    enum bus_result r = core_write(c, addr, size, (uint32_t)value);
    c->loop.unsteady = true;
    if (r != BUS_OK)
        device_failed(c, r, addr, true);
    if (c->remap || c->reset_request)
        core_stop(c, STOP_LIMIT);
}

// A store into memory that takes its writes itself (flash). Unicorn carries out the plain store
// after this hook, so what belongs there is put back before anybody looks.
static bool flash_store(struct core *c, uint32_t addr, unsigned size, uint32_t value)
{
    struct bus_memory *m = bus_find_memory(c->cfg.bus, addr);
    if (!m || !m->write || addr - m->base > m->size - size)
        return false;
    map_undo_store(c);
    enum bus_result r = m->write(m->ctx, addr, size, value);
    c->undo.valid = true;
    c->undo.at = m->bytes + (addr - m->base);
    c->undo.size = size;
    memcpy(c->undo.bytes, c->undo.at, size);
    c->loop.unsteady = true;
    if (r != BUS_OK)
        device_failed(c, r, addr, true);
    else
        core_stop(c, STOP_LIMIT);
    return true;
}

void map_undo_store(struct core *c)
{
    if (c->undo.valid)
        memcpy(c->undo.at, c->undo.bytes, c->undo.size);
    c->undo.valid = false;
}

static bool on_invalid(uc_engine *uc, uc_mem_type type, uint64_t addr, int size, int64_t value,
                       void *user)
{
    struct core *c = user;
    (void)uc;
    if (type == UC_MEM_WRITE_PROT && size <= 4 &&
        flash_store(c, (uint32_t)addr, (unsigned)size, (uint32_t)value))
        return true;
    c->fault_addr = (uint32_t)addr;
    c->fault_write = type == UC_MEM_WRITE_UNMAPPED || type == UC_MEM_WRITE_PROT;
    c->fault_fetch = type == UC_MEM_FETCH_UNMAPPED || type == UC_MEM_FETCH_PROT;
    return false;
}

static bool add_span(struct core *c, uint32_t base, uint32_t size, struct bus_device *window)
{
    struct span *s = calloc(1, sizeof(*s));
    if (!s)
        return false;
    *s = (struct span){c, base, size, window, false, c->span_list};
    c->span_list = s;
    return true;
}

// Pages with at least one device, neighbours joined. Windows stay apart, as they come and go.
static bool find_spans(struct core *c)
{
    struct bus *b = c->cfg.bus;
    uint32_t start = 0, end = 0; // [start, end)
    for (unsigned i = 0; i < b->devices; i++) {
        struct bus_device *d = &b->device[i];
        if (d->open) {
            if (!add_span(c, d->base, d->size, d))
                return false;
            continue;
        }
        uint32_t first = d->base & ~(uint32_t)(PAGE - 1);
        uint32_t last = (d->base + d->size + PAGE - 1) & ~(uint32_t)(PAGE - 1);
        if (first > end || end == 0) {
            if (end && !add_span(c, start, end - start, NULL))
                return false;
            start = first;
        }
        end = last > end ? last : end;
    }
    return (!end || add_span(c, start, end - start, NULL)) && add_span(c, PPB_BASE, PPB_SIZE, NULL);
}

static void refresh_spans(struct core *c)
{
    for (struct span *s = c->span_list; s; s = s->next) {
        bool want = !s->window || s->window->open(s->window->ctx);
        if (want && !s->mapped)
            uc_mmio_map(c->uc, s->base, s->size, on_read, s, on_write, s);
        else if (!want && s->mapped)
            uc_mem_unmap(c->uc, s->base, s->size);
        s->mapped = want;
    }
}

void map_refresh(struct core *c)
{
    struct bus *b = c->cfg.bus;
    c->remap = false;
    if (c->shadows_stale)
        drop_shadows(c);
    c->shadows_stale = false;
    for (unsigned i = 0; i < b->memories; i++) {
        struct bus_memory *m = &b->memory[i];
        bool want = !m->accessible || m->accessible(m->ctx);
        if (want && !c->mapped[i]) {
            uc_mem_map_ptr(c->uc, m->base, m->size,
                           m->write ? UC_PROT_READ | UC_PROT_EXEC : UC_PROT_ALL, m->bytes);
        } else if (!want && c->mapped[i]) {
            uc_ctl_remove_cache(c->uc, m->base, m->base + m->size);
            uc_mem_unmap(c->uc, m->base, m->size);
        }
        c->mapped[i] = want;
    }
    refresh_spans(c);
}

bool map_init(struct core *c)
{
    uc_hook h;
    if (uc_hook_add(c->uc, &h, UC_HOOK_MEM_INVALID, (void *)on_invalid, c, 1, 0) != UC_ERR_OK ||
        !find_spans(c))
        return false;
    map_refresh(c);
    return true;
}

void map_free(struct core *c)
{
    drop_shadows(c);
    while (c->span_list) {
        struct span *s = c->span_list;
        c->span_list = s->next;
        free(s);
    }
}
