// SPDX-License-Identifier: MIT
// The SW-DP, see swdp.h. Behaviour: ADIv5.2 (ARM IHI 0031) B2.2 registers, B4 serial wire protocol.
#include "swdp.h"
#include "../report.h"

#define REQ_APNDP 1u
#define REQ_RNW   2u
#define REQ_A(r)  ((r)&0xCu)

#define DPIDR_VALUE    0x6BA02477u // STM32H743: Cortex-M7 SW-DP, DPv2
#define TARGETID_VALUE 0x04500041u // DEV_ID 0x450, STMicroelectronics
#define DLPIDR_VALUE   0x00000001u

#define CS_ORUNDETECT   (1u << 0)
#define CS_STICKYORUN   (1u << 1)
#define CS_TRNMODE      (3u << 2)
#define CS_STICKYCMP    (1u << 4)
#define CS_STICKYERR    (1u << 5)
#define CS_READOK       (1u << 6)
#define CS_WDATAERR     (1u << 7)
#define CS_MASKLANE     (0xFu << 8)
#define CS_TRNCNT       (0xFFFu << 12)
#define CS_CDBGRSTREQ   (1u << 26)
#define CS_CDBGRSTACK   (1u << 27)
#define CS_CDBGPWRUPREQ (1u << 28)
#define CS_CDBGPWRUPACK (1u << 29)
#define CS_CSYSPWRUPREQ (1u << 30)
#define CS_CSYSPWRUPACK (1u << 31)
#define CS_STICKY       (CS_STICKYORUN | CS_STICKYCMP | CS_STICKYERR | CS_WDATAERR)
#define CS_WRITABLE                                                                                \
    (CS_ORUNDETECT | CS_TRNMODE | CS_MASKLANE | CS_TRNCNT | CS_CDBGRSTREQ | CS_CDBGPWRUPREQ |      \
     CS_CSYSPWRUPREQ)

enum { LINE_RESET_ONES = 50, JTAG_TO_SWD = 0xE79E, SWD_TO_JTAG = 0xE73C };

void swdp_power_up(struct swdp *dp)
{
    dp->shift = 0;
    dp->ones = 0;
    dp->swd_selected = dp->alive = dp->need_dpidr = dp->hung = false;
    dp->ctrlstat = dp->select = dp->rdbuff = dp->resend = dp->dlcr = 0;
    for (unsigned i = 0; i < SWDP_APS; i++)
        memap_reset(&dp->ap[i]);
}

void swdp_unhang(struct swdp *dp)
{
    dp->hung = false;
}

void swdp_sequence(struct swdp *dp, const uint8_t *data, unsigned bits)
{
    for (unsigned i = 0; i < bits; i++) {
        unsigned bit = data[i / 8] >> (i % 8) & 1;
        dp->shift = dp->shift >> 1 | (uint64_t)bit << 63;
        dp->ones = bit ? dp->ones + 1 : 0;
        uint16_t last16 = (uint16_t)(dp->shift >> 48);
        if (last16 == JTAG_TO_SWD) {
            dp->swd_selected = true;
            dp->alive = false;
        } else if (last16 == SWD_TO_JTAG) {
            dp->swd_selected = dp->alive = false;
        }
        if (dp->ones >= LINE_RESET_ONES && dp->swd_selected) {
            dp->alive = dp->need_dpidr = true;
            dp->select &= ~0xFu; // a line reset clears DPBANKSEL (B4.3.3)
        }
    }
}

// The line is out of step: no answer until the next line reset (B4.2.5).
static enum swd_ack protocol_error(struct swdp *dp, const char *why)
{
    if (dp->alive)
        report_event(dp->report, dp->clock->now, "swd.protocol-error", "%s", why);
    dp->alive = false;
    return SWD_NO_ACK;
}

static void write_ctrlstat(struct swdp *dp, uint32_t value)
{
    uint32_t keep = dp->ctrlstat & (CS_STICKY | CS_READOK);
    uint32_t cs = (value & CS_WRITABLE) | keep;
    if (cs & CS_CDBGPWRUPREQ)
        cs |= CS_CDBGPWRUPACK;
    if (cs & CS_CSYSPWRUPREQ)
        cs |= CS_CSYSPWRUPACK;
    if (cs & CS_CDBGRSTREQ)
        cs |= CS_CDBGRSTACK;
    dp->ctrlstat = cs;
}

static void write_abort(struct swdp *dp, uint32_t value)
{
    if (value & 2)
        dp->ctrlstat &= ~CS_STICKYCMP;
    if (value & 4)
        dp->ctrlstat &= ~CS_STICKYERR;
    if (value & 8)
        dp->ctrlstat &= ~CS_WDATAERR;
    if (value & 16)
        dp->ctrlstat &= ~CS_STICKYORUN;
    if (value & 1)
        dp->hung = false; // DAPABORT: the AP gives up; what hangs behind it still hangs
}

static enum swd_ack dp_read(struct swdp *dp, unsigned a, uint32_t *value)
{
    switch (a) {
    case 0x0:
        *value = DPIDR_VALUE;
        return SWD_OK;
    case 0x4:
        switch (dp->select & 0xF) {
        case 0:
            *value = dp->ctrlstat;
            return SWD_OK;
        case 1:
            *value = dp->dlcr;
            return SWD_OK;
        case 2:
            *value = TARGETID_VALUE;
            return SWD_OK;
        case 3:
            *value = DLPIDR_VALUE;
            return SWD_OK;
        default:
            *value = 0;
            return SWD_OK;
        }
    case 0x8:
        *value = dp->resend;
        return SWD_OK;
    default:
        if (dp->ctrlstat & CS_STICKY)
            return SWD_FAULT;
        if (dp->hung)
            return SWD_WAIT;
        *value = dp->rdbuff;
        return SWD_OK;
    }
}

static enum swd_ack dp_write(struct swdp *dp, unsigned a, uint32_t value)
{
    switch (a) {
    case 0x0:
        write_abort(dp, value);
        return SWD_OK;
    case 0x4:
        if (dp->hung)
            return SWD_WAIT;
        if ((dp->select & 0xF) == 0)
            write_ctrlstat(dp, value);
        else if ((dp->select & 0xF) == 1)
            dp->dlcr = value & 0x300; // TURNROUND
        return SWD_OK;
    case 0x8:
        if (dp->hung)
            return SWD_WAIT;
        if (dp->ctrlstat & CS_STICKY)
            return SWD_FAULT;
        dp->select = value;
        return SWD_OK;
    default:
        return SWD_OK; // TARGETSEL matters in multi-drop only
    }
}

static enum swd_ack ap_access(struct swdp *dp, vt_t at, bool read, unsigned a, uint32_t *value)
{
    if (dp->ctrlstat & CS_STICKY)
        return SWD_FAULT;
    if (dp->hung)
        return SWD_WAIT;
    if (!(dp->ctrlstat & CS_CDBGPWRUPREQ)) {
        report_event(dp->report, at, "dp.not-powered", "AP access without CDBGPWRUPREQ");
        dp->ctrlstat |= CS_STICKYERR;
        return SWD_FAULT;
    }
    unsigned apsel = dp->select >> 24;
    unsigned reg = (dp->select & 0xF0) | a;
    uint32_t result = read ? 0 : *value;
    enum bus_result r = BUS_OK;
    if (apsel < SWDP_APS)
        r = read ? memap_read(&dp->ap[apsel], at, reg, &result)
                 : memap_write(&dp->ap[apsel], at, reg, result);
    if (r == BUS_FAULT)
        dp->ctrlstat |= CS_STICKYERR; // the packet itself was accepted; the next one sees it
    else if (r == BUS_HANG)
        dp->hung = true;
    if (read) {
        *value = dp->rdbuff; // posted: this packet carries the result of the one before
        dp->rdbuff = dp->resend = r == BUS_OK ? result : 0;
    }
    return SWD_OK;
}

enum swd_ack swdp_packet(struct swdp *dp, vt_t at, unsigned request, uint32_t *value)
{
    bool read = request & REQ_RNW, ap = request & REQ_APNDP;
    unsigned a = REQ_A(request);

    dp->ones = 0;
    if (!dp->attached || !dp->swd_selected || !dp->alive)
        return SWD_NO_ACK;
    if (dp->need_dpidr) {
        if (ap || !read || a != 0)
            return protocol_error(dp, "first packet after a line reset was no read of DPIDR");
        dp->need_dpidr = false;
    }
    enum swd_ack ack = ap     ? ap_access(dp, at, read, a, value)
                       : read ? dp_read(dp, a, value)
                              : dp_write(dp, a, *value);
    if (ack != SWD_OK && (dp->ctrlstat & CS_ORUNDETECT))
        dp->ctrlstat |= CS_STICKYORUN;
    return ack;
}
