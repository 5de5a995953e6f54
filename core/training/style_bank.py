# SPDX-License-Identifier: GPL-3.0-or-later
"""The style pictures a painter learns from, and what it is compared with (free of bpy, needs torch)."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from ..paint.encode_style import fitted
from ..styles.weights import MODELS_FOLDER
from .data import read_picture, resize_short_side, style_picture, to_picture, to_tensor, trimmed
from .looks import SCALES, ScaledTargets, scaled_targets
from .loss_network import LossNetwork
from .losses import StyleTarget
from .recipe import Recipe
from .style_encoder import SHORT_SIDE, STRIDE, open_eyes, picture_moments

HELD_OUT_EVERY = 6
"""Of the paintings for the style encoder every sixth is held out: it is judged on them and never learns from them."""

_SHORT_SIDES = (280, 400)
_PARTS = ("gram", "mean", "deviation")


@dataclass(frozen=True)
class StyleBank:
    """What every style picture leaves at each layer at each of SCALES, so that strokes and colour areas both come.

    Attributes:
        targets: of each style, at each scale, by layer; the recipe's styles first, then any pictures.
        moments: (P, M) of the any pictures, see ``core.training.style_encoder``.
        named: how many styles the recipe names.
    """

    targets: list[ScaledTargets]
    moments: Tensor
    named: int


def fill_bank(
    recipe: Recipe, assets: Path, loss_network: LossNetwork, device: torch.device, kept: Path | None = None
) -> StyleBank:
    """Look at all style pictures; what was seen of them is kept in the file ``kept``, since it takes minutes."""
    named = [style_picture(style, assets) for style in recipe.styles]
    files = learnt_paintings(assets / recipe.any_styles) if recipe.any_styles else []
    pictures = (recipe.styles, [file.name for file in files], recipe.any_variants)
    seen = (*pictures, recipe.loss_network, recipe.seed, recipe.crop)
    key = hashlib.sha256(repr(seen).encode()).hexdigest()
    if kept is not None and kept.is_file():
        found = load_file(kept)
        if bytes(found.pop("key").tolist()).hex() == key:
            return _from_tensors(found, len(named), device)
    jittered = (
        _jittered(file, np.random.default_rng((recipe.seed, place, again)))
        for place, file in enumerate(files)
        for again in range(recipe.any_variants)
    )
    critic = open_eyes(MODELS_FOLDER)
    tensors: dict[str, Tensor] = {}
    moments = []
    for count, picture in enumerate(itertools.chain(named, jittered)):
        tensors |= _looked_at(count, picture.to(device), loss_network, recipe.crop)
        if count >= len(named):
            seen_as = torch.from_numpy(fitted(to_picture(picture), SHORT_SIDE, STRIDE))  # as the product does
            with torch.no_grad():
                moments.append(picture_moments(critic, seen_as))
    if moments:
        tensors["moments"] = torch.cat(moments)
    if kept is not None:
        number = torch.tensor(list(bytes.fromhex(key)), dtype=torch.uint8)
        save_file({**{name: value.contiguous() for name, value in tensors.items()}, "key": number}, kept)
    return _from_tensors(tensors, len(named), device)


def learnt_paintings(folder: Path, held_out: bool = False) -> list[Path]:
    """The paintings of a folder that the style encoder learns from, or those that are held out."""
    files = sorted(folder.glob("*.jpg"))
    return [file for place, file in enumerate(files) if (place % HELD_OUT_EVERY == 0) == held_out]


def _jittered(file: Path, random: np.random.Generator) -> Tensor:
    """A painting at a random size, as it is or with its colours changed: one picture shows many styles to learn."""
    picture = resize_short_side(trimmed(read_picture(file)), int(random.integers(_SHORT_SIDES[0], _SHORT_SIDES[1] + 1)))
    values = to_tensor(picture)
    if random.random() < 0.5:
        values = values[:, random.permutation(3).tolist()]
    if random.random() < 0.6:
        values = values ** float(random.uniform(0.5, 1.5))
        grey = values.mean(1, keepdim=True)
        values = (grey + (values - grey) * float(random.uniform(0.3, 2.5))).clamp(0, 1)
    return values


def _looked_at(number: int, picture: Tensor, loss_network: LossNetwork, crop: int) -> dict[str, Tensor]:
    return {
        f"{number}.{place}.{layer}.{part}": getattr(target, part).cpu()
        for place, targets in enumerate(scaled_targets(picture, loss_network, crop))
        for layer, target in targets.items()
        for part in _PARTS
    }


def _from_tensors(tensors: dict[str, Tensor], named: int, device: torch.device) -> StyleBank:
    targets: list[ScaledTargets] = []
    for name in tensors:
        if not name.endswith(".gram"):
            continue
        number, place, layer, _ = name.split(".")
        while len(targets) <= int(number):
            targets.append([{} for _ in SCALES])
        parts = (tensors[f"{number}.{place}.{layer}.{part}"].to(device) for part in _PARTS)
        targets[int(number)][int(place)][layer] = StyleTarget(*parts)
    return StyleBank(targets, tensors.get("moments", torch.zeros(0, 1)).to(device), named)
