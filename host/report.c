// SPDX-License-Identifier: MIT
// Checks and prints what a run did; see report.h.
#include "report.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The number of `"key": N`; 0 if it is not there.
static uint64_t number(const char *json, const char *key)
{
    char name[64];
    snprintf(name, sizeof(name), "\"%s\": ", key);
    const char *at = strstr(json, name);
    return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static bool truth(const char *json, const char *key)
{
    char name[64];
    snprintf(name, sizeof(name), "\"%s\": true", key);
    return strstr(json, name) != NULL;
}

bool report_complete(const struct report *r)
{
    return r->json[0] && number(r->json, "unchanged") + number(r->json, "programmed") +
                                 number(r->json, "erased") ==
                             r->sectors;
}

void report_print(const struct report *r)
{
    const char *j = r->json;
    uint64_t ms = number(j, "milliseconds");
    unsigned long long rate = (unsigned long long)r->bytes * 1000 / 1024 / (ms ? ms : 1);
    bool dry = truth(j, "dry_run");
    printf("%s %s, %u bytes in %u sectors of 4 KiB\n", dry ? "Would write" : "Wrote", r->files,
           (unsigned)r->bytes, (unsigned)r->sectors);
    printf("  unchanged %llu, programmed without erase %llu, erased %llu\n",
           (unsigned long long)number(j, "unchanged"), (unsigned long long)number(j, "programmed"),
           (unsigned long long)number(j, "erased"));
    if (dry)
        return;
    printf("  %llu bytes sent, %llu.%02llu s, %llu KiB/s, %s\n",
           (unsigned long long)number(j, "sent"), (unsigned long long)ms / 1000,
           (unsigned long long)ms % 1000 / 10, rate,
           truth(j, "verified") ? "verified" : "not verified");
}

static void print_text(const char *text)
{
    putchar('"');
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c == '"' || *c == '\\')
            printf("\\%c", *c);
        else if (*c < 32)
            printf("\\u%04x", *c);
        else
            putchar(*c);
    putchar('"');
}

void report_print_json(const struct report *r)
{
    printf("{\"status\": %d, \"bytes\": %u, \"sectors\": %u, \"packed_bytes\": %llu, \"openocd\": ",
           r->status, (unsigned)r->bytes, (unsigned)r->sectors, (unsigned long long)r->packed);
    print_text(r->openocd);
    printf(", \"error\": ");
    if (r->error[0])
        print_text(r->error);
    else
        printf("null");
    printf(", \"write\": %s}\n", r->json[0] ? r->json : "null");
}
