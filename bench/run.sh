#!/bin/bash
# SPDX-License-Identifier: MIT
# The benchmark: the same rewrite by OpenOCD's own driver, by the kit's loader and by the semihosting
# writer on the virtual board, in its exact virtual time. `run.sh small|full RESULTS` adds a line for
# each case to RESULTS, a tab-separated file, and leaves out the cases that are there already.
#   profile image row method us erases pages chip_us link_bytes sectors spi_bits_per_s
# us: from a connected, halted board on. BENCH_CASES limits by a glob "profile image row method".
set -eu
cd "$(dirname "$0")/.."
set_name=${1:-small}
results=${2:-build/bench/$set_name.tsv}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
board=board/stm32h743-w25q64.cfg
chip_size=8388608
mkdir -p "$(dirname "$results")"
touch "$results"

noise() { # key size
    head -c "$2" /dev/zero | openssl enc -aes-128-ctr -nosalt -K "$(printf '%032x' "$1")" -iv 00 2> "$work/noise.log"
}

tiled_assets() { # size
    local one=build/examples/lvgl-assets/assets.bin
    while cat "$one"; do :; done 2> "$work/tiles.log" | head -c "$1"
}

image() { # name file
    case $1 in
    lvgl-8M) tiled_assets $chip_size > "$2" ;;
    random-8M) noise 1 $chip_size > "$2" ;;
    assets-1M) tiled_assets 1048576 > "$2" ;;
    half-512K) { tiled_assets 262144; noise 1 262144; } > "$2" ;;
    esac
}

blank() { # size
    head -c "$1" /dev/zero | tr '\0' '\377'
}

# What the chip holds before the row, for an image.
before() { # row image old
    local size half
    size=$(stat -c %s "$2")
    half=$((size / 2))
    case $1 in
    blank) : ;;
    other) noise 2 "$size" ;;
    same | verify) cat "$2" ;;
    sector) head -c $half "$2"; noise 3 4096; tail -c +$((half + 4097)) "$2" ;;
    # The image is the old one with 64 KiB put in at its middle; so the old one lacks them.
    insert) head -c $half "$2"; tail -c +$((half + 65537)) "$2"; noise 4 65536 ;;
    esac > "$3"
    size=$(stat -c %s "$3")
    blank $((chip_size - size)) >> "$3"
}

# A run of openocd on the virtual board; its virtual microseconds.
openocd_us() { # profile chip-file arguments...
    local profile=$1 chip=$2
    shift 2
    VBOARD_SET="contents = $chip; stats = $work/stats.json; report = $work/report.txt; probe = $profile" "$@" \
        > "$work/log.txt" 2>&1 || { cat "$work/log.txt" >&2; return 1; }
    number host_us
}

number() { # key of stats.json, of the first chip
    sed -n "s/^[^\[]*\"$1\": \([0-9]*\).*/\1/p; t; s/^[^[]*\[{[^}]*\"$1\": \([0-9]*\).*/\1/p" "$work/stats.json"
}

# Bits a second between chip and microcontroller, as the loader reports them; - for other methods.
spi_rate() {
    sed -n 's/.*"lines": \([0-9]*\), "sck_hz": \([0-9]*\).*/\1 \2/p' "$work/log.txt" | awk '{ print $1 * $2; found = 1 } END { if (!found) print "-" }'
}

# Connect, halt, run the Tcl, end.
console() { # profile chip Tcl
    openocd_us "$1" "$2" vboard/vopenocd -c "gdb_port disabled; telnet_port disabled; tcl_port disabled" \
        -f "$board" -c "init; reset init; $3; shutdown"
}

method_us() { # method row profile chip image
    case $1-$2 in
    native-verify) console "$3" "$4" "verify_image $5 0x90000000" ;;
    write-verify) console "$3" "$4" "qspi verify $5" ;;
    native-*) console "$3" "$4" "flash write_image erase $5 0x90000000; verify_image $5 0x90000000" ;;
    write-*) openocd_us "$3" "$4" build/rel/qspi-flash --json --openocd vboard/vopenocd "$5" ;;
    semihost-*) console "$3" "$4" "qspi semihost $5" ;;
    esac
}

done_already() { # profile image row method
    grep -q "^$1	$2	$3	$4	" "$results"
}

one_case() { # profile image row method
    local connect us erases pages limits
    # shellcheck disable=SC2254
    case "$*" in ${BENCH_CASES:-*}) ;; *) return ;; esac
    done_already "$@" && return
    [ -e "$work/$2" ] || image "$2" "$work/$2"
    before "$3" "$work/$2" "$work/old"
    cp "$work/old" "$work/chip"
    connect=$(console "$1" "$work/chip" "")
    us=$(method_us "$4" "$3" "$1" "$work/chip" "$work/$2")
    cmp -n "$(stat -c %s "$work/$2")" "$work/$2" "$work/chip"
    erases=$(($(number erases_4k) + $(number erases_32k) + $(number erases_64k)))
    pages=$(number pages_programmed)
    limits=$("${LIMIT:-build/bench/limit}" "$work/old" "$work/$2")
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$@" $((us - connect)) "$erases" "$pages" "$(tr ' ' '\t' <<< "$limits")" \
        "$(spi_rate)" >> "$results"
    tail -n 1 "$results"
}

# Bytes a second into the target's RAM, as the limit of the link.
link_rate() { # profile
    local connect us
    grep -q "^$1	link	" "$results" && return
    noise 5 393216 > "$work/ram"
    blank $chip_size > "$work/chip"
    connect=$(console "$1" "$work/chip" "")
    us=$(console "$1" "$work/chip" "load_image $work/ram 0x24000000 bin")
    printf '%s\tlink\t-\t-\t%s\n' "$1" $((393216 * 1000000 / (us - connect))) >> "$results"
}

case $set_name in
small) images="half-512K" methods="native write" ;;
full) images="assets-1M random-8M lvgl-8M" methods="native write semihost" ;;
esac
for image in $images; do
    for method in $methods; do
        for profile in high-speed full-speed; do
            link_rate "$profile"
            for row in blank other same sector insert verify; do
                [ "$method-$row" = semihost-verify ] || one_case "$profile" "$image" "$row" "$method"
            done
        done
    done
done
