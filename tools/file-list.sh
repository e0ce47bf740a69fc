#!/bin/sh
# SPDX-License-Identifier: MIT
# The list of source files in docs/architecture.md, made from the sentence that opens each file.
# `file-list.sh` prints it, `file-list.sh update` puts it into the page.
set -eu
cd "$(dirname "$0")/.."

list() {
    folder=
    git ls-files -- board openocd tcl init-stub loader driver vboard host bench tools |
        grep -E '\.(c|h|tcl|cfg|sh|awk)$|vopenocd$' | grep -v -E '_stub\.tcl$|loader\.tcl$' | LC_ALL=C sort |
        while read -r file; do
            if [ "$(dirname "$file")" != "$folder" ]; then
                folder=$(dirname "$file")
                printf '\n**`%s/`**\n\n' "$folder"
            fi
            awk -v name="$(basename "$file")" '
                /^#!|SPDX/ { next }
                /^(\/\/|#) / { sub(/^(\/\/|#) /, ""); text = text (text ? " " : "") $0
                               if (match(text, /[.]( |$)/)) { text = substr(text, 1, RSTART - 1); exit } next }
                { exit }
                END { printf "- `%s`: %s\n", name, text }' "$file"
        done
}

page=docs/architecture.md
if [ "${1:-}" = update ]; then
    list > "$page.list"
    awk -v list="$page.list" '
        /^<!-- files -->/ { print; while ((getline line < list) > 0) print line; print ""; skip = 1; next }
        /^<!-- end of files -->/ { skip = 0 }
        !skip' "$page" > "$page.new"
    rm "$page.list"
    mv "$page.new" "$page"
else
    list
fi
