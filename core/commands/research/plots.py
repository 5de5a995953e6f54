# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's drawings, as SVG. Free of bpy and torch, needs matplotlib."""

from __future__ import annotations

import math
from collections.abc import Mapping
from io import BytesIO

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Numbers of each painter, averaged over clips and styles.
Means = Mapping[str, Mapping[str, float]]

matplotlib.rcParams["svg.hashsalt"] = "brushflow"  # the same figures give the same file


def style_against_content(means: Means) -> bytes:
    """Style loss against content loss, one dot a painter: the lower left corner is what everybody wants."""
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.set_prop_cycle(color=[matplotlib.colormaps["tab20"](i) for i in range(20)])  # the usual ten come twice
    for painter, numbers in means.items():
        place = numbers["content_loss"], numbers["style_loss"]
        if all(map(math.isfinite, place)):
            axes.plot(*place, "o", label=painter)
    if axes.has_data():
        axes.legend()
    axes.set(xlabel="content loss (relu4_1 of VGG-19)", ylabel="style loss (VGG-19)")
    axes.grid(alpha=0.3)
    return _svg(figure)


def bars(means: Means, wanted: Mapping[str, str]) -> bytes:
    """One row of bars for each of the wanted numbers, side by side; painters from top to bottom.

    Args:
        wanted: title by name of the number.
    """
    figure = Figure(figsize=(4.6 * len(wanted), 0.4 * len(means) + 1.2), layout="constrained")
    row = figure.subplots(1, len(wanted), sharey=True, squeeze=False)[0]
    for axes, (name, title) in zip(row, wanted.items(), strict=True):
        _bars(axes, {painter: numbers[name] for painter, numbers in means.items()}, title)
    row[0].invert_yaxis()  # the axis is shared
    return _svg(figure)


def _bars(axes: Axes, values: Mapping[str, float], title: str) -> None:
    lengths = [value if math.isfinite(value) else 0.0 for value in values.values()]
    drawn = axes.barh(list(values), lengths)
    axes.bar_label(drawn, [f"{value:.3g}" if math.isfinite(value) else "-" for value in values.values()], padding=3)
    axes.margins(x=0.18)
    axes.set_title(title, fontsize=10)
    axes.grid(axis="x", alpha=0.3)


def _svg(figure: Figure) -> bytes:
    file = BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()
