// SPDX-License-Identifier: MIT
// What a run did, as JSON: for the benchmark and for tests that pin operations.
#include "board.h"
#include <inttypes.h>
#include <stdio.h>

static void write_chip(FILE *f, const struct nor *n)
{
    const struct nor_counters *c = nor_counters(n);
    fprintf(
        f,
        "{\"pages_programmed\": %lu, \"double_programs\": %lu, \"erases_4k\": %lu, "
        "\"erases_32k\": %lu, \"erases_64k\": %lu, \"erases_chip\": %lu, \"status_writes\": %lu, "
        "\"opcodes\": {",
        c->pages_programmed, c->double_programs, c->erases_4k, c->erases_32k, c->erases_64k,
        c->erases_chip, c->status_writes);
    bool first = true;
    for (unsigned op = 0; op < 256; op++)
        if (c->opcode[op]) {
            fprintf(f, "%s\"%02X\": %lu", first ? "" : ", ", op, c->opcode[op]);
            first = false;
        }
    fprintf(f, "}}");
}

void board_write_stats(const struct board *b, vt_t host_time)
{
    FILE *f = fopen(b->scenario.stats, "w");
    if (!f)
        return;
    fprintf(f,
            "{\"host_us\": %" PRIu64 ", \"machine_us\": %" PRIu64 ", \"swd_packets\": %" PRIu64
            ", \"swd_waits\": %" PRIu64 ", \"instructions\": %" PRIu64 ", \"illegal_events\": %lu, "
            "\"chips\": [",
            host_time / VT_US, b->clock.now / VT_US, b->dap.packets, b->dap.waits,
            core_instructions(b->core), report_count(b->report, NULL));
    for (unsigned i = 0; i < NETS_CHIPS; i++) {
        fprintf(f, "%s", i ? ", " : "");
        if (b->nor[i])
            write_chip(f, b->nor[i]);
        else
            fprintf(f, "null");
    }
    fprintf(f, "]}\n");
    fclose(f);
}
