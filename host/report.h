// SPDX-License-Identifier: MIT
// What a run did: reads the object that `qspi write -json` (tcl/write.tcl) returns, checks that
// every sector is accounted for, and prints it for people or inside the tool's own JSON. Used by
// host/main.c.
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct report {
    const char *files;   // as the user named them
    const char *openocd; // its version
    const char *error;   // the message of a failure, "" if it went well
    const char *json;    // the object of `qspi write -json`, "" if there is none
    uint32_t bytes;      // of the image
    uint32_t sectors;    // that the image touches
    uint64_t packed;     // bytes of data in the pack file
    int status;
};

// Unchanged, programmed and erased sectors of the object are those of the image.
bool report_complete(const struct report *r);
void report_print(const struct report *r);
void report_print_json(const struct report *r);
