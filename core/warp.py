# SPDX-License-Identifier: GPL-3.0-or-later
"""Moving pictures and flows along a flow. Free of bpy and torch.

Convention of every function here: a flow is (2, H, W) float32 in pixels, x (to the right) then y (downwards); pixel
centres lie at whole numbers; ``warp(image, flow)`` samples backward, so the result at (x, y) is the image at
(x + flow[0], y + flow[1]) and the flow lies on the grid of the *result*. Outside the image its border is repeated.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flow = NDArray[np.float32]
    Image = NDArray[Any]


def warp(image: Image, flow: Flow, *, sharp: bool = False) -> Image:
    """The image carried along the flow, sampled backward.

    Args:
        image: (H, W) or (H, W, C), uint8 or float32.
        flow: (2, H', W'), on the grid of the result.
        sharp: bicubic instead of bilinear sampling; keeps brush strokes crisp, may overshoot in float32.

    Returns:
        (H', W') or (H', W', C), the image's dtype.
    """
    method = cv2.INTER_CUBIC if sharp else cv2.INTER_LINEAR
    where = _grid(flow.shape[1], flow.shape[2]) + flow.transpose(1, 2, 0)
    # With one two-channel map the second is empty; OpenCV's type stub does not know that.
    result: Image = cv2.remap(image, where, None, method, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
    return result


def compose(first: Flow, then: Flow) -> Flow:
    """One flow for two steps: from a point go along ``first``, and from where that ends along ``then``.

    Chaining flows and warping once keeps a picture as sharp as one resampling does, however long the chain.
    """
    carried = warp(np.ascontiguousarray(then.transpose(1, 2, 0)), first)
    return first + carried.transpose(2, 0, 1)


def lands_inside(flow: Flow) -> NDArray[np.bool_]:
    """(H, W) True where the flow ends inside the picture (half a pixel of border allowed)."""
    _, height, width = flow.shape
    where = _grid(height, width) + flow.transpose(1, 2, 0)
    x, y = where[..., 0], where[..., 1]
    inside: NDArray[np.bool_] = (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)
    return inside


def resize_flow(flow: Flow, height: int, width: int) -> Flow:
    """The same motion on a grid of another size: the field is resampled and its pixels rescaled."""
    _, old_height, old_width = flow.shape
    if (old_height, old_width) == (height, width):
        return flow
    factors = np.array([width / old_width, height / old_height], np.float32)
    # Rescaled while it is small; the view that is returned is turned back without a copy when it is warped along.
    scaled = np.ascontiguousarray(flow.transpose(1, 2, 0)) * factors
    field = np.asarray(cv2.resize(scaled, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    return field.reshape(height, width, 2).transpose(2, 0, 1)


@functools.lru_cache(maxsize=4)
def _grid(height: int, width: int) -> NDArray[np.float32]:
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    grid = np.stack((x, y), axis=-1)
    grid.setflags(write=False)
    return grid
