// SPDX-License-Identifier: MIT
// The CRC calculation unit (RM0433 "CRC calculation unit"): any polynomial of 7, 8, 16 or 32 bits.
#pragma once
#include "env.h"

struct crc_unit;
struct crc_unit *crc_new(const struct periph_env *env);
void crc_free(struct crc_unit *c);
struct bus_device crc_device(struct crc_unit *c);
