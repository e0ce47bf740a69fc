// SPDX-License-Identifier: MIT
// The semihosting calls that the writer needs (Arm "Semihosting for AArch32 and AArch64", 32-bit
// T32 form: bkpt 0xAB, operation in r0, argument or block in r1).
#pragma once
#include <stdbool.h>
#include <stdint.h>

// Open a file of the host for reading bytes. Returns its handle, -1 if that fails.
int semihost_open(const char *name);

// Length of an open file in bytes, negative if the host cannot tell.
int semihost_length(int handle);

// Read `length` bytes. Returns how many came: fewer at the end of the file; negative for an error.
int semihost_read(int handle, void *data, uint32_t length);

void semihost_close(int handle);

// Print a text that ends with NUL on the host's console.
void semihost_print(const char *text);

// End with an exit code. The host need not come back; if it does, this returns.
void semihost_exit(uint32_t code);
