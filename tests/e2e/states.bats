#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Any state: `reset init`, `qspi init` and a bare `flash probe 1` work whatever earlier firmware or a
# broken session left in the chip, in the controller, in the clocks or in the core.
# shellcheck disable=SC2030,SC2031
load helper
setup() { board_new; }

# What firmware may leave behind, as Tcl: state.tcl defines `enter NAME` for the table below.
write_states() {
    cat > state.tcl << 'END_OF_TCL'
# RM0433: RCC 0x58024400, QUADSPI 0x52005000
proc rcc {offset} { return [expr {0x58024400 + $offset}] }
proc word {address} { lindex [read_memory $address 32 1] 0 }
proc change {address clear set} { mww $address [expr {[word $address] & ~$clear | $set}] }
proc wait_for {address mask want} {
    for {set i 0} {$i < 1000} {incr i} {
        if {([word $address] & $mask) == $want} { return }
    }
    error "no [format 0x%08X $mask] in [format 0x%08X $address]"
}
# Commands of firmware: QUADSPI out of memory-mapped mode first (ABORT).
proc quadspi {ccr {address 0} {bytes 0}} {
    change 0x52005000 0 2
    wait_for 0x52005008 0x20 0
    if {$bytes} { mww 0x52005010 [expr {$bytes - 1}] }
    mww 0x52005014 $ccr
    if {$ccr & 0xC00} { mww 0x52005018 $address }
}
proc hse_on {} {
    change [rcc 0] 0 0x10000
    wait_for [rcc 0] 0x20000 0x20000
}
# PLL1 or PLL2: 25 MHz HSE / 5 * 64 = 320 MHz, / 4 = 80 MHz on P, Q and R
proc pll_on {number} {
    hse_on
    change [rcc 0x28] 0x0003F3F3 [expr {2 | 5 << 4 | 5 << 12}]
    change [rcc 0x2C] 0xCC 0x01FF0088 ;# input 4 to 8 MHz, wide VCO
    mww [expr {[rcc 0x30] + 8 * ($number - 1)}] [expr {63 | 3 << 9 | 3 << 16 | 3 << 24}]
    set on [expr {0x1000000 << 2 * ($number - 1)}]
    change [rcc 0] 0 $on
    wait_for [rcc 0] [expr {$on << 1}] [expr {$on << 1}]
}
proc sysclk {source} {
    change [rcc 0x10] 7 $source
    wait_for [rcc 0x10] 0x38 [expr {$source << 3}]
}
proc enter {name} {
    switch -- $name {
        none {}
        mapped-quad { # 6Bh 1-1-4, and read once
            mww 0x52005014 [expr {0x6B | 1 << 8 | 1 << 10 | 2 << 12 | 8 << 18 | 3 << 24 | 3 << 26}]
            change 0x52005000 0 2
            wait_for 0x52005008 0x20 0
            mww 0x52005014 [expr {0x6B | 1 << 8 | 1 << 10 | 2 << 12 | 8 << 18 | 3 << 24 | 3 << 26}]
            mdw 0x90000000
        }
        mapped-continuous { # EBh 1-4-4, mode byte A0h, SIOO, so that the opcode goes out once
            quadspi [expr {0xEB | 1 << 8 | 3 << 10 | 2 << 12 | 3 << 14 | 4 << 18 | 3 << 24 | 3 << 26 | 1 << 28}]
            mww 0x5200501C 0xA0
            mww 0x52005014 [expr {0xEB | 1 << 8 | 3 << 10 | 2 << 12 | 3 << 14 | 4 << 18 | 3 << 24 | 3 << 26 | 1 << 28}]
            mdw 0x90000000
        }
        continuous-no-sioo { # the same, indirect and without SIOO
            change 0x52005000 0 2
            wait_for 0x52005008 0x20 0
            mww 0x52005010 3
            mww 0x5200501C 0xA0
            quadspi [expr {0xEB | 1 << 8 | 3 << 10 | 2 << 12 | 3 << 14 | 4 << 18 | 3 << 24 | 1 << 26}] 0 4
            wait_for 0x52005008 2 2
            mdb 0x52005020
        }
        dtr-continuous { # EDh 1-4-4 DTR, mode byte A0h, 7 dummy clocks
            change 0x52005000 0x10 2
            wait_for 0x52005008 0x20 0
            mww 0x5200501C 0xA0
            quadspi [expr {0xED | 1 << 8 | 3 << 10 | 2 << 12 | 3 << 14 | 7 << 18 | 3 << 24 | 1 << 26 | 1 << 31}] 0 4
            wait_for 0x52005008 2 2
            mdb 0x52005020
        }
        half-a-write { # a page program that got 100 of its 256 bytes
            quadspi [expr {0x06 | 1 << 8}]
            quadspi [expr {0x02 | 1 << 8 | 1 << 10 | 2 << 12 | 1 << 24}] 0x4000 256
            for {set i 0} {$i < 25} {incr i} { mww 0x52005020 0 }
        }
        erase-just-begun {
            quadspi [expr {0x06 | 1 << 8}]
            quadspi [expr {0xD8 | 1 << 8 | 1 << 10 | 2 << 12}] 0x10000
        }
        erase-suspended {
            enter erase-just-begun
            sleep 30
            quadspi [expr {0x75 | 1 << 8}]
        }
        power-down { quadspi [expr {0xB9 | 1 << 8}] }
        write-enabled { quadspi [expr {0x06 | 1 << 8}] }
        polling { # automatic status polling for a bit that never comes
            mww 0x52005024 0x80
            mww 0x52005028 0x80
            mww 0x5200502C 16
            quadspi [expr {0x05 | 1 << 8 | 1 << 24 | 2 << 26}] 0 1
        }
        fifo-full { # an indirect read nobody fetches
            quadspi [expr {0x03 | 1 << 8 | 1 << 10 | 2 << 12 | 1 << 24 | 1 << 26}] 0 4096
        }
        quadspi-off { change [rcc 0xD4] 0x4000 0 }
        quadspi-in-reset { change [rcc 0x7C] 0 0x4000 }
        pins-analog { foreach port {0x58020400 0x58020C00 0x58021000} { mww $port 0xFFFFFFFF } }
        pins-other-af { mww 0x58020C24 0xFFFFFFFF; mww 0x58020420 0xFFFFFFFF }
        hse { hse_on; sysclk 2 }
        pll1 { pll_on 1; sysclk 3 }
        pll1-hsi-off { pll_on 1; sysclk 3; change [rcc 0] 1 0 }
        csi { change [rcc 0] 0 0x80; wait_for [rcc 0] 0x100 0x100; sysclk 1; change [rcc 0] 1 0 }
        hsi-divided { change [rcc 0] 0x18 0x18 }
        kernel-pll1q { pll_on 1; change [rcc 0x4C] 0x30 0x10 }
        kernel-pll2r { pll_on 2; change [rcc 0x4C] 0x30 0x20 }
        kernel-pll2r-off { pll_on 2; change [rcc 0x4C] 0x30 0x20; change [rcc 0] 0x4000000 0 }
        kernel-hse { hse_on; change [rcc 0x4C] 0x30000000 0x20000000; change [rcc 0x4C] 0x30 0x30 }
        kernel-csi-off { change [rcc 0] 0 0x80; change [rcc 0x4C] 0x30000000 0x10000000
            change [rcc 0x4C] 0x30 0x30; change [rcc 0] 0x80 0 }
        mpu-no-execute { # one region over all of memory: no access to it, no code from it
            mww 0xE000ED98 0
            mww 0xE000ED9C 0
            mww 0xE000EDA0 0x1000003F
            mww 0xE000ED94 5
        }
        caches { change 0xE000ED14 0 0x30000 }
        interrupt-masked { reg primask 1; reg basepri 16 }
        process-stack { reg control 2; reg psp 0x24000000 }
        iwdg { # 100 ms
            mww 0x58004800 0xCCCC
            mww 0x58004800 0x5555
            mww 0x58004808 799
            sleep 5
            mww 0x58004800 0xAAAA
        }
        iwdg-window { enter iwdg; mww 0x58004800 0x5555; mww 0x58004810 400; sleep 5; mww 0x58004800 0xAAAA }
        default { error "no state $name" }
    }
}
END_OF_TCL
}

# In each state: OpenOCD alone starts, halts and enters it; then the line that is to cope with it.
copes() { # command state...
    local command=$1 state
    shift
    for state in "$@"; do
        echo "--- $state, then: $command"
        kit "source state.tcl" "init" "reset init" "enter $state" "$command" "flash write_bank 1 a.bin 0x20000" \
            "flash verify_bank 1 a.bin 0x20000" "flash probe 1" "flash info 1"
        [ "$status" -eq 0 ]
        says "8 MiB at 0x90000000" "contents match" "flash size = 8192Ki"
        says_not "Error" "watchdog-reset"
        chip_holds a.bin 0x20000
    done
}

CHIP_STATES="none mapped-quad mapped-continuous continuous-no-sioo dtr-continuous half-a-write erase-just-begun
    erase-suspended power-down write-enabled polling fifo-full"
BOARD_STATES="quadspi-off quadspi-in-reset pins-analog pins-other-af hse pll1 pll1-hsi-off csi hsi-divided kernel-pll1q
    kernel-pll2r kernel-pll2r-off kernel-hse kernel-csi-off"
CORE_STATES="mpu-no-execute caches interrupt-masked process-stack iwdg iwdg-window"

prepare() {
    write_states
    make_file a.bin 3000
    board_set "part = W25Q64JV-IM" "state = sr2:02"
}

@test "reset init, whatever firmware left in the chip and in QUADSPI" {
    prepare
    # shellcheck disable=SC2086
    copes "reset init" $CHIP_STATES
}

@test "qspi init without a reset, whatever firmware left in the chip and in QUADSPI" {
    prepare
    # shellcheck disable=SC2086
    copes "qspi init" $CHIP_STATES
}

@test "reset init, whatever firmware did to clocks and pins" {
    prepare
    # shellcheck disable=SC2086
    copes "reset init" $BOARD_STATES
}

@test "qspi init without a reset, whatever firmware did to clocks and pins" {
    prepare
    # shellcheck disable=SC2086
    copes "qspi init" $BOARD_STATES
}

@test "qspi init with MPU, caches, masked interrupts, another stack or a watchdog running" {
    prepare
    # shellcheck disable=SC2086
    copes "qspi init" $CORE_STATES
    # shellcheck disable=SC2086
    copes "reset init" $CORE_STATES
}

@test "qspi init, whatever mode the chip was found in" {
    local state
    make_file a.bin 3000
    for state in qpi continuous-quad continuous-dual continuous-qpi power-down erasing suspended; do
        echo "--- $state"
        board_new
        rm -f chip.bin*
        board_set "part = W25Q64JV-IM" "state = $state"
        kit "init" "qspi init" "flash probe 1" "flash write_bank 1 a.bin 0x20000" "flash verify_bank 1 a.bin 0x20000"
        [ "$status" -eq 0 ]
        says "8 MiB at 0x90000000" "contents match"
        says_not "Error"
    done
}

@test "an erase or a write left half done is finished or cut off, and can be written again" {
    prepare
    make_file all.bin 131072
    local state
    for state in half-a-write erase-just-begun erase-suspended; do
        echo "--- $state"
        rm -f chip.bin*
        kit "source state.tcl" "init" "reset init" "enter $state" "qspi init" "program all.bin 0x90000000 verify"
        [ "$status" -eq 0 ]
        says "** Verified OK **"
        chip_holds all.bin 0
    done
}

@test "a pin locked by LCKR: a clear error that a reset is needed, and after it all is well" {
    prepare
    cat > lock.tcl << 'END_OF_TCL'
proc lock_pd12 {} {
    change 0x58020C00 0x03000000 0
    foreach value {0x11000 0x01000 0x11000} { mww 0x58020C1C $value }
    mdw 0x58020C1C
    if {![expr {[word 0x58020C1C] & 0x10000}]} { error "not locked" }
}
END_OF_TCL
    local command
    for command in "qspi init" "flash probe 1"; do
        kit "source state.tcl" "source lock.tcl" "init" "reset init" "lock_pd12" "$command"
        [ "$status" -eq 1 ]
        says "QSPI: IO1=PD12 does not take its QUADSPI setting*firmware has locked the pin (GPIO LCKR) until the next reset; run \`reset init\`."
    done
    kit "source state.tcl" "source lock.tcl" "init" "reset init" "lock_pd12" "catch {qspi init}" "reset init" "flash info 1"
    [ "$status" -eq 0 ]
    says "8 MiB at 0x90000000"
}

# Firmware in RAM that feeds a 100 ms watchdog for ever, under an MPU and with caches on.
write_feeder() {
    cat > feeder.tcl << 'END_OF_TCL'
proc feeder {} {
    mww 0x24000000 0xE7FD6001 ;# str r1, [r0]; b .-2
    enter iwdg
    mww 0xE000ED94 4 ;# PRIVDEFENA, regions off
    enter caches
    mww 0xE000ED94 5
    reg r0 0x58004800
    reg r1 0xAAAA
    reg pc 0x24000000
    resume
    sleep 500
}
proc show {title} {
    echo "$title: PR [format %X [word 0x58004804]] RLR [format %X [word 0x58004808]] MPU [expr {[word 0xE000ED94] + 0}]\
        caches [expr {[word 0xE000ED14] >> 16 & 3}] state [[target current] curstate]"
}
END_OF_TCL
}

@test "firmware with watchdog, MPU and caches: stopped, flashed and sent on, none the wiser" {
    prepare
    write_feeder
    make_file all.bin 300000
    kit "source state.tcl" "source feeder.tcl" "init" "reset init" "feeder" "show before" "qspi init" "show during" \
        "flash write_image erase all.bin 0x90000000" "verify_image all.bin 0x90000000" "show written" "reg pc" "resume" "sleep 500" "show after"
    [ "$status" -eq 0 ]
    says "before: PR 0 RLR 31F MPU 5 caches 3 state running" "during: PR 6 RLR FFF MPU 4 caches 0 state halted" \
        "written: PR 6 RLR FFF MPU 4 caches 0 state halted" "pc (/32): 0x2400000" "after: PR 0 RLR 31F MPU 5 caches 3 state running"
    says_not "Error" "watchdog-reset" "reset detected"
    chip_holds all.bin 0
}

@test "a watchdog that bites in 100 ms does not cut off the wait for an erase of 2 s" {
    prepare
    board_set "times = worst"
    kit "source state.tcl" "init" "reset init" "enter erase-just-begun" "enter iwdg" "qspi init" "flash info 1"
    [ "$status" -eq 0 ]
    says "the chip was still busy with an erase or a write"
    says_not "watchdog-reset" "Error"
}

@test "qspi init stops a running core, and says goes on from there" {
    kit "init" "reset run" "sleep 10" "qspi init" "echo \"state [[target current] curstate]\""
    says "8 MiB at 0x90000000"
    kit "init" "reset run" "sleep 10" "qspi init" "flash probe 1" "resume" "sleep 10" "qspi init" "flash probe 1"
    [ "$status" -eq 0 ]
    says_not "Error"
}
