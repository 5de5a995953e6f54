# SPDX-License-Identifier: GPL-3.0-or-later
"""What an editor can choose about a painting. Free of bpy and torch; the add-on builds its controls from this.

Only choices that change pixels, or where they are computed, stand here. Strength does not: it is mixed afterwards
(``core.strength``; in Blender the result strip's own opacity), so changing it never repaints anything.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from .errors import SettingsError

ENGINES = ("auto", "opencv", "torch")
SETTLINGS = ("surfaces", "anchors", "recurrence", "features", "frames")
HOLDS = ("surfaces", "threes", "twos", "every-frame")
FLOWS = ("dis", "dis-fast", "dis-fine", "raft-small", "raft-large")
DEVICES = ("auto", "cpu", "cuda", "mps")
QUALITIES = ("draft", "final", "master")

BRUSH_SIZE_RANGE = (0.5, 4.0)
ANCHOR_SPACING_RANGE = (1, 24)
RESOLUTION_RANGE = (25, 100)
TRAINING_MINUTES_RANGE = (0.05, 600.0)


@dataclasses.dataclass(frozen=True)
class StylizeSettings:
    """How to paint a clip.

    Attributes:
        style: identifier of a style (``python -m core styles`` lists them), or path of any picture to paint like;
            ``picture_of`` tells the two apart.
        brush_size: width of the strokes in the picture, whatever its resolution; 1 is what suits the style,
            0.5 … 4. A wider brush also paints faster.
        clarity: how much of the source is seen: faint contours are brought out and plain ground is painted calmly, so
            that strokes do not run over things; 0 is what suits the style, 1 is the most.
        colour_lock: 0 takes the painting's colours, 1 keeps the source's under the painting's light and shade.
        stability: how firmly strokes stay on what they are painted on; 0 paints every frame afresh, 1 carries
            every stroke along the optical flow wherever the flow can be trusted.
        hold_strokes: how long strokes live. "surfaces": as long as they can follow what they are painted on; "twos" and
            "threes": they are painted anew every second or third frame, as film painted by hand, and follow the
            picture in between; "every-frame": each frame is painted by itself.
        settling: the method that holds strokes to surfaces: "surfaces" is the project's own; the others are there to
            compare with (``docs/settling.md``), and "features" needs torch.
        anchor_spacing: frames between two anchors, the frames that are painted wholly afresh; 1 … 24.
        flow: what estimates the motion along which strokes travel (``docs/motion.md``); the two of "raft" need torch.
            A scene strip's exact motion goes before it.
        resolution: per cent of the picture's size at which frames are painted, 25 … 100. Who hands the frames over
            gives them that size, as the add-on does; strokes are as wide in the picture, contours coarser.
        quality: "final" paints with the network; "draft" is more than twice as fast, with strokes as wide and in the
            same places, but soft contours, see ``core.draft``; "master" optimises the pixels of every frame, which
            takes some thirty times as long and needs torch.
        engine: what runs the network; "auto" takes torch when a GPU is there, else OpenCV.
        device: where torch runs; "auto" takes the first of cuda, mps, cpu that works.
    """

    style: str = "starry-night"
    brush_size: float = 1.0
    clarity: float = 0.0
    colour_lock: float = 0.0
    stability: float = 1.0
    hold_strokes: str = "surfaces"
    settling: str = "surfaces"
    anchor_spacing: int = 8
    flow: str = "dis"
    resolution: int = 100
    quality: str = "final"
    engine: str = "auto"
    device: str = "auto"

    def __post_init__(self) -> None:
        _text("style", self.style)
        _within("brush_size", self.brush_size, *BRUSH_SIZE_RANGE)
        _within("clarity", self.clarity, 0.0, 1.0)
        _within("colour_lock", self.colour_lock, 0.0, 1.0)
        _within("stability", self.stability, 0.0, 1.0)
        _one_of("hold_strokes", self.hold_strokes, HOLDS)
        _one_of("settling", self.settling, SETTLINGS)
        if isinstance(self.anchor_spacing, float):
            raise SettingsError(f"anchor_spacing is {self.anchor_spacing}; a whole number of frames was expected.")
        if isinstance(self.resolution, float):
            raise SettingsError(f"resolution is {self.resolution}; a whole number of per cent was expected.")
        _within("resolution", self.resolution, *RESOLUTION_RANGE)
        _within("anchor_spacing", self.anchor_spacing, *ANCHOR_SPACING_RANGE)
        _one_of("flow", self.flow, FLOWS)
        _one_of("quality", self.quality, QUALITIES)
        _one_of("engine", self.engine, ENGINES)
        _one_of("device", self.device, DEVICES)
        # They enter cache keys, where 2 and 2.0 would differ.
        for name in ("brush_size", "clarity", "colour_lock", "stability"):
            object.__setattr__(self, name, float(getattr(self, name)))

    def to_json(self) -> dict[str, Any]:
        """The settings as a JSON object, field by field."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, record: object) -> StylizeSettings:
        """Settings from a JSON object; fields left out take their defaults.

        Raises:
            SettingsError: not an object, an unknown field, or a value outside its range.
        """
        if not isinstance(record, dict):
            raise SettingsError(f"Settings are {json.dumps(record)}; an object with named fields was expected.")
        known = [field.name for field in dataclasses.fields(cls)]
        for name in record:
            if name not in known:
                raise SettingsError(f"Unknown setting {name!r}.", f"The settings are: {', '.join(known)}.")
        return cls(**record)


def picture_of(style: str) -> Path | None:
    """The picture that a style names; None where it is an identifier.

    Told apart by the text alone, so that a picture that is gone is missed as a picture: identifiers are words joined by
    hyphens, and whatever holds a dot or a slash is a path. A picture beside you without a suffix is "./name".
    """
    return Path(style) if any(mark in style for mark in "./\\") else None


def _text(name: str, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise SettingsError(f"{name} is {value!r}; a name was expected.")


def _within(name: str, value: object, low: float, high: float) -> None:
    # bool is an int in Python; True as a number is always a mistake here. A NaN fails the comparison.
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise SettingsError(f"{name} is {value!r}; a number from {low} to {high} was expected.")


def _one_of(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise SettingsError(f"{name} is {value!r}; one of {', '.join(choices)} was expected.")
