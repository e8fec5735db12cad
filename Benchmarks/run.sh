#!/usr/bin/env bash
# Lets convnet and PyTorch take turns at training the same small networks and writes Benchmarks/results.md.
# Needs the release build; installs PyTorch into .venv-benchmark the first time.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=.venv-benchmark
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
if ! "$venv/bin/python" -c 'import torch' 2>/dev/null; then
    echo "installing PyTorch into $venv" >&2
    # The build for processors only is a tenth of the size, where the index has it.
    "$venv/bin/pip" install -q 'torch==2.13.0+cpu' 2>/dev/null || "$venv/bin/pip" install -q torch
fi
"$venv/bin/pip" install -q numpy
exec "$venv/bin/python" Benchmarks/compare.py "$@"
