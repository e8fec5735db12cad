#!/usr/bin/env python3
"""Records the logits that torchvision's networks give, and gradients with respect to images, for the tests of the zoo to
compare with.

    python Scripts/record_zoo.py       # needs torch, torchvision, numpy and safetensors

Weights and images are functions of a parameter's name and an element's index (see `numbers`), so that the tests can make
the same ones and the fixtures hold nothing but results. Torch computes in float64; of gradients, what it loses in float32 is
recorded too.
"""

import math
import sys
import types
import zlib
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

# torchvision's compiled operations, which no classifier needs, are missing beside a torch for processors only.
sys.modules.setdefault("torchvision._meta_registrations", types.ModuleType("torchvision._meta_registrations"))
import torchvision.models as models  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
CLASSES = 10
# By our names: torchvision's name, and the sizes of the images, of which the second is odd.
CASES = {
    "alexnet": ("alexnet", 224, 191),
    "vgg11": ("vgg11", 224, 161),
    "vgg13": ("vgg13", 224, 161),
    "vgg16": ("vgg16", 224, 161),
    "vgg19": ("vgg19", 224, 161),
    "vgg16-bn": ("vgg16_bn", 224, 161),
    "googlenet": ("googlenet", 224, 191),
    "resnet18": ("resnet18", 224, 191),
    "resnet34": ("resnet34", 224, 191),
    "resnet50": ("resnet50", 224, 191),
    "resnet101": ("resnet101", 224, 191),
    "resnet152": ("resnet152", 224, 191),
    "squeezenet": ("squeezenet1_0", 224, 191),
    "mobilenet-v2": ("mobilenet_v2", 224, 191),
    "shufflenet-v2": ("shufflenet_v2_x1_0", 224, 191),
    "mobilenet-v3-small": ("mobilenet_v3_small", 224, 191),
    "mobilenet-v3-large": ("mobilenet_v3_large", 224, 191),
    "efficientnet-b0": ("efficientnet_b0", 224, 191),
    "regnet-y-400mf": ("regnet_y_400mf", 224, 191),
    "densenet121": ("densenet121", 224, 191),
    "resnext50": ("resnext50_32x4d", 224, 191),
    "wide-resnet50": ("wide_resnet50_2", 224, 191),
}


# Gradients, of two images of this size, in evaluation and, where nothing is dropped, in training. Functions with kinks have smooth
# ones in their place: of millions of numbers some lie so near to a kink that rounding decides on which side, and all gradients
# before them with that.
GRADIENT_SIZE = 64
GRADIENTS = {
    "resnet18": ["evaluation", "training"],
    "densenet121": ["evaluation", "training"],
    "regnet-y-400mf": ["evaluation", "training"],
    "shufflenet-v2": ["evaluation", "training"],
    "googlenet": ["evaluation"],
    "squeezenet": ["evaluation"],
    "mobilenet-v3-small": ["evaluation"],
    "efficientnet-b0": ["evaluation"],
}


def numbers(name, count):
    """Numbers in -1 ..< 1, multiples of 2^-23: SplitMix64 started from the name's CRC-32."""
    seed = np.uint64(zlib.crc32(name.encode())) << np.uint64(32)
    with np.errstate(over="ignore"):
        z = seed + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(40)).astype(np.float32) * np.float32(2**-23) - np.float32(1)


def parameter(name, shape):
    values = numbers(name, int(np.prod(shape)))
    kind = name.rsplit(".", 1)[1]
    if len(shape) > 1:
        fan_in = int(np.prod(shape[1:]))
        values = values * np.float32(math.sqrt(6 / fan_in))
    elif kind in ("weight", "running_var"):
        values = np.float32(0.5) + np.float32(0.25) * values
    else:
        values = np.float32(0.125) * values
    return torch.from_numpy(values.reshape(shape).astype(np.float64))


def logits(name, model, size):
    images = torch.from_numpy(numbers("images", 3 * size * size).reshape(1, 3, size, size).astype(np.float64))
    with torch.inference_mode():
        return model(images)[0].float().numpy()


def make(name):
    theirs = CASES[name][0]
    options = {"aux_logits": False, "init_weights": False} if theirs == "googlenet" else {}
    model = getattr(models, theirs)(weights=None, num_classes=CLASSES, **options).double()
    state = model.state_dict()
    model.load_state_dict(
        {key: parameter(key, value.shape) if value.is_floating_point() else value for key, value in state.items()})
    return model


def smooth():
    """Puts functions without kinks in the place of all others, in all of torch."""
    F = torch.nn.functional
    F.relu = F.relu6 = F.hardtanh = lambda x, *limits, inplace=False: F.elu(x)
    F.hardswish = lambda x, inplace=False: F.silu(x)
    F.hardsigmoid = lambda x, inplace=False: torch.sigmoid(x)
    F.max_pool2d = lambda x, kernel, stride, padding, dilation=1, ceil_mode=False, return_indices=False: F.avg_pool2d(
        x, kernel, stride, padding, ceil_mode)


def gradient(model, mode, dtype):
    """Of the sum over images of the logit of each one's own class, with respect to the images."""
    model = model.to(dtype).train(mode == "training")
    count = 2 * 3 * GRADIENT_SIZE**2
    images = torch.from_numpy(numbers("images", count).reshape(2, 3, GRADIENT_SIZE, GRADIENT_SIZE)).to(dtype)
    images.requires_grad_()
    logits = model(images)
    (logits[0, 3] + logits[1, 7]).backward()
    return images.grad.double()


def record_gradients():
    smooth()
    recorded = {}
    for name, modes in GRADIENTS.items():
        for mode in modes:
            exact = gradient(make(name), mode, torch.float64)
            single = gradient(make(name), mode, torch.float32)
            loss = ((single - exact).abs().max() / exact.abs().max()).item()
            recorded[f"{name} {mode}"] = exact.float().numpy()
            recorded[f"{name} {mode} loss"] = np.array([loss], dtype=np.float32)
            print(name, mode, exact.abs().max().item(), loss)
    save_file(recorded, ROOT / "Tests" / "Fixtures" / "zoo-gradients.safetensors")


def main():
    recorded = {}
    for name, (_, *sizes) in CASES.items():
        model = make(name).eval()
        for size in sizes:
            recorded[f"{name} {size}"] = logits(name, model, size)
            print(name, size, np.abs(recorded[f"{name} {size}"]).max())
    save_file(recorded, ROOT / "Tests" / "Fixtures" / "zoo.safetensors")
    record_gradients()


if __name__ == "__main__":
    main()
