# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens a loss network by its name (free of bpy, needs torch)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from ...errors import EngineError, ModelError, SettingsError
from ...styles.weights import MODELS_FOLDER
from ..loss_network import LossNetwork
from .distilled import distilled
from .from_torchvision import is_fetched, torchvision_inception, torchvision_vgg
from .precision import fast_precision
from .squeezenet import squeezenet
from .vgg19 import vgg19

_SUFFIXES = {".pth", ".pt", ".npz", ".safetensors"}
# Those that lie in the folder of assets, and where.
_IN_ASSETS: dict[str, tuple[Callable[[Path, torch.dtype], LossNetwork], str]] = {
    "vgg19": (vgg19, "weights/vgg19_normalised_to_relu4_1.pth"),
    "squeezenet": (squeezenet, "weights/squeezenet_v1.0.npz"),
}
# Our own, shipped with the project: one that learnt where its pupils lead, to teach painters, and one that learnt from
# pictures alone. Pixels that are free to change find what the first never corrected; the second holds them better.
_DISTILLED = {
    "distilled": MODELS_FOLDER / "critic" / "weights.safetensors",
    "distilled-pictures": MODELS_FOLDER / "critic" / "pictures.safetensors",
}
# Those that torchvision fetches where no file is named.
_FETCHED: dict[str, Callable[[Path | None, torch.dtype], LossNetwork]] = {
    "torchvision-vgg16": lambda path, precision: torchvision_vgg("vgg16", path, precision),
    "torchvision-vgg19": lambda path, precision: torchvision_vgg("vgg19", path, precision),
    "torchvision-inception_v3": torchvision_inception,
}
LOSS_NETWORKS = (*_DISTILLED, *_IN_ASSETS, *_FETCHED)


def open_loss_network(chosen: str, assets: Path, precision: torch.dtype | None = None) -> LossNetwork:
    """The loss network of a name.

    Args:
        chosen: one of ``LOSS_NETWORKS``; with ":FILE" behind it, its weights come from that file below ``assets``.
            A file alone is that of VGG-19.
        precision: what it computes in: to measure with, float32; the fast one of the processor when left out.

    Raises:
        SettingsError: there is no such loss network.
        ModelError: its weights are missing, damaged, or another network's.
        EngineError: it needs torchvision, which is not installed.
    """
    precision = precision or fast_precision(torch.device("cpu"))
    name, _, file = chosen.partition(":")
    if Path(chosen).suffix in _SUFFIXES and name not in LOSS_NETWORKS:
        name, file = "vgg19", chosen
    if name in _DISTILLED:
        own = _DISTILLED[name]
        if not file and not own.is_file():
            raise ModelError(
                f"The project's own loss network is not at {own}.",
                "Make it with python -m core.training.distil_critic, or choose --loss-network vgg19 with --assets.",
            )
        return distilled(assets / file if file else own, precision)
    if name in _IN_ASSETS:
        open_it, own_file = _IN_ASSETS[name]
        return open_it(assets / (file or own_file), precision)
    if name in _FETCHED:
        return _FETCHED[name](assets / file if file else None, precision)
    raise SettingsError(f"There is no loss network {chosen!r}.", f"There are {', '.join(LOSS_NETWORKS)}.")


def is_at_hand(chosen: str, assets: Path) -> bool:
    """Whether ``open_loss_network`` would find the weights here; it fetches nothing to find out."""
    name, _, file = chosen.partition(":")
    if name in _FETCHED and not file:
        try:
            return is_fetched(name.removeprefix("torchvision-"))
        except EngineError:
            return False
    own = _DISTILLED | {known: assets / path for known, (_, path) in _IN_ASSETS.items()}
    return (assets / file if file else own.get(name, assets / chosen)).is_file()
