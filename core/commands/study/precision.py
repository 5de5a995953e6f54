# SPDX-License-Identifier: GPL-3.0-or-later
"""How few bits a painter's weights may have. Free of bpy, needs torch."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor

from ...training.checkpoint import HousePainter
from ..research.document import Block, Heading, Paragraph
from .judge import artist_of
from .study import Study
from .tables import Row, table_of

_COLUMNS = {
    "kilobytes": ("kB", ".0f"),
    "largest": ("largest difference", ".0f"),
    "mean": ("mean difference", ".3f"),
    "style_loss": ("style loss", ".4f"),
}


@dataclasses.dataclass(frozen=True)
class Stored:
    """A tensor as it lies in a file: numbers of some kind, and what they are multiplied by."""

    values: Tensor
    scale: Tensor | None = None

    def restored(self) -> Tensor:
        """The tensor in float32."""
        return self.values.float() if self.scale is None else self.values.float() * self.scale


def in_float32(weights: Tensor) -> Stored:
    """As it was learnt."""
    return Stored(weights.float())


def in_float16(weights: Tensor) -> Stored:
    """As it is shipped."""
    return Stored(weights.half())


def in_int8_by_channel(weights: Tensor) -> Stored:
    """Kernels (O, I, h, w) in whole numbers -127 … 127, with one scale for each channel O; the rest in float16."""
    return _in_int8(weights, (1, 2, 3))


def in_int8_by_layer(weights: Tensor) -> Stored:
    """The same with one scale for all of a kernel."""
    return _in_int8(weights, (0, 1, 2, 3))


FORMATS: dict[str, Callable[[Tensor], Stored]] = {
    "float32": in_float32,
    "float16": in_float16,
    "int8, a scale for each channel": in_int8_by_channel,
    "int8, a scale for each layer": in_int8_by_layer,
}


@dataclasses.dataclass(frozen=True)
class PrecisionRow(Row):
    """A painter in one format.

    Attributes:
        kilobytes: size of its file, with gamma and beta of one style.
        largest, mean: difference of its paintings to those in float32, in levels of 255.
        style_loss: see ``Marks``.
    """

    kilobytes: float
    largest: float
    mean: float
    style_loss: float


def precision_section(study: Study) -> list[Block]:
    """The table with what it says in words."""
    words = (
        f"The painter that VGG-19 taught {study.plan.styles[0]} in the first table, its weights rounded to each format "
        "and computed with in float32; biases, gamma and beta stay in float16 beside int8 kernels. The shipped file is "
        "in float16 from the start. Differences are those of the paintings, in levels of 255."
    )
    rows = precision_rows(study)
    return [Heading("How few bits"), Paragraph(words), table_of(rows, _COLUMNS)]


def precision_rows(study: Study) -> list[PrecisionRow]:
    """One row for each of ``FORMATS``."""
    course = study.course(study.plan.styles[0])
    key = study.key_of(course)

    def measure(form: Callable[[Tensor], Stored]) -> dict[str, float]:
        judge, painter = study.judge, study.painter(course)
        exact, rounded = (judge.paintings(artist_of(one)) for one in (painter, rounded_painter(painter, form)))
        differences = [np.abs(a.astype(np.int16) - b) for a, b in zip(exact, rounded, strict=True)]
        return {
            "kilobytes": len(save(file_of(painter, form))) / 1000,
            "largest": float(max(one.max() for one in differences)),
            "mean": float(np.mean([one.mean() for one in differences])),
            "style_loss": judge.losses(rounded, course.style)[0],
        }

    return [
        PrecisionRow(name, **study.kept(f"precision {name}", key, partial(measure, form)))
        for name, form in FORMATS.items()
    ]


def rounded_painter(painter: HousePainter, form: Callable[[Tensor], Stored]) -> HousePainter:
    """A painter as it comes back from a file in some format."""
    rounded = copy.deepcopy(painter)
    rounded.load_state_dict({name: form(value).restored() for name, value in painter.state_dict().items()})
    return rounded


def file_of(painter: HousePainter, form: Callable[[Tensor], Stored]) -> dict[str, Tensor]:
    """What lies in the file of a painter of one style: its network, gamma and beta, stored in some format."""
    parts = painter.network.state_dict() | {"gamma": painter.gamma, "beta": painter.beta}
    stored = {name: form(value.detach()) for name, value in parts.items()}
    scales = {f"{name}.scale": one.scale for name, one in stored.items() if one.scale is not None}
    return {name: one.values.contiguous() for name, one in stored.items()} | scales


def _in_int8(weights: Tensor, together: tuple[int, ...]) -> Stored:
    if weights.dim() != 4:
        return in_float16(weights)
    scale = weights.abs().amax(together, keepdim=True).clamp_min(1e-12) / 127
    return Stored((weights / scale).round().to(torch.int8), scale)
