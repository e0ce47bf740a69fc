#!/bin/sh
# SPDX-License-Identifier: MIT
# Put the results of the full benchmark into docs: `report.sh RESULTS` renews the tables below the mark
# in docs/benchmarks.md, docs/benchmarks.json and docs/benchmarks.svg.
set -eu
cd "$(dirname "$0")/.."
results=${1:-build/bench/full.tsv}
page=docs/benchmarks.md
sed '/^<!-- results -->$/q' "$page" > "$page.new"
awk -v mode=md -v loader_bytes="$(stat -c %s build/loader/loader.bin)" -f bench/report.awk "$results" >> "$page.new"
mv "$page.new" "$page"
awk -v mode=json -f bench/report.awk "$results" > docs/benchmarks.json
awk -v mode=svg -f bench/report.awk "$results" > docs/benchmarks.svg
