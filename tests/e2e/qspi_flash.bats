#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# qspi-flash, the host tool: writes by the loader through the real openocd, and every way to say no.
load helper
TOOL=${QSPI_FLASH:-$ROOT/build/rel/qspi-flash}
setup() {
    board_new
    board_set "probe = high-speed"
}

# The tool on the virtual board; messages of both outputs in `output`.
flash() {
    run timeout 100 "$TOOL" --openocd "$ROOT/vboard/vopenocd" "$@"
    echo "\$ qspi-flash $*"
    echo "$output"
}

# The member of the last JSON output.
json() { # key
    sed -n "s/.*\"$1\": \([^,}]*\).*/\1/p" <<< "$output"
}

@test "a binary: written, verified, and what differs from it later is all that is sent again" {
    make_file assets.bin 200000
    flash assets.bin
    [ "$status" -eq 0 ]
    says "Wrote assets.bin, 200000 bytes in 49 sectors of 4 KiB" "unchanged 0, programmed without erase 49, erased 0" "verified"
    chip_holds assets.bin 0
    chip_erased 200000 100000
    flash --json assets.bin
    [ "$status" -eq 0 ] && [ "$(json unchanged)" -eq 49 ] && [ "$(json pages)" -eq 0 ] && [ "$(json sent)" -lt 6000 ]
    printf 'changed' | dd of=assets.bin bs=1 seek=100000 conv=notrunc status=none
    flash --json assets.bin
    [ "$status" -eq 0 ] && [ "$(json unchanged)" -eq 48 ] && [ "$(json erased)" -eq 1 ] && [ "$(json erases_4k)" -eq 1 ]
    chip_holds assets.bin 0
    board_quiet
}

@test "what compresses is sent compressed" {
    yes "a line of text that repeats" | head -c 300000 > text.bin
    flash --json text.bin
    [ "$status" -eq 0 ]
    [ "$(json sent)" -lt 20000 ]
    chip_holds text.bin 0
    board_quiet
}

@test "bytes around an image at an odd address are kept" {
    make_file old.bin 150000
    flash old.bin
    [ "$status" -eq 0 ]
    head -c 70003 /dev/zero > new.bin
    flash new.bin@0x90003039
    [ "$status" -eq 0 ]
    cp old.bin expected.bin
    dd if=new.bin of=expected.bin bs=1M seek=12345 oflag=seek_bytes conv=notrunc status=none
    chip_holds expected.bin 0
    board_quiet
}

@test "an ELF's assets are written, its code is named and left out; several files are one image" {
    make_app 100000
    make_file more.bin 9000
    flash app.elf more.bin@0x90100000
    [ "$status" -eq 0 ]
    says "0x08000000-0x080003E7 is not all in the QSPI flash window"
    chip_holds assets.bin 0
    chip_holds more.bin 0x100000
    run cmp -s -n 1000 code.bin internal.bin
    [ "$status" -ne 0 ]
    board_quiet
}

@test "dry run: told and not done; --full: all of it again" {
    make_file assets.bin 65536
    flash --dry-run assets.bin
    [ "$status" -eq 0 ]
    says "Would write assets.bin"
    chip_erased 0 65536
    flash assets.bin
    [ "$status" -eq 0 ]
    flash --json --full assets.bin
    [ "$status" -eq 0 ] && [ "$(json erased)" -eq 16 ]
    chip_holds assets.bin 0
}

@test "a pack file: made without a board, written later" {
    make_file assets.bin 100000
    run "$TOOL" --openocd /nonexistent --pack assets.qpk assets.bin
    [ "$status" -eq 0 ]
    flash assets.qpk
    [ "$status" -eq 0 ]
    chip_holds assets.bin 0
}

@test "a corrupt pack file is refused before anything is erased: by the tool, and by qspi write" {
    make_file assets.bin 100000
    "$TOOL" --pack good.qpk assets.bin
    make_file old.bin 100000
    flash old.bin
    [ "$status" -eq 0 ]
    for at in 30 150 5000 60000; do
        cp good.qpk bad.qpk
        printf '\125' | dd of=bad.qpk bs=1 seek=$at conv=notrunc status=none
        cmp -s good.qpk bad.qpk && continue
        rm -f stats.json
        flash bad.qpk
        [ "$status" -eq 3 ]
        says "bad.qpk: " "nothing was sent to the board"
    done
    cp good.qpk bad.qpk
    printf '9' | dd of=bad.qpk bs=1 seek=120 conv=notrunc status=none
    board_set "stats = $PWD/stats.json"
    kit "init" "reset init" "qspi write bad.qpk"
    [ "$status" -ne 0 ]
    says "corrupt pack file"
    grep -q '"pages_programmed": 0' stats.json
    grep -q '"erases_4k": 0' stats.json
    chip_holds old.bin 0
}

@test "no probe, no chip: exit status and a sentence" {
    make_file assets.bin 5000
    board_set "probe = none"
    flash assets.bin
    [ "$status" -eq 5 ]
    says "no debug probe"
    board_set "probe = high-speed" "part = none"
    flash --json assets.bin
    [ "$status" -eq 1 ]
    says '"write": null' "JEDEC ID"
    board_set "target-power = off"
    flash assets.bin
    [ "$status" -eq 5 ]
}

@test "openocd is missing, is something else, is too old" {
    make_file assets.bin 5000
    run "$TOOL" --openocd ./nonexistent assets.bin
    [ "$status" -eq 4 ]
    says "cannot start ./nonexistent" "apt install openocd"
    run "$TOOL" --openocd true assets.bin
    [ "$status" -eq 4 ]
    says "is not an openocd"
    printf '#!/bin/sh\necho "Open On-Chip Debugger 0.10.0" >&2\n' > old
    chmod +x old
    run "$TOOL" --openocd ./old assets.bin
    [ "$status" -eq 4 ]
    says "0.10.0' is too old"
}

@test "wrong arguments and unusable files" {
    make_file assets.bin 5000
    touch empty.bin
    printf ':020000000102FC\n:00000001FF\n' > bad.hex
    run "$TOOL"
    [ "$status" -eq 2 ]
    run "$TOOL" --nonsense assets.bin
    [ "$status" -eq 2 ]
    run "$TOOL" assets.bin@flash
    [ "$status" -eq 2 ]
    says "such as 0x90000000"
    run "$TOOL" --board nonexistent assets.bin
    [ "$status" -eq 2 ]
    says "no board file board/nonexistent.cfg"
    run "$TOOL" nonexistent.bin
    [ "$status" -eq 3 ]
    says "nonexistent.bin: No such file"
    run "$TOOL" empty.bin
    [ "$status" -eq 3 ]
    run "$TOOL" bad.hex
    [ "$status" -eq 3 ]
    says "line 1 of the Intel HEX file has a wrong checksum"
    run "$TOOL" assets.bin@0x08000000
    [ "$status" -eq 3 ]
    says "window"
    run "$TOOL" assets.bin assets.bin@0x90000100
    [ "$status" -eq 3 ]
    says "both write address 0x90000100"
}

@test "--help names every option of the man page, and the other way round" {
    "$TOOL" --help > help.txt
    diff <(grep -o -e '--[a-z-]*' help.txt | sort -u) \
        <(sed 's/\\-/-/g' "$ROOT/host/qspi-flash.1" | sed '/^\.SH OUTPUT/,$d' | grep -v 'qspi write' | grep -o -e '--[a-z-]*' | sort -u)
}

@test "a bar on a terminal, plain lines in a log" {
    board_set "probe = full-speed"
    make_file assets.bin 300000
    flash assets.bin
    [ "$status" -eq 0 ]
    says "QSPI: *%, *of 293 KiB written, *left"
    says_not $'\r'
    rm -f chip.bin
    run timeout 100 script -qec "'$TOOL' --openocd '$ROOT/vboard/vopenocd' assets.bin" typescript
    echo "$output"
    [ "$status" -eq 0 ]
    says $'\r\033[K[###' "Wrote assets.bin"
    chip_holds assets.bin 0
}

@test "interrupted, then given again: the right contents" {
    board_set "probe = full-speed"
    make_file assets.bin 2000000
    "$TOOL" --openocd "$ROOT/vboard/vopenocd" assets.bin > log.txt 2>&1 &
    pid=$!
    for _ in $(seq 100); do
        grep -q '%' log.txt && break
        sleep 0.1
    done
    kill -INT $pid
    status=0
    wait $pid || status=$?
    cat log.txt
    [ "$status" -eq 130 ]
    grep -q "the same command finishes the work" log.txt
    flash assets.bin
    [ "$status" -eq 0 ]
    chip_holds assets.bin 0
}

@test "make flash FAST=1" {
    make_file assets.bin 50000
    run make --no-print-directory -s -C "$ROOT" flash FAST=1 "BIN=$PWD/assets.bin" "OPENOCD=$ROOT/vboard/vopenocd"
    echo "$output"
    [ "$status" -eq 0 ]
    says "Wrote " "verified"
    chip_holds assets.bin 0
}
