# SPDX-License-Identifier: MIT
# The results of bench/run.sh as tables (mode=md), JSON (mode=json) or a chart (mode=svg), for
# docs/benchmarks.md. Used by bench/report.sh.

BEGIN {
    FS = "\t"
    split("high-speed full-speed", profiles, " ")
    split("assets-1M random-8M lvgl-8M", images, " ")
    split("blank other same sector insert verify", rows, " ")
    title["assets-1M"] = "1 MiB of LVGL assets"; title["random-8M"] = "8 MiB random"; title["lvgl-8M"] = "8 MiB of LVGL assets (tiled)"
    title["blank"] = "first write, blank chip"; title["other"] = "first write, over other contents"
    title["same"] = "again, unchanged"; title["sector"] = "one 4 KiB sector changed"
    title["insert"] = "64 KiB inserted in the middle"; title["verify"] = "verify only"
    size["assets-1M"] = 1048576; size["random-8M"] = size["lvgl-8M"] = 8388608
}

$2 == "link" { rate[$1] = $5; next }
{
    key = $1 " " $2 " " $3
    us[key, $4] = $5
    chip[key] = $8; link[key] = $9
    erases[key, $4] = $6; pages[key, $4] = $7
    if ($11 > 0) spi[$1] = $11
}

function seconds(u) { return u == "" ? "not run" : sprintf(u < 1000000 ? "%.3f s" : u < 100000000 ? "%.2f s" : "%.1f s", u / 1000000) }
function times(a, b) { return a == "" || b == "" || b == 0 ? "" : sprintf(a / b < 10 ? "%.2f ×" : "%.0f ×", a / b) }
function link_us(p, key) { return rate[p] ? link[key] * 1000000 / rate[p] : 0 }
function read_us(p, image) { return spi[p] ? size[image] * 8 * 1000000 / spi[p] : 0 }
# What no method can undercut, and what sets it.
function limit(p, image, key,   l) {
    bound = "read"; l = read_us(p, image)
    if (chip[key] > l) { l = chip[key]; bound = "chip" }
    if (link_us(p, key) > l) { l = link_us(p, key); bound = "link" }
    return l
}

# Where the time of an unchanged image goes: the part that the chip and the link set, and the rest.
function md_breakdown(   p, i, w, r, t, k) {
    print "\n## Where the time of an unchanged 8 MiB goes\n\nNothing is erased or sent but the loader, its box and the hashes. The rest is debug traffic: saving and restoring\nregisters, polling the loader until it has hashed the chip, and bringing the bank back for the native driver.\n"
    print "| probe | total | chip read at the SCK in use | loader and hashes over the link | rest |\n| --- | --- | --- | --- | --- |"
    for (p = 1; p in profiles; p++) {
        k = profiles[p] " random-8M same"
        w = us[k, "write"]; r = read_us(profiles[p], "random-8M")
        if (w == "" || !rate[profiles[p]]) continue
        t = (loader_bytes + 128 * 68) * 1000000 / rate[profiles[p]]
        printf "| %s | %s | %s | %s (%d bytes) | %s |\n", profiles[p], seconds(w), seconds(r), seconds(t), loader_bytes + 128 * 68, seconds(w - r - t)
    }
}

function md_table(p,   i, r, key, l) {
    printf "\n## %s probe\n\n", p == "high-speed" ? "High-speed" : "Full-speed"
    printf "RAM of the target is filled at %.0f KiB/s; the chip is read at %.0f Mbit/s.\n\n", rate[p] / 1024, spi[p] / 1000000
    print "| image | case | native | qspi write | semihosting | native / qspi write | limit | qspi write / limit |"
    print "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for (i = 1; i in images; i++)
        for (r = 1; r in rows; r++) {
            key = p " " images[i] " " rows[r]
            if (us[key, "native"] == "" && us[key, "write"] == "") continue
            l = limit(p, images[i], key)
            printf "| %s | %s | %s | %s | %s | %s | %s (%s) | %s |\n", title[images[i]], title[rows[r]],
                seconds(us[key, "native"]), seconds(us[key, "write"]), rows[r] == "verify" ? "" : seconds(us[key, "semihost"]),
                times(us[key, "native"], us[key, "write"]), seconds(l), bound, times(us[key, "write"], l)
        }
}

# One target: at least `want` times faster, and a second condition that is told with its outcome.
function target(what, key, want, second, met,   n, w, ratio, outcome) {
    n = us[key, "native"]; w = us[key, "write"]
    ratio = w ? n / w : 0
    outcome = n == "" || w == "" ? "not measured" : ratio >= want && met ? "**met**" : "**missed**"
    printf "| %s | at least %s × | %s | %s | %s |\n", what, want, times(n, w), second, outcome
}

function md_targets(   hr, fl, w, l, k, first) {
    print "\n## Targets\n\n| case | against native | measured | against the limit | |\n| --- | --- | --- | --- | --- |"
    k = "high-speed random-8M other"; w = us[k, "write"]
    target("high speed, 8 MiB random over other contents", k, 1.5, "chip " seconds(chip[k]) " × 1.10, measured " seconds(w) " (" times(w, chip[k]) ")", w <= 1.10 * chip[k])
    k = "full-speed lvgl-8M other"; w = us[k, "write"]; l = link_us("full-speed", k) > chip[k] ? link_us("full-speed", k) : chip[k]
    target("full speed, 8 MiB LVGL assets over other contents", k, 3, "link or chip " seconds(l) " × 1.15, measured " seconds(w) " (" times(w, l) ")", w <= 1.15 * l)
    k = "high-speed random-8M same"; w = us[k, "write"]
    target("high speed, 8 MiB again, unchanged", k, 50, "under 1.0 s, measured " seconds(w), w < 1000000)
    target("full speed, 8 MiB again, unchanged", "full-speed random-8M same", 200, "measured " seconds(us["full-speed random-8M same", "write"]), 1)
    k = "high-speed random-8M sector"; w = us[k, "write"]
    target("high speed, one sector of 8 MiB changed", k, 40, "under 1.2 s, measured " seconds(w), w < 1200000)
    target("full speed, one sector of 8 MiB changed", "full-speed random-8M sector", 150, "measured " seconds(us["full-speed random-8M sector", "write"]), 1)
    k = "high-speed random-8M verify"; w = us[k, "write"]; l = read_us("high-speed", "random-8M")
    target("high speed, `qspi verify` of 8 MiB against `verify_image`", k, 10, "SPI lines " seconds(l) " × 1.5, measured " seconds(w) " (" times(w, l) ")", w <= 1.5 * l)
    k = "high-speed assets-1M blank"
    target("high speed, 1 MiB on a blank chip", k, 2, "no erase, measured " erases[k, "write"], erases[k, "write"] == 0)
}

function json(   p, i, r, m, key, methods, n) {
    split("native write semihost", methods, " ")
    printf "["
    for (p = 1; p in profiles; p++) for (i = 1; i in images; i++) for (r = 1; r in rows; r++) for (m = 1; m in methods; m++) {
        key = profiles[p] " " images[i] " " rows[r]
        if (us[key, methods[m]] == "") continue
        printf "%s\n  {\"profile\": \"%s\", \"image\": \"%s\", \"case\": \"%s\", \"method\": \"%s\", \"us\": %d, \"erases\": %d, \"pages\": %d, \"limit_us\": %d}", \
            n++ ? "," : "", profiles[p], images[i], rows[r], methods[m], us[key, methods[m]], erases[key, methods[m]], pages[key, methods[m]], limit(profiles[p], images[i], key)
    }
    print "\n]"
}

# Bars on a logarithmic scale from 10 ms to 1000 s.
function x(u) { return 300 + (log(u < 10000 ? 10000 : u) - log(10000)) / log(100000) * 560 }
function bar(y, u, color) { printf "<rect x=\"300\" y=\"%d\" width=\"%.1f\" height=\"9\" fill=\"%s\"/><text x=\"%.1f\" y=\"%d\" font-size=\"9\">%s</text>\n", y, x(u) - 300, color, x(u) + 4, y + 8, seconds(u) }
function svg(   p, i, r, key, y, lines, body, decade) {
    for (p = 1; p in profiles; p++) for (i = 1; i in images; i++) for (r = 1; r in rows; r++)
        if (us[profiles[p] " " images[i] " " rows[r], "write"] != "" && us[profiles[p] " " images[i] " " rows[r], "native"] != "") lines++
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"940\" height=\"%d\" font-family=\"sans-serif\">\n<rect width=\"940\" height=\"%d\" fill=\"white\"/>\n", lines * 30 + 50, lines * 30 + 50
    print "<text x=\"10\" y=\"18\" font-size=\"13\">Virtual time from a halted board on: native (grey), qspi write (blue), limit (mark). Logarithmic.</text>"
    for (decade = 10000; decade <= 1000000000; decade *= 10)
        printf "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"40\" y2=\"%d\" stroke=\"#ddd\"/><text x=\"%.1f\" y=\"36\" font-size=\"9\">%s s</text>\n", x(decade), x(decade), lines * 30 + 44, x(decade) + 2, decade / 1000000
    y = 44
    for (p = 1; p in profiles; p++) for (i = 1; i in images; i++) for (r = 1; r in rows; r++) {
        key = profiles[p] " " images[i] " " rows[r]
        if (us[key, "write"] == "" || us[key, "native"] == "") continue
        printf "<text x=\"10\" y=\"%d\" font-size=\"10\">%s, %s: %s</text>\n", y + 12, profiles[p], images[i], title[rows[r]]
        bar(y, us[key, "native"], "#999")
        bar(y + 10, us[key, "write"], "#27c")
        printf "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#c30\" stroke-width=\"2\"/>\n", x(limit(profiles[p], images[i], key)), x(limit(profiles[p], images[i], key)), y - 1, y + 21
        y += 30
    }
    print "</svg>"
}

END {
    if (mode == "json") json()
    else if (mode == "svg") svg()
    else { md_targets(); md_breakdown(); md_table("high-speed"); md_table("full-speed") }
}
