# SPDX-License-Identifier: GPL-3.0-or-later
"""Which loss network teaches how well, and at what cost. Free of bpy, needs torch."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Sequence

from ...training.critics.choice import is_at_hand, open_loss_network
from ...training.critics.cost import SIDE, cost_of
from ..research.document import Block, Heading, Paragraph
from .judge import Marks
from .study import Study, mean_of
from .tables import Row, deviation, table_of

TEACHER, CRITIC = "vgg19", "distilled"
"""All painters are measured by the first; the second is the project's own."""

MOST_LOST = 0.10
"""So much more style loss the critic's painter may have than VGG-19's, as a share."""

_COLUMNS = {
    "style_loss": ("style loss", ".3f"),
    "more": ("more than VGG-19's, %", "+.1f"),
    "more_deviation": ("±", ".1f"),
    "content_loss": ("content loss", ".3f"),
    "noise_gain": ("noise", ".2f"),
    "seconds_a_step": ("s a step", ".2f"),
    "megabytes": ("peak MB", ".0f"),
    "products": ("products a pixel", ",.0f"),
    "milliseconds": ("ms, there and back", ".0f"),
}


@dataclasses.dataclass(frozen=True)
class LossNetworkRow(Row):
    """One loss network, as a teacher.

    Attributes:
        style_loss, content_loss, noise_gain: of the painter that it taught, see ``Marks``.
        more: style loss beyond that of VGG-19's painter of the same seed, in percent of it; its mean over the seeds.
        more_deviation: of that, from seed to seed.
        seconds_a_step, megabytes: of the training, the painter's own part included.
        products: multiplications for one pixel of the picture, to the last layer.
        milliseconds: for a picture of SIDE x SIDE pixels, there and back to its gradient, on one core.
    """

    style_loss: float = math.nan
    more: float = math.nan
    more_deviation: float = math.nan
    content_loss: float = math.nan
    noise_gain: float = math.nan
    seconds_a_step: float = math.nan
    megabytes: float = math.nan
    products: float = math.nan
    milliseconds: float = math.nan


def loss_network_section(study: Study) -> list[Block]:
    """The table with what it says in words."""
    rows = loss_network_rows(study)
    words = (
        "Every network teaches the whole house network the same styles, which begin at the mean of all presets: the "
        f"same {study.plan.steps} photographs of each seed, crops as in the recipe, both temporal losses. Judged is by "
        "VGG-19 in float32, whoever taught; the loss networks themselves run in bfloat16 while they teach, where that "
        f"is faster. Peak memory is of the training's process; there and back is one picture of {SIDE}x{SIDE} pixels "
        "on one core."
    )
    return [Heading("Which loss network"), Paragraph(words), table_of(rows, _COLUMNS), Paragraph(_verdict(rows))]


def loss_network_rows(study: Study) -> list[LossNetworkRow]:
    """VGG-19 first; a network whose weights are not at hand has a row without numbers."""
    rows: list[LossNetworkRow] = []
    by_teacher: list[float] = []
    for name in dict.fromkeys((TEACHER, *study.plan.loss_networks)):
        if not is_at_hand(name, study.plan.assets):
            rows.append(LossNetworkRow(f"{name}: weights not at hand"))
            continue
        courses = study.courses(loss_network=name)
        by_seed: list[Marks] = [mean_of([study.marks(course) for course in of_seed]) for of_seed in courses]
        learnt = [study.learnt(course) for of_seed in courses for course in of_seed]
        losses = [one.style_loss for one in by_seed]
        by_teacher = by_teacher or losses
        more = [100 * (own / teacher - 1) for own, teacher in zip(losses, by_teacher, strict=True)]
        marks = mean_of(by_seed)
        rows.append(
            LossNetworkRow(
                name,
                marks.style_loss,
                statistics.fmean(more),
                deviation(more),
                marks.content_loss,
                marks.noise_gain,
                statistics.fmean(one.seconds_a_step for one in learnt),
                max(one.megabytes for one in learnt),
                **_cost_of(study, name),
            )
        )
    return rows


def _cost_of(study: Study, name: str) -> dict[str, float]:
    def count() -> dict[str, float]:
        cost = cost_of(open_loss_network(name, study.plan.assets))
        return {"products": cost.multiply_adds / SIDE**2, "milliseconds": 1000 * cost.seconds}

    return study.kept(f"cost {name}", name, count)


def _verdict(rows: Sequence[LossNetworkRow]) -> str:
    found = {row.name: row for row in rows}
    if TEACHER not in found or CRITIC not in found:
        return f"Without both {TEACHER} and {CRITIC} nothing can be said of the critic."
    teacher, critic = found[TEACHER], found[CRITIC]
    kept = "within" if critic.more <= 100 * MOST_LOST else "beyond"
    return (
        f"The painter that the critic ({CRITIC}) taught has {critic.more:+.1f} % style loss against VGG-19's, {kept} "
        f"the {MOST_LOST:.0%} that were allowed. The critic takes {teacher.products / critic.products:.1f} times fewer "
        f"products and is {teacher.milliseconds / critic.milliseconds:.1f} times as fast there and back; with the "
        f"painter's own work, a step takes {critic.seconds_a_step / teacher.seconds_a_step:.0%} of the time."
    )
