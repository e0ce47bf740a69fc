// SPDX-License-Identifier: MIT
// Bounds-checked decoder for one raw lz4 block, see lz4.h.
#include "lz4.h"
#include <stdbool.h>
#include <stddef.h>

enum { MATCH_MIN = 4, LONG = 15 };

struct cursor {
    const uint8_t *at, *end;
};

// A length of 15 goes on in further bytes, up to and including the first that is not 255. False if
// they run out, or the length passes `limit`.
static bool read_length(struct cursor *in, uint32_t *length, uint32_t limit)
{
    if (*length < LONG)
        return true;
    uint8_t more;
    do {
        if (in->at == in->end)
            return false;
        more = *in->at++;
        *length += more;
        if (*length > limit)
            return false;
    } while (more == 255);
    return true;
}

static void copy(uint8_t *to, const uint8_t *from, uint32_t length)
{
    while (length--)
        *to++ = *from++; // byte by byte: a match may overlap what it makes
}

int32_t lz4_decode(const uint8_t *from, uint32_t packed, uint8_t *to, uint32_t room)
{
    struct cursor in = {from, from + packed};
    uint32_t made = 0;
    while (in.at < in.end) {
        uint8_t token = *in.at++;
        uint32_t literals = token >> 4;
        if (!read_length(&in, &literals, room) || literals > (size_t)(in.end - in.at) ||
            literals > room - made)
            return -1;
        copy(to + made, in.at, literals);
        in.at += literals;
        made += literals;
        if (in.at == in.end) // the last sequence has no match
            return (int32_t)made;

        if (in.end - in.at < 2)
            return -1;
        uint32_t offset = in.at[0] | (uint32_t)in.at[1] << 8;
        in.at += 2;
        uint32_t length = token & 15u;
        if (!read_length(&in, &length, room))
            return -1;
        length += MATCH_MIN;
        if (offset == 0 || offset > made || length > room - made)
            return -1;
        copy(to + made, to + made - offset, length);
        made += length;
    }
    return -1; // ends behind a match, or is empty
}
