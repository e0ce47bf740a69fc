#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Other flash chips, without an edit: known to OpenOCD's table, known by SFDP alone, of other makers,
# with four address bytes.
# shellcheck disable=SC2030,SC2031
load helper
setup() { board_new; }

# Program and verify in the last sectors of the chip; `part = NAME` in front.
chip_works() { # part MiB name-in-the-message
    rm -f chip.bin*
    board_new
    board_set "part = $1"
    local start=$(($2 * 1048576 - 70000))
    kit "program a.bin $((0x90000000 + start)) verify" "flash info 1"
    [ "$status" -eq 0 ]
    says "QSPI: $3" "$2 MiB at 0x90000000" "** Verified OK **" "flash size = $(($2 * 1024))Ki"
    says_not "Error"
    chip_holds a.bin "$start"
}

@test "chips of OpenOCD's table: W25Q16JV to W25Q128JV, W25Q64FV, W25Q64JV-IM" {
    make_file a.bin 30000
    chip_works W25Q16JV-IQ 2 "win w25q16"
    chip_works W25Q32JV-IQ 4 "win w25q32"
    chip_works W25Q64JV-IQ 8 "win w25q64"
    chip_works W25Q64JV-IM 8 "win w25q64"
    chip_works W25Q64FV 8 "win w25q64"
    chip_works W25Q128JV-IQ 16 "win w25q128"
}

@test "chips that OpenOCD's table lacks, by their SFDP: PY25Q64HA, W25Q64JW-IM" {
    make_file a.bin 30000
    chip_works PY25Q64HA 8 "sfdp"
    chip_works W25Q64JW-IM 8 "sfdp"
}

@test "ISSI and Micron: 35h, a status register elsewhere, enters QPI there and is taken back" {
    make_file a.bin 30000
    chip_works IS25LP064A 8 "issi is25lp064"
    chip_works MT25QL512AB 64 "micron mt25ql512"
}

@test "256 Mbit: four address bytes, across 16 MiB and at the end" {
    make_file a.bin 30000
    chip_works W25Q256JV-IQ 32 "win w25q256"
    make_file a.bin 100000
    kit "program a.bin 0x90FFF000 verify"
    [ "$status" -eq 0 ]
    chip_holds a.bin 0xFFF000
    # nothing went to the address without its upper byte
    [ "$(od -An -tx1 -N1 chip.bin)" = " ff" ]
}

@test "a chip of another maker left in QPI is brought back" {
    local part
    for part in IS25LP064A MT25QL512AB; do
        rm -f chip.bin*
        board_new
        board_set "part = $part" "state = qpi"
        kit "init" "reset init" "flash probe 1"
        [ "$status" -eq 0 ]
        says "MiB at 0x90000000" "the chip was in QPI mode"
    done
}

@test "protection of a maker the kit does not know is not guessed" {
    board_set "part = IS25LP064A" "state = sr1:10"
    kit "init" "reset init"
    [ "$status" -eq 0 ]
    says "SR1 10, protection bits of this maker not known"
}
