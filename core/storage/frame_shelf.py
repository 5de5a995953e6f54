# SPDX-License-Identifier: GPL-3.0-or-later
"""Decoded frames within reach: most are asked for several times within a few dozen. Free of bpy and torch."""

from __future__ import annotations

import collections
import threading

from .frames import Clip, Frame

_MOST_FRAMES = 112  # two blocks of frames between keys, and a little more
_MOST_BYTES = 192 * 2**20
_BYTES_PER_PIXEL = 4  # with alpha


class FrameShelf:
    """Reads frames of a clip and keeps the last ones. Safe to use from several threads.

    Args:
        size: height and width of the frames in pixels; large frames are kept in smaller numbers.
    """

    def __init__(self, clip: Clip, size: tuple[int, int]) -> None:
        self._clip = clip
        self._room = min(_MOST_FRAMES, _MOST_BYTES // max(1, _BYTES_PER_PIXEL * size[0] * size[1]))
        self._kept: collections.OrderedDict[int, Frame] = collections.OrderedDict()
        self._lock = threading.Lock()

    def read(self, frame_index: int) -> Frame:
        """The frame's pixels, not to be changed. Raises ``MediaError`` when the file is missing or damaged."""
        with self._lock:
            frame = self._kept.get(frame_index)
            if frame is not None:
                self._kept.move_to_end(frame_index)
                return frame
        frame = self._clip.read(frame_index)  # two threads may read one frame at once: no harm, and rare
        with self._lock:
            self._kept[frame_index] = frame
            while len(self._kept) > self._room:
                self._kept.popitem(last=False)
        return frame
