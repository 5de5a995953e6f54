# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures how much of a style a painting shows (free of bpy, needs torch and the assets folder)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ..errors import StyleError
from .critics.choice import open_loss_network
from .data import style_picture, to_tensor
from .loss_network import LAYERS
from .losses import style_loss, style_target
from .recipe import read_recipe

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RECIPE = Path(__file__).parent / "recipes" / "house.toml"


class StyleMeter:
    """Style loss against the picture a preset was learnt from, on VGG-19.

    Args:
        assets: folder with the loss network's weights and the style pictures, as the recipe names them.
        style: identifier of the preset.

    Raises:
        StyleError: the recipe knows no such style.
    """

    def __init__(self, assets: Path, style: str) -> None:
        recipe = read_recipe(_RECIPE)
        sources = {source.id: source for source in recipe.styles}
        if style not in sources:
            raise StyleError(f"The recipe has no style {style!r}.", f"It has {', '.join(sources)}.")
        self._network = open_loss_network("vgg19", assets, torch.float32)
        with torch.inference_mode():
            features = self._network(style_picture(sources[style], assets))
            self._targets = {layer: style_target(features[layer]) for layer in LAYERS}

    def style_loss(self, rgb: NDArray[np.uint8]) -> float:
        """Mean over the layers of the relative distance of Gram matrices, means and deviations; 0 = equal."""
        with torch.inference_mode():
            features = self._network(to_tensor(rgb))
            losses = [style_loss(features[layer], [self._targets[layer]]) for layer in LAYERS]
        return float(torch.stack(losses).mean())
