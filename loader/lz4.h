// SPDX-License-Identifier: MIT
// Decoder for one raw lz4 block, for the loader: trusts nothing it reads, needs no memory of its
// own.
#pragma once
#include <stdint.h>

// Decode `packed` bytes from `from` into `to`, which has room for `room` bytes. Returns the number
// of bytes decoded, or -1 if the data is damaged or would not fit; then `to` holds no use, but
// nothing outside of either range was touched. (lz4 block format description, github.com/lz4/lz4.)
int32_t lz4_decode(const uint8_t *from, uint32_t packed, uint8_t *to, uint32_t room);
