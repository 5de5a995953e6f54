# SPDX-License-Identifier: GPL-3.0-or-later
"""VGG-19 up to relu4_1 (Simonyan and Zisserman 2014) as normalised by Gatys et al. 2016 (free of bpy, needs torch)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import torch
from torch import nn

from ...errors import ModelError
from .tapped import Feeding, TappedNetwork
from .weights_file import fill, read_weights

_FEEDING = Feeding(255.0, (103.939, 116.779, 123.68), is_bgr=True)
# Number in the file, channels in and out, name of the layer that is tapped.
_CONVOLUTIONS: tuple[tuple[int, int, int, str], ...] = (
    (0, 3, 64, "relu1_1"),
    (2, 64, 64, ""),
    (5, 64, 128, "relu2_1"),
    (7, 128, 128, ""),
    (10, 128, 256, "relu3_1"),
    (12, 256, 256, ""),
    (14, 256, 256, ""),
    (16, 256, 256, ""),
    (19, 256, 512, "relu4_1"),
)
_POOL_BEFORE = (5, 10, 19)


def vgg19(weights: Path, precision: torch.dtype, padding_mode: Literal["zeros", "reflect"] = "zeros") -> TappedNetwork:
    """VGG-19 from a file that ends at relu4_1, with torchvision's names (features.0.weight …).

    Args:
        padding_mode: what lies beyond the border: "zeros", as it was trained, or "reflect".

    Raises:
        ModelError: the file is missing, damaged, or another network's.
    """
    tensors = read_weights(weights)
    further = sorted(set(tensors) - {f"features.{n}.{part}" for n, *_ in _CONVOLUTIONS for part in ("weight", "bias")})
    if further:  # torchvision's own VGG-19 has the same shapes but wants its pictures otherwise
        raise ModelError(
            f"{weights} holds {further[0]}, which VGG-19 to relu4_1 as normalised by Gatys does not have.",
            f'If it is torchvision\'s, name it as "torchvision-vgg19:{weights.name}".',
        )

    def steps() -> Iterator[tuple[str, nn.Module]]:
        for number, inputs, outputs, name in _CONVOLUTIONS:
            convolution = nn.Conv2d(inputs, outputs, 3, 1, 1, padding_mode=padding_mode, device="meta")
            fill(convolution, tensors, weights, {part: f"features.{number}.{part}" for part in ("weight", "bias")})
            pool = [nn.MaxPool2d(2)] if number in _POOL_BEFORE else []
            yield name, nn.Sequential(*pool, convolution, nn.ReLU())

    return TappedNetwork(steps(), _FEEDING, precision)
