// SPDX-License-Identifier: MIT
// The operating limits that tie clock, core voltage and flash latency together: breaking one is
// recorded, as silicon would fail in ways no model can foretell.
#pragma once
#include "env.h"
#include "pwr.h"

// Judge the settings in force now.
void limits_check(const struct periph_env *env, const struct pwr *pwr, uint32_t latency);
// Highest AXI clock in Hz at a voltage scale (0..3) and LATENCY, RM0433 table "FLASH recommended
// number of wait states and programming delay".
uint32_t limits_flash_hz(unsigned scale, uint32_t latency);
