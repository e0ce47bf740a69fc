#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A fixed short run of the fuzz harnesses, where clang is there.

@test "no input of a short fuzz run breaks a reader of foreign bytes" {
    command -v clang > /dev/null || skip "clang is not installed"
    cd "$BATS_TEST_DIRNAME/../.." || return
    run timeout 300 make --no-print-directory -s fuzz FUZZ_RUNS=3000
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(grep -c 'stat::number_of_executed_units: 3000' <<< "$output")" -eq 3 ]
}
