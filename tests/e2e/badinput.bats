#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What goes wrong on a desk: each ends in one clear sentence, a non-zero exit status and an untouched
# flash, and never in a crash of OpenOCD, from `program`, `make flash`, the console or GDB.
load helper

setup() {
    board_new
    make_file assets.bin 70000
    # An old image on the chip, to see that it stays.
    make_file old.bin 131072
    { cat old.bin; head -c $((8388608 - 131072)) /dev/zero | tr '\0' '\377'; } > chip.bin
    cp chip.bin before.bin
}

# `program` fails with a sentence; nothing was erased or written.
program_fails() { # sentence arguments...
    local sentence=$1
    shift
    run vopenocd "${KIT_BEFORE[@]}" -f "$BOARD" -c "program $* verify reset exit"
    echo "$output"
    [ "$status" -eq 1 ]
    says "QSPI: $sentence"
    [ "$(grep -c '^QSPI: ' <<< "$output")" -le 2 ]
    says_not "Assertion" "in procedure" "** Programming Finished **"
    cmp chip.bin before.bin
}

make_fails() { # sentence variables...
    local sentence=$1
    shift
    run make --no-print-directory -s -C "$ROOT" "OPENOCD=$ROOT/vboard/vopenocd" flash "$@"
    echo "$output"
    [ "$status" -ne 0 ]
    says "$sentence"
    cmp chip.bin before.bin
}

@test "no such file" {
    program_fails "no such file: nothing.bin" nothing.bin 0x90000000
    make_fails "QSPI: no such file: nothing.bin" BIN=nothing.bin
    make_fails "BIN is not set"
}

@test "empty file" {
    : > empty.bin
    program_fails "empty.bin is empty" empty.bin 0x90000000
    make_fails "is empty" "BIN=$PWD/empty.bin"
}

@test "a folder, an unreadable ELF" {
    mkdir folder
    program_fails "folder is a folder" folder 0x90000000
    head -c 100 "$(command -v openocd)" > cut.elf
    program_fails "cut.elf is a damaged ELF" cut.elf
}

@test "an image past the end of the chip: bin, elf and hex" {
    program_fails "assets.bin does not fit: *past the end of the flash at 0x90000000-0x907FFFFF" assets.bin 0x907F0000
    make_fails "does not fit" "BIN=$PWD/assets.bin" ADDR=0x907F0000
    arm-none-eabi-objcopy -I binary -O elf32-littlearm --rename-section .data=.assets,alloc,load,readonly,data assets.bin a.o
    arm-none-eabi-ld --section-start=.assets=0x907F8000 -e 0 -o big.elf a.o
    program_fails "big.elf does not fit" big.elf
    arm-none-eabi-objcopy -O ihex big.elf big.hex
    program_fails "big.hex does not fit" big.hex
    arm-none-eabi-objcopy -O srec big.elf big.s19
    program_fails "big.s19 does not fit" big.s19
}

@test "an ELF whose internal part fits but whose assets do not: nothing at all is written" {
    make_app 1000
    arm-none-eabi-objcopy --change-section-address .assets=0x907FFFF0 app.elf big.elf
    run vopenocd -f "$BOARD" -c "program app.elf exit"
    cp internal.bin internal-before.bin
    cp chip.bin before.bin
    program_fails "big.elf does not fit" big.elf
    cmp internal.bin internal-before.bin
}

@test "an address outside any bank, and no address at all" {
    program_fails "*outside any flash bank*QSPI 0x90000000-0x907FFFFF" assets.bin 0x90800000
    program_fails "*outside any flash bank" assets.bin 0x60000000
    program_fails "*where there is no flash*" assets.bin
    program_fails "\"ninety\" is no address" assets.bin ninety
}

@test "an unknown pin, a pin that cannot carry its signal, a missing and a doubled signal" {
    wrong_wiring() { # sentence list
        KIT_BEFORE=(-c "set QSPI_WIRING {$2}")
        program_fails "$1" assets.bin 0x90000000
    }
    wrong_wiring "unknown pin \"PX6\" for NCS" "clk PB2 ncs PX6 io0 PD11 io1 PD12 io2 PE2 io3 PD13"
    wrong_wiring "PB11 cannot carry QUADSPI NCS; NCS can be PB6, PB10 or PG6 (bank 1) or PC11 (bank 2)." \
        "clk PB2 ncs PB11 io0 PD11 io1 PD12 io2 PE2 io3 PD13"
    wrong_wiring "signal IO1 is missing" "clk PB2 ncs PB6 io0 PD11 io2 PE2 io3 PD13"
    wrong_wiring "signal IO1 is given twice" "clk PB2 ncs PB6 io0 PD11 io1 PD12 io1 PC10 io2 PE2 io3 PD13"
    wrong_wiring "pin PD12 is given twice" "clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 PE2 io3 PD12"
}

@test "no probe" {
    board_set "probe = none"
    program_fails "no debug probe: OpenOCD found no cmsis-dap adapter" assets.bin 0x90000000
    make_fails "QSPI: no debug probe" "BIN=$PWD/assets.bin"
}

@test "no power on the target" {
    board_set "target-power = off"
    program_fails "the probe answers, but not the microcontroller" assets.bin 0x90000000
}

@test "no chip" {
    board_set "part = none"
    program_fails "no answer: the JEDEC ID reads FF FF FF on CLK=PB2 NCS=PB6 IO0=PD11 IO1=PD12" assets.bin 0x90000000
    says "** Programming Failed **"
    make_fails "QSPI: no answer: the JEDEC ID reads FF FF FF" "BIN=$PWD/assets.bin"
}

@test "missing, stuck and swapped lines" {
    local fault
    for fault in "line = clk open" "line = ncs open" "line = io0 open" "line = io1 open" \
        "line = io1 stuck-low" "line = io1 stuck-high" "line = clk stuck-low" "line = ncs stuck-high" \
        "swap = io0 io1" "swap = clk ncs" "trouble = no-power" "trouble = mute"; do
        board_new
        board_set "$fault"
        echo "== $fault"
        program_fails "" assets.bin 0x90000000
    done
    board_new
    board_set "line = io1 stuck-low"
    program_fails "no answer: the JEDEC ID reads 00 00 00 * IO1 stays low" assets.bin 0x90000000
}

@test "a chip that never finishes an erase" {
    board_set "trouble = stuck-busy"
    run vopenocd -f "$BOARD" -c "program assets.bin 0x90000000 verify exit"
    echo "$output"
    [ "$status" -eq 1 ]
    says "failed erasing" "** Programming Failed **"
    says_not "Assertion" "in procedure"
}

@test "a locked chip: by BP bits, by CMP, by individual locks; other parts of it can be written" {
    board_set "state = sr1:1c"
    program_fails "nothing was changed: the chip's own protection locks 0x90000000-0x907FFFFF (SR1=0x1C SR2=0x02)" assets.bin 0x90000000
    make_fails "the chip's own protection locks" "BIN=$PWD/assets.bin"
    rm chip.bin.*
    board_new
    board_set "state = sr1:04 sr2:42"
    program_fails "nothing was changed: *locks 0x90000000-0x907DFFFF" assets.bin 0x90000000
    rm chip.bin.*
    board_new
    board_set "state = sr3:64"
    program_fails "nothing was changed: *WPS=1" assets.bin 0x90000000
    rm chip.bin.*
    board_new
    board_set "state = sr1:04"
    run vopenocd -f "$BOARD" -c "program assets.bin 0x90000000 verify exit"
    [ "$status" -eq 0 ]
    chip_holds assets.bin 0
}

@test "the way out that the sentence names unlocks the chip" {
    board_set "state = sr1:1c"
    run vopenocd -f "$BOARD" -c "program assets.bin 0x90000000 verify exit"
    [ "$status" -eq 1 ]
    local how
    # shellcheck disable=SC2016
    how=$(sed -n 's/.*; for good: `\(.*\)`\..*/\1/p' <<< "$output")
    [ -n "$how" ]
    kit "init" "reset init" "$how" "reset init" "program assets.bin 0x90000000 verify"
    [ "$status" -eq 0 ]
    says "** Verified OK **"
    chip_holds assets.bin 0
}

@test "the console without a chip: each flash command ends in the sentence, none in a crash" {
    board_set "part = none"
    local command
    for command in "flash write_image erase assets.bin 0x90000000" "flash write_image assets.bin 0x90000000" \
        "flash write_bank 1 assets.bin" "flash erase_sector 1 0 last" "flash erase_address 0x90000000 0x10000" \
        "flash fillw 0x90000000 0 16" "flash probe 1" "flash info 1" "flash read_bank 1 out.bin" \
        "flash verify_bank 1 assets.bin" "flash verify_image assets.bin 0x90000000" "flash erase_check 1" \
        "stmqspi mass_erase 1" "stmqspi cmd 1 3 0x9f" "flash mdw 0x90000000"; do
        echo "== $command"
        kit "init" "reset init" "$command"
        [ "$status" -eq 1 ]
        says "QSPI: no answer: the JEDEC ID reads FF FF FF"
        # and right after init, with no bring-up before
        kit "init" "reset halt" "$command"
        [ "$status" -eq 1 ]
        says "QSPI: no answer: the JEDEC ID reads FF FF FF"
    done
}

@test "without a chip, internal flash can still be written" {
    board_set "part = none"
    make_file code.bin 3000
    run vopenocd -f "$BOARD" -c "program code.bin 0x08000000 verify exit"
    echo "$output"
    [ "$status" -eq 0 ]
    says "QSPI: no answer" "** Verified OK **"
    cmp -n 3000 code.bin internal.bin
}

@test "GDB load without a chip: an error, no crash" {
    board_set "part = none"
    make_app 5000
    cat > gdb.cmd << END
set confirm off
set pagination off
target extended-remote | $ROOT/vboard/vopenocd -c "gdb_port pipe; telnet_port disabled; tcl_port disabled; log_output ocd.log" -f $BOARD
load
info registers pc
detach
END
    run timeout 120 gdb-multiarch -batch -nx -x gdb.cmd app.elf
    echo "$output"
    cat ocd.log
    says "Error erasing flash with vFlashErase packet"
    [ "$(grep -c Assertion ocd.log)" -eq 0 ]
    grep -q "QSPI: no answer" ocd.log
}
