# SPDX-License-Identifier: GPL-3.0-or-later
"""VGG-16, VGG-19 and Inception v3 as torchvision has them (free of bpy, needs torch and torchvision).

Their weights are fetched by torchvision the first time, into its own cache, or come from a file. torchvision is
imported when one of them is opened.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from ..torchvision_link import fetched_weights, open_torchvision
from .tapped import Feeding, TappedNetwork
from .weights_file import fill, read_weights

_IMAGENET = Feeding(1.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_INCEPTION = Feeding(1.0, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
# The number of each tapped ReLU among the network's features.
_VGG_TAPS: dict[str, dict[int, str]] = {
    "vgg16": {1: "relu1_1", 6: "relu2_1", 11: "relu3_1", 18: "relu4_1"},
    "vgg19": {1: "relu1_1", 6: "relu2_1", 11: "relu3_1", 20: "relu4_1"},
}
# The first layer at each resolution, as with the others.
_INCEPTION_TAPS = ("Conv2d_1a_3x3", "Conv2d_3b_1x1", "Mixed_5b", "Mixed_6a")


def torchvision_vgg(which: str, weights: Path | None, precision: torch.dtype) -> TappedNetwork:
    """VGG-16 or VGG-19 (Simonyan and Zisserman 2014) up to relu4_1.

    Args:
        which: "vgg16" or "vgg19".
        weights: a file with torchvision's names, or None to let torchvision fetch its own.

    Raises:
        EngineError: torchvision is not installed.
        ModelError: the weights cannot be fetched, or the file is damaged or another network's.
    """
    taps = _VGG_TAPS[which]
    whole = _on_meta(which)
    layers = whole.features[: max(taps) + 1]
    _fill(layers, "features.", which, weights)
    # In place, a ReLU would write over what the layer before it gave.
    steps = ((taps.get(i, ""), nn.ReLU() if isinstance(layer, nn.ReLU) else layer) for i, layer in enumerate(layers))
    return TappedNetwork(steps, _IMAGENET, precision)


def torchvision_inception(weights: Path | None, precision: torch.dtype) -> TappedNetwork:
    """Inception v3 (Szegedy et al. 2015) up to the first layer at a sixteenth of the resolution.

    It pads nothing in its first layers: pictures of at least 75 pixels are what it was made for.

    Raises:
        As ``torchvision_vgg``.
    """
    whole = _on_meta("inception_v3")
    names = [name for name, _ in whole.named_children()]
    names = names[: names.index(_INCEPTION_TAPS[-1]) + 1]
    layers = nn.ModuleDict({name: getattr(whole, name) for name in names})
    _fill(layers, "", "inception_v3", weights)
    steps = ((name if name in _INCEPTION_TAPS else "", layer) for name, layer in layers.items())
    return TappedNetwork(steps, _INCEPTION, precision)


def is_fetched(which: str) -> bool:
    """Whether torchvision has fetched the weights of "vgg16", "vgg19" or "inception_v3" already.

    Raises:
        EngineError: torchvision is not installed.
    """
    url = str(_torchvision().models.get_model_weights(which).DEFAULT.url)
    return (Path(torch.hub.get_dir()) / "checkpoints" / url.rpartition("/")[2]).is_file()


def _on_meta(which: str) -> Any:
    """torchvision's network without memory for its weights: most of them would be thrown away."""
    models = _torchvision().models
    with torch.device("meta"):
        return models.get_model(which, weights=None, init_weights=False)


def _fill(layers: nn.Module, prefix: str, which: str, weights: Path | None) -> None:
    if weights is not None:
        tensors, path = read_weights(weights), weights
    else:
        own = _torchvision().models.get_model_weights(which).DEFAULT
        path = Path(own.url.rpartition("/")[2])
        tensors = fetched_weights(which, f"Fetch it elsewhere and name the file: torchvision-{which}:FILE.")
    fill(layers, tensors, path, {name: prefix + name for name in layers.state_dict()})


def _torchvision() -> Any:
    return open_torchvision("Install the requirements, or choose vgg19 or squeezenet.")
