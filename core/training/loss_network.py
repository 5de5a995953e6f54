# SPDX-License-Identifier: GPL-3.0-or-later
"""The loss network (free of bpy, needs torch): VGG-19 up to relu4_1, whose features say what a picture shows."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1")
"""The layers whose features are compared, as in Gatys et al. 2016 (less relu5_1)."""

_CONVOLUTIONS: tuple[tuple[int, int, int], ...] = (
    (0, 3, 64),
    (2, 64, 64),
    (5, 64, 128),
    (7, 128, 128),
    (10, 128, 256),
    (12, 256, 256),
    (14, 256, 256),
    (16, 256, 256),
    (19, 256, 512),
)
_POOL_BEFORE = (5, 10, 19)
_NAMED = {0: "relu1_1", 5: "relu2_1", 10: "relu3_1", 19: "relu4_1"}
_MEAN_BGR = (103.939, 116.779, 123.68)


class LossNetwork(nn.Module):
    """VGG-19 (Simonyan and Zisserman 2014) as normalised by Gatys et al. 2016; frozen.

    It runs in bfloat16, which halves its time on a processor with that arithmetic. Features come back as they
    are; sums over them are to be taken in float32.
    """

    mean: Tensor

    def __init__(self, weights: Path, precision: torch.dtype = torch.bfloat16) -> None:
        super().__init__()
        if not weights.is_file():
            raise FileNotFoundError(
                f"No loss-network weights at {weights}: expected VGG-19 to relu4_1; name the folder with --assets."
            )
        state = torch.load(weights, map_location="cpu", weights_only=True)
        self.convolutions = nn.ModuleDict()
        for number, inputs, outputs in _CONVOLUTIONS:
            layer = nn.Conv2d(inputs, outputs, 3, 1, 1)
            own = {name: state[f"features.{number}.{name}"].float() for name in ("weight", "bias")}
            layer.load_state_dict(own)
            for parameter in layer.parameters():
                if parameter.dim() == 4:
                    parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
            self.convolutions[str(number)] = layer.to(precision)
        self.register_buffer("mean", torch.tensor(_MEAN_BGR).view(1, 3, 1, 1))
        self.precision = precision
        self.requires_grad_(False)

    def forward(self, pictures: Tensor, last: str = "relu4_1") -> dict[str, Tensor]:
        """Features by layer name of pictures (B, 3, H, W) RGB 0…1, up to the layer `last`."""
        values = (pictures.flip(1) * 255.0 - self.mean).to(self.precision)
        values = values.contiguous(memory_format=torch.channels_last)
        features: dict[str, Tensor] = {}
        for number, _, _ in _CONVOLUTIONS:
            if number in _POOL_BEFORE:
                values = functional.max_pool2d(values, 2)
            values = torch.relu(self.convolutions[str(number)](values))
            if number in _NAMED:
                features[_NAMED[number]] = values
                if _NAMED[number] == last:
                    break
        return features
