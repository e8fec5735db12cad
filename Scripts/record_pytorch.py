#!/usr/bin/env python3
"""Writes Tests/Fixtures/pytorch: small files of weights as torch.save makes them, and weights.json with what is in them.

Needs PyTorch and NumPy:  Scripts/record_pytorch.py
"""

import argparse
import collections
import json
import os

import numpy
import torch

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Tests/Fixtures/pytorch")


class Unknown:
    """A class of the program that wrote the file, which nobody who reads it has."""

    def __init__(self, tensor=None):
        self.tensor = tensor

    def __reduce__(self):
        return (Unknown, (self.tensor,))


Unknown.__module__ = "somebody.training"


class Command:
    """Executes a command when it is unpickled."""

    def __reduce__(self):
        return (os.system, ("touch /tmp/convnet-pickle-was-executed",))


def numbers(*shape, dtype=torch.float32, start=0):
    count = torch.Size(shape).numel()
    return (torch.arange(start, start + count, dtype=torch.float64) / 4 - 1).to(dtype).reshape(shape)


def state():
    """Every kind of tensor that weights come as."""
    storage = numbers(24)
    return collections.OrderedDict(
        [
            ("conv1.weight", numbers(2, 3, 2, 2)),
            ("half", numbers(5, dtype=torch.float16)),
            ("bfloat", numbers(5, dtype=torch.bfloat16)),
            ("double", numbers(3, dtype=torch.float64)),
            ("transposed", numbers(3, 4).t()),
            ("every.other", storage[1:20:3]),
            ("shared.first", storage[:6].reshape(2, 3)),
            ("shared.last", storage[18:]),
            ("channels.last", numbers(2, 3, 2, 2, start=7).to(memory_format=torch.channels_last)),
            ("bn1.num_batches_tracked", torch.tensor(70000)),
            ("integers", torch.tensor([-3, 4], dtype=torch.int32)),
            ("bytes", torch.tensor([0, 255], dtype=torch.uint8)),
            ("flags", torch.tensor([True, False])),
            ("empty", torch.zeros(0, 4)),
            ("fc.weight", torch.nn.Parameter(numbers(2, 2))),
        ]
    )


def main():
    os.makedirs(FOLDER, exist_ok=True)
    weights = state()
    plain = {"fc.weight": numbers(2, 2), "fc.bias": numbers(2)}
    averaged = {"fc.weight": numbers(2, 2, start=5), "fc.bias": numbers(2, start=5)}
    beside = {
        "epoch": 3,
        "arguments": argparse.Namespace(lr=0.1, name="x"),
        "score": numpy.float64(0.5),
        "optimizer": {"state": {0: {"momentum_buffer": numbers(2, 2, start=9)}}, "param_groups": [{"lr": 0.1}]},
    }
    files = {
        "zip.pth": (weights, True, weights),
        "stream.pth": (weights, False, weights),
        "lightning.ckpt": ({**beside, "state_dict": plain}, True, plain),
        "averaged.pth": ({**beside, "state_dict": plain, "state_dict_ema": averaged}, True, averaged),
        "parallel.pth": ({"model": {f"module.{k}": v for k, v in plain.items()}}, False, plain),
        "command.pth": ({**plain, "command": Command()}, True, plain),
        "hanging.pth": ({**plain, "odd": Unknown(numbers(2))}, True, None),
        "module.pth": (Unknown(numbers(2)), True, None),
    }
    expected = {}
    for name, (content, is_zip, tensors) in files.items():
        torch.save(content, os.path.join(FOLDER, name), _use_new_zipfile_serialization=is_zip)
        if tensors is not None:
            expected[name] = [
                {"name": k, "shape": list(v.shape), "values": v.detach().double().flatten().tolist()}
                for k, v in tensors.items()
            ]
    with open(os.path.join(FOLDER, "weights.json"), "w") as file:
        json.dump(expected, file, indent=0, sort_keys=True)
        file.write("\n")


if __name__ == "__main__":
    # Classes are pickled by the name that their module has.
    import sys
    import types

    sys.modules["somebody"] = types.ModuleType("somebody")
    sys.modules["somebody.training"] = types.ModuleType("somebody.training")
    sys.modules["somebody.training"].Unknown = Unknown
    main()
