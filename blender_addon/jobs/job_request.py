# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's facts about a strip, frozen, and the request the worker gets. Free of bpy."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..core_link import protocol


@dataclasses.dataclass(frozen=True)
class StripFacts:
    """A strip at the moment Stylize was pressed.

    Attributes:
        scene: name of the scene on whose timeline it lies.
        name: its name.
        first_frame: timeline_frame of its first shown frame.
        length: how many frames it shows.
        width, height: size of the pictures that are painted, in pixels.
        playhead: the current timeline_frame.
        strengths: strength of each frame, 0 … 1, first frame first.
        exact_motion: whether Blender is to tell the motion of a scene strip.
    """

    scene: str
    name: str
    first_frame: int
    length: int
    width: int
    height: int
    playhead: int
    strengths: tuple[float, ...]
    exact_motion: bool = True

    def __post_init__(self) -> None:
        if self.length < 1:
            raise ValueError(f"length is {self.length}; at least one frame was expected.")
        if len(self.strengths) != self.length:
            raise ValueError(f"{len(self.strengths)} strengths for {self.length} frames; one for each was expected.")

    @property
    def wanted(self) -> tuple[int, ...]:
        """frame_index of every frame whose strength is above 0."""
        return tuple(index for index, strength in enumerate(self.strengths) if strength > 0.0)

    @property
    def focus(self) -> int:
        """frame_index under the playhead, or the nearest one."""
        return min(self.length - 1, max(0, self.playhead - self.first_frame))


@dataclasses.dataclass(frozen=True)
class Places:
    """The folders of one job: extracted frames, result, the stages' own work with its limit in bytes, 0 = none."""

    frames: Path
    run: Path
    cache: Path
    cache_limit_bytes: int = 0

    @property
    def motion(self) -> Path:
        """Where the extracted frames' exact motion lies; goes with them."""
        return self.frames / "motion"


def frame_names(count: int) -> tuple[str, ...]:
    """File names of ``count`` frames: "000001.png" and on."""
    return tuple(f"{number:06}.png" for number in range(1, count + 1))


def build(
    job_id: str, facts: StripFacts, places: Places, settings: Mapping[str, Any], *, has_motion: bool = False
) -> protocol.Stylize:
    """The request that paints the wanted frames of a strip, with their exact motion where it was rendered.

    An empty ``wanted`` means every frame to the worker, so a strip of which nothing is wanted must not be sent.
    """
    if not facts.wanted:
        raise ValueError(f"No frame of {facts.name!r} is wanted; there is nothing to request.")
    names = frame_names(facts.length)
    return protocol.Stylize(
        job_id=job_id,
        source_dir=str(places.frames),
        source_names=names,
        output_dir=str(places.run),
        output_names=names,
        cache_dir=str(places.cache),
        cache_limit_bytes=places.cache_limit_bytes,
        settings=dict(settings),
        focus=facts.focus,
        wanted=facts.wanted if len(facts.wanted) < facts.length else (),
        motion_dir=str(places.motion) if has_motion else "",
    )
