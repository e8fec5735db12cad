"""Measures the command as its user meets it; prints one line of JSON.

How long a prediction takes, from the process's start to its end, and whether training needs more memory the longer it
lasts.
"""

import json
import pathlib
import re
import statistics
import subprocess
import tempfile
import time

from processes import CONVNET

EPOCHS = 13
STEPS_PER_EPOCH = (60_000 - 3_000 + 63) // 64  # 3,000 images validate.
LENET5 = [CONVNET, "train", "--dataset", "fashion-mnist", "--model", "lenet5"]


def seconds_to_predict(folder):
    run(*LENET5, "--epochs", "1", "--out", folder)
    times = []
    for _ in range(11):
        start = time.perf_counter()
        run(CONVNET, "predict", folder / "model.safetensors", "--dataset", "fashion-mnist", "--index", "0")
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def resident_sizes(folder):
    """Resident memory in MB once that many epochs were done, but for the last, with which the process begins to end."""
    process = subprocess.Popen([*LENET5, "--epochs", str(EPOCHS), "--out", folder], stdout=subprocess.DEVNULL)
    metrics = folder / "metrics.jsonl"
    sizes = {}
    while process.poll() is None:
        epochs = len(metrics.read_text().splitlines()) if metrics.exists() else 0
        if 0 < epochs < EPOCHS and epochs not in sizes:
            sizes[epochs] = resident_size(process)
        time.sleep(0.02)
    if process.returncode != 0:
        raise SystemExit("convnet train failed")
    return sizes


def resident_size(process):
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s*(\d+) kB", text).group(1)) * 1024 / 1e6


def main():
    with tempfile.TemporaryDirectory() as folder:
        seconds = seconds_to_predict(pathlib.Path(folder) / "prediction")
        sizes = resident_sizes(pathlib.Path(folder) / "memory")
    first, last = min(sizes), max(sizes)
    print(json.dumps({
        "seconds_to_predict": seconds,
        "first_mb": sizes[first], "last_mb": sizes[last], "steps_between": STEPS_PER_EPOCH * (last - first),
    }))


if __name__ == "__main__":
    main()
