# SPDX-License-Identifier: GPL-3.0-or-later
"""What every published painter is to the bench. Free of bpy, needs torch."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from ...training.data import to_picture, to_tensor

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Peer(abc.ABC):
    """Paints single frames in one style, in PyTorch.

    Attributes:
        multiple: what the sides of its pictures must be multiples of.
    """

    multiple: int

    def __call__(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The painted picture, (H, W, 3) uint8 RGB in and out, of any size."""
        height, width = rgb.shape[:2]
        right, bottom = -width % self.multiple, -height % self.multiple
        with torch.inference_mode():
            painted = self.paint(functional.pad(to_tensor(rgb), (0, right, 0, bottom), mode="replicate"))
        return to_picture(painted[..., :height, :width])

    def parameters(self) -> int:
        """How many numbers it has learnt."""
        parts = [part for part in vars(self).values() if isinstance(part, nn.Module)]
        return sum(parameter.numel() for part in parts for parameter in part.parameters())

    @abc.abstractmethod
    def paint(self, frame: Tensor) -> Tensor:
        """The painted frame, (1, 3, H, W) RGB 0 … 1 in, much the same range out; sides as ``multiple`` says."""


def match_moments(features: Tensor, wanted: Tensor) -> Tensor:
    """Features (1, C, H, W) with the mean and deviation of each channel of others (Huang and Belongie 2017)."""
    mean, deviation = _moments(features)
    wanted_mean, wanted_deviation = _moments(wanted)
    return (features - mean) / deviation * wanted_deviation + wanted_mean


def _moments(features: Tensor) -> tuple[Tensor, Tensor]:
    variance, mean = torch.var_mean(features, (2, 3), keepdim=True)
    return mean, torch.sqrt(variance + 1e-5)
