# SPDX-License-Identifier: GPL-3.0-or-later
"""Motion that Blender tells: of scene strips, exact, with exact occlusion. Free of bpy and torch.

The child Blender that extracts a scene strip's frames leaves beside them a folder with ``motion.json`` and one OpenEXR
file with passes for each frame of the shown scene (``blender_addon/child_blender/motion.py``). ``motion.json`` says for
each frame of the clip which frame of the scene it shows, and where the sequencer puts it.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from ..errors import MediaError
from ..storage.cache import cache_key
from .grid import grid_size
from .motion import FlowEstimator, Motion
from .passes import Camera, Passes, moved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .passes import Field, Mask

FILE = "motion.json"
FORMAT = 1
_VERSION = "given-1"
# So many frames' passes are kept in memory: neighbours of the pairs that the crew works on.
_AT_HAND = 12


@dataclasses.dataclass(frozen=True)
class Window:
    """What a strip, or a frame, lets be seen of a scene's picture.

    Attributes:
        placement: (2, 3) from pixels of the passes to those of this window, pixel centres at whole numbers.
        left, top, right, bottom: in pixels of the window; what lies beyond these edges is not seen.
    """

    placement: NDArray[np.float64]
    left: float
    top: float
    right: float
    bottom: float

    def shows(self, points: Field) -> Mask:
        """(h, w) whether each point of the passes is seen."""
        x, y = moved(points, self.placement)
        seen: Mask = (x >= self.left) & (x <= self.right) & (y >= self.top) & (y <= self.bottom)
        return seen


@dataclasses.dataclass(frozen=True)
class Shown:
    """What one frame of the clip shows.

    Attributes:
        scene_frame: the frame of the shown scene.
        windows: the strips it is seen through; the last one is the clip's frame itself.
    """

    scene_frame: int
    windows: tuple[Window, ...]

    @property
    def placement(self) -> NDArray[np.float64]:
        """(2, 3) from pixels of the passes to those of the clip's frame."""
        return self.windows[-1].placement

    def shows(self, points: Field) -> Mask:
        """(h, w) whether each point of the passes is seen in the clip's frame."""
        seen: Mask = np.logical_and.reduce([window.shows(points) for window in self.windows])
        return seen


class GivenMotion:
    """Blender's motion where it is there, and another estimator's for all other pairs of frames.

    Args:
        folder: the folder with ``motion.json``.
        otherwise: the other estimator.

    Raises:
        MediaError: ``motion.json`` is missing or not as it must be.
    """

    def __init__(self, folder: Path, otherwise: FlowEstimator) -> None:
        self._folder = folder
        self._otherwise = otherwise
        try:
            record = json.loads((folder / FILE).read_text("utf-8"))
            if record["format"] != FORMAT:
                raise ValueError(f"format {record['format']!r}")
            self._shown = tuple(_shown(one) for one in record["frames"])
            self._cameras = {int(frame): _camera(one) for frame, one in record["cameras"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise MediaError(f"The motion in {folder} cannot be read ({type(error).__name__}: {error}).") from error
        self.key = f"{_VERSION}+{otherwise.key}"
        self._passes = functools.lru_cache(_AT_HAND)(self._read)
        self._look = functools.lru_cache(None)(self._look_at)
        self._pair = functools.lru_cache(None)(self._pair_at)

    def estimate(self, prev: NDArray[np.uint8], cur: NDArray[np.uint8]) -> Motion:
        """The other estimator's motion: two pictures alone do not tell which pair they are."""
        return self._otherwise.estimate(prev, cur)

    def for_pair(self, frame_index: int) -> FlowEstimator:
        """What tells the motion from the frame before ``frame_index`` to it; its key depends on that motion alone."""
        return self._pair(frame_index)

    def knows(self, frame_index: int) -> bool:
        """Whether Blender tells the motion from the frame before ``frame_index`` to it."""
        return self._pair(frame_index) is not self._otherwise

    def _pair_at(self, frame_index: int) -> FlowEstimator:
        if not 0 < frame_index < len(self._shown):
            return self._otherwise
        prev, cur = self._shown[frame_index - 1], self._shown[frame_index]
        if prev is None or cur is None:
            return self._otherwise
        step = 1 if cur.scene_frame >= prev.scene_frame else -1
        way = range(prev.scene_frame, cur.scene_frame + step, step)
        try:
            digests, kinds = zip(*(self._look(frame) for frame in way), strict=True)
        except (MediaError, OSError, KeyError):  # not rendered, or gone
            return self._otherwise
        if len(set(kinds)) > 1:
            return self._otherwise  # no motion leads from one kind of picture to another
        places = [window.placement.tolist() for one in (prev, cur) for window in one.windows]
        edges = [(w.left, w.top, w.right, w.bottom) for one in (prev, cur) for w in one.windows]
        key = cache_key(_VERSION, step, digests, places, edges)
        return _Pair(key, prev, cur, way, self._passes)

    def _look_at(self, scene_frame: int) -> tuple[str, tuple[bool, tuple[int, ...]]]:
        """Names a frame's passes, and says what kind of picture they are."""
        passes = self._passes(scene_frame)
        return passes.digest(), (passes.camera.is_perspective, passes.depth.shape)

    def _read(self, scene_frame: int) -> Passes:
        data = (self._folder / passes_name(scene_frame)).read_bytes()
        return Passes.from_bytes(data, self._cameras[scene_frame])


def passes_name(scene_frame: int) -> str:
    """The name of the file with a frame's passes."""
    return f"{scene_frame}.exr"


@dataclasses.dataclass(eq=False)
class _Pair:
    """The motion of one pair of frames. ``way`` are the scene's frames from prev to cur, ``passes`` reads theirs."""

    key: str
    prev: Shown
    cur: Shown
    way: range
    passes: Callable[[int], Passes]

    def estimate(self, prev: NDArray[np.uint8], cur: NDArray[np.uint8]) -> Motion:
        """The motion; of the two pictures only the size is looked at."""
        size, is_forward = (cur.shape[0], cur.shape[1]), self.way.step > 0
        way = [self.passes(frame) for frame in self.way]
        there, hidden_in_prev = self._flow(size, self.cur, self.prev, way[::-1], backwards=is_forward)
        back, hidden_in_cur = self._flow(size, self.prev, self.cur, way, backwards=not is_forward)
        return Motion(there, back, hidden_in_prev, hidden_in_cur)

    @staticmethod
    def _flow(
        size: tuple[int, int], here: Shown, there: Shown, way: list[Passes], *, backwards: bool
    ) -> tuple[Field, Mask]:
        """The flow from one frame to the other on the grid of the flow, and what is hidden in the other."""
        rows, columns = grid_size(*size)
        scale = np.array([size[1] / columns, size[0] / rows], np.float32).reshape(2, 1, 1)
        grid = np.stack(np.meshgrid(np.arange(columns), np.arange(rows))).astype(np.float32)
        frame = (grid + np.float32(0.5)) * scale - np.float32(0.5)
        start = points = moved(frame, np.asarray(cv2.invertAffineTransform(here.placement), np.float64))
        hidden = np.zeros((rows, columns), bool)
        for one, other in itertools.pairwise(way):
            points, lost = one.follow(points, other, backwards=backwards)
            hidden |= lost
        hidden |= ~there.shows(points)
        flow = np.asarray((moved(points, there.placement) - frame) / scale, np.float32)
        # Where the strip shows nothing there is nothing to carry, and nothing that could be wrong.
        empty = ~here.shows(start)
        flow[:, empty], hidden[empty] = 0.0, False
        return flow, hidden


def _shown(record: Any) -> Shown | None:
    """One frame of the clip; None where the scene was not rendered for it."""
    if record is None:
        return None
    windows = tuple(
        Window(np.array(one["placement"], np.float64).reshape(2, 3), *map(float, one["edges"]))
        for one in record["windows"]
    )
    if not windows:
        raise ValueError("a frame without windows")
    return Shown(int(record["scene_frame"]), windows)


def _camera(record: Any) -> Camera:
    return Camera(*(np.array(record[name], np.float64).reshape(4, 4) for name in ("projection", "view")))
