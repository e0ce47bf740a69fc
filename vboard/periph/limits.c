// SPDX-License-Identifier: MIT
// Operating limits, see limits.h.
#include "limits.h"

enum { MHZ = 1000000 };

// DS12110 "General operating conditions", revision V, by voltage scale 0..3.
static const uint32_t cpu_limit[] = {480 * MHZ, 400 * MHZ, 300 * MHZ, 200 * MHZ};
static const uint32_t axi_limit[] = {240 * MHZ, 200 * MHZ, 150 * MHZ, 100 * MHZ};

uint32_t limits_flash_hz(unsigned scale, uint32_t latency)
{
    static const uint16_t mhz[4][5] = {
        {70, 140, 210, 225, 240},
        {70, 140, 210, 225, 225},
        {55, 110, 165, 225, 225},
        {45, 90, 135, 180, 225},
    };
    return mhz[scale][latency > 4 ? 4 : latency] * (uint32_t)MHZ;
}

void limits_check(const struct periph_env *env, const struct pwr *pwr, uint32_t latency)
{
    unsigned scale = pwr_scale(pwr);
    uint32_t cpu = rcc_cpu_hz(env->rcc), axi = rcc_hclk3_hz(env->rcc);
    if (cpu > cpu_limit[scale] || axi > axi_limit[scale])
        report_event(env->report, env_now(env), "limits.voltage-scale",
                     "CPU at %lu Hz, AXI at %lu Hz: too fast for VOS scale %u", (unsigned long)cpu,
                     (unsigned long)axi, scale);
    if (axi > limits_flash_hz(scale, latency))
        report_event(env->report, env_now(env), "limits.flash-latency",
                     "AXI at %lu Hz, VOS scale %u: too fast for %lu flash wait states",
                     (unsigned long)axi, scale, (unsigned long)latency);
}
