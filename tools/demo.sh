#!/bin/bash
# SPDX-License-Identifier: MIT
# The main job on the virtual board, from the failure that everybody meets to a verified image in the
# flash chip. Run by `make demo`; what it prints stands in the README (checked by the tests).
set -eu
cd "$(dirname "$0")/.."
image=build/examples/lvgl-assets/assets.bin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export VBOARD_SET="contents = $work/chip.bin; report = $work/report.txt; probe = high-speed"

# Show the command a user types; run it on the virtual board, without network ports and with less
# chatter.
openocd_says() {
    local word
    printf '\n$ openocd'
    for word in "$@"; do
        case $word in
        *' '*) printf ' "%s"' "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    echo
    vboard/vopenocd -c "gdb_port disabled; telnet_port disabled; tcl_port disabled" "$@" 2>&1 |
        grep -v -e '^Open On-Chip' -e '^Licensed' -e '^For bug reports' -e 'bugs.html' -e '^Info' \
            -e '^$' -e '^	#' -e '^xPSR' -e 'halted due to' -e '^shutdown command' -e '^Warn : Adding'
    return "${PIPESTATUS[0]}"
}

echo "1. Stock OpenOCD on a board with a W25Q64: the bank is there, but nobody set the QUADSPI up."
openocd_says -c "set QUADSPI 1" -f interface/cmsis-dap.cfg -f target/stm32h7x.cfg -c init -c "reset init" \
    -c "flash list" -c "flash info 1" -c shutdown || true

echo
echo "2. The same OpenOCD with the kit's board file."
openocd_says -f board/stm32h743-w25q64.cfg -c init -c "reset init" -c "flash probe 1" -c "flash info 1" -c shutdown

echo
echo "3. A real LVGL image, $(stat -c %s $image) bytes, into the flash chip."
openocd_says -f board/stm32h743-w25q64.cfg -c "program $image 0x90000000 verify reset exit"

echo
if cmp -n "$(stat -c %s $image)" $image "$work/chip.bin"; then
    echo "4. The chip holds the file, byte for byte."
else
    echo "4. The chip's contents DIFFER from the file." >&2
    exit 1
fi
