#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The telnet console as a person types in it, by expect, on the real openocd and the virtual board.
load helper

setup() {
    board_new
    PORT=$((40000 + BASHPID % 10000))
}

teardown() {
    [ -z "${SERVER:-}" ] || kill "$SERVER" 2> /dev/null || true
}

@test "a session: look, mistype, erase with progress, write, map, verify" {
    make_file assets.bin 20000
    printf 'hello' | dd of=assets.bin conv=notrunc status=none
    timeout 100 "$ROOT/vboard/vopenocd" -c "gdb_port disabled; tcl_port disabled; telnet_port $PORT; log_output server.log" -f "$BOARD" 2> /dev/null &
    SERVER=$!
    for _ in $(seq 100); do
        grep -qs "Listening on port $PORT for telnet" server.log && break
        sleep 0.1
    done
    run timeout 90 expect "$ROOT/tests/e2e/telnet.exp" "$PORT" assets.bin
    echo "$output"
    [ "$status" -eq 0 ]
    says_not "in procedure"
    chip_holds assets.bin 0
    # the log holds the same lines of progress, and not more
    [ "$(grep -c 'KiB erased' server.log)" -le 11 ]
    grep -q "dropped 'telnet' connection" server.log
    kill -0 "$SERVER"
}
