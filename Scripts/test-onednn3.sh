#!/bin/sh
# Builds with oneDNN 3 and runs the tests that depend on it. Debian has oneDNN 2; version 3 comes from PyPI, 600 MB into a
# virtual environment (.venv-onednn3), once.
set -eu
cd "$(dirname "$0")/.."
venv=$PWD/.venv-onednn3
version='2026.1.*' # Intel's number; it holds oneDNN 3.13

stop() {
    echo "$1" >&2
    exit 1
}

if [ ! -e "$venv/complete" ]; then
    echo "installing oneDNN 3 into $venv"
    rm -rf "$venv"
    command -v python3 >/dev/null || stop "python3 is missing; as root, run: apt-get install python3-venv"
    python3 -m venv "$venv" || stop "python3 has no venv or no pip; as root, run: apt-get install python3-venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-cache-dir \
        "onednn==$version" "onednn-devel==$version"
    touch "$venv/complete"
fi

export CONVNET_TESTS='OneDNNEngineTests ConvNetTests'

# A flag, not CPATH, which comes after what lies in /usr. The library is found at run time.
set -- -c release -Xswiftc -enable-testing --scratch-path .build-3x --traits OneDNN -Xcc "-I$venv/include"
# The two that are needed: all products would be the snippets too.
swift build --product convnet "$@"
swift build --product swift-convnetPackageTests "$@"

# This library runs on SYCL, which knows of the processor through OpenCL.
export LD_LIBRARY_PATH="$venv/lib" OCL_ICD_FILENAMES="$venv/lib/libintelocl.so"

# An engine refuses a library of another major version than its headers', so this tells both.
result=$(.build-3x/release/convnet benchmark lenet5 --seconds 0)
echo "$result"
case $result in
    *"(oneDNN 3."*) ;;
    *) stop "the build did not use oneDNN 3 although $venv has it" ;;
esac

swift test --skip-build "$@"
