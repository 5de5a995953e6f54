# SPDX-License-Identifier: GPL-3.0-or-later
"""A large painter's knowledge in the small house network. Free of bpy, needs torch."""

from __future__ import annotations

import dataclasses
import math
import statistics
import time
from collections.abc import Callable

import numpy as np

from ...paint.choice import make_painter
from ...settings import StylizeSettings
from ...storage.cache import cache_key
from ...styles.weights import ModelLibrary
from ...training.critics.cost import multiply_adds
from ...training.practice import dead_leaves
from ...training.style_meter import picture_of_style
from ..peers.adain import AdaIn
from ..peers.choice import Paint
from ..research.document import Block, Heading, Paragraph
from .judge import Artist, Marks, artist_of
from .study import Study, mean_of
from .tables import Row, table_of

LARGE = "AdaIN, the large painter"
DISTILLED, DIRECT = "house, learnt from the large painter", "house, learnt from the losses"

_REPEATS = 3
_COLUMNS = {
    "parameters": ("parameters", ",.0f"),
    "products": ("products a pixel", ",.0f"),
    "seconds": ("s a frame", ".3f"),
    "style_loss": ("style loss", ".3f"),
    "content_loss": ("content loss", ".3f"),
    "noise_gain": ("noise", ".2f"),
    "difference": ("levels from the large one", ".1f"),
}


@dataclasses.dataclass(frozen=True)
class DistillationRow(Row):
    """One painter.

    Attributes:
        parameters: of the network, a style's own numbers included.
        products: multiplications for one pixel.
        seconds: for a frame of 16:9 at the plan's height in PyTorch, median of three.
        style_loss, content_loss, noise_gain: see ``Marks``; means over the plan's styles.
        difference: mean difference to the large painter's paintings, in levels of 255.
    """

    parameters: float
    products: float
    seconds: float
    style_loss: float
    content_loss: float
    noise_gain: float
    difference: float


def distillation_section(study: Study) -> list[Block]:
    """The table with what it says in words."""
    height, width, _ = _frame(study).shape
    words = (
        "Distillation (Hinton et al. 2015): the house network learns to paint what AdaIN (Huang and Belongie 2017) "
        "paints of the same style picture, by pixel loss and feature loss on VGG-19; beside it the same network taught "
        f"by style and content losses directly, in as many steps ({study.plan.steps}). Time is for {width}x{height} "
        "pixels in PyTorch; that of the house network is the product's, which measures its statistics once a shot and "
        "enlarges frames below 360 pixels of height before it paints them."
    )
    return [Heading("A large painter in a small one"), Paragraph(words), table_of(distillation_rows(study), _COLUMNS)]


def distillation_rows(study: Study) -> list[DistillationRow]:
    """The large painter, the one that learnt from it, and the one that learnt from the losses."""
    large, house = (_spent(study, kind) for kind in ("large", "house"))
    rows = [_row(LARGE, large, [_marks_of_large(study, style) for style in study.plan.styles], 0.0)]
    for name, imitates in ((DISTILLED, "adain"), (DIRECT, "")):
        courses = [study.course(style, imitates=imitates) for style in study.plan.styles]
        marks = [study.marks(course) for course in courses]
        far = [_difference(study, style, imitates) for style in study.plan.styles]
        rows.append(_row(name, house, marks, statistics.fmean(far)))
    return rows


def large_painter(study: Study, style: str) -> AdaIn:
    """The large painter, in the style of the picture that a preset was learnt from."""
    return AdaIn(study.plan.assets, picture_of_style(style, study.plan.assets))


def _row(name: str, spent: dict[str, float], marks: list[Marks], difference: float) -> DistillationRow:
    mean = mean_of(marks)
    return DistillationRow(
        name,
        **spent,
        style_loss=mean.style_loss,
        content_loss=mean.content_loss,
        noise_gain=mean.noise_gain,
        difference=difference,
    )


def _artist_of_large(study: Study, style: str) -> Artist:
    paint: Paint = large_painter(study, style)
    return lambda shot: paint


def _marks_of_large(study: Study, style: str) -> Marks:
    name = f"{style} adain itself"
    return study.marks_of(name, cache_key("adain", style), lambda: _artist_of_large(study, style), style)


def _difference(study: Study, style: str, imitates: str) -> float:
    """Mean difference of a course's paintings to the large painter's, in levels of 255."""
    course = study.course(style, imitates=imitates)

    def measure() -> dict[str, float]:
        artists = artist_of(study.painter(course)), _artist_of_large(study, style)
        pairs = zip(*(study.judge.paintings(artist) for artist in artists), strict=True)
        levels = [float(np.abs(small.astype(np.int16) - large).mean()) for small, large in pairs]
        return {"levels": statistics.fmean(levels)}

    return study.kept(f"difference {course.name}", study.key_of(course), measure)["levels"]


def _spent(study: Study, kind: str) -> dict[str, float]:
    """Parameters, products a pixel and seconds a frame of the "large" painter or the "house" network."""

    def measure() -> dict[str, float]:
        style, frame = study.plan.styles[0], _frame(study)
        if kind == "large":
            large = large_painter(study, style)
            return {"parameters": large.parameters(), **_time_of(large, frame)}
        painter = make_painter(StylizeSettings(style=style, engine="torch"), ModelLibrary())
        parts = study.painter(study.course(style))
        count = sum(part.numel() for part in (*parts.network.parameters(), parts.gamma, parts.beta))
        known = painter.measure([frame])
        return {"parameters": count, **_time_of(lambda rgb: painter.paint(rgb, known), frame)}

    return study.kept(f"spent {kind}", cache_key("spent", kind, study.plan.height), measure)


def _time_of(paint: Callable[[np.ndarray], np.ndarray], frame: np.ndarray) -> dict[str, float]:
    products = multiply_adds(lambda: paint(frame))
    times = []
    for _ in range(_REPEATS):
        started = time.perf_counter()
        paint(frame)
        times.append(time.perf_counter() - started)
    return {"products": products / math.prod(frame.shape[:2]), "seconds": statistics.median(times)}


def _frame(study: Study) -> np.ndarray:
    """A frame to count and time with."""
    height = study.plan.height
    return dead_leaves(1, height, round(height * 16 / 9))
