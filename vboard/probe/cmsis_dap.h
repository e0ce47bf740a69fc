// SPDX-License-Identifier: MIT
// A CMSIS-DAP v1 debug probe: takes command packets, drives the SWD line, and knows how long it all
// takes. The USB side (vboard/front/hidapi.c) hands packets in and takes replies out.
#pragma once
#include "../adi/swdp.h"

enum { DAP_PACKET_MAX = 512 };

// Speed of a probe, calibrated against published load_image rates (docs/virtual-board.md).
struct probe_profile {
    const char *name;
    unsigned packet_size;  // HID report, bytes
    unsigned packet_count; // packets the probe buffers
    vt_t usb_interval;     // one interrupt transfer in each direction per this time
    vt_t transfer_min;     // the probe's own work for one SWD packet, overlapping its shifting
    vt_t command_cost;     // the probe's own work for a command packet
};

const struct probe_profile *probe_profile_find(const char *name); // NULL if unknown
extern const struct probe_profile probe_profiles[];
extern const unsigned probe_profiles_count;

struct cmsis_dap {
    const struct probe_profile *profile;
    struct swdp *dp;
    void (*nreset)(void *ctx, vt_t at, bool asserted); // the probe's nRESET line; may be NULL
    void *nreset_ctx;
    bool nreset_low;
    uint32_t swclk_hz;
    unsigned idle_cycles, wait_retry, match_retry;
    uint32_t match_mask;
    vt_t t;                  // the probe's own time while it works on a command
    uint64_t packets, waits; // SWD packets sent, WAIT answers seen
};

void cmsis_dap_init(struct cmsis_dap *d, const struct probe_profile *profile, struct swdp *dp);
// Carry out one command packet that arrived at `start`. Fills `reply` (DAP_PACKET_MAX bytes),
// returns its length; `*done` is when the reply is ready in the probe.
unsigned cmsis_dap_command(struct cmsis_dap *d, vt_t start, const uint8_t *request, unsigned length,
                           uint8_t *reply, vt_t *done);
