"""Writes a folder of JPEG files that are as hard to decode as photographs: 500×375, 60 to 90 KB, four classes.

    python photographs.py FOLDER --per-class 100

Smooth colours with noise, and one of four textures over them, which a network can learn to tell apart.
"""

import argparse
import pathlib

import numpy
from PIL import Image

WIDTH, HEIGHT = 500, 375


def background(random):
    """A few random colours, blended into one another, and a camera's noise."""
    patches = Image.fromarray(random.integers(0, 256, (5, 7, 3), dtype=numpy.uint8))
    smooth = numpy.asarray(patches.resize((WIDTH, HEIGHT), Image.BICUBIC), dtype=numpy.float32)
    return smooth + random.normal(0, 14, smooth.shape)


def wave(random):
    """A sine over the picture, of random direction and length."""
    y, x = numpy.mgrid[:HEIGHT, :WIDTH]
    angle, length = random.uniform(0, numpy.pi), random.uniform(20, 45)
    return numpy.sin((x * numpy.cos(angle) + y * numpy.sin(angle)) * 2 * numpy.pi / length + random.uniform(0, 6))


TEXTURES = {
    "bands": lambda random: numpy.sign(wave(random)),
    "grid": lambda random: numpy.maximum(wave(random), wave(random)),
    "plain": lambda random: numpy.zeros((HEIGHT, WIDTH)),
    "waves": wave,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--per-class", type=int, default=100)
    options = parser.parse_args()
    random = numpy.random.default_rng(0)
    for name, texture in TEXTURES.items():
        folder = options.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(options.per_class):
            picture = background(random) + texture(random)[..., None] * random.uniform(-45, 45, 3)
            file = folder / f"{number:04d}.jpg"
            Image.fromarray(picture.clip(0, 255).astype(numpy.uint8)).save(file, quality=90)


if __name__ == "__main__":
    main()
