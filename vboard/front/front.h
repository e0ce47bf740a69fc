// SPDX-License-Identifier: MIT
// Shared by the two files that face OpenOCD: the hidapi look-alike and the virtual clock's hooks.
#pragma once
#include <stdbool.h>
#include "../vclock.h"

// The host's clock. The machine behind the probe has its own, which only debug traffic moves; host
// time is never behind what the host has seen.
extern vt_t front_now;

// True in a process that has the virtual board (openocd); false in shells that merely inherit the
// preload.
bool front_active(void);
// Around calls into the model: whatever asks for the time in there gets real time.
void front_enter_model(void);
void front_leave_model(void);
