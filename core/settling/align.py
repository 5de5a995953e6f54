# SPDX-License-Identifier: GPL-3.0-or-later
"""Paint that is carried over dozens of frames is laid back onto what it was painted on. Free of bpy and torch.

A flow of many steps drifts: each is off by a few hundredths of a pixel, and after forty of them strokes lie a pixel
beside the thing, or slide over it. So at each anchor the key's source is carried along the way found so far and held
against the anchor's own: what little flow there is between the two was missing in the way. From there the way goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..flow.dis import DisQuality, DisSearch
from ..flow.grid import still_motion
from ..warp import compose, warp
from .settle import Link

if TYPE_CHECKING:
    from numpy.typing import NDArray

VERSION = 1

# At the flow's own resolution, not at half of it: ten frames apart that left a warp error of 0.44 instead of 0.49 of
# frame by frame's on the demo clip.
_SEARCH = DisSearch(DisQuality(finest_scale=0, descents=16, stride=4, refinements=3))
# Up to so many pixels of the flow's grid are drift; twice as many are another thing that looks alike.
_MOST_DRIFT = 2.0
# What lies so near to a place that was not seen all along is aligned less: the search smooths over it.
_RIM = (5, 5)


def aligned(link: Link, key: NDArray[np.uint8], source: NDArray[np.uint8]) -> Link:
    """The same way without the drift that shows.

    Args:
        link: from the frame to the key.
        key, source: sources of the key and of the frame, (h, w, 3) uint8 at the flow's resolution.
    """
    flow = link.flow.astype(np.float32)
    carried, wanted = _grey(warp(key, flow)), _grey(source)
    if still_motion(carried, wanted, *wanted.shape) is not None:
        return link
    missing = _SEARCH.flow(wanted, carried)
    drift = np.clip(2.0 - cv2.magnitude(*missing) / _MOST_DRIFT, 0.0, 1.0)
    seen = cv2.blur(cv2.threshold(link.visible, 127.0, 1.0, cv2.THRESH_BINARY)[1].astype(np.float32), _RIM)
    return Link(compose(missing * (drift * seen), flow).astype(np.float16), link.visible)


def _grey(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
