// SPDX-License-Identifier: MIT
// Vector table and start-up code of the example: stack, .data, .bss, then main(). The clocks stay
// as after reset (64 MHz HSI).
#include <stdint.h>

// link.ld
extern uint32_t _stack_top[], _data_load[], _data_start[], _data_end[], _bss_start[], _bss_end[];
int main(void);
void SysTick_Handler(void);
void Reset_Handler(void);

static void hang(void)
{
    for (;;)
        __asm volatile("wfi");
}

void Reset_Handler(void)
{
    for (uint32_t *from = _data_load, *to = _data_start; to != _data_end;)
        *to++ = *from++;
    for (uint32_t *to = _bss_start; to != _bss_end;)
        *to++ = 0;
    main();
    hang();
}

typedef void (*vector)(void);

// The 16 system vectors (ARMv7-M B1.5.3); no interrupt is used.
__attribute__((section(".vectors"), used)) static const vector vectors[16] = {
    (vector)(uintptr_t)_stack_top,
    Reset_Handler,
    hang,
    hang,
    hang,
    hang,
    hang,
    0,
    0,
    0,
    0,
    hang,
    hang,
    0,
    hang,
    SysTick_Handler,
};
