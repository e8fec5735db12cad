"""Compares convnet with PyTorch on this machine and writes results.md.

Ours and theirs take turns, each in a process of its own, so that a machine whose speed drifts is fair to both. PyTorch
runs with its default layout and with channels last, and the faster one counts. What is compared is the median of the
rounds; the smallest and largest ratio of one round say how steady the machine was.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

FOLDER = pathlib.Path(__file__).parent
CONVNET = FOLDER.parent / ".build/release/convnet"
NETWORKS = ["lenet5", "convnet4", "resnet20"]
LAYOUTS = {"default": [], "channels last": ["--channels-last"]}


def output(*command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def processor():
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
        return re.search(r"model name\s*: (.*)", text).group(1)
    except (OSError, AttributeError):
        return platform.processor() or "unknown processor"


def compare_training(network, rounds, batch, threads, seconds):
    ours, theirs = [], {layout: [] for layout in LAYOUTS}
    for number in range(rounds):
        ours.append(json.loads(output(
            CONVNET, "benchmark", network, "--mode", "train", "--batch", batch, "--input", "1x28x28",
            "--threads", threads, "--seconds", seconds, "--json")))
        for layout, options in LAYOUTS.items():
            theirs[layout].append(json.loads(output(
                sys.executable, FOLDER / "torch_training.py", network, "--batch", batch, "--threads", threads,
                "--seconds", seconds, *options)))
        speeds = ", ".join(f"{layout} {runs[-1]['images_per_second']:,.0f}" for layout, runs in theirs.items())
        print(f"{network}, round {number + 1}: {ours[-1]['images_per_second']:,.0f} images/s; PyTorch {speeds}",
              file=sys.stderr)

    def median(runs):
        return statistics.median(run["images_per_second"] for run in runs)

    layout = max(theirs, key=lambda layout: median(theirs[layout]))
    ratios = [a["images_per_second"] / b["images_per_second"] for a, b in zip(ours, theirs[layout])]
    row = (f"| {network} | {median(ours):,.0f} | {median(theirs[layout]):,.0f} ({layout}) "
           f"| **{median(ours) / median(theirs[layout]):.2f}×** | {min(ratios):.2f} to {max(ratios):.2f} |")
    return row, ours[0]["engine"], theirs[layout][0]["engine"]


def resident_kilobytes(process):
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s*(\d+) kB", text).group(1))


def measure_memory(folder, epochs=12):
    """Resident memory after the first epoch and near the end of a run of more than 10,000 steps."""
    run = pathlib.Path(folder) / "memory"
    process = subprocess.Popen(
        [CONVNET, "train", "--dataset", "fashion-mnist", "--model", "lenet5", "--epochs", str(epochs), "--out", run],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    metrics = run / "metrics.jsonl"
    sizes = {}
    while process.poll() is None:
        done = len(metrics.read_text().splitlines()) if metrics.exists() else 0
        if done > 0:
            try:
                sizes[done] = resident_kilobytes(process)
            except (OSError, AttributeError):
                break
        time.sleep(0.02)
    steps = (60_000 - 3_000 + 63) // 64 * (max(sizes) - min(sizes))
    return (f"Resident memory while training LeNet-5: {sizes[min(sizes)] / 1000:.1f} MB after the first epoch, "
            f"{sizes[max(sizes)] / 1000:.1f} MB {steps:,} steps later.")


def measure_prediction(folder):
    run = pathlib.Path(folder) / "prediction"
    output(CONVNET, "train", "--dataset", "fashion-mnist", "--model", "lenet5", "--epochs", "1", "--out", run)
    times = []
    for _ in range(11):
        start = time.perf_counter()
        output(CONVNET, "predict", run / "model.safetensors", "--dataset", "fashion-mnist", "--index", "0")
        times.append(time.perf_counter() - start)
    return f"`convnet predict` on a LeNet-5 model, the whole process: {statistics.median(times):.3f} s (median of 11)."


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()

    rows = []
    for network in NETWORKS:
        row, ours, theirs = compare_training(
            network, options.rounds, options.batch, options.threads, options.seconds)
        rows.append(row)
    with tempfile.TemporaryDirectory() as folder:
        process = [measure_prediction(folder), measure_memory(folder)]

    text = f"""# Benchmark results

{time.strftime("%Y-%m-%d")}, {processor()}, {os.cpu_count()} processors; {ours}; {theirs}. Written by `make benchmark`.

## Training, batch {options.batch}, {options.threads} threads, images per second

Median of {options.rounds} rounds in which the two took turns, on images of 1×28×28; each figure is itself the median step
of {options.seconds:.0f} seconds. PyTorch's faster layout counts.

| network | convnet | PyTorch | ratio | ratio by round |
| --- | --- | --- | --- | --- |
{chr(10).join(rows)}

## The process

- {process[0]}
- {process[1]}
"""
    (FOLDER / "results.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
