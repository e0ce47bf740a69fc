# SPDX-License-Identifier: MIT
# The table of docs/wiring.md (signal, pin, AF and where each package has the pin) from
# data/quadspi-pins-packages.csv:
#   awk -f tools/wiring_table.awk data/quadspi-pins-packages.csv
BEGIN { FS = "," }
{ sub(/\r$/, "") }
{
    line = "| " $2 " | " $1 " | " (NR == 1 ? "AF" : $3) " |"
    for (i = 4; i <= NF; i++) {
        cell = $i
        sub(/ \(.*/, "", cell)
        line = line " " (cell == "" ? "-" : cell) " |"
    }
    print line
}
NR == 1 {
    line = "|"
    for (i = 1; i <= NF; i++)
        line = line " --- |"
    print line
}
