# SPDX-License-Identifier: GPL-3.0-or-later
"""``evaluate`` on the command line: how coherent, how sharp and how much in style a painted clip is.

Warp error, style loss and sharpness are always told together: blur lowers the first and a weak style does too.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from ..errors import SettingsError
from ..flow.motion import FlowEstimator
from ..paint.choice import find_style, make_painter
from ..paint.painter import Painter
from ..pipeline import ClipJob, stylize
from ..settings import StylizeSettings
from ..storage.cache import Cache
from ..storage.frames import Clip
from ..styles.weights import ModelLibrary
from .clip_source import Span, open_source
from .console import ConsoleWatch
from .figures import FAR, Figures, SourceClip, measure
from .flow_choice import estimator_from
from .styles_folder import styles_folder
from .stylize import settings_from

if TYPE_CHECKING:
    from ..training.style_meter import StyleMeter


def evaluate(options: argparse.Namespace) -> None:
    """One clip in one style, as a table; with ``--report``, painters x styles x clips, as a report."""
    if options.report:
        _evaluate_all(options)
    elif len(options.sources) > 1:
        raise SettingsError(f"{len(options.sources)} clips need a report.", "Name its folder with --report.")
    else:
        _evaluate_one(options)


def _evaluate_all(options: argparse.Namespace) -> None:
    from .research.bench import Plan, run_bench
    from .research.painters import QUICK_PAINTERS
    from .research.report import write_report

    for style in options.styles or [options.style]:
        find_style(style, ModelLibrary())  # an unknown one is told before anything is measured
    plan = Plan(
        sources=tuple(map(Path, options.sources)),
        styles=tuple(options.styles or [options.style]),
        painters=tuple(options.painters or QUICK_PAINTERS),
        span=Span.parse(options.span),
        height=options.height,
        assets=Path(options.assets) if options.assets else None,
        pictures=not options.no_pictures,
    )
    with ConsoleWatch() as watch:
        results = run_bench(plan, Path(options.report), watch)
    for name, reason in results.missing.items():
        print(f"{name} is missing: {reason}", file=sys.stderr)
    print(*write_report(results, plan, Path(options.report)), sep="\n")


def _evaluate_one(options: argparse.Namespace) -> None:
    """Paint a clip frame by frame and settled, measure both and the source itself, and print a table."""
    settings = settings_from(options)
    estimator = estimator_from(options, settings)
    meter = _style_meter(options, settings)  # a picture that cannot be read is told before anything is painted
    with tempfile.TemporaryDirectory() as folder, ConsoleWatch() as watch:
        clip, _ = open_source(Path(options.sources[0]), Span.parse(options.span), Path(folder) / "source", watch)
        cache = Cache(Path(folder) / "cache")
        library = ModelLibrary(user_folder=styles_folder(None))
        ways = {"source": clip}
        for name, stability in (("frame by frame", 0.0), ("settled", settings.stability)):
            way = dataclasses.replace(settings, stability=stability)
            ways[name] = _painted(clip, way, make_painter(way, library), estimator, cache, Path(folder) / name, watch)
        source = SourceClip(clip)
        rows = {name: measure(source, painted, meter) for name, painted in ways.items()}
    _print(rows, f"{Path(options.sources[0]).name}, {settings.style}, {len(clip)} frames")


def _painted(
    clip: Clip,
    settings: StylizeSettings,
    painter: Painter,
    estimator: FlowEstimator,
    cache: Cache,
    folder: Path,
    watch: ConsoleWatch,
) -> Clip:
    targets = tuple(folder / f"{i:06d}.png" for i in range(len(clip)))
    wanted = frozenset(range(len(clip)))
    stylize(ClipJob.of(settings, clip, targets, wanted), painter, estimator, cache, watch)
    return Clip(targets)


def _style_meter(options: argparse.Namespace, settings: StylizeSettings) -> StyleMeter | None:
    if not options.assets:
        return None
    from ..training.style_meter import StyleMeter

    picture = options.style_picture and str(Path(options.style_picture).absolute())
    return StyleMeter(Path(options.assets), picture or settings.style)


def _print(rows: dict[str, Figures], title: str) -> None:
    table = Table(title=title)
    for heading in ("", "warp error", f"{FAR} apart", "relative", "sharpness", "flicker", "halo", "style loss"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, row in rows.items():
        style = "not measured" if math.isnan(row.style_loss) else f"{row.style_loss:.3f}"
        table.add_row(
            name,
            f"{row.warp_error:.6f}",
            f"{row.warp_error_far:.6f}",
            f"{row.relative:.4f}",
            f"{row.sharpness:.4f}",
            f"{row.flicker:.6f}",
            f"{row.halo:.3f}",
            style,
        )
    Console().print(table)
