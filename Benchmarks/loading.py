"""The section on folders of pictures: how fast they are loaded, and what that leaves of a network's speed."""

import json
import shutil
import statistics

from contest import Contest, Contestant
from processes import BUILD, CONVNET, Failure, benchmark, measure, output, peer
from report import paragraph, speed_table

PHOTOGRAPHS = BUILD / "benchmark" / "photographs"


def loading(settings):
    if not PHOTOGRAPHS.exists():
        unfinished = PHOTOGRAPHS.with_suffix(".unfinished")
        output(peer("photographs.py", unfinished))
        unfinished.rename(PHOTOGRAPHS)
    images = settings.batch(400)
    ours = Contestant("convnet", [CONVNET, "datasets", "benchmark", PHOTOGRAPHS, "--augment", "imagenet", "--size", 224,
                                  "--threads", 1, "--images", images, "--json"])
    theirs = Contestant("torchvision and Pillow", peer("loading.py", PHOTOGRAPHS, "--images", images))
    # A round takes a second, so that more of them cost little.
    contest = Contest("500×375 JPEG to 224×224", 1, PerImage(ours, images), [theirs]).hold(settings.rounds * 3)
    introduction = paragraph("""
        A photograph of 500×375 pixels is decoded, a random rectangle resized to 224×224, mirrored or not, and normalised,
        all in one thread.""")
    return f"{introduction}\n\n{speed_table([contest])}\n\n{training_from_files(settings)}"


class PerImage(Contestant):
    """Ours says how long all images took."""

    def __init__(self, contestant, images):
        super().__init__(contestant.name, contestant.command)
        self.images = images

    def run(self):
        super().run()
        self.results[-1]["milliseconds"] = self.results[-1]["seconds"] / self.images * 1e3


def training_from_files(settings):
    """ResNet-18 on photographs and on noise, by turns."""
    batch = settings.batch(16)
    noise, files = [], []
    for _ in range(settings.rounds):
        noise.append(measure(benchmark("resnet18", "train", batch, settings))["images_per_second"])
        files.append(speed_from_files(settings, batch))
    share = statistics.median(files) / statistics.median(noise)
    return paragraph(f"""
        ResNet-18 trains on these files, augmented, at {statistics.median(files):.1f} images per second, and on noise that
        is there already at {statistics.median(noise):.1f}: {share:.2f} of the speed. (Batch {batch}; the second epoch of 396 images,
        the first step of which waits for them; medians of {settings.rounds}.)""")


def speed_from_files(settings, batch):
    run = BUILD / "benchmark" / "run"
    shutil.rmtree(run, ignore_errors=True)
    output([CONVNET, "train", "--dataset", PHOTOGRAPHS, "--model", "resnet18", "--augment", "imagenet", "--epochs", 2,
            "--validation", 0.01, "--batch-size", batch, "--threads", settings.threads, "--out", run])
    lines = (run / "metrics.jsonl").read_text().splitlines()
    if not lines:
        raise Failure("the run left no metrics")
    return json.loads(lines[-1])["images_per_second"]
