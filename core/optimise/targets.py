# SPDX-License-Identifier: GPL-3.0-or-later
"""What a style picture leaves in a loss network, and how that is kept for presets (free of bpy, needs torch).

The style pictures of the presets are not shipped. What paintings are compared with is: Gram matrices, means and
deviations of the critic's features, in half precision. A Gram matrix is symmetric, so half of it is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ..errors import ModelError, StyleError
from ..training.looks import SCALES, reduced
from ..training.loss_network import LossNetwork
from ..training.losses import StyleTarget, style_target

Targets = Mapping[int, Mapping[str, StyleTarget]]
"""What is wanted, by scale (one of SCALES: the picture at 1 / scale of its size) and by layer."""

LEFT_OUT = {1: 1, 2: 0, 4: 0}
"""So many of the deepest layers are left out at each scale: at full scale only the finer ones are compared, for the
third of VGG-19 at half scale sees as far as the fourth at full scale, and what lies between is most of the work."""

_PARTS = ("mean", "deviation")
_REMEDY = "Install the add-on again, or name the picture itself as the style."


def deepest_layer(layers: tuple[str, ...], scale: int) -> str:
    """The last of a loss network's layers that is compared at one of SCALES; the first is compared at each."""
    return layers[-1 - min(LEFT_OUT[scale], len(layers) - 1)]


def targets_of(picture: Tensor, network: LossNetwork) -> Targets:
    """What a style picture (1, 3, H, W) RGB 0 … 1 leaves, on the picture's device."""
    with torch.no_grad():
        return {
            scale: {
                layer: style_target(values)
                for layer, values in network(reduced(picture, scale), deepest_layer(network.layers, scale)).items()
            }
            for scale in SCALES
        }


def write_targets(file: Path, targets: Mapping[str, Targets], critic: Path) -> None:
    """Keep the targets of styles by name; they belong to the critic whose weights lie in ``critic``."""
    tensors = {}
    for style, of_style in targets.items():
        for scale, of_scale in of_style.items():
            for layer, target in of_scale.items():
                name = f"{style}.{scale}.{layer}"
                rows, columns = _triangle(len(target.mean))
                tensors[f"{name}.gram"] = target.gram[rows, columns].half().contiguous()
                tensors |= {f"{name}.{part}": getattr(target, part).half().contiguous() for part in _PARTS}
    save_file(tensors, file, {"critic": _sha256(critic)})
    file.chmod(0o644)  # safetensors writes files only their owner can read


def read_targets(file: Path, style: str, critic: Path) -> Targets:
    """The targets of a style that are kept in a file.

    Raises:
        StyleError: the file has no such style.
        ModelError: the file is missing or damaged, or belongs to another critic.
    """
    try:
        with safe_open(file, "pt") as kept:
            belongs = (kept.metadata() or {}).get("critic") == _sha256(critic)
            names = kept.keys()
            tensors = {name: kept.get_tensor(name).float() for name in names if name.startswith(f"{style}.")}
    except (OSError, SafetensorError) as error:
        raise ModelError(f"The targets of the presets in {file} cannot be read ({error}).", _REMEDY) from error
    if not belongs:
        raise ModelError(f"The targets of the presets in {file} belong to another critic than {critic}.", _REMEDY)
    if not tensors:
        raise StyleError(f"There are no targets of the style {style!r} in {file}.", "Name a picture as the style.")
    targets: dict[int, dict[str, StyleTarget]] = {}
    for name in (name for name in tensors if name.endswith(".gram")):
        _, scale, layer, _ = name.split(".")
        mean, deviation = (tensors[f"{style}.{scale}.{layer}.{part}"] for part in _PARTS)
        targets.setdefault(int(scale), {})[layer] = StyleTarget(_whole(tensors[name], len(mean)), mean, deviation)
    return targets


def moved(targets: Targets, device: torch.device) -> Targets:
    """The same targets on another device."""
    return {
        scale: {
            layer: StyleTarget(one.gram.to(device), one.mean.to(device), one.deviation.to(device))
            for layer, one in of_scale.items()
        }
        for scale, of_scale in targets.items()
    }


def key_of_targets(targets: Targets) -> str:
    """Hash of all numbers, for cache keys; 32 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=16)
    for scale, of_scale in sorted(targets.items()):
        for layer, target in sorted(of_scale.items()):
            digest.update(f"{scale}.{layer}".encode())
            for part in (target.gram, target.mean, target.deviation):
                digest.update(part.cpu().half().numpy().tobytes())
    return digest.hexdigest()


def _triangle(side: int) -> tuple[Tensor, Tensor]:
    rows, columns = torch.triu_indices(side, side)
    return rows, columns


def _whole(half: Tensor, side: int) -> Tensor:
    rows, columns = _triangle(side)
    whole = torch.zeros(side, side)
    whole[rows, columns] = half
    whole[columns, rows] = half
    return whole


def _sha256(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
