"""Measures what an epoch takes beside its steps and validation, as times what dd takes for the files that it writes.

    python3 Benchmarks/saving.py PICTURES [--model resnet18] [--size 64] [--epochs 6]

PICTURES is a folder with a sub-folder for each class, of few pictures. An epoch that is the best so far writes the model and the
checkpoint, others the checkpoint alone; both are shown, for SGD and for AdamW, which has two arrays beside the weights.
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import tempfile
import time

from processes import CONVNET
from report import table


def epochs(options, optimizer, run):
    """The seconds beside the steps that followed each epoch, and whether that was the best so far."""
    command = [CONVNET, "train", options.pictures, "--model", options.model, "--size", options.size, "--batch-size", "32",
               "--epochs", options.epochs, "--optimizer", optimizer, "--augment", "none", "--validation", "0.1", "--out", run]
    process = subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    ends = []
    for line in process.stderr:
        if re.match(r"epoch \d+/", line):
            ends.append((time.monotonic(), " * " in line))
    if process.wait():
        raise SystemExit(f"convnet failed with status {process.returncode}")
    steps = [json.loads(line)["seconds"] for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [(end - start - seconds, is_best)
            for (start, is_best), (end, _), seconds in zip(ends, ends[1:], steps[1:])]


def dd(size, folder):
    file = folder / "dd"
    began = time.monotonic()
    subprocess.run(["dd", "if=/dev/zero", f"of={file}", "bs=1M", f"count={size}", "iflag=count_bytes", "conv=fsync"], check=True,
                   stderr=subprocess.DEVNULL)
    return time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=pathlib.Path)
    parser.add_argument("--model", default="resnet18")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=12)
    options = parser.parse_args()
    rows = []
    for optimizer in ["sgd", "adamw"]:
        with tempfile.TemporaryDirectory(dir=".") as name:
            folder = pathlib.Path(name)
            run = folder / "run"
            taken = epochs(options, optimizer, run)
            checkpoint = (run / "checkpoint/training.safetensors").stat().st_size
            model = (run / "model.safetensors").stat().st_size
            for is_best, sizes in [(True, [model, checkpoint]), (False, [checkpoint])]:
                own = [seconds for seconds, best in taken if best == is_best]
                if not own:
                    continue
                rival = statistics.median(sum(dd(size, folder) for size in sizes) for _ in range(5))
                own_median = statistics.median(own)
                rows.append([optimizer, "best so far" if is_best else "not the best", str(len(own)),
                             f"{sum(sizes) / 1e6:.0f} MB", f"{own_median * 1000:.0f} ms", f"{rival * 1000:.0f} ms",
                             f"**{own_median / rival:.2f}**"])
    print(table(["optimizer", "epoch", "epochs", "written", "beside the steps", "dd", "times"], rows))


if __name__ == "__main__":
    main()
