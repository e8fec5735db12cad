"""The networks in PyTorch, as `convnet` has them by the same names: three small ones and torchvision's."""

import sys
import types

from torch import nn


def lenet5():
    return nn.Sequential(
        nn.Conv2d(1, 6, kernel_size=5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, kernel_size=5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 5 * 5, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
    )


def convnet4():
    layers = []
    channels = 1
    for filters in (32, 64):
        for _ in range(2):
            layers += [nn.Conv2d(channels, filters, kernel_size=3, padding=1), nn.ReLU()]
            channels = filters
        layers.append(nn.MaxPool2d(2))
    head = [nn.Flatten(), nn.Linear(64 * 7 * 7, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)]
    return nn.Sequential(*layers, *head)


class ResidualBlock(nn.Module):
    """Two 3×3 convolutions and a shortcut past them."""

    def __init__(self, channels, filters, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, filters, 3, stride, padding=1, bias=False), nn.BatchNorm2d(filters),
            nn.ReLU(inplace=True),
            nn.Conv2d(filters, filters, 3, padding=1, bias=False), nn.BatchNorm2d(filters),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or channels != filters:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))
        self.relu = nn.ReLU(inplace=True)

    def forward(self, images):
        return self.relu(self.body(images) + self.shortcut(images))


def resnet20():
    layers = [nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True)]
    channels = 16
    for stage, filters in enumerate((16, 32, 64)):
        for block in range(3):
            layers.append(ResidualBlock(channels, filters, 2 if stage and not block else 1))
            channels = filters
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


SMALL = {"lenet5": lenet5, "convnet4": convnet4, "resnet20": resnet20}


def torchvision_models():
    """torchvision.models, also where torchvision was built for another PyTorch.

    Its compiled operators, which detect objects, then do not load, and all that fails for want of them is the module
    that describes them to the compiler. Classification needs neither.
    """
    name = "torchvision._meta_registrations"
    sys.modules.setdefault(name, types.ModuleType(name))
    from torchvision import models

    return models


def build(name):
    """The network with random weights, and its images' shape and classes."""
    if name in SMALL:
        return SMALL[name](), (1, 28, 28), 10
    # GoogLeNet comes with its auxiliary classifiers; its own initialization would take a minute.
    options = {"init_weights": False} if name == "googlenet" else {}
    return getattr(torchvision_models(), name)(weights=None, **options), (3, 224, 224), 1000
