# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place that imports torchvision and lets it fetch its weights (free of bpy, needs torch)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..errors import EngineError, ModelError

_kept: list[torch.library.Library] = []


def open_torchvision(remedy: str) -> Any:
    """The package torchvision.

    Args:
        remedy: what to do where it is not installed, for the error's sentence.

    Raises:
        EngineError: it is not installed.
    """
    try:
        return _imported()
    except ModuleNotFoundError as error:
        raise EngineError("This Python has no torchvision, which this network comes from.", remedy) from error


def fetched_weights(which: str, remedy: str) -> dict[str, Tensor]:
    """The default weights of one of torchvision's networks, fetched into its own cache the first time.

    Args:
        which: torchvision's name of the network.
        remedy: what to do where they cannot be fetched, for the error's sentence.

    Raises:
        EngineError: torchvision is not installed.
        ModelError: there is no network, or what came is damaged.
    """
    own = open_torchvision(remedy).models.get_model_weights(which).DEFAULT
    try:
        return dict(own.get_state_dict(progress=True, check_hash=True, weights_only=True))
    except (OSError, RuntimeError) as error:  # no network; or the hash of what came is another
        raise ModelError(f"torchvision cannot fetch {own.url} ({error}).", remedy) from error


def kept_weights(which: str, remedy: str) -> Path:
    """The file of the default weights of one of torchvision's networks, where it was fetched before.

    Args:
        which, remedy: as of ``fetched_weights``.

    Raises:
        EngineError: torchvision is not installed.
        ModelError: it has not been fetched yet.
    """
    own = open_torchvision(remedy).models.get_model_weights(which).DEFAULT
    path = Path(torch.hub.get_dir(), "checkpoints", own.url.rpartition("/")[2])
    if not path.is_file():
        raise ModelError(f"The weights of torchvision's {which} are not on this machine ({path}).", remedy)
    return path


def _imported() -> Any:
    """torchvision; beside a torch it was not built for its operators are missing, and it fails on their names.

    They find boxes of things in pictures: nothing here calls them, so their names are enough.
    """
    try:
        import torchvision
    except RuntimeError:
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        names: Any = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
        for operator in ("nms", "qnms"):
            names.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _kept.append(names)  # the names live as long as it does
        import torchvision
    return torchvision
