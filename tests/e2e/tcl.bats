#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The kit's Tcl by itself, inside openocd and, where it is there, in jimsh: no target needed.

setup() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
}

# Run one test file inside the stock openocd; it exits 1 if a check failed.
tcl_test() {
    run openocd -f "$ROOT/tests/tcl/harness.tcl" -f "$ROOT/tests/tcl/$1.tcl" -c finish
    echo "$output"
    [ "$status" -eq 0 ]
    [[ "$output" == *" checks, 0 failed"* ]]
    if command -v jimsh > /dev/null; then
        run jimsh -e "source $ROOT/tests/tcl/harness.tcl; source $ROOT/tests/tcl/$1.tcl; finish"
        echo "$output"
        [ "$status" -eq 0 ]
        [[ "$output" == *" checks, 0 failed"* ]]
    fi
}

# Images of each format, whole and damaged, in the folder IMAGES.
make_images() {
    export IMAGES=$BATS_TEST_TMPDIR
    cd "$IMAGES" || return
    head -c 300 /dev/urandom > code.bin
    head -c 70000 /dev/urandom > assets.bin
    cat > app.S << 'END'
        .section .text, "ax"
        .globl _start
_start: .incbin "code.bin"
        .section .assets, "a"
        .incbin "assets.bin"
        .section .bss, "aw", %nobits
        .space 64
END
    arm-none-eabi-gcc -c -o app.o app.S
    arm-none-eabi-ld -n -Ttext 0x08000000 --section-start=.assets=0x90000000 -Tbss 0x20000000 -o app.elf app.o
    arm-none-eabi-objcopy -O ihex app.elf app.hex
    arm-none-eabi-objcopy -O srec app.elf app.s19
    arm-none-eabi-objcopy --remove-section=.assets app.elf bss.elf 2> /dev/null
    arm-none-eabi-objcopy --remove-section=.assets --remove-section=.text app.elf bss-only.elf 2> /dev/null
    printf 'abc' > tiny.bin
    : > empty.bin
    head -c 60000 app.elf > cut.elf
    head -c 40 app.elf > head.elf
    head -n 20 app.hex > cut.hex
    head -n 20 app.s19 > cut.s19
    { head -n 2 app.hex; echo "what is this"; } > bad.hex
}

@test "wiring lists: words, defaults and a sentence for each mistake" {
    tcl_test test_wiring
}

@test "block protection: every BP/TB/SEC/CMP combination of the datasheet" {
    tcl_test test_protect
}

@test "image files: extents of bin, elf, hex and s19, and damaged ones" {
    make_images
    tcl_test test_image
}

@test "guards: what is refused never reaches OpenOCD's own command" {
    make_images
    tcl_test test_guard
}

@test "stub results: a sentence for each status code" {
    tcl_test test_status
}
