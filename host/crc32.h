// SPDX-License-Identifier: MIT
// CRC-32 as zlib computes it (IEEE 802.3). Used by the packer.
#pragma once
#include <stddef.h>
#include <stdint.h>

// The CRC of `size` bytes, going on from `crc`, which is 0 at the start.
uint32_t crc32_of(uint32_t crc, const void *bytes, size_t size);
