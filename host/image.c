// SPDX-License-Identifier: MIT
// The container behind every image reader, and the choice of the reader. Used by host/main.c.
#include "image.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool image_fail(struct image *im, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(im->error, sizeof(im->error), format, args);
    va_end(args);
    return false;
}

void image_free(struct image *im)
{
    for (unsigned i = 0; i < im->count; i++)
        free(im->range[i].data);
    free(im->range);
    memset(im, 0, sizeof(*im));
}

static struct image_range *new_range(struct image *im, uint32_t address)
{
    if (im->count == im->room) {
        unsigned room = im->room ? im->room * 2 : 16;
        struct image_range *range = realloc(im->range, room * sizeof(*range));
        if (!range)
            return NULL;
        im->range = range;
        im->room = room;
    }
    struct image_range *r = &im->range[im->count++];
    *r = (struct image_range){.address = address};
    return r;
}

// Memory of a range grows by powers of two, so that many short records cost little.
static bool append(struct image_range *r, const uint8_t *data, size_t size)
{
    size_t room = 256, total = (size_t)r->size + size;
    while (room < r->size)
        room *= 2;
    if (!r->data || total > room) {
        while (room < total)
            room *= 2;
        uint8_t *grown = realloc(r->data, room);
        if (!grown)
            return false;
        r->data = grown;
    }
    memcpy(r->data + r->size, data, size);
    r->size = (uint32_t)total;
    return true;
}

bool image_add(struct image *im, uint32_t address, const uint8_t *data, size_t size)
{
    if (size == 0)
        return true;
    if (size > UINT32_MAX || (uint64_t)address + size > 0x100000000ull)
        return image_fail(im, "data at 0x%08X goes beyond the 4 GiB a Cortex-M can address",
                          (unsigned)address);
    struct image_range *last = im->count ? &im->range[im->count - 1] : NULL;
    bool follows = last && (uint64_t)last->address + last->size == address;
    struct image_range *r = follows ? last : new_range(im, address);
    if (!r || !append(r, data, size))
        return image_fail(im, "out of memory");
    return true;
}

static int by_address(const void *a, const void *b)
{
    uint32_t left = ((const struct image_range *)a)->address;
    uint32_t right = ((const struct image_range *)b)->address;
    return left < right ? -1 : left > right;
}

bool image_finish(struct image *im)
{
    if (im->count == 0)
        return image_fail(im, "there is no data to write");
    qsort(im->range, im->count, sizeof(*im->range), by_address);
    unsigned kept = 1;
    for (unsigned i = 1; i < im->count; i++) {
        struct image_range *last = &im->range[kept - 1], next = im->range[i];
        uint64_t end = (uint64_t)last->address + last->size;
        if (next.address < end)
            return image_fail(im, "two parts both write address 0x%08X", (unsigned)next.address);
        im->range[i].data = NULL; // each range has one owner, whatever fails below
        if (next.address > end) {
            im->range[kept++] = next;
            continue;
        }
        bool joined = append(last, next.data, next.size);
        free(next.data);
        if (!joined)
            return image_fail(im, "out of memory");
    }
    im->count = kept;
    return true;
}

uint64_t image_bytes(const struct image *im)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < im->count; i++)
        total += im->range[i].size;
    return total;
}

static bool hex_digits(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isxdigit(bytes[i]))
            return false;
    return true;
}

enum image_type image_detect(const uint8_t *bytes, size_t size)
{
    if (size >= 4 && memcmp(bytes, "\177ELF", 4) == 0)
        return IMAGE_ELF;
    if (size >= 9 && bytes[0] == ':' && hex_digits(bytes + 1, 8) && bytes[7] == '0' &&
        bytes[8] <= '5')
        return IMAGE_IHEX;
    if (size >= 4 && bytes[0] == 'S' && bytes[1] >= '0' && bytes[1] <= '8' &&
        hex_digits(bytes + 2, 2))
        return IMAGE_S19;
    return IMAGE_BIN;
}

bool image_parse(struct image *im, enum image_type type, const uint8_t *bytes, size_t size,
                 uint32_t base)
{
    if (type == IMAGE_AUTO)
        type = image_detect(bytes, size);
    switch (type) {
    case IMAGE_ELF:
        return image_parse_elf(im, bytes, size);
    case IMAGE_IHEX:
        return image_parse_ihex(im, bytes, size);
    case IMAGE_S19:
        return image_parse_s19(im, bytes, size);
    default:
        return image_add(im, base, bytes, size);
    }
}
