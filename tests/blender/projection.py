# SPDX-License-Identifier: GPL-3.0-or-later
"""The true motion of scenes given by numbers, by plain geometry: rays, faces, and where the sequencer puts a picture.

Written for the tests alone and from the definitions; nothing of the product is used. Pixels: x to the right, y
downwards, centres at whole numbers. Cameras as in Blender: they look along -z, their sensor is 36 mm wide on the
picture's longer side.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SENSOR = 36.0
NOTHING = -1


@dataclasses.dataclass(frozen=True)
class Placement:
    """Where the sequencer puts a scene's picture at one frame: see ``forward``. Sizes are (width, height)."""

    scene: tuple[int, int]
    frame: tuple[int, int]
    offset: tuple[float, float] = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)
    rotation: float = 0.0
    origin: tuple[float, float] = (0.5, 0.5)
    flip: tuple[bool, bool] = (False, False)
    crop: tuple[int, int, int, int] = (0, 0, 0, 0)  # left, top, right, bottom

    def _matrix(self) -> tuple[Array, Array]:
        """What turns an upright pixel offset from the pivot, and where the pivot lies in the frame (y upwards)."""
        cos, sin = np.cos(self.rotation), np.sin(self.rotation)
        turn = np.array([[cos, -sin], [sin, cos]]) @ np.diag(self.scale)
        middle = [int((there - here) / 2) for here, there in zip(self.scene, self.frame, strict=True)]
        return turn, self._pivot() + np.array(self.offset) + middle

    def _pivot(self) -> Array:
        return np.array(self.scene) * np.array(self.origin)

    def forward(self, points: Array) -> Array:
        """Pixels of the scene's picture, (2, …), as pixels of the frame."""
        turn, pivot = self._matrix()
        up = np.stack((points[0] + 0.5, self.scene[1] - 0.5 - points[1])).reshape(2, -1)
        placed = turn @ (up - self._pivot()[:, None]) + pivot[:, None]
        placed = self._flipped(placed)
        return np.stack((placed[0] - 0.5, self.frame[1] - 0.5 - placed[1])).reshape(points.shape)

    def inverse(self, points: Array) -> Array:
        """Pixels of the frame as pixels of the scene's picture."""
        turn, pivot = self._matrix()
        up = self._flipped(np.stack((points[0] + 0.5, self.frame[1] - 0.5 - points[1])).reshape(2, -1))
        back = np.linalg.solve(turn, up - pivot[:, None]) + self._pivot()[:, None]
        return np.stack((back[0] - 0.5, self.scene[1] - 0.5 - back[1])).reshape(points.shape)

    def _flipped(self, up: Array) -> Array:
        sides = np.array(self.frame, float)
        return np.stack([sides[i] - up[i] if self.flip[i] else up[i] for i in (0, 1)])

    def shows(self, points: Array) -> NDArray[np.bool_]:
        """Whether pixels of the scene's picture are seen in the frame."""
        left, top, right, bottom = self.crop
        x, y = points
        within = (x > left - 0.5) & (x < self.scene[0] - right - 0.5) & (y > top - 0.5)
        within &= y < self.scene[1] - bottom - 0.5
        there = self.forward(points)
        sides = np.array(self.frame).reshape(2, *[1] * (points.ndim - 1))
        return within & np.all((there > -0.5) & (there < sides - 0.5), axis=0)


def turn_of(angles: Any) -> Array:
    """The rotation matrix of Blender's XYZ Euler angles."""
    (cx, cy, cz), (sx, sy, sz) = np.cos(angles), np.sin(angles)
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


@dataclasses.dataclass(frozen=True)
class World:
    """A scene at one frame, from the numbers it was built of (``scenarios/exact_motion.py``)."""

    spec: dict[str, Any]
    frame: int

    def _camera(self) -> tuple[Array, Array, tuple[float, float]]:
        """Place, turn, and the focal length in widths and in heights of a pixel."""
        place, turn, lens = self.spec["camera"][str(self.frame)]
        width, height = self.size
        aspect = self.spec.get("aspect", 1.0)  # so much wider than high a pixel is
        longer = max(width * aspect, height)
        focal = lens * longer / SENSOR if not self.is_parallel else longer / lens
        return np.array(place), turn_of(turn), (focal / aspect, focal)

    @property
    def is_parallel(self) -> bool:
        return bool(self.spec.get("orthographic"))

    @property
    def size(self) -> tuple[int, int]:
        share = self.spec.get("share", 100)
        width, height = self.spec["size"]
        return width * share // 100, height * share // 100

    def rays(self, points: Array) -> tuple[Array, Array]:
        """Start and direction, (3, n), of the rays through pixels."""
        place, turn, (wide, high) = self._camera()
        width, height = self.size
        flat = points.reshape(2, -1)
        x, y = (flat[0] + 0.5 - width / 2) / wide, -(flat[1] + 0.5 - height / 2) / high
        one, zero = np.ones_like(x), np.zeros_like(x)
        if self.is_parallel:
            return turn @ np.stack((x, y, zero)) + place[:, None], turn @ np.stack((zero, zero, -one))
        return np.repeat(place[:, None], x.size, axis=1), turn @ np.stack((x, y, -one))

    def project(self, points: Array, *, directions: bool = False) -> Array:
        """Pixels, (2, n), of places in the world, (3, n), or of directions."""
        place, turn, (wide, high) = self._camera()
        width, height = self.size
        x, y, z = turn.T @ (points if directions else points - place[:, None])
        far = np.ones_like(z) if self.is_parallel else np.where(z < -1e-9, -z, np.nan)
        return np.stack((x / far * wide + width / 2 - 0.5, -y / far * high + height / 2 - 0.5))

    def faces(self) -> list[tuple[int, Array, Array, Array]]:
        """Thing, corner and two sides of each parallelogram, in the world."""
        found = []
        for number, thing in enumerate(self.spec["things"]):
            place, turn = thing["frames"].get(str(self.frame), next(iter(thing["frames"].values())))
            corners = turn_of(turn) @ np.array(thing["vertices"], float).T + np.array(place)[:, None]
            for a, b, _, d in thing["faces"]:
                found.append((number, corners[:, a], corners[:, b] - corners[:, a], corners[:, d] - corners[:, a]))
        return found

    def hit(self, points: Array) -> tuple[NDArray[np.intp], Array, Array]:
        """Which face each pixel's ray meets first (-1: none), where on it (2, n), and how far along the ray."""
        start, direction = self.rays(points)
        nearest = np.full(start.shape[1], np.inf)
        which, where = np.full(start.shape[1], NOTHING), np.zeros((2, start.shape[1]))
        for number, (_, corner, side, other) in enumerate(self.faces()):
            normal = np.cross(side, other)
            with np.errstate(divide="ignore", invalid="ignore"):
                far = (normal @ (corner[:, None] - start)) / (normal @ direction)
                local = start + far * direction - corner[:, None]
                u, v = np.linalg.lstsq(np.stack((side, other), axis=1), np.nan_to_num(local), rcond=None)[0]
                better = (far > 1e-6) & (far < nearest) & (u >= 0) & (u <= 1) & (v >= 0) & (v <= 1)
            nearest[better], which[better] = far[better], number
            where[0, better], where[1, better] = u[better], v[better]
        return which, where, nearest


@dataclasses.dataclass(frozen=True)
class Truth:
    """The true flow on a grid, what it is known for, and what is hidden.

    Attributes:
        flow: (2, h, w) in pixels of the frame.
        seen: (h, w) where the strip shows something.
        hidden: (h, w) where that is hidden in the other frame.
        inner: (h, w) where all around belongs to the same face.
    """

    flow: Array
    seen: NDArray[np.bool_]
    hidden: NDArray[np.bool_]
    inner: NDArray[np.bool_]


def truth(
    here: tuple[World, Placement], there: tuple[World, Placement], grid: tuple[int, int], *, tolerance: float = 1e-3
) -> Truth:
    """Where everything of one frame lies in another.

    Args:
        here, there: the scene and its place in the frame, at the two frames.
        grid: height and width of the grid that the flow lies on.
        tolerance: how far, in the scene's units, a point may lie off the one that is seen there.
    """
    (world, place), (other, target) = here, there
    rows, columns = grid
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    scale = np.array([place.frame[0] / columns, place.frame[1] / rows]).reshape(2, 1, 1)
    frame = (np.stack((x, y)) + 0.5) * scale - 0.5
    pixels = place.inverse(frame)
    seen = place.shows(pixels)
    which, where, _ = world.hit(pixels)
    points, directions = np.zeros((3, which.size)), world.rays(pixels)[1]
    for number, (_, corner, side, second) in enumerate(other.faces()):
        on = which == number
        points[:, on] = corner[:, None] + side[:, None] * where[0, on] + second[:, None] * where[1, on]
    goal = other.project(points)
    nothing = which == NOTHING
    if world.is_parallel:
        goal[:, nothing] = pixels.reshape(2, -1)[:, nothing]
    else:
        goal[:, nothing] = other.project(directions, directions=True)[:, nothing]
    found, _, far = other.hit(goal)
    starts, ways = other.rays(goal)
    gap = np.linalg.norm(np.nan_to_num(starts + far * ways) - points, axis=0)
    hidden = np.where(nothing, found != NOTHING, (found == NOTHING) | (gap > tolerance))
    goal = goal.reshape(2, rows, columns)
    faces = which.reshape(rows, columns)
    around = np.pad(faces, 1, mode="edge")
    inner = np.all(
        [around[1 + dy : rows + 1 + dy, 1 + dx : columns + 1 + dx] == faces for dy in (-1, 0, 1) for dx in (-1, 0, 1)],
        axis=0,
    )
    return Truth(target.forward(goal) - frame, seen, hidden.reshape(rows, columns) | ~target.shows(goal), inner)
