# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# What the end-to-end tests share: a fresh virtual board a test, the real openocd on it, and looks
# at the chip afterwards. In a .bats file:
#
#   load helper
#   setup() { board_new; }
#   @test "..." {
#       board_set "part = W25Q64JV-IM"            # scenario settings, before the first run
#       kit "init" "reset init" "flash info 1"    # openocd -f board/stm32h743-w25q64.cfg -c ... -c shutdown
#       [ "$status" -eq 0 ]
#       says "8192 KiB"; says_not "Error"         # output of the last run, as globs within it
#       chip_holds assets.bin 0                   # bytes of the chip from an offset
#       board_quiet                               # no illegal event was reported
#   }
#
# The current folder is the test's own. VBOARD_LIB chooses another build (say, with sanitizers).

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
BOARD=$ROOT/board/stm32h743-w25q64.cfg

# Every test has its own board; the chip's and the part's flash live in files of the test's folder.
board_new() {
    cd "$BATS_TEST_TMPDIR" || return
    SETTINGS="contents = $PWD/chip.bin; flash-contents = $PWD/internal.bin; report = $PWD/report.txt"
    export VBOARD_SET=$SETTINGS
}

# More scenario settings ("key = value"), on top.
board_set() {
    local setting
    for setting in "$@"; do
        VBOARD_SET="$VBOARD_SET; $setting"
    done
}

# The stock openocd on the virtual board, without network ports; arguments as openocd takes them.
vopenocd() {
    timeout 300 "$ROOT/vboard/vopenocd" -c "gdb_port disabled; telnet_port disabled; tcl_port disabled" "$@"
}

# Run commands with the kit's board file and shut down; options that come before the board file go
# into the array KIT_BEFORE. Each argument is one -c; sets status and output.
kit() {
    local args=() command
    for command in "$@"; do
        args+=(-c "$command")
    done
    run vopenocd "${KIT_BEFORE[@]}" -f "$BOARD" "${args[@]}" -c shutdown
    echo "\$ openocd ${KIT_BEFORE[*]} -f board/stm32h743-w25q64.cfg ${args[*]}"
    echo "$output"
    # Whatever happens, OpenOCD must not crash.
    [[ "$output" != *"Assertion"* ]] && [ "$status" -lt 124 ]
}

# The last output contains / does not contain each glob.
says() {
    local glob
    for glob in "$@"; do
        # shellcheck disable=SC2053
        [[ "$output" == *$glob* ]] || { echo "missing in the output: $glob"; return 1; }
    done
}
says_not() {
    local glob
    for glob in "$@"; do
        # shellcheck disable=SC2053
        [[ "$output" != *$glob* ]] || { echo "should not be in the output: $glob"; return 1; }
    done
}

# `size` bytes that are all different from FFh somewhere and the same on every run.
make_file() { # name size
    # A keystream as noise: no dependence on /dev/urandom.
    head -c "$2" /dev/zero | openssl enc -aes-128-ctr -nosalt -K 00112233445566778899aabbccddeeff \
        -iv 00000000000000000000000000000000 > "$1"
}

# The chip's contents equal a file from an offset on / are all erased.
chip_holds() { # file offset
    cmp -n "$(stat -c %s "$1")" "$1" "$PWD/chip.bin" 0 "$(($2))"
}
chip_erased() { # [offset size]
    local offset=$((${1:-0})) size=$((${2:-8388608}))
    [ ! -e chip.bin ] || cmp -n "$size" chip.bin <(tr '\0' '\377' < /dev/zero) "$offset" 0
}

# No illegal event: what silicon would punish did not happen. Two are part of every bring-up and
# harmless: the two clocks of FFh on 4 lines that end QPI, and AFh, which OpenOCD asks before 9Fh.
board_quiet() {
    local rest
    [ -e report.txt ] || return 0
    rest=$(grep -v -e 'nor.partial-opcode .* after 2 bits$' -e 'nor.unknown-opcode .* AFh ignored$' report.txt || true)
    [ -z "$rest" ] || { echo "$rest"; return 1; }
}

# A firmware in internal flash with assets at 0x90000000: app.elf, app.hex, app.s19, code.bin,
# assets.bin.
make_app() { # size of the assets
    make_file code.bin 1000
    make_file assets.bin "$1"
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
    arm-none-eabi-ld -n -Ttext 0x08000000 --section-start=.assets=0x90000000 -Tbss 0x20000000 \
        -o app.elf app.o
    arm-none-eabi-objcopy -O ihex app.elf app.hex
    arm-none-eabi-objcopy -O srec app.elf app.s19
}
