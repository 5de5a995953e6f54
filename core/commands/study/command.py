# SPDX-License-Identifier: GPL-3.0-or-later
"""``study`` on the command line: short trainings, measured alike, and a report of them. Free of bpy, needs torch."""

from __future__ import annotations

import argparse
import os
import platform
from pathlib import Path

from ...storage.whole_file import write_whole
from ...styles.weights import ModelLibrary
from ...training.critics.choice import LOSS_NETWORKS
from ..research.bench import NOISE_LEVELS
from ..research.document import Block, Heading, Paragraph, as_markdown
from .distillation import distillation_section
from .loss_networks import loss_network_section
from .precision import precision_section
from .study import CLIP, SPAN, Plan, Study
from .temporal import temporal_section


def study_from(options: argparse.Namespace) -> None:
    """Make what is missing of the study, write ``study.md`` into its folder and print where it is."""
    library = ModelLibrary()
    plan = Plan(
        assets=Path(options.assets),
        folder=Path(options.out),
        styles=tuple(library.style(style).identifier for style in options.styles),
        steps=options.steps,
        seeds=options.seeds,
        loss_networks=tuple(options.loss_networks or LOSS_NETWORKS),
        clip=Path(options.clip) if options.clip else None,
    )
    print(write_study(plan))


def write_study(plan: Plan) -> Path:
    """The report of a plan; what was learnt and measured before is taken as it is.

    Raises:
        BrushflowError: a style, a clip, VGG-19 or AdaIN is missing or damaged.
    """
    study = Study(plan)
    blocks: list[Block] = [Heading("The study", 1), Paragraph(_conditions(plan))]
    for section in (loss_network_section, temporal_section, precision_section, distillation_section):
        blocks += section(study)
    target = plan.folder / "study.md"
    write_whole(target, as_markdown(blocks).encode())
    return target


def _conditions(plan: Plan) -> str:
    clip = plan.clip.name if plan.clip else CLIP
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processor cores"
    seeds = f" --seeds {plan.seeds}" if plan.seeds > 1 else ""
    return (
        f"Written by `python -m core study --assets ASSETS --out OUT --steps {plan.steps}{seeds} --styles "
        f"{' '.join(plan.styles)}`. Trainings are of {plan.steps} steps, so figures compare ways to learn; a finished "
        "painter is better. Style loss, content loss and noise are means over the middle frame of each clip of the "
        f"assets, {plan.height} pixels high, of which no painter has seen any; warp errors are of {clip}, frames "
        f"{SPAN.first} to {SPAN.stop}. Style loss is the relative distance of Gram matrices, means and deviations to "
        "the style picture, content loss that of relu4_1 to the source, both on VGG-19 in float32. Noise is how many "
        f"times as large as noise of {NOISE_LEVELS:.0f} levels, put into the source, the painting changes. "
        f"{_repeats(plan.seeds)} {machine}."
    )


def _repeats(seeds: int) -> str:
    if seeds == 1:
        return "One run each, with one seed: differences of a few percent may be chance."
    return (
        f"The first two tables are means over {seeds} runs of each training, with {seeds} seeds; ± is the standard "
        "deviation from run to run. The others are of one run each: there, differences of a few percent may be chance."
    )
