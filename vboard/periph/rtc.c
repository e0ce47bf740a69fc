// SPDX-License-Identifier: MIT
// The real-time clock, see rtc.h. Its clock and its registers live in the backup domain: writes
// need PWR_CR1.DBP and the key in WPR. The register clock (APB4ENR.RTCAPBEN) is not asked for: SVD
// and RM0433 disagree on its reset value (docs/reset-values.md).
#include "rtc.h"
#include "../../driver/stm32h7_regs.h"
#include <stdlib.h>
#include <string.h>

#define WORD(r, address) ((r)->reg[((address)-RTC_BASE) / 4])

enum {
    ISR_ALRAWF = 0x1,
    ISR_ALRBWF = 0x2,
    ISR_WUTWF = 0x4,
    ISR_INITS = 0x10,
    ISR_RSF = 0x20,
    ISR_INITF = 0x40,
    ISR_INIT = 0x80,
    ISR_FLAGS = 0x3FF00, // ALRAF .. RECALPF, cleared by 0
    CR_BYPSHAD = 0x20,
    CR_ALRAE = 0x100,
    CR_ALRBE = 0x200,
    CR_WUTE = 0x400,
    WORDS = 0xD0 / 4,
    SYNC_CYCLES = 2,
};

struct rtc {
    struct periph_env env;
    uint32_t reg[WORDS];
    unsigned key_step;
    bool writable;          // WPR unlocked
    uint32_t seconds, days; // calendar at `since`; days since 2000-01-01
    unsigned weekday;       // 1 = Monday
    vt_t since;
    bool was_running;             // the calendar moved at `since`
    vt_t init_at, rsf_at, wut_at; // when the flags come
};

static unsigned from_bcd(uint32_t v)
{
    return v / 16 * 10 + v % 16;
}

static uint32_t to_bcd(unsigned v)
{
    return v / 10 * 16 + v % 10;
}

static bool running(const struct rtc *r)
{
    return rcc_rtc_hz(r->env.rcc) != 0;
}

static vt_t in_cycles(const struct rtc *r, unsigned cycles)
{
    uint32_t hz = rcc_rtc_hz(r->env.rcc);
    return hz ? env_now(&r->env) + vt_cycles(cycles, hz) : VT_NEVER;
}

// ---- calendar
// -------------------------------------------------------------------------------------

static unsigned month_days(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 1 && year % 4 == 0 ? 29 : days[month % 12];
}

// Length of one calendar second by the prescalers; 0 = stands still.
static vt_t second_time(const struct rtc *r)
{
    uint32_t hz = rcc_rtc_hz(r->env.rcc), prer = WORD(r, RTC_PRER);
    if (!hz || (WORD(r, RTC_ISR) & ISR_INIT))
        return 0;
    return vt_cycles((uint64_t)((prer >> 16 & 0x7F) + 1) * ((prer & 0x7FFF) + 1), hz);
}

static void advance(struct rtc *r)
{
    vt_t second = second_time(r), now = env_now(&r->env);
    if (!second || !r->was_running) {
        r->since = now;
        r->was_running = second != 0;
        return;
    }
    uint64_t passed = (now - r->since) / second;
    r->since += passed * second;
    uint64_t total = r->seconds + passed;
    r->seconds = (uint32_t)(total % 86400);
    r->days += (uint32_t)(total / 86400);
    r->weekday = (unsigned)((r->weekday - 1 + total / 86400) % 7 + 1);
}

static uint32_t read_tr(const struct rtc *r)
{
    return to_bcd(r->seconds / 3600) << 16 | to_bcd(r->seconds / 60 % 60) << 8 |
           to_bcd(r->seconds % 60);
}

static uint32_t read_dr(const struct rtc *r)
{
    unsigned year = 0, month = 0, day = r->days;
    for (; day >= (year % 4 ? 365u : 366u); year++)
        day -= year % 4 ? 365 : 366;
    for (; day >= month_days(year, month); month++)
        day -= month_days(year, month);
    return to_bcd(year % 100) << 16 | r->weekday << 13 | to_bcd(month + 1) << 8 | to_bcd(day + 1);
}

static void write_tr(struct rtc *r, uint32_t v)
{
    unsigned hour = from_bcd(v >> 16 & 0x3F);
    if (v & 0x400000)
        hour = hour % 12 + 12; // PM
    r->seconds = (hour * 3600 + from_bcd(v >> 8 & 0x7F) * 60 + from_bcd(v & 0x7F)) % 86400;
}

static void write_dr(struct rtc *r, uint32_t v)
{
    unsigned year = from_bcd(v >> 16 & 0xFF), month = from_bcd(v >> 8 & 0x1F);
    r->days = 0;
    for (unsigned y = 0; y < year; y++)
        r->days += y % 4 ? 365 : 366;
    for (unsigned m = 0; m + 1 < month; m++)
        r->days += month_days(year, m);
    r->days += from_bcd(v & 0x3F) ? from_bcd(v & 0x3F) - 1 : 0;
    r->weekday = v >> 13 & 7 ? v >> 13 & 7 : 1;
}

// ---- registers
// ------------------------------------------------------------------------------------

static uint32_t read_isr(const struct rtc *r)
{
    uint32_t isr = WORD(r, RTC_ISR) & (ISR_INIT | ISR_FLAGS), cr = WORD(r, RTC_CR);
    vt_t now = env_now(&r->env);
    if ((isr & ISR_INIT) && r->init_at <= now)
        isr |= ISR_INITF;
    if (!(isr & ISR_INIT) && r->rsf_at <= now && !(cr & CR_BYPSHAD))
        isr |= ISR_RSF;
    if (r->days >= 366) // the year is not 0
        isr |= ISR_INITS;
    if (!(cr & CR_ALRAE))
        isr |= ISR_ALRAWF;
    if (!(cr & CR_ALRBE))
        isr |= ISR_ALRBWF;
    if (!(cr & CR_WUTE) && r->wut_at <= now)
        isr |= ISR_WUTWF;
    return isr;
}

// The clock source came or went: flags that wait for RTC clock cycles start to move.
static void clock_changed(void *ctx)
{
    struct rtc *r = ctx;
    advance(r);
    if (!running(r))
        return;
    if (r->init_at == VT_NEVER && (WORD(r, RTC_ISR) & ISR_INIT))
        r->init_at = in_cycles(r, SYNC_CYCLES);
    if (r->rsf_at == VT_NEVER)
        r->rsf_at = in_cycles(r, SYNC_CYCLES);
    if (r->wut_at == VT_NEVER)
        r->wut_at = in_cycles(r, SYNC_CYCLES);
}

static uint32_t read_reg(struct rtc *r, uint32_t address)
{
    clock_changed(r);
    switch (address) {
    case RTC_TR:
        return read_tr(r);
    case RTC_DR:
        return read_dr(r);
    case RTC_ISR:
        return read_isr(r);
    default:
        return WORD(r, address);
    }
}

static enum bus_result rtc_read(void *ctx, uint32_t offset, unsigned size, uint32_t *value)
{
    *value = 0;
    if (offset / 4 < WORDS)
        *value = reg_extract(read_reg(ctx, RTC_BASE + (offset & ~3u)), offset, size);
    return BUS_OK;
}

static void write_isr(struct rtc *r, uint32_t v)
{
    uint32_t old = WORD(r, RTC_ISR);
    WORD(r, RTC_ISR) = (old & v & ISR_FLAGS) | (v & ISR_INIT);
    if (v & ~old & ISR_INIT)
        r->init_at = in_cycles(r, SYNC_CYCLES);
    if (!(v & ISR_RSF) || (old & ~v & ISR_INIT))
        r->rsf_at = in_cycles(r, SYNC_CYCLES);
}

static bool in_init_mode(const struct rtc *r)
{
    return read_isr(r) & ISR_INITF;
}

static void write_key(struct rtc *r, uint32_t key)
{
    r->writable = r->key_step == 1 && key == 0x53;
    r->key_step = key == 0xCA;
}

static bool may_write(const struct rtc *r, uint32_t address)
{
    bool calendar = address == RTC_TR || address == RTC_DR || address == RTC_PRER;
    if (!rcc_backup_access(r->env.rcc))
        return false;
    if (address >= RTC_BKP0R) // backup registers have no key
        return true;
    return r->writable && (!calendar || in_init_mode(r));
}

static void write_reg(struct rtc *r, uint32_t address, uint32_t v)
{
    uint32_t old = WORD(r, address);
    switch (address) {
    case RTC_TR:
        write_tr(r, v);
        r->since = env_now(&r->env);
        return;
    case RTC_DR:
        write_dr(r, v);
        return;
    case RTC_ISR:
        write_isr(r, v);
        advance(r);
        return;
    default:
        WORD(r, address) = v;
        if (address == RTC_CR && (old & ~v & CR_WUTE))
            r->wut_at = in_cycles(r, SYNC_CYCLES);
    }
}

static enum bus_result rtc_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    struct rtc *r = ctx;
    uint32_t address = RTC_BASE + (offset & ~3u);
    if (offset / 4 >= WORDS)
        return BUS_OK;
    if (address == RTC_WPR) {
        write_key(r, value & 0xFF);
        return BUS_OK;
    }
    if (!may_write(r, address)) {
        report_event(r->env.report, env_now(&r->env), "rtc.write-protected",
                     "RTC+0x%x written without DBP, key or INITF: ignored", (unsigned)offset);
        return BUS_OK;
    }
    write_reg(r, address, reg_merge(read_reg(r, address), offset, size, value));
    return BUS_OK;
}

static vt_t rtc_next_event(void *ctx)
{
    const struct rtc *r = ctx;
    vt_t now = env_now(&r->env), second = second_time(r), next = VT_NEVER;
    const vt_t at[] = {r->init_at, r->rsf_at, r->wut_at};
    for (unsigned i = 0; i < sizeof(at) / sizeof(*at); i++)
        if (at[i] > now && at[i] < next)
            next = at[i];
    if (second) {
        vt_t t = r->since + ((now - r->since) / second + 1) * second;
        next = t < next ? t : next;
    }
    return next;
}

static void backup_reset(void *ctx)
{
    struct rtc *r = ctx;
    memset(r->reg, 0, sizeof(r->reg));
    WORD(r, RTC_PRER) = 0x007F00FF;
    WORD(r, RTC_WUTR) = 0x0000FFFF;
    r->seconds = r->days = 0;
    r->weekday = 1;
    r->since = env_now(&r->env);
    r->was_running = false;
    r->init_at = r->rsf_at = VT_NEVER;
    r->wut_at = 0;
    r->writable = false;
    r->key_step = 0;
}

static void rtc_reset(void *ctx, enum reset_kind kind)
{
    struct rtc *r = ctx;
    advance(r);
    if (kind == RESET_POWER)
        backup_reset(r);
    WORD(r, RTC_ISR) &= ~(uint32_t)ISR_INIT;
    r->writable = false;
    r->key_step = 0;
    r->rsf_at = in_cycles(r, SYNC_CYCLES); // the shadow registers are read anew
}

struct rtc *rtc_new(const struct periph_env *env)
{
    struct rtc *r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    r->env = *env;
    backup_reset(r);
    rcc_on_backup_reset(env->rcc, backup_reset, r);
    rcc_on_change(env->rcc, clock_changed, r);
    return r;
}

void rtc_free(struct rtc *r)
{
    free(r);
}

struct bus_device rtc_device(struct rtc *r)
{
    return (struct bus_device){.name = "RTC",
                               .base = RTC_BASE,
                               .size = 0x400,
                               .ctx = r,
                               .read = rtc_read,
                               .write = rtc_write,
                               .reset = rtc_reset,
                               .next_event = rtc_next_event};
}
