// SPDX-License-Identifier: MIT
// The UARTs as transmitters: bytes leave at the pace of BRR and the flags of ISR follow; nothing is
// ever received (RM0433 "USART", "LPUART").
#pragma once
#include "env.h"

enum { USART_COUNT = 9 }; // USART1-3, UART4-5, USART6, UART7-8, LPUART1

struct usart;
// `byte` hears each byte that left, with the UART's base address; may be NULL.
struct usart *usart_new(const struct periph_env *env, unsigned index,
                        void (*byte)(void *ctx, uint32_t base, uint8_t byte), void *ctx);
void usart_free(struct usart *u);
struct bus_device usart_device(struct usart *u);
