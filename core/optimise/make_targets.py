# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what the presets' pictures leave in the critic, to be shipped in their place (free of bpy, needs torch).

python -m core.optimise.make_targets --assets ASSETS
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import torch

from ..styles.weights import MODELS_FOLDER
from ..training.critics.choice import open_loss_network
from ..training.data import style_picture
from ..training.recipe import read_recipe
from .materials import CRITIC, OWN_NETWORK, TARGETS
from .targets import targets_of, write_targets

_RECIPE = Path(__file__).parents[1] / "training" / "recipes" / "house.toml"


def main(arguments: list[str] | None = None) -> None:
    """Write models/critic/targets.safetensors and record its SHA-256."""
    parser = argparse.ArgumentParser(prog="python -m core.optimise.make_targets", description=__doc__)
    parser.add_argument("--assets", type=Path, required=True, help="folder of the style pictures")
    parser.add_argument("--models", type=Path, default=MODELS_FOLDER, help="folder of the models")
    chosen = parser.parse_args(arguments)
    critic = open_loss_network(OWN_NETWORK, chosen.assets, torch.float32)
    shipped = [style for style in read_recipe(_RECIPE).styles if style.shipped]
    targets = {style.id: targets_of(style_picture(style, chosen.assets), critic) for style in shipped}
    file = chosen.models / TARGETS
    write_targets(file, targets, chosen.models / CRITIC)
    path = chosen.models / "index.json"
    index = json.loads(path.read_text("utf-8"))
    index["sha256"] = dict(sorted({**index["sha256"], TARGETS: hashlib.sha256(file.read_bytes()).hexdigest()}.items()))
    path.write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{file}: {len(targets)} styles, {file.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
