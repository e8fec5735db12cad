#!/bin/sh
# Installs the Debian packages that are missing. Arguments: PACKAGE:FILE, where FILE is there once PACKAGE is.
set -eu

missing=
for argument in "$@"; do
    [ -e "${argument#*:}" ] || missing="$missing ${argument%%:*}"
done
[ -n "$missing" ] || exit 0

stop() {
    echo "$1" >&2
    exit 1
}

if [ "$(uname)" = Darwin ]; then
    command -v brew >/dev/null || stop "install Homebrew (https://brew.sh), then: brew install libpng jpeg-turbo"
    # zlib comes with the system, and the oneDNN engine is for Linux.
    for package in libpng jpeg-turbo; do
        brew list $package >/dev/null 2>&1 || brew install $package
    done
    exit 0
fi

install="apt-get install -y --no-install-recommends$missing"
command -v apt-get >/dev/null ||
    stop "missing:$missing (the names of Debian's packages); install them with your system's package manager"
if [ "$(id -u)" = 0 ]; then
    sudo=
elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    sudo=sudo
else
    stop "missing:$missing; as root, run: apt-get update && $install"
fi

echo "installing$missing"
# shellcheck disable=SC2086 # words are meant to be split
$sudo env DEBIAN_FRONTEND=noninteractive $install >/dev/null 2>&1 || {
    # A fresh machine has no lists of packages yet.
    $sudo apt-get update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive $install ||
        stop "cannot install$missing; try: sudo apt-get update && sudo $install"
}
