// SPDX-License-Identifier: MIT
// A growing buffer of bytes, and whole files in and out of it. Used by every part of qspi-flash.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    uint8_t *data;
    size_t size, room;
};

// Append; false if there is no memory.
bool bytes_add(struct bytes *b, const void *data, size_t size);
// Append formatted text.
bool bytes_print(struct bytes *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void bytes_free(struct bytes *b);

// Append a whole file, of at most `limit` bytes. False with errno set (EFBIG: over the limit).
bool bytes_read_file(struct bytes *b, const char *path, size_t limit);
