// SPDX-License-Identifier: MIT
// Messages of the semihosting writer, built piece by piece in the request's `text` and then sent.
#pragma once
#include "request.h"

// Add to the message: a text, a decimal number, a number of `digits` hex digits.
// What does not fit is cut off.
void say_text(struct writer_request *request, const char *text);
void say_number(struct writer_request *request, uint32_t number);
void say_hex(struct writer_request *request, uint32_t number, unsigned digits);

// Send the message to whoever reads it and start a new one.
void say_now(struct writer_request *request);
