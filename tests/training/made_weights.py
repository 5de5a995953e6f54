# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the shapes of others' networks, with made-up weights."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

CONVOLUTIONS = {0: (64, 3), 2: (64, 64), 5: (128, 64), 7: (128, 128), 10: (256, 128)}
CONVOLUTIONS |= {12: (256, 256), 14: (256, 256), 16: (256, 256), 19: (512, 256)}


def made_up_vgg(path: Path, **changed: torch.Tensor) -> Path:
    """A file of the shapes of VGG-19 to relu4_1, with made-up weights."""
    generator = torch.Generator().manual_seed(3)
    state = {}
    for number, (outputs, inputs) in CONVOLUTIONS.items():
        weight = torch.randn(outputs, inputs, 3, 3, generator=generator) * (2 / (9 * inputs)) ** 0.5
        state |= {f"features.{number}.weight": weight, f"features.{number}.bias": torch.zeros(outputs)}
    torch.save(state | changed, path)
    return path


def made_up_squeezenet(path: Path) -> Path:
    arrays = {"conv1.weight": np.zeros((96, 3, 7, 7), np.float32), "conv1.bias": np.ones(96, np.float32)}
    inputs = 96
    for number, (squeezed, half) in enumerate([(16, 64)] * 2 + [(32, 128)] * 2 + [(48, 192)] * 2 + [(64, 256)] * 2, 2):
        shapes = {
            "conv1x1_1": (squeezed, inputs, 1),
            "conv1x1_2": (half, squeezed, 1),
            "conv3x3_2": (half, squeezed, 3),
        }
        for name, (outputs, width, kernel) in shapes.items():
            arrays[f"fire{number}/{name}.weight"] = np.full((outputs, width, kernel, kernel), 0.01, np.float32)
            arrays[f"fire{number}/{name}.bias"] = np.zeros(outputs, np.float32)
        inputs = 2 * half
    np.savez(path, **arrays)
    return path


def made_up_adain_decoder(path: Path) -> Path:
    """A file of the shapes of AdaIN's decoder, in half precision as it is published."""
    random = np.random.default_rng(5)
    widths = [512, 256, 256, 256, 256, 128, 128, 64, 64, 3]
    names = ["block4_conv1", *(f"block3_conv{i}" for i in range(1, 5)), "block2_conv1", "block2_conv2"]
    names += ["block1_conv1", "block1_conv2"]
    arrays = {}
    for name, (inputs, outputs) in zip(names, pairwise(widths), strict=True):
        kernel = random.normal(0, (2 / (9 * inputs)) ** 0.5, (outputs, inputs, 3, 3))
        arrays |= {f"{name}_decode.weight": kernel.astype(np.float16), f"{name}_decode.bias": np.zeros(outputs, "f2")}
    np.savez(path, **arrays)
    return path
