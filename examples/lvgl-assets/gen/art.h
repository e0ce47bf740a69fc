// SPDX-License-Identifier: MIT
// The example's images by name; gen/main.c writes them out.
#pragma once
#include "canvas.h"

enum format { RGB565, ARGB8888 };

struct art {
    const char *name;
    enum format format;
    int w, h;
    void (*draw)(struct canvas *c);
};

extern const struct art arts[];
extern const unsigned arts_count;
