#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The `qspi` console command: what each word does to the chip, what it says, and that wrong arguments
# get a usage line. Real openocd on the virtual board.
load helper
setup() { board_new; }

# chip.bin as it must be: FFh, or `before.bin` over it.
expect_erased() { # offset size
    head -c "$(($2))" /dev/zero | tr '\0' '\377' |
        dd of=expected.bin bs=64K seek="$(($1))" oflag=seek_bytes conv=notrunc iflag=fullblock status=none
}

# The chip full of noise, and the same in expected.bin.
full_chip() {
    make_file chip.bin 8388608
    cp chip.bin expected.bin
}

# Exits non-zero unless the last output has a line that is JSON, of which the expression is true.
json() { # expression on `o`
    grep '^{' <<< "$output" | tail -n 1 | node -e '
        const o = JSON.parse(require("fs").readFileSync(0));
        if (!eval(process.argv[1])) { console.log("not true:", process.argv[1], o); process.exit(1); }' "$1"
}

@test "help qspi, usage qspi and qspi help list the commands" {
    local command
    for command in "help qspi" "usage qspi" "qspi help" "qspi"; do
        kit "$command"
        [ "$status" -eq 0 ]
        says "qspi info" "qspi read ADDR" "qspi dump FILE ADDR LEN" "qspi verify FILE" "qspi erase" "qspi map" "qspi help"
        says_not "mode error"
    done
    kit "help qspi erase"
    says "Erase exactly these bytes"
}

@test "wrong arguments: the usage line, an error, no stack trace, nothing done" {
    full_chip
    local command
    for command in "qspi erase" "qspi erase 0x90000000" "qspi erase 0x90000000 4096 1" "qspi erase here 4096" \
        "qspi erase 0x90000000 0" "qspi erase 0x90000000 -4096" "qspi erase all 1" "qspi erase 0x90000000 4K -force" \
        "qspi read" "qspi read 1 2 3" "qspi read {[shutdown]}" "qspi dump out.bin" "qspi dump out.bin 0x90000000" \
        "qspi verify" "qspi verify a b c" "qspi map 2" "qspi map 1 4" "qspi info now" "qspi info -xml"; do
        kit "init" "reset init" "$command"
        [ "$status" -eq 1 ]
        says "QSPI: *. Usage: $(cut -d' ' -f1-2 <<< "$command") "
        says_not "in procedure" "at file"
    done
    kit "qspi frobnicate"
    [ "$status" -eq 1 ]
    says "QSPI: no such command: qspi frobnicate. There are: * erase, "
    says_not "in procedure"
    cmp chip.bin expected.bin
}

@test "out of range, missing files: one sentence, nothing done" {
    full_chip
    local command
    for command in "qspi erase 0x90000000 16M" "qspi erase 0x907FF000 8K" "qspi erase 0x08000000 4K" "qspi read 0x90800000" \
        "qspi read 0 16" "qspi dump out.bin 0x907FFFFF 2" "qspi dump nowhere/out.bin 0x90000000 2" "qspi verify nothing.bin" \
        "qspi verify chip.bin 0x90000001" "qspi read 0x90000000 1M"; do
        kit "init" "reset init" "$command"
        [ "$status" -eq 1 ]
        says "QSPI: "
        says_not "in procedure" "Usage"
    done
    [ ! -e out.bin ]
    cmp chip.bin expected.bin
}

@test "qspi info: for people and for scripts" {
    kit "init" "reset init" "qspi info" "qspi info -json"
    [ "$status" -eq 0 ]
    says "  chip       win w25q64fv/jv" "  JEDEC ID   EF 40 17" "  size       8 MiB at 0x90000000-0x907FFFFF" "  bank       1 (stm32h7x.qspi)" \
        "  wiring     CLK=PB2 NCS=PB6 IO0=PD11" "  clock      32.000 MHz" "  window     single read, 1-1-1 (03h)" \
        "  status     SR1 0x00  SR2 0x02  SR3 0x60" "  protected  nothing"
    json 'o.jedec_id[0] === "EF4017" && o.size === 8388608 && o.address === 0x90000000 && o.wiring.io3 === "PD13"'
    json 'o.sck_hz === 32000000 && o.status[0].sr2 === 2 && o.protected.length === 0 && o.bank === 1 && o.window === "1-1-1"'
    board_quiet
}

@test "qspi info reads the status registers anew and tells what they lock" {
    kit "init" "reset init" "stmqspi cmd 1 0 0x06" "stmqspi cmd 1 0 0x01 0x24" "sleep 20" "qspi info" "qspi info -json"
    [ "$status" -eq 0 ]
    says "SR1 0x24" "  protected  0x90000000-0x9001FFFF"
    json 'o.protected[0].address === 0x90000000 && o.protected[0].size === 131072 && o.status[0].sr1 === 0x24'
    kit "init" "reset init" "qspi erase 0x90010000 64K"
    [ "$status" -eq 1 ]
    says "nothing was changed: the chip's own protection locks 0x90000000-0x9001FFFF"
}

@test "the commands take the bank up by themselves after reset halt, and say so of a running core" {
    full_chip
    kit "init" "reset halt" "qspi read 0x90000000 16"
    [ "$status" -eq 0 ]
    says "0x90000000  $(od -An -tx1 -N16 chip.bin | sed 's/^ //')"
    local command
    for command in "qspi info" "qspi read 0x90000000" "qspi erase all" "qspi map 4" "qspi dump out.bin 0x90000000 4" "qspi verify chip.bin"; do
        kit "init" "reset run" "$command"
        [ "$status" -eq 1 ]
        says "QSPI: the core is running; stop it first with"
        says_not "in procedure"
    done
    [ ! -e out.bin ]
    cmp chip.bin expected.bin
}

@test "qspi read: hex and text, odd start and end, JSON" {
    full_chip
    printf 'Hello, flash' | dd of=chip.bin bs=1 seek=$((0x103)) conv=notrunc 2> /dev/null
    kit "init" "reset init" "qspi read 0x90000103 12" "qspi read 0x90000103 12 -json" "qspi read 0x907FFFFF 1"
    [ "$status" -eq 0 ]
    says "0x90000100           48 65 6c 6c 6f 2c 20 66 6c 61 73 68     |   Hello, flash|"
    json 'o.address === 0x90000103 && o.length === 12 && Buffer.from(o.data, "hex").toString() === "Hello, flash"'
    says "0x907FFFF0  *$(tail -c 1 chip.bin | od -An -tx1 | tr -d ' ')  |"
    kit "init" "reset init" "qspi read 0x90001000"
    [ "$(grep -c '^0x900010[0-9A-F]0 ' <<< "$output")" -eq 16 ]
}

@test "qspi dump: any range, with progress" {
    full_chip
    kit "init" "reset init" "qspi dump out.bin 0x90000001 300001" "qspi dump tail.bin 0x907FFF00 256 -json"
    [ "$status" -eq 0 ]
    cmp -n 300001 chip.bin out.bin 1 0
    [ "$(stat -c %s out.bin)" -eq 300001 ]
    tail -c 256 chip.bin | cmp - tail.bin
    says "QSPI: wrote 300001 bytes from 0x90000001-0x900493E1 to out.bin in "
    [[ "$output" =~ QSPI:\ +[0-9]+\ %,\ [0-9]+\ of\ 293\ KiB\ read,\ [0-9.]+\ KiB/s,\ [0-9.]+\ s\ left ]]
    json 'o.file === "tail.bin" && o.size === 256'
}

@test "qspi verify: equal, the first difference, and images with parts elsewhere" {
    full_chip
    make_app 100000
    dd if=assets.bin of=chip.bin conv=notrunc 2> /dev/null
    { cat code.bin; head -c $((2097152 - 1000)) /dev/zero | tr '\0' '\377'; } > internal.bin
    kit "init" "reset init" "qspi verify assets.bin" "qspi verify app.elf" "qspi verify app.hex" "qspi verify app.s19 -json"
    [ "$status" -eq 0 ]
    says "QSPI: assets.bin equals the flash (100000 bytes in" "QSPI: app.elf equals the flash (101000 bytes in" "QSPI: app.hex equals"
    json 'o.equal === true && o.size === 101000'
    dd if=chip.bin of=part.bin bs=1 skip=70000 count=5000 2> /dev/null
    kit "init" "reset init" "qspi verify part.bin 0x90011170"
    [ "$status" -eq 0 ]
    printf '\125' | dd of=assets.bin bs=1 seek=70001 conv=notrunc 2> /dev/null
    local flash
    flash=$(dd if=chip.bin bs=1 skip=70001 count=1 2> /dev/null | od -An -tx1 | tr -d ' ' | tr a-f A-F)
    kit "init" "reset init" "qspi verify assets.bin"
    [ "$status" -eq 1 ]
    says "QSPI: assets.bin differs from the flash in 1 sector of 4 KiB, first at 0x90011171: the flash has $flash, the file 55."
    kit "init" "reset init" "qspi verify assets.bin -json"
    [ "$status" -eq 1 ]
    json 'o.equal === false && o.address === 0x90011171 && o.file_byte === 0x55'
    kit "init" "reset init" "qspi verify code.bin 0x08000000"
    [ "$status" -eq 1 ]
    says "has nothing in the QSPI flash"
}

@test "qspi erase: 4 KiB sectors at the edges, 64 KiB blocks inside, no byte outside" {
    full_chip
    expect_erased 0xF000 0x22000
    kit "init" "reset init" "qspi erase 0x9000F000 0x22000"
    [ "$status" -eq 0 ]
    says "QSPI: erased 136 KiB at 0x9000F000-0x90030FFF (2 64 KiB blocks, 2 4 KiB sectors) in "
    cmp chip.bin expected.bin
    board_quiet
}

@test "qspi erase: one sector, the last one, and JSON" {
    full_chip
    expect_erased 0x1000 0x1000
    expect_erased 0x7FF000 0x1000
    kit "init" "reset init" "qspi erase 0x90001000 4K" "qspi erase 0x907FF000 4096 -json"
    [ "$status" -eq 0 ]
    says "(1 4 KiB sector)"
    json 'o.size === 4096 && o.sectors === 1 && o.blocks === 0 && o.preserved === 0'
    cmp chip.bin expected.bin
}

@test "qspi erase refuses an unaligned range, and -keep preserves the rest" {
    full_chip
    kit "init" "reset init" "qspi erase 0x90001001 5"
    [ "$status" -eq 1 ]
    says "is not whole 4 KiB sectors, so nothing was erased" "0x90001000-0x90001FFF" "-keep"
    cmp chip.bin expected.bin
    kit "init" "reset init" "qspi erase 0x90000000 4097"
    [ "$status" -eq 1 ]
    cmp chip.bin expected.bin
    expect_erased 0x1001 5
    expect_erased 0x2FFF 70002
    kit "init" "reset init" "qspi erase 0x90001001 5 -keep" "qspi erase -keep 0x90002FFF 70002"
    [ "$status" -eq 0 ]
    says "4091 bytes around it preserved" "erased 70002 bytes"
    cmp chip.bin expected.bin
    board_quiet
}

@test "qspi erase all, with progress that does not flood" {
    full_chip
    kit "init" "reset init" "qspi erase all"
    [ "$status" -eq 0 ]
    says "QSPI: erased 8 MiB at 0x90000000-0x907FFFFF (128 64 KiB blocks)"
    chip_erased
    local lines
    lines=$(grep -c '^QSPI: *[0-9]* %, [0-9]* of 8192 KiB erased, [0-9]* KiB/s, .* left$' <<< "$output")
    [ "$lines" -ge 5 ] && [ "$lines" -le 12 ]
}

@test "qspi erase waits as long as the datasheet allows" {
    full_chip
    board_set "times = worst"
    expect_erased 0 0x11000
    kit "init" "reset init" "qspi erase 0x90000000 68K"
    [ "$status" -eq 0 ]
    says "erased 68 KiB"
    cmp chip.bin expected.bin
}

@test "qspi erase and map 4 on a pair of chips" {
    local first="clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 PE2 io3 PD13"
    board_set "contents2 = $PWD/chip2.bin" "part2 = W25Q64JV-IQ" "wiring2 = clk PB2 ncs PC11 io0 PE7 io1 PE8 io2 PE9 io3 PE10"
    KIT_BEFORE=(-c "set QSPI_WIRING {$first ncs2 PC11 io4 PE7 io5 PE8 io6 PE9 io7 PE10}")
    make_file assets.bin 400000
    kit "init" "reset init" "flash write_image erase assets.bin 0x90000000" "qspi erase 0x90002000 8K" "qspi erase 0x90020000 128K -json" \
        "qspi erase 0x90000000 4K"
    [ "$status" -eq 1 ]
    says "16 MiB at 0x90000000" "(1 8 KiB sector)" "is not whole 8 KiB sectors"
    json 'o.blocks === 1 && o.block_size === 131072'
    cp assets.bin expected.bin
    expect_erased 0x2000 0x2000
    expect_erased 0x20000 0x20000
    kit "init" "reset init" "qspi dump out.bin 0x90000000 400000" "qspi verify expected.bin" "qspi map 4" "dump_image quad.bin 0x90000000 20000"
    [ "$status" -eq 0 ]
    cmp out.bin expected.bin
    cmp -n 20000 out.bin quad.bin
}

@test "qspi erase on a chip in four-byte mode" {
    board_set "part = W25Q256JV-IQ"
    make_file chip.bin 33554432
    cp chip.bin expected.bin
    expect_erased 0x1FF0000 0x10000
    kit "init" "reset init" "qspi erase 0x91FF0000 64K" "qspi info"
    [ "$status" -eq 0 ]
    says "32 MiB at 0x90000000-0x91FFFFFF"
    cmp chip.bin expected.bin
}

@test "qspi map 4: the window in quad read, and everything after it works" {
    full_chip
    cp chip.bin head.bin
    truncate -s 100000 head.bin
    kit "init" "reset init" "qspi map 4" "mdw 0x52005014" "qspi map" "mdb 0x90000000 4" "verify_image head.bin 0x90000000" \
        "dump_image out.bin 0x907F0000 65536" "qspi info" "qspi map -json" "qspi map 1" "mdw 0x52005014" "qspi map"
    [ "$status" -eq 0 ]
    # IMODE 1, ADMODE 4, ABMODE 4 with 8 bits, 4 dummy clocks, DMODE 4, EBh
    says "0x52005014: 0f10edeb" "on four lines, 1-4-4 (EBh)" "0x90000000: $(od -An -tx1 -N4 chip.bin | sed 's/^ //') " "verified 100000 bytes" \
        "quad read, 1-4-4 (EBh)" "0x52005014: 0d002503" "on one line, 1-1-1 (03h)"
    tail -c 65536 chip.bin | cmp - out.bin
    json 'o.window === "1-4-4" && o.opcode === 0xEB'
    board_quiet
}

@test "qspi map 4, then each kind of flash command" {
    full_chip
    make_file assets.bin 5000
    local command
    for command in "flash probe 1" "flash info 1" "stmqspi cmd 1 3 0x9f" "flash erase_sector 1 0 0" "flash mdw 0x90000000" \
        "flash write_image erase assets.bin 0x90000000" "flash verify_bank 1 assets.bin" "flash read_bank 1 out.bin 0 5000" \
        "qspi erase 0x90000000 4K" "qspi read 0x90000000" "reset init" "program assets.bin 0x90010000 verify"; do
        kit "init" "reset init" "qspi map 4" "$command" "flash probe 1" "qspi map"
        [ "$status" -eq 0 ]
        says_not "Error"
    done
    chip_holds assets.bin 0x10000
    board_quiet
}

@test "qspi map 4 sets QE if it is missing, and refuses without IO2 and IO3" {
    board_set "part = W25Q64JV-IM"
    kit "init" "reset init" "qspi map 4" "mdw 0x90000000"
    says "set the chip's QE bit" "on four lines"
    rm -f chip.bin*
    board_set "part = W25Q64JV-IQ"
    # shellcheck disable=SC2034
    KIT_BEFORE=(-c "set QSPI_WIRING {clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 - io3 -}")
    kit "init" "reset init" "qspi map 4"
    [ "$status" -eq 1 ]
    says "IO2 is not wired"
}
