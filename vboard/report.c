// SPDX-License-Identifier: MIT
// The list of illegal events, see report.h.
#include "report.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    const char *id;
    unsigned long count;
    vt_t first;
    char text[160];
};

struct report {
    struct entry *entries;
    size_t used;
};

struct report *report_new(void)
{
    return calloc(1, sizeof(struct report));
}

void report_free(struct report *r)
{
    if (r)
        free(r->entries);
    free(r);
}

static struct entry *find(const struct report *r, const char *id)
{
    for (size_t i = 0; i < r->used; i++)
        if (strcmp(r->entries[i].id, id) == 0)
            return &r->entries[i];
    return NULL;
}

void report_event(struct report *r, vt_t when, const char *id, const char *fmt, ...)
{
    if (!r)
        return;
    struct entry *e = find(r, id);
    if (!e) {
        struct entry *grown = realloc(r->entries, (r->used + 1) * sizeof(*grown));
        if (!grown)
            return;
        r->entries = grown;
        e = &grown[r->used++];
        *e = (struct entry){.id = id, .first = when};
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(e->text, sizeof(e->text), fmt, ap);
        va_end(ap);
    }
    e->count++;
}

unsigned long report_count(const struct report *r, const char *id)
{
    unsigned long n = 0;
    if (id) {
        const struct entry *e = find(r, id);
        return e ? e->count : 0;
    }
    for (size_t i = 0; i < r->used; i++)
        n += r->entries[i].count;
    return n;
}

void report_print(const struct report *r, FILE *out)
{
    for (size_t i = 0; i < r->used; i++) {
        const struct entry *e = &r->entries[i];
        fprintf(out, "vboard: %6lu x %-28s first at %llu.%06llu s: %s\n", e->count, e->id,
                (unsigned long long)(e->first / VT_S),
                (unsigned long long)(e->first % VT_S / VT_US), e->text);
    }
}
