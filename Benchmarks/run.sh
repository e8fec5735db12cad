#!/usr/bin/env bash
# Lets convnet and PyTorch, ONNX Runtime and OpenVINO take turns at the same work and writes Benchmarks/results.md.
# Needs the release build. Installs the peers into .venv-benchmark the first time, unless BENCHMARK_PYTHON names a
# Python that has them. Arguments are those of compare.py: run.sh --help.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${BENCHMARK_PYTHON:-.venv-benchmark/bin/python}

installed() {
    "$python" -c "import importlib.util, sys; sys.exit(importlib.util.find_spec('$1') is None)"
}

install() {
    echo "installing $*" >&2
    "$python" -m pip install -q --disable-pip-version-check "$@"
}

# What cannot be installed is left out, and the report says so.
install_peers() {
    [ -x "$python" ] || python3 -m venv .venv-benchmark
    # The build for processors only is a tenth of the size, where the index has it.
    installed torch || install torch==2.13.0+cpu || install torch==2.13.0 || true
    for module in numpy onnx onnxruntime openvino; do
        installed $module || install $module || true
    done
    # Its networks need nothing of what torchvision asks for but Pillow; it asks for the large build of torch, too.
    installed PIL || install pillow || true
    installed torchvision || install --no-deps torchvision==0.28.0 || true
}

[ -n "${BENCHMARK_PYTHON:-}" ] || install_peers
exec "$python" Benchmarks/compare.py "$@"
