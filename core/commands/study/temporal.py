# SPDX-License-Identifier: GPL-3.0-or-later
"""Noise loss against motion loss. Free of bpy, needs torch."""

from __future__ import annotations

import dataclasses
import statistics

from ..figures import FAR
from ..research.document import Block, Heading, Paragraph
from .study import Study, mean_of
from .tables import Row, deviation, table_of

WAYS = {
    "none": (False, False),
    "noise": (True, False),
    "motion": (False, True),
    "both": (True, True),
}
"""Whether noise loss and motion loss count, by name."""

_COLUMNS = {
    "noise_gain": ("noise", ".2f"),
    "warp_error": ("warp error", ".5f"),
    "warp_error_deviation": ("±", ".5f"),
    "warp_error_far": (f"{FAR} apart", ".5f"),
    "style_loss": ("style loss", ".3f"),
    "style_loss_deviation": ("±", ".3f"),
    "content_loss": ("content loss", ".3f"),
    "seconds_a_step": ("s a step", ".2f"),
}


@dataclasses.dataclass(frozen=True)
class TemporalRow(Row):
    """Painters that learnt with some of the temporal losses; see ``Marks`` and ``Learnt``. Deviations are from seed to
    seed."""

    style_loss: float
    content_loss: float
    noise_gain: float
    warp_error: float
    warp_error_far: float
    seconds_a_step: float
    warp_error_deviation: float
    style_loss_deviation: float


def temporal_section(study: Study) -> list[Block]:
    """The table with what it says in words."""
    rows = temporal_rows(study)
    words = (
        "Motion loss: the painting of a frame that moved must be the painting that moved along (Ruder et al. 2016; "
        "Huang et al. 2017), here with motion that is made up and so known exactly. Noise loss is the cheaper idea "
        "of this project: a frame that stands still under noise must keep its painting, and no motion is needed. "
        f"Trainings are on VGG-19, of {study.plan.steps} steps, weights as in the recipe; of one seed all four see "
        "the same photographs, motions and windows. Warp error is measured frame by frame, without settling, on a "
        "clip that moves, along the flow of the source."
    )
    return [
        Heading("Noise loss against motion loss"),
        Paragraph(words),
        table_of(rows, _COLUMNS),
        Paragraph(_verdict(rows)),
    ]


def temporal_rows(study: Study) -> list[TemporalRow]:
    """One row for each of ``WAYS``, means over the plan's styles and seeds."""
    rows = []
    for name, (noise, motion) in WAYS.items():
        courses = study.courses(noise=noise, motion=motion)
        marks = [mean_of([study.marks(course) for course in of_seed]) for of_seed in courses]
        seconds = [study.learnt(course).seconds_a_step for of_seed in courses for course in of_seed]
        rows.append(
            TemporalRow(
                name,
                **dataclasses.asdict(mean_of(marks)),
                seconds_a_step=statistics.fmean(seconds),
                warp_error_deviation=deviation([one.warp_error for one in marks]),
                style_loss_deviation=deviation([one.style_loss for one in marks]),
            )
        )
    return rows


def _verdict(rows: list[TemporalRow]) -> str:
    found = {row.name: row for row in rows}
    none = found["none"]

    def change(row: TemporalRow) -> str:
        return (
            f"{row.noise_gain / none.noise_gain - 1:+.0%} noise, "
            f"{row.warp_error / none.warp_error - 1:+.0%} warp error, "
            f"{row.style_loss / none.style_loss - 1:+.0%} style loss, "
            f"{row.seconds_a_step / none.seconds_a_step - 1:+.0%} time a step"
        )

    return "Against none: " + "; ".join(f"{name}: {change(found[name])}" for name in WAYS if name != "none") + "."
