# SPDX-License-Identifier: GPL-3.0-or-later
"""SqueezeNet 1.0 (Iandola et al. 2016): fifty times smaller than AlexNet (free of bpy, needs torch)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from .tapped import Feeding, TappedNetwork
from .weights_file import fill, read_weights

_FEEDING = Feeding(255.0, (104.0, 117.0, 123.0), is_bgr=True)
# Number, channels in, squeezed and out of each half. Tapped: the first layer at each resolution.
_FIRES: tuple[tuple[int, int, int, int], ...] = (
    (2, 96, 16, 64),
    (3, 128, 16, 64),
    (4, 128, 32, 128),
    (5, 256, 32, 128),
    (6, 256, 48, 192),
    (7, 384, 48, 192),
    (8, 384, 64, 256),
    (9, 512, 64, 256),
)
_POOL_BEFORE = (2, 5, 9)
_NAMES = {"squeeze": "conv1x1_1", "expand_1": "conv1x1_2", "expand_3": "conv3x3_2"}


class _Fire(nn.Module):
    """Squeezes by 1x1 convolutions, then expands by 1x1 and 3x3 ones side by side."""

    def __init__(self, inputs: int, squeezed: int, half: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeezed, 1, device="meta")
        self.expand_1 = nn.Conv2d(squeezed, half, 1, device="meta")
        self.expand_3 = nn.Conv2d(squeezed, half, 3, 1, 1, device="meta")

    def forward(self, values: Tensor) -> Tensor:
        squeezed = torch.relu(self.squeeze(values))
        return torch.relu(torch.cat((self.expand_1(squeezed), self.expand_3(squeezed)), 1))


def squeezenet(weights: Path, precision: torch.dtype) -> TappedNetwork:
    """SqueezeNet 1.0 from a file with the names conv1.weight, fire2/conv1x1_1.weight …

    Raises:
        ModelError: the file is missing, damaged, or another network's.
    """
    return TappedNetwork(_steps(read_weights(weights), weights), _FEEDING, precision)


def _steps(tensors: Mapping[str, Tensor], path: Path) -> Iterator[tuple[str, nn.Module]]:
    first = nn.Conv2d(3, 96, 7, 2, device="meta")
    fill(first, tensors, path, {part: f"conv1.{part}" for part in ("weight", "bias")})
    yield "conv1", nn.Sequential(first, nn.ReLU())
    for number, inputs, squeezed, half in _FIRES:
        fire = _Fire(inputs, squeezed, half)
        names = {
            f"{own}.{part}": f"fire{number}/{there}.{part}"
            for own, there in _NAMES.items()
            for part in ("weight", "bias")
        }
        fill(fire, tensors, path, names)
        is_first = number in _POOL_BEFORE
        pool = [nn.MaxPool2d(3, 2, ceil_mode=True)] if is_first else []
        yield (f"fire{number}" if is_first else ""), nn.Sequential(*pool, fire)
