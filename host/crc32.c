// SPDX-License-Identifier: MIT
// The CRC of crc32.h, by a table of 256 words.
#include "crc32.h"

static uint32_t table[256];

static void fill(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (unsigned bit = 0; bit < 8; bit++)
            c = c & 1 ? c >> 1 ^ 0xEDB88320u : c >> 1;
        table[i] = c;
    }
}

uint32_t crc32_of(uint32_t crc, const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    if (!table[1])
        fill();
    crc = ~crc;
    for (size_t i = 0; i < size; i++)
        crc = table[(crc ^ p[i]) & 0xFF] ^ crc >> 8;
    return ~crc;
}
