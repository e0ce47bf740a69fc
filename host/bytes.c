// SPDX-License-Identifier: MIT
// The buffer of bytes.h.
#include "bytes.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool bytes_add(struct bytes *b, const void *data, size_t size)
{
    if (b->room - b->size < size) {
        size_t room = b->room ? b->room : 4096;
        while (room - b->size < size)
            room *= 2;
        uint8_t *grown = realloc(b->data, room);
        if (!grown)
            return false;
        b->data = grown;
        b->room = room;
    }
    if (size)
        memcpy(b->data + b->size, data, size);
    b->size += size;
    return true;
}

bool bytes_print(struct bytes *b, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return length >= 0 && (size_t)length < sizeof(text) && bytes_add(b, text, (size_t)length);
}

void bytes_free(struct bytes *b)
{
    free(b->data);
    *b = (struct bytes){0};
}

bool bytes_read_file(struct bytes *b, const char *path, size_t limit)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    uint8_t piece[65536];
    size_t count, total = 0;
    int why = 0;
    errno = 0;
    while (!why && (count = fread(piece, 1, sizeof(piece), f)) > 0) {
        total += count;
        if (total > limit)
            why = EFBIG;
        else if (!bytes_add(b, piece, count))
            why = ENOMEM;
    }
    if (!why && ferror(f))
        why = errno ? errno : EIO;
    fclose(f);
    errno = why;
    return why == 0;
}
