#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The virtual board as the stock openocd sees it: reset values, the stock failure, speed, time.

load helper

setup() { board_new; }

# Stock OpenOCD, nothing of the kit; each argument is one -c.
stock() {
    local args=() command
    for command in "$@"; do args+=(-c "$command"); done
    run vopenocd -f interface/cmsis-dap.cfg -c "set QUADSPI 1" -f target/stm32h7x.cfg "${args[@]}" -c shutdown
    echo "$output"
}

@test "stock OpenOCD fails here as it does on every board: size 0x0, No QSPI" {
    stock init "reset init" "flash list" "flash info 1"
    says "name stm32h7x.qspi driver stmqspi base 2415919104 size 0" \
        "No QSPI, no OCTOSPI at 0x52005000"
}

@test "every register reads its reset value through OpenOCD's mdw" {
    # one openocd run: clocks of the GPIO ports and the QUADSPI on, as an unclocked device reads 0
    local commands=(init "reset halt" "mww 0x580244E0 0x7FF" "mww 0x580244D4 0x4000")
    while IFS=, read -r peripheral register address value _; do
        commands+=("mdw $address")
    done < <(tail -n +2 "$ROOT/tests/reset-values.csv" | tr -d '\r')
    stock "${commands[@]}"
    [ "$status" -eq 0 ]
    local n=0 wrong=0
    while IFS=, read -r peripheral register address value _; do
        [ "$register" != AHB4ENR ] && [ "$register" != AHB3ENR ] && [ "$register" != C1_AHB4ENR ] &&
            [ "$register" != C1_AHB3ENR ] || continue
        # a doubtful or chip dependent value is listed with its reason
        local ours
        ours=$(awk -F, -v p="$peripheral" -v r="$register" '$1 == p && $2 == r { print $3 }' \
            "$ROOT/tests/reset-exceptions.csv")
        if ! grep -iq "^${address}: *$(printf %08x $((${ours:-$value})))" <<< "$output"; then
            echo "$peripheral $register at $address: expected ${ours:-$value}, read $(grep -i "^$address:" <<< "$output")"
            wrong=$((wrong + 1))
        fi
        n=$((n + 1))
    done < <(tail -n +2 "$ROOT/tests/reset-values.csv" | tr -d '\r')
    [ "$n" -gt 180 ]
    [ "$wrong" -eq 0 ]
}

@test "the clock enable registers read 0 after reset" {
    stock init "reset halt" "mdw 0x580244D4" "mdw 0x580244E0" "mdw 0x58024534" "mdw 0x58024540"
    [ "$(grep -c ': 00000000' <<< "$output")" -eq 4 ]
}

rate() { # profile kHz -> KiB/s of load_image into SRAM
    head -c 262144 /dev/zero > zeros.bin
    board_set "probe = $1"
    stock init "reset init" "adapter speed $2" "load_image zeros.bin 0x24000000 bin"
    sed -n 's/.*downloaded .*(\([0-9]*\)\..*KiB.*/\1/p' <<< "$output"
}

@test "the full-speed probe loads SRAM at 46 KiB/s, give or take 10 %" {
    run rate full-speed 4000
    local kib=${lines[-1]}
    [ "$kib" -ge 42 ] && [ "$kib" -le 50 ]
}

@test "the high-speed probe loads SRAM at 360 KiB/s, give or take 10 %" {
    run rate high-speed 10000
    local kib=${lines[-1]}
    [ "$kib" -ge 324 ] && [ "$kib" -le 396 ]
}

@test "two runs take the same virtual time to the microsecond" {
    make_file a.bin 70000
    local i
    for i in 1 2; do
        rm -f chip.bin*
        VBOARD_SET="$SETTINGS; stats = $PWD/stats$i.json" run vopenocd -f "$BOARD" -c "program a.bin 0x90000000 verify exit"
        [ "$status" -eq 0 ]
    done
    cmp stats1.json stats2.json
    grep -q '"pages_programmed": 274' stats1.json
}

@test "a client's session is paced by real time" {
    local port=$((20000 + BASHPID % 20000))
    timeout 30 "$ROOT/vboard/vopenocd" -c "gdb_port disabled; tcl_port disabled; telnet_port $port" -f "$BOARD" \
        -c init > server.log 2>&1 3>&- &
    local server=$!
    for _ in $(seq 50); do
        grep -q "Listening on port $port" server.log && break
        sleep 0.1
    done
    # a second of a person's time is a second of the firmware's: it counts milliseconds
    { echo "mdw 0x2001FF00"; sleep 1; echo "mdw 0x2001FF00"; sleep 0.2; echo shutdown; sleep 0.2; } |
        nc -q 1 localhost "$port" | tr -d '\0\r' > session.log || true
    wait "$server" || true
    cat session.log
    mapfile -t counts < <(sed -n 's/.*0x2001ff00: \([0-9a-f]*\).*/\1/p' session.log)
    [ "${#counts[@]}" -eq 2 ]
    local passed=$((0x${counts[1]} - 0x${counts[0]}))
    [ "$passed" -ge 900 ] && [ "$passed" -le 1600 ]
}

@test "a blank part locks up, OpenOCD says so and goes on" {
    board_set "firmware = blank"
    stock init "reset init" "mdw 0x08000000" "reset run" "sleep 200" "poll" "halt" "mdw 0xE000ED00"
    [ "$status" -eq 0 ]
    says "0x08000000: ffffffff" "clearing lockup after double fault" "0xe000ed00: 411fc271"
}

@test "the internal flash is programmed by OpenOCD's own driver" {
    make_file fw.bin 300000
    stock init "reset init" "flash write_image erase fw.bin 0x08000000" "verify_image fw.bin 0x08000000"
    [ "$status" -eq 0 ]
    says "wrote * bytes from file fw.bin" "verified 300000 bytes"
    cmp -n 300000 fw.bin internal.bin
}

@test "an access where nobody answers fails, and the next one works" {
    stock init "reset init" "catch {mdw 0x60000000}" "mdw 0x08000000"
    says "Failed to read memory at 0x60000000" "0x08000000: 20020000"
}

@test "the mapped window faults before the QUADSPI is set up" {
    stock init "reset init" "catch {mdw 0x90000000}" "mdw 0x08000000"
    says "Failed to read memory at 0x90000000" "0x08000000: 20020000"
}

@test "an unclocked QUADSPI reads 0 and loses writes, and the report says so" {
    stock init "reset init" "mww 0x52005000 1" "mdw 0x52005000"
    says "0x52005000: 00000000"
    grep -q "qspi.no-clock" report.txt
}

@test "no probe: OpenOCD says so and fails" {
    board_set "probe = none"
    stock init
    [ "$status" -ne 0 ]
    says "unable to find a matching CMSIS-DAP device"
}

@test "no power on the board: the probe is there, nobody answers" {
    board_set "target-power = off"
    stock init
    [ "$status" -ne 0 ]
    says "CMSIS-DAP: Interface ready" "Error connecting DP"
}

@test "SRST halts at the first instruction when it is wired" {
    stock "reset_config srst_only srst_nogate" init "reset halt" "reg pc"
    [ "$status" -eq 0 ]
    says "pc (/32): 0x08000040"
}

@test "a scenario file with a mistake is refused with its line" {
    printf 'probe = full-speed\n\npart = W25Q65\n' > bad.scenario
    VBOARD_SCENARIO=$PWD/bad.scenario stock init
    [ "$status" -ne 0 ]
    says "bad.scenario:3:" "W25Q65"
}

@test "the sanitized build runs the main job without a finding" {
    make_file a.bin 20000
    local lib=$ROOT/build/asan/vboard.so
    [ -e "$lib" ] || skip "build/asan/vboard.so is not built"
    VBOARD_LIB=$lib VBOARD_FIRST="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)" \
        ASAN_OPTIONS=detect_leaks=0 run vopenocd -f "$BOARD" -c "program a.bin 0x90000000 verify reset exit"
    echo "$output"
    [ "$status" -eq 0 ]
    says_not "AddressSanitizer" "runtime error"
    chip_holds a.bin 0
}
