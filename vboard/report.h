// SPDX-License-Identifier: MIT
// The list of illegal events: things that silicon would punish, counted by name and shown at exit.
#pragma once
#include <stdio.h>
#include "vclock.h"

struct report;

struct report *report_new(void);
void report_free(struct report *r);

// Record one event. `id` is a fixed kebab-case name with the layer in front
// ("qspi.ccr-while-busy"); the text of its first occurrence is kept, later ones are only counted.
// `r` may be NULL.
void report_event(struct report *r, vt_t when, const char *id, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

// How often `id` was recorded; with NULL, how many events in all.
unsigned long report_count(const struct report *r, const char *id);

// One line an id, in the order of their first occurrence. Prints nothing if nothing happened.
void report_print(const struct report *r, FILE *out);
