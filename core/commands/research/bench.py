# SPDX-License-Identifier: GPL-3.0-or-later
"""The research bench: paints, measures and keeps every row, then writes the report. Free of bpy."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ...errors import EngineError, MediaError, SettingsError
from ...flow.dis import DisFlow
from ...metrics import noise_gain
from ...shots import cuts
from ...storage.cache import cache_key
from ...storage.frames import Clip, Frame, write_frame
from ...storage.whole_file import write_whole
from ..clip_source import Span, open_source
from ..console import ConsoleWatch
from ..figures import Figures, SourceClip, measure
from ..peers.choice import OF_ONE_STYLE
from .painters import PAINTERS, Painting, key_of, paint_alone
from .rows import Row, RowStore, file_name, name_of

if TYPE_CHECKING:
    from ...training.style_meter import StyleMeter

# Counts up when the same painter on the same clip would be measured otherwise.
_VERSION = 2
OWN_STYLE = "its own"
"""The style of a painter that has but one, which no picture at hand shows."""

NOISE_LEVELS = 4.0
"""Deviation of the noise that is put in, of 255 levels: that of a phone's camera indoors."""

_NOISE_FRAMES = 9  # from one anchor to the next: what settling does to noise is seen as well
_JPEG_QUALITY = 92
_HEIGHTS = 64, 2160


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to measure.

    Attributes:
        sources: movies or folders of pictures.
        styles: presets, or paths of pictures.
        painters: some of ``painters.PAINTERS``.
        span: frames of each source.
        height: of the frames when they are painted, in pixels.
        assets: folder of style pictures, loss network and peers, or None.
        pictures: whether the report shows frames: not everybody's may be passed on.
    """

    sources: tuple[Path, ...]
    styles: tuple[str, ...]
    painters: tuple[str, ...]
    span: Span
    height: int
    assets: Path | None
    pictures: bool = True

    def __post_init__(self) -> None:
        for painter in self.painters:
            if painter not in PAINTERS:
                raise SettingsError(f"There is no painter {painter!r}.", f"There are {', '.join(PAINTERS)}.")
        if not _HEIGHTS[0] <= self.height <= _HEIGHTS[1]:
            raise SettingsError(f"The height is {self.height}; {_HEIGHTS[0]} to {_HEIGHTS[1]} pixels were expected.")
        names = [file_name(source.stem) for source in self.sources]
        if len(set(names)) < len(names):
            raise SettingsError(f"Two clips have one name: {', '.join(names)}.", "Rename one of them.")


@dataclasses.dataclass(frozen=True)
class Results:
    """Rows in order of clips, styles and painters, and why painters are missing, by name."""

    rows: tuple[Row, ...]
    missing: dict[str, str]


def run_bench(plan: Plan, folder: Path, watch: ConsoleWatch) -> Results:
    """Measure all of a plan, but for what lies measured in the folder already."""
    return _Run(plan, folder, watch).results()


class _Run:
    def __init__(self, plan: Plan, folder: Path, watch: ConsoleWatch) -> None:
        self._plan, self._folder, self._watch = plan, folder, watch
        self._store = RowStore(folder / "rows", Row)
        self._rows: list[Row] = []
        self._missing: dict[str, str] = {}
        self._started, self._measured = time.monotonic(), 0
        self._meters: dict[str, StyleMeter | None] = {}

    def results(self) -> Results:
        total = len(self._plan.sources) * len(list(self._pairs()))
        for number, source in enumerate(self._plan.sources):
            with tempfile.TemporaryDirectory() as work:
                bench = _ClipBench(source, self._plan, Path(work), self._watch)
                for place, (painter, style) in enumerate(self._pairs()):
                    self._one(bench, painter, style)
                    done = number * len(list(self._pairs())) + place + 1
                    self._watch.progress("Measuring", done, total, self._seconds_left(total - done))
        return Results(tuple(self._rows), self._missing)

    def _pairs(self) -> Iterator[tuple[str, str]]:
        """Painters and styles; one that has but one style comes once."""
        for style in self._plan.styles:
            for painter in self._plan.painters:
                if painter not in OF_ONE_STYLE or style == self._plan.styles[0]:
                    yield painter, style

    def _one(self, bench: _ClipBench, painter: str, style: str) -> None:
        shown = OWN_STYLE if painter in OF_ONE_STYLE else name_of(style)
        name = file_name(bench.name, shown, painter)
        try:
            painter_key = key_of(painter, style)
        except EngineError as error:
            self._missing[painter] = str(error)
            return
        # Every painter is measured along the motion of the source, within its shots.
        measured = _VERSION, cuts.VERSION, DisFlow().key
        key = cache_key("row", measured, bench.key, style, painter_key, bool(self._plan.assets))
        row = self._store.read(name, key)
        if row is None or not (self._folder / row.picture).is_file():
            painted = bench.paint(painter, style)
            if isinstance(painted, str):
                self._missing[painter] = painted
                return
            figures = bench.figures(painted, self._meter(style))
            if painter in OF_ONE_STYLE:
                figures = dataclasses.replace(figures, style_loss=float("nan"))
            numbers = dataclasses.asdict(figures) | painted.numbers()
            row = Row(key, bench.name, shown, painter, f"pictures/{name}.jpg", numbers)
            write_whole(self._folder / row.picture, painted.middle_jpeg())
            self._store.write(name, row)
            self._measured += 1
        self._rows.append(row)

    def _meter(self, style: str) -> StyleMeter | None:
        if self._plan.assets is None:
            return None
        if style not in self._meters:
            from ...training.style_meter import StyleMeter

            self._meters[style] = StyleMeter(self._plan.assets, style)
        return self._meters[style]

    def _seconds_left(self, rows: int) -> float:
        return (time.monotonic() - self._started) / self._measured * rows if self._measured else -1.0


@dataclasses.dataclass(frozen=True)
class _Painted:
    """A painted clip, with what its noise, time and memory were."""

    clip: Clip
    noise_gain: float
    seconds: float
    megabytes: float

    def numbers(self) -> dict[str, float]:
        return {"noise_gain": self.noise_gain, "seconds": self.seconds, "megabytes": self.megabytes}

    def middle_jpeg(self) -> bytes:
        rgb = self.clip.read(len(self.clip) // 2).rgb
        good, data = cv2.imencode(".jpg", rgb[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY))
        if not good:
            raise MediaError(f"Cannot encode a picture of {rgb.shape[1]}x{rgb.shape[0]} pixels as JPEG.")
        return data.tobytes()


class _ClipBench:
    """One clip at the height of the bench, its beginning clean and noisy, and how paintings of it are measured."""

    def __init__(self, source: Path, plan: Plan, work: Path, watch: ConsoleWatch) -> None:
        clip, _ = open_source(source, plan.span, work / "decoded", watch)
        self.name = source.stem
        self._work, self._assets = work, plan.assets
        self._clip = copied(clip, work / "source", lambda rgb: scaled(rgb, plan.height))
        self.key = cache_key(*(self._clip.read(i).content_key() for i in range(len(self._clip))))
        self._source: SourceClip | None = None
        head = Clip(self._clip.paths[:_NOISE_FRAMES])
        noise = np.random.default_rng(7)
        self._heads = head, copied(head, work / "noisy", lambda rgb: noisy(rgb, noise))

    def paint(self, painter: str, style: str) -> _Painted | str:
        """The whole clip painted, and what noise does to its beginning; or why that cannot be."""
        folder = self._work / "painted"
        shutil.rmtree(folder, ignore_errors=True)  # of the painter before: frames take room
        whole, clean, noisy = (
            Painting(painter, style, self._assets, clip, folder / name)
            for name, clip in zip(("whole", "clean", "noisy"), (self._clip, *self._heads), strict=True)
        )
        spent = paint_alone((whole, clean, noisy))
        if isinstance(spent, str):
            return spent
        gains = [
            noise_gain(*(clip.read(i).rgb for clip in (*self._heads, clean.painted, noisy.painted)))
            for i in range(len(self._heads[0]))
        ]
        return _Painted(whole.painted, float(np.nanmean(gains)), spent.seconds[0], spent.megabytes)

    def figures(self, painted: _Painted, meter: StyleMeter | None) -> Figures:
        if self._source is None:
            self._source = SourceClip(self._clip)
        return measure(self._source, painted.clip, meter)


def copied(clip: Clip, folder: Path, change: Callable[[np.ndarray], np.ndarray]) -> Clip:
    """A clip of the frames of another, each changed, as files in a folder."""
    for i in range(len(clip)):
        write_frame(folder / f"{i:06d}.png", Frame(np.ascontiguousarray(change(clip.read(i).rgb), np.uint8)))
    return Clip.from_folder(folder)


def scaled(rgb: np.ndarray, height: int) -> np.ndarray:
    """The picture, (H, W, 3) uint8, at another height in pixels."""
    width = round(rgb.shape[1] * height / rgb.shape[0])
    method = cv2.INTER_AREA if height < rgb.shape[0] else cv2.INTER_CUBIC
    return rgb if height == rgb.shape[0] else cv2.resize(rgb, (width, height), interpolation=method)


def noisy(rgb: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The picture with noise of NOISE_LEVELS, float of whole numbers 0 … 255."""
    return np.rint(rgb + random.normal(0.0, NOISE_LEVELS, rgb.shape)).clip(0, 255)
