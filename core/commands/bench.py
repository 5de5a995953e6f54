# SPDX-License-Identifier: GPL-3.0-or-later
"""``bench`` on the command line: how fast each stage and the whole is, beside Johnson's network in the same minute.

Machines are noisy: what counts is the ratio. Every measurement runs in a process of its own, so that the peaks of
memory are its own too.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from ..flow.dis import DisFlow
from ..flow.grid import at_flow_size
from ..flow.motion import Motion
from ..paint.canvas import canvas
from ..paint.choice import make_engine, make_painter
from ..paint.feedforward import affine
from ..paint.painter import ShotStatistics
from ..paint.resolution import working_size
from ..pipeline import ClipJob, stylize
from ..settings import StylizeSettings
from ..settling import settle
from ..storage.cache import Cache
from ..storage.frames import Clip, Frame, encode_png, read_frame, write_frame
from ..styles.weights import ModelLibrary
from .alone import alone
from .clip_source import Span, open_source
from .console import ConsoleWatch, Silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIZES = ((360, 640), (720, 1280))
_REPEATS = 7


@dataclasses.dataclass(frozen=True)
class Measured:
    """One measurement: seconds for one frame, and the peak of memory of its process in megabytes."""

    seconds: float
    megabytes: float


def bench_file(options: argparse.Namespace) -> None:
    """Measure on the frames of IN, scaled to each size, and print a table for each."""
    with tempfile.TemporaryDirectory() as folder:
        with ConsoleWatch() as watch:
            clip, _ = open_source(Path(options.source), Span(0, options.frames), Path(folder) / "source", watch)
        for height, width in _SIZES:
            frames = _scaled(clip, Path(folder) / f"{width}", height, width)
            _print_size(height, width, frames, options.style)


def _print_size(height: int, width: int, frames: Path, style: str) -> None:
    # Johnson before and after, so that a machine that slows down in between does not tilt the ratio.
    first = _measured(_johnson, frames)
    whole = _measured(_whole, frames, style)
    second = _measured(_johnson, frames)
    johnson = (first.seconds + second.seconds) / 2
    table = Table(title=f"{width}x{height}, {style}")
    for heading in ("", "ms a frame", "frames a second", "of Johnson", "peak MB"):
        table.add_column(heading, justify="right" if heading else "left")
    rows = {name: Measured(seconds, 0.0) for name, seconds in alone(_stages, frames, style)[0].items()}
    rows |= {"whole pipeline": whole, "Johnson's network alone, PyTorch": Measured(johnson, first.megabytes)}
    for name, row in rows.items():
        memory = f"{row.megabytes:.0f}" if row.megabytes else ""
        share = f"{row.seconds / johnson:.3f}"
        table.add_row(name, f"{1000 * row.seconds:.1f}", f"{1 / row.seconds:.1f}", share, memory)
    Console().print(table)
    print(f"The whole pipeline is {johnson / whole.seconds:.1f} times as fast as Johnson's network alone.")


def _measured(measure: Callable[..., float], *arguments: object) -> Measured:
    return Measured(*alone(measure, *arguments))


def _scaled(clip: Clip, folder: Path, height: int, width: int) -> Path:
    for i in range(len(clip)):
        rgb = np.asarray(cv2.resize(clip.read(i).rgb, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        write_frame(folder / f"{i:06d}.png", Frame(rgb))
    return folder


def _whole(frames: Path, style: str) -> float:
    """Seconds for one frame of the whole pipeline, on an empty cache."""
    clip = Clip.from_folder(frames)
    painter = make_painter(StylizeSettings(style=style, engine="opencv"), ModelLibrary())
    with tempfile.TemporaryDirectory() as folder:
        targets = tuple(Path(folder) / "out" / f"{i}.png" for i in range(len(clip)))
        job = ClipJob(clip, targets, frozenset(range(len(clip))))
        summary = stylize(job, painter, DisFlow(), Cache(Path(folder) / "cache"), Silent())
    return summary.seconds / len(clip)


def _johnson(frames: Path) -> float:
    import torch

    from .johnson import johnson_network

    network = johnson_network()
    picture = Clip.from_folder(frames).read(0).rgb
    values = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255.0
    with torch.inference_mode():
        return _median(lambda: network(values))


def _stages(frames: Path, style: str) -> dict[str, float]:
    """Seconds of each stage for one frame, one after the other."""
    clip = Clip.from_folder(frames)
    painter = make_painter(StylizeSettings(style=style, engine="opencv"), ModelLibrary())
    estimator = DisFlow()
    one, two, three = (clip.read(i) for i in range(3))
    statistics_of_shot = painter.measure([one.rgb])
    motion = estimator.estimate(one.rgb, two.rgb)
    small = [at_flow_size(frame.rgb) for frame in (one, two, three)]
    painted = painter.paint(one.rgb, statistics_of_shot)
    paint = settle.Paint.of(painted, small[0].shape)
    before, after = (_carried(small[i], small[1], motion) for i in (0, 2))

    def settle_one() -> None:
        for anchor in (small[0], small[2]):
            _carried(anchor, small[1], motion)
        settle.cross((paint, before), (paint, after), 0.5).over(painted)

    return {
        "read": _median(lambda: read_frame(clip.paths[0])),
        "flow, both directions": _median(lambda: estimator.estimate(one.rgb, two.rgb)),
        "our network alone": _median(_our_network(one.rgb, style, statistics_of_shot)),
        "paint": _median(lambda: painter.paint(one.rgb, statistics_of_shot)),
        "settle": _median(settle_one),
        "encode": _median(lambda: encode_png(Frame(painted))),
    }


def _our_network(rgb: NDArray[np.uint8], style: str, shot: ShotStatistics) -> Callable[[], object]:
    """Runs the network on a frame of its working size, as Johnson's is run."""
    preset = ModelLibrary().style(style)
    engine = make_engine(StylizeSettings(engine="opencv"), preset.network)
    stride = preset.network.stride
    height, width = (side // stride * stride for side in working_size(rgb.shape[0], rgb.shape[1], 1.0))
    frame = np.asarray(cv2.dnn.blobFromImage(cv2.resize(rgb, (width, height)), 1 / 255), np.float32)
    return lambda: engine.paint(frame, canvas(height, width), *affine(preset, shot))


def _carried(anchor: NDArray[np.uint8], source: NDArray[np.uint8], motion: Motion) -> settle.Carried:
    ((link, _),) = settle.follow([motion])
    return settle.trusted(link, anchor, source)


def _median(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(_REPEATS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)
