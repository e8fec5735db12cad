"""Trains a small run, stops it, goes on with it, and compares what TensorBoard serves of it with metrics.jsonl.

Usage: check_tensorboard.py CONVNET
"""

import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import zlib

from tensorboard import program


def png(pixels, side):
    """A grey PNG file."""
    rows = b"".join(b"\0" + bytes(pixels[y * side:(y + 1) * side]) for y in range(side))

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def write_pictures(directory):
    """Three classes of stripes, forty pictures each."""
    draw = random.Random(1)
    for label, name in enumerate(["flat", "upright", "slanted"]):
        os.makedirs(f"{directory}/{name}")
        for number in range(40):
            phase = draw.randrange(6)
            pixels = [
                min(255, max(0, (200 if (y, x, x + y)[label] // 3 % 2 == phase // 3 else 50) + draw.randrange(-40, 40)))
                for y in range(28) for x in range(28)]
            with open(f"{directory}/{name}/{number}.png", "wb") as file:
                file.write(png(pixels, 28))


class Board:
    """A TensorBoard that serves a directory."""

    def __init__(self, directory):
        board = program.TensorBoard()
        board.configure(argv=[None, "--logdir", directory, "--port", "0", "--load_fast", "false"])
        self.url = board.launch()

    def get(self, path, body=None, **query):
        url = urllib.parse.urljoin(self.url, f"data/{path}") + "?" + urllib.parse.urlencode(query)
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            content = answer.read()
            return json.loads(content) if answer.headers.get_content_type() == "application/json" else content


def check(condition, what):
    if not condition:
        sys.exit(f"TensorBoard: {what}")


def wait_for(board, runs):
    import time
    for _ in range(200):
        if set(runs) <= set(board.get("runs")):
            return
        time.sleep(0.1)
    sys.exit(f"TensorBoard finds the runs {board.get('runs')} in the place of {runs}")


def main():
    convnet = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        write_pictures("stripes")
        train = [convnet, "train"]
        subprocess.run(
            train + ["stripes", "--model", "lenet5", "--epochs", "2", "--schedule", "constant", "--learning-rate", "0.02",
                     "--batch-size", "16", "--out", "runs/a"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # An epoch whose checkpoint was lost: its points are told twice.
        before = {name: open(f"runs/a/{name}", "rb").read() for name in ["metrics.jsonl", "run.json"]}
        checkpoint = open("runs/a/checkpoint/training.safetensors", "rb").read()
        subprocess.run(
            train + ["--resume", "--out", "runs/a", "--epochs", "3"], check=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        open("runs/a/checkpoint/training.safetensors", "wb").write(checkpoint)
        for name, content in before.items():
            open(f"runs/a/{name}", "wb").write(content)
        subprocess.run(
            train + ["--resume", "--out", "runs/a", "--epochs", "4"], check=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        lines = [json.loads(line) for line in open("runs/a/metrics.jsonl")]
        check(len(lines) == 4, "the run has not four epochs")

        board = Board("runs")
        parts = {part: f"a/tensorboard/{part}" for part in ["train", "validation"]}
        wait_for(board, parts.values())
        tags = board.get("plugin/scalars/tags")
        check({"loss", "accuracy", "learning_rate"} <= set(tags[parts["train"]]), f"tags of training: {tags}")
        check({"loss", "accuracy", "macro_f1"} <= set(tags[parts["validation"]]), f"tags of validation: {tags}")
        for part, run in parts.items():
            for tag in tags[run]:
                key = tag if tag in lines[0] else f"{part}_{tag}"
                points = board.get("plugin/scalars/scalars", run=run, tag=tag)
                check([point[1] for point in points] == [1, 2, 3, 4], f"steps of {run} {tag}: {points}")
                for point, line in zip(points, lines):
                    check(abs(point[2] - line[key]) <= 1e-6 * abs(line[key]), f"{run} {tag}: {point} and {line[key]}")
        images = board.get("plugin/images/tags")
        check(any(tag.startswith("filters/") for tag in images[parts["train"]]), f"images: {images}")
        check("confusion" in images[parts["validation"]], f"images: {images}")
        shown = board.get("plugin/images/images", run=parts["validation"], tag="confusion", sample=0)
        picture = board.get(f"plugin/images/individualImage?{shown[0]['query']}")
        check(picture.startswith(b"\x89PNG"), "the confusion is no PNG")

        experiment = board.get("plugin/hparams/experiment", body={})
        names = {info["name"] for info in experiment["hparamInfos"]}
        check({"learning_rate", "optimizer.kind", "model"} <= names, f"settings: {names}")
        groups = board.get(
            "plugin/hparams/session_groups",
            body={"startIndex": 0, "sliceSize": 10, "colParams": [], "allowedStatuses": [
                "STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"]})
        check(groups["totalSize"] == 1, f"groups: {groups}")
        group = groups["sessionGroups"][0]
        check(abs(group["hparams"]["learning_rate"] - 0.02) < 1e-9, f"settings: {group['hparams']}")
        check(group["hparams"]["optimizer.kind"] == "sgd", f"settings: {group['hparams']}")
        values = {value["name"]["tag"]: value["value"] for value in group["metricValues"]}
        check(abs(values["accuracy"] - lines[-1]["validation_accuracy"]) < 1e-6, f"results: {values}")
        check(group["sessions"][0]["status"] == "STATUS_SUCCESS", f"state: {group['sessions']}")
        points = sum(len(tags[run]) for run in parts.values()) * len(lines)
        print(f"TensorBoard reads {points} points, the pictures and {len(names)} settings")


main()
