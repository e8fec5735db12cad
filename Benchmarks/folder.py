"""Trains on a folder of pictures as a stranger would, and with PyTorch in the same time; prints a table in Markdown.

    python3 Benchmarks/folder.py PICTURES TEST [--seeds 3] [--work FOLDER]

Ours is `convnet train PICTURES` and nothing else; PyTorch trains ResNet-18 on images of the same size. Both are measured on the
pictures of TEST, another folder with the same sub-folders. `BENCHMARK_PREFIX` stands before every command.
"""

import argparse
import pathlib
import re
import statistics
import tempfile
import time

from processes import CONVNET, measure, output, peer
from report import machine, table


def ours(pictures, test, seed, run):
    began = time.monotonic()
    output([CONVNET, "train", pictures, "--seed", str(seed), "--out", run])
    seconds = time.monotonic() - began
    result = measure([CONVNET, "evaluate", run, "--dataset", test, "--json"])
    epochs = len((run / "metrics.jsonl").read_text().splitlines())
    return {"epochs": epochs, "seconds": seconds, "test": result["accuracy"]}


def setting(run, key):
    return re.search(rf"^{key}: '?(\w+)'?$", (run / "config.yaml").read_text(), re.MULTILINE).group(1)


def cell(result):
    return f"{result['test']:.2%} ({result['epochs']} epochs, {result['seconds']:.0f} s)"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=pathlib.Path)
    parser.add_argument("test", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--work", type=pathlib.Path, help="where runs are left; a temporary folder unless given")
    options = parser.parse_args()
    work = options.work or pathlib.Path(tempfile.mkdtemp())
    rows, pairs = [], []
    for seed in range(1, options.seeds + 1):
        run = work / f"run-{seed}"
        own = ours(options.pictures, options.test, seed, run)
        rival = measure(peer(
            "folder_training.py", run / "split.json", options.pictures, options.test, "--seed", seed, "--size",
            setting(run, "size"), "--batch", setting(run, "batch_size"), "--seconds", own["seconds"]))
        pairs.append((own["test"], rival["test"]))
        rows.append([str(seed), cell(own), cell(rival)])
    rows.append(["mean", *(f"**{statistics.mean(column):.2%}**" for column in zip(*pairs))])
    print(f"{time.strftime('%Y-%m-%d')}, {machine()}\n")
    print(table(["seed", "convnet", "PyTorch"], rows))


if __name__ == "__main__":
    main()
