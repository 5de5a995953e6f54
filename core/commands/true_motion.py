# SPDX-License-Identifier: GPL-3.0-or-later
"""Coherence along motion that is known, not estimated: a method cannot be praised there for agreeing with the estimator
that it carried its paint with. Free of bpy and torch.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..flow.motion import Motion
from ..metrics import sharpness, warp_error
from ..storage.frames import Clip
from ..warp import compose, lands_inside, warp
from .figures import FAR, SourceClip
from .motion.truth import pairs_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True)
class TruthFigures:
    """What is measured of a painted scene. What could not be measured is not a number.

    Attributes:
        true, true_far: warp error along the true motion, one and ``FAR`` frames apart (Lai et al. 2018).
        estimated: the same one frame apart, along the motion that the default estimator finds in the source.
        sharpness: root mean square of the brightness gradient.
    """

    true: float
    true_far: float
    estimated: float
    sharpness: float


class TrueScene:
    """The frames of a scene that ``demo/make_truth.py`` rendered, and how everything in it moves.

    Args:
        folder: of the scene.

    Attributes:
        clip: the frames.
        told: the folder with what Blender tells the add-on of their motion; None where it is not there.

    Raises:
        MediaError: a frame or its motion is missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self._steps = [(pair.flow_cur_to_prev, pair.occlusion_mask) for pair in pairs_of(folder)]
        self.clip = Clip(tuple(folder / f"{i + 1:04}.png" for i in range(len(self._steps) + 1)))
        told = folder / "motion"
        self.told = told if told.is_dir() else None
        self._source = SourceClip(self.clip)

    def motion(self, earlier: int, later: int) -> Motion:
        """True motion between two frames, counted from 0; the way onward is not told."""
        flow, hidden = self._steps[later - 1]
        for flow_before, hidden_before in reversed(self._steps[earlier : later - 1]):
            # What mixes with something hidden counts as hidden, too: at its rim the chained flow is of two things.
            hidden = hidden | (warp(hidden_before.astype(np.float32), flow) > 0.0)
            flow = compose(flow, flow_before)
        unknown = np.zeros_like(flow)
        return Motion(flow, unknown, hidden | ~lands_inside(flow), np.zeros_like(hidden))

    def measure(self, painted: Clip) -> TruthFigures:
        """The figures of the scene's painting, frame for frame."""
        pictures = [painted.read(i).rgb for i in range(len(painted))]
        return TruthFigures(
            true=_mean(pictures, 1, self.motion),
            true_far=_mean(pictures, FAR, self.motion),
            estimated=_mean(pictures, 1, self._source.motion),
            sharpness=float(np.mean([sharpness(picture) for picture in pictures])),
        )


def _mean(pictures: list[NDArray[np.uint8]], distance: int, motion: Callable[[int, int], Motion]) -> float:
    """Mean warp error of all frames so far apart."""
    errors = [
        warp_error(pictures[i - distance], pictures[i], motion(i - distance, i)) for i in range(distance, len(pictures))
    ]
    return float(np.nanmean(errors)) if np.isfinite(errors).any() else float("nan")
