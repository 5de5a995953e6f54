# SPDX-License-Identifier: GPL-3.0-or-later
"""What one picture's pixels are optimised for (free of bpy, needs torch).

Content and style of Gatys et al. 2015, with means and deviations beside the Gram matrices (Huang and Belongie 2017) and
total variation; for clips the temporal loss of Ruder et al. 2016 against paint carried from other frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor

from ..training.looks import SCALES, reduced
from ..training.loss_network import LossNetwork
from ..training.losses import content_loss, style_loss, total_variation
from .targets import Targets, deepest_layer

SMALLEST_SIDE = 32
"""Pixels: a smaller picture leaves less than a few places in the deepest layer, and is not looked at."""

SHIFTS = ((0, 0), (3, 5), (6, 2), (1, 7), (4, 4), (7, 1), (2, 6), (5, 3))
"""Pixels down and to the right by which the loss network's own grid is moved, in turn: halving as it goes, it sees
some pixels better than others, and pixels optimised for one grid show it."""

_CONTENT_SCALE = 2  # what is where is compared at half size, as in training: strokes are free, shapes are not


@dataclass(frozen=True)
class LossWeights:
    """How much each loss counts.

    Attributes:
        content: of each of the loss network's layers, from the deepest on; the others do not count.
        temporal: of the mean squared difference to carried paint, where that is trusted.
    """

    style: float = 20.0
    content: tuple[float, ...] = (0.8, 0.4, 0.15)
    total_variation: float = 0.2
    temporal: float = 100.0


@dataclass(frozen=True)
class CarriedPaint:
    """Paint of another frame, carried to this one.

    Attributes:
        paint: (1, 3, H, W) RGB 0 … 1.
        confidence: (1, 1, H, W), 0 … 1: how far it is trusted, and 0 where a nearer frame tells more.
    """

    paint: Tensor
    confidence: Tensor


class Objective:
    """The losses of one frame's painting.

    Args:
        frame: (1, 3, H, W) RGB 0 … 1, what is painted.
        carried: paint of other frames; none for a picture by itself.
    """

    def __init__(
        self,
        network: LossNetwork,
        targets: Targets,
        frame: Tensor,
        weights: LossWeights,
        carried: Sequence[CarriedPaint] = (),
    ) -> None:
        self._network, self._targets, self._weights = network, targets, weights
        self._frame, self._carried = frame, carried
        self._scales = [scale for scale in SCALES if scale == 1 or min(frame.shape[2:]) // scale >= SMALLEST_SIDE]
        self._wanted: dict[tuple[int, tuple[int, int]], dict[str, Tensor]] = {}
        deepest = list(reversed(network.layers))
        self._content = dict(zip(deepest, weights.content, strict=False))

    @property
    def levels(self) -> tuple[int, ...]:
        """The sizes at which this frame is optimised, as divisors of its own, the smallest first."""
        return tuple(reversed(self._scales))

    def at(self, level: int, painting: Tensor, turn: int = 0) -> dict[str, Tensor]:
        """All losses of a painting at 1 / ``level`` of the frame's size, each a scalar; "total" is what to minimise.

        A level sees the style's scales from its own on: at a quarter of the size only large shapes can be painted.

        Args:
            turn: counts the steps, so that the loss network's grid lies elsewhere in each.
        """
        shift = SHIFTS[turn % len(SHIFTS)]
        look_at = max(level, min(_CONTENT_SCALE, max(self._scales)))
        style, content = [], painting.new_zeros(())
        for scale in (scale for scale in self._scales if scale >= level):
            last = self._network.layers[-1] if scale == look_at else deepest_layer(self._network.layers, scale)
            seen = self._network(_shifted(reduced(painting, scale // level), shift), last)
            wanted = self._targets[scale]
            style += [style_loss(values, [wanted[layer]])[0] for layer, values in seen.items() if layer in wanted]
            if scale == look_at:
                content = self._content_of(seen, look_at, shift)
        losses = {
            # The logarithm, so that no layer that is far off drowns the others.
            "style": torch.log1p(torch.stack(style)).mean(),
            "content": content,
            "total_variation": total_variation(painting),
            "temporal": self._temporal(level, painting),
        }
        total = torch.stack(
            [getattr(self._weights, name) * value for name, value in losses.items() if name != "content"]
        )
        return {"total": total.sum() + content, **losses}

    def _content_of(self, seen: dict[str, Tensor], scale: int, shift: tuple[int, int]) -> Tensor:
        if (scale, shift) not in self._wanted:
            with torch.no_grad():
                self._wanted[scale, shift] = self._network(_shifted(reduced(self._frame, scale), shift))
        wanted = self._wanted[scale, shift]
        parts = [weight * content_loss(seen[layer], wanted[layer])[0] for layer, weight in self._content.items()]
        return torch.stack(parts).sum()

    def _temporal(self, level: int, painting: Tensor) -> Tensor:
        """Ruder et al. 2016, equation 7: the mean over all pixels, those without trust counting nothing."""
        total = painting.new_zeros(())
        for one in self._carried:
            paint, confidence = (reduced(part, level) for part in (one.paint, one.confidence))
            total = total + (confidence * torch.square(painting - paint)).mean()
        return total


def enlarged(pictures: Tensor, size: Sequence[int]) -> Tensor:
    """Pictures (B, C, H, W) at a larger size (H, W)."""
    return functional.interpolate(pictures, size=tuple(size), mode="bicubic", align_corners=False)


def _shifted(pictures: Tensor, shift: tuple[int, int]) -> Tensor:
    """Pictures moved down and to the right, and continued by their mirror image."""
    down, right = shift
    return functional.pad(pictures, (right, 0, down, 0), mode="reflect") if any(shift) else pictures
