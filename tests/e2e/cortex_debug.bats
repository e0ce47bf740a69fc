#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What VS Code's Cortex-Debug does, without VS Code: its openocd command line and its GDB/MI sequences,
# replayed with the real openocd and gdb-multiarch -i=mi.
load helper

setup() {
    board_new
    PORT=$((20000 + BASHPID % 3000 * 3))
    (cd "$ROOT" && arm-none-eabi-gcc -mcpu=cortex-m7 -mthumb -mfloat-abi=soft -std=c11 -ffreestanding -Os -g -I. -DMODE=4 -nostdlib -static \
        -Wl,-T,tests/fw/mapped.ld -o "$BATS_TEST_TMPDIR/app.elf" tests/fw/mapped.c driver/qspi.c driver/nor.c driver/nor_write.c)
    # The procs of the extension's openocd-helpers.tcl that run before `init`.
    cat > helpers.tcl << 'END'
proc CDRTOSConfigure { rtos } { [target current] configure -rtos $rtos }
proc CDLiveWatchSetup {} { [target current] configure -gdb-max-connections 2 }
END
}

teardown() {
    [ -z "${SERVER:-}" ] || kill "$SERVER" 2> /dev/null || true
}

# The command line, in the order of the extension; it waits for the line on port N.
cortex_openocd() {
    timeout 100 "$ROOT/vboard/vopenocd" -f "$PWD/helpers.tcl" -c "gdb_port $PORT" -c "tcl_port $((PORT + 1))" -c "telnet_port $((PORT + 2))" \
        -s "$ROOT" -f "$BOARD" -c CDLiveWatchSetup > server.log 2>&1 &
    SERVER=$!
    for _ in $(seq 100); do
        grep -qiE 'Info\s:.*Listening on port [0-9]+ for gdb connection' server.log && return
        sleep 0.1
    done
    cat server.log
    return 1
}

replay() { # launch or attach
    run timeout 90 expect "$ROOT/tests/e2e/cortex_debug.exp" "$PWD/app.elf" "$PORT" "$1"
    echo "$output"
    cat server.log
    [ "$status" -eq 0 ]
}

@test "launch with live watch, restart and reset" {
    cortex_openocd
    replay launch
    arm-none-eabi-objcopy -O binary --only-section=.qspi app.elf qspi.bin
    chip_holds qspi.bin 0
}

@test "attach to running firmware, which goes on" {
    cortex_openocd
    replay launch
    kill "$SERVER"
    wait "$SERVER" || true
    cortex_openocd # powered up, the firmware runs
    sleep 1
    replay attach
}
