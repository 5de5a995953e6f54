# SPDX-License-Identifier: GPL-3.0-or-later
"""What moved too far to be found is looked for once more. Free of bpy and torch.

A search from coarse to fine loses what moves by more than about its own size: at the coarse levels it is not there.
Such a place shows, for nothing explains it. A block of it is looked for far around, and where the motion found explains
the picture, that is taken, and made exact by a search for the little that is left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..warp import compose, warp
from .match import as_grey, unexplained

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Field = NDArray[np.float32]
    Picture = NDArray[np.uint8]
    Search = Callable[[Picture, Picture], NDArray[np.float32]]

# Looked for on every second pixel of the grid: squares of so many pixels there, up to so many pixels away.
_COARSE = 0.5
_BLOCK, _HALF = 12, 6
_FAR = 32
# A block is lost when it differs by so many levels of 255 from what it is said to have been. So many are looked for,
# the worst first: the motion of one is mostly that of its neighbours, too.
_LOST = 14.0
_MOST_BLOCKS = 8
# Looking back from where it was found must lead to the block, to so many pixels; else it was hidden there.
_RETURNS = 1
# Motion is taken where it leaves no more than this share of what was unexplained.
_BETTER = 0.5
_AROUND = 5


def found_again(field: Field, here: Picture, there: Picture, search: Search) -> Field:
    """The flow with the motion of what was lost, where that can be found.

    Args:
        field, here, there: as of ``core.flow.match.unexplained``.
        search: the small motion from one grey picture to another, (2, h, w).
    """
    least = unexplained(field, here, there, _AROUND)
    size = round(least.shape[1] * _COARSE), round(least.shape[0] * _COARSE)
    if min(size) <= _BLOCK or _lost(least, size).max() <= _LOST:
        return field
    grey = [as_grey(np.asarray(cv2.resize(one, size), np.uint8)) for one in (here, there)]
    waiting = np.ones((size[1], size[0]), np.float32)
    best, is_found = field.copy(), np.zeros(least.shape, np.bool_)
    for _ in range(_MOST_BLOCKS):
        _, worst, _, (column, row) = cv2.minMaxLoc(_lost(least, size) * waiting)
        if worst <= _LOST:
            break
        waiting[max(0, row - _HALF) : row + _HALF, max(0, column - _HALF) : column + _HALF] = 0.0
        step = _step(grey[0], grey[1], row - _HALF, column - _HALF)
        if step is None:
            continue
        even = np.empty_like(field)
        even[:] = step[0] / _COARSE, step[1] / _COARSE
        left_over = unexplained(even, here, there, _AROUND)
        is_better = left_over < _BETTER * least
        best[is_better], least[is_better] = even[is_better], left_over[is_better]
        is_found |= is_better
    return _exact(best, is_found, here, there, search) if is_found.any() else field


def _lost(least: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """What is unexplained of the block around each place where one fits; ``size`` is width and height."""
    small = cv2.resize(least, size, interpolation=cv2.INTER_AREA)
    means = cv2.boxFilter(small, cv2.CV_32F, (_BLOCK, _BLOCK))
    fits = np.zeros_like(means)
    fits[_HALF:-_HALF, _HALF:-_HALF] = means[_HALF:-_HALF, _HALF:-_HALF]
    return np.asarray(fits, np.float32)


def _step(here: Picture, there: Picture, top: int, left: int) -> tuple[int, int] | None:
    """The way of a block to where it is in the other picture, x and y; None where that does not lead back."""
    found_top, found_left = _place(here, there, top, left)
    back_top, back_left = _place(there, here, found_top, found_left)
    if max(abs(back_top - top), abs(back_left - left)) > _RETURNS:
        return None
    return found_left - left, found_top - top


def _place(here: Picture, there: Picture, top: int, left: int) -> tuple[int, int]:
    """Upper and left edge of what looks most like a block of the one picture in the other."""
    first, before = max(0, top - _FAR), max(0, left - _FAR)
    around = there[first : top + _BLOCK + _FAR, before : left + _BLOCK + _FAR]
    unlike = cv2.matchTemplate(around, here[top : top + _BLOCK, left : left + _BLOCK], cv2.TM_SQDIFF)
    _, _, (column, row), _ = cv2.minMaxLoc(unlike)
    return first + row, before + column


def _exact(best: Field, is_found: NDArray[np.bool_], here: Picture, there: Picture, search: Search) -> Field:
    """The flow with what is left added where motion was found; that is known to two pixels of the grid only."""
    flow = best.transpose(2, 0, 1)
    left_over = search(as_grey(here), as_grey(warp(there, flow)))
    exact = compose(left_over, flow).transpose(1, 2, 0)
    return np.where(is_found[..., None], exact, best)
