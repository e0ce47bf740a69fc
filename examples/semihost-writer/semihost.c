// SPDX-License-Identifier: MIT
// Semihosting calls; see semihost.h.
#include "semihost.h"

#define SYS_OPEN          0x01u
#define SYS_CLOSE         0x02u
#define SYS_WRITE0        0x04u
#define SYS_READ          0x06u
#define SYS_FLEN          0x0Cu
#define SYS_EXIT_EXTENDED 0x20u

#define MODE_RB                     1u // fopen mode "rb"
#define ADP_STOPPED_APPLICATIONEXIT 0x20026u

// Not inlined: the host sees one bkpt, and what the block points to is in memory.
__attribute__((noinline)) static uint32_t call(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm("r0") = operation;
    register const void *r1 __asm("r1") = argument;
    __asm volatile("bkpt #0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

int semihost_open(const char *name)
{
    uint32_t length = 0;
    while (name[length])
        length++;
    uint32_t block[3] = {(uint32_t)(uintptr_t)name, MODE_RB, length};
    return (int)call(SYS_OPEN, block);
}

int semihost_length(int handle)
{
    uint32_t block[1] = {(uint32_t)handle};
    return (int)call(SYS_FLEN, block);
}

int semihost_read(int handle, void *data, uint32_t length)
{
    uint32_t block[3] = {(uint32_t)handle, (uint32_t)(uintptr_t)data, length};
    uint32_t left = call(SYS_READ, block);
    return left > length ? -1 : (int)(length - left);
}

void semihost_close(int handle)
{
    uint32_t block[1] = {(uint32_t)handle};
    call(SYS_CLOSE, block);
}

void semihost_print(const char *text)
{
    call(SYS_WRITE0, text);
}

void semihost_exit(uint32_t code)
{
    uint32_t block[2] = {ADP_STOPPED_APPLICATIONEXIT, code};
    call(SYS_EXIT_EXTENDED, block);
}
