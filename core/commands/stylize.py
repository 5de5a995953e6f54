# SPDX-License-Identifier: GPL-3.0-or-later
"""``stylize`` on the command line: a movie or a folder in, a movie or a folder out."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs

from ..desk import Summary
from ..errors import MediaError
from ..master import refuse_without_packages, stylize_master
from ..paint.choice import find_style, make_painter
from ..pipeline import ClipJob, stylize
from ..quality import FILE_NAME, read_quality, summary_line
from ..settings import StylizeSettings
from ..storage.cache import Cache, cache_key
from ..storage.frames import Clip, Frame, read_frame, write_frame
from ..storage.whole_file import cannot_write
from ..strength import StrengthCurve, mix
from ..styles.weights import ModelLibrary
from .clip_source import Span, open_source
from .console import ConsoleWatch
from .flow_choice import estimator_from
from .movies import MOVIE_SUFFIXES, is_movie, write_movie
from .styles_folder import styles_folder


def settings_from(options: argparse.Namespace) -> StylizeSettings:
    """The settings that the command line names; there is no resolution, frames are painted at the size they have."""
    names = [field.name for field in dataclasses.fields(StylizeSettings) if field.name != "resolution"]
    return StylizeSettings(**{name: getattr(options, name) for name in names})


def stylize_file(options: argparse.Namespace) -> None:
    """Paint IN to OUT; see ``python -m core stylize --help``.

    Raises:
        BrushflowError: what is wrong and what to do. Ctrl-C leaves the cache, so that the same command goes on.
    """
    settings = settings_from(options)
    curve = StrengthCurve.parse(options.strength)
    library = ModelLibrary(user_folder=styles_folder(options.styles))
    paint = (_master if settings.quality == "master" else _final)(options, settings, library)
    source, target, span = Path(options.source), Path(options.target), Span.parse(options.span)
    _check_target(source, target)
    cache = Cache(Path(options.cache) if options.cache else platformdirs.user_cache_path("brushflow"))
    work = cache.root / "command-line" / _identity(source, span)
    with ConsoleWatch() as watch, _own_folder(work) as painted:
        clip, movie = open_source(source, span, work / "source", watch)
        if movie is None and is_movie(target):
            raise MediaError(f"{source} is a folder and has no frame rate for {target}.", "Name a folder as OUT.")
        strengths = [curve.at(i + span.first) for i in range(len(clip))]
        targets = tuple(painted / f"{i:06d}.png" for i in range(len(clip)))
        wanted = frozenset(i for i, strength in enumerate(strengths) if strength > 0.0)
        job = ClipJob.of(settings, clip, targets, wanted, quality=painted / FILE_NAME)
        if wanted:
            paint(job, cache, watch)
        quality = summary_line(read_quality(painted / FILE_NAME), span.first)
        mixed = _mixed(clip, targets, strengths, watch)
        if movie is not None and is_movie(target):
            write_movie(target, mixed, movie, source)
        else:
            for index, frame in enumerate(mixed):
                write_frame(target / f"{index + span.first:06d}.png", frame)
    if {path.name for path in work.glob("*")} <= {"source"}:  # no other command is at work on this source
        shutil.rmtree(work, ignore_errors=True)
    if quality:
        print(quality)
    print(target)


def _final(
    options: argparse.Namespace, settings: StylizeSettings, library: ModelLibrary
) -> Callable[[ClipJob, Cache, ConsoleWatch], Summary]:
    painter, estimator = make_painter(settings, library), estimator_from(options, settings)
    return lambda job, cache, watch: stylize(job, painter, estimator, cache, watch)


def _master(
    options: argparse.Namespace, settings: StylizeSettings, library: ModelLibrary
) -> Callable[[ClipJob, Cache, ConsoleWatch], Summary]:
    refuse_without_packages()
    from ..optimise.brush import MasterPlan

    find_style(settings.style, library)  # an unknown one is told before anything is decoded
    plan = MasterPlan(options.loss_network, iterations=options.iterations, passes=options.passes)
    return lambda job, cache, watch: stylize_master(job, settings, library, cache, watch, plan)


@contextlib.contextmanager
def _own_folder(work: Path) -> Iterator[Path]:
    """A folder for the painted frames of this command alone, also when others work on the same source.

    It goes in the end however that comes: its frames are in the stages' cache too.
    """
    try:
        work.mkdir(parents=True, exist_ok=True)
        own = tempfile.TemporaryDirectory(prefix="painted-", dir=work, ignore_cleanup_errors=True)
    except OSError as error:
        raise cannot_write(work, error) from error
    with own as folder:
        yield Path(folder)


def _check_target(source: Path, target: Path) -> None:
    """Raises ``MediaError`` where OUT could not be written, before anything is painted."""
    if target.resolve() == source.resolve():
        raise MediaError(f"OUT {target} is IN itself, which would be overwritten.", "Name another OUT.")
    if is_movie(target) and not target.parent.is_dir():
        raise MediaError(f"The folder {target.parent} of OUT does not exist.", "Make it, or name another OUT.")
    if not is_movie(target) and target.exists() and not target.is_dir():
        raise MediaError(f"OUT {target} is a file.", f"Name a folder, or a movie ({', '.join(MOVIE_SUFFIXES)}).")


def _mixed(clip: Clip, painted: tuple[Path, ...], strengths: list[float], watch: ConsoleWatch) -> Iterator[Frame]:
    """The frames of the result, one at a time."""
    for index, strength in enumerate(strengths):
        frame = clip.read(index)
        if strength > 0.0:
            frame = mix(frame, read_frame(painted[index]), strength)
        yield frame
        watch.progress("Writing", index + 1, len(clip), -1.0)


def _identity(source: Path, span: Span) -> str:
    """Names this source so that an interrupted command finds its work again, and a changed file does not."""
    status = source.stat() if source.exists() else None
    return cache_key(str(source.resolve()), status and (status.st_size, status.st_mtime_ns), span)
