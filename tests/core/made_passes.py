# SPDX-License-Identifier: GPL-3.0-or-later
"""Passes as Blender writes them, made without Blender: OpenEXR files and ``motion.json`` of known motion."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Planes = Mapping[str, NDArray[Any]]

_KINDS = {"uint32": 0, "float16": 1, "float32": 2}


def exr(parts: Mapping[str, Planes]) -> bytes:
    """An uncompressed OpenEXR file with these parts, each a name and its channels; one part is written as Blender 4
    does, several as Blender 5 does."""
    is_multipart = len(parts) > 1
    headers = [_header(name, planes, is_multipart=is_multipart) for name, planes in parts.items()]
    start = struct.pack("<iI", 20000630, 2 | (0x1000 if is_multipart else 0)) + b"".join(headers)
    start += b"\0" if is_multipart else b""
    heights = [next(iter(planes.values())).shape[0] for planes in parts.values()]
    place, offsets, rows = len(start) + 8 * sum(heights), [], []
    for number, planes in enumerate(parts.values()):
        for row in range(heights[number]):
            pixels = b"".join(planes[name][row].tobytes() for name in sorted(planes))
            head = struct.pack("<i", number) if is_multipart else b""
            rows.append(head + struct.pack("<ii", row, len(pixels)) + pixels)
            offsets.append(struct.pack("<Q", place))
            place += len(rows[-1])
    return start + b"".join(offsets) + b"".join(rows)


def _header(name: str, planes: Planes, *, is_multipart: bool) -> bytes:
    height, width = next(iter(planes.values())).shape
    listed = b"".join(
        channel.encode() + b"\0" + struct.pack("<iiii", _KINDS[str(planes[channel].dtype)], 0, 1, 1)
        for channel in sorted(planes)
    )
    window = struct.pack("<4i", 0, 0, width - 1, height - 1)
    attributes = [("channels", "chlist", listed + b"\0"), ("compression", "compression", b"\0")]
    attributes += [("dataWindow", "box2i", window), ("displayWindow", "box2i", window)]
    attributes += [("name", "string", name.encode())] if is_multipart else []
    written = (a.encode() + b"\0" + b.encode() + b"\0" + struct.pack("<i", len(c)) + c for a, b, c in attributes)
    return b"".join(written) + b"\0"


def passes(
    size: tuple[int, int],
    before: tuple[float, float] = (0.0, 0.0),
    after: tuple[float, float] = (0.0, 0.0),
    depth: float | NDArray[np.float32] = 5.0,
    index: float | NDArray[np.float32] = 1.0,
) -> dict[str, NDArray[np.float32]]:
    """Channels of one frame, all of which lay ``before`` away in the frame before and will lie ``after`` away in the
    next one; pixels, x then y, y downwards."""
    values = {"X": before[0], "Y": -before[1], "Z": -after[0], "W": after[1]}
    found = {f"ViewLayer.Vector.{name}": np.full(size, value, np.float32) for name, value in values.items()}
    found["ViewLayer.Depth.Z"] = np.broadcast_to(np.float32(depth), size).copy()
    found["ViewLayer.IndexOB.X"] = np.broadcast_to(np.float32(index), size).copy()
    return found


def camera(lens: float = 1.0, turn: float = 0.0) -> dict[str, list[float]]:
    """A perspective camera, turned about the upright axis."""
    projection = np.array([[lens, 0, 0, 0], [0, lens, 0, 0], [0, 0, -1, -0.2], [0, 0, -1, 0]])
    cos, sin = np.cos(turn), np.sin(turn)
    view = np.array([[cos, 0, sin, 0], [0, 1, 0, 0], [-sin, 0, cos, 0], [0, 0, 0, 1]])
    return {"projection": projection.ravel().tolist(), "view": view.ravel().tolist()}


def write_motion(
    folder: Path,
    files: Mapping[int, Planes],
    shown: Sequence[int | None],
    size: tuple[int, int],
    *,
    cameras: Mapping[int, Any] | None = None,
    offsets: Mapping[int, float] | None = None,
) -> Path:
    """A folder as the child Blender leaves it: the scene's picture is a ``size`` (height, width) grid of passes, each
    of which is two pixels of the frame wide; ``offsets`` moves it to the right, by place in ``shown``."""
    folder.mkdir(parents=True, exist_ok=True)
    for frame, planes in files.items():
        (folder / f"{frame}.exr").write_bytes(exr({"": planes}))
    frames: list[Any] = []
    for place, frame in enumerate(shown):
        move = (offsets or {}).get(place, 0.0)
        edges = [-0.5, -0.5, 2 * size[1] - 0.5, 2 * size[0] - 0.5]
        scene = {"placement": [[2.0, 0.0, 0.5], [0.0, 2.0, 0.5]], "edges": edges}
        placed = {"placement": [[2.0, 0.0, 0.5 + move], [0.0, 2.0, 0.5]], "edges": edges}
        frames.append(None if frame is None else {"scene_frame": frame, "windows": [scene, placed]})
    record = {"format": 1, "frames": frames, "cameras": {frame: camera() for frame in files} | dict(cameras or {})}
    (folder / "motion.json").write_text(json.dumps(record), "utf-8")
    return folder
