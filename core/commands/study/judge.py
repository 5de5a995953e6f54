# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures painters on frames that none of them learnt from. Free of bpy, needs torch and the assets."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...metrics import noise_gain
from ...storage.frames import Clip, Frame, write_frame
from ...training.checkpoint import HousePainter
from ...training.data import resize_short_side, to_picture, to_tensor
from ...training.practice import footage_frames
from ...training.samples import paint_picture
from ...training.style_meter import StyleMeter
from ..clip_source import Span, open_source
from ..console import ConsoleWatch
from ..figures import Figures, SourceClip, measure
from ..peers.choice import Paint
from ..research.bench import copied, noisy, scaled

if TYPE_CHECKING:
    from numpy.typing import NDArray

Artist = Callable[["NDArray[np.uint8]"], Paint]
"""Gets to know a shot by one frame of it, and then paints that shot's frames; frames are (H, W, 3) uint8 RGB."""


@dataclasses.dataclass(frozen=True)
class Marks:
    """What is measured of one painter in one style.

    Attributes:
        style_loss, content_loss: on VGG-19 in float32, means over pictures; see ``StyleMeter``.
        noise_gain: how many times as large as noise in a picture the change of its painting is.
        warp_error, warp_error_far: on the clip, see ``core.commands.figures``.
    """

    style_loss: float
    content_loss: float
    noise_gain: float
    warp_error: float
    warp_error_far: float


def artist_of(painter: HousePainter) -> Artist:
    """The house network as it is used: its normalisation fixed for the shot."""

    def know(shot: NDArray[np.uint8]) -> Paint:
        statistics_of = to_tensor(shot)

        def paint(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
            frame = to_tensor(rgb)
            return to_picture(paint_picture(painter.network, frame, painter.gamma, painter.beta, statistics_of))

        return paint

    return know


class Judge:
    """Judges all painters on the same pictures and the same moving clip.

    Args:
        assets: folder with ``clips``, of each of which the middle frame is a picture, and VGG-19.
        clip: movie or folder of pictures that moves; ``span`` says which of its frames.
        height: short side of the pictures and height of the clip, in pixels.

    Raises:
        MediaError: a clip is missing or not readable.
    """

    def __init__(self, assets: Path, clip: Path, span: Span, height: int) -> None:
        self._assets = assets
        self._folder = tempfile.TemporaryDirectory()
        self.pictures = [
            resize_short_side(footage_frames(path, 1)[0], height) for path in sorted((assets / "clips").iterdir())
        ]
        work = Path(self._folder.name)
        with ConsoleWatch() as watch:
            frames, _ = open_source(clip, span, work / "decoded", watch)
        self._source = SourceClip(copied(frames, work / "clip", lambda rgb: scaled(rgb, height)))
        self._meters: dict[str, StyleMeter] = {}

    def marks(self, artist: Artist, style: str) -> Marks:
        """All that is measured of a painter."""
        paints = [artist(rgb) for rgb in self.pictures]
        painted = [paint(rgb) for paint, rgb in zip(paints, self.pictures, strict=True)]
        random = np.random.default_rng(7)
        gains = []
        for paint, rgb, clean in zip(paints, self.pictures, painted, strict=True):
            disturbed = np.asarray(noisy(rgb, random), np.uint8)
            gains.append(noise_gain(rgb, disturbed, clean, paint(disturbed)))
        moving = self._on_the_clip(artist)
        losses = self.losses(painted, style)
        return Marks(*losses, float(np.mean(gains)), moving.warp_error, moving.warp_error_far)

    def paintings(self, artist: Artist) -> list[NDArray[np.uint8]]:
        """The pictures, painted."""
        return [artist(rgb)(rgb) for rgb in self.pictures]

    def losses(self, painted: Sequence[NDArray[np.uint8]], style: str) -> tuple[float, float]:
        """Style loss and content loss of paintings of the pictures, means over them."""
        if style not in self._meters:
            self._meters[style] = StyleMeter(self._assets, style)
        meter = self._meters[style]
        losses = [meter.losses(*pair) for pair in zip(painted, self.pictures, strict=True)]
        style_loss, content_loss = np.mean(losses, 0)
        return float(style_loss), float(content_loss)

    def _on_the_clip(self, artist: Artist) -> Figures:
        clip = self._source.clip
        with tempfile.TemporaryDirectory() as folder:
            paint = artist(clip.read(0).rgb)
            targets = tuple(Path(folder) / path.name for path in clip.paths)
            for number, target in enumerate(targets):
                write_frame(target, Frame(paint(clip.read(number).rgb)))
            return measure(self._source, Clip(targets))
