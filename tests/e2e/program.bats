#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `program`, the one line most people type, and the make targets around it.
load helper
setup() { board_new; }

@test "program assets.bin 0x90000000 verify reset exit" {
    make_file assets.bin 200000
    run vopenocd -f "$BOARD" -c "program assets.bin 0x90000000 verify reset exit"
    echo "$output"
    [ "$status" -eq 0 ]
    says "** Programming Started **" "** Programming Finished **" "** Verified OK **" "** Resetting Target **"
    says_not "Error"
    chip_holds assets.bin 0
    chip_erased 200000 100000
    board_quiet
}

@test "program on the high-speed probe, to an odd address, over old contents" {
    board_set "probe = high-speed"
    make_file assets.bin 70001
    run vopenocd -f "$BOARD" -c "program assets.bin 0x90010000 exit" -c shutdown
    [ "$status" -eq 0 ]
    make_file other.bin 5003
    run vopenocd -f "$BOARD" -c "program other.bin 0x90012345 verify exit"
    echo "$output"
    [ "$status" -eq 0 ]
    says "** Verified OK **"
    chip_holds other.bin 0x12345
    board_quiet
}

@test "the very last byte of the chip" {
    make_file assets.bin 1000
    run vopenocd -f "$BOARD" -c "program assets.bin $((0x90800000 - 1000)) verify exit"
    echo "$output"
    [ "$status" -eq 0 ]
    chip_holds assets.bin $((0x800000 - 1000))
    board_quiet
}

@test "an ELF with code in internal flash and assets at 0x90000000" {
    make_app 100000
    run vopenocd -f "$BOARD" -c "program app.elf verify exit"
    echo "$output"
    [ "$status" -eq 0 ]
    says "** Verified OK **"
    chip_holds assets.bin 0
    cmp -n 1000 code.bin internal.bin
    board_quiet
}

@test "the same as Intel HEX and as S-record" {
    make_app 70000
    run vopenocd -f "$BOARD" -c "program app.hex verify exit"
    echo "$output"
    [ "$status" -eq 0 ]
    chip_holds assets.bin 0
    cmp -n 1000 code.bin internal.bin
    rm -f chip.bin internal.bin
    run vopenocd -f "$BOARD" -c "program app.s19 verify exit"
    [ "$status" -eq 0 ]
    chip_holds assets.bin 0
    cmp -n 1000 code.bin internal.bin
}

@test "internal flash: an image across both of its banks" {
    make_file fw.bin 100000
    run vopenocd -f "$BOARD" -c "program fw.bin 0x080F8000 verify exit"
    echo "$output"
    [ "$status" -eq 0 ]
    says "** Verified OK **"
    cmp -n 100000 fw.bin internal.bin 0 $((0xF8000))
    board_quiet
}

@test "preverify writes nothing if the image is there already" {
    make_file assets.bin 100000
    run vopenocd -f "$BOARD" -c "program assets.bin 0x90000000 exit"
    [ "$status" -eq 0 ]
    board_set "stats = $PWD/stats.json"
    run vopenocd -f "$BOARD" -c "program assets.bin 0x90000000 preverify verify exit"
    echo "$output"
    [ "$status" -eq 0 ]
    says "**Verified OK - No flashing**"
    says_not "** Programming Started **"
    grep -q '"pages_programmed": 0' stats.json
}

@test "without exit, OpenOCD goes on; program twice in one session" {
    make_file a.bin 5000
    make_file b.bin 6000
    kit "program a.bin 0x90000000 verify" "program b.bin 0x90020000 verify reset" "echo {still here}"
    [ "$status" -eq 0 ]
    says "still here"
    chip_holds a.bin 0
    chip_holds b.bin 0x20000
}

@test "make flash, verify and dump" {
    local make=(make --no-print-directory -s -C "$ROOT" "OPENOCD=$ROOT/vboard/vopenocd")
    make_file assets.bin 150000
    run "${make[@]}" flash "BIN=$PWD/assets.bin"
    echo "$output"
    [ "$status" -eq 0 ]
    says "** Verified OK **"
    chip_holds assets.bin 0
    run "${make[@]}" verify "BIN=$PWD/assets.bin"
    echo "$output"
    [ "$status" -eq 0 ]
    says "** Verified OK **"
    run "${make[@]}" dump "OUT=$PWD/out.bin" LEN=150000
    echo "$output"
    [ "$status" -eq 0 ]
    cmp assets.bin out.bin
    make_file other.bin 150000
    printf 'X' | dd of=other.bin bs=1 seek=77777 conv=notrunc status=none
    run "${make[@]}" verify "BIN=$PWD/other.bin"
    echo "$output"
    [ "$status" -ne 0 ]
    says "QSPI: $PWD/other.bin differs from the flash."
}

@test "make flash with an address, a board by path and an interface by name" {
    make_app 3000
    run make --no-print-directory -s -C "$ROOT" "OPENOCD=$ROOT/vboard/vopenocd" flash \
        "BIN=$PWD/assets.bin" ADDR=0x90100000 "BOARD=$BOARD" INTERFACE=cmsis-dap
    echo "$output"
    [ "$status" -eq 0 ]
    chip_holds assets.bin 0x100000
    run make --no-print-directory -s -C "$ROOT" "OPENOCD=$ROOT/vboard/vopenocd" flash "BIN=$PWD/app.elf"
    echo "$output"
    [ "$status" -eq 0 ]
    chip_holds assets.bin 0
    cmp -n 1000 code.bin internal.bin
}

@test "make telnet: a console with the QSPI flash brought up" {
    local port=$((20000 + RANDOM % 20000)) line seen=""
    make --no-print-directory -s -C "$ROOT" telnet "TELNET_PORT=$port" \
        "OPENOCD=$ROOT/vboard/vopenocd -c 'gdb_port disabled; tcl_port disabled'" > make.log 2>&1 &
    for _ in {1..100}; do
        grep -q "Listening on port $port for telnet" make.log && break
        sleep 0.1
    done
    exec 5<> "/dev/tcp/127.0.0.1/$port"
    printf 'flash probe 1\nflash write_image erase nothing.bin 0x90000000\nshutdown\n' >&5
    while IFS= read -r -t 20 line <&5; do
        seen+=$line$'\n'
    done
    wait
    cat make.log
    echo "$seen"
    grep -q "QSPI: win w25q64fv/jv (EF 40 17), 8 MiB" make.log
    [[ "$seen" == *"flash 'stmqspi' found at 0x90000000"* ]]
    [[ "$seen" == *"QSPI: no such file: nothing.bin"* ]]
    [[ "$seen" != *"in procedure"* ]]
}

@test "a file of a few bytes is written too, though OpenOCD cannot tell its type" {
    printf '\x05\x20\x01\x30\x00\xbe\x00\xbf' > tiny.bin
    kit "program tiny.bin 0x90000000 verify"
    [ "$status" -eq 0 ]
    says "** Verified OK **"
    chip_holds tiny.bin 0
}

@test "code in the mapped window executes" {
    printf '\x05\x20\x01\x30\x00\xbe\x00\xbf' > code.bin # movs r0,#5; adds r0,#1; bkpt
    kit "program code.bin 0x90000000" "reset init" "reg pc 0x90000000" "resume" "wait_halt 500" "reg r0" "reg pc"
    [ "$status" -eq 0 ]
    says "r0 (/32): 0x00000006" "pc (/32): 0x90000004"
    kit "init" "reset init" "reg pc 0x90000000" "bp 0x90000002 2 hw" "resume" "wait_halt 500" "reg r0" "rbp all" "step" "reg pc"
    says "halted due to breakpoint" "r0 (/32): 0x00000005" "pc (/32): 0x90000004"
}
