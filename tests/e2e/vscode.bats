#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# examples/vscode: the tasks' own command lines, and what Cortex-Debug makes of each launch
# configuration, on the virtual board with the real gdb-multiarch. Then a client that is not ours:
# cdt-gdb-adapter, driven over the Debug Adapter Protocol.
load helper

setup() {
    command -v node > /dev/null || skip "node is not installed"
    board_new
    EXAMPLE=$ROOT/build/examples/lvgl-assets
    TASKS=$ROOT/examples/vscode/tasks.json
    LAUNCH=$ROOT/examples/vscode/launch.json
    PORT=$((20000 + (BASHPID % 5000) * 4))
    GOOD="until=lvgl_assets_verdict==$((0x600DF00D))" # the firmware's own word for "all is well"
    # A workspace as the files expect it: the kit, and a Makefile that builds into build/.
    mkdir -p ws/build bin
    WS=$PWD/ws
    ln -s "$ROOT" ws/stmqspi-kit
    printf 'all:\n\tcp %s/*.elf %s/assets.bin build/\n' "$EXAMPLE" "$EXAMPLE" > ws/Makefile
    # The virtual board is in the openocd that is found on the PATH.
    OPENOCD_BIN=$(command -v openocd)
    export OPENOCD_BIN
    printf '#!/bin/sh\nexec "%s/vboard/vopenocd" "$@"\n' "$ROOT" > bin/openocd
    chmod +x bin/openocd
    PATH=$PWD/bin:$PATH
}

teardown() {
    [ -z "${SERVER:-}" ] || kill "$SERVER" 2> /dev/null || true
}

# Run a task and those it depends on, from the workspace, as VS Code does.
run_task() { # label
    local label words
    output="" status=0
    while read -r label; do
        mapfile -t words < <(node "$ROOT/tests/dap/vscode.js" task "$TASKS" "$label" "$WS")
        echo "\$ ${words[*]}"
        output+=$(cd "$WS" && timeout 60 "${words[@]}" 2>&1) || { status=$?; break; }
    done < <(node "$ROOT/tests/dap/vscode.js" chain "$TASKS" "$1")
    echo "$output"
}

launch() { # configuration steps...
    run timeout 60 node "$ROOT/tests/dap/cortex_debug.js" "$LAUNCH" "$1" "$WS" "$PORT" "${@:2}"
    echo "$output"
}

field() { # configuration key
    node "$ROOT/tests/dap/vscode.js" field "$LAUNCH" "$1" "$2" "$WS"
}

@test "each configuration's preLaunchTask is a task, and every line to edit is marked" {
    local name task
    for name in "QSPI: assets if changed, then firmware" "QSPI: firmware and assets by GDB"; do
        task=$(field "$name" preLaunchTask)
        node "$ROOT/tests/dap/vscode.js" chain "$TASKS" "$task"
    done
    [ -z "$(field "QSPI: attach" preLaunchTask)" ]
    # what a user may have to change is on a marked line
    run grep -nE '\.cfg"|build/|gdb-multiarch|"command"|stmqspi-kit"' "$TASKS" "$LAUNCH"
    run grep -vE 'EDIT|:// ' <<< "$output"
    echo "$output"
    [ -z "$output" ]
}

@test "task: the assets are written once, and again only when they changed" {
    run_task "QSPI: flash assets if changed"
    [ "$status" -eq 0 ]
    says "Programming Finished" "Verified OK"
    chip_holds "$EXAMPLE/assets.bin" 0
    run_task "QSPI: flash assets if changed"
    [ "$status" -eq 0 ]
    says "Verified OK - No flashing"
    says_not "Programming"
    printf 'all:\n\tprintf new | dd of=build/assets.bin conv=notrunc status=none\n' > ws/Makefile
    run_task "QSPI: flash assets if changed"
    [ "$status" -eq 0 ]
    says "Programming Finished"
    chip_holds ws/build/assets.bin 0
    board_quiet
}

@test "task: the assets are written whatever is there" {
    run_task "QSPI: flash assets"
    [ "$status" -eq 0 ]
    chip_holds "$EXAMPLE/assets.bin" 0
}

@test "task: without a chip, and after a failed build, it fails, so that VS Code stops" {
    board_set "part = none"
    run_task "QSPI: flash assets if changed"
    [ "$status" -ne 0 ]
    says "QSPI: no answer"
    printf 'all:\n\tfalse\n' > ws/Makefile
    run_task "QSPI: flash assets if changed"
    [ "$status" -ne 0 ]
    says_not "openocd"
}

@test "launch, recommended: task, then firmware by GDB; main is reached, the firmware finds its assets" {
    local name="QSPI: assets if changed, then firmware"
    run_task "$(field "$name" preLaunchTask)"
    [ "$status" -eq 0 ]
    launch "$name" "$GOOD"
    [ "$status" -eq 0 ]
    says 'func="main"'
    says_not 'section=".lvgl_assets"'
    chip_holds "$EXAMPLE/assets.bin" 0
}

@test "launch, all by GDB: assets and firmware; restart" {
    cp "$EXAMPLE"/*.elf ws/build
    launch "QSPI: firmware and assets by GDB" "$GOOD" restart \
        "p lvgl_assets_verdict" "$GOOD"
    [ "$status" -eq 0 ]
    says 'section=".lvgl_assets"'
    says "\$1 = 0"
    [ "$(grep -c 'func="main"' <<< "$output")" -ge 2 ]
    chip_holds "$EXAMPLE/assets.bin" 0
}

@test "attach: nothing is reset or written, the window still reads, and the firmware goes on" {
    cp "$EXAMPLE"/*.elf ws/build
    kit "program $EXAMPLE/app.elf verify"
    launch "QSPI: attach" "$GOOD" "x/2xw 0x90000000" detach
    [ "$status" -eq 0 ]
    says "$(od -An -tx4 -N4 "$EXAMPLE/assets.bin" | sed 's/ */0x/')"
    says_not "target-download" "reset"
    chip_holds "$EXAMPLE/assets.bin" 0
}

# --- cdt-gdb-adapter, a client that is not ours, over the Debug Adapter Protocol ---

# Installed once, into build/. Prints why it is not there.
dap_install() {
    command -v npm > /dev/null || { echo "npm is not installed"; return 1; }
    mkdir -p "$ROOT/build/dap"
    (
        flock 9
        cmp -s "$ROOT/tests/dap/package.json" "$ROOT/build/dap/installed.json" && exit 0
        cp "$ROOT/tests/dap/package.json" "$ROOT/build/dap/package.json"
        cd "$ROOT/build/dap" && timeout 120 npm install --no-audit --no-fund --ignore-scripts > npm.log 2>&1 &&
            cp package.json installed.json
    ) 9> "$ROOT/build/dap/lock" || { echo "npm could not install the adapter: $(tail -n 1 "$ROOT/build/dap/npm.log")"; return 1; }
}

dap() { # launch or attach
    local why
    why=$(dap_install) || skip "$why"
    NODE_PATH=$ROOT/build/dap/node_modules run timeout 60 node "$ROOT/tests/dap/cdt.js" "$1" "$BOARD" \
        "$EXAMPLE/app.elf" "$EXAMPLE/assets.bin" "$PORT"
    echo "$output"
    [ "$status" -eq 0 ]
    says "DONE"
}

@test "cdt-gdb-adapter launches: load, main, the assets in its memory view" {
    dap launch
    says "stopped in main" "the firmware finds its assets" "memory view at 0x90000000 shows the assets"
    chip_holds "$EXAMPLE/assets.bin" 0
}

@test "cdt-gdb-adapter attaches to running firmware, which goes on" {
    kit "program $EXAMPLE/app.elf verify"
    dap attach
    says "the firmware finds its assets" "memory view at 0x90000000 shows the assets"
    chip_holds "$EXAMPLE/assets.bin" 0
}
