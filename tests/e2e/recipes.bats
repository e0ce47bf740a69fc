#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# docs/recipes.md: what it says was executed, out of the page itself, in a project with the kit in it.
load helper
load page

setup() {
    page_setup
    rm -r kit
    mkdir -p kit/build # here: the user's project
    ln -s "$ROOT" kit/stmqspi-kit
    cp "$EXAMPLE/app.elf" kit/build/
}

@test "plain Makefile" {
    page_blocks recipes.md make Makefile > kit/Makefile
    page_run recipes.md Makefile
    [ "$status" -eq 0 ]
    says "Verified OK" "No flashing"
    chip_holds "$EXAMPLE/assets.bin" 0
    board_quiet
}

@test "CMake" {
    command -v cmake > /dev/null || skip "cmake is not installed"
    { echo 'cmake_minimum_required(VERSION 3.13)'; echo 'project(demo NONE)'; page_blocks recipes.md cmake CMake; } > kit/CMakeLists.txt
    page_run recipes.md CMake
    [ "$status" -eq 0 ]
    chip_holds "$EXAMPLE/assets.bin" 0
    says "Programming Finished" "Verified OK"
    page_run recipes.md CMake
    [ "$status" -eq 0 ]
    says "No flashing"
}

@test "PlatformIO's upload command" {
    cp kit/build/app.elf kit/build/firmware.elf
    line=$(page_blocks recipes.md ini PlatformIO | sed -n 's/^upload_command = //p')
    line=${line//\$PROJECT_DIR/$PWD/kit}
    line=${line//\$BUILD_DIR/$PWD/kit/build}
    run timeout 60 sh -c "$line"
    echo "$line"
    echo "$output"
    [ "$status" -eq 0 ]
    chip_holds "$EXAMPLE/assets.bin" 0
}

@test "Zephyr's openocd runner: its commands on the page's openocd.cfg" {
    page_blocks recipes.md tcl Zephyr > openocd.cfg
    cp "$EXAMPLE/app.hex" zephyr.hex
    run timeout 60 openocd -s "$ROOT" -f openocd.cfg -c "gdb_port disabled; tcl_port disabled; telnet_port disabled" \
        -c init -c targets -c "reset init" -c "flash write_image erase zephyr.hex" -c "reset run" -c shutdown
    echo "$output"
    [ "$status" -eq 0 ]
    chip_holds "$EXAMPLE/assets.bin" 0
}

@test "CLion's download: program the ELF, then reset" {
    run timeout 60 openocd -c "gdb_port disabled; tcl_port disabled; telnet_port disabled" \
        -f kit/stmqspi-kit/board/stm32h743-w25q64.cfg -c "program \"kit/build/app.elf\"" -c reset -c shutdown
    echo "$output"
    [ "$status" -eq 0 ]
    chip_holds "$EXAMPLE/assets.bin" 0
}

@test "every recipe says what was executed" {
    run awk '/^## / { if (name != "" && !said) print name; name = $0; said = 0 } /xecuted:/ { said = 1 } END { if (!said) print name }' \
        "$ROOT/docs/recipes.md"
    echo "$output"
    [ -z "$output" ]
}
