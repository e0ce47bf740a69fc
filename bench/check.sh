#!/bin/bash
# SPDX-License-Identifier: MIT
# Compare the loader's times of the small benchmark with the figures kept in bench/expected.json: fail
# if one is worse by more than 2 %. `check.sh update` keeps the present ones instead.
# BENCH_RESULTS keeps what was measured (cases there already are not run again), BENCH_EXPECTED
# names other figures.
set -eu
cd "$(dirname "$0")/.."
expected=${BENCH_EXPECTED:-bench/expected.json}
results=${BENCH_RESULTS:-}
if [ -z "$results" ]; then
    results=$(mktemp)
    trap 'rm -f "$results"' EXIT
fi
BENCH_CASES='* * * write' timeout 900 bench/run.sh small "$results" > "$results.log" || { cat "$results.log"; exit 1; }
rm -f "$results.log"

if [ "${1:-}" = update ]; then
    awk -F '\t' 'BEGIN { printf "{" }
        $4 == "write" { printf "%s\n  \"%s %s %s\": %d", n++ ? "," : "", $1, $2, $3, $5 }
        END { print "\n}" }' "$results" > "$expected"
    exit 0
fi

awk -F '\t' '
    FILENAME == ARGV[1] { if (split($0, part, "\"") == 3) { sub(/[^0-9]*/, "", part[3]); limit[part[2]] = part[3] + 0 } next }
    $4 == "write" {
        name = $1 " " $2 " " $3
        seen[name] = 1
        if (!(name in limit)) { print name ": not in bench/expected.json"; bad = 1; next }
        change = ($5 / limit[name] - 1) * 100
        worse = $5 > limit[name] * 1.02
        printf "%-32s %10d us, expected %10d, %+.1f %%%s\n", name, $5, limit[name], change,
            worse ? "  WORSE" : change < -2 ? "  better: keep it with bench/check.sh update" : ""
        bad = bad || worse
    }
    END {
        for (name in limit) if (!(name in seen)) { print name ": expected, but not run"; bad = 1 }
        exit bad
    }' "$expected" "$results"
