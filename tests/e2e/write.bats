#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `qspi write`: the loader on the real openocd, judged by the bytes of the chip and the commands it got.

load helper
setup() {
    board_new
    board_set "stats = $PWD/stats.json" "probe = high-speed"
}

# `size` bytes of noise, another for each seed.
noise() { # name size seed
    head -c "$2" /dev/zero | openssl enc -aes-128-ctr -nosalt -K 00112233445566778899aabbccddeeff \
        -iv "$(printf '%032x' "$3")" > "$1"
}
# A chip full of other data.
used_chip() {
    noise chip.bin 8388608 99
    cp chip.bin before.bin
}
# What the chip held before, with a file written over it, is what it holds now.
chip_is_before_with() { # file offset
    dd if="$1" of=before.bin bs=4096 seek="$(($2))" oflag=seek_bytes conv=notrunc status=none
    cmp before.bin chip.bin
}
# Change `size` bytes of a file at an offset to noise.
change() { # file offset size seed
    noise piece.bin "$3" "$4"
    dd if=piece.bin of="$1" bs=4096 seek="$2" oflag=seek_bytes conv=notrunc status=none
}

@test "a blank chip is written without an erase, and verified" {
    noise a.bin 200000 1
    kit "init" "reset init" "echo [qspi write a.bin]"
    [ "$status" -eq 0 ]
    says "wrote a.bin, 200000 bytes: 0 sectors unchanged, 49 programmed without erase, 0 erased" "verified"
    chip_holds a.bin 0
    chip_erased 200000 100000
    board_quiet
}

@test "bytes before and behind the image stay what they are" {
    used_chip
    noise a.bin 150001 1
    kit "init" "reset init" "echo [qspi write a.bin 0x90012345]"
    [ "$status" -eq 0 ]
    chip_is_before_with a.bin 0x12345
    board_quiet
}

@test "writing the same again changes nothing, one changed byte costs one sector" {
    used_chip
    noise a.bin 200000 1
    kit "init" "reset init" "echo [qspi write a.bin]" "echo [qspi write a.bin]"
    says "49 sectors unchanged, 0 programmed without erase, 0 erased"
    change a.bin 70000 1 7
    kit "init" "reset init" "echo [qspi write a.bin -json]"
    says '"unchanged": 48, "programmed": 0, "erased": 1' '"pages": 16, "erases_4k": 1, "erases_32k": 0, "erases_64k": 0'
    chip_is_before_with a.bin 0
}

@test "bits that only fall are programmed without an erase" {
    noise a.bin 20000 1
    kit "init" "reset init" "echo [qspi write a.bin]"
    printf '\0' | dd of=a.bin bs=1 seek=9000 conv=notrunc status=none
    kit "init" "reset init" "echo [qspi write a.bin -json]"
    says '"programmed": 1, "erased": 0' '"pages": 1,'
    chip_holds a.bin 0
}

@test "-full writes everything, -dry-run nothing, -noverify says so" {
    noise a.bin 65536 1
    kit "init" "reset init" "echo [qspi write a.bin -dry-run]"
    says "nothing written (dry run)" "16 programmed without erase"
    chip_erased
    kit "init" "reset init" "echo [qspi write a.bin -noverify]"
    says "not verified"
    chip_holds a.bin 0
    kit "init" "reset init" "echo [qspi write a.bin -full -json]"
    says '"erased": 16, "pages": 256' '"erases_64k": 1'
    chip_holds a.bin 0
}

@test "of elf, hex and s19 only the parts in the window are written, the rest is named" {
    make_app 30000
    for file in app.elf app.hex app.s19; do
        rm -f chip.bin
        kit "init" "reset init" "echo [qspi write $file]"
        [ "$status" -eq 0 ]
        says "left alone: 0x08000000-0x080003E7 of $file is not in the QSPI window" "wrote $file, 30000 bytes"
        chip_holds assets.bin 0
    done
}

@test "the native driver finds the bank mapped and probed afterwards" {
    noise a.bin 100000 1
    noise b.bin 70000 2
    kit "init" "reset init" "echo [qspi write a.bin]" "flash verify_image a.bin 0x90000000" \
        "flash write_image erase b.bin 0x90040000" "verify_image b.bin 0x90040000" "mdw 0x90000000"
    [ "$status" -eq 0 ]
    says "verified 100000 bytes" "wrote 70000 bytes"
    chip_holds b.bin 0x40000
    board_quiet
}

@test "quad lines are used only if QE is set and both lines are wired" {
    noise a.bin 70000 1
    kit "init" "reset init" "echo [qspi write a.bin -json]"
    says '"lines": 4'
    rm chip.bin
    board_set "state = sr2:00"
    kit "init" "reset init" "echo [qspi write a.bin -json]"
    says '"lines": 1'
    chip_holds a.bin 0
}

@test "erases that take longer than the datasheet allows are waited for" {
    # and half as much again: a worn block takes 3 s
    board_set "times = worst" "trouble = slow:150"
    used_chip
    noise a.bin 65536 1
    kit "init" "reset init" "echo [qspi write a.bin]"
    [ "$status" -eq 0 ]
    says "16 erased" "verified"
    chip_is_before_with a.bin 0
}

@test "a chip that is too small, a locked block and a missing file are refused before anything is erased" {
    used_chip
    noise a.bin 100000 1
    kit "init" "reset init" "echo [qspi write a.bin 0x907F0000]"
    [ "$status" -eq 1 ]
    says "does not fit"
    kit "init" "reset init" "echo [qspi write none.bin]"
    [ "$status" -eq 1 ]
    says "no such file"
    board_set "state = sr1:1C"
    kit "init" "reset init" "echo [qspi write a.bin]"
    [ "$status" -eq 1 ]
    says "nothing was changed: the chip's own protection locks"
    cmp before.bin chip.bin
}

@test "a chip that stays busy, refuses writes, or wears out ends in one clear sentence" {
    noise a.bin 9000 1
    used_chip
    base=$VBOARD_SET
    board_set "trouble = erase-fails"
    kit "init" "reset init" "echo [qspi write a.bin]"
    [ "$status" -eq 1 ]
    says "the flash does not take the data: 0x90000000 should read"
    VBOARD_SET=$base
    board_set "trouble = wel-refused"
    kit "init" "reset init" "echo [qspi write a.bin]"
    [ "$status" -eq 1 ]
    says "does not take write enable"
    VBOARD_SET=$base
    board_set "trouble = stuck:1010:01:00"
    kit "init" "reset init" "echo [qspi write a.bin]"
    [ "$status" -eq 1 ]
    says "0x90001010 should read"
}

# --- pack files, made by the host tool ---

pack() { # pack-file arguments of qspi-flash
    "$ROOT/build/rel/qspi-flash" --pack "$@"
}

# Something that lz4 makes smaller.
text() { # name lines
    awk -v n="$2" 'BEGIN { for (i = 0; i < n; i++) print "line", i % 977, "of the file, item", i * 7 % 513 }' > "$1"
}

@test "a pack file is written compressed; again, only its hashes go over" {
    used_chip
    text a.bin 9000
    pack a.qpk a.bin@0x90001234
    kit "init" "reset init" "echo [qspi write a.qpk -json]" "echo [qspi write a.qpk -json]" "echo [qspi verify a.qpk]"
    [ "$status" -eq 0 ]
    size=$(stat -c %s a.bin)
    says "a.qpk equals the flash" '"unchanged": 0'
    sent=$(grep -o '"sent": [0-9]*' <<< "$output" | head -1 | tr -dc 0-9)
    again=$(grep -o '"sent": [0-9]*' <<< "$output" | tail -1 | tr -dc 0-9)
    echo "$size bytes, $sent sent, then $again"
    [ "$sent" -lt $((size / 2)) ]
    [ "$again" -lt 12000 ] # hashes and the two odd ends
    chip_is_before_with a.bin 0x1234
    board_quiet
}

@test "of a pack file only sectors that differ are sent" {
    used_chip
    noise a.bin 400000 1
    pack a.qpk a.bin
    kit "init" "reset init" "qspi write a.qpk"
    change a.bin 200000 100 5
    pack a.qpk a.bin
    kit "init" "reset init" "echo [qspi write a.qpk -json]"
    says '"erased": 1,'
    sent=$(grep -o '"sent": [0-9]*' <<< "$output" | tr -dc 0-9)
    [ "$sent" -lt 8000 ]
    chip_is_before_with a.bin 0
}

@test "qspi verify names the first difference and counts the sectors, in quad mode" {
    used_chip
    noise a.bin 300000 1
    kit "init" "reset init" "echo [qspi write a.bin]" "echo [qspi verify a.bin]"
    [ "$status" -eq 0 ]
    says "a.bin equals the flash"
    cp chip.bin before.bin
    printf '\1\2' | dd of=chip.bin bs=1 seek=70001 conv=notrunc status=none
    printf '\1\2' | dd of=chip.bin bs=1 seek=299997 conv=notrunc status=none
    cp chip.bin before.bin
    kit "init" "reset init" "qspi verify a.bin"
    [ "$status" -eq 1 ]
    says "a.bin differs from the flash in 2 sectors of 4 KiB, first at 0x90011171: the flash has 01"
    cmp before.bin chip.bin # looking changes nothing
}

@test "a corrupt pack file is refused before anything is erased" {
    used_chip
    text a.bin 9000
    pack good.qpk a.bin
    # every line of the header is covered by its checksum
    sed '0,/0x9000/s//0x9001/' good.qpk > bad.qpk
    kit "init" "reset init" "qspi write bad.qpk"
    [ "$status" -eq 1 ]
    says "bad.qpk is a corrupt pack file"
    head -c 40000 good.qpk > bad.qpk
    kit "init" "reset init" "qspi write bad.qpk"
    [ "$status" -eq 1 ]
    says "bad.qpk is a corrupt pack file"
    cmp before.bin chip.bin
    # data of the first block that its hashes do not know
    cp good.qpk bad.qpk
    change bad.qpk $(($(grep -a -m1 '^block' good.qpk | cut -d' ' -f4) + 3000)) 20 1
    kit "init" "reset init" "qspi write bad.qpk"
    [ "$status" -eq 1 ]
    says "arrived damaged and was not written"
    cmp before.bin chip.bin
}
