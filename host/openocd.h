// SPDX-License-Identifier: MIT
// The stock openocd as a child process: is it there and new enough, run it, hand over its lines.
// Used by host/main.c.
#pragma once
#include <stdbool.h>

enum openocd_found {
    OPENOCD_GOOD,
    OPENOCD_MISSING, // cannot be started
    OPENOCD_STRANGE, // starts, but does not say "Open On-Chip Debugger N.N"
    OPENOCD_OLD      // before 0.11, the first one with the stmqspi driver
};

// Ask `program` for its version; `version` gets its first line (empty if it did not answer).
enum openocd_found openocd_check(const char *program, char *version, unsigned size);

// Called for each line of standard output and error, without the end of line.
typedef void (*openocd_line)(void *context, const char *line);

// Run `argv` (argv[0] is looked up on the PATH) until it ends. Returns its exit status, 128 +
// signal if a signal ended it, -1 if it could not be started. SIGINT and SIGTERM are passed on to
// it; it is waited for, so that it can put the board back.
int openocd_run(const char *const *argv, openocd_line line, void *context);

// A signal that asked this program to stop, 0 if none came.
int openocd_signal(void);
