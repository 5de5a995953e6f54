# SPDX-License-Identifier: GPL-3.0-or-later
"""The painters that the bench compares, each painting in a process of its own. Free of bpy; torch in that process."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import BrushflowError
from ...flow.dis import DisFlow
from ...master import refuse_without_packages, stylize_master
from ...paint.choice import make_painter
from ...pipeline import ClipJob, stylize
from ...settings import StylizeSettings
from ...settling.choice import settling_version
from ...storage.cache import Cache, cache_key
from ...storage.frames import Clip, Frame, write_frame
from ...styles.weights import ModelLibrary
from ..alone import alone
from ..console import Silent
from ..methods import METHODS, settings_of
from ..peers.choice import PEERS, Paint, open_peer

if TYPE_CHECKING:
    from numpy.typing import NDArray

SOURCE = "source"
SETTLED = "settled"
DEFAULT_METHOD = "surfaces"
"""What "settled" is; by this name it is measured only where it is asked for."""

# The house network's settings: alone, as it paints by default, and with each method of settling.
_HOUSE: Mapping[str, Mapping[str, Any]] = {"frame by frame": {"stability": 0.0}, SETTLED: {}, **METHODS}
# Stability of the quality Master: Gatys et al. 2015 and Ruder et al. 2016.
_MASTER = {"optimised frame by frame": 0.0, "optimised": 1.0}
PAINTERS = (SOURCE, *_HOUSE, *_MASTER, *PEERS)
QUICK_PAINTERS = (SOURCE, *(name for name in _HOUSE if name != DEFAULT_METHOD), *PEERS)
"""Those that take less than some seconds a frame, each once."""


@dataclasses.dataclass(frozen=True)
class Painting:
    """What to paint and where to put it.

    Attributes:
        style: identifier of a preset, or a picture's path.
        assets: folder of style pictures and of the weights of others, or None.
    """

    painter: str
    style: str
    assets: Path | None
    clip: Clip
    folder: Path

    @property
    def painted(self) -> Clip:
        """Where the painted frames will be."""
        return Clip(tuple(self.folder / f"{i:06d}.png" for i in range(len(self.clip))))


@dataclasses.dataclass(frozen=True)
class Spent:
    """What painting took: seconds for a frame of each painting, from file to file, and the peak of memory in MB."""

    seconds: tuple[float, ...]
    megabytes: float


def paint_alone(paintings: Sequence[Painting]) -> Spent | str:
    """Paint, all by the same painter in the same style, in one process; or the reason why that cannot be."""
    if paintings[0].painter == SOURCE:
        for painting in paintings:
            for i in range(len(painting.clip)):
                write_frame(painting.painted.paths[i], painting.clip.read(i))
        return Spent((float("nan"),) * len(paintings), float("nan"))
    result, megabytes = alone(_paint_all, tuple(paintings))
    return result if isinstance(result, str) else Spent(tuple(result), megabytes)


def key_of(painter: str, style: str) -> str:
    """Names the painter's weights and what settles its frames, as far as they are ours; those of others never change.

    Raises:
        EngineError: this Python cannot paint so.
    """
    if painter in _MASTER:
        refuse_without_packages()
        from ...optimise.brush import MasterPlan
        from ...optimise.materials import master_materials

        return master_materials(_master_settings(painter, style), ModelLibrary(), MasterPlan()).brush.key
    if painter not in _HOUSE:
        return painter
    return cache_key(make_painter(settings_of(style, _HOUSE[painter]), ModelLibrary()).key, settling_version())


def _paint_all(paintings: Sequence[Painting]) -> list[float] | str:
    one = paintings[0]
    try:
        if one.painter in _HOUSE:
            return [_by_the_pipeline(painting) for painting in paintings]
        if one.painter in _MASTER:
            return [_by_optimisation(painting) for painting in paintings]
        if one.assets is None:
            return "its weights are in the assets; name their folder with --assets."
        paint = open_peer(one.painter, one.assets, _style_picture(one.style, one.assets))
    except BrushflowError as error:  # of the missing and damaged, not of frames
        return str(error)
    return [_frame_by_frame(paint, painting) for painting in paintings]


def _by_the_pipeline(painting: Painting) -> float:
    settings = settings_of(painting.style, _HOUSE[painting.painter])
    painter = make_painter(settings, ModelLibrary())
    job = _job(painting, settings)
    with tempfile.TemporaryDirectory() as folder:
        summary = stylize(job, painter, DisFlow(), Cache(Path(folder)), Silent())
    return summary.seconds / len(painting.clip)


def _by_optimisation(painting: Painting) -> float:
    settings = _master_settings(painting.painter, painting.style)
    job = _job(painting, settings)
    with tempfile.TemporaryDirectory() as folder:
        summary = stylize_master(job, settings, ModelLibrary(), Cache(Path(folder)), Silent())
    return summary.seconds / len(painting.clip)


def _master_settings(painter: str, style: str) -> StylizeSettings:
    return StylizeSettings(style=style, stability=_MASTER[painter], device="cpu", quality="master")


def _job(painting: Painting, settings: StylizeSettings) -> ClipJob:
    wanted = frozenset(range(len(painting.clip)))
    return ClipJob.of(settings, painting.clip, painting.painted.paths, wanted)


def _frame_by_frame(paint: Paint, painting: Painting) -> float:
    started = time.perf_counter()
    for i, path in enumerate(painting.painted.paths):
        write_frame(path, Frame(paint(painting.clip.read(i).rgb)))
    return (time.perf_counter() - started) / len(painting.clip)


def _style_picture(style: str, assets: Path) -> NDArray[np.uint8]:
    """What the style looks like, at the size at which it was learnt."""
    from ...training.data import to_picture
    from ...training.style_meter import picture_of_style

    return to_picture(picture_of_style(style, assets))
