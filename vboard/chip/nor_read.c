// SPDX-License-Identifier: MIT
// What the read commands of a NOR chip put out, byte by byte: array, registers and ids.
#include "nor_exec.h"

static const uint8_t unique_id[8] = {0xDF, 0x63, 0x5C, 0x76, 0xC7, 0x3A, 0x1B, 0x29};

static uint8_t with_quirks(struct nor *n, uint8_t v)
{
    const struct nor_job *s = &n->suspended;
    if (s->kind != JOB_NONE && n->address >= s->addr && n->address - s->addr < s->len) {
        n->undefined_out = true;
        v ^= (uint8_t)nor_noise(n);
    }
    for (unsigned i = 0; i < n->faults.stuck_count; i++) {
        const struct nor_stuck_bits *b = &n->faults.stuck[i];
        if (b->address == n->address)
            v = (uint8_t)((v & ~b->mask) | (b->value & b->mask));
    }
    return v;
}

uint8_t nor_out_array(struct nor *n)
{
    uint8_t v = n->array[n->address];
    if (n->read_quirks)
        v = with_quirks(n, v);
    n->address = (n->address & ~n->read_mask) | ((n->address + 1) & n->read_mask);
    return v;
}

uint8_t nor_out_sr1(struct nor *n)
{
    return nor_read_sr(n, 0);
}

uint8_t nor_out_sr2(struct nor *n)
{
    return nor_read_sr(n, 1);
}

uint8_t nor_out_sr3(struct nor *n)
{
    return nor_read_sr(n, 2);
}

uint8_t nor_out_jedec(struct nor *n)
{
    uint32_t id = n->qpi ? n->part->jedec_id_qpi : n->part->jedec_id;
    return (uint8_t)(id >> (16 - 8 * (n->count % 3)));
}

uint8_t nor_out_mfr(struct nor *n) // 90h: the address's lowest bit says which comes first
{
    bool device = (n->address_raw + n->count) & 1;
    return device ? n->part->device_id : (uint8_t)(n->part->jedec_id >> 16);
}

uint8_t nor_out_device_id(struct nor *n)
{
    return n->part->device_id;
}

uint8_t nor_out_unique_id(struct nor *n)
{
    return n->count < sizeof(unique_id) ? unique_id[n->count] : 0xFF;
}

uint8_t nor_out_sfdp(struct nor *n)
{
    uint32_t a = n->address_raw + n->count;
    return a < NOR_SFDP_SIZE ? n->sfdp[a] : 0xFF;
}

// Number 1..3 of the security register at `address`, 0 if there is none (001000h, 002000h,
// 003000h).
unsigned nor_security_number(uint32_t address)
{
    unsigned number = address >> 12;
    return (address & 0xF00) == 0 && number <= NOR_SECURITY_REGISTERS ? number : 0;
}

uint8_t nor_out_security(struct nor *n)
{
    unsigned number = nor_security_number(n->address_raw);
    uint32_t offset = (n->address_raw + n->count) % NOR_SECURITY_SIZE;
    return number ? n->security[number - 1][offset] : 0xFF;
}

uint8_t nor_out_lock(struct nor *n)
{
    return nor_lock_get(n, n->address);
}

uint8_t nor_out_ext_addr(struct nor *n)
{
    return n->ext_addr;
}
