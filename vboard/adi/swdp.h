// SPDX-License-Identifier: MIT
// The SW-DP of the STM32H743 (SWJ-DP in SWD mode, ADIv5.2 chapters B2 and B4) and its access ports.
// The probe drives it: bit sequences for line reset and protocol switch, and packets.
#pragma once
#include "memap.h"

enum swd_ack { SWD_OK = 1, SWD_WAIT = 2, SWD_FAULT = 4, SWD_NO_ACK = 7 };

enum { SWDP_APS = 3 };

struct swdp {
    struct vclock *clock;
    struct report *report;
    struct memap ap[SWDP_APS]; // the rest of APSEL 0..255 reads as zero
    bool attached;             // false: the cable is off or the board has no power, nobody answers
    // line state
    uint64_t shift;
    unsigned ones;
    bool swd_selected; // the switch sequence was seen; power-up leaves JTAG selected
    bool alive;        // a line reset was seen and nothing went wrong since
    bool need_dpidr;   // only a read of DPIDR is answered now
    // registers
    uint32_t ctrlstat, select, rdbuff, resend;
    uint32_t dlcr;
    bool hung; // an AP transaction never completes
};

// Start in the power-up state. The caller has filled clock, report and ap[].
void swdp_power_up(struct swdp *dp);
// A system reset ends a transaction that hung; the debug port keeps its registers.
void swdp_unhang(struct swdp *dp);
// Raw bits on SWDIO, least significant bit of data[0] first.
void swdp_sequence(struct swdp *dp, const uint8_t *data, unsigned bits);
// One packet. `request`: bit 0 APnDP, bit 1 RnW, bits 3:2 A[3:2] (as in CMSIS-DAP). `*value` is in
// or out. AP reads return the previous result, as on the wire (posted); RDBUFF gives the last.
enum swd_ack swdp_packet(struct swdp *dp, vt_t at, unsigned request, uint32_t *value);
