#!/usr/bin/env python3
"""How long lists of many runs take, and what becomes of their index where a process is killed.

Makes thousands of runs' directories, as a run leaves them, times `convnet runs` on them, and kills it at random moments while it makes
the index. Needs a run to copy the files of:

    convnet train fashion-mnist --model lenet5 --epochs 1 --limit 2000 --out run
    Benchmarks/run_index.py run
"""

import argparse
import json
import pathlib
import random
import statistics
import subprocess
import tempfile
import time

CONVNET = pathlib.Path(__file__).resolve().parent.parent / ".build/release/convnet"


def make(model, count, directory):
    record = json.loads((model / "run.json").read_text())
    settings = (model / "config.yaml").read_text()
    metrics = (model / "metrics.jsonl").read_text()
    draw = random.Random(1)
    for number in range(count):
        run = directory / (f"study{number // 2000}" if number % 2 else ".") / f"run-{number}"
        run.mkdir(parents=True)
        record["best"]["metrics"]["accuracy"] = draw.random()
        (run / "run.json").write_text(json.dumps(record, indent=1))
        (run / "config.yaml").write_text(settings)
        (run / "metrics.jsonl").write_text(metrics)


def seconds(*arguments, directory):
    start = time.perf_counter()
    subprocess.run([CONVNET, "runs", directory, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=".") as name:
        directory = pathlib.Path(name)
        make(options.run, options.count, directory)
        index = directory / ".index.sqlite"
        rows = []
        first = []
        for _ in range(3):
            index.unlink(missing_ok=True)
            first.append(seconds("--limit", "1", directory=directory))
        rows.append(("making the index", first))
        for what, arguments in [
            ("all of them", []), ("the best 20 of a model", ["--where", "accuracy>0.9 model=lenet5", "--sort", "accuracy",
                                                             "--limit", "20"]), ("JSON", ["--json"])]:
            rows.append((what, [seconds(*arguments, directory=directory) for _ in range(9)]))
        print(f"| {options.count:,} runs | seconds | least |\n| --- | --- | --- |")
        for what, times in rows:
            print(f"| {what} | {statistics.median(times):.2f} | {min(times):.2f} |")

        whole = subprocess.run([CONVNET, "runs", directory], capture_output=True, text=True, check=True).stdout
        rest = statistics.median(first)
        bad = 0
        for number in range(options.kills):
            if number % 2 == 0:
                for part in directory.glob(".index.sqlite*"):
                    part.unlink()
            process = subprocess.Popen([CONVNET, "runs", directory], stdout=subprocess.DEVNULL)
            time.sleep(random.uniform(0, rest / 2))
            process.kill()
            process.wait()
            # The second of two was killed while it went on with what the first had left.
            if number % 2 == 1:
                after = subprocess.run([CONVNET, "runs", directory], capture_output=True, text=True)
                bad += after.stdout != whole or after.stderr != ""
        print(f"\nkilled at {options.kills} moments: {bad} lists that were not what they should be")


main()
