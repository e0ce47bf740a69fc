#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Any wiring: a random sample of the mixes of pins that data/quadspi-pins.csv allows, for bank 1, bank 2
# and two chips side by side. WIRINGS_SEED chooses another sample, WIRINGS_COUNT=all takes every mix of
# one chip (464).
# shellcheck disable=SC2001,SC2030,SC2031,SC2034
load helper
setup() { board_new; }

# Every wiring of one chip on bank 1 or 2, a line each.
all_wirings() { # bank
    awk -F, -v bank="$1" 'NR > 1 { pins[$2] = pins[$2] " " $1 }
    function walk(depth, text,    list, n, i) {
        if (depth > 6) { print text; return }
        n = split(pins[signal[depth]], list, " ")
        for (i = 1; i <= n; i++)
            walk(depth + 1, text (depth > 1 ? " " : "") slot[depth] " " list[i])
    }
    END {
        split("clk ncs io0 io1 io2 io3", slot, " ")
        signal[1] = "CLK"; signal[2] = "BK" bank "_NCS"
        for (d = 3; d <= 6; d++) signal[d] = "BK" bank "_IO" (d - 3)
        walk(1, "")
    }' "$ROOT/data/quadspi-pins.csv"
}

# A seeded choice of lines from standard input.
sample() { # count salt
    if [ "${WIRINGS_COUNT:-}" = all ]; then
        cat
    else
        shuf -n "$1" --random-source=<(openssl enc -aes-128-ctr -nosalt -pass "pass:${WIRINGS_SEED:-1}$2" -in /dev/zero 2> /dev/null | head -c 1000000)
    fi
}

# The pad of PA1_C is that of PA1 with its analog switch closed.
pads() {
    echo "${1//_C/}"
}

one_chip() { # wiring
    echo "--- $1"
    board_new
    rm -f chip.bin report.txt
    board_set "wiring = $(pads "$1")"
    KIT_BEFORE=(-c "set QSPI_WIRING {$1}")
    kit "program a.bin 0x90000000 verify"
    [ "$status" -eq 0 ]
    says "8 MiB at 0x90000000" "** Verified OK **"
    chip_holds a.bin 0
    board_quiet
}

many_of_bank() { # bank count
    local wiring count=0
    while read -r wiring; do
        one_chip "$wiring"
        count=$((count + 1))
    done < <(all_wirings "$1" | sample "$2" "bank$1")
    [ "$count" -ge "$2" ]
}

@test "the pin table allows 432 wirings of a chip on bank 1 and 32 on bank 2" {
    [ "$(all_wirings 1 | sort -u | wc -l)" -eq 432 ]
    [ "$(all_wirings 2 | sort -u | wc -l)" -eq 32 ]
    [ "$(all_wirings 1 | sample 30 bank1 | sort -u | wc -l)" -ge 30 ]
    cmp <(all_wirings 1 | sample 30 bank1) <(all_wirings 1 | sample 30 bank1)
}

@test "30 wirings of bank 1: program and verify" {
    make_file a.bin 3000
    many_of_bank 1 30
}

@test "12 wirings of bank 2: program and verify" {
    make_file a.bin 3000
    many_of_bank 2 12
}

# Two chips: the lines of the first and of the second, each as from all_wirings.
two_chips() { # first second own|shared-1|shared-2
    local first=$1 data both ncs1 ncs2
    ncs1=$(sed 's/.*ncs \([A-Z0-9]*\).*/\1/' <<< "$1")
    ncs2=$(sed 's/.*ncs \([A-Z0-9]*\).*/\1/' <<< "$2")
    data=$(sed 's/.*\(io0 .*\)/\1/; s/io3/io7/; s/io2/io6/; s/io1/io5/; s/io0/io4/' <<< "$2")
    case $3 in
    own) both="$first ncs2 $ncs2 $data" ;;
    shared-1) both="$first $data" ncs2=$ncs1 ;;
    shared-2) first=${first/ncs $ncs1/ncs $ncs2} both="$first $data" ;;
    esac
    echo "--- $3: $both"
    board_new
    rm -f chip*.bin* report.txt
    board_set "wiring = $(pads "$first")" "part2 = W25Q64JV-IQ" "contents2 = $PWD/chip2.bin" \
        "wiring2 = clk $(sed 's/clk \([A-Z0-9]*\).*/\1/' <<< "$1") ncs $ncs2 $(sed 's/.*\(io0 .*\)/\1/' <<< "$2")"
    KIT_BEFORE=(-c "set QSPI_WIRING {$both}")
    kit "program a.bin 0x90000000 verify" "flash write_bank 1 a.bin 0xF20001" "flash verify_bank 1 a.bin 0xF20001" \
        "flash read_bank 1 out.bin 0xF20001 3001" "flash erase_sector 1 0 0" "flash erase_check 1"
    [ "$status" -eq 0 ]
    says "16 MiB at 0x90000000" "** Verified OK **" "contents match"
    cmp a.bin out.bin
    [ ! -e out.bin.even ] && [ ! -e a.bin.even ]
    # even bytes in the first chip, odd ones in the second
    cmp <(od -An -v -tx1 -w1 -j1 -N1000 a.bin | awk 'NR % 2') <(od -An -v -tx1 -w1 -j$((0x790001)) -N500 chip.bin)
    cmp <(od -An -v -tx1 -w1 -N1000 a.bin | awk 'NR % 2') <(od -An -v -tx1 -w1 -j$((0x790000)) -N500 chip2.bin)
    chip_erased 0 65536
    cmp -n 65536 chip2.bin <(head -c 65536 /dev/zero | tr '\0' '\377')
    board_quiet
}

@test "12 pairs of chips side by side, with own selects and with one: program, verify, read, erase" {
    local first second
    local -a seconds
    make_file a.bin 3001
    mapfile -t seconds < <(WIRINGS_COUNT='' all_wirings 2 | WIRINGS_COUNT='' sample 12 pair2)
    local i=0 kinds=(own shared-1 shared-2)
    while read -r first; do
        second=${seconds[i]}
        two_chips "$first" "$second" "${kinds[i % 3]}"
        i=$((i + 1))
    done < <(all_wirings 1 | WIRINGS_COUNT='' sample 12 pair1)
    [ "$i" -eq 12 ]
}

@test "two chips side by side, erased as a whole" {
    board_set "wiring2 = clk PB2 ncs PC11 io0 PE7 io1 PE8 io2 PE9 io3 PE10" "part2 = W25Q64JV-IQ" "contents2 = $PWD/chip2.bin"
    KIT_BEFORE=(-c "set QSPI_WIRING {clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 PE2 io3 PD13 ncs2 PC11 io4 PE7 io5 PE8 io6 PE9 io7 PE10}")
    make_file a.bin 100000
    kit "program a.bin 0x90F00000" "stmqspi mass_erase 1"
    [ "$status" -eq 0 ]
    chip_erased
    cmp chip2.bin <(head -c 8388608 /dev/zero | tr '\0' '\377')
}

@test "two chips side by side: odd and even offsets and lengths, and a difference found" {
    board_set "wiring2 = clk PB2 ncs PC11 io0 PE7 io1 PE8 io2 PE9 io3 PE10" "part2 = W25Q64JV-IQ" "contents2 = $PWD/chip2.bin"
    KIT_BEFORE=(-c "set QSPI_WIRING {clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 PE2 io3 PD13 ncs2 PC11 io4 PE7 io5 PE8 io6 PE9 io7 PE10}")
    make_file a.bin 5000
    kit "program a.bin 0x90000000" "flash read_bank 1 ee.bin 100 200" "flash read_bank 1 eo.bin 100 201" \
        "flash read_bank 1 oe.bin 101 200" "flash read_bank 1 oo.bin 101 201" "flash read_bank 1 tail.bin 0xFFFFFF"
    [ "$status" -eq 0 ]
    cmp ee.bin <(tail -c +101 a.bin | head -c 200)
    cmp eo.bin <(tail -c +101 a.bin | head -c 201)
    cmp oe.bin <(tail -c +102 a.bin | head -c 200)
    cmp oo.bin <(tail -c +102 a.bin | head -c 201)
    [ "$(od -An -tx1 tail.bin)" = " ff" ]
    tail -c +102 a.bin > same.bin
    { head -c 500 same.bin; printf x; tail -c +502 same.bin; } > other.bin
    kit "init" "reset init" "flash verify_bank 1 same.bin 101"
    [ "$status" -eq 0 ]
    says "contents match"
    kit "init" "reset init" "flash verify_bank 1 other.bin 101"
    [ "$status" -eq 1 ]
    says "contents differ"
    kit "init" "reset init" "mdb 0x90000065 3"
    says "0x90000065: $(od -An -tx1 -j101 -N3 a.bin | cut -c2-)"
}

@test "bank 2 by itself programs while bank 1 has another chip" {
    make_file a.bin 3000
    board_set "wiring2 = clk PB2 ncs PC11 io0 PE7 io1 PE8 io2 PE9 io3 PE10" "part2 = W25Q128JV-IQ" "contents2 = $PWD/chip2.bin"
    KIT_BEFORE=(-c "set QSPI_WIRING {clk PB2 ncs PC11 io0 PE7 io1 PE8 io2 PE9 io3 PE10}")
    kit "program a.bin 0x90000000 verify"
    [ "$status" -eq 0 ]
    says "16 MiB at 0x90000000" "** Verified OK **"
    cmp -n 3000 a.bin chip2.bin
    chip_erased
}
