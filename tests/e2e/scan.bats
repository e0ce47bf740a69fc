#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `qspi scan` and `make scan`: each wiring of the pin table is found, whatever state the chip is in;
# what is not a flash is left as it was.
# shellcheck disable=SC2016,SC2034
load helper
setup() {
    board_new
    board_set "probe = high-speed"
    HERE="clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 PE2 io3 PD13"
}

# One scan of a chip at `wiring`, timed in virtual milliseconds.
scan_at() { # wiring
    local VBOARD_SET="$VBOARD_SET; wiring = $1"
    kit init 'set start [ms]; qspi scan; echo "took [expr {[ms] - $start}] ms"'
    [ "$status" -eq 0 ]
    says "set QSPI_BOARD_WIRING {$1}" "found Winbond W25Q64 (EF 40 17), 8 MiB"
    local took
    took=$(sed -n 's/^took \([0-9]*\) ms$/\1/p' <<< "$output")
    [ "$took" -lt 500 ] || { echo "$took ms are too long"; return 1; }
}

# A word for each register of the ports, of RCC and of QUADSPI that a scan may change.
dump_registers='proc dump {} {
    set words [concat [read_memory 0x580244D4 32 1] [read_memory 0x5802444C 32 1] [read_memory 0x580244E0 32 1] [read_memory 0x58024400 32 1]]
    for {set port 0} {$port < 8} {incr port} {
        set at [expr {0x58020000 + 0x400 * $port}]
        set words [concat $words [read_memory $at 32 4] [read_memory [expr {$at + 0x14}] 32 1] [read_memory [expr {$at + 0x20}] 32 2]]
    }
    foreach at {0x52005000 0x52005004 0x52005014 0x52005030} { lappend words [read_memory $at 32 1] }
    return $words
}'

# Settings of firmware: clocks on, PF10 an output at high, PE2 an output at low, PD11 pulled down.
firmware_pins='proc firmware_pins {} {
    mww 0x580244E0 0x7FF
    mww 0x58021418 0x00000400; mww 0x58021400 0xFFDFFFFF
    mww 0x58021018 0x00040000; mww 0x58021000 0xFFFFFFDF
    mww 0x58020C0C 0x00800000; mww 0x58020C00 0xFF3FFFFF
}'

@test "the wiring that is found works at once with reset init" {
    board_set "wiring = clk PF10 ncs PG6 io0 PF8 io1 PF9 io2 PF7 io3 PF6"
    make_file assets.bin 5000
    kit init "qspi scan" "reset init" "flash write_image erase assets.bin 0x90000000" "verify_image assets.bin 0x90000000"
    [ "$status" -eq 0 ]
    says "lines that other parts share with these pins are driven for a moment"
    says "set QSPI_BOARD_WIRING {clk PF10 ncs PG6 io0 PF8 io1 PF9 io2 PF7 io3 PF6}"
    says "this session uses this wiring now" "8 MiB at 0x90000000" "verified 5000 bytes"
    chip_holds assets.bin 0
}

@test "a failed bring-up goes on with a scan" {
    board_set "wiring = clk PF10 ncs PC11 io0 PH2 io1 PH3 io2 PG9 io3 PG14"
    run vopenocd -f "$ROOT/board/any-stm32h7.cfg" -c init -c "reset init" -c "qspi scan" -c "reset init" -c "mdw 0x90000000" -c shutdown
    echo "$output"
    [ "$status" -eq 0 ]
    says "no answer: the JEDEC ID reads" "on bank 2:" "8 MiB at 0x90000000" "0x90000000: ffffffff"
}

@test "the wiring of each board file is found" {
    local cfg wiring
    for cfg in "$ROOT"/board/*.cfg; do
        wiring=$(sed -n 's/^set QSPI_BOARD_WIRING *{\(.*\)}.*/\1/p' "$cfg")
        [[ "$wiring" == *io4* ]] || scan_at "$wiring"
    done
}

@test "a random sample of 44 wirings of the pin table, both banks, each well under a second" {
    local seed=${SCAN_SEED:-743} wiring count=0
    while read -r wiring; do
        count=$((count + 1))
        echo "wiring $count of seed $seed: $wiring"
        scan_at "$wiring"
    done < <(awk -F, -v seed="$seed" '
        NR > 1 && $1 !~ /_C/ { pins[$2] = pins[$2] " " $1 }
        function pick(signal,  list, n) { n = split(pins[signal], list, " "); return list[int(rand() * n) + 1] }
        END {
            srand(seed)
            for (i = 0; i < 44; i++) {
                bank = i % 3 == 2 ? 2 : 1
                line = "clk " pick("CLK") " ncs " pick("BK" bank "_NCS")
                for (io = 0; io < 4; io++)
                    line = line " io" io " " pick("BK" bank "_IO" io)
                print line
            }
        }' "$ROOT/data/quadspi-pins.csv")
    [ "$count" -eq 44 ]
}

@test "a chip in any state, with QE set or not" {
    local part state
    for part in W25Q64JV-IM W25Q64FV; do
        for state in spi qpi continuous-dual continuous-quad continuous-qpi power-down erasing suspended; do
            rm -f chip.bin*
            (
                board_set "part = $part" "state = $state"
                kit init "qspi scan" "reset init"
                [ "$status" -eq 0 ]
                says "set QSPI_BOARD_WIRING {$HERE}" "8 MiB at 0x90000000"
            ) || { echo "failed with a $part in the state $state"; return 1; }
        done
    done
}

@test "the status registers are as they were after a scan of a chip with QE = 0" {
    board_set "part = W25Q64JV-IM"
    kit init "qspi scan" "set ::qspi_keep_chip 1" "reset init"
    [ "$status" -eq 0 ]
    says "set QSPI_BOARD_WIRING {$HERE}" "SR1 00 SR2 00"
}

@test "SR2 locked with QE = 0: IO3 is told by /HOLD, IO2 is not" {
    board_set "part = W25Q64JV-IM" "state = sr2:01"
    kit init "qspi scan" "reset init"
    [ "$status" -eq 0 ]
    says "{clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 - io3 PD13}" "IO2 cannot be told: QE is 0" "told by its /HOLD" "8 MiB at 0x90000000"
}

@test "QPI of another maker" {
    board_set "part = IS25LP064A" "state = qpi"
    kit init "qspi scan"
    [ "$status" -eq 0 ]
    says "found ISSI flash (9D 60 17), 8 MiB" "io0 PD11 io1 PD12"
}

@test "two chips are both named: two banks, two sets of pins, one bus, one select" {
    local second
    for second in "clk PB2 ncs PC11 io0 PE7 io1 PE8 io2 PE9 io3 PE10" \
        "clk PF10 ncs PG6 io0 PF8 io1 PF9 io2 PF7 io3 PF6" "clk PB2 ncs PB10 io0 PD11 io1 PD12 io2 PE2 io3 PD13"; do
        (
            board_set "part2 = W25Q128JV-IQ" "wiring2 = $second"
            kit init "qspi scan" "reset init"
            [ "$status" -eq 0 ]
            says "W25Q64 (EF 40 17), 8 MiB" "set QSPI_BOARD_WIRING {$HERE}" "W25Q128 (EF 40 18), 16 MiB" "set QSPI_BOARD_WIRING {$second}"
            says "the first of these wirings"
        ) || return 1
    done
    board_set "part2 = W25Q64JV-IQ" "wiring2 = clk PB2 ncs PB6 io0 PE7 io1 PE8 io2 PE9 io3 PE10"
    kit init "qspi scan"
    [ "$status" -eq 0 ]
    says "it shares NCS with the chip before" "set QSPI_BOARD_WIRING {$HERE io4 PE7 io5 PE8 io6 PE9 io7 PE10}"
}

@test "no chip: says so and why that may be, and puts everything back" {
    board_set "part = none"
    kit init "$dump_registers" "reset halt" "set before [dump]" "catch {qspi scan} message" "echo \$message" \
        "echo [expr {\$before eq [dump] ? {unchanged} : {CHANGED}}]"
    says "no flash answers on any pins. Is one fitted and powered?" "unchanged"
}

@test "after a scan of halted firmware its pins, clocks and QUADSPI are as before" {
    kit init "reset init" "$dump_registers" "mww 0x58021418 0x400; mww 0x58021400 0xFFDFFFFF" "reg pc 0x08000040" "mww 0x20000000 0x12345678" \
        "set before [dump]" "qspi scan -noreset" "echo [expr {\$before eq [dump] ? {unchanged} : {CHANGED}}]" "reg pc" "mdw 0x20000000" "mdw 0x90000000"
    [ "$status" -eq 0 ]
    says "unchanged" "0x20000000: 12345678" "pc (/32): 0x08000040" "0x90000000: ffffffff"
}

@test "an interrupted scan puts everything back" {
    local ms
    for ms in 1 5 10 20; do
        kit init "$dump_registers" "$firmware_pins" "reset halt" "firmware_pins" "set before [dump]" \
            "rename qspi_scan_go go; proc qspi_scan_go {} { resume; sleep $ms; halt }" \
            "catch {qspi scan -noreset} message; echo \$message" \
            "echo [expr {\$before eq [dump] ? {unchanged} : {CHANGED}}]" \
            "rename qspi_scan_go {}; rename go qspi_scan_go" "qspi scan"
        [ "$status" -eq 0 ]
        says "the scan was interrupted; all pins and registers are put back" "unchanged" "set QSPI_BOARD_WIRING {$HERE}"
    done
}

@test "a stub that crashes in RAM full of noise is told and puts everything back" {
    make_file noise.bin 8192
    kit init "$dump_registers" "$firmware_pins" "reset halt" "load_image noise.bin 0x20000000" "firmware_pins" "set before [dump]" \
        "set ::qspi_scan_stub(words) [concat 0xde00de00 [lrange \$::qspi_scan_stub(words) 1 end]]" \
        "set ::qspi_scan_patience_ms 20; set ::qspi_scan_limit_ms 50" \
        "catch {qspi scan -noreset} message; echo \$message" "echo [expr {\$before eq [dump] ? {unchanged} : {CHANGED}}]"
    says "the scan was interrupted" "unchanged"
}

@test "a line that something drives is skipped and named; one with a resistor is not" {
    board_set "line = io1 stuck-low"
    kit init "catch {qspi scan} message" "echo \$message"
    says "skipped PD12 (BK1_IO1): something else drives it low" "no flash answers"
    board_set "line = io1 ok" "pull = ncs up" "pull = io2 up" "pull = io3 up"
    kit init "qspi scan"
    [ "$status" -eq 0 ]
    says_not "skipped"
    says "set QSPI_BOARD_WIRING {$HERE}"
}

@test "a foreign output on a pin of the table does not hide the flash" {
    board_set "wiring2 = clk PF10 ncs PG6 io0 PC9 io1 PC10 io2 PF7 io3 PF6" "part2 = none" "line2 = clk stuck-high" "line2 = io0 stuck-low"
    kit init "qspi scan"
    [ "$status" -eq 0 ]
    says "skipped PF10 (CLK): something else drives it high" "skipped PC9 (BK1_IO0): something else drives it low" "set QSPI_BOARD_WIRING {$HERE}"
}

@test "excluded pins and pins that the package lacks are not touched" {
    kit init "$dump_registers" "qspi scan -exclude {PF10 pc09}"
    [ "$status" -eq 0 ]
    says_not " PF10" " PC9"
    says "set QSPI_BOARD_WIRING {$HERE}"
    kit init "catch {qspi scan -exclude PB2} message" "echo \$message"
    says "no flash answers"
    KIT_BEFORE=(-c "set QSPI_PACKAGE LQFP100")
    kit init "qspi scan"
    [ "$status" -eq 0 ]
    says_not " PF10" " PG6" " PH2"
}

@test "a pin locked by LCKR is named" {
    kit init "reset halt" "mww 0x580244E0 0x7FF" "mww 0x5802141C 0x10400; mww 0x5802141C 0x400; mww 0x5802141C 0x10400; mdw 0x5802141C" "qspi scan -noreset"
    [ "$status" -eq 0 ]
    says "skipped PF10 (CLK): firmware has locked it until the next reset" "set QSPI_BOARD_WIRING {$HERE}"
}

@test "wrong arguments" {
    kit init "catch {qspi scan -foo} message; echo \$message" "catch {qspi scan -exclude PA13} message; echo \$message" "catch {qspi scan fast} message; echo \$message"
    [ "$status" -eq 0 ]
    says "unknown option -foo. Usage: qspi scan" "PA13 in -exclude cannot carry QUADSPI anyway" "unexpected fast"
}

@test "make scan: 0 if a flash was found, else not" {
    run make -s -C "$ROOT" scan OPENOCD="$ROOT/vboard/vopenocd"
    echo "$output"
    [ "$status" -eq 0 ]
    says "set QSPI_BOARD_WIRING {$HERE}"
    board_set "part = none"
    run make -s -C "$ROOT" scan OPENOCD="$ROOT/vboard/vopenocd"
    echo "$output"
    [ "$status" -ne 0 ]
    says "no flash answers"
    board_set "probe = none"
    run make -s -C "$ROOT" scan OPENOCD="$ROOT/vboard/vopenocd"
    echo "$output"
    [ "$status" -ne 0 ]
    says "no debug probe"
}
