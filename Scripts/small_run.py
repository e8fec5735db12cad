"""A run on small pictures that takes a fraction of a second, for scripts that do it harm."""
import json, random, struct, subprocess


def make_pictures(command, place, count=240):
    """Grey pictures of four classes, told by where a bright band lies, as files in `pictures`: `count` to learn from."""
    data, noise = place / "data", random.Random(1)
    data.mkdir()
    for part, images_in_part in [("train", count), ("t10k", count // 6)]:
        labels = [index % 4 for index in range(images_in_part)]
        images = b"".join(
            bytes(noise.randrange(60) + (180 if row // 3 == label else 0) for row in range(12) for _ in range(12))
            for label in labels)
        (data / f"{part}-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 0x803, len(labels), 12, 12) + images)
        (data / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, len(labels)) + bytes(labels))
    subprocess.run([command, "datasets", "export", "data", "--out", "pictures"], cwd=place, check=True, capture_output=True)


def training(epochs):
    """One thread and no timing of algorithms: the bits of a run depend on both."""
    return [
        "train", "pictures", "--model", "lenet5", "--epochs", str(epochs), "--batch-size", "16", "--optimizer", "adamw",
        "--learning-rate", "0.01", "--validation", "0.1", "--augment", "light", "--threads", "1", "--no-autotune",
    ]


def leave_half(command, place):
    """A run of two epochs in `half`, stopped after its first."""
    import signal
    for _ in range(50):
        process = subprocess.Popen(
            [command, *training(2), "--out", "half"], cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            if line.startswith("epoch 1/"): process.send_signal(signal.SIGINT)
        if process.wait() == 130 and len((place / "half" / "metrics.jsonl").read_text().splitlines()) == 1: return
        subprocess.run(["rm", "-rf", place / "half"], check=True)
    raise SystemExit("no run could be stopped after its first epoch")


def result(run):
    """What a run comes to, in a form that two can be compared in: without times. None where a file is missing."""
    try:
        metrics = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        for line in metrics: del line["seconds"], line["images_per_second"]
        return (
            (run / "model.safetensors").read_bytes(), (run / "checkpoint" / "training.safetensors").read_bytes(), metrics)
    except FileNotFoundError:
        return None
