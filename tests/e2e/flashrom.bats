#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The NOR chip model held to a stranger: Debian's flashrom drives it through vboard-serprog as it
# would a real chip. Nothing of the kit but the server takes part.

SERVER=${BUILD:-build}/rel/vboard-serprog
JV=W25Q64JV-.Q
FV=W25Q64BV/W25Q64CV/W25Q64FV

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    DIR=$(mktemp -d)
    PID=
}

teardown() {
    stop_server
    rm -rf "$DIR"
}

# Serve PART with the contents of this test; further options go to the server.
start_server() {
    "$SERVER" --chip "$1" --contents "$DIR/chip.bin" "${@:2}" \
        >"$DIR/server.out" 2>"$DIR/events" 3>&- &
    PID=$!
    for _ in $(seq 100); do
        PORT=$(sed -n 's/^listening on 127.0.0.1://p' "$DIR/server.out")
        [ -n "$PORT" ] && return
        sleep 0.05
    done
    cat "$DIR/events"
    return 1
}

# The illegal events of the run are then in $DIR/events.
stop_server() {
    [ -z "$PID" ] && return
    kill "$PID"
    wait "$PID" || true
    PID=
}

fr() { # CHIP ARGUMENTS...
    flashrom -p "serprog:ip=127.0.0.1:$PORT" -c "$@"
}

# An image of SIZE bytes, blank but for digits at its start, across a 64 KiB boundary and at its end.
make_image() { # FILE SIZE SEED
    local noise=$1.noise
    seq "$3" 7 99999 | head -c 9216 >"$noise" || true
    head -c "$2" /dev/zero | tr '\0' '\377' >"$1"
    for kib in 0 63 $(($2 / 1024 - 5)); do
        dd if="$noise" of="$1" bs=1K seek="$kib" count=5 conv=notrunc status=none
    done
}

@test "flashrom finds each part under its name" {
    while read -r part size name; do
        start_server "$part"
        run fr "$name"
        stop_server
        rm "$DIR"/chip.bin*
        [[ $output == *"Found Winbond flash chip \"$name\" ($size kB, SPI)"* ]]
        [ ! -s "$DIR/events" ]
    done <<END
W25Q64JV-IQ 8192 $JV
W25Q64JV-IM 8192 W25Q64JV-.M
W25Q32JV-IQ 4096 W25Q32.V
W25Q128JV-IQ 16384 W25Q128.V
END
}

@test "flashrom knows an unlisted chip by its SFDP" {
    start_server PY25Q64HA
    run fr "SFDP-capable chip"
    [[ $output == *'"SFDP-capable chip" (8192 kB, SPI)'* ]]
}

@test "flashrom erases, writes, verifies and reads a W25Q64JV" {
    make_image "$DIR/first.img" 8388608 1
    make_image "$DIR/second.img" 8388608 2
    start_server W25Q64JV-IQ
    fr "$JV" -w "$DIR/first.img" | tee "$DIR/log"
    grep -q VERIFIED "$DIR/log"
    cmp "$DIR/first.img" "$DIR/chip.bin"
    echo 00000000:0001ffff front >"$DIR/layout" # over data: must erase
    fr "$JV" --noverify-all -w "$DIR/second.img" -l "$DIR/layout" -i front
    cmp -n 131072 "$DIR/second.img" "$DIR/chip.bin"
    cmp -i 131072 "$DIR/first.img" "$DIR/chip.bin"
    stop_server
    [ ! -s "$DIR/events" ] # not one illegal command
    start_server W25Q64JV-IQ # contents outlive the server
    fr "$JV" -r "$DIR/read.img"
    cmp "$DIR/chip.bin" "$DIR/read.img"
}

@test "flashrom erases one region and leaves the rest" {
    make_image "$DIR/image" 8388608 3
    cp "$DIR/image" "$DIR/chip.bin"
    echo 00010000:0001ffff middle >"$DIR/layout"
    start_server W25Q64JV-IQ --worst-case
    fr "$JV" -E -l "$DIR/layout" -i middle
    dd if=/dev/zero bs=64K count=1 status=none | tr '\0' '\377' |
        dd of="$DIR/image" bs=64K seek=1 conv=notrunc status=none
    cmp "$DIR/image" "$DIR/chip.bin"
}

@test "flashrom programs another size of the family" {
    make_image "$DIR/image" 2097152 4
    start_server W25Q16JV
    fr W25Q16.V -w "$DIR/image" | tee "$DIR/log"
    grep -q VERIFIED "$DIR/log"
    cmp "$DIR/image" "$DIR/chip.bin"
    stop_server
    [ ! -s "$DIR/events" ]
}

@test "flashrom's protection ranges hold" {
    start_server W25Q64JV-IQ
    for range in 0x7e0000,0x20000 0x0,0x8000 0x100000,0x700000 0x0,0x800000; do
        run fr "$JV" --wp-range "$range" --wp-status
        printf -v line 'start=0x%08x length=0x%08x' "${range%,*}" "${range#*,}"
        [[ $output == *"Protection range: $line"* ]]
    done
    stop_server
    [ ! -s "$DIR/events" ]
}

@test "flashrom cannot write what SRP and a low /WP protect" {
    make_image "$DIR/image" 8388608 5
    make_image "$DIR/other" 8388608 6
    cp "$DIR/image" "$DIR/chip.bin"
    start_server W25Q64FV
    fr "$FV" --wp-range 0x7e0000,0x20000 --wp-enable
    stop_server
    echo 007f0000:007fffff top >"$DIR/layout"
    start_server W25Q64FV --wp-low
    run fr "$FV" --noverify-all -w "$DIR/other" -l "$DIR/layout" -i top
    [ "$status" -ne 0 ]
    stop_server
    cmp "$DIR/image" "$DIR/chip.bin"
    grep -q nor.protected "$DIR/events"
    grep -q nor.status-locked "$DIR/events"
    start_server W25Q64FV # /WP high again: flashrom lifts the protection itself
    fr "$FV" --noverify-all -w "$DIR/other" -l "$DIR/layout" -i top
    cmp -i $((0x7f0000)) "$DIR/other" "$DIR/chip.bin"
}

@test "vboard-serprog refuses bad arguments in a sentence" {
    run "$SERVER" --chip W25Q65 --contents "$DIR/chip.bin"
    [ "$status" -eq 2 ]
    [[ $output == *"no such part: W25Q65"* ]]
    run "$SERVER" --chip W25Q64JV --contents "$DIR/none/chip.bin"
    [ "$status" -eq 1 ]
    [[ $output == *"none/chip.bin: No such file"* ]]
    echo short >"$DIR/chip.bin"
    run "$SERVER" --chip W25Q64JV --contents "$DIR/chip.bin"
    [[ $output == *"has 6 bytes, the chip 8388608"* ]]
}
