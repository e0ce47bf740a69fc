// SPDX-License-Identifier: MIT
// The UARTs as transmitters, see usart.h.
#include "usart.h"
#include "../../driver/stm32h7_regs.h"
#include <stdlib.h>

#define OFFSET_ISR   USART_ISR(0u)
#define OFFSET_TDR   USART_TDR(0u)
#define OFFSET_PRESC USART_PRESC(0u)

enum {
    CR1_UE = 0x1,
    CR1_RE = 0x4,
    CR1_TE = 0x8,
    CR1_TCIE = 0x40,
    CR1_TXEIE = 0x80,
    CR1_OVER8 = 0x8000,
    CR1_FIFOEN = 0x20000000,
    ISR_TC = 0x40,
    ISR_TXE = 0x80,
    ISR_TEACK = 0x200000,
    ISR_REACK = 0x400000,
    ISR_TXFE = 0x800000,
    WORDS = 12,
    FIFO_DEPTH = 16,
};

static const struct {
    const char *name;
    uint32_t base;
    enum rcc_gate gate;
    uint8_t bit, irq; // ENR bit; NVIC position, RM0433 table "NVIC"
} unit[USART_COUNT] = {
    {"USART1", USART1_BASE, RCC_APB2, 4, 37},
    {"USART2", USART2_BASE, RCC_APB1L, 17, 38},
    {"USART3", USART3_BASE, RCC_APB1L, 18, 39},
    {"UART4", UART4_BASE, RCC_APB1L, 19, 52},
    {"UART5", UART5_BASE, RCC_APB1L, 20, 53},
    {"USART6", USART6_BASE, RCC_APB2, 5, 71},
    {"UART7", UART7_BASE, RCC_APB1L, 30, 82},
    {"UART8", UART8_BASE, RCC_APB1L, 31, 83},
    {"LPUART1", LPUART1_BASE, RCC_APB4, RCC_APB4_LPUART1_Pos, 142},
};

struct usart {
    struct periph_env env;
    unsigned index;
    struct gate gate;
    struct irq_line irq;
    uint32_t reg[WORDS];
    uint8_t queue[FIFO_DEPTH + 1]; // the byte in the shift register first
    unsigned queued;
    vt_t shifted_at; // when the byte in the shift register is out
    bool tc;
    void (*byte)(void *ctx, uint32_t base, uint8_t byte);
    void *byte_ctx;
};

static unsigned depth(const struct usart *u)
{
    return u->reg[0] & CR1_FIFOEN ? FIFO_DEPTH : 1;
}

// Duration of one frame of 10 bits; VT_NEVER without a kernel clock or a baud rate.
static vt_t frame_time(const struct usart *u)
{
    static const uint16_t presc[] = {1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256};
    uint32_t hz = rcc_usart_hz(u->env.rcc, unit[u->index].gate);
    uint32_t p = u->reg[OFFSET_PRESC / 4] & 0xF, brr = u->reg[3];
    uint64_t cycles = brr;
    if (u->index == USART_COUNT - 1)
        cycles = ((uint64_t)(brr & 0xFFFFF) + 255) / 256; // LPUART: baud = 256 * clock / BRR
    else if (u->reg[0] & CR1_OVER8)
        cycles = ((brr & 0xFFF0) | (brr & 7) << 1) / 2;
    if (!hz || !cycles)
        return VT_NEVER;
    return vt_cycles(10 * cycles * presc[p > 11 ? 11 : p], hz);
}

static bool sending(const struct usart *u)
{
    return (u->reg[0] & CR1_UE) && (u->reg[0] & CR1_TE);
}

static void start_next(struct usart *u, vt_t at)
{
    vt_t frame = frame_time(u);
    u->shifted_at = u->queued && sending(u) && frame != VT_NEVER ? at + frame : VT_NEVER;
}

static void usart_sync(void *ctx)
{
    struct usart *u = ctx;
    while (u->queued && u->shifted_at <= env_now(&u->env)) {
        if (u->byte)
            u->byte(u->byte_ctx, unit[u->index].base, u->queue[0]);
        u->queued--;
        for (unsigned i = 0; i < u->queued; i++)
            u->queue[i] = u->queue[i + 1];
        u->tc = u->queued == 0;
        start_next(u, u->shifted_at);
    }
    uint32_t cr1 = u->reg[0];
    bool level = ((cr1 & CR1_TCIE) && u->tc) || ((cr1 & CR1_TXEIE) && u->queued <= depth(u));
    irq_set(&u->irq, level && (cr1 & CR1_UE));
}

static uint32_t read_isr(const struct usart *u)
{
    uint32_t cr1 = u->reg[0], isr = u->tc ? ISR_TC : 0;
    if (u->queued <= depth(u))
        isr |= ISR_TXE; // TXFNF with the FIFO on
    if ((cr1 & CR1_FIFOEN) && u->queued <= 1)
        isr |= ISR_TXFE;
    if ((cr1 & CR1_UE) && (cr1 & CR1_TE))
        isr |= ISR_TEACK;
    if ((cr1 & CR1_UE) && (cr1 & CR1_RE))
        isr |= ISR_REACK;
    return isr;
}

static enum bus_result usart_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    struct usart *u = ctx;
    uint32_t reg = offset & ~3u;
    *value = 0;
    usart_sync(u);
    if (gate_open(&u->gate) && reg / 4 < WORDS)
        *value = reg_extract(reg == OFFSET_ISR ? read_isr(u) : u->reg[reg / 4], offset, size);
    return BUS_OK;
}

static void send(struct usart *u, uint8_t byte)
{
    if (u->queued > depth(u)) {
        report_event(u->env.report, env_now(&u->env), "usart.overwritten",
                     "%s: TDR written while it was full", unit[u->index].name);
        return;
    }
    u->queue[u->queued++] = byte;
    u->tc = false;
    if (u->queued == 1)
        start_next(u, env_now(&u->env));
}

static enum bus_result usart_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    struct usart *u = ctx;
    uint32_t reg = offset & ~3u;
    usart_sync(u);
    if (!gate_open(&u->gate) || reg / 4 >= WORDS)
        return BUS_OK;
    value = reg_merge(u->reg[reg / 4], offset, size, value);
    switch (reg) {
    case USART_RQR(0u):
    case OFFSET_ISR:
    case USART_RDR(0u):
        break;
    case USART_ICR(0u):
        u->tc &= !(value & ISR_TC);
        break;
    case OFFSET_TDR:
        send(u, (uint8_t)value);
        break;
    default:
        u->reg[reg / 4] = value;
        if (u->queued && u->shifted_at == VT_NEVER)
            start_next(u, env_now(&u->env));
    }
    usart_sync(u);
    return BUS_OK;
}

static vt_t usart_next_event(void *ctx)
{
    const struct usart *u = ctx;
    return u->queued ? u->shifted_at : VT_NEVER;
}

static void clear(void *ctx)
{
    struct usart *u = ctx;
    for (unsigned i = 0; i < WORDS; i++)
        u->reg[i] = 0;
    u->queued = 0;
    u->shifted_at = VT_NEVER;
    u->tc = true;
    irq_set(&u->irq, false);
}

static void usart_reset(void *ctx, enum reset_kind kind)
{
    (void)kind;
    clear(ctx);
}

struct usart *usart_new(const struct periph_env *env, unsigned index,
                        void (*byte)(void *ctx, uint32_t base, uint8_t byte), void *ctx)
{
    struct usart *u = calloc(1, sizeof(*u));
    if (!u)
        return NULL;
    u->env = *env;
    u->index = index;
    u->gate = (struct gate){env->rcc, unit[index].gate, unit[index].bit};
    u->irq = env_irq(env, unit[index].irq);
    u->byte = byte;
    u->byte_ctx = ctx;
    rcc_on_reset(env->rcc, unit[index].gate, unit[index].bit, clear, u);
    clear(u);
    return u;
}

void usart_free(struct usart *u)
{
    free(u);
}

struct bus_device usart_device(struct usart *u)
{
    return (struct bus_device){.name = unit[u->index].name,
                               .base = unit[u->index].base,
                               .size = 0x400,
                               .ctx = u,
                               .read = usart_read,
                               .write = usart_write,
                               .reset = usart_reset,
                               .next_event = usart_next_event,
                               .next_irq = usart_next_event,
                               .sync = usart_sync};
}
