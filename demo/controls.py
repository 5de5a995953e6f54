# SPDX-License-Identifier: GPL-3.0-or-later
"""What each control does, on the same picture: ``python -m demo.controls`` (free of bpy; no Blender is needed).

Paints a stretch of the demo clip with each control at some values and lays one frame of each side by side, with labels,
on one sheet. Master is painted only where torch and safetensors are. Takes some minutes on two cores.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core.commands.console import Silent
from core.commands.movies import extract_movie
from core.errors import BrushflowError, EngineError
from core.flow.dis import DisFlow
from core.master import stylize_master
from core.paint.choice import make_painter
from core.pipeline import ClipJob, stylize
from core.settings import StylizeSettings
from core.storage.cache import Cache
from core.storage.frames import Clip, Frame, read_frame
from core.strength import mix
from core.styles.weights import ModelLibrary
from core.warp import resize_flow, warp

ROOT = Path(__file__).resolve().parent.parent
LARGEST = 300_000  # bytes
_SPAN = (24, 49)  # frames of the clip: a block between two keys, so that strokes have something to travel along
_SHOWN = 10  # of these
_STRETCH = tuple(range(6, 13))  # six steps: strokes held for two or three frames are renewed three times, or twice
_BEFORE_MASTER = 1  # frames
_CELL = 288, 162
_MARGIN, _LABEL, _TITLE = 8, 22, 30
_QUALITIES = (88, 84, 80, 76, 72, 68)
_GAIN = 6  # how much stronger changes are shown


@dataclasses.dataclass(frozen=True)
class Row:
    """One control.

    Attributes:
        title: what it shows.
        cells: picture and label of each value, (H, W, 3) uint8 RGB.
    """

    title: str
    cells: list[tuple[NDArray[np.uint8], str]]


class Easel:
    """Paints the clip's stretch with different settings; what two of them share is painted once.

    Args:
        clip: the frames.
        style: a style's identifier, or a picture.
        folder: for the paintings and their cache.
    """

    def __init__(self, clip: Clip, style: str, folder: Path) -> None:
        self._clip, self._style, self._folder = clip, style, folder
        self._cache, self._library = Cache(folder / "cache"), ModelLibrary()
        self._count = 0

    def source(self, frame_index: int = _SHOWN) -> Frame:
        """A frame as it is."""
        return self._clip.read(frame_index)

    def paint(self, frames: Sequence[int] = (_SHOWN,), **chosen: Any) -> list[Frame]:
        """These frames, painted with these settings.

        Raises:
            EngineError: Master is asked for, and torch or safetensors is not there.
        """
        settings = StylizeSettings(style=self._style, **chosen)
        self._count += 1
        print(f"{self._count:2d}  {chosen or 'defaults'}", flush=True)
        output = self._folder / f"{self._count:02d}"
        output.mkdir(parents=True)
        # Master goes through a shot frame by frame; the first one has more grain than those that follow.
        first = min(frames) - _BEFORE_MASTER if settings.quality == "master" else 0
        clip = Clip(self._clip.paths[first : max(frames) + 1] if first else self._clip.paths)
        targets = tuple(output / f"{i:06d}.png" for i in range(len(clip)))
        job = ClipJob.of(settings, clip, targets, frozenset(index - first for index in frames))
        if settings.quality == "master":
            stylize_master(job, settings, self._library, self._cache, Silent())
        else:
            stylize(job, make_painter(settings, self._library), DisFlow(), self._cache, Silent())
        return [read_frame(targets[index - first]) for index in frames]


def main(arguments: list[str] | None = None) -> int:
    """Makes the sheet; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path, default=ROOT / "demo" / "clip.mp4", help="a movie of 49 frames or more")
    parser.add_argument("--style", default="starry-night", help="a style preset, or any picture's file")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "pictures" / "controls.jpg", help="the sheet")
    parser.add_argument("--without-master", action="store_true", help="leave out Master, which takes the longest")
    options = parser.parse_args(arguments)
    qualities = ("draft", "final") if options.without_master else ("draft", "final", "master")
    try:
        with tempfile.TemporaryDirectory() as folder:
            clip = extract_movie(options.clip, Path(folder) / "source", _SPAN).clip
            easel = Easel(clip, options.style, Path(folder))
            look = [_brush_size(easel), _clarity(easel), _colour_lock(easel), _strength(easel)]
            save(sheet([*look, _quality(easel, qualities), _stability(easel), _hold_strokes(easel)]), options.out)
    except BrushflowError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{options.out}  {options.out.stat().st_size / 1000:.0f} kB")
    return 0


def _brush_size(easel: Easel) -> Row:
    cells = [(whole(easel.source()), "the source")]
    for size in (0.5, 1.0, 2.0):
        cells.append((whole(easel.paint(brush_size=size)[0]), f"{size:g}"))
    return Row("Brush Size", cells)


def _clarity(easel: Easel) -> Row:
    cells = [(whole(easel.source()), "the source")]
    for value in (0.0, 0.5, 1.0):
        cells.append((whole(easel.paint(clarity=value)[0]), f"{value:g}"))
    return Row("Clarity", cells)


def _colour_lock(easel: Easel) -> Row:
    values = (0.0, 0.4, 0.7, 1.0)
    return Row("Colour Lock", [(whole(easel.paint(colour_lock=value)[0]), f"{value:g}") for value in values])


def _strength(easel: Easel) -> Row:
    (painted,) = easel.paint()
    values = (0.0, 0.3, 0.6, 1.0)
    return Row("Strength", [(whole(mix(easel.source(), painted, value)), f"{value:g}") for value in values])


def _quality(easel: Easel, names: Sequence[str]) -> Row:
    cells = [(part(easel.source()), "the source")]
    for name in names:
        try:
            cells.append((part(easel.paint(quality=name)[0]), name.capitalize()))
        except EngineError as problem:
            print(f"{name} is left out: {problem}", file=sys.stderr)
    return Row("Quality: a part of the frame, pixel by pixel", cells)


def _stability(easel: Easel) -> Row:
    source = [easel.source(index) for index in _STRETCH]
    cells = [(change(source, source), "the source")]
    for value in (1.0, 0.5, 0.0):
        cells.append((change(source, easel.paint(_STRETCH, stability=value)), f"{value:g}"))
    return Row("Stability: what changes on things from frame to frame, six times as strong (black: nothing)", cells)


def _hold_strokes(easel: Easel) -> Row:
    source = [easel.source(index) for index in _STRETCH]
    names = {
        "surfaces": "Locked to Surfaces",
        "threes": "On Threes",
        "twos": "On Twos",
        "every-frame": "Every Frame",
    }
    cells = [(change(source, easel.paint(_STRETCH, hold_strokes=hold)), label) for hold, label in names.items()]
    return Row("Hold Strokes: the same", cells)


def whole(frame: Frame) -> NDArray[np.uint8]:
    """A frame in the size of a cell."""
    return np.asarray(Image.fromarray(frame.rgb).resize(_CELL, Image.Resampling.LANCZOS), np.uint8)


def part(frame: Frame) -> NDArray[np.uint8]:
    """As much of a frame as a cell holds, from a little above its middle."""
    (height, width), (across, down) = frame.size, _CELL
    left, top = max(0, (width - across) // 2), max(0, (height - down) // 3)
    return frame.rgb[top : top + down, left : left + across]


def change(source: Sequence[Frame], shown: Sequence[Frame]) -> NDArray[np.uint8]:
    """How much each pixel changes on what it shows, amplified, in the size of a cell.

    Each frame is carried to the next one along the motion of the source, as for the warp error (Lai et al. 2018), and
    the mean of what differs is taken. What was hidden before, or comes from outside, is black.

    Args:
        source: neighbouring frames, from which the motion is estimated.
        shown: the same frames, as they are or painted.
    """
    estimator = DisFlow()
    total = np.zeros(source[0].rgb.shape, np.float32)
    height, width = source[0].size
    for index in range(1, len(source)):
        motion = estimator.estimate(source[index - 1].rgb, source[index].rgb)
        hidden = cv2.resize(motion.occlusion_mask().astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
        flow = resize_flow(motion.flow_cur_to_prev, height, width)
        carried = warp(shown[index - 1].rgb.astype(np.float32), flow, sharp=True)
        total += np.abs(shown[index].rgb - carried) * (hidden == 0)[..., None]
    return whole(Frame(np.clip(total * (_GAIN / (len(source) - 1)), 0, 255).astype(np.uint8)))


def sheet(rows: Sequence[Row]) -> Image.Image:
    """All rows, one below the other, each cell with its label."""
    across = max(len(row.cells) for row in rows)
    width = across * (_CELL[0] + _MARGIN) + _MARGIN
    picture = Image.new("RGB", (width, len(rows) * (_TITLE + _CELL[1] + _LABEL) + _MARGIN), "white")
    draw = ImageDraw.Draw(picture)
    title_font, label_font = ImageFont.load_default(18), ImageFont.load_default(14)
    top = 0
    for row in rows:
        draw.text((_MARGIN, top + 7), row.title, "black", title_font)
        for number, (rgb, label) in enumerate(row.cells):
            left = _MARGIN + number * (_CELL[0] + _MARGIN)
            picture.paste(Image.fromarray(rgb), (left, top + _TITLE))
            draw.text((left, top + _TITLE + _CELL[1] + 3), label, "black", label_font)
        top += _TITLE + _CELL[1] + _LABEL
    return picture


def save(picture: Image.Image, path: Path) -> None:
    """Saves as JPEG, as good as it gets in 300 kB."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for quality in _QUALITIES:
        picture.save(path, quality=quality, optimize=True)
        if path.stat().st_size <= LARGEST:
            return


if __name__ == "__main__":
    sys.exit(main())
