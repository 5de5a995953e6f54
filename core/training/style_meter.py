# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures how much of a style and of its source a painting shows (free of bpy, needs torch and the assets)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ..errors import StyleError
from ..settings import picture_of
from ..styles.any_picture import read_any_picture
from .critics.choice import open_loss_network
from .data import resize_short_side, style_picture, to_tensor
from .loss_network import LAYERS
from .losses import style_loss, style_target
from .recipe import StyleSource, read_recipe

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RECIPE = Path(__file__).parent / "recipes" / "house.toml"
_CONTENT_LAYER = "relu4_1"
_SHORT_SIDE = 400  # at which most presets were learnt


def picture_of_style(style: str, assets: Path) -> Tensor:
    """What a style looks like, (1, 3, H, W): the picture a preset was learnt from, or the one that is the style.

    Raises:
        StyleError: the recipe has no such style.
        MediaError: the picture cannot be a style.
    """
    picture = picture_of(style)
    if picture is None:
        return style_picture(style_source(style), assets)
    return to_tensor(resize_short_side(read_any_picture(picture), _SHORT_SIDE))


def style_source(style: str) -> StyleSource:
    """What the recipe says of a preset. Raises ``StyleError`` when it has no such style."""
    sources = {source.id: source for source in read_recipe(_RECIPE).styles}
    if style not in sources:
        raise StyleError(
            f"The recipe has no style {style!r}.",
            f"It has {', '.join(sources)}. A style of your own is measured against a picture: --style-picture FILE.",
        )
    return sources[style]


class StyleMeter:
    """Style loss against the picture a preset was learnt from, and content loss; always on VGG-19.

    Args:
        assets: folder with the loss network's weights and the style pictures, as the recipe names them.
        style: identifier of a preset, or a picture's path.

    Raises:
        StyleError: the recipe knows no such style.
    """

    def __init__(self, assets: Path, style: str) -> None:
        picture = picture_of_style(style, assets)
        self._network = open_loss_network("vgg19", assets, torch.float32)
        with torch.inference_mode():
            features = self._network(picture)
            self._targets = {layer: style_target(features[layer]) for layer in LAYERS}

    def losses(self, painted: NDArray[np.uint8], source: NDArray[np.uint8]) -> tuple[float, float]:
        """Style loss and content loss of a painting, both 0 when equal.

        Style: mean over the layers of the relative distance of Gram matrices, means and deviations. Content: squared
        distance of the features of relu4_1 to the source's, relative to theirs (Johnson et al. 2016).
        """
        with torch.inference_mode():
            features, wanted = (self._network(to_tensor(rgb)) for rgb in (painted, source))
            style = [style_loss(features[layer], [self._targets[layer]]) for layer in LAYERS]
            change = torch.square(features[_CONTENT_LAYER] - wanted[_CONTENT_LAYER]).sum()
            content = change / torch.square(wanted[_CONTENT_LAYER]).sum()
        return float(torch.stack(style).mean()), float(content)
