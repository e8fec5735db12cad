"""Trains ResNet-18 with PyTorch on a folder of pictures, for a given time; prints one line of JSON.

    python folder_training.py SPLIT PICTURES TEST --size 96 --batch 32 --seconds 150 --seed 1

SPLIT is the split.json of a run of `convnet train PICTURES`: the same pictures are trained on, and the epoch that is kept is the
best on the same validation pictures. AdamW with 0.001 and a cosine over as many epochs as the time allows, of which one is
timed before; pictures cut, mirrored and made brighter or darker as `--augment light` does. They are decoded before the clock
runs, which in `convnet` they are not.
"""

import argparse
import json
import pathlib
import random
import time

import numpy
import torch
from PIL import Image
from torch.nn.functional import cross_entropy

from networks import torchvision_models

# What torchvision's weights were trained with; any pair does for a network that starts from nothing.
MEAN, DEVIATION = numpy.float32([0.485, 0.456, 0.406]), numpy.float32([0.229, 0.224, 0.225])


class Pictures:
    def __init__(self, root, names, size):
        self.size = size
        classes = sorted(folder.name for folder in root.iterdir() if folder.is_dir())
        self.labels = torch.tensor([classes.index(pathlib.PurePath(name).parts[0]) for name in names])
        self.pictures = [self.decoded(root / name) for name in names]
        self.classes = len(classes)

    def decoded(self, path):
        """With a shorter side of twice the network's, from which crops are resized."""
        picture = Image.open(path).convert("RGB")
        scale = 2 * self.size / min(picture.size)
        return picture.resize([round(side * scale) for side in picture.size], Image.BILINEAR)

    def centre(self, index):
        picture = self.pictures[index]
        side = min(picture.size) * 224 / 256
        left, top = [(length - side) / 2 for length in picture.size]
        return self.numbers(picture.resize((self.size,) * 2, Image.BILINEAR, (left, top, left + side, top + side)))

    def augmented(self, index):
        picture = self.pictures[index]
        width, height = picture.size
        for _ in range(10):
            area = width * height * random.uniform(0.75, 1)
            ratio = random.uniform(0.9, 1.1)
            wide, high = (area * ratio) ** 0.5, (area / ratio) ** 0.5
            if wide <= width and high <= height:
                break
        else:
            wide = high = min(width, height)
        left, top = random.uniform(0, width - wide), random.uniform(0, height - high)
        numbers = self.numbers(
            picture.resize((self.size,) * 2, Image.BILINEAR, (left, top, left + wide, top + high)),
            random.uniform(0.9, 1.1), random.uniform(0.9, 1.1))
        return numbers[:, :, ::-1].copy() if random.random() < 0.5 else numbers

    def numbers(self, picture, brightness=1, contrast=1):
        pixels = numpy.asarray(picture, dtype=numpy.float32) / 255 * brightness
        pixels = (pixels - pixels.mean()) * contrast + pixels.mean()
        return ((pixels.clip(0, 1) - MEAN) / DEVIATION).transpose(2, 0, 1)

    def batches(self, size, order, read):
        for start in range(0, len(order), size):
            indices = order[start:start + size]
            images = torch.from_numpy(numpy.stack([read(int(index)) for index in indices]))
            yield images.to(memory_format=torch.channels_last), self.labels[indices]


def train(network, optimizer, pictures, batch):
    network.train()
    for images, labels in pictures.batches(batch, torch.randperm(len(pictures.labels)), pictures.augmented):
        if len(labels) < 2:
            continue
        optimizer.zero_grad(set_to_none=True)
        cross_entropy(network(images), labels).backward()
        optimizer.step()


@torch.no_grad()
def accuracy(network, pictures):
    network.eval()
    correct = 0
    for images, labels in pictures.batches(50, torch.arange(len(pictures.labels)), pictures.centre):
        correct += (network(images).argmax(1) == labels).sum().item()
    return correct / len(pictures.labels)


def start(classes):
    network = torchvision_models().resnet18(num_classes=classes).to(memory_format=torch.channels_last)
    return network, torch.optim.AdamW(network.parameters(), lr=1e-3)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("split", type=pathlib.Path)
    parser.add_argument("pictures", type=pathlib.Path)
    parser.add_argument("test", type=pathlib.Path)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    random.seed(options.seed)

    split = json.loads(options.split.read_text())
    training = Pictures(options.pictures, split["train"], options.size)
    validation = Pictures(options.pictures, split["validation"], options.size)
    names = [str(path.relative_to(options.test)) for path in sorted(options.test.glob("*/*"))]
    test = Pictures(options.test, names, options.size)

    def epoch(network, optimizer):
        began = time.monotonic()
        train(network, optimizer, training, options.batch)
        return accuracy(network, validation), time.monotonic() - began

    trial = start(training.classes)
    epochs = max(1, int(options.seconds / min(epoch(*trial)[1] for _ in range(2))))
    network, optimizer = start(training.classes)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    best, weights, seconds = -1, None, 0
    for _ in range(epochs):
        result, taken = epoch(network, optimizer)
        seconds += taken
        schedule.step()
        if result >= best:
            best, weights = result, {name: value.clone() for name, value in network.state_dict().items()}
    network.load_state_dict(weights)
    print(json.dumps({"epochs": epochs, "seconds": seconds, "validation": best, "test": accuracy(network, test)}))


if __name__ == "__main__":
    main()
