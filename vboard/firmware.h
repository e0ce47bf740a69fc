// SPDX-License-Identifier: MIT
// What a new board runs: a minimal firmware in internal flash, so that its core is not locked up.
#pragma once
#include <stdint.h>

extern const uint32_t firmware_image[];
extern const unsigned firmware_image_size; // bytes
