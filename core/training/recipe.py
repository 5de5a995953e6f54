# SPDX-License-Identifier: GPL-3.0-or-later
"""What a recipe file says, as typed values (free of bpy and torch)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class StyleSource:
    """One style picture: its identity for editors, its file below the assets folder, the short side it is seen at."""

    id: str
    title: str
    artist: str
    year: int
    file: str
    source: str
    licence: str
    short_side: int
    brush: float = 1.0
    """Width of the strokes that suits it, chosen by looking: Brush Size 1 stands for it."""
    shipped: bool = True
    """Whether it is a preset; a style that did not come out well still teaches the network."""


@dataclass(frozen=True)
class LossWeights:
    """How much each loss counts; all losses are relative, about 1 for an unpainted frame (see losses.py)."""

    content: float
    style: float
    total_variation: float
    noise: float
    """A frame with noise on it, painted on the same canvas, must give the same painting."""
    motion: float
    """A frame that has moved must give the painting that has moved along."""
    contour: float
    halo: float


@dataclass(frozen=True)
class Recipe:
    """Everything a training run depends on but the assets folder and the device."""

    seed: int
    loss_network: str
    photographs: str
    minutes: float
    learning_rate: float
    final_learning_rate: float
    style_learning_rate_factor: float
    average_decay: float
    styles_per_step: int
    crops_per_style: int
    crop: int
    content_short_side: tuple[int, int]
    content_layers: tuple[str, ...]
    """Compared at half resolution: shapes are kept, the small marks are the style's."""
    loss_weights: LossWeights
    styles: tuple[StyleSource, ...]
    content_blur: float = 0.0
    """Largest deviation, in pixels, of the blur that half of the photographs get: film is softer than photographs."""
    any_styles: str = ""
    """Folder of further paintings, below --assets, from which the style encoder learns; none when empty."""
    any_variants: int = 1
    """How often each of them is looked at, with other sizes and colours."""


def read_recipe(path: Path) -> Recipe:
    """The recipe in a TOML file; raises ValueError with the file's name where a key is missing or unknown."""
    values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        values["loss_weights"] = LossWeights(**values["loss_weights"])
        values["styles"] = tuple(StyleSource(**style) for style in values["styles"])
        values["content_short_side"] = tuple(values["content_short_side"])
        values["content_layers"] = tuple(values["content_layers"])
        return Recipe(**values)
    except (KeyError, TypeError) as error:
        raise ValueError(
            f"Recipe {path} does not fit: {error}. Compare it with core/training/recipes/house.toml."
        ) from error
