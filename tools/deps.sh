#!/bin/sh
# SPDX-License-Identifier: MIT
# Install the Debian packages that are missing. `deps.sh demo`: for building and the demo;
# `deps.sh test`: for the tests too. Does nothing, and needs no rights, when all are there.
set -eu

demo="gcc libc6-dev libunicorn-dev libcapstone-dev libhidapi-dev openocd gcc-arm-none-eabi liblz4-dev"
test="libcmocka-dev bats parallel flashrom gdb-multiarch expect netcat-openbsd openssl cppcheck clang clang-format shellcheck jimsh"

case ${1:-} in
demo) want=$demo ;;
test) want="$demo $test" ;;
*)
    echo "usage: deps.sh demo|test" >&2
    exit 2
    ;;
esac

missing=
for package in $want; do
    case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true) in
    "install ok installed") ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo > /dev/null; then
    as_root=sudo
else
    echo "These Debian packages are missing, and this is not root:$missing" >&2
    exit 1
fi
echo "Installing:$missing"
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing > /dev/null
