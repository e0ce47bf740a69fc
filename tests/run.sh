#!/bin/bash
# SPDX-License-Identifier: MIT
# Run all tests and end with one line of totals. Arguments: the unit test programs, then --, then the
# bats files. Called by `make check`.
set -u
cd "$(dirname "$0")/.." || exit 2
export ASAN_OPTIONS=detect_leaks=0
unset MAKEFLAGS MFLAGS MAKELEVEL # tests that run make do it as a user does
jobs=${JOBS:-$(nproc)}
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

while [ $# -gt 0 ] && [ "$1" != -- ]; do
    echo "== $(basename "$1")"
    if "$1" > "$log" 2>&1; then
        tail -n 1 "$log"
    else
        cat "$log"
    fi
    ok=$(grep -c '^\[       OK \]' "$log")
    bad=$(grep -c '^\[  FAILED  \] [A-Za-z0-9_]*$' "$log")
    # a crash leaves no summary
    grep -q '^\[  PASSED  \]' "$log" || bad=$((bad > 0 ? bad : 1))
    passed=$((passed + ok)) failed=$((failed + bad))
    shift
done
[ $# -gt 0 ] && shift

if [ $# -gt 0 ]; then
    command -v parallel > /dev/null || jobs=1
    parallel_bats=()
    [ "$jobs" -gt 1 ] && parallel_bats=(--jobs "$jobs")
    bats --tap "${parallel_bats[@]}" "$@" 2>&1 | tee "$log"
    passed=$((passed + $(grep '^ok ' "$log" | grep -vc '# skip')))
    skipped=$((skipped + $(grep -c '^ok .*# skip' "$log")))
    failed=$((failed + $(grep -c '^not ok ' "$log")))
    planned=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$log" | head -n 1)
    ran=$(grep -c '^\(not \)\?ok ' "$log")
    if [ "${planned:-0}" -ne "$ran" ]; then
        echo "bats planned ${planned:-no} tests and ran $ran"
        failed=$((failed + 1))
    fi
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
