"""Runs the processes that are measured, each of them behind BENCHMARK_PREFIX."""

import json
import os
import pathlib
import shlex
import subprocess
import sys

FOLDER = pathlib.Path(__file__).parent
BUILD = FOLDER.parent / ".build"
CONVNET = BUILD / "release/convnet"

# For instance `nice -n -5`, `taskset -c 0,1`, or `flock FILE` where others measure on the same machine.
PREFIX = shlex.split(os.environ.get("BENCHMARK_PREFIX", ""))


class Failure(Exception):
    """A process failed; the message is the last thing that it said."""


def output(command):
    process = subprocess.run([*PREFIX, *map(str, command)], capture_output=True, text=True)
    if process.returncode != 0:
        lines = process.stderr.strip().splitlines() or [f"exit status {process.returncode}"]
        raise Failure(lines[-1])
    return process.stdout


def measure(command):
    """What a process prints as JSON."""
    return json.loads(output(command))


def benchmark(network, mode, batch, settings, *options):
    """The command that measures ours."""
    return [CONVNET, "benchmark", network, "--mode", mode, *settings.arguments(batch), "--json", *options]


def peer(script, *arguments):
    """The command that runs a script of `peers` in this Python."""
    return [sys.executable, FOLDER / "peers" / script, *arguments]
