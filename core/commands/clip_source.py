# SPDX-License-Identifier: GPL-3.0-or-later
"""What the commands read: a movie or a folder of pictures, whole or a range of it. Needs PyAV for movies."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from ..errors import MediaError, SettingsError
from ..storage.frames import Clip
from .console import ConsoleWatch
from .movies import ExtractedMovie, extract_movie


@dataclasses.dataclass(frozen=True)
class Span:
    """Frames ``first`` … ``stop - 1`` of a source, counted from 0; ``stop`` None = to the end."""

    first: int = 0
    stop: int | None = None

    @classmethod
    def parse(cls, text: str | None) -> Span:
        """A span from "FIRST:STOP", either side may be empty; None is everything. Raises ``SettingsError``."""
        if text is None:
            return cls()
        first, colon, stop = text.partition(":")
        try:
            span = cls(int(first or 0), int(stop) if stop else None)
        except ValueError:
            span = cls(-1)
        if not colon or span.first < 0 or (span.stop is not None and span.stop <= span.first):
            raise SettingsError(f"The range {text!r} is not FIRST:STOP.", "Write 0:48 for the first 48 frames.")
        return span


def open_source(source: Path, span: Span, work: Path, watch: ConsoleWatch) -> tuple[Clip, ExtractedMovie | None]:
    """The frames of a movie or folder, and the movie's facts if it is one.

    Args:
        work: folder for the decoded frames of a movie.

    Raises:
        MediaError: nothing there, not readable, or no frame in the span.
    """
    if source.is_dir():
        clip = Clip(Clip.from_folder(source).paths[span.first : span.stop])
        if not len(clip):
            raise MediaError(f"{source} has no frame from {span.first} on.", "Choose another range.")
        return clip, None
    if not source.is_file():
        raise MediaError(f"{source} does not exist.", "Check the path.")
    movie = extract_movie(source, work, (span.first, span.stop), lambda done: watch.progress("Decoding", done, 0, -1.0))
    return movie.clip, movie
