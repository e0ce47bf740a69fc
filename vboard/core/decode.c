// SPDX-License-Identifier: MIT
// The little that the model must know of Thumb instructions: how many there are in a block, whether
// any of them stores, and which one made the access that failed. Capstone does the decoding.
#include "private.h"
#include <capstone/capstone.h>
#include <string.h>

static bool is_wide(uint16_t halfword)
{
    return halfword >> 11 >= 0x1D;
}

unsigned decode_count(const uint8_t *code, uint32_t size)
{
    unsigned n = 0;
    for (uint32_t i = 0; i + 1 < size; n++) {
        uint16_t h;
        memcpy(&h, code + i, 2);
        i += is_wide(h) ? 4 : 2;
    }
    return n;
}

static csh decoder(void)
{
    static csh handle;
    if (!handle && cs_open(CS_ARCH_ARM, CS_MODE_THUMB | CS_MODE_MCLASS, &handle) == CS_ERR_OK)
        cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
    return handle;
}

static bool find_stores(const uint8_t *code, uint32_t size)
{
    cs_insn *insn = NULL;
    size_t n = cs_disasm(decoder(), code, size, 0, 0, &insn), done = 0;
    bool stores = false;
    for (size_t i = 0; i < n; i++) {
        done += insn[i].size;
        const char *m = insn[i].mnemonic;
        stores |= strncmp(m, "st", 2) == 0 || strncmp(m, "push", 4) == 0 ||
                  strncmp(m, "vst", 3) == 0 || strncmp(m, "vpush", 5) == 0 ||
                  strncmp(m, "wf", 2) == 0;
    }
    if (n)
        cs_free(insn, n);
    return stores || done < size; // what cannot be decoded counts as a store
}

// Waiting loops ask again and again for the same few blocks: the last answers are kept, by the code
// itself, so that no change of code can make one wrong.
bool decode_stores(const uint8_t *code, uint32_t size)
{
    enum { KEPT = 32, KEPT_BYTES = 64 };
    static struct {
        uint32_t size;
        uint8_t code[KEPT_BYTES];
        bool stores;
    } kept[KEPT];
    static unsigned oldest;
    for (unsigned i = 0; i < KEPT; i++)
        if (kept[i].size == size && memcmp(kept[i].code, code, size) == 0)
            return kept[i].stores;
    bool stores = find_stores(code, size);
    if (size == 0 || size > KEPT_BYTES)
        return stores;
    kept[oldest].size = size;
    kept[oldest].stores = stores;
    memcpy(kept[oldest].code, code, size);
    oldest = (oldest + 1) % KEPT;
    return stores;
}

static uint32_t register_value(struct core *c, unsigned reg, uint32_t pc)
{
    switch (reg) {
    case ARM_REG_PC:
        return (pc + 4) & ~3u;
    case ARM_REG_SP:
        return core_get(c, UC_ARM_REG_SP);
    case ARM_REG_LR:
        return core_get(c, UC_ARM_REG_LR);
    default:
        break;
    }
    if (reg >= ARM_REG_R0 && reg <= ARM_REG_R12)
        return core_get(c, (int)(UC_ARM_REG_R0 + (reg - ARM_REG_R0)));
    return 0;
}

// Does `insn` access `addr` with the registers as they are now?
static bool accesses(struct core *c, const cs_insn *insn, uint32_t addr)
{
    const cs_arm *arm = &insn->detail->arm;
    bool multiple =
        strncmp(insn->mnemonic, "ldm", 3) == 0 || strncmp(insn->mnemonic, "stm", 3) == 0;
    bool stack = strncmp(insn->mnemonic, "push", 4) == 0 || strncmp(insn->mnemonic, "pop", 3) == 0;
    if (stack || multiple) {
        uint32_t base = stack ? core_get(c, UC_ARM_REG_SP)
                              : register_value(c, (unsigned)arm->operands[0].reg, 0);
        return addr - (base - 64) < 128;
    }
    for (int i = 0; i < arm->op_count; i++) {
        const cs_arm_op *op = &arm->operands[i];
        if (op->type != ARM_OP_MEM)
            continue;
        uint32_t ea = register_value(c, op->mem.base, (uint32_t)insn->address);
        uint32_t index = op->mem.index ? register_value(c, op->mem.index, 0) : 0;
        index <<= op->mem.lshift ? op->mem.lshift : (int)op->shift.value;
        if (addr - (ea + index + (uint32_t)op->mem.disp) < 8)
            return true;
    }
    return false;
}

uint32_t decode_find_access(struct core *c, uint32_t block, uint32_t fault_addr)
{
    uint8_t code[256];
    struct bus_memory *m = bus_find_memory(c->cfg.bus, block);
    if (!m)
        return block;
    uint32_t n = m->size - (block - m->base);
    if (n > sizeof(code))
        n = sizeof(code);
    memcpy(code, m->bytes + (block - m->base), n);
    cs_insn *insn = NULL;
    size_t count = cs_disasm(decoder(), code, n, block, 0, &insn);
    uint32_t pc = block;
    for (size_t i = 0; i < count; i++)
        if (accesses(c, &insn[i], fault_addr)) {
            pc = (uint32_t)insn[i].address;
            break;
        }
    if (count)
        cs_free(insn, count);
    return pc;
}
