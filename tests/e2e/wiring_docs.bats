#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# docs/wiring.md is in step with the tables and the board files it describes.
setup() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    cd "$ROOT" || return
}

@test "the picture is drawn from data/quadspi-pins.csv" {
    diff docs/wiring.svg <(awk -f tools/wiring_svg.awk data/quadspi-pins.csv)
    [ "$(grep -c 'class="pin"' docs/wiring.svg)" -eq "$(($(grep -c . data/quadspi-pins.csv) - 1))" ]
}

@test "both tables of pins are one" {
    diff <(tr -d '\r' < data/quadspi-pins-packages.csv | cut -d, -f1-3) <(tr -d '\r' < data/quadspi-pins.csv)
}

@test "the table of pins by package is data/quadspi-pins-packages.csv" {
    diff <(sed -n '/^| signal | pin/,$p' docs/wiring.md) <(awk -f tools/wiring_table.awk data/quadspi-pins-packages.csv)
}

@test "every board file stands in the table, with its wiring" {
    local file name wiring
    for file in board/*.cfg; do
        name=$(basename "$file" .cfg)
        wiring=$(sed -n 's/^set QSPI_BOARD_WIRING {\(.*\)}.*/\1/p' "$file")
        grep -q QSPI_BOARD_FLASH "$file" || continue
        grep -q "^| \`$name\` | .* | $wiring |\$" docs/wiring.md || { echo "$name is not in docs/wiring.md"; false; }
    done
}

@test "the sentence quoted is the one printed" {
    local said="PB11 cannot carry QUADSPI NCS; NCS can be PB6, PB10 or PG6 (bank 1) or PC11 (bank 2)."
    grep -qF "$said" docs/wiring.md
    run openocd -c "set QSPI_WIRING {clk PB2 ncs PB11 io0 PD11 io1 PD12 io2 PE2 io3 PD13}" -f board/stm32h743-w25q64.cfg -c shutdown
    [[ "$output" == *"$said"* ]]
}
