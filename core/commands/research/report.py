# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what the bench measured: report.md with pictures beside it, and report.html alone. Free of bpy."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from ...errors import BrushflowError
from ...storage.whole_file import write_whole
from ..figures import FAR
from ..peers.choice import PEERS
from . import plots
from .bench import NOISE_LEVELS, OWN_STYLE, Plan, Results
from .document import Block, Heading, Paragraph, Plot, Sheet, Table, as_html, as_markdown, number
from .painters import DEFAULT_METHOD, PAINTERS, SETTLED
from .rows import NUMBERS, Row, name_of

# Heading and format of each number, in the order of the columns.
_COLUMNS: dict[str, tuple[str, str]] = {
    "style_loss": ("style loss", ".3f"),
    "content_loss": ("content loss", ".3f"),
    "warp_error": ("warp error", ".5f"),
    "warp_error_far": (f"{FAR} apart", ".5f"),
    "relative": ("relative", ".3f"),
    "noise_gain": ("noise", ".2f"),
    "flicker": ("flicker", ".5f"),
    "sharpness": ("sharpness", ".3f"),
    "halo": ("halo", ".2f"),
    "seconds": ("s a frame", ".3f"),
    "megabytes": ("peak MB", ".0f"),
}

_WORDS = (
    "Warp error is the mean squared change along the source's own motion (Lai et al. 2018), one and "
    f"{FAR} frames apart; relative is that error over the variance of the painting's brightness. Noise is how many "
    f"times as large as noise of {NOISE_LEVELS:.0f} levels, put into the source, the painting changes. Flicker "
    "is how much the mean brightness turns from frame to frame; sharpness the RMS gradient; halo how far the painting "
    "swings beyond both sides of strong contours, as a share of the step. Style loss is the relative "
    "distance of Gram matrices, means and deviations to the style picture, content loss that of relu4_1 to the source, "
    "both on VGG-19. Time is from file to file, memory the peak of a process that does nothing else. A dash is what "
    "could not be measured: one frame has no motion, and the picture that Johnson's network learnt is not at hand."
)


def write_report(results: Results, plan: Plan, folder: Path) -> tuple[Path, Path]:
    """Write the report of some rows; returns report.md and report.html."""
    if not results.rows:
        why = " ".join(f"{name}: {reason}" for name, reason in results.missing.items())
        raise BrushflowError(f"No painter could be measured. {why}")
    means = {painter: _means(rows) for painter, rows in _by_painter(results.rows).items()}
    plots_of = {
        "style against content": plots.style_against_content(means),
        "coherence": plots.bars(
            means, {"warp_error": "warp error", "warp_error_far": f"{FAR} apart", "noise_gain": "noise"}
        ),
        "cost": plots.bars(means, {"seconds": "seconds a frame", "megabytes": "peak MB"}),
    }
    blocks: list[Block] = [Heading("The research bench", 1), Paragraph(_conditions(results.rows, plan))]
    blocks += [Paragraph(f"Not measured: {PEERS.get(name, name)}: {why}") for name, why in results.missing.items()]
    blocks += [Heading("All clips and styles"), _table(means), Paragraph(_WORDS)]
    for title, svg in plots_of.items():
        file = f"plots/{title.replace(' ', '-')}.svg"
        write_whole(folder / file, svg)
        blocks.append(Plot(title, file))
    blocks += _loss_networks(plan.assets)
    for clip in _each(row.clip for row in results.rows):
        for style in plan.styles:
            of_one = _of_clip_and_style(results.rows, clip, name_of(style))
            blocks += [block for block in of_one if plan.pictures or not isinstance(block, Sheet)]
    targets = folder / "report.md", folder / "report.html"
    write_whole(targets[0], as_markdown(blocks).encode())
    write_whole(targets[1], as_html(blocks, folder).encode())
    return targets


def _conditions(rows: Sequence[Row], plan: Plan) -> str:
    clips, styles = _each(row.clip for row in rows), ", ".join(map(name_of, plan.styles))
    python = f"Python {platform.python_version()}"
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processor cores, {python}"
    stop = plan.span.stop if plan.span.stop is not None else "the end"
    return (
        f"Clips: {', '.join(clips)}; frames {plan.span.first} to {stop}, scaled to a height of {plan.height} pixels. "
        f"Styles: {styles}. All on {machine}."
    )


def _of_clip_and_style(rows: Sequence[Row], clip: str, style: str) -> list[Block]:
    """The rows of one clip in one style, those of painters with one style only among them."""
    chosen = [row for row in rows if row.clip == clip and row.style in (style, OWN_STYLE)]
    chosen.sort(key=lambda row: PAINTERS.index(row.painter))
    if not chosen:
        return []
    sheet = tuple((_shown(row.painter), row.picture) for row in chosen)
    return [
        Heading(f"{clip}, {style}"),
        _table({row.painter: row.numbers for row in chosen}),
        Sheet(sheet),
    ]


def _table(numbers: plots.Means) -> Table:
    headings = ("", *(heading for heading, _ in _COLUMNS.values()))
    rows = tuple(
        (_shown(painter), *(number(of_painter[name], form) for name, (_, form) in _COLUMNS.items()))
        for painter, of_painter in numbers.items()
    )
    return Table(headings, rows)


def _loss_networks(assets: Path | None) -> list[Block]:
    """What the loss networks cost to train with. What they give needs trainings: a recipe each, and a bench each."""
    if assets is None:
        return []
    from ...training.critics.choice import LOSS_NETWORKS, open_loss_network
    from ...training.critics.cost import cost_of

    rows = []
    for name in LOSS_NETWORKS:
        if name.startswith("torchvision-"):
            continue  # it might be fetched first, and no report is worth that
        try:
            cost = cost_of(open_loss_network(name, assets))
        except BrushflowError:
            rows.append((name, "-", "-"))
            continue
        rows.append((name, f"{cost.multiply_adds / 1e9:.2f}", f"{1000 * cost.seconds:.0f}"))
    words = (
        "Cost of one picture of 256x256 pixels to the last layer that is compared, and back to its gradient for the "
        "time, on one core, in bfloat16 where that is faster. What each gives in quality is told by trainings with it, "
        "not by this table."
    )
    return [
        Heading("Loss networks"),
        Table(("", "billion multiply-adds, there", "ms, there and back"), tuple(rows)),
        Paragraph(words),
    ]


def _by_painter(rows: Sequence[Row]) -> dict[str, list[Row]]:
    return {painter: [row for row in rows if row.painter == painter] for painter in _each(row.painter for row in rows)}


def _means(rows: Sequence[Row]) -> dict[str, float]:
    """Means over rows of what was measured in them."""
    means = {}
    for name in NUMBERS:
        values = [row.numbers[name] for row in rows if math.isfinite(row.numbers[name])]
        means[name] = float(np.mean(values)) if values else math.nan
    return means


def _each(names: Iterable[str]) -> list[str]:
    """The names in order, each once."""
    return list(dict.fromkeys(names))


def _shown(painter: str) -> str:
    """What the report calls a painter."""
    return f"{SETTLED} ({DEFAULT_METHOD})" if painter == SETTLED else PEERS.get(painter, painter)
