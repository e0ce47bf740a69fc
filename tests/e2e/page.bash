# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Run what a page of the documentation says, out of the page itself: its ```sh blocks, in order, in a folder that
# looks like the kit's and with the virtual board in the openocd that is found on the PATH.

# A folder with all of the kit in it, for what the commands leave behind.
page_setup() {
    board_new
    mkdir kit bin
    local entry
    for entry in "$ROOT"/*; do
        ln -s "$entry" kit/
    done
    OPENOCD_BIN=$(command -v openocd)
    export OPENOCD_BIN
    printf '#!/bin/sh\nexec "%s/vboard/vopenocd" "$@"\n' "$ROOT" > bin/openocd
    chmod +x bin/openocd
    PATH=$PWD/bin:$PATH
    # shellcheck disable=SC2034
    EXAMPLE=$ROOT/build/examples/lvgl-assets
}

# Blocks of one language, one after another; those under a heading only, if one is given.
page_blocks() { # page language [heading]
    awk -v language="$2" -v heading="${3:-}" '
        /^#/ && !inside { here = heading == "" || index($0, heading) }
        /^```/ { if (inside) inside = 0; else { inside = 1; wanted = here && $0 == "```" language }; next }
        BEGIN { here = heading == "" }
        inside && wanted' "$ROOT/docs/$1"
}

# Run them as one script that stops at the first failure.
page_run() { # page [heading]
    page_blocks "$1" sh "${2:-}" > script.sh
    [ -s script.sh ] || { echo "no commands in $1 under ${2:-the whole page}"; return 1; }
    cd kit || return
    run timeout 100 bash -eux ../script.sh
    cd ..
    echo "$output"
}
