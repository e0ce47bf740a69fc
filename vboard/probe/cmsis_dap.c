// SPDX-License-Identifier: MIT
// A CMSIS-DAP v1 debug probe, see cmsis_dap.h. Commands: Arm's "CMSIS-DAP Firmware" reference.
#include "cmsis_dap.h"
#include <string.h>
#include <strings.h>

enum {
    ID_INFO = 0x00,
    ID_HOST_STATUS = 0x01,
    ID_CONNECT = 0x02,
    ID_DISCONNECT = 0x03,
    ID_TRANSFER_CONFIGURE = 0x04,
    ID_TRANSFER = 0x05,
    ID_TRANSFER_BLOCK = 0x06,
    ID_TRANSFER_ABORT = 0x07,
    ID_WRITE_ABORT = 0x08,
    ID_DELAY = 0x09,
    ID_RESET_TARGET = 0x0A,
    ID_SWJ_PINS = 0x10,
    ID_SWJ_CLOCK = 0x11,
    ID_SWJ_SEQUENCE = 0x12,
    ID_SWD_CONFIGURE = 0x13,
    ID_SWD_SEQUENCE = 0x1D,
};

enum { DAP_OK = 0x00, DAP_ERROR = 0xFF, PORT_SWD = 1 };

enum {
    REQ_APNDP = 1 << 0,
    REQ_RNW = 1 << 1,
    REQ_MATCH_VALUE = 1 << 4,
    REQ_MATCH_MASK = 1 << 5,
    REQ_BITS = 0xF,
    REQ_RDBUFF = 0xC | REQ_RNW,
};

enum { RESULT_MISMATCH = 1 << 4, RESULT_PROTOCOL = 1 << 3 };

// SWD packet: 8 request + 1 turn + 3 ack + 1 turn + 32 data + 1 parity
enum { SWD_PACKET_CLOCKS = 46 };

// Full speed: 64-byte reports each 1 ms. High speed: 512-byte reports each 125 us; its firmware
// needs 9.34 us a packet of SWD, which is what bounds the published rates of such probes.
const struct probe_profile probe_profiles[] = {
    {"full-speed", 64, 4, 1 * VT_MS, 1500 * VT_NS, 20 * VT_US},
    {"high-speed", 512, 4, 125 * VT_US, 9340 * VT_NS, 10 * VT_US},
};
const unsigned probe_profiles_count = sizeof(probe_profiles) / sizeof(probe_profiles[0]);

const struct probe_profile *probe_profile_find(const char *name)
{
    for (unsigned i = 0; i < probe_profiles_count; i++)
        if (strcasecmp(probe_profiles[i].name, name) == 0)
            return &probe_profiles[i];
    return NULL;
}

void cmsis_dap_init(struct cmsis_dap *d, const struct probe_profile *profile, struct swdp *dp)
{
    *d = (struct cmsis_dap){.profile = profile, .dp = dp, .swclk_hz = 1000000, .wait_retry = 100};
}

static uint32_t get_le32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_le32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static unsigned get_le16(const uint8_t *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

static void spend_clocks(struct cmsis_dap *d, unsigned clocks)
{
    d->t += vt_cycles(clocks, d->swclk_hz);
}

// One SWD packet with the WAIT retries that the host configured.
static enum swd_ack packet(struct cmsis_dap *d, unsigned request, uint32_t *value)
{
    enum swd_ack ack;
    unsigned tries = 0;
    uint32_t in = *value;
    do {
        *value = in;
        vt_t shift = vt_cycles(SWD_PACKET_CLOCKS + d->idle_cycles, d->swclk_hz);
        d->t += shift > d->profile->transfer_min ? shift : d->profile->transfer_min;
        ack = swdp_packet(d->dp, d->t, request, value);
        d->packets++;
        // the access port answers when its bus has answered
        if (request & REQ_APNDP && d->dp->clock->now > d->t)
            d->t = d->dp->clock->now;
        d->waits += ack == SWD_WAIT;
    } while (ack == SWD_WAIT && tries++ < d->wait_retry);
    return ack;
}

// A whole read as the host means it: AP reads are posted, so RDBUFF fetches the value.
static enum swd_ack read_value(struct cmsis_dap *d, unsigned request, uint32_t *value)
{
    enum swd_ack ack = packet(d, request & REQ_BITS, value);
    if (ack == SWD_OK && request & REQ_APNDP)
        ack = packet(d, REQ_RDBUFF, value);
    return ack;
}

static enum swd_ack read_match(struct cmsis_dap *d, unsigned request, uint32_t want, bool *mismatch)
{
    enum swd_ack ack;
    unsigned tries = 0;
    uint32_t value = 0;
    do {
        ack = read_value(d, request, &value);
        *mismatch = (value & d->match_mask) != want;
    } while (ack == SWD_OK && *mismatch && tries++ < d->match_retry);
    return ack;
}

static uint8_t ack_byte(enum swd_ack ack)
{
    return ack == SWD_NO_ACK ? 7 | RESULT_PROTOCOL : (uint8_t)ack;
}

static unsigned do_transfer(struct cmsis_dap *d, const uint8_t *req, unsigned length,
                            uint8_t *reply)
{
    const uint8_t *p = req + 3, *end = req + length;
    unsigned count = length > 2 ? req[2] : 0, done = 0, out = 3;
    enum swd_ack ack = SWD_OK;
    bool mismatch = false, posted = false, wrote_last = false;

    while (done < count && p < end) {
        unsigned request = *p++;
        bool read = request & REQ_RNW;
        uint32_t value = 0;
        if (!read || request & REQ_MATCH_VALUE) {
            if (end - p < 4)
                break;
            value = get_le32(p);
            p += 4;
        }
        wrote_last = !read && !(request & REQ_MATCH_MASK);
        bool plain_ap_read = read && request & REQ_APNDP && !(request & REQ_MATCH_VALUE);
        if (posted && !plain_ap_read) { // fetch the last posted value before anything else
            uint32_t last = 0;
            ack = packet(d, REQ_RDBUFF, &last);
            posted = false;
            if (ack != SWD_OK)
                break;
            put_le32(reply + out, last);
            out += 4;
        }
        if (read && request & REQ_MATCH_VALUE) {
            ack = read_match(d, request, value, &mismatch);
        } else if (plain_ap_read) {
            ack = packet(d, request & REQ_BITS, &value);
            if (ack == SWD_OK && posted) {
                put_le32(reply + out, value);
                out += 4;
            }
            posted = ack == SWD_OK;
        } else if (read) {
            ack = packet(d, request & REQ_BITS, &value);
            if (ack == SWD_OK) {
                put_le32(reply + out, value);
                out += 4;
            }
        } else if (request & REQ_MATCH_MASK) {
            d->match_mask = value;
        } else {
            ack = packet(d, request & REQ_BITS, &value);
        }
        if (ack != SWD_OK || mismatch)
            break;
        done++;
    }
    if (ack == SWD_OK && posted) {
        uint32_t last = 0;
        ack = packet(d, REQ_RDBUFF, &last);
        if (ack == SWD_OK) {
            put_le32(reply + out, last);
            out += 4;
        }
    } else if (ack == SWD_OK && !mismatch && wrote_last) {
        // the firmware reads RDBUFF after a final write, so that its error shows in this reply
        uint32_t last = 0;
        ack = packet(d, REQ_RDBUFF, &last);
    }
    reply[1] = (uint8_t)done;
    reply[2] = (uint8_t)(ack_byte(ack) | (mismatch ? RESULT_MISMATCH : 0));
    return out;
}

static unsigned do_transfer_block(struct cmsis_dap *d, const uint8_t *req, unsigned length,
                                  uint8_t *reply)
{
    unsigned count = get_le16(req + 2), request = req[4], done = 0, out = 4;
    const uint8_t *p = req + 5, *end = req + length;
    bool read = request & REQ_RNW, ap = request & REQ_APNDP;
    enum swd_ack ack = SWD_OK;
    uint32_t value = 0;

    if (read && ap && count) // first posted read
        ack = packet(d, request & REQ_BITS, &value);
    while (ack == SWD_OK && done < count) {
        if (read) {
            if (out + 4 > d->profile->packet_size)
                break;
            bool last = done + 1 == count;
            ack = packet(d, ap && last ? REQ_RDBUFF : request & REQ_BITS, &value);
            if (ack != SWD_OK)
                break;
            put_le32(reply + out, value);
            out += 4;
        } else {
            if (end - p < 4)
                break;
            value = get_le32(p);
            p += 4;
            ack = packet(d, request & REQ_BITS, &value);
            if (ack != SWD_OK)
                break;
        }
        done++;
    }
    if (ack == SWD_OK && !read && done)
        ack = packet(d, REQ_RDBUFF, &value);
    reply[1] = (uint8_t)done;
    reply[2] = (uint8_t)(done >> 8);
    reply[3] = ack_byte(ack);
    return out;
}

static unsigned info_string(uint8_t *reply, const char *text)
{
    size_t n = strlen(text) + 1;
    reply[1] = (uint8_t)n;
    memcpy(reply + 2, text, n);
    return 2 + (unsigned)n;
}

static unsigned do_info(struct cmsis_dap *d, unsigned id, uint8_t *reply)
{
    switch (id) {
    case 0x01:
        return info_string(reply, "stmqspi-kit");
    case 0x02:
        return info_string(reply, "Virtual board CMSIS-DAP");
    case 0x03:
        return info_string(reply, "VB000001");
    case 0x04:
        return info_string(reply, "1.3.0");
    case 0xF0: // capabilities: SWD only
        reply[1] = 1;
        reply[2] = 0x01;
        return 3;
    case 0xFE:
        reply[1] = 1;
        reply[2] = (uint8_t)d->profile->packet_count;
        return 3;
    case 0xFF:
        reply[1] = 2;
        reply[2] = (uint8_t)d->profile->packet_size;
        reply[3] = (uint8_t)(d->profile->packet_size >> 8);
        return 4;
    default:
        reply[1] = 0;
        return 2;
    }
}

static void set_nreset(struct cmsis_dap *d, bool low)
{
    if (low == d->nreset_low)
        return;
    d->nreset_low = low;
    if (d->nreset)
        d->nreset(d->nreset_ctx, d->t, low);
}

// DAP_SWJ_Pins: only nRESET (bit 7) can be moved; SWCLK and SWDIO read as driven.
static unsigned do_swj_pins(struct cmsis_dap *d, const uint8_t *req, uint8_t *reply)
{
    if (req[2] & 0x80)
        set_nreset(d, !(req[1] & 0x80));
    d->t += (vt_t)get_le32(req + 3) * VT_US;
    reply[1] = (uint8_t)(0x03 | (d->nreset_low ? 0 : 0x80));
    return 2;
}

// DAP_SWD_Sequence: only output sequences have a meaning for the line state machine.
static unsigned do_swd_sequence(struct cmsis_dap *d, const uint8_t *req, unsigned length,
                                uint8_t *reply)
{
    unsigned count = req[1], in = 2, out = 2;
    reply[1] = DAP_OK;
    while (count-- && in < length) {
        unsigned info = req[in++], bits = info & 0x3F ? info & 0x3F : 64, bytes = (bits + 7) / 8;
        spend_clocks(d, bits);
        if (info & 0x80) {
            memset(reply + out, 0xFF, bytes);
            out += bytes;
        } else {
            if (in + bytes > length)
                break;
            swdp_sequence(d->dp, req + in, bits);
            in += bytes;
        }
    }
    return out;
}

static unsigned dispatch(struct cmsis_dap *d, const uint8_t *req, unsigned length, uint8_t *reply)
{
    reply[0] = req[0];
    reply[1] = DAP_OK;
    switch (req[0]) {
    case ID_INFO:
        return do_info(d, req[1], reply);
    case ID_HOST_STATUS:
    case ID_SWD_CONFIGURE:
    case ID_DISCONNECT:
        return 2;
    case ID_CONNECT:
        reply[1] = req[1] == 0 || req[1] == PORT_SWD ? PORT_SWD : 0;
        return 2;
    case ID_TRANSFER_CONFIGURE:
        d->idle_cycles = req[1];
        d->wait_retry = get_le16(req + 2);
        d->match_retry = get_le16(req + 4);
        return 2;
    case ID_TRANSFER:
        return do_transfer(d, req, length, reply);
    case ID_TRANSFER_BLOCK:
        return do_transfer_block(d, req, length, reply);
    case ID_WRITE_ABORT: {
        uint32_t value = get_le32(req + 2);
        packet(d, 0, &value);
        return 2;
    }
    case ID_DELAY:
        d->t += get_le16(req + 1) * VT_US;
        return 2;
    case ID_RESET_TARGET:
        reply[2] = 0; // no device specific reset sequence
        return 3;
    case ID_SWJ_PINS:
        return do_swj_pins(d, req, reply);
    case ID_SWJ_CLOCK:
        if (get_le32(req + 1) == 0)
            reply[1] = DAP_ERROR;
        else
            d->swclk_hz = get_le32(req + 1);
        return 2;
    case ID_SWJ_SEQUENCE: {
        unsigned bits = req[1] ? req[1] : 256;
        if (length < 2 + (bits + 7) / 8) {
            reply[1] = DAP_ERROR;
            return 2;
        }
        swdp_sequence(d->dp, req + 2, bits);
        spend_clocks(d, bits);
        return 2;
    }
    case ID_SWD_SEQUENCE:
        return do_swd_sequence(d, req, length, reply);
    default:
        reply[0] = DAP_ERROR; // unknown command
        return 1;
    }
}

unsigned cmsis_dap_command(struct cmsis_dap *d, vt_t start, const uint8_t *request, unsigned length,
                           uint8_t *reply, vt_t *done)
{
    uint8_t padded[DAP_PACKET_MAX] = {0}; // short packets: missing bytes read as zero
    if (length > sizeof(padded))
        length = sizeof(padded);
    memcpy(padded, request, length);
    d->t = start + d->profile->command_cost;
    memset(reply, 0, DAP_PACKET_MAX);
    unsigned n = length ? dispatch(d, padded, length, reply) : 0;
    *done = d->t;
    return n;
}
