#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# GDB on the virtual board: the real gdb-multiarch against the real openocd, with a firmware
# (tests/fw/mapped.c) that has parts in internal flash, in RAM and in the QSPI flash.
load helper

setup() {
    board_new
    PORT=$((30000 + BASHPID % 10000))
}

teardown() {
    [ -z "${SERVER:-}" ] || kill "$SERVER" 2> /dev/null || true
}

# app<mode>.elf: how the firmware maps the flash, see tests/fw/mapped.c
build_app() { # mode
    (cd "$ROOT" && arm-none-eabi-gcc -mcpu=cortex-m7 -mthumb -mfloat-abi=soft -std=c11 -ffreestanding -Wall -Wextra -Werror \
        -Os -g -I. -DMODE="$1" -nostdlib -static -Wl,-T,tests/fw/mapped.ld -o "$BATS_TEST_TMPDIR/app$1.elf" \
        tests/fw/mapped.c driver/qspi.c driver/nor.c driver/nor_write.c)
    arm-none-eabi-objcopy -O binary --only-section=.qspi "app$1.elf" qspi.bin
}

# openocd as a server, ready for GDB; more arguments for it.
server() {
    timeout 100 "$ROOT/vboard/vopenocd" -c "gdb_port $PORT; telnet_port disabled; tcl_port disabled" "${KIT_BEFORE[@]}" -f "$BOARD" "$@" \
        > server.log 2>&1 &
    SERVER=$!
    for _ in $(seq 100); do
        grep -q "Listening on port $PORT for gdb" server.log && return
        sleep 0.1
    done
    cat server.log
    return 1
}

# GDB commands, one an argument, on a connection of its own; sets status and output.
gdb() { # elf commands...
    local args=() elf=$1 command
    shift
    for command in "$@"; do
        args+=(-ex "$command")
    done
    run timeout 60 gdb-multiarch -nx -batch -q -ex "set remotetimeout 20" -ex "target extended-remote :$PORT" "${args[@]}" "$elf"
    echo "(gdb) $*"
    echo "$output"
    echo "--- server"
    cat server.log
    [ "$status" -eq 0 ]
}

matched() {
    [ "$(grep -c ": matched." <<< "$output")" -eq "${1:-3}" ]
    says_not "MIS-MATCHED"
}

FIRST="0x90000000 <qspi_words>:	0x00000001	0x3c88596c"

@test "memory map: QSPI is flash of the right size from the first connect" {
    build_app 0
    server
    gdb app0.elf "info mem" "x/2xw 0x90000000"
    says "0x90000000 0x90800000 flash blocksize 0x10000" "0xffffffff	0xffffffff"
}

@test "memory map: a chip of another size" {
    build_app 0
    board_set "part = W25Q128JV-IQ"
    server
    gdb app0.elf "info mem"
    says "0x90000000 0x91000000 flash blocksize 0x10000"
}

@test "load, compare-sections and x right after connect" {
    build_app 1
    server
    gdb app1.elf "load" "compare-sections" "x/2xw 0x90000000" "x/2xw 0x20000000"
    says "$FIRST" "0x52414d21	0x00000001"
    matched
    chip_holds qspi.bin 0
}

@test "load after monitor reset halt and after monitor reset init" {
    build_app 1
    server
    gdb app1.elf "monitor reset halt" "x/2xw 0x90000000" "load" "compare-sections" "monitor reset init" "x/2xw 0x90000000" \
        "load" "compare-sections" "monitor reset halt" "x/2xw 0x90000000"
    says "0xffffffff	0xffffffff" "$FIRST"
    matched 6
    [ "$(grep -c "0x90000000 <qspi_words>:.0x00000001.0x3c88596c" <<< "$output")" -eq 2 ]
}

@test "breakpoints in QSPI and in internal flash, steps, finish; the firmware runs" {
    build_app 1
    server
    gdb app1.elf "load" "break next_word" "continue" "bt" "x/i \$pc" "stepi" "p/x \$pc" "delete" "finish" "tbreak next_word" "continue" "p errors" "p fault"
    says "Breakpoint 1, next_word (x=1)" "#1  0x08*in look" "ldr	r2, \[pc" "Value returned is * = 1015568748" "\$3 = 0" "\$4 = 0"
}

@test "after load the firmware starts from reset, with nothing of the kit left behind" {
    local state="0x58024400 0x5802444c 0x5802447c 0x580244d4 0x580244e0 0x58020400 0x58020404 0x58020408 0x5802040c 0x58020420 0x58020c00 0x58020c24 0x58021000 0x58021020"
    local commands=() address
    build_app 0
    for address in $state; do commands+=("monitor mdw $address"); done
    # as a board that was just reset and never saw the kit, at the firmware's first loop
    server
    gdb app0.elf "load" "monitor reset init" "kill"
    kill "$SERVER"
    wait "$SERVER" || true
    timeout 60 "$ROOT/vboard/vopenocd" -c "gdb_port disabled; telnet_port disabled; tcl_port disabled; source [find interface/cmsis-dap.cfg]; transport select swd" \
        -f target/stm32h7x.cfg -c "reset_config none; init; reset run; sleep 20; halt" \
        -c "foreach a {$state} {echo [mdw \$a]}; shutdown" 2>&1 | grep '^0x5802' | tr -d ' ' > plain.txt
    server
    gdb app0.elf "load" "compare-sections" "tbreak Reset_Handler" "continue" "stepi" "stepi" "${commands[@]}" "p/x \$pc"
    grep '^0x5802' <<< "$output" | tr -d ' ' > kit.txt
    [ "$(wc -l < plain.txt)" -eq 14 ]
    diff plain.txt kit.txt
}

@test "a second GDB connects while the first has the core halted" {
    build_app 1
    server
    gdb app1.elf "load" "tbreak next_word" "continue" \
        "shell timeout 30 gdb-multiarch -nx -batch -q -ex 'target extended-remote :$PORT' -ex 'info mem' -ex 'x/2xw 0x90000000' -ex 'p fault' -ex detach app1.elf > second.txt 2>&1" \
        "x/2xw 0x90000000" "tbreak next_word" "continue" "p errors"
    cat second.txt
    grep -q "0x90000000 0x90800000 flash blocksize" second.txt
    grep -q "0x90000000 <qspi_words>:.0x00000001.0x3c88596c" second.txt
    says "Temporary breakpoint 2, next_word" "$FIRST" "\$1 = 0"
}

# Firmware that runs with the flash in a mode of its own, started without any debugger's doing.
running_firmware() { # mode
    build_app "$1"
    server
    gdb "app$1.elf" "load" "monitor reset run" "detach"
    kill "$SERVER"
    wait "$SERVER" || true
    server -c "init; reset run; sleep 300"
}

attach_and_detach() {
    local app=$1
    running_firmware "$app"
    gdb "app$app.elf" "info mem" "x/2xw 0x90000000" "monitor mdw 0x52005000 8" "monitor mdw 0x58020c00 4" "p errors" "p fault" "p rounds" "detach"
    says "0x90000000 0x90800000 flash blocksize" "$FIRST" "\$1 = 0" "\$2 = 0"
    local before=$output
    sleep 1
    gdb "app$app.elf" "x/2xw 0x90000000" "monitor mdw 0x52005000 1" "monitor mdw 0x52005014 1" "p errors" "p rounds" "compare-sections .text" "compare-sections .qspi"
    says "$FIRST" "\$1 = 0"
    matched 2
    # it went on
    # shellcheck disable=SC2016
    [ "$(grep -o '\$2 = .*' <<< "$output" | cut -d' ' -f3)" -gt "$(grep -o '\$3 = .*' <<< "$before" | cut -d' ' -f3)" ]
    gdb "app$app.elf" "load" "compare-sections" "break next_word" "continue"
    matched
    says "Breakpoint 1, next_word (x=1)"
}

@test "attach to firmware that maps the flash in 1-1-1: it goes on, and load works" {
    attach_and_detach 1
}

@test "attach to firmware in 1-4-4 with continuous read: it goes on, and load works" {
    attach_and_detach 4
}

@test "attach to firmware in QPI: it goes on, and load works" {
    board_set "part = W25Q64FV"
    attach_and_detach 6
}

@test "no chip: one warning, internal flash and RAM can be debugged" {
    build_app 0
    arm-none-eabi-objcopy --remove-section=.qspi app0.elf int.elf 2> /dev/null
    board_set "part = none"
    server
    gdb int.elf "load" "x/2xw 0x08000000" "x/2xw 0x20000000" "break Reset_Handler" "monitor reset halt" "continue" "stepi"
    says "0x8000000 <vectors>:	0x20020000" "0x52414d21" "Breakpoint 1, "
    [ "$(grep -c "QSPI: no answer" server.log)" -eq 1 ]
    grep -q "Internal flash and RAM can be debugged all the same." server.log
}
