#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `qspi doctor`: each fault that the virtual board can have yields its own diagnosis, a healthy board
# none.
load helper
setup() { board_new; }

# Another board, with a new chip.
board_fresh() { # setting
    rm -f chip.bin* report.txt
    board_new
    board_set "$1"
}

# One row of a table: scenario settings, then what the report must say (globs). A fault makes the
# command fail; the chip's array is never written.
faulty() { # settings glob...
    local settings=$1
    shift
    board_fresh "$settings"
    kit "qspi_cli_doctor"
    [ "$status" -eq 1 ] || { echo "$settings: no fault was found"; return 1; }
    says "QSPI: the doctor found 1 fault: $1" "$@"
    chip_erased 0 "$(stat -c %s chip.bin)"
}

# A board that works, with something to tell; `-` for nothing.
healthy() { # settings glob...
    local settings=$1
    shift
    board_fresh "$settings"
    kit "qspi_cli_doctor"
    [ "$status" -eq 0 ] || { echo "$settings: a fault was found"; return 1; }
    says "QSPI: the doctor found no fault." "$@"
    says_not FAULT "not tried"
    chip_erased 0 "$(stat -c %s chip.bin)"
}

@test "a healthy board: each step ok, one line each, aligned" {
    healthy ""
    says_not note
    local titles
    titles=$(sed -n 's/^  \(.\{12\}\) ok     .*/\1/p' <<< "$output" | sed 's/ *$//' | paste -sd,)
    [ "$titles" = "debug port,power,clocks,pin setting,lines,JEDEC ID,SFDP,status,data lines,controller,speed,mapped read,last bytes" ]
    says "SCK 8, 16, 32, 40, 50, 66.7, 80, 100 MHz"
    board_quiet
}

@test "other healthy chips" {
    healthy "part = W25Q16JV-IQ"
    says_not note
    healthy "part = W25Q128JV-IQ"
    says_not note
    healthy "part = W25Q64FV" "status       note   *QE=0"
    healthy "part = PY25Q64HA" "status       note   *QE=0"
}

@test "a line stuck low or high" {
    for row in "clk CLK=PB2" "ncs NCS=PB6" "io0 IO0=PD11" "io1 IO1=PD12" "io2 IO2=PE2" "io3 IO3=PD13"; do
        read -r line pin <<< "$row"
        faulty "line = $line stuck-low" "${line^^}: $pin is stuck low" "cause: a short to ground" "next:  look at the solder joints of $pin"
        says_not "FAULT*FAULT"
        faulty "line = $line stuck-high" "${line^^}: $pin is stuck high" "cause: a short to the supply"
        says_not "FAULT*FAULT"
    done
}

@test "two lines joined" {
    faulty "bridge = clk ncs" "CLK+NCS: CLK=PB2 and NCS=PB6 are joined" "solder bridge"
    faulty "bridge = io0 io1" "IO0+IO1: IO0=PD11 and IO1=PD12 are joined"
    faulty "bridge = io2 io3" "IO2+IO3: IO2=PE2 and IO3=PD13 are joined"
    faulty "bridge = ncs io3" "IO3+NCS: IO3=PD13 and NCS=PB6 are joined"
    faulty "bridge = clk io1" "CLK+IO1: CLK=PB2 and IO1=PD12 are joined"
}

@test "a chip on hold is not blamed" {
    faulty "part = W25Q64JV-IM; line = io3 stuck-low" "IO3: IO3=PD13 is stuck low" "JEDEC ID     -      no answer: mend the lines above first"
    faulty "part = W25Q64JV-IM; bridge = io2 io3" "IO2+IO3: IO2=PE2 and IO3=PD13 are joined" "controller   -      no answer through the QUADSPI"
}

@test "a board that does not wire IO2 and IO3" {
    # shellcheck disable=SC2034
    KIT_BEFORE=(-c "set QSPI_WIRING {clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 - io3 -}")
    healthy "wiring = clk PB2 ncs PB6 io0 PD11 io1 PD12; pull = io2 up; pull = io3 up" "IO0, IO1 carry their bits"
    faulty "wiring = clk PB2 ncs PB6 io0 PD11 io1 PD12; pull = io2 up; pull = io3 up; line = io1 open" "IO1: the chip hears commands"
}

@test "a resistor on the board is no short" {
    healthy "pull = ncs up; pull = io2 up; pull = io3 up" "the board pulls NCS up, IO2 up, IO3 up"
    says_not note
    healthy "pull = clk down" "the board pulls CLK down"
    says_not note
}

@test "no chip, no power, a silent chip" {
    for settings in "part = none" "trouble = no-power" "trouble = mute"; do
        faulty "$settings" "JEDEC ID: no chip answers, nor drives any line" "the chip is not fitted or has no power" \
            "measure 2.7 to 3.6 V at the chip" "SFDP         -      not tried" "last bytes   -      not tried"
    done
}

@test "a line missing" {
    # No signal tells these from a chip that is not there: all of them are named.
    for line in clk ncs; do
        faulty "line = $line open" "JEDEC ID: no chip answers, nor drives any line" "CLK=PB2, NCS=PB6, IO0=PD11"
    done
    faulty "line = io0 open" "IO0: the chip is selected and clocked*but commands on IO0=PD11 do not reach it" "pin 5 of the chip"
    faulty "line = io1 open" "IO1: the chip hears commands and drives IO0*does not reach IO1=PD12" "pin 2 of the chip"
    faulty "line = io2 open" "IO2: IO2=PE2 does not reach the chip" 'write "io2 -"'
    says "speed        ok"
    faulty "line = io3 open" "IO3: IO3=PD13 does not reach the chip" 'write "io3 -"'
}

@test "lines that nobody drives may float low or high" {
    for level in low high; do
        faulty "float = $level; line = io0 open" "JEDEC ID: no chip answers"
        faulty "float = $level; line = io1 open" "IO1: the chip hears commands"
        faulty "float = $level; line = io3 open" "IO3: IO3=PD13 does not reach the chip"
    done
}

@test "a chip that hears noise on IO0 writes and erases nothing" {
    make_file full.bin 8388608
    for seed in 5 6 7 8 9 10; do
        board_fresh "seed = $seed; line = io0 open"
        cp full.bin chip.bin
        kit "qspi_cli_doctor"
        [ "$status" -eq 1 ]
        chip_holds full.bin 0
        if grep nor.job report.txt; then return 1; fi
    done
}

@test "two lines swapped" {
    for row in "io0 io1" "io2 io3" "io1 io2" "io1 io3"; do
        read -r a b <<< "$row"
        faulty "swap = $row" "wiring: ${a^^} and ${b^^} are swapped: the chip answers" "cross the two lines back"
    done
    for row in "io0 io2" "io0 io3" "io0 clk" "io0 ncs" "clk io1" "clk io2" "clk io3" "clk ncs" "ncs io1" "ncs io2" "ncs io3"; do
        read -r a b <<< "${row^^}"
        faulty "swap = $row" "wiring: $a and $b are swapped: the chip answers"
    done
}

@test "another wiring than the board's" {
    faulty "wiring = clk PB2 ncs PB10 io0 PD11 io1 PD12 io2 PE2 io3 PD13" "wiring: NCS is on PB10, not on PB6" \
        "QSPI_WIRING {clk PB2 ncs PB10 io0 PD11 io1 PD12 io2 PE2 io3 PD13}"
    faulty "wiring = clk PF10 ncs PB6 io0 PD11 io1 PD12 io2 PE2 io3 PD13" "wiring: CLK is on PF10, not on PB2"
    faulty "wiring = clk PB2 ncs PB6 io0 PF8 io1 PD12 io2 PE2 io3 PD13" "wiring: IO0 is on PF8, not on PD11"
    faulty "wiring = clk PB2 ncs PB6 io0 PD11 io1 PF9 io2 PE2 io3 PD13" "wiring: IO1 is on PF9, not on PD12"
    faulty "wiring = clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 PF7 io3 PD13" "IO2: IO2=PE2 does not reach the chip"
}

@test "what the doctor says of a wrong wiring is the right one" {
    board_set "wiring = clk PB2 ncs PB10 io0 PD11 io1 PD12 io2 PE2 io3 PD13"
    kit "qspi_cli_doctor"
    KIT_BEFORE=(-c "set $(sed -n 's/.*\(QSPI_WIRING {[^}]*}\).*/\1/p' <<< "$output")")
    kit "qspi_cli_doctor"
    [ "$status" -eq 0 ]
}

@test "bank 2 and two chips side by side" {
    local bank2="clk PB2 ncs PC11 io0 PH2 io1 PH3 io2 PG9 io3 PG14"
    KIT_BEFORE=(-c "set QSPI_WIRING {$bank2}")
    healthy "wiring = $bank2"
    faulty "wiring = $bank2; line = io1 open" "IO1: the chip hears commands"
    # shellcheck disable=SC2034
    KIT_BEFORE=(-c "set QSPI_WIRING {clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 PE2 io3 PD13 ncs2 PC11 io4 PH2 io5 PH3 io6 PG9 io7 PG14}")
    healthy "part2 = W25Q64JV-IQ; wiring2 = $bank2"
    faulty "part2 = W25Q64JV-IQ; wiring2 = $bank2; line2 = io2 open" "IO6: IO6=PG9 does not reach the chip"
}

@test "states that firmware left the chip in are named and healed" {
    healthy "part = W25Q64JV-IM; state = qpi" "note   the chip was left in QPI mode"
    healthy "state = continuous-dual" "note   the chip was left in continuous read mode"
    healthy "state = continuous-quad" "note   the chip was left in continuous read mode"
    healthy "part = W25Q64JV-IM; state = continuous-qpi" "note   the chip was left in *QPI"
    healthy "state = power-down" "note   the chip was left in power-down mode"
}

@test "a busy chip is waited for, a suspended one finished" {
    board_set "probe = high-speed; times = worst; state = erasing"
    kit "qspi_cli_doctor"
    [ "$status" -eq 0 ]
    says "note   the chip was still busy with an erase or a write; it is ready now"
    board_fresh "state = suspended"
    kit "qspi_cli_doctor" 
    [ "$status" -eq 0 ]
    says "note   the chip has an erase or a write suspended"
    board_fresh "state = suspended"
    kit "init" "reset init" "qspi doctor"
    says "note   at the last bring-up the chip *had an erase or a write suspended"
}

@test "a chip that stays busy is left alone" {
    board_set "probe = high-speed; times = worst; state = erasing; trouble = stuck-busy"
    kit "qspi_cli_doctor"
    [ "$status" -eq 1 ]
    says "JEDEC ID: the chip stays busy: SR1 reads 0x03"
    if grep job-cut-short report.txt; then return 1; fi
}

@test "a locked chip, and one with QE=0" {
    faulty "state = sr1:1c" "status: SR1 1C SR2 02 SR3 60: the chip is write-protected, bytes 0x0 to 0x7FFFFF" "last bytes   ok"
    faulty "state = sr1:04" "status: SR1 04*bytes 0x7E0000 to 0x7FFFFF"
    faulty "state = sr3:64" "status: *individual block locks are in use (WPS=1)"
    healthy "part = W25Q64JV-IM" "status       note   SR1 00 SR2 00 SR3 60: QE=0" "data lines   ok"
    board_quiet
}

@test "QE is lent for a moment and given back" {
    board_set "part = W25Q64JV-IM"
    kit "init" "reset init" "qspi doctor" "stmqspi cmd 1 1 0x35"
    says "-> 00"
}

@test "wrong clock: the kernel clock that firmware chose does not run" {
    kit "init" "reset init" "mww 0x5802444C 0x20" "qspi doctor"
    [ "$status" -eq 0 ]
    says "clocks       note   wrong clock: firmware left QUADSPI on PLL2 R, which does not run"
    says "the doctor found no fault"
}

@test "a divided HSI, MPU and caches of firmware" {
    # RCC_CR: HSION, HSIDIV = 8
    kit "init" "reset init" "mmw 0x58024400 0x18 0" "mww 0xE000ED94 5" "qspi doctor"
    [ "$status" -eq 0 ]
    says "note   firmware divides the HSI to 8 MHz, so SCK is 4 MHz at most" "speed        ok     reads on one and four lines are right at SCK 1, 2, 4 MHz"
}

@test "two different chips side by side; a chip that OpenOCD cannot use" {
    board_set "part2 = W25Q16JV-IQ" "wiring2 = clk PB2 ncs PC11 io0 PH2 io1 PH3 io2 PG9 io3 PG14"
    # shellcheck disable=SC2034
    KIT_BEFORE=(-c "set QSPI_WIRING {clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 PE2 io3 PD13 ncs2 PC11 io4 PH2 io5 PH3 io6 PG9 io7 PG14}")
    kit "qspi_cli_doctor"
    [ "$status" -eq 1 ]
    says "controller: the two chips of the dual-flash pair differ" "next:  fit two of one type"
    # shellcheck disable=SC2034
    KIT_BEFORE=()
    board_fresh "seed = 1"
    kit "proc qspi_probe {result} {qspi_fail {OpenOCD knows no such chip.}}" "qspi_cli_doctor"
    [ "$status" -eq 1 ]
    says "1 fault: bring-up: OpenOCD knows no such chip."
}

@test "no probe, no target" {
    board_set "probe = none"
    kit "qspi_cli_doctor"
    [ "$status" -eq 1 ]
    says "QSPI: no debug probe"
    board_fresh "target-power = off"
    kit "qspi_cli_doctor"
    [ "$status" -eq 1 ]
    says "QSPI: the probe answers, but not the microcontroller"
}

@test "a pin locked with a wrong AF, or too slow for SCK" {
    # GPIOD AFRH: PD11 to AF0; LCKR: lock it
    local lock_d11="mww 0x58020C1C 0x00010800; mww 0x58020C1C 0x00000800; mww 0x58020C1C 0x00010800; mdw 0x58020C1C"
    kit "init" "reset init" "mmw 0x58020C24 0 0xF000" "$lock_d11" "qspi doctor"
    [ "$status" -eq 1 ]
    says "IO0: IO0=PD11 is locked in a wrong setting: mode 2, AF 0 instead of mode 2, AF 9" "GPIO LCKR" "next:  run \`reset init\`"
    # GPIOB OSPEEDR: PB2, which is CLK, low speed
    kit "init" "reset init" "mmw 0x58020408 0 0x30" \
        "mww 0x5802041C 0x00010004; mww 0x5802041C 0x00000004; mww 0x5802041C 0x00010004; mdw 0x5802041C" "qspi doctor"
    [ "$status" -eq 1 ]
    says "pin setting  note   firmware has locked CLK=PB2 (mode 2, AF 9, speed 0)"
    says "FAULT  unstable from SCK 16 MHz on*(right at 8 MHz)" "set QSPI_SCK_HZ 8000000"
}

# PLLs, clock selects, enables and GPIO settings, by mdw; IDR and LCKR are left out.
registers() {
    sed -n 's/^\(0x58024[0-9a-f]*: .*\|0x5802[0-2][0-9a-f]*: .*\)/\1/p' <<< "$output"
}
LOOK=("mdw 0x58024400" "mdw 0x58024428 5" "mdw 0x5802444C" "mdw 0x580244D4 4" "mdw 0x58024800")
for port in 04 0C 10; do LOOK+=("mdw 0x5802${port}00 4" "mdw 0x5802${port}14" "mdw 0x5802${port}20 2"); done

@test "clocks and pins are afterwards as before" {
    kit "init" "reset init" "${LOOK[@]}"
    registers > before.txt
    [ "$(wc -l < before.txt)" -ge 12 ]
    kit "init" "reset init" "qspi doctor" "${LOOK[@]}" "flash probe 1"
    [ "$status" -eq 0 ]
    registers > after.txt
    diff before.txt after.txt
}

@test "also if there was no chip: pins free, the bank parked" {
    board_set "part = none"
    kit "init" "reset halt" "${LOOK[@]}"
    registers > before.txt
    kit "init" "reset halt" "catch {qspi doctor}" "${LOOK[@]}" "flash banks"
    registers > after.txt
    diff before.txt after.txt
    says "size 0x00800000"
}

@test "the flash works after the doctor, and its contents are untouched" {
    make_file assets.bin 70000
    kit "init" "reset init" "flash write_image erase assets.bin 0x90000000" "qspi doctor" "verify_image assets.bin 0x90000000" \
        "flash write_image erase assets.bin 0x90100000"
    [ "$status" -eq 0 ]
    says "the doctor found no fault" "verified 70000 bytes"
    chip_holds assets.bin 0
    chip_holds assets.bin 0x100000
    board_quiet
}

@test "-json prints one object; wrong arguments and a running core are refused" {
    kit "init" "reset init" "qspi doctor -json"
    [ "$status" -eq 0 ]
    grep '^{' <<< "$output" | tail -n 1 > report.json
    [ "$(jq -r '[.command, .faults, (.steps | length), .steps[5].step, .steps[5].result] | @csv' report.json)" = '"doctor",0,13,"JEDEC ID","ok"' ]
    kit "init" "reset init" "qspi doctor now"
    [ "$status" -eq 1 ]
    says "unexpected word now. Usage: qspi doctor"
    kit "init" "reset run" "qspi doctor"
    [ "$status" -eq 1 ]
    says "the core is running"
}

@test "make doctor" {
    board_set "line = io3 open"
    run env OPENOCD="$ROOT/vboard/vopenocd" make -s -C "$ROOT" doctor
    echo "$output"
    [ "$status" -ne 0 ]
    says "IO3=PD13 does not reach the chip"
}

@test "tcl/regs.tcl is what the headers say" {
    cd "$ROOT"
    awk -f tools/regs_tcl.awk tcl/doctor*.tcl driver/stm32h7_regs.h driver/nor_cmds.h | diff -u tcl/regs.tcl -
}

@test "docs/troubleshooting.md has each message" {
    cd "$ROOT"
    local missing=0 piece name files=()
    for name in bringup image lock protect scan semihost status stub wiring; do
        files+=("tcl/$name.tcl")
    done
    while read -r piece; do
        grep -qF -- "$piece" docs/troubleshooting.md || { echo "missing: $piece"; missing=1; }
    done < <(awk -f tools/messages.awk tcl/doctor*.tcl "${files[@]}" | sed 's/^[^:]*: //' | sort -u)
    [ "$missing" -eq 0 ]
    [ "$(awk -f tools/messages.awk tcl/doctor*.tcl | wc -l)" -ge 25 ]
}
