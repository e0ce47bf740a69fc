# SPDX-License-Identifier: MIT
# Draw the pins that can carry each QUADSPI signal, as SVG, from data/quadspi-pins.csv:
#   awk -f tools/wiring_svg.awk data/quadspi-pins.csv > docs/wiring.svg
# tests/e2e/wiring_docs.bats checks that the picture in the tree is that of the table.
BEGIN { FS = "," }
{ sub(/\r$/, "") }
NR > 1 {
    n = ++count[$2]
    pin[$2, n] = $1
    af[$2, n] = $3
}
function text(x, y, class, words) {
    printf "  <text x=\"%d\" y=\"%d\" class=\"%s\">%s</text>\n", x, y, class, words
}
function pins(signal, x, y,    i) {
    for (i = 1; i <= count[signal]; i++) {
        printf "  <rect x=\"%d\" y=\"%d\" width=\"64\" height=\"34\" rx=\"6\" class=\"af%s\"/>\n", x, y, af[signal, i]
        text(x + 32, y + 16, "pin", pin[signal, i])
        text(x + 32, y + 29, "af", "AF" af[signal, i])
        x += 72
    }
}
END {
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 356\" width=\"720\" height=\"356\" role=\"img\">"
    print "  <title>Pins that can carry each QUADSPI signal of the STM32H742, H743, H750 and H753</title>"
    print "  <style>text{font-family:sans-serif;font-size:14px;fill:#222}.head{font-weight:bold;text-anchor:middle}" \
        ".signal{font-weight:bold}.pin{text-anchor:middle;font-size:13px}.af{text-anchor:middle;font-size:9px;fill:#555}" \
        ".af9{fill:#d7e8fa;stroke:#4a7fb5}.af10{fill:#fbe6c9;stroke:#b5843a}.line{stroke:#ccc}</style>"
    print "  <rect width=\"720\" height=\"356\" fill=\"#fff\"/>"
    text(232, 24, "head", "bank 1")
    text(544, 24, "head", "bank 2")
    split("CLK NCS IO0 IO1 IO2 IO3", signals, " ")
    for (row = 1; row <= 6; row++) {
        y = 36 + (row - 1) * 46
        printf "  <line x1=\"16\" y1=\"%d\" x2=\"704\" y2=\"%d\" class=\"line\"/>\n", y, y
        text(24, y + 28, "signal", signals[row])
        if (row == 1) {
            pins("CLK", 88, y + 6)
            text(400, y + 28, "note", "one clock serves both banks")
        } else {
            pins("BK1_" signals[row], 88, y + 6)
            pins("BK2_" signals[row], 472, y + 6)
        }
    }
    text(24, 340, "note", "One pin of each row, all of one bank; two chips side by side: one of each row of both banks.")
    print "</svg>"
}
