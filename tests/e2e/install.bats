#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# make install and uninstall: found by name from everywhere, and nothing left behind.
load helper
setup() { board_new; }

@test "after make install, -f board/stm32h743-w25q64.cfg is found from any folder" {
    run make --no-print-directory -s -C "$ROOT" install "PREFIX=$PWD/prefix"
    echo "$output"
    [ "$status" -eq 0 ]
    mkdir elsewhere
    cd elsewhere
    run vopenocd -s "$OLDPWD/prefix/share/openocd/site" -f board/stm32h743-w25q64.cfg -c "init" -c "reset init" -c shutdown
    echo "$output"
    [ "$status" -eq 0 ]
    says "8 MiB at 0x90000000"
}

@test "the site folder of a prefix is where its openocd looks" {
    # An openocd of its own prefix, made of links to the one installed.
    mkdir -p prefix/bin prefix/share/openocd
    cp "$(command -v openocd)" prefix/bin/openocd
    ln -s "$(dirname "$(dirname "$(command -v openocd)")")/share/openocd/scripts" prefix/share/openocd/scripts
    make --no-print-directory -s -C "$ROOT" install "PREFIX=$PWD/prefix"
    cd /
    OPENOCD_BIN=$BATS_TEST_TMPDIR/prefix/bin/openocd run vopenocd -f board/stm32h743-w25q64.cfg -c "init" -c "reset init" -c shutdown
    echo "$output"
    [ "$status" -eq 0 ]
    says "8 MiB at 0x90000000"
}

@test "make uninstall takes back all of it and nothing else" {
    mkdir -p dest/usr/share/openocd/site/board
    echo "# mine" > dest/usr/share/openocd/site/board/mine.cfg
    make --no-print-directory -s -C "$ROOT" install "DESTDIR=$PWD/dest" PREFIX=/usr
    [ -e dest/usr/share/openocd/site/board/stm32h743-w25q64.cfg ]
    [ -e dest/usr/share/openocd/site/stmqspi-kit/LICENSE ]
    make --no-print-directory -s -C "$ROOT" uninstall "DESTDIR=$PWD/dest" PREFIX=/usr
    [ "$(find dest -type f)" = dest/usr/share/openocd/site/board/mine.cfg ]
    rm dest/usr/share/openocd/site/board/mine.cfg
    make --no-print-directory -s -C "$ROOT" install "DESTDIR=$PWD/dest" PREFIX=/usr
    make --no-print-directory -s -C "$ROOT" uninstall "DESTDIR=$PWD/dest" PREFIX=/usr
    [ ! -e dest/usr/share/openocd/site ]
}

@test "install works from a read-only checkout" {
    cp -r "$ROOT" copy 2> /dev/null || true
    rm -rf copy/build
    chmod -R a-w copy
    run make --no-print-directory -s -C copy install "PREFIX=$PWD/prefix"
    echo "$output"
    chmod -R u+w copy
    [ "$status" -eq 0 ]
    [ -e prefix/share/openocd/site/stmqspi-kit/tcl/guard.tcl ]
}
