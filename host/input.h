// SPDX-License-Identifier: MIT
// From the files on the command line to one checked pack file in memory. Used by host/main.c.
#pragma once
#include "bytes.h"
#include "pack.h"

struct input {
    struct bytes file; // the pack file
    struct pack pack;  // what it holds
};

// Read `names` (FILE or FILE@ADDR each) and pack them, or take the one pack file as it is. What
// lies outside the QSPI window is named on standard error and left out. 0, or the status to exit
// with after a sentence on standard error.
int input_load(struct input *in, char *const *names, int count);
void input_free(struct input *in);
