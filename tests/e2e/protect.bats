#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `qspi protect` and `qspi unprotect`: the chip's own bits, volatile or for good, and what is refused.
# shellcheck disable=SC2001,SC2030,SC2031,SC2034
load helper
setup() {
    board_new
    make_file a.bin 5000
}

status_of() { # file: "SR1 SR2 SR3" as the chip keeps them without power
    sed -n 's/^status //p' "$1"
}

@test "protect is volatile: it holds in this session, survives reset init, and is not kept without power" {
    kit "init" "reset init" "qspi protect 0x90000000 0x20000" "reset init"
    [ "$status" -eq 0 ]
    says "PROTECTED 0x90000000-0x9001FFFF, until the chip is reset or loses power" "SR1 24 SR2 02 SR3 60, PROTECTED"
    [ "$(status_of chip.bin.nv)" = "00 02 60" ]
    kit "init" "reset init" "qspi protect 0x90000000 0x20000" "program a.bin 0x90010000"
    [ "$status" -eq 1 ]
    says "nothing was changed: the chip's own protection locks 0x90000000-0x9001FFFF (SR1=0x24 SR2=0x02)" "\`qspi unprotect\`"
    chip_erased
    kit "init" "reset init" "qspi protect 0x90000000 0x20000" "program a.bin 0x90020000 verify"
    [ "$status" -eq 0 ]
    chip_holds a.bin 0x20000
    board_quiet
}

@test "the chip itself refuses: the bits are real, not the kit's memory of them" {
    kit "init" "reset init" "qspi protect 0x90000000 0x1000" "stmqspi cmd 1 0 0x06" \
        "stmqspi cmd 1 0 0x02 0 0 0 0x55" "stmqspi cmd 1 0 0x06" "stmqspi cmd 1 0 0x02 0 0x10 0 0x55" "flash mdb 0x90000000" "mdb 0x90001000"
    grep -q "nor.*protect" report.txt
    [ "$(od -An -tx1 -j0 -N1 chip.bin)" = " ff" ]
    [ "$(od -An -tx1 -j4096 -N1 chip.bin)" = " 55" ]
}

@test "-permanent: the next session finds it, and -permanent lifts it" {
    kit "init" "reset init" "qspi protect 0x90400000 0x400000 -permanent"
    [ "$status" -eq 0 ]
    says "PROTECTED 0x90400000-0x907FFFFF, for good"
    [ "$(status_of chip.bin.nv)" = "18 02 60" ]
    kit "init" "reset init"
    says "SR1 18 SR2 02 SR3 60, PROTECTED 0x90400000-0x907FFFFF"
    kit "init" "reset init" "qspi unprotect" "program a.bin 0x90400000 verify"
    [ "$status" -eq 0 ]
    says "no block protected, until the chip is reset or loses power" "** Verified OK **"
    [ "$(status_of chip.bin.nv)" = "18 02 60" ]
    kit "init" "reset init" "qspi unprotect -permanent"
    says "no block protected, for good"
    [ "$(status_of chip.bin.nv)" = "00 02 60" ]
    board_quiet
}

@test "every range of the table, by the chip's registers: TB, SEC, CMP and all" {
    local range
    for range in "0x90000000 0x1000:64 02" "0x907F8000 0x8000:50 02" "0x90000000 0x800000:1C 02" "0x90000000 0x7FF000:44 42" \
        "0x90020000 0x7E0000:24 42" "0x90600000 0x200000:14 02"; do
        rm -f chip.bin*
        kit "init" "reset init" "qspi protect ${range%:*} -permanent"
        [ "$status" -eq 0 ]
        [ "$(status_of chip.bin.nv)" = "${range#*:} 60" ]
    done
}

@test "a range that the bits cannot express: the nearest ones are named, nothing is changed" {
    kit "init" "reset init" "qspi protect 0x90010000 0x10000"
    [ "$status" -eq 1 ]
    says "the chip cannot protect exactly 0x90010000-0x9001FFFF; it can protect 0x90000000-0x9001FFFF (\`qspi protect 0x90000000 0x20000\`), the smallest around it."
    kit "init" "reset init" "qspi protect 0x90000000 0x10000"
    says "the smallest around it; or 0x90000000-0x90007FFF (\`qspi protect 0x90000000 0x8000\`), the largest within it."
    [ "$(status_of chip.bin.nv)" = "00 02 60" ]
    kit "init" "reset init" "qspi protect 0x90700000 0x200000"
    says "is not inside the QSPI flash"
    kit "init" "reset init" "qspi protect 0x90000000"
    says "an address and a length are needed. Usage: qspi protect ADDR LEN"
    kit "init" "reset init" "qspi protect foo 0x1000"
    says "Usage: qspi protect"
}

@test "SRL and SRP are respected, each in a sentence; one-time bits are never touched" {
    board_set "state = sr2:03"
    kit "init" "reset init" "qspi protect 0x90000000 0x1000"
    [ "$status" -eq 1 ]
    says "nothing was changed: the chip's status registers are locked by SRL=1"
    board_new
    rm -f chip.bin*
    board_set "part = W25Q64JV-IM" "state = sr1:9c sr2:00"
    kit "init" "reset init" "qspi unprotect -permanent"
    [ "$status" -eq 1 ]
    says "locked by its /WP pin (SRP=1 in SR1=0x9C, QE=0)"
    board_new
    rm -f chip.bin*
    board_set "state = sr1:9c sr2:2a" # SRP, but QE; LB3 and LB1 burnt
    kit "init" "reset init" "qspi unprotect -permanent" "qspi protect 0x90000000 0x1000 -permanent"
    [ "$status" -eq 0 ]
    [ "$(status_of chip.bin.nv)" = "E4 2A 60" ]
}

@test "individual block locks (WPS=1): opened together, or given up for good" {
    board_set "state = sr3:64"
    kit "init" "reset init" "qspi protect 0x90000000 0x1000"
    [ "$status" -eq 1 ]
    says "individual block locks (WPS=1 in SR3)"
    kit "init" "reset init" "qspi unprotect" "program a.bin 0x90000000 verify"
    [ "$status" -eq 0 ]
    says "each of the chip's individual block locks (WPS=1) is open, until the chip is reset or loses power"
    [ "$(status_of chip.bin.nv)" = "00 02 64" ]
    kit "init" "reset init" "qspi unprotect -permanent" "reset init" "program a.bin 0x90100000 verify"
    [ "$status" -eq 0 ]
    [ "$(status_of chip.bin.nv)" = "00 02 60" ]
}

@test "two chips side by side: both get their bits, and keep what else is in their registers" {
    local data="PE7 io1 PE8 io2 PE9 io3 PE10"
    board_set "contents2 = $PWD/chip2.bin" "part2 = W25Q64JV-IQ" "wiring2 = clk PB2 ncs PB6 io0 $data" "state2 = sr2:0a"
    KIT_BEFORE=(-c "set QSPI_WIRING {clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 PE2 io3 PD13 io4 PE7 io5 PE8 io6 PE9 io7 PE10}")
    kit "init" "reset init" "qspi protect 0x90000000 0x40000 -permanent"
    [ "$status" -eq 0 ]
    says "PROTECTED 0x90000000-0x9003FFFF"
    [ "$(status_of chip.bin.nv)" = "24 02 60" ]
    [ "$(status_of chip2.bin.nv)" = "24 0A 60" ]
    kit "init" "reset init" "qspi protect 0x90000000 0x1001"
    says "must be even"
}

@test "the 256 Mbit part has four BP bits" {
    board_set "part = W25Q256JV-IQ"
    kit "init" "reset init" "qspi protect 0x90000000 0x10000 -permanent"
    [ "$status" -eq 0 ]
    says "PROTECTED 0x90000000-0x9000FFFF"
    [ "$(status_of chip.bin.nv)" = "44 02 60" ]
}

@test "a maker whose bits are not known, and a chip that does not answer" {
    board_set "part = IS25LP064A"
    kit "init" "reset init" "qspi protect 0x90000000 0x1000"
    [ "$status" -eq 1 ]
    says "how chips with JEDEC ID 9D 60 17 protect blocks is not known to the kit"
    board_set "part = none"
    kit "init" "reset init" "qspi unprotect"
    [ "$status" -eq 1 ]
    says "no answer: the JEDEC ID reads FF FF FF"
}
