#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The small benchmark (512 KiB, the loader only, both probes) against the figures of bench/expected.json.
setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export ROOT
    export BENCH_RESULTS=$BATS_FILE_TMPDIR/results.tsv
}

@test "no time of the small benchmark is worse by more than 2 %" {
    run "$ROOT/bench/check.sh"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ "$output" == *"high-speed half-512K other"* ]]
}

@test "a figure worse by 3 % is found, and a case that is missing" {
    [ -e "$BENCH_RESULTS" ] || skip "nothing was measured"
    us=$(sed -n 's/.*"high-speed half-512K other": \([0-9]*\).*/\1/p' "$ROOT/bench/expected.json")
    sed "s/half-512K other\": $us/half-512K other\": $((us * 97 / 100))/" "$ROOT/bench/expected.json" > "$BATS_TEST_TMPDIR/less.json"
    BENCH_EXPECTED=$BATS_TEST_TMPDIR/less.json run "$ROOT/bench/check.sh"
    echo "$output"
    [ "$status" -ne 0 ]
    [[ "$output" == *"half-512K other"*WORSE* ]]
    grep -v 'full-speed half-512K same' "$ROOT/bench/expected.json" > "$BATS_TEST_TMPDIR/gone.json"
    BENCH_EXPECTED=$BATS_TEST_TMPDIR/gone.json run "$ROOT/bench/check.sh"
    [ "$status" -ne 0 ]
    [[ "$output" == *"full-speed half-512K same: not in bench/expected.json"* ]]
}

@test "the tables of docs/benchmarks.md come from what was measured" {
    cd "$ROOT"
    # Every microsecond figure of the JSON stands rounded in the page.
    [ "$(grep -c '"method": "write"' docs/benchmarks.json)" -ge 8 ]
    while read -r us; do
        shown=$(awk -v u="$us" 'BEGIN { printf u < 1000000 ? "%.3f s" : u < 100000000 ? "%.2f s" : "%.1f s", u / 1000000 }')
        grep -q -F "$shown" docs/benchmarks.md || { echo "$shown is not in the page"; return 1; }
    done < <(sed -n 's/.*"method": "\(write\|native\)", "us": \([0-9]*\).*/\2/p' docs/benchmarks.json)
}
