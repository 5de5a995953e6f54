# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be said of a result before it is rendered: a draft, stale, or frames of it missing."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Sequence
from typing import Any

from ..core_link import errors, settings
from ..storage import run_folder
from . import result_strip, source_state, strips


@dataclasses.dataclass(frozen=True)
class ResultState:
    """One result strip as it is now.

    Attributes:
        name: the result strip's.
        is_draft: painted in draft quality.
        stale: why the painting is not what would be painted now, a sentence's end; empty = it is.
        missing: frames that are to be rendered and are not painted, though their strength is above 0.
        is_unsure: a change inside a scene, a mask or a movie clip would not be noticed.
        can_be_painted: its source is there.
    """

    name: str
    is_draft: bool
    stale: str
    missing: int
    is_unsure: bool
    can_be_painted: bool

    @property
    def is_ready(self) -> bool:
        """True when it may be rendered as it is."""
        return not (self.is_draft or self.stale or self.missing)

    @property
    def sentence(self) -> str:
        """What the editor reads: "clip (Brushflow) is a draft; 3 frames are missing"."""
        parts = ["is a draft"] if self.is_draft else []
        parts += [self.stale] if self.stale else []
        if self.missing:
            parts.append("1 frame is missing" if self.missing == 1 else f"{self.missing} frames are missing")
        return f"{self.name} {'; '.join(parts) or 'is ready'}"


def stored_settings(result: Any) -> settings.StylizeSettings | None:
    """What a result is to be painted with; None where nothing, or nothing readable, is stored."""
    return _read(result.brushflow.settings)


def painted_settings(result: Any) -> settings.StylizeSettings | None:
    """What the pictures it shows were painted with; None as of ``stored_settings``."""
    return _read(result.brushflow.painted_with or result.brushflow.settings)


def is_draft(result: Any) -> bool:
    """True for a result that was painted in draft quality. Looks at memory only."""
    painted = painted_settings(result)
    return painted is not None and painted.quality == "draft"


def of(scene: Any, result: Any, frames: range) -> ResultState:
    """The state of one result; looks at the disk.

    Args:
        scene: the scene on whose timeline it lies.
        result: the strip.
        frames: the timeline_frames that are to be rendered.
    """
    source = result_strip.source_of(scene.sequence_editor, result)
    return ResultState(
        name=result.name,
        is_draft=is_draft(result),
        stale=_stale(scene, result, source),
        missing=len(missing_frames(scene, result, frames)),
        is_unsure=source is not None and source_state.may_change_unseen(source),
        can_be_painted=source is not None,
    )


def of_scene(scene: Any, frames: range | None = None) -> list[ResultState]:
    """The states of all results that show in a range of frames; by default the range that the scene renders."""
    if scene.sequence_editor is None:
        return []
    frames = range(scene.frame_start, scene.frame_end + 1) if frames is None else frames
    return [of(scene, result, frames) for result in shown_results(scene, frames)]


def shown_results(scene: Any, frames: range | None = None) -> list[Any]:
    """The results of a scene that are not muted, also inside meta strips; with ``frames`` only those that show then."""
    results = [strip for strip in strips.every(scene.sequence_editor) if result_strip.is_result(strip)]
    shown = [result for result in results if not result.mute]
    if frames is None:
        return shown
    return [
        result
        for result in shown
        if strips.first_frame(result) < frames.stop and strips.end_frame(result) > frames.start
    ]


def missing_frames(scene: Any, result: Any, frames: range) -> Sequence[int]:
    """The timeline_frames of a range that the result shows, at a strength above 0, without being painted."""
    start = int(strips.content_range(result)[0])
    first, end = max(frames.start, strips.first_frame(result)), min(frames.stop, strips.end_frame(result))
    if end <= first:
        return []
    painted = run_folder.painted_frames(result_strip.run_of(result))
    strengths = strips.strengths(scene, result, first, end - first)
    return [
        frame
        for frame, strength in zip(range(first, end), strengths, strict=True)
        if strength > 0.0 and frame - start not in painted
    ]


def _stale(scene: Any, result: Any, source: Any) -> str:
    mark = result.brushflow
    if source is None:
        return ""
    start, count = strips.content_range(result)
    if strips.first_frame(source) < start or strips.end_frame(source) > start + count:
        return "covers fewer frames than its source shows"
    if mark.source_state and mark.source_state != source_state.of(scene, source, int(start)):
        return "was painted before its source changed"
    if mark.painted_with and stored_settings(result) != painted_settings(result):
        return "was painted before its settings changed"
    return ""


@functools.lru_cache(maxsize=256)  # the panel asks for the same at each draw
def _read(text: str) -> settings.StylizeSettings | None:
    try:
        return settings.StylizeSettings.from_json(json.loads(text))
    except (ValueError, errors.SettingsError):
        return None
