#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The init stub in the core of the virtual board, and the example firmware that uses its driver.
load helper
setup() {
    board_new
    EXAMPLE=$ROOT/build/examples/lvgl-assets
}

# The words at an address, as mdw printed them in the last run.
word_at() { # address
    sed -n "s/^$1: \([0-9a-f]*\).*/\1/p" <<< "$output" | tail -n 1
}

symbol() { # name
    printf '0x%s' "$(arm-none-eabi-nm "$EXAMPLE/app.elf" | awk -v name="$1" '$3 == name {print $1}')"
}

# Let the firmware in internal flash run from reset for a while; its verdict must be $1.
verdict_is() {
    kit "init" "reset halt" "resume" "sleep 1500" "halt" "mdw $(symbol lvgl_assets_verdict)" \
        "mdw $(symbol lvgl_assets_crc_read)"
    [ "$(word_at "$(symbol lvgl_assets_verdict)")" = "$1" ]
}

@test "the committed stub is what its source gives, and at most 2 KiB" {
    run make -C "$ROOT" stub-check
    echo "$output"
    [ "$status" -eq 0 ]
    size=$(sed -n 's/^ *size \([0-9]*\)$/\1/p' "$ROOT/init-stub/init_stub.tcl")
    [ "$size" -le 2048 ]
}

@test "its registers: 1-1-1 mapped read, FSIZE one larger than the chip, no timeout counter, PRESCALER at least 1" {
    kit "init" "reset init" "mdw 0x52005000" "mdw 0x52005004" "mdw 0x52005014" "mdw 0x5802444c"
    [ "$(word_at 0x52005014)" = 0d002503 ]
    [ "$(word_at 0x52005000)" = 01000011 ]
    [ "$(word_at 0x52005004)" = 00170100 ]
    [ "$(word_at 0x5802444c)" = 00000030 ]
    board_quiet
}

@test "nothing but QUADSPI, its pins and its clocks is changed" {
    # RCC: CFGR, D1CFGR, PLLCFGR, AHB2ENR, APB4ENR; FLASH_ACR; PWR_D3CR; GPIO A, C, F; NVIC, SCB, SysTick
    local addresses=(0x58024410 0x58024418 0x5802442c 0x580244dc 0x580244f4 0x52002000 0x58024818
        0x58020000 0x58020800 0x58021400 0xe000e100 0xe000ed08 0xe000ed14 0xe000e010 0x5802040c)
    local commands=() address
    for address in "${addresses[@]}"; do commands+=("mdw $address"); done
    kit "init" "reset halt" "${commands[@]}"
    local before; before=$(grep -i '^0x[0-9a-f]*: ' <<< "$output" | head -n 14)
    kit "init" "reset init" "${commands[@]}"
    local after; after=$(grep -i '^0x[0-9a-f]*: ' <<< "$output" | head -n 14)
    [ "$(wc -l <<< "$before")" -eq 14 ]
    diff <(echo "$before") <(echo "$after")
    # the pull-up of the last one, PB6 = NCS, shows that the comparison can tell
    [ "$(word_at 0x5802040c)" = 00001100 ]
}

@test "it runs wherever it is loaded" {
    local base
    for base in 0x20000000 0x20010004 0x24000000 0x38000100; do
        kit "set ::qspi_stub_base $base" "init" "reset init"
        says "QSPI: win w25q64fv/jv (EF 40 17), 8 MiB"
    done
}

@test "the core may run from 4 MHz CSI, 8 MHz divided HSI or 64 MHz" {
    # CSION, wait, SW = CSI
    kit "init" "reset halt" "mmw 0x58024400 0x80 0" "sleep 2" "mmw 0x58024410 1 7" "sleep 2" "flash probe 1"
    says "8 MiB at 0x90000000, SCK 32 MHz"
    # HSIDIV = 8: the kernel clock slows down as well, and SCK is what it says
    kit "init" "reset halt" "mmw 0x58024400 0x18 0" "sleep 2" "flash probe 1"
    says "8 MiB at 0x90000000, SCK 4 MHz"
    board_quiet
}

@test "a kernel clock that firmware selected and then switched off" {
    kit "init" "reset halt" "mww 0x5802444c 0x20" "flash probe 1" "mdw 0x5802444c"
    says "8 MiB at 0x90000000, SCK 32 MHz"
    [ "$(word_at 0x5802444c)" = 00000030 ]
}

@test "a slower SCK is not exceeded" {
    KIT_BEFORE=(-c "set QSPI_SCK_HZ 10000000")
    kit "init" "reset init" "mdw 0x52005000"
    says "SCK 8 MHz"
    [ "$(word_at 0x52005000)" = 07000011 ]
}

@test "a block erase that runs is waited for, not cut off" {
    make_file chip.bin 8388608
    board_set "times = worst" "state = erasing"
    kit "init" "reset init"
    says "8 MiB at 0x90000000" "was still busy with an erase or a write"
    chip_erased 0 65536
    cmp -n 65536 chip.bin <(make_file /dev/stdout 8388608) 65536 65536
}

@test "the example firmware finds its fonts and images, programmed as one ELF" {
    kit "program $EXAMPLE/app.elf verify"
    [ "$status" -eq 0 ]
    chip_holds "$EXAMPLE/assets.bin" 0
    verdict_is 600df00d
    board_quiet
}

@test "the example firmware, its two parts programmed one by one" {
    kit "program $EXAMPLE/firmware.bin 0x08000000 verify" "program $EXAMPLE/assets.bin 0x90000000 verify"
    [ "$status" -eq 0 ]
    verdict_is 600df00d
}

@test "the example firmware says when the assets are not its own" {
    kit "program $EXAMPLE/firmware.elf verify"
    [ "$status" -eq 0 ]
    verdict_is bad00004
    cp "$EXAMPLE/assets.bin" other.bin
    printf '\245\132' | dd of=other.bin bs=1 seek=600000 conv=notrunc status=none
    run cmp -s other.bin "$EXAMPLE/assets.bin"
    [ "$status" -eq 1 ]
    kit "program $PWD/other.bin 0x90000000 verify"
    verdict_is bad00004
}

@test "the example firmware says when there is no flash" {
    kit "program $EXAMPLE/firmware.elf verify"
    board_set "part = none"
    verdict_is bad00003
}

@test "the committed images are what their generator draws" {
    run make -C "$ROOT" check-images
    echo "$output"
    [ "$status" -eq 0 ]
}
