# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact motion from what Blender rendered: the Vector, Depth and object-index passes. Free of bpy and torch.

Points are followed from one rendered frame to the next. The vectors are those of a lens that does not change: what each
Blender makes of one that does differs (docs/decisions.md), so the change is added here.

Convention: points and vectors are (2, h, w) float32 in pixels of the passes, x to the right, y downwards, pixel centres
at whole numbers.
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..errors import MediaError
from .exr import read_channels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Field = NDArray[np.float32]
    Mask = NDArray[np.bool_]

# Cycles writes 1e10 where a ray meets nothing.
_NOTHING = 1e9
# Two depths belong to one surface when they differ by no more than this share: room for slopes and for a camera that
# comes nearer in between. What hides a surface from nearer still, with the same object index, also moves differently.
_SAME_DEPTH = 0.1
# A point found again must lead back to where it came from, to within this many pixels of the passes: room for how much
# motion may differ from one pixel to the next.
_RETURNS = 1.0
# This share of what bilinear sampling mixes in the other frame must be the same surface.
_MOSTLY = 0.5
# A painted contour reaches about this far beyond the thing it belongs to, in pixels of the passes …
_SPILL = np.ones((5, 5), np.uint8)
# … and is taken for the thing behind where the two move apart by more than this, in pixels a frame.
_APART = 0.2
_OFFSETS = ((0, 0), (1, 0), (0, 1), (1, 1))


@dataclasses.dataclass(frozen=True, eq=False)
class Camera:
    """A camera at one frame, as OpenGL's matrices have it.

    Attributes:
        projection: (4, 4) from the camera's space to its picture, -1 … 1 each way, y upwards.
        view: (4, 4) from the world to the camera's space.
    """

    projection: NDArray[np.float64]
    view: NDArray[np.float64]

    @property
    def is_perspective(self) -> bool:
        """Whether rays meet in the camera; else they are parallel."""
        return bool(self.projection[3, 3] == 0.0)

    @property
    def centre(self) -> NDArray[np.float64]:
        """(2,) where the axis meets the picture."""
        middle: NDArray[np.float64] = self.projection[:2, 3] - self.projection[:2, 2]
        return middle

    @property
    def scale(self) -> NDArray[np.float64]:
        """(2,) how large things are in the picture."""
        return np.array([self.projection[0, 0], self.projection[1, 1]])

    def turned(self) -> NDArray[np.float64]:
        """(3, 3) from a direction of the world to x, y and the length by which these two are divided."""
        matrix: NDArray[np.float64] = (self.projection @ self.view)[[0, 1, 3], :3]
        return matrix


@dataclasses.dataclass(frozen=True, eq=False)
class Passes:
    """One rendered frame: how each pixel moves and what is seen there.

    Attributes:
        to_before: (2, h, w) where each pixel was in the frame before, relative to now.
        to_after: (2, h, w) where it will be in the frame after, relative to now.
        depth: (h, w) distance from the camera in the scene's units; 1e10 = nothing is there.
        index: (h, w) the object's number.
        camera: how the camera saw it.
    """

    to_before: Field
    to_after: Field
    depth: Field
    index: Field
    camera: Camera

    @classmethod
    def from_bytes(cls, data: bytes, camera: Camera) -> Passes:
        """The passes in an OpenEXR file of Blender. Raises ``MediaError`` when it holds none."""
        channels = read_channels(data)

        def ending(*names: str) -> Field:
            for name, plane in channels.items():
                if name.endswith(names):
                    return plane
            raise MediaError(f"The rendered passes hold {', '.join(channels)}; a channel {names[0]!r} was expected.")

        # Blender tells where a point was less where it is, and where it is less where it will be; its y points up.
        before = np.stack((ending(".Vector.X"), -ending(".Vector.Y")))
        after = np.stack((-ending(".Vector.Z"), ending(".Vector.W")))
        return cls(before, after, ending(".Depth.Z"), ending(".IndexOB.X", ".Object Index.X"), camera)

    def digest(self) -> str:
        """Names what is in the passes; the file itself holds the time of day too."""
        total = hashlib.blake2b(digest_size=16)
        camera = self.camera.projection, self.camera.view
        for plane in (self.to_before, self.to_after, self.depth, self.index, *camera):
            total.update(np.ascontiguousarray(plane).data)
        return total.hexdigest()

    def follow(self, points: Field, other: Passes, *, backwards: bool) -> tuple[Field, Mask]:
        """Where points of this frame are in the frame before or after.

        Args:
            points: where they are in this frame.
            other: that frame's passes, of the same size.
            backwards: whether it is the frame before.

        Returns:
            The points there, and (h, w) True where what lies there is another thing: the point is hidden by something
            nearer or by another object, or out of the picture; or so near to a nearer thing with another motion that
            that thing's painted contour lies there.
        """
        vector = _completed(self, other, self.to_before if backwards else self.to_after)
        back = _completed(other, self, other.to_after if backwards else other.to_before)
        x, y = points
        column, row = _inside(np.rint(x), self.depth.shape[1]), _inside(np.rint(y), self.depth.shape[0])
        index, depth = self.index[row, column], self.depth[row, column]
        total = np.zeros(points.shape, np.float32)
        weights = np.zeros(points.shape[1:], np.float32)
        for weight, near_row, near_column in _around(points, self.depth.shape):
            share = weight * self._is(index, depth, near_row, near_column)
            total += share * vector[:, near_row, near_column]
            weights += share
        # The nearest pixel has a quarter of the weight at least.
        move = total / np.maximum(weights, np.float32(1e-6))
        there = np.asarray(points + move, np.float32)
        found = np.zeros(points.shape[1:], np.float32)
        for weight, near_row, near_column in _around(there, other.depth.shape):
            gap = back[:, near_row, near_column] + move
            returns = np.sum(gap * gap, axis=0) < _RETURNS * _RETURNS
            found += weight * (returns & other._is(index, depth, near_row, near_column))
        row, column = _inside(np.rint(there[1]), other.depth.shape[0]), _inside(np.rint(there[0]), other.depth.shape[1])
        hidden: Mask = (found < _MOSTLY) | _is_outside(there, other.depth.shape) | other._spilled(back)[row, column]
        return there, hidden

    def _spilled(self, vector: Field) -> Mask:
        """(h, w) where the contour of something nearer may be painted that goes another way."""
        spread = [np.asarray(cv2.morphologyEx(one, cv2.MORPH_GRADIENT, _SPILL), np.float32) for one in vector]
        step = self.depth - np.asarray(cv2.erode(self.depth, _SPILL), np.float32)
        spilled: Mask = (np.maximum(*spread) > _APART) & (step > _SAME_DEPTH * self.depth)
        return spilled

    def _is(self, index: Field, depth: Field, row: NDArray[np.intp], column: NDArray[np.intp]) -> Mask:
        """Whether these pixels show the surface with this object's number at about this depth."""
        gap = np.abs(self.depth[row, column] - depth)
        same: Mask = (self.index[row, column] == index) & (gap <= _SAME_DEPTH * depth)
        return same


def _completed(here: Passes, there: Passes, vector: Field) -> Field:
    """The vectors with what Blender was told to leave out, a change of the lens, and with those of the background."""
    zoom, before, after = there.camera.scale / here.camera.scale, here.camera.centre, there.camera.centre
    whole = vector
    if not (np.allclose(zoom, 1.0, atol=1e-7) and np.allclose(before, after, atol=1e-7)):
        height, width = here.depth.shape
        grid = np.stack(np.meshgrid(np.arange(width), np.arange(height))).astype(np.float64)
        picture = _to_picture(grid + vector, height, width)
        zoomed = (picture - before[:, None, None]) * zoom[:, None, None] + after[:, None, None]
        whole = (_to_pixels(zoomed, height, width) - grid).astype(np.float32)
    return _with_background(here, there, whole)


def _with_background(here: Passes, there: Passes, vector: Field) -> Field:
    """The vectors with those of the background, which Cycles leaves at 0.

    It is infinitely far: a direction of the world has no place, so of the two cameras only turn and lens enter. Where
    rays are parallel it has one colour.
    """
    empty = here.depth > _NOTHING
    if not here.camera.is_perspective or not empty.any():
        return vector
    height, width = here.depth.shape
    rows, columns = np.nonzero(empty)
    pixels = np.stack((columns, rows)).astype(np.float64)
    directions = np.vstack((_to_picture(pixels, height, width), np.ones(len(rows))))
    seen = there.camera.turned() @ np.linalg.solve(here.camera.turned(), directions)
    ahead = seen[2] > 1e-6
    place = _to_pixels(seen[:2] / np.where(ahead, seen[2], 1.0), height, width)
    filled = vector.copy()
    # What lies behind the camera is far outside of the picture.
    filled[:, rows, columns] = np.where(ahead, place - pixels, 10.0 * width)
    return filled


def _to_picture(pixels: NDArray[np.float64], height: int, width: int) -> NDArray[np.float64]:
    """Pixels as places in the camera's picture, -1 … 1, y upwards."""
    return np.stack(((2 * pixels[0] + 1) / width - 1, 1 - (2 * pixels[1] + 1) / height))


def _to_pixels(picture: NDArray[np.float64], height: int, width: int) -> NDArray[np.float64]:
    return np.stack(((picture[0] + 1) * width / 2 - 0.5, (1 - picture[1]) * height / 2 - 0.5))


def _around(
    points: Field, shape: tuple[int, ...]
) -> list[tuple[NDArray[np.float32], NDArray[np.intp], NDArray[np.intp]]]:
    """The four pixels around each point: weight of bilinear sampling, row and column."""
    left, top = np.floor(points[0]), np.floor(points[1])
    x, y = points[0] - left, points[1] - top
    found = []
    for dx, dy in _OFFSETS:
        weight = (x if dx else 1 - x) * (y if dy else 1 - y)
        found.append((weight.astype(np.float32), _inside(top + dy, shape[0]), _inside(left + dx, shape[1])))
    return found


def _inside(place: Field, size: int) -> NDArray[np.intp]:
    return np.clip(place, 0, size - 1).astype(np.intp)


def _is_outside(points: Field, shape: tuple[int, ...]) -> Mask:
    height, width = shape
    x, y = points
    outside: Mask = (x < -0.5) | (x > width - 0.5) | (y < -0.5) | (y > height - 0.5)
    return outside


def moved(points: Field, placement: NDArray[np.float64]) -> Field:
    """Points through a (2, 3) affine map."""
    turned: Field = np.asarray(cv2.transform(np.moveaxis(points, 0, -1), placement), np.float32)
    return np.ascontiguousarray(np.moveaxis(turned, -1, 0))
