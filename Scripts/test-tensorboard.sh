#!/bin/sh
# Lets TensorBoard itself read what a run has written for it. TensorBoard comes from PyPI into a virtual environment
# (.venv-tensorboard), once; the command is the one that the tests have built.
set -eu
cd "$(dirname "$0")/.."
venv=$PWD/.venv-tensorboard
convnet=${CONVNET:-.build-test/release/convnet}

stop() {
    echo "$1" >&2
    exit 1
}

[ -x "$convnet" ] || stop "$convnet is missing; build it with: make test"
if [ ! -e "$venv/complete" ]; then
    echo "installing TensorBoard into $venv"
    rm -rf "$venv"
    command -v python3 >/dev/null || stop "python3 is missing; as root, run: apt-get install python3-venv"
    python3 -m venv "$venv" || stop "python3 has no venv or no pip; as root, run: apt-get install python3-venv"
    # It still asks for pkg_resources, which newer versions of setuptools lack.
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-cache-dir 'tensorboard==2.20.*' 'setuptools<81'
    touch "$venv/complete"
fi
"$venv/bin/python" Scripts/check_tensorboard.py "$convnet"
