# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a painting will take and how much room it needs, from the last ones on this machine. Free of bpy."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from pathlib import Path

_FEWEST_FRAMES = 4  # a shorter job says more about starting than about painting
_MOST_ENTRIES = 40


@dataclasses.dataclass(frozen=True)
class Measured:
    """What one finished job took for each frame.

    Attributes:
        quality: "draft" or "final".
        pixels: of a frame.
        seconds: for each frame, with reading the strip.
        size: bytes on the disk for each frame while it is worked on: extracted, and painted.
    """

    quality: str
    pixels: int
    seconds: float
    size: float


class Estimates:
    """Remembers what jobs took, in a small file.

    Args:
        file: where; need not exist yet, and one that cannot be read counts as empty.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._measured: dict[str, Measured] = {}
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            for record in json.loads(file.read_text("utf-8")):
                one = Measured(str(record["quality"]), int(record["pixels"]), *_numbers(record))
                self._measured[_key(one.quality, one.pixels)] = one

    def note(self, quality: str, pixels: int, frames: int, seconds: float, size: int) -> None:
        """A job has ended well; ``frames`` were painted and none of them came from the cache."""
        if frames < _FEWEST_FRAMES or seconds <= 0.0 or pixels < 1:
            return
        key = _key(quality, pixels)
        self._measured.pop(key, None)  # the latest stands last
        self._measured[key] = Measured(quality, pixels, seconds / frames, size / frames)
        kept = list(self._measured.values())[-_MOST_ENTRIES:]
        with contextlib.suppress(OSError):  # without the file the next session guesses anew
            self._file.write_text(json.dumps([dataclasses.asdict(one) for one in kept]), "utf-8")

    def of(self, quality: str, pixels: int, frames: int) -> tuple[float, int] | None:
        """Seconds and bytes that so many frames will take; None where this quality was never painted here.

        From the frame size that is nearest to this one, in proportion to the pixels.
        """
        known = [one for one in self._measured.values() if one.quality == quality]
        if not known or pixels < 1:
            return None
        nearest = min(known, key=lambda one: max(one.pixels / pixels, pixels / one.pixels))
        scale = frames * pixels / nearest.pixels
        return nearest.seconds * scale, round(nearest.size * scale)


def _key(quality: str, pixels: int) -> str:
    return f"{quality} {pixels}"


def _numbers(record: dict[str, object]) -> tuple[float, float]:
    seconds, size = record["seconds"], record["size"]
    if not isinstance(seconds, int | float) or not isinstance(size, int | float) or min(seconds, size) < 0:
        raise ValueError(record)
    return float(seconds), float(size)
