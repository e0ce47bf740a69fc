#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The semihosting writer: a program in RAM that reads a file from this host and writes the flash, by
# `qspi semihost` and by `make semihost-flash`.
load helper
setup() { board_new; }

# As a user types it; the second folder is that of the files.
semihost_flash() { # make variables
    run timeout 120 make --no-print-directory -s -C "$ROOT" semihost-flash "OPENOCD=$ROOT/vboard/vopenocd" "$@"
    echo "$output"
}

# The code with which make's openocd ended.
exit_code() {
    sed -n 's/^make[][0-9]*: \*\*\* .*semihost-flash\] Error //p' <<< "$output"
}

# A library that makes the host's read() of a file fail, or end, from its second call on.
bad_reads() { # what read() returns then
    cat > bad.c << 'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
ssize_t read(int fd, void *data, size_t size)
{
    static int calls;
    char link[40], path[512] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (readlink(link, path, sizeof path - 1) > 0 && strstr(path, "/trap.bin") && size > 1000 && ++calls > 1) {
        errno = EIO;
        return RESULT;
    }
    return ((ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read"))(fd, data, size);
}
END
    gcc -shared -fPIC "-DRESULT=$1" -o bad.so bad.c -ldl
}

@test "the committed writer is what its source gives" {
    run make --no-print-directory -C "$ROOT" semihost-check
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "make semihost-flash: progress, a verified file, exit code 0, and the firmware runs again" {
    make_file assets.bin 200000
    semihost_flash "BIN=$PWD/assets.bin"
    [ "$status" -eq 0 ]
    says "semihost: 32% (64 of 196 KiB)" "semihost: 100%" \
        "wrote and verified 200000 bytes at 0x90000000, 4 blocks of 64 KiB changed"
    chip_holds assets.bin 0
    chip_erased 200000 1000000
    board_quiet
}

@test "qspi semihost in the console: OpenOCD lives on and its own driver finds the bank" {
    make_file assets.bin 70000
    kit "init" "qspi semihost assets.bin 0x90300000" "flash verify_bank 1 assets.bin 0x300000" \
        "verify_image assets.bin 0x90300000" "flash erase_sector 1 0 0"
    [ "$status" -eq 0 ]
    says "QSPI: 100% (69 of 69 KiB)" "QSPI: wrote and verified 70000 bytes at 0x90300000, 2 blocks" \
        "contents match" "verified 70000 bytes" "8 MiB at 0x90000000"
    chip_holds assets.bin 0x300000
    board_quiet
}

@test "an address of any alignment: the bytes around the file stay, and unchanged blocks are left alone" {
    make_file old.bin 262144
    kit "program $PWD/old.bin 0x90000000"
    tac old.bin | head -c 1000 > new.bin
    kit "init" "qspi semihost new.bin 0x9000FE01"
    [ "$status" -eq 0 ]
    says "1000 bytes at 0x9000FE01, 2 blocks of 64 KiB changed"
    cp old.bin both.bin
    dd if=new.bin of=both.bin bs=1 seek=$((0xFE01)) conv=notrunc status=none
    chip_holds both.bin 0
    kit "init" "qspi semihost both.bin"
    says "262144 bytes at 0x90000000, 0 blocks of 64 KiB changed"
}

@test "the last byte of the flash can be written" {
    make_file tail.bin 5000
    kit "init" "qspi semihost tail.bin $((0x90800000 - 5000))"
    [ "$status" -eq 0 ]
    chip_holds tail.bin $((8388608 - 5000))
    board_quiet
}

@test "it needs no internal flash: nothing of it is read or written" {
    make_file assets.bin 1000
    board_set "firmware = blank"
    semihost_flash "BIN=$PWD/assets.bin"
    [ "$status" -eq 0 ]
    chip_holds assets.bin 0
    cmp -n "$(stat -c %s internal.bin)" internal.bin <(tr '\0' '\377' < /dev/zero)
}

@test "from a chip left in QPI" {
    make_file assets.bin 1000
    board_set "part = W25Q64JV-IM" "state = qpi"
    kit "init" "qspi semihost assets.bin"
    [ "$status" -eq 0 ]
    chip_holds assets.bin 0
}

@test "on other pins" {
    make_file assets.bin 1000
    board_set "wiring = clk PB2 ncs PG6 io0 PD11 io1 PD12 io2 PE2 io3 PD13"
    # shellcheck disable=SC2034
    KIT_BEFORE=(-c "set QSPI_WIRING {clk PB2 ncs PG6 io0 PD11 io1 PD12 io2 PE2 io3 PD13}")
    kit "init" "qspi semihost assets.bin 0x90100000"
    [ "$status" -eq 0 ]
    chip_holds assets.bin 0x100000
}

@test "file names with spaces and other scripts" {
    make_file "my ünï 資産.bin" 1000
    kit "init" "qspi semihost {my ünï 資産.bin}"
    [ "$status" -eq 0 ]
    chip_holds "my ünï 資産.bin" 0
}

@test "a missing file: clear message, exit code 2" {
    semihost_flash "BIN=$PWD/nothing.bin"
    [ "$status" -ne 0 ]
    [ "$(exit_code)" = 2 ]
    says "semihost: cannot open $PWD/nothing.bin on the host"
    kit "init" "qspi semihost nothing.bin"
    [ "$status" -eq 1 ]
    says "QSPI: cannot open nothing.bin on the host" "exit code 2"
    says_not "in procedure"
    chip_erased
}

@test "a file too large, an address outside, an empty file: clear message, exit code 3" {
    truncate -s 8388609 large.bin
    semihost_flash "BIN=$PWD/large.bin"
    [ "$(exit_code)" = 3 ]
    says "large.bin does not fit: 8388609 bytes at 0x90000000, the flash is 0x90000000-0x907FFFFF"
    make_file small.bin 100
    semihost_flash "BIN=$PWD/small.bin" ADDR=0x907FFFF0
    [ "$(exit_code)" = 3 ]
    semihost_flash "BIN=$PWD/small.bin" ADDR=0x91000000
    [ "$(exit_code)" = 3 ]
    : > empty.bin
    kit "init" "qspi semihost empty.bin"
    [ "$status" -eq 1 ]
    says "empty.bin is empty" "exit code 3"
    chip_erased
}

@test "no chip: clear message, exit code 4; and a wrong wiring is said" {
    make_file assets.bin 1000
    board_set "part = none"
    semihost_flash "BIN=$PWD/assets.bin"
    [ "$(exit_code)" = 4 ]
    says "semihost: no answer from the flash: JEDEC ID 0xFFFFFF" "QSPI_WIRING"
    kit "init" "qspi semihost assets.bin"
    [ "$status" -eq 1 ]
    says "QSPI: no answer from the flash" "exit code 4"
}

@test "the host cannot read on half-way: clear message, exit code 5" {
    bad_reads -1
    make_file trap.bin 200000
    export VBOARD_FIRST=$PWD/bad.so
    semihost_flash "BIN=$PWD/trap.bin"
    [ "$(exit_code)" = 5 ]
    says "semihost: the host cannot read $PWD/trap.bin, after 65536 of 200000 bytes"
    chip_erased 131072 200000
    kit "init" "qspi semihost trap.bin"
    [ "$status" -eq 1 ]
    says "QSPI: the host cannot read trap.bin, after 65536 of 200000 bytes" "exit code 5"
}

@test "the file shrinks half-way: clear message, exit code 5" {
    bad_reads 0
    make_file trap.bin 200000
    export VBOARD_FIRST=$PWD/bad.so
    semihost_flash "BIN=$PWD/trap.bin"
    [ "$(exit_code)" = 5 ]
    says "the host's file ended too early: $PWD/trap.bin, after 65536 of 200000 bytes"
}

@test "protected blocks: what the flash reads back is told, exit code 7" {
    make_file assets.bin 1000
    kit "init" "reset init" "stmqspi cmd 1 0 0x06" "stmqspi cmd 1 0 0x01 0x1c" "sleep 50"
    kit "init" "qspi semihost assets.bin"
    [ "$status" -eq 1 ]
    says "verify failed: the flash reads back something else at 0x9000000" "Is the block protected?" "exit code 7"
}

@test "an image that is no raw binary, a name too long, wrong arguments: refused before anything runs" {
    make_app 1000
    kit "init" "qspi semihost app.elf"
    [ "$status" -eq 1 ]
    says "app.elf is no raw binary"
    kit "init" "qspi semihost app.hex"
    [ "$status" -eq 1 ]
    kit "init" "qspi semihost"
    [ "$status" -eq 1 ]
    says "Usage: qspi semihost FILE ?ADDR?"
    kit "init" "qspi semihost assets.bin 0x08000000"
    [ "$status" -eq 1 ]
    says "is no address in the QSPI flash"
    kit "init" "qspi semihost $(printf 'x%.0s' {1..256})"
    [ "$status" -eq 1 ]
    says "a file name of 1 to 255 bytes"
    chip_erased
    semihost_flash
    [ "$status" -eq 2 ]
    says "BIN is not set. Usage: make semihost-flash BIN="
}
