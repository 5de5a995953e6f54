# SPDX-License-Identifier: GPL-3.0-or-later
"""What every loss network gives: features that say what a picture shows (free of bpy, needs torch)."""

from __future__ import annotations

from typing import Protocol, Self

import torch
from torch import Tensor

LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1")
"""The layers of the VGG networks whose features are compared, as in Gatys et al. 2016 (less relu5_1)."""


class LossNetwork(Protocol):
    """A frozen network that was trained to recognise things; ``critics.choice`` opens one by its name.

    Attributes:
        layers: names of the layers it offers, in the order in which they are computed.
    """

    layers: tuple[str, ...]

    def __call__(self, pictures: Tensor, last: str | None = None) -> dict[str, Tensor]:
        """Features (B, C, h, w) by layer name of pictures (B, 3, H, W) RGB 0 … 1.

        Features come in the precision that the network runs in; sums over them are to be taken in float32.

        Args:
            last: the last layer that is wanted, to save the work of those behind it; None for all.

        Raises:
            ValueError: the network has no such layer.
        """
        ...

    def to(self, device: torch.device) -> Self:
        """The network, moved to a device."""
        ...
