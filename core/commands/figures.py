# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures a painted clip against its source. Free of bpy.

Warp error, style loss and sharpness are always told together: blur lowers the first and a weak style does too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..contours import halo
from ..flow.dis import DisFlow
from ..flow.motion import Motion
from ..metrics import contrast, flicker, sharpness, warp_error
from ..shots.cuts import Shot, ShotFinder
from ..storage.frames import Clip

if TYPE_CHECKING:
    from ..training.style_meter import StyleMeter

FAR = 10
"""Frames: the longer distance at which coherence is measured."""

_SAMPLES = 6  # frames at which style, content and halos are measured


@dataclasses.dataclass(frozen=True)
class Figures:
    """What is measured of one way to paint a clip. What could not be measured is not a number.

    Attributes:
        warp_error: mean squared difference along the source's flow, one frame apart (Lai et al. 2018).
        warp_error_far: the same ten frames apart.
        relative: warp error divided by the variance of the painting's brightness.
        sharpness: root mean square of the brightness gradient.
        flicker: how much the mean brightness turns from frame to frame.
        style_loss: relative Gram distance to the style picture on VGG-19.
        content_loss: relative distance of the features of relu4_1 to the source's on VGG-19.
        halo: how far the painting swings beyond both sides of the source's strong contours, as a share of the step
            (``core.contours``).
    """

    warp_error: float
    warp_error_far: float
    relative: float
    sharpness: float
    flicker: float
    style_loss: float
    content_loss: float
    halo: float


class SourceClip:
    """A source with its shots, and its motion remembered: every painting of it is measured along the same flow."""

    def __init__(self, clip: Clip) -> None:
        self.clip = clip
        finder = ShotFinder()
        for i in range(len(clip)):
            finder.add(clip.read(i).rgb)
        self.shots: Sequence[Shot] = finder.shots()
        self._estimator = DisFlow()
        self._motions: dict[tuple[int, int], bytes] = {}

    def motion(self, earlier: int, later: int) -> Motion:
        """Motion between two frames; kept in half precision, as in the cache."""
        pair = earlier, later
        if pair not in self._motions:
            first, second = (self.clip.read(i).rgb for i in pair)
            self._motions[pair] = self._estimator.estimate(first, second).to_bytes()
        return Motion.from_bytes(self._motions[pair])


def measure(source: SourceClip, painted: Clip, meter: StyleMeter | None = None) -> Figures:
    """All figures of a painted clip; flow is that of the source, and no pair crosses a cut."""
    near: list[float] = []
    far: list[float] = []
    contrasts: list[float] = []
    sharp: list[float] = []
    for shot in source.shots:
        for i in shot:
            cur = painted.read(i).rgb
            contrasts.append(contrast(cur))
            sharp.append(sharpness(cur))
            for distance, errors in ((1, near), (FAR, far)):
                if i - distance >= shot.start:
                    errors.append(warp_error(painted.read(i - distance).rgb, cur, source.motion(i - distance, i)))
    pumping = [flicker([painted.read(i).rgb for i in shot]) for shot in source.shots]
    samples = sorted({int(i) for i in np.linspace(0, len(painted) - 1, _SAMPLES)})
    error = _mean(near)
    judged = [meter.losses(painted.read(i).rgb, source.clip.read(i).rgb) for i in samples] if meter else []
    return Figures(
        warp_error=error,
        warp_error_far=_mean(far),
        relative=error / float(np.mean(np.square(contrasts))) if np.any(contrasts) else float("nan"),
        sharpness=_mean(sharp),
        flicker=_mean(pumping),
        style_loss=_mean([style for style, _ in judged]),
        content_loss=_mean([content for _, content in judged]),
        halo=_mean([halo(source.clip.read(i).rgb, painted.read(i).rgb) for i in samples]),
    )


def _mean(values: Sequence[float]) -> float:
    """The mean of those that are numbers."""
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")
