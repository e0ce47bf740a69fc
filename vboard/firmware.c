// SPDX-License-Identifier: MIT
// The firmware of a new board: SysTick each millisecond at 64 MHz counts in DTCM 0x2001FF00, the
// core sleeps in between. Small enough to be written down as Thumb halfwords.
#include "firmware.h"

#define H(low, high) ((uint32_t)(high) << 16 | (low))
#define FAULT        0x08000055u

const uint32_t firmware_image[] = {
    // vectors: stack, reset, NMI, faults, reserved, SVC, debug, reserved, PendSV, SysTick
    0x20020000u,
    0x08000041u,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    0,
    0,
    0,
    0,
    FAULT,
    FAULT,
    0,
    FAULT,
    0x08000057u,
    // reset:
    H(0x4807, 0xF64F), // ldr r0, =0xE000E010    movw r1, #63999
    H(0x11FF, 0x6041), //                        str r1, [r0, #4]   reload
    H(0x2100, 0x6081), // movs r1, #0            str r1, [r0, #8]   current
    H(0x2107, 0x6001), // movs r1, #7            str r1, [r0]       enable, interrupt, core clock
    H(0xBF30, 0xE7FD), // idle: wfi              b idle
    H(0xE7FE, 0x4803), // fault: b fault         tick: ldr r0, =0x2001FF00
    H(0x6801, 0x3101), // ldr r1, [r0]           adds r1, #1
    H(0x6001, 0x4770), // str r1, [r0]           bx lr
    0xE000E010u,
    0x2001FF00u,
};
const unsigned firmware_image_size = sizeof(firmware_image);
