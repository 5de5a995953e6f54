# SPDX-License-Identifier: GPL-3.0-or-later
"""Saving a run so that it can go on, and reading it back: safetensors and JSON, never pickle (needs torch)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ..paint.house_network import CHANNELS, HouseNetwork
from .style_encoder import StyleHead


class HousePainter(nn.Module):
    """The house network, one gamma and one beta (S, N) per style, and the head that gives any picture its own: all that
    training changes."""

    def __init__(self, styles: int) -> None:
        super().__init__()
        self.network = HouseNetwork()
        self.head = StyleHead()
        self.gamma = nn.Parameter(torch.ones(styles, CHANNELS))
        self.beta = nn.Parameter(torch.zeros(styles, CHANNELS))


def save_checkpoint(
    folder: Path,
    painter: HousePainter,
    average: dict[str, Tensor],
    optimiser: torch.optim.Adam,
    facts: dict[str, Any],
) -> None:
    """Write painter, running average and optimiser state, then the facts; a reader sees the old run or the new one."""
    tensors = {f"painter.{name}": value for name, value in painter.state_dict().items()}
    tensors |= {f"average.{name}": value for name, value in average.items()}
    for index, state in optimiser.state_dict()["state"].items():
        tensors |= {f"adam.{index}.{name}": value for name, value in state.items()}
    tensors = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    save_file(tensors, folder / "checkpoint.part", {"facts": json.dumps(facts)})
    os.replace(folder / "checkpoint.part", folder / "checkpoint.safetensors")
    (folder / "checkpoint.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def load_checkpoint(folder: Path) -> dict[str, dict[str, Tensor]]:
    """Tensors of a saved run by part: `painter`, `average`, and `adam` ("index.name")."""
    path = folder / "checkpoint.safetensors"
    if not path.is_file():
        raise FileNotFoundError(f"No run at {path}: start one with python -m core.training.train --out {folder}.")
    parts: dict[str, dict[str, Tensor]] = {"painter": {}, "average": {}, "adam": {}}
    for name, value in load_file(path).items():
        part, rest = name.split(".", 1)
        parts[part][rest] = value
    return parts


def checkpoint_facts(folder: Path) -> dict[str, Any]:
    """The facts that were saved in one file with the tensors."""
    with safe_open(folder / "checkpoint.safetensors", "pt") as file:
        return dict(json.loads(file.metadata()["facts"]))


def adopt_shipped(painter: HousePainter, models: Path, styles: list[str]) -> None:
    """Start from shipped models: the network's weights, and gamma and beta of the styles that are there.

    A style that is not there starts at the mean of all that are.
    """
    tensors = {name: value.float() for name, value in load_file(models / "house" / "weights.safetensors").items()}
    painter.network.load_state_dict(tensors)
    shipped = {path.stem: load_file(path) for path in sorted((models / "styles").glob("*.safetensors"))}
    with torch.no_grad():
        for name, parameter in (("gamma", painter.gamma), ("beta", painter.beta)):
            mean = torch.stack([modulation[name] for modulation in shipped.values()]).mean(0)
            for index, style in enumerate(styles):
                parameter[index] = shipped[style][name] if style in shipped else mean


def restore_optimiser(optimiser: torch.optim.Adam, saved: dict[str, Tensor]) -> None:
    """Give Adam back the moments it had."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in saved.items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = value
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
