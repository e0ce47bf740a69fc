// SPDX-License-Identifier: MIT
// Image files as people build them (raw binary, Intel HEX, Motorola S-record, 32-bit ELF), read
// into sorted ranges of bytes. Used by qspi-flash before it packs them; every reader is
// bounds-checked and takes any bytes (tests/fuzz/fuzz_image.c).
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum image_type { IMAGE_AUTO, IMAGE_BIN, IMAGE_IHEX, IMAGE_S19, IMAGE_ELF };

struct image_range {
    uint32_t address;
    uint32_t size;
    uint8_t *data;
};

struct image {
    struct image_range *range; // by address, not touching each other once image_finish was called
    unsigned count, room;
    char error[200]; // what is wrong, without the file's name; valid after a call returned false
};

// An empty image is all zero bytes. Frees what it holds and leaves it empty.
void image_free(struct image *im);

// The type OpenOCD would see in these bytes (src/target/image.c, autodetect_image_type).
enum image_type image_detect(const uint8_t *bytes, size_t size);

// Add the contents of a file. `base` is the address of a raw binary and unused for other types.
bool image_parse(struct image *im, enum image_type type, const uint8_t *bytes, size_t size,
                 uint32_t base);

// Sort and join the ranges. False if two of them hold the same address, or if there are none.
bool image_finish(struct image *im);

// Bytes in all ranges.
uint64_t image_bytes(const struct image *im);

// --- for the readers ---

// Add bytes; joins them to the range added last if they follow it. False with an error if they go
// beyond 4 GiB or there is no memory.
bool image_add(struct image *im, uint32_t address, const uint8_t *data, size_t size);
// Set the error; always false.
bool image_fail(struct image *im, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool image_parse_ihex(struct image *im, const uint8_t *bytes, size_t size);
bool image_parse_s19(struct image *im, const uint8_t *bytes, size_t size);
bool image_parse_elf(struct image *im, const uint8_t *bytes, size_t size);
