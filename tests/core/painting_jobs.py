# SPDX-License-Identifier: GPL-3.0-or-later
"""Running the real pipeline in a test, and what it told on the way."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from core.flow.dis import DisFlow
from core.pipeline import ClipJob, stylize
from core.storage.cache import Cache

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.desk import Summary
    from core.paint.painter import Painter
    from core.storage.frames import Clip

COUNT = 20  # frames of the fixture ``clip``, three stretches: anchors 0, 8, 16 and the last frame

PROGRAM_START = (
    "import sys; sys.path.insert(0, sys.argv[1])\n"
    "from pathlib import Path\n"
    "from painting_jobs import run\n"
    "from core.storage.frames import Clip\n"
    "from core.paint.choice import make_painter\n"
    "from core.settings import StylizeSettings\n"
    "from core.styles.weights import ModelLibrary\n"
    "painter = make_painter(StylizeSettings(style=sys.argv[2], engine='opencv'), ModelLibrary())\n"
)
"""How a program begins that paints in a process of its own; its first arguments are this folder and a style."""


@dataclasses.dataclass
class Recorder:
    """Watches a job and keeps what it is told.

    Attributes:
        stop_after: ask to stop as soon as this many frames are done; None = never.
    """

    stop_after: int | None = None
    frames: list[tuple[int, Path, bool]] = dataclasses.field(default_factory=list)
    stages: list[tuple[str, int, int, float]] = dataclasses.field(default_factory=list)

    def progress(self, stage: str, done: int, total: int, seconds_left: float) -> None:
        self.stages.append((stage, done, total, seconds_left))

    def frame_done(self, frame_index: int, path: Path, reused: bool) -> None:
        assert path.is_file(), "a frame is announced when it lies there"
        self.frames.append((frame_index, path, reused))

    def should_stop(self) -> bool:
        return self.stop_after is not None and len(self.frames) >= self.stop_after


def run(
    clip: Clip,
    painter: Painter,
    output: Path,
    cache: Path,
    *,
    wanted: Collection[int] | None = None,
    focus: int = 0,
    stability: float = 1.0,
    anchor_spacing: int = 8,
    colour_lock: float = 0.0,
    hold_strokes: str = "surfaces",
    settling: str = "surfaces",
    watch: Recorder | None = None,
    limit_bytes: int = 0,
    is_draft: bool = False,
    quality: Path | None = None,
) -> Summary:
    """Paint the clip into ``output`` with the cache at ``cache``."""
    targets = tuple(output / f"{i:06d}.png" for i in range(len(clip)))
    frames = frozenset(range(len(clip)) if wanted is None else wanted)
    job = ClipJob(
        clip,
        targets,
        frames,
        focus,
        stability,
        anchor_spacing,
        colour_lock,
        hold_strokes,
        settling,
        is_draft,
        quality,
    )
    return stylize(job, painter, DisFlow(), Cache(cache, limit_bytes), watch or Recorder())


def results(output: Path) -> dict[str, bytes]:
    """The bytes of every file of a result folder, by name."""
    return {path.name: path.read_bytes() for path in sorted(output.iterdir())}
