// SPDX-License-Identifier: MIT
// Putting the board together, see board.h.
#include "board.h"
#include "firmware.h"
#include "../driver/stm32h7_regs.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define APBD_BASE   0xE00E0000u
#define DBGMCU_APB  0xE00E1000u
#define BOOT_VECTOR 0x08000000u

// NVIC position of the QUADSPI global interrupt, RM0433 table "NVIC"
enum { QUADSPI_IRQ = 92 };

// ---- what the layers ask of the board ----

static uint32_t cpu_hz(void *ctx)
{
    return rcc_cpu_hz(((struct board *)ctx)->rcc);
}

static void clocks_changed(void *ctx)
{
    struct board *b = ctx;
    if (b->core) {
        core_clock_changed(b->core);
        core_map_changed(b->core); // the D2 SRAMs come and go with their clocks
    }
}

static void window_changed(void *ctx)
{
    struct board *b = ctx;
    bool open = quadspi_window_open(b->quadspi);
    if (b->core && open != b->window_open)
        core_map_changed(b->core);
    b->window_open = open;
}

static void irq_changed(void *ctx, unsigned irq, bool level)
{
    struct board *b = ctx;
    if (b->core)
        core_irq(b->core, irq, level);
}

static void system_reset(void *ctx)
{
    struct board *b = ctx;
    bus_reset(&b->bus, RESET_SYSTEM);
    rcc_set_reset_flags(b->rcc, b->reset_cause);
    b->reset_cause = RCC_RSR_SFTRSTF | RCC_RSR_CPURSTF;
    swdp_unhang(&b->dp);
    core_reset(b->core, false);
}

static void watchdog_fired(void *ctx, uint32_t rsr)
{
    struct board *b = ctx;
    report_event(b->report, b->clock.now, "board.watchdog-reset", "a watchdog reset the MCU");
    b->reset_cause = rsr;
    core_request_reset(b->core);
}

static void debug_state(void *ctx, bool halted)
{
    periphs_core_halted(((struct board *)ctx)->periphs, halted);
}

static void flash_changed(void *ctx, uint32_t addr, uint32_t size)
{
    struct board *b = ctx;
    if (b->core)
        core_code_changed(b->core, addr, size);
}

static void nreset(void *ctx, vt_t at, bool low)
{
    struct board *b = ctx;
    core_run_until(b->core, at);
    if (low) {
        b->reset_cause = RCC_RSR_PINRSTF;
        system_reset(b);
    }
    core_hold(b->core, low);
}

// ---- memories ----

static bool sram_clocked(void *ctx, unsigned bit)
{
    return rcc_enabled(((struct board *)ctx)->rcc, RCC_AHB2, bit);
}

static bool sram1_clocked(void *ctx)
{
    return sram_clocked(ctx, 29);
}

static bool sram2_clocked(void *ctx)
{
    return sram_clocked(ctx, 30);
}

static bool sram3_clocked(void *ctx)
{
    return sram_clocked(ctx, 31);
}

static bool add_ram(struct board *b, const char *name, uint32_t base, uint32_t size,
                    bool (*clocked)(void *))
{
    uint8_t *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED)
        return false;
    // power-up contents are no zeros: what relies on cleared RAM must fail here too
    uint32_t noise = base ^ b->scenario.seed * 2654435761u;
    for (uint32_t i = 0; i < size; i++) {
        noise = noise * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(noise >> 24);
    }
    struct bus_memory m = {name, base, size, bytes, NULL, clocked, b};
    bus_add_memory(&b->bus, &m);
    b->ram[b->rams++] = bytes;
    return true;
}

static bool add_rams(struct board *b)
{
    return add_ram(b, "ITCM", 0x00000000, 0x10000, NULL) &&
           add_ram(b, "DTCM", 0x20000000, 0x20000, NULL) &&
           add_ram(b, "AXI SRAM", 0x24000000, 0x80000, NULL) &&
           add_ram(b, "SRAM1", 0x30000000, 0x20000, sram1_clocked) &&
           add_ram(b, "SRAM2", 0x30020000, 0x20000, sram2_clocked) &&
           add_ram(b, "SRAM3", 0x30040000, 0x8000, sram3_clocked) &&
           add_ram(b, "SRAM4", 0x38000000, 0x10000, NULL) &&
           add_ram(b, "backup SRAM", 0x38800000, 0x1000, NULL);
}

// ---- the debug port's AP2 ----

static enum bus_result apbd_access(struct board *b, vt_t at, uint32_t addr, bool write,
                                   uint32_t *value)
{
    core_run_until(b->core, at);
    if (addr - APBD_BASE >= sizeof(b->apbd))
        return BUS_FAULT;
    if (addr - DBGMCU_APB < 0x1000) {
        struct bus_device d = periphs_dbgmcu_apb(b->periphs);
        return write ? d.write(d.ctx, addr - DBGMCU_APB, 4, *value)
                     : d.read(d.ctx, addr - DBGMCU_APB, 4, value);
    }
    uint32_t *word = &b->apbd[(addr - APBD_BASE) / 4];
    if (write)
        *word = *value;
    else
        *value = *word;
    return BUS_OK;
}

static enum bus_result apbd_read(void *ctx, vt_t at, uint32_t addr, unsigned size, uint32_t *value)
{
    (void)size;
    return apbd_access(ctx, at, addr, false, value);
}

static enum bus_result apbd_write(void *ctx, vt_t at, uint32_t addr, unsigned size, uint32_t value)
{
    (void)size;
    return apbd_access(ctx, at, addr, true, &value);
}

static void connect_debug_port(struct board *b)
{
    b->dp.clock = &b->clock;
    b->dp.report = b->report;
    b->dp.attached = b->scenario.target_power;
    // RM0433 "Debug infrastructure": AP0 core AHB-AP, AP1 AXI-AP, AP2 APB-AP of the D3 domain
    b->dp.ap[0] = (struct memap){.idr = 0x84770001,
                                 .base = 0xE00FE003,
                                 .csw_fixed = 0x40,
                                 .sizes = true,
                                 .port = core_ahb_port(b->core)};
    b->dp.ap[1] = (struct memap){.idr = 0x84770001,
                                 .base = 0x00000002,
                                 .csw_fixed = 0x40,
                                 .sizes = true,
                                 .port = core_axi_port(b->core)};
    b->dp.ap[2] = (struct memap){.idr = 0x54770002,
                                 .base = 0xE00E0003,
                                 .csw_fixed = 0x40,
                                 .port = {apbd_read, apbd_write, b}};
    swdp_power_up(&b->dp);
    const struct probe_profile *p = b->scenario.probe;
    b->probe_present = p != NULL;
    cmsis_dap_init(&b->dap, p ? p : &probe_profiles[0], &b->dp);
    b->dap.nreset = nreset;
    b->dap.nreset_ctx = b;
}

// ---- assembly ----

static uint16_t rev_id(char silicon)
{
    return silicon == 'Y' ? 0x1003 : silicon == 'X' ? 0x2001 : 0x2003; // ES0396 table 2
}

static bool add_soc(struct board *b)
{
    const struct scenario *s = &b->scenario;
    b->rcc = rcc_new(&(struct rcc_config){
        .clock = &b->clock, .report = b->report, .hse_hz = s->hse_hz, .lse_hz = s->lse_hz});
    if (!b->rcc)
        return false;
    b->periphs = periphs_new(&(struct periphs_config){.clock = &b->clock,
                                                      .report = b->report,
                                                      .rcc = b->rcc,
                                                      .rev_id = rev_id(s->silicon),
                                                      .flash_kib = s->flash_kib,
                                                      .irq = irq_changed,
                                                      .irq_ctx = b,
                                                      .reset_request = watchdog_fired,
                                                      .reset_ctx = b});
    b->gpio = gpio_new(&b->clock, b->report, b->rcc);
    b->nets = b->gpio ? nets_new(&b->clock, b->report, b->gpio) : NULL;
    if (!b->periphs || !b->nets)
        return false;
    nets_set_float(b->nets, s->floating, s->seed);
    b->quadspi = quadspi_new(&b->clock, b->report, b->rcc, b->nets, &s->errata,
                             (struct irq_line){irq_changed, b, QUADSPI_IRQ});
    if (!b->quadspi)
        return false;
    quadspi_on_window(b->quadspi, window_changed, b);
    rcc_on_change(b->rcc, clocks_changed, b);
    intflash_on_change(periphs_flash(b->periphs), flash_changed, b);
    return true;
}

static void fill_bus(struct board *b)
{
    struct bus_device devices[BUS_MAX_DEVICES];
    struct bus_memory memories[BUS_MAX_MEMORIES];
    unsigned n = periphs_devices(b->periphs, devices, BUS_MAX_DEVICES);
    for (unsigned i = 0; i < n; i++)
        bus_add_device(&b->bus, &devices[i]);
    n = periphs_memories(b->periphs, memories, BUS_MAX_MEMORIES);
    for (unsigned i = 0; i < n; i++)
        bus_add_memory(&b->bus, &memories[i]);
    for (unsigned port = 0; port < GPIO_PORTS; port++) {
        struct bus_device d = gpio_device(b->gpio, port);
        bus_add_device(&b->bus, &d);
    }
    struct bus_device registers = quadspi_registers(b->quadspi);
    struct bus_device window = quadspi_window(b->quadspi);
    bus_add_device(&b->bus, &registers);
    bus_add_device(&b->bus, &window);
}

static bool load_firmware(struct board *b, char *error, unsigned error_size)
{
    const struct scenario *s = &b->scenario;
    struct intflash *flash = periphs_flash(b->periphs);
    bool fresh = true;
    if (s->flash_contents[0]) {
        FILE *existing = fopen(s->flash_contents, "rb");
        fresh = !existing;
        if (existing)
            fclose(existing);
        if (!intflash_attach_file(flash, s->flash_contents, error, error_size))
            return false;
    }
    if (!fresh || strcmp(s->firmware, "blank") == 0)
        return true;
    uint8_t *bank = intflash_bank(flash, 0);
    if (strcmp(s->firmware, "default") == 0) {
        memcpy(bank, firmware_image, firmware_image_size);
        return true;
    }
    FILE *f = fopen(s->firmware, "rb");
    if (!f) {
        snprintf(error, error_size, "cannot read the firmware %s", s->firmware);
        return false;
    }
    size_t n = fread(bank, 1, intflash_bank_size(flash), f);
    fclose(f);
    if (n == 0)
        snprintf(error, error_size, "the firmware %s is empty", s->firmware);
    return n > 0;
}

static bool apply_settings(struct scenario *s, const char *settings, char *error,
                           unsigned error_size)
{
    char item[1024], why[256];
    while (settings && *settings) {
        size_t n = strcspn(settings, ";");
        snprintf(item, sizeof(item), "%.*s", (int)n, settings);
        settings += n + (settings[n] == ';');
        char *key = item + strspn(item, " \t"), *eq = strchr(key, '=');
        if (!*key)
            continue;
        if (eq)
            *eq = 0;
        for (char *end = key + strlen(key); end > key && end[-1] == ' ';)
            *--end = 0;
        const char *value = eq ? eq + 1 + strspn(eq + 1, " \t") : "";
        char trimmed[1024];
        snprintf(trimmed, sizeof(trimmed), "%s", value);
        for (char *end = trimmed + strlen(trimmed); end > trimmed && end[-1] == ' ';)
            *--end = 0;
        if (!scenario_set(s, key, trimmed, "", why, sizeof(why))) {
            snprintf(error, error_size, "in the settings: %s", why);
            return false;
        }
    }
    return true;
}

static bool build(struct board *b, char *error, unsigned error_size)
{
    snprintf(error, error_size, "out of memory");
    b->report = report_new();
    b->reset_cause = RCC_RSR_SFTRSTF | RCC_RSR_CPURSTF;
    if (!b->report || !add_soc(b) || !add_rams(b))
        return false;
    fill_bus(b);
    if (!board_fit_chips(b, error, error_size) || !load_firmware(b, error, error_size))
        return false;
    bus_reset(&b->bus, RESET_POWER);
    b->core = core_new(&(struct core_config){.clock = &b->clock,
                                             .report = b->report,
                                             .bus = &b->bus,
                                             .cpu_hz = cpu_hz,
                                             .system_reset = system_reset,
                                             .debug_state = debug_state,
                                             .ctx = b,
                                             .boot_address = BOOT_VECTOR});
    if (!b->core) {
        snprintf(error, error_size, "the CPU emulator cannot start");
        return false;
    }
    connect_debug_port(b);
    return true;
}

static void free_board(struct board *b)
{
    if (b->core)
        core_free(b->core);
    if (b->quadspi)
        quadspi_free(b->quadspi);
    if (b->nets)
        nets_free(b->nets);
    if (b->gpio)
        gpio_free(b->gpio);
    if (b->periphs)
        periphs_free(b->periphs);
    if (b->rcc)
        rcc_free(b->rcc);
    for (unsigned i = 0; i < NETS_CHIPS; i++)
        if (b->nor[i])
            nor_free(b->nor[i]);
    for (unsigned i = 0; i < b->bus.memories; i++)
        for (unsigned k = 0; k < b->rams; k++)
            if (b->bus.memory[i].bytes == b->ram[k])
                munmap(b->ram[k], b->bus.memory[i].size);
    report_free(b->report);
    free(b);
}

struct board *board_open(const char *scenario_path, const char *settings, char *error,
                         unsigned error_size)
{
    struct board *b = calloc(1, sizeof(*b));
    if (!b)
        return NULL;
    scenario_default(&b->scenario);
    if ((scenario_path && !scenario_load(&b->scenario, scenario_path, error, error_size)) ||
        !apply_settings(&b->scenario, settings, error, error_size) ||
        !build(b, error, error_size)) {
        free_board(b);
        return NULL;
    }
    return b;
}

void board_close(struct board *b, vt_t host_time)
{
    FILE *out = b->scenario.report[0] ? fopen(b->scenario.report, "w") : stderr;
    if (out)
        report_print(b->report, out);
    if (out && out != stderr)
        fclose(out);
    if (b->scenario.stats[0])
        board_write_stats(b, host_time);
    free_board(b);
}
