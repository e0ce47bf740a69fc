// SPDX-License-Identifier: MIT
// The command line of qspi-flash. Used by host/main.c.
#pragma once
#include <stdbool.h>

// Exit statuses, as --help and the man page list them.
enum {
    EXIT_BOARD = 1,   // the board was reached, but writing or verifying failed
    EXIT_USAGE = 2,   // wrong arguments
    EXIT_IMAGE = 3,   // an image or pack file cannot be used
    EXIT_OPENOCD = 4, // openocd is missing, too old or does not start
    EXIT_REACH = 5    // no debug probe, or no microcontroller behind it
};

enum { OPTIONS_COMMANDS = 16 };

struct options {
    const char *board;
    const char *interface; // NULL: the board file's choice
    const char *openocd;
    const char *pack; // write the pack file there and stop; NULL: no
    const char *command[OPTIONS_COMMANDS];
    unsigned commands;
    bool dry_run, full, no_verify, reset, json, verbose;
    char **files;
    int count;
};

// Fill in from argv. -1 to go on, else the status to exit with.
int options_read(struct options *o, int argc, char **argv);
