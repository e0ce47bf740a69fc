// SPDX-License-Identifier: MIT
// Fuzzes the loader's lz4 decoder against liblz4: any bytes decode within bounds, what both accept
// is the same, and everything that liblz4 packs comes back. Run by `make fuzz`.
#include "loader/lz4.h"
#include <lz4.h>
#include <lz4hc.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_MAX = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// The bytes as a packed block, into a buffer of exactly `room` bytes.
static void decode_any(const uint8_t *data, size_t size, uint32_t room)
{
    uint8_t *ours = malloc(room), *theirs = malloc(room), *packed = malloc(size);
    if (ours && theirs && packed) {
        memcpy(packed, data, size);
        int32_t got = lz4_decode(packed, (uint32_t)size, ours, room);
        int want = LZ4_decompress_safe((const char *)packed, (char *)theirs, (int)size, (int)room);
        if (got > (int32_t)room || got < -1)
            abort();
        if (got >= 0 && want >= 0 && (got != want || memcmp(ours, theirs, (size_t)got) != 0))
            abort();
    }
    free(ours);
    free(theirs);
    free(packed);
}

static void round_trip(const uint8_t *data, size_t size)
{
    int bound = LZ4_compressBound((int)size);
    char *packed = malloc((size_t)bound);
    uint8_t *back = malloc(size);
    if (packed && back) {
        int length = size & 1 ? LZ4_compress_HC((const char *)data, packed, (int)size, bound, 12)
                              : LZ4_compress_default((const char *)data, packed, (int)size, bound);
        if (lz4_decode((uint8_t *)packed, (uint32_t)length, back, (uint32_t)size) !=
                (int32_t)size ||
            memcmp(back, data, size) != 0)
            abort();
    }
    free(packed);
    free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3 || size > ROOM_MAX)
        return 0;
    uint32_t room = 1 + ((uint32_t)data[0] << 8 | data[1]); // the first two bytes choose the room
    decode_any(data + 2, size - 2, room);
    round_trip(data, size);
    return 0;
}
