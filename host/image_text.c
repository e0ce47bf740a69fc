// SPDX-License-Identifier: MIT
// Readers of the two text formats: Intel HEX (Intel, Hexadecimal Object File Format Specification,
// 1988) and Motorola S-record. Both are lines of hexadecimal bytes with a checksum.
#include "image.h"

enum { RECORD_MAX = 5 + 255 };

struct lines {
    const uint8_t *at, *end;
    unsigned number;
};

// The next line that is not blank, without its end. False at the end of the file.
static bool next_line(struct lines *l, const uint8_t **line, size_t *length)
{
    while (l->at < l->end) {
        const uint8_t *start = l->at;
        while (l->at < l->end && *l->at != '\n')
            l->at++;
        const uint8_t *stop = l->at;
        if (l->at < l->end)
            l->at++;
        l->number++;
        while (start < stop && (*start == ' ' || *start == '\t'))
            start++;
        while (stop > start && (stop[-1] == '\r' || stop[-1] == ' ' || stop[-1] == '\t'))
            stop--;
        if (start == stop)
            continue;
        *line = start;
        *length = (size_t)(stop - start);
        return true;
    }
    return false;
}

static int digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Hex digits to bytes; the number of bytes, or -1 if it is no even number of digits or too many.
static int decode(const uint8_t *text, size_t length, uint8_t out[RECORD_MAX])
{
    if (length % 2 || length / 2 > RECORD_MAX)
        return -1;
    for (size_t i = 0; i < length / 2; i++) {
        int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return -1;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return (int)(length / 2);
}

static uint8_t sum(const uint8_t *bytes, int count)
{
    unsigned total = 0;
    for (int i = 0; i < count; i++)
        total += bytes[i];
    return (uint8_t)total;
}

static uint32_t big_endian(const uint8_t *bytes, unsigned count)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

enum ihex_record { IHEX_DATA, IHEX_END, IHEX_SEGMENT, IHEX_START_SEGMENT, IHEX_LINEAR, IHEX_START };

// One record: count, address (2), type, data, checksum. Sets `end` at an end-of-file record.
static bool ihex_record(struct image *im, unsigned line, const uint8_t *rec, int size,
                        uint32_t *upper, bool *end)
{
    if (size < 5 || rec[0] != size - 5)
        return image_fail(im, "line %u of the Intel HEX file is no record", line);
    if (sum(rec, size) != 0)
        return image_fail(im, "line %u of the Intel HEX file has a wrong checksum", line);
    uint32_t address = big_endian(rec + 1, 2);
    switch (rec[3]) {
    case IHEX_DATA:
        return image_add(im, *upper + address, rec + 4, rec[0]);
    case IHEX_END:
        *end = true;
        return true;
    case IHEX_SEGMENT:
    case IHEX_LINEAR:
        if (rec[0] != 2)
            return image_fail(im, "line %u of the Intel HEX file is no record", line);
        *upper = big_endian(rec + 4, 2) << (rec[3] == IHEX_LINEAR ? 16 : 4);
        return true;
    case IHEX_START_SEGMENT:
    case IHEX_START:
        return true; // where execution starts: nothing to write
    default:
        return image_fail(im, "line %u of the Intel HEX file has unknown type %02X", line, rec[3]);
    }
}

bool image_parse_ihex(struct image *im, const uint8_t *bytes, size_t size)
{
    struct lines l = {bytes, bytes + size, 0};
    const uint8_t *line;
    size_t length;
    uint32_t upper = 0;
    bool end = false;
    while (!end && next_line(&l, &line, &length)) {
        uint8_t rec[RECORD_MAX];
        if (line[0] == '#')
            continue; // a comment, as OpenOCD takes it
        if (line[0] != ':')
            return image_fail(im, "line %u of the Intel HEX file is no record", l.number);
        if (!ihex_record(im, l.number, rec, decode(line + 1, length - 1, rec), &upper, &end))
            return false;
    }
    return end || image_fail(im, "the Intel HEX file has no end-of-file record: it is cut off");
}

// One record: type digit, count, address (2 to 4 by type), data, checksum.
static bool s19_record(struct image *im, unsigned line, char type, const uint8_t *rec, int size,
                       bool *end)
{
    if (size < 2 || rec[0] != size - 1)
        return image_fail(im, "line %u of the S-record file is no record", line);
    if (sum(rec, size) != 0xFF)
        return image_fail(im, "line %u of the S-record file has a wrong checksum", line);
    if (type >= '7') {
        *end = true;
        return true;
    }
    if (type < '1' || type > '3')
        return true; // S0 header, S5 and S6 counts
    int width = type - '1' + 2;
    if (size < width + 2)
        return image_fail(im, "line %u of the S-record file is no record", line);
    return image_add(im, big_endian(rec + 1, (unsigned)width), rec + 1 + width,
                     (size_t)(size - width - 2));
}

bool image_parse_s19(struct image *im, const uint8_t *bytes, size_t size)
{
    struct lines l = {bytes, bytes + size, 0};
    const uint8_t *line;
    size_t length;
    bool end = false;
    while (!end && next_line(&l, &line, &length)) {
        uint8_t rec[RECORD_MAX];
        if (length < 2 || line[0] != 'S' || line[1] < '0' || line[1] > '9')
            return image_fail(im, "line %u of the S-record file is no record", l.number);
        if (!s19_record(im, l.number, (char)line[1], rec, decode(line + 2, length - 2, rec), &end))
            return false;
    }
    return end || image_fail(im, "the S-record file has no end record: it is cut off");
}
