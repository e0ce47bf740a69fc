#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# docs/lvgl.md: every command in it, out of the page itself.
load helper
load page
setup() { page_setup; }

@test "docs/lvgl.md: its commands build, split and flash the example, and the firmware finds its assets" {
    page_run lvgl.md
    [ "$status" -eq 0 ]
    says "LOAD * 0x08000000" "LOAD * 0x90000000" "2282874936" "Verified OK - No flashing"
    cmp kit/assets.bin "$EXAMPLE/assets.bin"
    cmp kit/firmware.bin "$EXAMPLE/firmware.bin"
    chip_holds "$EXAMPLE/assets.bin" 0
    verdict=0x$(arm-none-eabi-nm "$EXAMPLE/app.elf" | awk '$3 == "lvgl_assets_verdict" {print $1}')
    kit "init" "reset run" "sleep 1500" "halt" "mdw $verdict"
    says "$verdict: 600df00d"
}

@test "docs/lvgl.md: each command on the page is in a block that is run" {
    run grep -nE '^ {4}(make|openocd|arm-none|objcopy)' "$ROOT/docs/lvgl.md"
    echo "$output"
    [ "$status" -ne 0 ]
}

@test "docs/lvgl.md: the MPU code compiles and sets what its comments say" {
    page_blocks lvgl.md c > mpu.c
    arm-none-eabi-gcc -mcpu=cortex-m7 -mthumb -std=c11 -Wall -Wextra -Werror -Os -c -o mpu.o mpu.c
    # Region 0: XN, no access, 256 MiB; region 1: XN, read-only, C, 8 MiB (ARMv7-M ARM B3.5.9)
    { arm-none-eabi-objdump -d mpu.o; arm-none-eabi-objdump -s mpu.o; } > mpu.txt
    grep -qi '37000010\|0x10000037' mpu.txt
    grep -qi '2d000216\|0x1602002d' mpu.txt
}

@test "make -C examples/lvgl-assets flash: the whole example on the board" {
    run timeout 100 make -s -C "$ROOT/examples/lvgl-assets" flash
    echo "$output"
    [ "$status" -eq 0 ]
    chip_holds "$EXAMPLE/assets.bin" 0
}
