// SPDX-License-Identifier: MIT
// What the user sees of a run: openocd's lines sorted into progress, messages, errors and chatter;
// a bar on a terminal, plain lines in a log. Used by host/main.c.
#pragma once
#include <stdbool.h>

enum { DISPLAY_TAIL = 8, DISPLAY_LINE = 512, DISPLAY_JSON = 4096 };

struct display {
    bool terminal; // standard output is one
    bool quiet;    // --json: nothing but the object on standard output
    bool verbose;
    bool bar;                              // a bar stands in the current line
    char tail[DISPLAY_TAIL][DISPLAY_LINE]; // the last lines, for failures that explain nothing
    unsigned lines;
    char message[DISPLAY_LINE]; // the last line that began with "QSPI: " or "Error: "
    char json[DISPLAY_JSON];    // what `qspi write -json` returned
    const char *hide, *show;    // a text that openocd prints and what to show for it: the temporary
                                // pack file stands for the files the user named
};

// One line of openocd; for openocd_run.
void display_line(void *display, const char *line);
// Take the bar away. After a failure without any message, show the last lines.
void display_end(struct display *d, bool failed);
