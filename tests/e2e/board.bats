#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The board file: what a user sees after sourcing it, from anywhere, with any interface.
# shellcheck disable=SC2030,SC2031
load helper
setup() { board_new; }

@test "stock OpenOCD first: an empty bank and 'No QSPI, no OCTOSPI'" {
    run vopenocd -f interface/cmsis-dap.cfg -c "transport select swd; set QUADSPI 1" -f target/stm32h7x.cfg \
        -c "init" -c "reset init" -c "flash list" -c "flash probe 1" -c shutdown
    echo "$output"
    says "driver stmqspi base 2415919104 size 0 " "No QSPI, no OCTOSPI at 0x52005000"
}

@test "reset init: one line with the part, its size, SCK and protection; the bank is probed" {
    kit "init" "reset init" "flash banks" "flash info 1"
    [ "$status" -eq 0 ]
    says "flash1 'win w25q64fv/jv' id = 0x1740ef size = 8192 KiB"
    says "QSPI: win w25q64fv/jv (EF 40 17), 8 MiB at 0x90000000, SCK * MHz, SR1 00 SR2 02 SR3 60, no block protected"
    says "#1 : stm32h7x.qspi (stmqspi) at 0x90000000, size 0x00800000"
    says "flash size = 8192Ki B"
    says_not "Error" "Warn"
    board_quiet
}

@test "reset init leaves pc and sp at the reset vector, so that resume starts the firmware" {
    kit "init" "reset halt" "reg pc" "reg msp" "reset init" "reg pc" "reg msp"
    [ "$(grep -c '^pc ' <<< "$output")" -eq 2 ]
    [ "$(grep '^pc ' <<< "$output" | sort -u | wc -l)" -eq 1 ]
    [ "$(grep '^msp ' <<< "$output" | sort -u | wc -l)" -eq 1 ]
}

@test "the stock reset-init handler still runs: adapter speed 4000 kHz" {
    kit "init" "reset init" "adapter speed"
    says "adapter speed: 4000 kHz"
}

@test "QSPI_ADAPTER_KHZ sets the speed after reset" {
    KIT_BEFORE=(-c "set QSPI_ADAPTER_KHZ 1000")
    kit "init" "reset init" "adapter speed"
    says "adapter speed: 1000 kHz"
}

@test "the high-speed probe works the same" {
    board_set "probe = high-speed"
    kit "init" "reset init" "flash info 1"
    [ "$status" -eq 0 ]
    says "8 MiB at 0x90000000"
}

@test "by path from another folder, and through a relative path" {
    mkdir -p some/where
    cd some/where
    kit "init" "reset init"
    says "8 MiB at 0x90000000"
    BOARD=$(realpath --relative-to=. "$BOARD")
    kit "init" "reset init"
    says "8 MiB at 0x90000000"
}

@test "an interface chosen before wins" {
    run openocd -f interface/jlink.cfg -f "$BOARD" -c 'echo "<[adapter name] [transport select]>"' -c shutdown
    says "<jlink swd>"
    run openocd -f interface/stlink.cfg -f "$BOARD" -c 'echo "<[adapter name] [transport select]>"' -c shutdown
    says "<hla hla_swd>"
    run openocd -f interface/stlink-dap.cfg -f "$BOARD" -c 'echo "<[adapter name] [transport select]>"' -c shutdown
    says "<st-link dapdirect_swd>"
    run openocd -f "$BOARD" -c 'echo "<[adapter name] [transport select]>"' -c shutdown
    says "<cmsis-dap swd>"
}

@test "reset is by SYSRESETREQ unless the user chooses otherwise, before or after" {
    run openocd -f "$BOARD" -c 'echo "<[reset_config]>"' -c shutdown
    says "<none separate"
    run openocd -f interface/cmsis-dap.cfg -c "reset_config srst_only" -f "$BOARD" -c 'echo "<[reset_config]>"' -c shutdown
    says "<srst_only separate"
    run openocd -f "$BOARD" -c "reset_config srst_only" -c 'echo "<[reset_config]>"' -c shutdown
    says "<srst_only separate"
    run openocd -c "set QSPI_RESET_CONFIG {srst_only srst_nogate}" -f "$BOARD" -c 'echo "<[reset_config]>"' -c shutdown
    says "<srst_only separate srst_nogate"
}

@test "with SRST wired it can be used" {
    KIT_BEFORE=(-c "set QSPI_RESET_CONFIG {srst_only srst_nogate}")
    kit "init" "reset init" "flash info 1"
    says "8 MiB at 0x90000000"
}

@test "the board file does not call init" {
    run openocd -f "$BOARD" -c 'echo "<[command mode]>"' -c shutdown
    says "<config>"
}

@test "another wiring, set before the board file" {
    local pins="clk PF10 ncs PG6 io0 PF8 io1 PF9 io2 PF7 io3 PF6"
    board_set "wiring = $pins"
    KIT_BEFORE=(-c "set QSPI_WIRING {$pins}")
    kit "init" "reset init"
    says "8 MiB at 0x90000000"
    board_quiet
}

@test "a chip on bank 2" {
    local pins="clk PB2 ncs PC11 io0 PE7 io1 PE8 io2 PE9 io3 PE10"
    board_set "wiring = $pins"
    KIT_BEFORE=(-c "set QSPI_WIRING {$pins}")
    kit "init" "reset init" "flash info 1"
    says "8 MiB at 0x90000000" "flash2 'win w25q64fv/jv'"
    board_quiet
}

@test "a lower SCK on request" {
    KIT_BEFORE=(-c "set QSPI_SCK_HZ 8000000")
    kit "init" "reset init"
    says "SCK 8 MHz"
}

@test "locked blocks are told in one line" {
    board_set "state = sr1:10"
    kit "init" "reset init"
    [ "$status" -eq 0 ]
    says "SR1 10 SR2 02 SR3 60, PROTECTED 0x90700000-0x907FFFFF"
}

@test "other sizes: W25Q16JV to W25Q128JV" {
    local part size
    for part in 16:2 32:4 128:16; do
        board_new
        rm -f chip.bin*
        board_set "part = W25Q${part%:*}JV-IQ"
        kit "init" "reset init" "flash banks"
        says "${part#*:} MiB at 0x90000000"
    done
}

@test "two chips in dual-flash mode, 16 MiB in one bank, with selects of their own or one for both" {
    local first="clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 PE2 io3 PD13" data="io0 PE7 io1 PE8 io2 PE9 io3 PE10"
    make_file a.bin 100000
    board_set "contents2 = $PWD/chip2.bin" "part2 = W25Q64JV-IQ" "wiring2 = clk PB2 ncs PC11 $data"
    KIT_BEFORE=(-c "set QSPI_WIRING {$first ncs2 PC11 io4 PE7 io5 PE8 io6 PE9 io7 PE10}")
    kit "program a.bin 0x90000000 verify"
    [ "$status" -eq 0 ]
    says "16 MiB at 0x90000000" "** Verified OK **"
    # even bytes in the first chip, odd ones in the second
    cmp <(head -c 100 a.bin | od -An -v -tx1 -w2 | cut -c2-3) <(head -c 50 chip.bin | od -An -v -tx1 -w1 | cut -c2-3)
    board_set "wiring2 = clk PB2 ncs PB6 $data"
    KIT_BEFORE=(-c "set QSPI_WIRING {$first io4 PE7 io5 PE8 io6 PE9 io7 PE10}")
    kit "program a.bin 0x90100001 verify"
    [ "$status" -eq 0 ]
    says "16 MiB at 0x90000000" "** Verified OK **"
    board_set "part2 = none"
    kit "program a.bin 0x90000000 verify"
    [ "$status" -eq 1 ]
    says "QSPI: no answer from chip 2: the JEDEC ID reads FF FF FF"
}

@test "whatever state the chip was left in" {
    local state
    for state in qpi continuous-quad continuous-dual continuous-qpi power-down erasing suspended; do
        board_new
        board_set "part = W25Q64JV-IM" "state = $state"
        kit "init" "reset init" "flash probe 1"
        [ "$status" -eq 0 ]
        says "QSPI: win w25q64jv (EF 70 17), 8 MiB at 0x90000000"
    done
}
