// SPDX-License-Identifier: MIT
// Reader of 32-bit little-endian ELF files (TIS ELF 1.2): the loadable segments that have contents
// in the file, at their physical address, as OpenOCD takes them.
#include "image.h"

enum {
    EHDR_SIZE = 52,
    EHDR_PHOFF = 28,
    EHDR_PHENTSIZE = 42,
    EHDR_PHNUM = 44,
    PHDR_SIZE = 32,
    PHDR_OFFSET = 4,
    PHDR_VADDR = 8,
    PHDR_PADDR = 12,
    PHDR_FILESZ = 16,
    PT_LOAD = 1
};

static uint32_t get16(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8;
}

static uint32_t get32(const uint8_t *p)
{
    return get16(p) | get16(p + 2) << 16;
}

struct elf {
    const uint8_t *bytes;
    size_t size;
    uint32_t table, step, count;
};

static const uint8_t *header(const struct elf *e, uint32_t i)
{
    return e->bytes + e->table + (size_t)i * e->step;
}

static bool is_loaded(const uint8_t *ph)
{
    return get32(ph) == PT_LOAD && get32(ph + PHDR_FILESZ) != 0;
}

static bool read_header(struct image *im, struct elf *e)
{
    if (e->size < EHDR_SIZE)
        return image_fail(im, "the ELF file ends inside its header");
    if (e->bytes[4] != 1 || e->bytes[5] != 1)
        return image_fail(im, "the ELF file is not a 32-bit little-endian one");
    e->table = get32(e->bytes + EHDR_PHOFF);
    e->step = get16(e->bytes + EHDR_PHENTSIZE);
    e->count = get16(e->bytes + EHDR_PHNUM);
    if (e->count == 0)
        return image_fail(im, "the ELF file has no segments: it is not linked");
    if (e->step < PHDR_SIZE || (uint64_t)e->table + (uint64_t)e->count * e->step > e->size)
        return image_fail(im, "the ELF file ends inside its segment table");
    return true;
}

bool image_parse_elf(struct image *im, const uint8_t *bytes, size_t size)
{
    struct elf e = {.bytes = bytes, .size = size};
    if (!read_header(im, &e))
        return false;
    // With all physical addresses 0, the virtual ones count (OpenOCD, image_elf32_read_headers).
    unsigned field = PHDR_VADDR;
    for (uint32_t i = 0; i < e.count; i++)
        if (get32(header(&e, i) + PHDR_PADDR) != 0)
            field = PHDR_PADDR;
    for (uint32_t i = 0; i < e.count; i++) {
        const uint8_t *ph = header(&e, i);
        if (!is_loaded(ph))
            continue;
        uint32_t offset = get32(ph + PHDR_OFFSET), length = get32(ph + PHDR_FILESZ);
        if ((uint64_t)offset + length > size)
            return image_fail(im, "segment %u of the ELF file ends behind the end of the file",
                              (unsigned)i);
        if (!image_add(im, get32(ph + field), bytes + offset, length))
            return false;
    }
    return true;
}
