// SPDX-License-Identifier: MIT
// Start of the semihosting writer: its own stack, zeroed .bss, then writer_main().
        .syntax unified
        .thumb
        .section .text.writer_start, "ax"
        .globl  writer_start
        .type   writer_start, %function
writer_start:
        ldr     r0, =_stack_top
        mov     sp, r0
        ldr     r0, =_bss_start
        ldr     r1, =_bss_end
        movs    r2, #0
1:      cmp     r0, r1
        bhs     2f
        str     r2, [r0], #4
        b       1b
2:      bl      writer_main
        b       .
        .ltorg
