"""Measures torchvision loading a folder of photographs in one thread; prints one line of JSON.

    python loading.py FOLDER --images 400

The same work as `convnet datasets benchmark FOLDER --augment imagenet --size 224 --threads 1`: Pillow decodes, a random
rectangle is resized to 224×224, mirrored or not, and normalised.
"""

import argparse
import json
import pathlib
import time

import torch
from PIL import Image

from networks import torchvision_models

# Makes torchvision importable where it was built for another PyTorch.
torchvision_models()
from torchvision import transforms  # noqa: E402

transform = transforms.Compose([
    transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])


def load(path):
    with Image.open(path) as image:
        return transform(image.convert("RGB"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--images", type=int, default=400)
    options = parser.parse_args()
    torch.set_num_threads(1)
    files = sorted(options.folder.glob("*/*.jpg"))
    files = [files[i % len(files)] for i in range(options.images)]
    for file in files[:20]:
        load(file)
    start = time.perf_counter()
    for file in files:
        load(file)
    seconds = time.perf_counter() - start
    print(json.dumps({"images_per_second": len(files) / seconds, "milliseconds": seconds / len(files) * 1e3}))


if __name__ == "__main__":
    main()
