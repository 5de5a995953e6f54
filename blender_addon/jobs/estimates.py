# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a painting will take and how much room it needs, from the last ones on this machine. Free of bpy."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from pathlib import Path
from typing import NamedTuple

_FEWEST_FRAMES = 4  # a shorter job says more about starting than about painting
_MOST_ENTRIES = 40
# Bytes that the worker holds whatever the frames' size: by `core bench` 536 MB at 640x360 and 933 MB at 1280x720.
_AT_REST = 400_000_000


class Expected(NamedTuple):
    """What painting will take: ``seconds``, bytes of disk (``size``), and bytes of ``memory``; 0 = not known."""

    seconds: float
    size: int
    memory: int


@dataclasses.dataclass(frozen=True)
class Measured:
    """What one finished job took for each frame.

    Attributes:
        quality: "draft" or "final".
        pixels: of a frame.
        seconds: for each frame, with reading the strip.
        size: bytes on the disk for each frame while it is worked on: extracted, and painted.
        memory: bytes that the worker held at the most; 0 = not known.
    """

    quality: str
    pixels: int
    seconds: float
    size: float
    memory: int = 0


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

    def note(self, quality: str, pixels: int, frames: int, seconds: float, size: int, memory: int = 0) -> None:
        """A job has ended well; ``frames`` were painted and none of them came from the cache.

        Memory that is not known stays what it was.
        """
        if frames < _FEWEST_FRAMES or seconds <= 0.0 or pixels < 1:
            return
        key = _key(quality, pixels)
        before = self._measured.pop(key, None)  # the latest stands last
        held = memory or (before.memory if before is not None else 0)
        self._measured[key] = Measured(quality, pixels, seconds / frames, size / frames, held)
        kept = list(self._measured.values())[-_MOST_ENTRIES:]
        with contextlib.suppress(OSError):  # without the file the next session guesses anew
            self._file.write_text(json.dumps([dataclasses.asdict(one) for one in kept]), "utf-8")

    def of(self, quality: str, pixels: int, frames: int) -> Expected | None:
        """What so many frames will take; None where this quality was never painted here.

        From the frame size that is nearest to this one, in proportion to the pixels.
        """
        known = [one for one in self._measured.values() if one.quality == quality]
        if not known or pixels < 1:
            return None
        nearest = min(known, key=lambda one: max(one.pixels / pixels, pixels / one.pixels))
        larger = pixels / nearest.pixels
        rest = min(_AT_REST, nearest.memory)
        memory = round(rest + (nearest.memory - rest) * larger)
        return Expected(nearest.seconds * frames * larger, round(nearest.size * frames * larger), memory)


def _key(quality: str, pixels: int) -> str:
    return f"{quality} {pixels}"


def _numbers(record: dict[str, object]) -> tuple[float, float, int]:
    seconds, size, memory = record["seconds"], record["size"], record.get("memory", 0)  # older files tell no memory
    if not isinstance(seconds, int | float) or not isinstance(size, int | float) or not isinstance(memory, int):
        raise ValueError(record)
    if min(seconds, size, memory) < 0:
        raise ValueError(record)
    return float(seconds), float(size), memory
