// SPDX-License-Identifier: MIT
// A MEM-AP, see memap.h. Register layout: ADIv5.2 (ARM IHI 0031) section C2.6.
#include "memap.h"

enum {
    AP_CSW = 0x00,
    AP_TAR = 0x04,
    AP_DRW = 0x0C,
    AP_BD0 = 0x10,
    AP_BD3 = 0x1C,
    AP_CFG = 0xF4,
    AP_BASE = 0xF8,
    AP_IDR = 0xFC,
};

enum { INC_OFF = 0, INC_SINGLE = 1, INC_PACKED = 2 };

#define CSW_SIZE(csw)    ((csw)&7u)
#define CSW_ADDRINC(csw) ((csw) >> 4 & 3u)
#define CSW_WRITABLE     0xFF000F37u // Prot, Mode, AddrInc, Size; DbgSwEnable is bit 31
#define TAR_WRAP         0x3FFu      // auto-increment is only good for the low ten bits (C2.2.2)

void memap_reset(struct memap *ap)
{
    ap->csw = ap->csw_fixed | 2u;
    ap->tar = 0;
}

static unsigned access_size(const struct memap *ap)
{
    return 1u << CSW_SIZE(ap->csw);
}

static void advance_tar(struct memap *ap, unsigned by)
{
    ap->tar = (ap->tar & ~TAR_WRAP) | ((ap->tar + by) & TAR_WRAP);
}

// One access at TAR in its byte lanes of the data word; packed transfers repeat it over the word.
static enum bus_result data_access(struct memap *ap, vt_t at, bool write, uint32_t *data)
{
    unsigned size = access_size(ap);
    bool packed = CSW_ADDRINC(ap->csw) == INC_PACKED && size < 4;
    unsigned count = packed ? 4 / size : 1;
    uint32_t result = 0;

    for (unsigned i = 0; i < count; i++) {
        uint32_t addr = ap->tar & ~(size - 1);
        unsigned lane = (addr & 3) * 8;
        uint32_t mask = size == 4 ? 0xFFFFFFFFu : (1u << size * 8) - 1;
        uint32_t value = *data >> lane & mask;
        enum bus_result r = write ? ap->port.write(ap->port.ctx, at, addr, size, value)
                                  : ap->port.read(ap->port.ctx, at, addr, size, &value);
        if (r != BUS_OK)
            return r;
        result |= (value & mask) << lane;
        if (CSW_ADDRINC(ap->csw) != INC_OFF)
            advance_tar(ap, size);
    }
    if (!write)
        *data = result;
    return BUS_OK;
}

enum bus_result memap_read(struct memap *ap, vt_t at, unsigned reg, uint32_t *value)
{
    *value = 0;
    switch (reg) {
    case AP_CSW:
        *value = ap->csw;
        return BUS_OK;
    case AP_TAR:
        *value = ap->tar;
        return BUS_OK;
    case AP_DRW:
        return data_access(ap, at, false, value);
    case AP_BASE:
        *value = ap->base;
        return BUS_OK;
    case AP_IDR:
        *value = ap->idr;
        return BUS_OK;
    case AP_CFG:
        return BUS_OK; // little endian, no large address or data
    default:
        break;
    }
    if (reg >= AP_BD0 && reg <= AP_BD3)
        return ap->port.read(ap->port.ctx, at, (ap->tar & ~0xFu) + (reg - AP_BD0), 4, value);
    return BUS_OK; // reserved registers read as zero
}

enum bus_result memap_write(struct memap *ap, vt_t at, unsigned reg, uint32_t value)
{
    switch (reg) {
    case AP_CSW: {
        // an unimplemented Size or AddrInc leaves the field at a supported value (C2.6.3)
        uint32_t csw = (value & CSW_WRITABLE) | ap->csw_fixed;
        if (!ap->sizes || CSW_SIZE(csw) > 2)
            csw = (csw & ~7u) | 2u;
        if (CSW_ADDRINC(csw) == 3 || (!ap->sizes && CSW_ADDRINC(csw) == INC_PACKED))
            csw &= ~0x30u;
        ap->csw = csw;
        return BUS_OK;
    }
    case AP_TAR:
        ap->tar = value;
        return BUS_OK;
    case AP_DRW:
        return data_access(ap, at, true, &value);
    default:
        break;
    }
    if (reg >= AP_BD0 && reg <= AP_BD3)
        return ap->port.write(ap->port.ctx, at, (ap->tar & ~0xFu) + (reg - AP_BD0), 4, value);
    return BUS_OK;
}
