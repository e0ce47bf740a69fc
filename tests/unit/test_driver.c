// SPDX-License-Identifier: MIT
// The init stub's whole code on the modelled board: what it leaves behind, which states it brings a
// chip out of, and how it names what is wrong.
#include "test_driver.h"

#define CCR_READ    0x0D002503u // FMODE 3, DMODE 1, ADSIZE 24 bit, ADMODE 1, IMODE 1, 03h
#define CCR_READ_4B 0x0D003513u

static struct bench *board(const char *part0, const char *part1)
{
    struct bench *b = bench_new(part0, part1, NULL);
    for (unsigned chip = 0; chip < NETS_CHIPS; chip++)
        if (b->nor[chip])
            fill_array(b, chip);
    return b;
}

static void assert_mapped(struct bench *b, uint32_t size)
{
    static const uint32_t at[] = {0, 4, 0x1234, 0x10000, 0x3FFFFC};
    for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]) + 1; i++) {
        uint32_t offset = i < sizeof(at) / sizeof(at[0]) ? at[i] : size - 4;
        uint32_t want;
        memcpy(&want, nor_array(b->nor[0]) + offset % nor_size(b->nor[0]), 4);
        if (offset < size)
            assert_int_equal(peek(b, QSPI_WINDOW_BASE + offset), want);
    }
}

static void assert_healthy(struct bench *b, const struct qspi_result *r, uint32_t id, uint32_t size)
{
    assert_int_equal(r->status, QSPI_OK);
    assert_int_equal(r->jedec_id[0], id);
    assert_int_equal(r->size, size);
    assert_int_equal(r->ccr, CCR_READ);
    assert_int_equal(peek(b, QUADSPI_CCR), CCR_READ);
    assert_int_equal(1u << ((r->dcr & QUADSPI_DCR_FSIZE_Msk) >> QUADSPI_DCR_FSIZE_Pos), size);
    assert_int_equal(r->cr & (QUADSPI_CR_TCEN | QUADSPI_CR_ABORT), 0);
    assert_mapped(b, size);
}

static void factory_chip(void **state)
{
    (void)state;
    struct bench *b = board("W25Q64JV-IQ", NULL);
    struct qspi_params params = params_default();
    vt_t start = b->clock.now;
    struct qspi_result r = run_stub(b, &params);
    assert_true(b->clock.now - start < 5 * VT_MS);
    assert_healthy(b, &r, 0xEF4017, 8u << 20);
    assert_int_equal(r.found, 0);
    assert_int_equal(r.sck_hz, 32000000);
    assert_int_equal(r.sr[0], (uint32_t)nor_status(b->nor[0], 1) |
                                  (uint32_t)nor_status(b->nor[0], 2) << 8 |
                                  (uint32_t)nor_status(b->nor[0], 3) << 16);
    assert_int_equal(r.sfdp[0], 0x03FFFFFF);
    assert_int_equal(r.jedec_id[1] | r.sr[1] | r.sfdp[1], 0);
    bench_free(b);
}

// A second run, in the middle of mapped mode, with or without a reset of the chip.
static void again_without_reset(void **state)
{
    (void)state;
    struct bench *b = board("W25Q64JV-IQ", NULL);
    struct qspi_params params = params_default();
    run_stub(b, &params);
    assert_mapped(b, 8u << 20);
    unsigned long resets = nor_counters(b->nor[0])->opcode[NOR_CMD_RESET];
    params.flags = QSPI_FLAG_KEEP_CHIP;
    struct qspi_result r = run_stub(b, &params);
    assert_healthy(b, &r, 0xEF4017, 8u << 20);
    assert_int_equal(nor_counters(b->nor[0])->opcode[NOR_CMD_RESET], resets);
    bench_free(b);
}

static void sck_is_not_exceeded(void **state)
{
    (void)state;
    static const uint32_t wanted[] = {0,        50000000, 33000000, 32000000,
                                      31999999, 16000000, 1000000,  250000};
    struct bench *b = board("W25Q64JV-IQ", NULL);
    struct qspi_params params = params_default();
    for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        params.sck_hz = wanted[i];
        struct qspi_result r = run_stub(b, &params);
        assert_int_equal(r.status, QSPI_OK);
        uint32_t prescaler = r.cr >> QUADSPI_CR_PRESCALER_Pos;
        assert_int_equal(r.sck_hz, 64000000 / (prescaler + 1));
        assert_true(prescaler >= 1);
        assert_true(r.sck_hz <= (wanted[i] ? wanted[i] : 50000000u));
        uint32_t high_cycles = ((r.dcr & QUADSPI_DCR_CSHT_Msk) >> QUADSPI_DCR_CSHT_Pos) + 1;
        assert_true(high_cycles * UINT64_C(1000000000) >= UINT64_C(50) * r.sck_hz);
    }
    bench_free(b);
}

// Parts and the states that firmware or a broken session may leave them in.
static void every_state(void **state)
{
    (void)state;
    static const struct {
        const char *part;
        uint32_t id;
    } parts[] = {{"W25Q64JV-IQ", 0xEF4017}, {"W25Q64JV-IM", 0xEF7017}, {"W25Q64FV", 0xEF4017}};
    static const uint32_t found[] = {
        [NOR_IN_SPI] = 0,
        [NOR_IN_QPI] = QSPI_FOUND_QPI,
        [NOR_IN_CONTINUOUS_DUAL] = 0,
        [NOR_IN_CONTINUOUS_QUAD] = 0,
        [NOR_IN_QPI_CONTINUOUS_QUAD] = QSPI_FOUND_QPI,
        [NOR_IN_POWER_DOWN] = 0,
        [NOR_IN_ERASE] = QSPI_FOUND_BUSY,
        [NOR_IN_SUSPENDED_ERASE] = QSPI_FOUND_SUSPENDED | QSPI_FOUND_BUSY,
    };
    for (unsigned p = 0; p < sizeof(parts) / sizeof(parts[0]); p++) {
        for (unsigned mode = 0; mode < sizeof(found) / sizeof(found[0]); mode++) {
            struct bench *b = board(parts[p].part, NULL);
            if (!nor_set_mode(b->nor[0], (enum nor_mode)mode)) {
                bench_free(b);
                continue;
            }
            nor_set_worst_case(b->nor[0], true);
            struct qspi_params params = params_default();
            struct qspi_result r = run_stub(b, &params);
            if (mode == NOR_IN_ERASE || mode == NOR_IN_SUSPENDED_ERASE) {
                // the erase was let finish: block 0 is blank to its end, block 1 untouched
                for (unsigned i = 0; i < 0x10000; i++)
                    assert_int_equal(nor_array(b->nor[0])[i], 0xFF);
                assert_int_not_equal(nor_array(b->nor[0])[0x10001], 0xFF);
            }
            assert_healthy(b, &r, parts[p].id, 8u << 20);
            // leaving QPI may happen in the first step, before anybody asks
            assert_int_equal(r.found & ~QSPI_FOUND_QPI, found[mode] & ~QSPI_FOUND_QPI);
            assert_true((r.found & ~found[mode]) == 0);
            bench_free(b);
        }
    }
}

// One command as firmware would send it, on a bench that is up.
static void firmware_sends(struct bench *b, uint32_t ccr)
{
    wait_idle(b);
    poke(b, QUADSPI_CCR, ccr);
    wait_idle(b);
}

static void power_down_in_qpi(void **state)
{
    (void)state;
    struct bench *b = board("W25Q64JV-IM", NULL);
    assert_true(nor_set_mode(b->nor[0], NOR_IN_QPI));
    bench_up(b, 1, 22, 0);
    firmware_sends(b, LINES(L4, L0, L0, L0) | NOR_CMD_POWER_DOWN);
    b->clock.now += VT_MS;
    struct qspi_params params = params_default();
    struct qspi_result r = run_stub(b, &params);
    assert_healthy(b, &r, 0xEF7017, 8u << 20);
    bench_free(b);
}

// EDh and BDh with M5-4 = 10: the next command would be a continuous read with DTR addresses.
static void dtr_continuous_read(void **state)
{
    (void)state;
    static const uint32_t ccr[] = {
        LINES(L1, L4, L4, L4) | DUMMIES(7) | NOR_CMD_DTR_READ_QUAD_IO,
        LINES(L1, L2, L2, L2) | DUMMIES(4) | NOR_CMD_DTR_READ_DUAL_IO,
    };
    for (unsigned i = 0; i < 2; i++) {
        struct bench *b = board("W25Q64JV-IM", NULL);
        nor_set_status(b->nor[0], 0, NOR_SR2_QE, 0x60);
        bench_up(b, 3, 22, 0);
        wait_idle(b);
        poke(b, QUADSPI_DLR, 3);
        poke(b, QUADSPI_ABR, NOR_MODE_CONTINUOUS);
        poke(b, QUADSPI_CCR, QUADSPI_CCR_DDRM | FMODE(M_READ) | ADDR24 | ccr[i]);
        poke(b, QUADSPI_AR, 0x100);
        uint8_t data[4];
        read_data(b, data, 4);
        assert_memory_equal(data, nor_array(b->nor[0]) + 0x100, 4);
        wait_idle(b);
        assert_int_not_equal(read_jedec(b), 0xEF7017); // really stuck
        struct qspi_params params = params_default();
        struct qspi_result r = run_stub(b, &params);
        assert_healthy(b, &r, 0xEF7017, 8u << 20);
        bench_free(b);
    }
}

static void chip_erase_is_cut_off(void **state)
{
    (void)state;
    struct bench *b = board("W25Q64JV-IQ", NULL);
    bench_up(b, 1, 22, 0);
    firmware_sends(b, LINES(L1, L0, L0, L0) | NOR_CMD_WRITE_ENABLE);
    firmware_sends(b, LINES(L1, L0, L0, L0) | NOR_CMD_ERASE_CHIP);
    vt_t start = b->clock.now;
    struct qspi_params params = params_default();
    struct qspi_result r = run_stub(b, &params);
    assert_int_equal(r.status, QSPI_OK);
    assert_int_equal(r.found, QSPI_FOUND_BUSY | QSPI_FOUND_ABORTED);
    assert_true(b->clock.now - start > 3 * VT_S); // longer than any block erase
    assert_true(b->clock.now - start < 5 * VT_S);
    bench_free(b);
}

static void stuck_busy_ends(void **state)
{
    (void)state;
    struct bench *b = board("W25Q64JV-IQ", NULL);
    nor_set_faults(b->nor[0], &(struct nor_faults){.stuck_busy = true});
    assert_true(nor_set_mode(b->nor[0], NOR_IN_ERASE));
    struct qspi_params params = params_default();
    vt_t start = b->clock.now;
    struct qspi_result r = run_stub(b, &params);
    assert_true(b->clock.now - start < 12 * VT_S);
    assert_true(r.status == QSPI_ERR_CHIP_BUSY || r.status == QSPI_OK);
    if (r.status == QSPI_ERR_CHIP_BUSY)
        assert_true(r.value & NOR_SR1_WIP);
    bench_free(b);
}

static void chip_missing_or_dumb(void **state)
{
    (void)state;
    struct qspi_params params = params_default();

    struct bench *b = board("W25Q64JV-IQ", NULL);
    nets_attach_chip(b->nets, 0, NULL);
    vt_t start = b->clock.now;
    struct qspi_result r = run_stub(b, &params);
    assert_int_equal(r.status, QSPI_ERR_NO_CHIP);
    assert_int_equal(r.value, 0xFFFFFF); // by pulls, not by chance
    assert_int_equal(r.found, QSPI_FOUND_SILENT);
    assert_true(b->clock.now - start < 200 * VT_MS);
    assert_int_equal(peek(b, QUADSPI_CCR), CCR_READ); // the window is open all the same
    bench_free(b);

    static const struct {
        enum chip_pin pin;
        enum line_fault fault;
        uint32_t id;
    } faults[] = {
        {CHIP_IO1, LINE_STUCK_LOW, 0},        {CHIP_IO1, LINE_STUCK_HIGH, 0xFFFFFF},
        {CHIP_IO1, LINE_OPEN, 0xFFFFFF},      {CHIP_NCS, LINE_STUCK_HIGH, 0xFFFFFF},
        {CHIP_CLK, LINE_STUCK_LOW, 0xFFFFFF}, {CHIP_CLK, LINE_OPEN, 0xFFFFFF},
        {CHIP_NCS, LINE_OPEN, 0xFFFFFF},
    };
    for (unsigned i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        b = board("W25Q64JV-IQ", NULL);
        nets_set_fault(b->nets, 0, faults[i].pin, faults[i].fault);
        r = run_stub(b, &params);
        assert_int_equal(r.status, QSPI_ERR_NO_CHIP);
        assert_int_equal(r.value, faults[i].id);
        bench_free(b);
    }
}

// Lines that 1-line commands do not need may be broken.
static void io2_io3_are_not_needed(void **state)
{
    (void)state;
    for (unsigned missing = 0; missing < 2; missing++) {
        struct bench *b = board("W25Q64JV-IQ", NULL);
        nets_set_fault(b->nets, 0, CHIP_IO2, LINE_OPEN);
        struct qspi_params params = params_default();
        if (missing)
            params.pins[QSPI_SLOT_IO2] = 0;
        struct qspi_result r = run_stub(b, &params);
        assert_healthy(b, &r, 0xEF4017, 8u << 20);
        bench_free(b);
    }
}

static void locked_pin_is_named(void **state)
{
    (void)state;
    struct bench *b = board("W25Q64JV-IQ", NULL);
    poke(b, RCC_AHB4ENR, 0x7FF);
    uint32_t pin = 1u << 12; // PD12, IO1, left in analog mode
    poke(b, GPIO_LCKR(3), GPIO_LCKR_LCKK | pin);
    poke(b, GPIO_LCKR(3), pin);
    poke(b, GPIO_LCKR(3), GPIO_LCKR_LCKK | pin);
    assert_true(peek(b, GPIO_LCKR(3)) & GPIO_LCKR_LCKK);
    struct qspi_params params = params_default();
    struct qspi_result r = run_stub(b, &params);
    assert_int_equal(r.status, QSPI_ERR_PIN);
    assert_int_equal(r.detail, params.pins[QSPI_SLOT_IO1]);
    assert_int_equal(r.value & 3u, PAD_ANALOG);
    bench_free(b);
}

static void bad_parameters(void **state)
{
    (void)state;
    struct bench *b = board("W25Q64JV-IQ", NULL);
    struct qspi_params params = params_default();
    params.magic++;
    struct qspi_result r = run_stub(b, &params);
    assert_int_equal(r.status, QSPI_ERR_PARAM);
    assert_int_equal(r.detail, 0);
    static const struct {
        enum qspi_pin_slot slot;
        uint32_t word;
    } bad[] = {{QSPI_SLOT_IO1, 0},
               {QSPI_SLOT_NCS, 0x6A},
               {QSPI_SLOT_IO3, QSPI_PIN_WORD(11, 0, 9)},
               {QSPI_SLOT_IO7, QSPI_PIN_VALID | 0x1000}};
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        params = params_default();
        params.pins[bad[i].slot] = bad[i].word;
        r = run_stub(b, &params);
        assert_int_equal(r.status, QSPI_ERR_PARAM);
        assert_int_equal(r.detail, 4 + bad[i].slot);
        assert_int_equal(r.value, bad[i].word);
    }
    assert_int_equal(peek(b, RCC_AHB4ENR), 0); // nothing was touched
    params = params_dual();
    params.pins[QSPI_SLOT_IO5] = 0;
    assert_int_equal(run_stub(b, &params).status, QSPI_ERR_PARAM);
    bench_free(b);
}

// Firmware's clocks: PLLs as kernel clock, running or switched off behind QUADSPI's back, HSI
// divided.
static void kernel_clock_of_firmware(void **state)
{
    (void)state;
    static const uint32_t select[] = {RCC_QSPISEL_HCLK3, RCC_QSPISEL_PLL1Q, RCC_QSPISEL_PLL2R,
                                      RCC_QSPISEL_PER};
    for (unsigned i = 0; i < sizeof(select) / sizeof(select[0]); i++) {
        struct bench *b = board("W25Q64JV-IQ", NULL);
        poke(b, RCC_PLLCKSELR, 0x02020200); // HSI / 32, reset values
        poke(b, RCC_D1CCIPR, select[i] << RCC_D1CCIPR_QSPISEL_Pos | 1u << RCC_D1CCIPR_CKPERSEL_Pos);
        struct qspi_params params = params_default();
        struct qspi_result r = run_stub(b, &params);
        assert_healthy(b, &r, 0xEF4017, 8u << 20);
        assert_int_equal(rcc_quadspi_hz(b->rcc), 64000000);
        bench_free(b);
    }
    struct bench *b = board("W25Q64JV-IQ", NULL);
    poke(b, RCC_CR, peek(b, RCC_CR) | 2u << RCC_CR_HSIDIV_Pos);
    struct qspi_params params = params_default();
    struct qspi_result r = run_stub(b, &params);
    assert_healthy(b, &r, 0xEF4017, 8u << 20);
    assert_int_equal(r.sck_hz, 8000000);
    bench_free(b);
}

static void sizes(void **state)
{
    (void)state;
    static const struct {
        const char *part;
        uint32_t id, mib;
    } parts[] = {{"W25Q16JV-IQ", 0xEF4015, 2},
                 {"W25Q32JV-IQ", 0xEF4016, 4},
                 {"W25Q128JV-IQ", 0xEF4018, 16},
                 {"W25Q64JW-IM", 0xEF8017, 8},
                 {"PY25Q64HA", 0x852017, 8}};
    for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct bench *b = board(parts[i].part, NULL);
        struct qspi_params params = params_default();
        struct qspi_result r = run_stub(b, &params);
        assert_healthy(b, &r, parts[i].id, parts[i].mib << 20);
        bench_free(b);
    }
    assert_int_equal(nor_capacity(0x03FFFFFF, 0), 8u << 20);
    assert_int_equal(nor_capacity(0x80000020, 0xFFFFFF), 512u << 20);
    assert_int_equal(nor_capacity(0, 0xEF4017), 8u << 20);
    assert_int_equal(nor_capacity(0, 0x1F4701), 0); // a code that is no power of two
}

static void four_byte_addresses(void **state)
{
    (void)state;
    struct bench *b = board("W25Q256JV-IQ", NULL);
    struct qspi_params params = params_default();
    struct qspi_result r = run_stub(b, &params);
    assert_int_equal(r.status, QSPI_OK);
    assert_int_equal(r.size, 32u << 20);
    assert_int_equal(r.ccr, CCR_READ_4B);
    assert_true(nor_status(b->nor[0], 3) & NOR_SR3_ADS); // erase and program take four bytes too
    assert_mapped(b, 32u << 20);
    bench_free(b);
}

static void bank_2(void **state)
{
    (void)state;
    struct bench *b = board("W25Q32JV-IQ", "W25Q64JV-IQ");
    struct qspi_params params = params_bank2();
    struct qspi_result r = run_stub(b, &params);
    assert_int_equal(r.status, QSPI_OK);
    assert_int_equal(r.jedec_id[0], 0xEF4017);
    assert_true(r.cr & QUADSPI_CR_FSEL);
    uint32_t want;
    memcpy(&want, nor_array(b->nor[1]) + 0x4560, 4);
    assert_int_equal(peek(b, QSPI_WINDOW_BASE + 0x4560), want);
    bench_free(b);
}

static void dual_flash(void **state)
{
    (void)state;
    struct bench *b = board("W25Q64JV-IQ", "W25Q64JV-IQ");
    assert_true(nor_set_mode(b->nor[1], NOR_IN_CONTINUOUS_QUAD));
    struct qspi_params params = params_dual();
    struct qspi_result r = run_stub(b, &params);
    assert_int_equal(r.status, QSPI_OK);
    assert_int_equal(r.jedec_id[1], 0xEF4017);
    assert_int_equal(r.sfdp[1], 0x03FFFFFF);
    assert_int_equal(r.sr[1] >> 8 & 0xFF, nor_status(b->nor[1], 2));
    assert_int_equal(r.size, 16u << 20);
    for (uint32_t at = 0; at < 0x1000; at += 4) {
        const uint8_t *one = nor_array(b->nor[0]) + at / 2, *two = nor_array(b->nor[1]) + at / 2;
        uint32_t want = (uint32_t)one[0] | (uint32_t)two[0] << 8 | (uint32_t)one[1] << 16 |
                        (uint32_t)two[1] << 24;
        assert_int_equal(peek(b, QSPI_WINDOW_BASE + at), want);
    }
    bench_free(b);

    b = board("W25Q64JV-IQ", "W25Q128JV-IQ");
    r = run_stub(b, &params);
    assert_int_equal(r.status, QSPI_ERR_DUAL_MISMATCH);
    assert_int_equal(r.jedec_id[1], 0xEF4018);
    bench_free(b);

    b = board("W25Q64JV-IQ", "W25Q64JV-IQ");
    nets_attach_chip(b->nets, 1, NULL);
    r = run_stub(b, &params);
    assert_int_equal(r.status, QSPI_ERR_NO_CHIP);
    assert_int_equal(r.detail, 1);
    bench_free(b);
}

// Without a kernel clock no transfer ends: the stub says so in bounded time and names the command.
static void controller_without_clock(void **state)
{
    (void)state;
    struct bench *b = board("W25Q64JV-IQ", NULL);
    driver_bench = b;
    bench_up(b, 1, 22, 0);
    poke(b, RCC_PLLCFGR, 0);
    poke(b, RCC_D1CCIPR, RCC_QSPISEL_PLL2R << RCC_D1CCIPR_QSPISEL_Pos);
    struct qspi q = {.cr = QUADSPI_CR_EN, .kernel_hz = 64000000};
    driver_accesses = 0;
    qspi_command(&q, QSPI_OP(QUADSPI_LINES_1, NOR_CMD_WRITE_DISABLE), 0);
    assert_int_equal(q.fault, QSPI_FAULT_TIMEOUT);
    assert_int_equal(q.shape & 0xFF, NOR_CMD_WRITE_DISABLE);
    unsigned long once = driver_accesses;
    uint32_t found;
    assert_int_equal(nor_recover(&q, false, &found), 0); // does nothing any more
    assert_true(driver_accesses - once < 200);
    bench_free(b);
}

static void erase_program_read(void **state)
{
    (void)state;
    struct bench *b = board("W25Q64JV-IQ", NULL);
    nor_set_worst_case(b->nor[0], true);
    struct qspi_params params = params_default();
    struct qspi_result r = run_stub(b, &params);
    struct qspi q = {.cr = QUADSPI_CR_EN, .kernel_hz = 64000000, .sck_hz = r.sck_hz};
    uint8_t page[256], back[300];
    for (unsigned i = 0; i < sizeof(page); i++)
        page[i] = (uint8_t)(i * 31 + 5);

    (void)peek(b, QSPI_WINDOW_BASE); // mapped mode in full swing
    qspi_stop(&q);
    assert_int_equal(nor_erase(&q, NOR_SHAPE_ERASE_64K, 0x30000, NOR_MS_ERASE_64K), NOR_OK);
    assert_int_equal(nor_program(&q, NOR_SHAPE_PROGRAM, 0x30100, page, sizeof(page)), NOR_OK);
    assert_int_equal(nor_read(&q, NOR_SHAPE_READ, 0x300F0, back, sizeof(back)), NOR_OK);
    assert_memory_equal(back + 16, page, sizeof(page));
    assert_int_equal(back[15], 0xFF);
    assert_int_equal(back[272], 0xFF);
    nor_map(&q, false);
    assert_int_equal(q.fault, QSPI_FAULT_NONE);
    assert_int_equal(peek(b, QSPI_WINDOW_BASE + 0x30100) & 0xFFFF, page[0] | page[1] << 8);

    qspi_stop(&q);
    nor_set_faults(b->nor[0], &(struct nor_faults){.wel_refused = true});
    assert_int_equal(nor_erase(&q, NOR_SHAPE_ERASE_4K, 0, NOR_MS_ERASE_4K), NOR_ERR_WEL);
    nor_set_faults(b->nor[0], &(struct nor_faults){.slow_percent = 300});
    assert_int_equal(nor_erase(&q, NOR_SHAPE_ERASE_4K, 0, NOR_MS_ERASE_4K), NOR_ERR_TIMEOUT);
    bench_free(b);
}

// The erratum that the model leaves off by default: without ES0392's sequence the first command
// hangs.
static void internal_timing_erratum(void **state)
{
    (void)state;
    struct quadspi_errata errata = quadspi_errata_default();
    errata.internal_timing = true;
    struct bench *b = bench_new("W25Q64JV-IQ", NULL, &errata);
    fill_array(b, 0);
    struct qspi_params params = params_default();
    struct qspi_result r = run_stub(b, &params);
    assert_healthy(b, &r, 0xEF4017, 8u << 20);
    struct qspi q;
    qspi_init(&q, 0);
    qspi_stop(&q);
    q.sck_hz = r.sck_hz;
    uint8_t back[16];
    assert_int_equal(nor_read(&q, NOR_SHAPE_READ, 0x5000, back, sizeof(back)), NOR_OK);
    assert_memory_equal(back, nor_array(b->nor[0]) + 0x5000, sizeof(back));
    bench_free(b);
}

// The stub does nothing that silicon would punish, on a healthy board.
static void no_illegal_event(void **state)
{
    (void)state;
    struct bench *b = board("W25Q64JV-IQ", NULL);
    struct qspi_params params = params_default();
    run_stub(b, &params);
    if (report_count(b->report, NULL))
        report_print(b->report, stderr);
    assert_int_equal(report_count(b->report, NULL), 0);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factory_chip),
        cmocka_unit_test(again_without_reset),
        cmocka_unit_test(sck_is_not_exceeded),
        cmocka_unit_test(every_state),
        cmocka_unit_test(power_down_in_qpi),
        cmocka_unit_test(dtr_continuous_read),
        cmocka_unit_test(chip_erase_is_cut_off),
        cmocka_unit_test(stuck_busy_ends),
        cmocka_unit_test(chip_missing_or_dumb),
        cmocka_unit_test(io2_io3_are_not_needed),
        cmocka_unit_test(locked_pin_is_named),
        cmocka_unit_test(bad_parameters),
        cmocka_unit_test(kernel_clock_of_firmware),
        cmocka_unit_test(sizes),
        cmocka_unit_test(four_byte_addresses),
        cmocka_unit_test(bank_2),
        cmocka_unit_test(dual_flash),
        cmocka_unit_test(controller_without_clock),
        cmocka_unit_test(erase_program_read),
        cmocka_unit_test(internal_timing_erratum),
        cmocka_unit_test(no_illegal_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
