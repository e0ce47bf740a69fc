# SPDX-License-Identifier: MIT
# Lists what the kit's Tcl files say: of each message the longest piece of its first clause that holds
# no variable. tests/e2e/doctor.bats looks each one up in docs/troubleshooting.md.

# Message in the quoted string at the start of `text`; variables become \001.
function message(text) {
    sub(/^ *(\[format )?/, "", text)
    if (substr(text, 1, 1) != "\"")
        return ""
    text = substr(text, 2)
    gsub(/\\"/, "\002", text)
    while (gsub(/\[[^][]*\]/, "\001", text))
        ;
    sub(/".*/, "", text)
    gsub(/\$(::)?[a-z_]+(\([^)]*\))?|%[0-9]*[sdXb]/, "\001", text)
    gsub(/\$\{[^}]*\}/, "\001", text)
    gsub(/\002/, "\"", text)
    return text
}

function longest(text,   n, i, piece, best) {
    sub(/(; |\. |: ).*/, "", text)
    sub(/\.$/, "", text)
    n = split(text, piece, "\001")
    best = ""
    for (i = 1; i <= n; i++) {
        gsub(/^[ ,()=]+|[ ,()=]+$/, "", piece[i])
        if (length(piece[i]) > length(best))
            best = piece[i]
    }
    return best
}

match($0, /(qspi_fail|qspi_doctor_fault|qspi_doctor_note|qspi_doctor_say -) /) ||
(FILENAME ~ /status\.tcl|stub\.tcl/ && match($0, /return /)) {
    piece = longest(message(substr($0, RSTART + RLENGTH)))
    if (length(piece) >= 10)
        print FILENAME ": " piece
}
