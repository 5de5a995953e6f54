# SPDX-License-Identifier: GPL-3.0-or-later
"""``settle-study`` on the command line: every way of settling on the same clips, in figures and in pictures.

Warp error, style loss and sharpness are always told together: blur lowers the first and a weak style does too.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from ..errors import MediaError, SettingsError
from ..flow.dis import DisFlow
from ..flow.given import GivenMotion
from ..flow.motion import FlowEstimator
from ..metrics import sharpness
from ..paint.choice import make_painter
from ..pipeline import ClipJob, stylize
from ..settings import StylizeSettings
from ..storage.cache import Cache
from ..storage.frames import Clip, Frame, write_frame
from ..storage.whole_file import write_whole
from ..styles.weights import ModelLibrary
from .clip_source import Span, open_source
from .console import ConsoleWatch
from .figures import FAR, Figures, SourceClip, measure
from .methods import METHODS, settings_of
from .research.document import Block, Heading, Paragraph, Sheet, Table, as_markdown, number
from .true_motion import TrueScene, TruthFigures

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..training.style_meter import StyleMeter

WAYS: Mapping[str, Mapping[str, Any]] = {"frame by frame": {"settling": "frames"}, **METHODS}
"""Every way in the study, and the settings that choose it; the others are compared with the first."""

_ALONE = next(iter(WAYS))
_TOLD = "surfaces, Blender's motion"
_END = 24  # frames at the end of a shot in which sharpness is looked at once more
_SHOWN = (0, 1, 2, FAR)  # frames of a contact sheet, from the middle of the clip on
_CROP = (150, 240)  # height and width in pixels
_MOST_BYTES = 150_000
_QUALITIES = range(90, 30, -10)


@dataclasses.dataclass(frozen=True)
class _Row:
    """One way on one clip.

    Attributes:
        end_sharpness: mean over the last frames.
        seconds: of processor time for a frame, from file to file, all cores together.
        crop: the frames of the contact sheet side by side, (h, w, 3) uint8.
    """

    figures: Figures
    end_sharpness: float
    seconds: float
    crop: NDArray[np.uint8]


def settle_study(options: argparse.Namespace) -> None:
    """Paint every clip in every way, measure, and write ``settling.md`` with its pictures into the folder.

    Raises:
        SettingsError: there is nothing to measure, or no such way.
        MediaError: a clip or a scene is missing or damaged.
    """
    folder, chosen = Path(options.out), _chosen(options)
    if not options.sources and not options.truth:
        raise SettingsError("There is neither a clip nor a scene to measure.", "Name clips, or scenes with --truth.")
    blocks: list[Block] = [Heading("Ways of settling", 1), Paragraph(_introduction(options))]
    if options.sources:
        blocks += _of_clips(options, chosen, folder)
    if options.truth:
        blocks += [Heading("Along the true motion"), Paragraph(_TRUTH)]
        for scene in options.truth:
            blocks += [Heading(Path(scene).name, 3), _along_truth(TrueScene(Path(scene)), options.style, chosen)]
    write_whole(folder / "settling.md", as_markdown(blocks).encode())
    print(folder / "settling.md")


def _of_clips(options: argparse.Namespace, chosen: Iterable[str], folder: Path) -> list[Block]:
    """A table of each clip, and pictures of all of them."""
    if not options.assets:
        raise SettingsError("Style loss needs its loss network.", "Name the folder it is in with --assets.")
    from ..training.style_meter import StyleMeter

    blocks: list[Block] = []
    crops: dict[str, list[NDArray[np.uint8]]] = {way: [] for way in chosen}
    meter = StyleMeter(Path(options.assets), options.style)
    for text in options.sources:
        path, _, span = text.partition("@")
        rows = _measured(Path(path), Span.parse(span or None), options, meter)
        frames = "" if not span else f", frames {span.replace(':', ' to ')}"
        blocks += [Heading(f"{Path(path).name}{frames}"), _table(rows)]
        for way, row in rows.items():
            crops[way].append(row.crop)
    return [*blocks, Heading("How it looks"), Paragraph(_LOOK), _sheets(crops, folder)]


def _along_truth(scene: TrueScene, style: str, chosen: Mapping[str, Mapping[str, Any]]) -> Table:
    """Every way on one scene whose motion is known."""
    found: dict[str, TruthFigures] = {}
    with tempfile.TemporaryDirectory() as work, ConsoleWatch() as watch:
        for way, settings in chosen.items():
            painted, _ = _painted(scene.clip, settings_of(style, settings), Path(work) / way, watch)
            found[way] = scene.measure(painted)
        if scene.told is not None:
            told = GivenMotion(scene.told, DisFlow())
            painted, _ = _painted(scene.clip, settings_of(style, {}), Path(work) / _TOLD, watch, told)
            found[_TOLD] = scene.measure(painted)
    alone, rows = found[_ALONE], []
    for way, figures in found.items():
        row = [way]
        for one, own, places in (
            (figures.true, alone.true, 6),
            (figures.true_far, alone.true_far, 5),
            (figures.estimated, alone.estimated, 6),
            (figures.sharpness, alone.sharpness, 4),
        ):
            row += [number(one, f".{places}f"), number(one / own, ".2f")]
        rows.append(tuple(row))
    headings = "", "true motion", "share", f"{FAR} apart", "share", "estimated motion", "share", "sharpness", "share"
    return Table(headings, tuple(rows))


_LOOK = (
    f"Parts of the middle of each clip, a row each, at 100 %: a frame, the next, the one after it, and the one {FAR} "
    "frames on. What is painted on a thing should be on it in all four."
)

_TRUTH = (
    "Scenes of `demo/truth_scenes.py`, rendered with `demo/make_truth.py`, whose motion is known exactly: warp error "
    f"along that motion, one and {FAR} frames apart, where a point is seen in both; beside it the one along the motion "
    "that the default estimator finds, with which paint is carried and by which the tables above judge."
)


def _introduction(options: argparse.Namespace) -> str:
    written = f"Written by `{_command(options)}`. Shares are of frame by frame. Features are mixed in torch, "
    written += "all else is painted with OpenCV."
    if not options.sources:
        return written
    return (
        f"{written} Clips are painted at a height of at most {options.height} pixels. Warp error is the mean squared "
        f"change along the source's own motion (Lai et al. 2018), one and {FAR} frames apart; relative is the warp "
        "error over the variance of the picture. Style loss is measured on VGG-19, sharpness is the RMS gradient, at "
        f"the end that of the last {_END} frames against frame by frame's in the same frames. Time is that of all "
        "processor cores for a frame, from file to file."
    )


def _command(options: argparse.Namespace) -> str:
    """What was typed, without the folders of this machine."""
    words = ["python -m core settle-study", *(Path(source).name for source in options.sources)]
    words += ["--assets ASSETS"] if options.assets else []
    words += ["--truth", *(f"TRUTH/{Path(scene).name}" for scene in options.truth)] if options.truth else []
    words += [f"--style {options.style}"]
    words += ["--ways", *(f'"{way}"' if " " in way else way for way in options.ways)] if options.ways else []
    return " ".join(words)


def _chosen(options: argparse.Namespace) -> dict[str, Mapping[str, Any]]:
    """The ways asked for, frame by frame always among them. Raises ``SettingsError`` for an unknown one."""
    for way in options.ways or ():
        if way not in WAYS:
            raise SettingsError(f"The way {way!r} is not known.", f"There are {', '.join(WAYS)}.")
    return {way: chosen for way, chosen in WAYS.items() if way == _ALONE or way in (options.ways or WAYS)}


def _measured(path: Path, span: Span, options: argparse.Namespace, meter: StyleMeter) -> dict[str, _Row]:
    rows = {}
    with tempfile.TemporaryDirectory() as work, ConsoleWatch() as watch:
        decoded, _ = open_source(path, span, Path(work) / "decoded", watch)
        clip = _at_height(decoded, options.height, Path(work) / "source")
        source = SourceClip(clip)
        for way, chosen in _chosen(options).items():
            painted, seconds = _painted(clip, settings_of(options.style, chosen), Path(work) / way, watch)
            figures = measure(source, painted, meter)
            end = [sharpness(painted.read(i).rgb) for i in range(max(0, len(clip) - _END), len(clip))]
            rows[way] = _Row(figures, float(np.mean(end)), seconds, _crop(painted))
    return rows


def _at_height(clip: Clip, most: int, folder: Path) -> Clip:
    """The clip made smaller where it is higher, in files of its own."""
    targets = tuple(folder / f"{i:06d}.png" for i in range(len(clip)))
    for i, target in enumerate(targets):
        rgb = clip.read(i).rgb
        height, width = rgb.shape[:2]
        if height > most:
            size = 2 * round(width * most / height / 2), most
            rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        write_frame(target, Frame(rgb))
    return Clip(targets)


def _painted(
    clip: Clip, settings: StylizeSettings, folder: Path, watch: ConsoleWatch, flow: FlowEstimator | None = None
) -> tuple[Clip, float]:
    """The clip painted on an empty cache, and the processor's time for a frame in seconds; ``flow``: else DIS."""
    targets = tuple(folder / f"{i:06d}.png" for i in range(len(clip)))
    job = ClipJob.of(settings, clip, targets, frozenset(range(len(clip))))
    with tempfile.TemporaryDirectory() as cache:
        started = time.process_time()
        stylize(job, make_painter(settings, ModelLibrary()), flow or DisFlow(), Cache(Path(cache)), watch)
        spent = time.process_time() - started
    return Clip(targets), spent / len(clip)


def _table(rows: Mapping[str, _Row]) -> Table:
    alone = rows[_ALONE]
    headings = (
        *("", "warp error", "share", f"{FAR} apart", "share", "relative", "style loss", "sharpness", "share"),
        *("at the end", "time"),
    )
    cells = []
    for way, row in rows.items():
        figures, own = row.figures, alone.figures
        cells.append(
            (
                way,
                number(figures.warp_error, ".6f"),
                number(figures.warp_error / own.warp_error, ".2f"),
                number(figures.warp_error_far, ".5f"),
                number(figures.warp_error_far / own.warp_error_far, ".2f"),
                number(figures.relative, ".4f"),
                number(figures.style_loss, ".3f"),
                number(figures.sharpness, ".4f"),
                number(figures.sharpness / own.sharpness, ".2f"),
                number(row.end_sharpness / alone.end_sharpness, ".2f"),
                number(row.seconds / alone.seconds, ".2f"),
            )
        )
    return Table(headings, tuple(cells))


def _crop(painted: Clip) -> NDArray[np.uint8]:
    first = max(0, min(len(painted) // 2, len(painted) - 1 - FAR))
    shown = [painted.read(min(first + step, len(painted) - 1)).rgb for step in _SHOWN]
    height, width = shown[0].shape[:2]
    top, left = max(0, (height - _CROP[0]) // 2), max(0, (width - _CROP[1]) // 2)
    return np.hstack([rgb[top : top + _CROP[0], left : left + _CROP[1]] for rgb in shown])


def _sheets(crops: Mapping[str, Sequence[NDArray[np.uint8]]], folder: Path) -> Sheet:
    """A picture of each way, small enough to be kept with the code."""
    pictures = []
    for way, rows in crops.items():
        name = f"pictures/settling/{way.replace(' ', '-')}.jpg"
        write_whole(folder / name, _small_jpeg(np.vstack(rows)))
        pictures.append((way, name))
    return Sheet(tuple(pictures))


def _small_jpeg(rgb: NDArray[np.uint8]) -> bytes:
    for quality in _QUALITIES:
        good, data = cv2.imencode(".jpg", rgb[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, quality))
        if good and data.size < _MOST_BYTES:
            return data.tobytes()
    raise MediaError(f"A sheet of {rgb.shape[1]}x{rgb.shape[0]} pixels is too large.", "Name fewer clips.")
