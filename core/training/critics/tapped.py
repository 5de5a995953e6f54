# SPDX-License-Identifier: GPL-3.0-or-later
"""A chain of layers that can be tapped: what all loss networks are made of (free of bpy, needs torch)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..memory_order import in_fast_order


@dataclass(frozen=True)
class Feeding:
    """How a network wants its pictures: (RGB 0 … 1, or BGR) * scale - mean, divided by the deviation.

    Attributes:
        mean, deviation: one number a channel, in the network's own order of channels.
        is_bgr: whether that order is blue, green, red, as in everything that began in Caffe.
    """

    scale: float
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float] = (1.0, 1.0, 1.0)
    is_bgr: bool = False


class TappedNetwork(nn.Module):
    """Steps one after the other; the results of the named ones are the features. Frozen.

    See ``core.training.loss_network.LossNetwork``. It may run in bfloat16, which halves its time on a processor with
    AMX.

    Args:
        steps: modules with the name of the layer each ends in, or "" where nothing is to be tapped.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, steps: Iterable[tuple[str, nn.Module]], feeding: Feeding, precision: torch.dtype) -> None:
        super().__init__()
        named = list(steps)
        self.layers = tuple(name for name, _ in named if name)
        self.feeding, self.precision = feeding, precision
        self.steps = nn.ModuleList(module for _, module in named)
        self._names = tuple(name for name, _ in named)
        in_fast_order(self.steps).to(precision).eval()
        self.register_buffer("mean", torch.tensor(feeding.mean).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(feeding.deviation).view(1, 3, 1, 1))
        self.requires_grad_(False)

    def forward(self, pictures: Tensor, last: str | None = None) -> dict[str, Tensor]:
        """See ``core.training.loss_network.LossNetwork``."""
        last = self.layers[-1] if last is None else last
        if last not in self.layers:
            raise ValueError(f"The loss network has no layer {last!r}; it has {', '.join(self.layers)}.")
        ordered = pictures.flip(1) if self.feeding.is_bgr else pictures
        values = ((ordered * self.feeding.scale - self.mean) / self.deviation).to(self.precision)
        values = values.contiguous(memory_format=torch.channels_last)
        features: dict[str, Tensor] = {}
        for name, step in zip(self._names, self.steps, strict=True):
            values = step(values)
            if name:
                features[name] = values
            if name == last:
                break
        return features
