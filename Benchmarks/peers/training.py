"""Measures PyTorch training a network on noise; prints one line of JSON.

    python training.py resnet50 --batch 16 --threads 2 --seconds 3 --channels-last --precision bf16

The same work as `convnet benchmark NAME --mode train`: forward, cross-entropy, backward, SGD with momentum.
"""

import argparse
import json
import resource
import sys

import torch
from torch.nn.functional import cross_entropy

from networks import build
from timing import median_milliseconds


def loss(outputs, labels):
    """Cross-entropy; that of GoogLeNet's auxiliary classifiers counts 0.3, as in its paper."""
    if isinstance(outputs, torch.Tensor):
        return cross_entropy(outputs, labels)
    auxiliary = cross_entropy(outputs.aux_logits1, labels) + cross_entropy(outputs.aux_logits2, labels)
    return cross_entropy(outputs.logits, labels) + 0.3 * auxiliary


def training_step(name, batch, channels_last, precision):
    network, shape, classes = build(name)
    network.train()
    images = torch.randn(batch, *shape)
    labels = torch.arange(batch) % classes
    if channels_last:
        network = network.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-4, momentum=0.9)

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
            value = loss(network(images), labels)
        value.backward()
        optimizer.step()

    return step


def peak_memory():
    """The largest resident size of this process, in bytes."""
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size if sys.platform == "darwin" else size * 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("network")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--channels-last", action="store_true", help="keep feature maps as N×H×W×C")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    step = training_step(options.network, options.batch, options.channels_last, options.precision)
    milliseconds = median_milliseconds(step, options.seconds)
    print(json.dumps({"milliseconds": milliseconds, "peak_memory_mb": peak_memory() / 1e6}))


if __name__ == "__main__":
    main()
