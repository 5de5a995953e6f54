# SPDX-License-Identifier: GPL-3.0-or-later
"""``evaluate`` on the command line: how coherent, how sharp and how much in style a painted clip is.

Warp error, style loss and sharpness are always told together: blur lowers the first and a weak style does too.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from ..cache import Cache
from ..flow.dis import DisFlow
from ..frames import Clip
from ..metrics import contrast, flicker, sharpness, warp_error
from ..paint.choice import make_painter
from ..pipeline import ClipJob, stylize
from ..settings import StylizeSettings
from ..shots import Shot, ShotFinder
from ..weights import ModelLibrary
from .clip_source import Span, open_source
from .console import ConsoleWatch
from .stylize import settings_from

if TYPE_CHECKING:
    from ..training.style_meter import StyleMeter

_FAR = 10  # frames: the longer distance at which coherence is measured
_STYLE_SAMPLES = 6


@dataclasses.dataclass(frozen=True)
class Figures:
    """What is measured of one way to paint a clip.

    Attributes:
        warp_error: mean squared difference along the source's flow, one frame apart (Lai et al. 2018).
        warp_error_far: the same ten frames apart.
        relative: warp error divided by the variance of the painting's brightness.
        sharpness: root mean square of the brightness gradient.
        flicker: how much the mean brightness turns from frame to frame.
        style_loss: relative Gram distance to the style picture on VGG-19, or None where it was not measured.
    """

    warp_error: float
    warp_error_far: float
    relative: float
    sharpness: float
    flicker: float
    style_loss: float | None


def evaluate_file(options: argparse.Namespace) -> None:
    """Paint a clip frame by frame and settled, measure both and the source itself, and print a table."""
    settings = settings_from(options)
    with tempfile.TemporaryDirectory() as folder, ConsoleWatch() as watch:
        clip, _ = open_source(Path(options.source), Span.parse(options.span), Path(folder) / "source", watch)
        cache = Cache(Path(folder) / "cache")
        library = ModelLibrary()
        ways = {"source": clip}
        for name, stability in (("frame by frame", 0.0), ("settled", settings.stability)):
            way = dataclasses.replace(settings, stability=stability)
            ways[name] = _painted(clip, way, library, cache, Path(folder) / name, watch)
        meter = _style_meter(options, settings)
        shots = _shots(clip)
        rows = {name: measure(clip, painted, shots, meter) for name, painted in ways.items()}
    _print(rows, f"{Path(options.source).name}, {settings.style}, {len(clip)} frames")


def measure(source: Clip, painted: Clip, shots: Sequence[Shot], meter: StyleMeter | None = None) -> Figures:
    """All figures of a painted clip; flow is that of the source, and no pair crosses a cut."""
    estimator = DisFlow()
    near: list[float] = []
    far: list[float] = []
    contrasts: list[float] = []
    sharp: list[float] = []
    for shot in shots:
        for i in shot:
            cur = painted.read(i).rgb
            contrasts.append(contrast(cur))
            sharp.append(sharpness(cur))
            for distance, errors in ((1, near), (_FAR, far)):
                if i - distance >= shot.start:
                    motion = estimator.estimate(source.read(i - distance).rgb, source.read(i).rgb)
                    errors.append(warp_error(painted.read(i - distance).rgb, cur, motion))
    pumping = [flicker([painted.read(i).rgb for i in shot]) for shot in shots]
    samples = [int(i) for i in np.linspace(0, len(painted) - 1, _STYLE_SAMPLES)]
    style = float(np.mean([meter.style_loss(painted.read(i).rgb) for i in samples])) if meter else None
    error = float(np.nanmean(near)) if near else float("nan")
    return Figures(
        warp_error=error,
        warp_error_far=float(np.nanmean(far)) if far else float("nan"),
        relative=error / float(np.mean(np.square(contrasts))),
        sharpness=float(np.mean(sharp)),
        flicker=float(np.mean(pumping)),
        style_loss=style,
    )


def _painted(
    clip: Clip, settings: StylizeSettings, library: ModelLibrary, cache: Cache, folder: Path, watch: ConsoleWatch
) -> Clip:
    targets = tuple(folder / f"{i:06d}.png" for i in range(len(clip)))
    wanted = frozenset(range(len(clip)))
    job = ClipJob(clip, targets, wanted, 0, settings.stability, settings.anchor_spacing, settings.colour_lock)
    stylize(job, make_painter(settings, library), DisFlow(), cache, watch)
    return Clip(targets)


def _shots(clip: Clip) -> list[Shot]:
    finder = ShotFinder()
    for i in range(len(clip)):
        finder.add(clip.read(i).rgb)
    return finder.shots()


def _style_meter(options: argparse.Namespace, settings: StylizeSettings) -> StyleMeter | None:
    if not options.assets:
        return None
    from ..training.style_meter import StyleMeter

    return StyleMeter(Path(options.assets), settings.style)


def _print(rows: dict[str, Figures], title: str) -> None:
    table = Table(title=title)
    for heading in ("", "warp error", f"{_FAR} apart", "relative", "sharpness", "flicker", "style loss"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, row in rows.items():
        style = "not measured" if row.style_loss is None else f"{row.style_loss:.3f}"
        table.add_row(
            name,
            f"{row.warp_error:.6f}",
            f"{row.warp_error_far:.6f}",
            f"{row.relative:.4f}",
            f"{row.sharpness:.4f}",
            f"{row.flicker:.6f}",
            style,
        )
    Console().print(table)
