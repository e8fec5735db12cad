"""Measures what a busy machine does to predictions and training steps; prints a table in Markdown.

    python3 Benchmarks/neighbours.py [CONVNET [CONVNET]] [--rounds 5] [--seconds 1] [--others 0.05] [--only lenet5]

Each case runs alone, beside one and two loops that never rest, and twice at once. Of two binaries, which take turns, each
has its rows. A number is the median of the rounds; those in which other programs took more than the share --others of the
machine's processors are tried again, ten times at most.
"""

import argparse
import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

from processes import CONVNET
from report import table

CASES = [
    ("lenet5", "infer", 1), ("resnet20", "infer", 1), ("resnet18", "infer", 1),
    ("lenet5", "train", 64), ("resnet20", "train", 64), ("resnet18", "train", 16),
]
INPUTS = {"resnet20": "1x28x28"}
SITUATIONS = ["alone", "beside one", "beside two", "two at once"]
TRIES = 10
# What a process may not know of: each is measured as it is where nobody has set anything.
WAITING = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")


@contextlib.contextmanager
def busy_loops(count):
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        time.sleep(0.1 if loops else 0)
        yield loops
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def measure(convnet, case, situation, seconds):
    """The results of the processes that were measured, and the share of the processors that others took meanwhile."""
    network, mode, batch = case
    command = [convnet, "benchmark", network, "--mode", mode, "--batch", str(batch), "--seconds", str(seconds),
               "--no-autotune", "--json"]
    if network in INPUTS:
        command += ["--input", INPUTS[network]]
    environment = {name: value for name, value in os.environ.items() if name not in WAITING}
    with busy_loops({"beside one": 1, "beside two": 2}.get(situation, 0)) as loops:
        machine, own = busy_seconds(), own_seconds(loops)
        start = time.monotonic()
        processes = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
                     for _ in range(2 if situation == "two at once" else 1)]
        texts = [process.communicate()[0] for process in processes]
        elapsed = time.monotonic() - start
        others = (busy_seconds() - machine) - (own_seconds(loops) - own)
    if any(process.returncode for process in processes):
        raise SystemExit(f"{' '.join(map(str, command))} failed")
    return [json.loads(text) for text in texts], max(0, others) / (elapsed * os.cpu_count())


def busy_seconds():
    """The time that all processors have worked so far."""
    numbers = pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    user, nice, system, _idle, _wait, interrupts, soft_interrupts = map(int, numbers[:7])
    return (user + nice + system + interrupts + soft_interrupts) / os.sysconf("SC_CLK_TCK")


def own_seconds(loops):
    """The time that this script, the processes that have ended and the loops have taken."""
    ticks = 0
    for loop in loops:
        fields = pathlib.Path(f"/proc/{loop.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return sum(os.times()[:4]) + ticks / os.sysconf("SC_CLK_TCK")


def quietly(options, *arguments):
    """A measurement in which others took little, or the best of ten."""
    best = None
    for _ in range(TRIES):
        results, others = measure(*arguments)
        if best is None or others < best[1]:
            best = results, others
        if others <= options.others:
            break
    return best


def summary(results):
    """Milliseconds, in the mean and at most for 99 of 100, of processes that ran together."""
    return (statistics.mean(result["mean_milliseconds"] for result in results),
            max(result["percentiles"]["99"] for result in results))


def row(name, case, rounds):
    network, mode, batch = case
    cells = [name, f"{network}, {mode}, batch {batch}"]
    alone = statistics.median(summary(results)[0] for results, _ in rounds["alone"])
    for situation in SITUATIONS:
        numbers = [summary(results) for results, _ in rounds[situation]]
        mean, slow = (statistics.median(column) for column in zip(*numbers))
        share = "" if situation == "alone" else f", {alone / mean:.2f} of alone"
        cells.append(f"{mean:.3g} ms{share}; 99 %: {slow:.3g} ms")
    cells.append(f"{max(others for taken in rounds.values() for _, others in taken):.0%}")
    return cells


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("convnet", nargs="*", default=[CONVNET], type=pathlib.Path)
    parser.add_argument("--rounds", default=5, type=int)
    parser.add_argument("--seconds", default=1, type=float)
    parser.add_argument("--others", default=0.05, type=float)
    parser.add_argument("--only", default="", help="a case whose text has this in it: 'lenet5', 'resnet20 train'")
    options = parser.parse_args()
    words = options.only.split()
    rows = []
    for case in CASES:
        if not all(word in " ".join(map(str, case)) for word in words):
            continue
        rounds = [{situation: [] for situation in SITUATIONS} for _ in options.convnet]
        for number in range(options.rounds):
            for situation in SITUATIONS:
                for binary, taken in zip(options.convnet, rounds):
                    taken[situation].append(quietly(options, binary, case, situation, options.seconds))
            print(f"{' '.join(map(str, case))}, round {number + 1}", file=sys.stderr)
        rows += [row(str(binary), case, taken) for binary, taken in zip(options.convnet, rounds)]
    print(table(["binary", "case", *SITUATIONS, "others took"], rows))


if __name__ == "__main__":
    main()
