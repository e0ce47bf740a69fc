#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# OpenOCD's own commands on the QSPI bank, as typed in the telnet console after `reset init`.
load helper
setup() { board_new; }

@test "flash list, banks, probe by number and by name" {
    kit "init" "reset init" "flash list" "flash banks" "flash probe 1" "flash probe stm32h7x.qspi"
    [ "$status" -eq 0 ]
    says "flash 'stmqspi' found at 0x90000000"
    board_quiet
}

@test "flash write_image erase, verify_image, mdw and dump_image" {
    make_file assets.bin 100000
    kit "init" "reset init" "flash write_image erase assets.bin 0x90000000" "verify_image assets.bin 0x90000000" \
        "mdw 0x90000000 4" "dump_image out.bin 0x90000000 100000"
    [ "$status" -eq 0 ]
    says "wrote 100000 bytes from file assets.bin" "verified 100000 bytes"
    says "0x90000000: $(od -An -tx4 -N16 assets.bin | sed 's/^ //') "
    cmp assets.bin out.bin
    chip_holds assets.bin 0
    board_quiet
}

@test "flash write_bank, read_bank and verify_bank" {
    make_file assets.bin 50000
    kit "init" "reset init" "flash erase_sector 1 0 1" "flash write_bank 1 assets.bin 0x100" \
        "flash verify_bank 1 assets.bin 0x100" "flash read_bank 1 out.bin 0x100 50000"
    [ "$status" -eq 0 ]
    says "contents match"
    cmp assets.bin out.bin
    chip_holds assets.bin 0x100
    board_quiet
}

@test "flash erase_sector, erase_address and erase_check" {
    make_file assets.bin 300000
    kit "init" "reset init" "flash write_image erase assets.bin 0x90000000" "flash erase_sector 1 1 1" \
        "flash erase_address 0x90030000 0x10000" "flash erase_check 1" "flash info 1 sectors"
    [ "$status" -eq 0 ]
    says "successfully checked erase state"
    says "#  0: 0x00000000 (0x10000 64kB) not protected"
    chip_erased 0x10000 0x10000
    chip_erased 0x30000 0x10000
    run chip_erased 0x20000 0x10000
    [ "$status" -ne 0 ]
    board_quiet
}

@test "flash fillw and flash mdw" {
    kit "init" "reset init" "flash fillw 0x90000100 0x12345678 8" "mdw 0x90000100 2" "flash mdw 0x90000100 2"
    [ "$status" -eq 0 ]
    says "0x90000100: 12345678 12345678"
    board_quiet
}

@test "stmqspi cmd: JEDEC ID and status registers, and mapped reads go on after it" {
    kit "init" "reset init" "stmqspi cmd 1 3 0x9f" "stmqspi cmd 1 1 0x05" "mdw 0x90000000"
    [ "$status" -eq 0 ]
    says "9f -> ef 40 17" "05 -> 00" "0x90000000: ffffffff"
    board_quiet
}

@test "stmqspi mass_erase" {
    make_file assets.bin 5000
    kit "init" "reset init" "flash write_image assets.bin 0x90400000" "stmqspi mass_erase 1"
    [ "$status" -eq 0 ]
    says "mass erase completed"
    chip_erased
    board_quiet
}

@test "the last bytes of the chip through the window, by mdw, dump_image and verify_image" {
    make_file tail.bin 65536
    kit "init" "reset init" "mdw 0x907FFFE0 8" "mdb 0x907FFFFF" "flash write_image erase tail.bin 0x907F0000" \
        "verify_image tail.bin 0x907F0000" "dump_image out.bin 0x907F0000 65536" "mdw 0x90000000"
    [ "$status" -eq 0 ]
    says "0x907fffe0: ffffffff" "0x907fffff: ff" "verified 65536 bytes"
    cmp tail.bin out.bin
    board_quiet
}

@test "reset halt takes the controller down: flash commands bring it up again" {
    make_file assets.bin 5000
    kit "init" "reset init" "reset halt" "flash write_image erase assets.bin 0x90000000" "verify_image assets.bin 0x90000000"
    [ "$status" -eq 0 ]
    says "verified 5000 bytes"
    chip_holds assets.bin 0
    kit "init" "halt" "flash probe 1"
    [ "$status" -eq 0 ]
    says "flash 'stmqspi' found at 0x90000000"
    kit "init" "halt" "flash erase_sector 1 0 0"
    [ "$status" -eq 0 ]
    chip_erased 0 65536
}

@test "a flash command on a running core: one sentence" {
    kit "init" "reset run" "flash probe 1"
    [ "$status" -ne 0 ]
    says "QSPI: the core is running; stop it first with"
    says_not "in procedure"
}

@test "a bring-up in a halt leaves RAM and core registers as they were" {
    local regs=("reg r0" "reg r1" "reg r7" "reg sp" "reg lr" "reg pc" "reg xPSR" "reg msp" "reg primask" "reg control")
    kit "init" "reset run" "sleep 20" "halt" "dump_image before.bin 0x20000000 8192" "${regs[@]}" "echo -----" \
        "flash probe 1" "echo -----" "dump_image after.bin 0x20000000 8192" "${regs[@]}" "resume" "sleep 20" "halt"
    [ "$status" -eq 0 ]
    says "8 MiB at 0x90000000"
    says_not "lockup" "HardFault"
    cmp before.bin after.bin
    local parts
    parts=$(awk '/^-----/ { part++ } part != 1 && / \(\/[0-9]+\): 0x/ { print part + 0, $0 }' <<< "$output")
    diff <(grep '^0' <<< "$parts" | cut -c3-) <(grep '^2' <<< "$parts" | cut -c3-)
    [ "$(wc -l <<< "$parts")" -eq 20 ]
}

@test "addresses above the window, before any bring-up: a sentence" {
    local command
    for command in "flash fillw 0xC0000000 0 4" "flash mdw 0xC0000000 4" "flash erase_address 0xA0000000 0x10000"; do
        kit "init" "halt" "$command"
        [ "$status" -eq 1 ]
        says "is not inside the QSPI flash at 0x90000000-0x907FFFFF"
    done
}

@test "usage: wrong arguments get the command's usage line" {
    kit "init" "reset init" "flash write_image"
    [ "$status" -ne 0 ]
    says "flash write_image*filename" "wrong arguments for"
    says_not "in procedure"
    kit "init" "reset init" "flash erase_sector 1"
    [ "$status" -ne 0 ]
    says "flash erase_sector bank_id first_sector_num" "wrong arguments for"
}
