// SPDX-License-Identifier: MIT
// Messages of the semihosting writer; see say.h.
#include "say.h"
#include "semihost.h"

// One more character; the last place is for the NUL, the one before for the end of the line.
static void add(struct writer_request *request, char character)
{
    uint32_t length = 0;
    while (request->text[length])
        length++;
    if (length + 2 < WRITER_TEXT) {
        request->text[length] = character;
        request->text[length + 1] = 0;
    }
}

void say_text(struct writer_request *request, const char *text)
{
    while (*text)
        add(request, *text++);
}

void say_number(struct writer_request *request, uint32_t number)
{
    if (number >= 10)
        say_number(request, number / 10);
    add(request, (char)('0' + number % 10));
}

void say_hex(struct writer_request *request, uint32_t number, unsigned digits)
{
    while (digits)
        add(request, "0123456789ABCDEF"[number >> 4 * --digits & 0xF]);
}

void say_now(struct writer_request *request)
{
    if (request->flags & WRITER_FLAG_STOP) {
        request->stop = WRITER_STOP_SAYS;
        __asm volatile("bkpt #0" ::: "memory");
        request->stop = WRITER_STOP_NONE;
    } else {
        semihost_print("semihost: ");
        semihost_print(request->text);
        semihost_print("\n");
    }
    request->text[0] = 0;
}
