"""Writes a network with random weights as an ONNX file, for the batch that is to be measured.

    python onnx_export.py resnet50 --batch 16 --out resnet50.onnx
"""

import argparse

import torch

from networks import build


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("network")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()

    network, shape, _ = build(options.network)
    images = torch.zeros(options.batch, *shape)
    torch.onnx.export(network.eval(), (images,), options.out, input_names=["images"], opset_version=17, dynamo=False)


if __name__ == "__main__":
    main()
