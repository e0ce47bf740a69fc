// SPDX-License-Identifier: MIT
// The chips, one row each, and the SFDP bytes they answer. Used by the chip model and, for the
// names, by the scenario reader and the serprog server.
//
// Sources. The W25Q64JV rows are the W25Q64JV-DTR datasheet Rev J (8.1 ids, 7.1 QE, 9.3 and 9.6
// times and clocks); that QE of the -IQ order codes cannot be cleared is a sentence of the W25Q64JV
// datasheet's 7.1 as public drivers quote it. The other rows go by rule:
//   - sizes of the JV family: ids 4015h..4019h, chip erase 2.5 s typical and 12.5 s at most a MiB,
//     all other times equal;
//   - FV: ids from flashrom and OpenOCD; times, 104 MHz and the SFDP revision are unverified;
//   - JW-IM (1.8 V) and PY25Q64HA (fitted on WeAct boards): only the ids are the parts' own, times
//     and SFDP are those of the JV and QE is assumed clear when new. Neither id is in OpenOCD
//     0.12's table, so that only SFDP tells their size;
//   - IS25LP064A (ISSI; Daisy boards) and MT25QL512AB (Micron; ST's kits): the ids, and that 35h
//     enters QPI and F5h leaves it, are the parts' own; times, SFDP and protection bits are those
//     of the JV.
#include "parts.h"
#include <string.h>
#include <strings.h>

#define MIB  (UINT32_C(1) << 20)
#define MHZ  UINT32_C(1000000)
#define MSEC UINT32_C(1000)

#define JV_TYPICAL(mib)                                                                            \
    {                                                                                              \
        400, 45 * MSEC, 120 * MSEC, 150 * MSEC, (mib)*2500 * MSEC, 10 * MSEC                       \
    }
#define JV_WORST(mib)                                                                              \
    {                                                                                              \
        3 * MSEC, 400 * MSEC, 1600 * MSEC, 2000 * MSEC, (mib)*12500 * MSEC, 15 * MSEC              \
    }
#define JV_TIMES(mib)                                                                              \
    .size = (mib)*MIB, .typical = JV_TYPICAL(mib), .worst = JV_WORST(mib), .max_hz = 133 * MHZ,    \
    .read_hz = 50 * MHZ, .dtr_hz = 66 * MHZ, .sfdp = NOR_SFDP_REV_1_5
#define IDS(id, dev)  .jedec_id = (id), .jedec_id_qpi = (id), .device_id = (dev)
#define IQ_ORDER_CODE .qe_factory = true, .qe_fixed = true
#define IM_ORDER_CODE .qpi = true, .dtr = true

const struct nor_part nor_parts[] = {
    {.name = "W25Q64JV-IQ", IDS(0xEF4017, 0x16), JV_TIMES(8), IQ_ORDER_CODE},
    {.name = "W25Q64JV-IM", IDS(0xEF7017, 0x16), JV_TIMES(8), IM_ORDER_CODE},
    {.name = "W25Q64FV",
     .jedec_id = 0xEF4017,
     .jedec_id_qpi = 0xEF6017,
     .device_id = 0x16,
     .size = 8 * MIB,
     .qpi = true,
     .typical = {700, 60 * MSEC, 120 * MSEC, 150 * MSEC, 20000 * MSEC, 10 * MSEC},
     .worst = {3 * MSEC, 400 * MSEC, 800 * MSEC, 1000 * MSEC, 100000 * MSEC, 15 * MSEC},
     .max_hz = 104 * MHZ,
     .read_hz = 50 * MHZ,
     .sfdp = NOR_SFDP_REV_1_0},
    {.name = "W25Q128FV",
     .jedec_id = 0xEF4018,
     .jedec_id_qpi = 0xEF6018,
     .device_id = 0x17,
     .size = 16 * MIB,
     .qpi = true,
     .typical = {700, 60 * MSEC, 120 * MSEC, 150 * MSEC, 40000 * MSEC, 10 * MSEC},
     .worst = {3 * MSEC, 400 * MSEC, 800 * MSEC, 1000 * MSEC, 200000 * MSEC, 15 * MSEC},
     .max_hz = 104 * MHZ,
     .read_hz = 50 * MHZ,
     .sfdp = NOR_SFDP_REV_1_0},
    {.name = "W25Q16JV-IQ", IDS(0xEF4015, 0x14), JV_TIMES(2), IQ_ORDER_CODE},
    {.name = "W25Q32JV-IQ", IDS(0xEF4016, 0x15), JV_TIMES(4), IQ_ORDER_CODE},
    {.name = "W25Q128JV-IQ", IDS(0xEF4018, 0x17), JV_TIMES(16), IQ_ORDER_CODE},
    {.name = "W25Q256JV-IQ", IDS(0xEF4019, 0x18), JV_TIMES(32), IQ_ORDER_CODE, .addr4 = true},
    {.name = "W25Q64JW-IM", IDS(0xEF8017, 0x16), JV_TIMES(8), IM_ORDER_CODE},
    {.name = "PY25Q64HA", IDS(0x852017, 0x16), JV_TIMES(8)},
    {.name = "IS25LP064A", IDS(0x9D6017, 0x16), JV_TIMES(8), .qpi_35h = true},
    {.name = "MT25QL512AB", IDS(0x20BA20, 0x19), JV_TIMES(64), .addr4 = true, .qpi_35h = true},
};
const unsigned nor_parts_count = sizeof(nor_parts) / sizeof(nor_parts[0]);

const struct nor_part *nor_part_find(const char *name)
{
    for (unsigned i = 0; i < nor_parts_count; i++)
        if (strcasecmp(nor_parts[i].name, name) == 0)
            return &nor_parts[i];
    for (unsigned i = 0; i < nor_parts_count; i++) {
        size_t stem = strcspn(nor_parts[i].name, "-");
        if (strlen(name) == stem && strncasecmp(nor_parts[i].name, name, stem) == 0)
            return &nor_parts[i];
    }
    return NULL;
}

// A real W25Q64JV-IQ's dump.
static const uint8_t sfdp_jv64[NOR_SFDP_SIZE] = {
#include "w25q64jv_sfdp.inc"
};

enum { SFDP_HEADER = 16, BFPT = 0x80, BFPT_DWORD = 4 };

static uint8_t *dword(uint8_t *sfdp, unsigned number) // 1-based, as JESD216 counts
{
    return sfdp + BFPT + (number - 1) * BFPT_DWORD;
}

static void put32(uint8_t *p, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(value >> (8 * i));
}

// JESD216A BFPT DWORD 11, bits 30:24: count - 1 in units of 16 ms, 256 ms, 4 s or 64 s.
static uint8_t chip_erase_code(uint32_t microseconds)
{
    static const uint32_t unit[] = {16 * MSEC, 256 * MSEC, 4000 * MSEC, 64000 * MSEC};
    unsigned u = 0;
    while (u < 3 && microseconds > 32 * unit[u])
        u++;
    uint32_t count = (microseconds + unit[u] - 1) / unit[u];
    return (uint8_t)(0x80u | u << 5 | (count - 1));
}

// JESD216: the same fields without what revision A added; DTR was not claimed then.
static void sfdp_rev_1_0(uint8_t *sfdp)
{
    static const uint8_t header[SFDP_HEADER] = {'S',  'F',  'D',  'P', 0x00, 0x01, 0x00, 0xFF,
                                                0x00, 0x00, 0x01, 9,   BFPT, 0x00, 0x00, 0xFF};
    memcpy(sfdp, header, sizeof(header));
    dword(sfdp, 1)[2] &= (uint8_t)~0x08u;
    memset(dword(sfdp, 10), 0xFF, 7 * BFPT_DWORD);
}

void nor_part_sfdp(const struct nor_part *part, uint8_t sfdp[NOR_SFDP_SIZE])
{
    if (part->sfdp == NOR_SFDP_NONE) {
        memset(sfdp, 0xFF, NOR_SFDP_SIZE);
        return;
    }
    memcpy(sfdp, sfdp_jv64, NOR_SFDP_SIZE);
    put32(dword(sfdp, 2), part->size * 8 - 1);
    dword(sfdp, 11)[3] = chip_erase_code(part->typical.chip_erase);
    if (part->addr4) { // the values that dumps of the family's larger parts carry
        dword(sfdp, 1)[2] |= 0x02;
        put32(dword(sfdp, 16), 0xA5F970E9);
    }
    if (part->sfdp == NOR_SFDP_REV_1_0)
        sfdp_rev_1_0(sfdp);
}
