# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads weights that others trained: as numbers only, nothing is unpickled (free of bpy, needs torch)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from ...errors import ModelError


def _arrays(path: Path) -> dict[str, Tensor]:
    with np.load(path, allow_pickle=False) as arrays:
        return {name: torch.from_numpy(arrays[name]) for name in arrays.files}


def _numbers_only(path: Path) -> object:
    return torch.load(path, map_location="cpu", weights_only=True)


_READERS: dict[str, Callable[[Path], object]] = {
    ".pth": _numbers_only,
    ".pt": _numbers_only,
    ".tar": _numbers_only,
    ".npz": _arrays,
    ".safetensors": load_file,
}


def read_weights(path: Path) -> dict[str, Tensor]:
    """All tensors of a weights file by name.

    Raises:
        ModelError: there is no such file, it is of no known kind, damaged, or holds anything but tensors.
    """
    if not path.is_file():
        raise ModelError(f"There are no weights at {path}.", "Name the folder they lie in with --assets.")
    try:
        held = _READERS[path.suffix](path)
    except KeyError:
        raise ModelError(f"{path} does not end in {', '.join(_READERS)}.", "Name a weights file.") from None
    except Exception as error:  # every reader raises kinds of its own, the unpickler's among them
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(f"{path} cannot be read as weights ({reason}).", "Fetch the file again.") from error
    if not isinstance(held, Mapping) or not all(isinstance(value, Tensor) for value in held.values()):
        raise ModelError(f"{path} holds more than tensors by name.", "Name a file that holds a network's weights only.")
    return dict(held)


def fill(module: nn.Module, tensors: Mapping[str, Tensor], path: Path, names: Mapping[str, str] | None = None) -> None:
    """Put the tensors of a file into a module; every parameter must be there with its own shape.

    Args:
        names: the name in the file of each of the module's own names, where they differ.
        path: for the error's sentence.

    Raises:
        ModelError: a tensor is missing, or has another shape.
    """
    chosen = {}
    for name, own in module.state_dict().items():
        if name.endswith("num_batches_tracked"):  # counts training steps, and older files lack it
            chosen[name] = torch.zeros_like(own, device="cpu")
            continue
        there = names[name] if names else name
        found = tensors.get(there)
        if found is None or found.shape != own.shape:
            shape = "missing" if found is None else f"{tuple(found.shape)}"
            raise ModelError(
                f"{path} does not fit: {there} is {shape}, {tuple(own.shape)} was expected.",
                "Name the file that belongs to this network.",
            )
        chosen[name] = found.to(own.dtype)
    module.load_state_dict(chosen, assign=True)
