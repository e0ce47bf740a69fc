#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Nothing lost: the power fails at a command to the chip in the middle of `qspi write`, and the same
# command again gives the right contents. Every POWERCUT_STEP-th command of a run is taken (default:
# a step that gives 20 and 10 of them; 1 takes all).

load helper
setup() {
    board_new
    board_set "stats = $PWD/stats.json" "probe = high-speed"
    head -c 8388608 /dev/zero | openssl enc -aes-128-ctr -nosalt -K 00112233445566778899aabbccddeeff \
        -iv 00000000000000000000000000000077 > before.bin
}

SECTOR=4096

# Commands to the chip in the last run.
commands() {
    grep -o '"opcodes": {[^}]*}' stats.json | grep -o ': [0-9]*' | awk '{n += $2} END {print n}'
}

# Bytes `from` up to `to` of the chip are those from before.
untouched() { # from to
    cmp -s -n $(($2 - $1)) -i "$1" before.bin chip.bin
}

# All but the sectors from `first` to `last`.
others_untouched() { # first last
    untouched 0 "$1" && untouched $(($2 + SECTOR)) 8388608
}

# Write `file` at `offset`, cut at command $3, look, write again, look.
cut_and_repeat() { # file offset command
    local size first last before=$VBOARD_SET damaged=0
    size=$(stat -c %s "$1")
    first=$(($2 / SECTOR * SECTOR))
    last=$((($2 + size) / SECTOR * SECTOR))
    cp before.bin chip.bin
    board_set "cut = $3"
    kit "init" "reset init" "qspi write $1 $((0x90000000 + $2))" > /dev/null
    VBOARD_SET=$before
    says "power failed at command $3" || return 1
    # outside of the image, only one of the two sectors that it shares may be hit
    others_untouched "$first" "$last" || { echo "cut at $3: sectors outside of the image changed"; return 1; }
    untouched "$first" "$2" || damaged=$((damaged + 1))
    untouched $(($2 + size)) $((last + SECTOR)) || damaged=$((damaged + 1))
    [ "$damaged" -le 1 ] || { echo "cut at $3: two sectors were hit"; return 1; }

    kit "init" "reset init" "qspi write $1 $((0x90000000 + $2))" > /dev/null
    [ "$status" -eq 0 ] || { echo "cut at $3: $output"; return 1; }
    chip_holds "$1" "$2" || { echo "cut at $3: the second write is wrong"; return 1; }
    others_untouched "$first" "$last" || { echo "cut at $3: the second write changed too much"; return 1; }
}

sweep() { # file offset
    local total
    cp before.bin chip.bin
    kit "init" "reset init" "qspi write $1 $((0x90000000 + $2))"
    [ "$status" -eq 0 ]
    chip_holds "$1" "$2"
    total=$(commands)
    echo "$total commands"
    [ "$total" -gt 100 ]
    for ((at = 1; at < total; at += ${POWERCUT_STEP:-total / ${3} + 1})); do
        cut_and_repeat "$1" "$2" "$at"
    done
}

@test "a cut at any command of a write with shared first and last sectors is mended by writing again" {
    make_file a.bin 9000
    sweep a.bin 2048 20
}

@test "a cut at any command of a 64 KiB rewrite is mended by writing again" {
    make_file a.bin 65536
    sweep a.bin 131072 10
}
