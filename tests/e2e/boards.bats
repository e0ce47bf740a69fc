#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Every file in board/: a virtual board built as the file says (wiring, flash, size of the internal
# flash), and a program for internal and external flash written to it. A new board file is tested by
# being there.
# shellcheck disable=SC2030,SC2031
load helper
setup() { board_new; }

# What a board file sets, without OpenOCD: NAME, WIRING, FLASH or BANKS.
board_value() { # file name
    sed -n "s/^set QSPI_BOARD_$2 *{\(.*\)}.*/\1/p; t; s/^set QSPI_BOARD_$2 *\"\(.*\)\".*/\1/p; t; s/^set QSPI_BOARD_$2 *\([^ ]*\).*/\1/p" "$1"
}

# The pin of a signal in a wiring list.
pin_of() { # wiring signal
    sed -n "s/.*\<$2 \([A-Z0-9_]*\).*/\1/p" <<< "$1"
}

# Scenario settings for a board file; CHIPS becomes 1 or 2.
board_build() { # file
    local wiring flash
    wiring=$(board_value "$1" WIRING)
    flash=$(board_value "$1" FLASH)
    : "${flash:=W25Q64JV}"
    CHIPS=$(wc -w <<< "$flash")
    [ -n "$wiring" ] || { echo "no QSPI_BOARD_WIRING in $1"; return 1; }
    board_set "part = ${flash%% *}" "flash = $(($(board_value "$1" BANKS | grep -q 2 && echo 2048 || echo 128)))" \
        "wiring = ${wiring%% io4 *}"
    if [ "$CHIPS" -eq 2 ]; then
        local second
        second="clk $(pin_of "$wiring" clk) ncs $(pin_of "$wiring" ncs2)"
        [ -n "$(pin_of "$wiring" ncs2)" ] || second="clk $(pin_of "$wiring" clk) ncs $(pin_of "$wiring" ncs)"
        board_set "part2 = ${flash##* }" "contents2 = $PWD/chip2.bin" "wiring2 = $second io0 $(pin_of "$wiring" io4) \
io1 $(pin_of "$wiring" io5) io2 $(pin_of "$wiring" io6) io3 $(pin_of "$wiring" io7)"
    fi
}

@test "each board file: its wiring, its flash, a program of internal and external parts" {
    local count=0
    make_app 20000
    for BOARD in "$ROOT"/board/*.cfg; do
        echo "--- ${BOARD##*/}"
        board_new
        rm -f chip*.bin* internal.bin*
        board_build "$BOARD"
        kit "program app.elf verify"
        [ "$status" -eq 0 ]
        says "** Verified OK **" "at 0x90000000"
        says_not "Error"
        cmp -n 1000 code.bin internal.bin
        [ "$CHIPS" -eq 2 ] || chip_holds assets.bin 0
        count=$((count + 1))
    done
    [ "$count" -ge 13 ]
}

@test "the size of the chip is what its board file names" {
    local wanted=("art-pi:8 MiB" "daisy-seed:8 MiB" "linum-stm32h753bi:16 MiB" "stm32h750b-dk:128 MiB") board
    for board in "${wanted[@]}"; do
        BOARD=$ROOT/board/${board%:*}.cfg
        board_new
        rm -f chip*.bin* internal.bin*
        board_build "$BOARD"
        kit "init" "reset init"
        says "${board#*:} at 0x90000000"
    done
}

@test "H750 boards: an image for more than 128 KiB of internal flash is refused" {
    BOARD=$ROOT/board/weact-mini-stm32h750.cfg
    board_build "$BOARD"
    make_file big.bin 131073
    kit "program big.bin 0x08000000"
    [ "$status" -eq 1 ]
    says "1 byte past the end of the flash at 0x08000000-0x0801FFFF"
}

@test "each board file is a name, a wiring, a flash and a source, and takes pins its package has" {
    local file
    for file in "$ROOT"/board/*.cfg; do
        echo "--- $file"
        [ "$(wc -l < "$file")" -le 8 ]
        [ -n "$(board_value "$file" NAME)" ]
        run openocd -f "$file" -c "shutdown"
        [ "$status" -eq 0 ]
    done
}
