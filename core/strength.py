# SPDX-License-Identifier: GPL-3.0-or-later
"""Strength: how much of the painting shows over the source, keyframed. Free of bpy and torch.

The same arithmetic as Blender's Alpha Over with the result strip's opacity, in the sequencer's colour space:
``(1 - strength) * source + strength * painted``.
"""

from __future__ import annotations

import bisect
import dataclasses

import numpy as np

from .errors import MediaError, SettingsError
from .storage.frames import Frame


@dataclasses.dataclass(frozen=True)
class StrengthCurve:
    """Strength over time: straight lines between keyframes, held before the first and after the last.

    Attributes:
        keys: (frame_index, strength) in rising order of frame_index; strength 0 … 1.
    """

    keys: tuple[tuple[int, float], ...]

    def at(self, frame_index: int) -> float:
        """Strength of that frame, 0 … 1."""
        place = bisect.bisect_right(self.keys, (frame_index, float("inf")))
        if place == 0:
            return self.keys[0][1]
        if place == len(self.keys):
            return self.keys[-1][1]
        (start, low), (end, high) = self.keys[place - 1], self.keys[place]
        return low + (high - low) * (frame_index - start) / (end - start)

    @classmethod
    def parse(cls, text: str) -> StrengthCurve:
        """A curve from ``"0:0 48:1 96:0.4"`` (frame:strength pairs), or from one number for all frames.

        Raises:
            SettingsError: not numbers, a strength outside 0 … 1, or frames that do not rise.
        """
        keys: list[tuple[int, float]] = []
        for word in text.split():
            frame, colon, value = word.rpartition(":")
            try:
                key = (int(frame) if colon else 0, float(value))
            except ValueError:
                raise SettingsError(f"Strength key {word!r} is not frame:strength.", 'Write "0:0 48:1".') from None
            if not 0.0 <= key[1] <= 1.0:
                raise SettingsError(f"Strength {key[1]} in {word!r} lies outside 0 … 1.")
            if keys and key[0] <= keys[-1][0]:
                raise SettingsError(f"Strength key {word!r} comes after frame {keys[-1][0]}.", "Order keys by frame.")
            keys.append(key)
        if not keys:
            raise SettingsError("The strength is empty.", 'Write a number such as 0.8, or keys such as "0:0 48:1".')
        return cls(tuple(keys))


def mix(source: Frame, painted: Frame, strength: float) -> Frame:
    """The source with the painting over it at this strength; alpha is the source's.

    At 0 the result is the source itself, at 1 the painting, bit for bit.

    Raises:
        MediaError: the two differ in size.
    """
    if source.size != painted.size:
        raise MediaError(f"The source is {source.size} pixels high and wide, its painting {painted.size}.")
    if strength <= 0.0:
        return source
    if strength >= 1.0:
        return Frame(painted.rgb, source.alpha)
    blend = source.rgb.astype(np.float32)
    blend += (painted.rgb.astype(np.float32) - blend) * np.float32(strength)
    return Frame((blend + 0.5).astype(np.uint8), source.alpha)
