#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The demo, and that the README shows what it really prints.

load helper

@test "the demo shows the stock failure, then a verified image in the chip" {
    unset VBOARD_SET
    run "$ROOT/tools/demo.sh"
    echo "$output"
    [ "$status" -eq 0 ]
    says "size 0 bus_width" "No QSPI, no OCTOSPI at 0x52005000" "win w25q64fv/jv" "flash size = 8192Ki" \
        "** Verified OK **" "byte for byte"
    echo "$output" > "$BATS_TEST_TMPDIR/demo.txt"
    sed -n '/^```console$/,/^```$/p' "$ROOT/README.md" | sed '1d;$d' > "$BATS_TEST_TMPDIR/readme.txt"
    diff -u "$BATS_TEST_TMPDIR/readme.txt" "$BATS_TEST_TMPDIR/demo.txt"
}

@test "the list of source files in the documentation is complete" {
    cd "$ROOT"
    sed -n '/^<!-- files -->$/,/^<!-- end of files -->$/p' docs/architecture.md | sed '1d;$d' | sed '$d' > "$BATS_TEST_TMPDIR/page.txt"
    tools/file-list.sh | diff -u "$BATS_TEST_TMPDIR/page.txt" - ||
        { echo "renew it with: tools/file-list.sh update"; return 1; }
}
