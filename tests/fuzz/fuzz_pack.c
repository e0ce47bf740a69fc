// SPDX-License-Identifier: MIT
// Fuzzes the reader of pack files. The two checksums are put right first, or nothing behind them
// would ever be reached. Run by `make fuzz`.
#include "host/crc32.h"
#include "host/pack.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Overwrite the ten characters behind `name` by the CRC of `count` bytes at `of`.
static void put_crc(char *at, const void *of, size_t count)
{
    char text[16];
    snprintf(text, sizeof(text), "0x%08X", (unsigned)crc32_of(0, of, count));
    memcpy(at, text, 10);
}

static void repair(char *text, size_t size)
{
    unsigned header = 0;
    char *crc = strstr(text, "\ncrc 0x"), *end = strstr(text, "\nend 0x");
    const char *at = strstr(text, "\nheader ");
    if (at && sscanf(at, "\nheader %u", &header) == 1 && crc && crc + 15 <= text + size &&
        header <= size)
        put_crc(crc + 5, text + header, size - header);
    if (end && end + 15 <= text + size)
        put_crc(end + 5, text, (size_t)(end + 1 - text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pack p;
    char error[PACK_ERROR_SIZE];
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = 0;
    repair(text, size);
    // An exact copy, so that the sanitizer sees reads behind the end.
    uint8_t *file = malloc(size ? size : 1);
    if (file) {
        memcpy(file, text, size);
        bool good = pack_read(&p, file, size, error);
        if (!good && !error[0])
            abort(); // a refusal without a reason
        if (good && pack_sent(&p) > size)
            abort();
        pack_free(&p);
    }
    free(file);
    free(text);
    return 0;
}
