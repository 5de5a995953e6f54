# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the style encoder as it is shipped: ONNX, weights, card, and its entry in the index (needs torch)."""

from __future__ import annotations

import hashlib
import json
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from ..errors import ModelError
from ..paint.encode_style import encoded
from .style_encoder import EYES, MOMENTS, SHORT_SIDE, STRIDE, StyleEncoder, StyleHead, open_eyes

FILE, WEIGHTS, CARD = "encoder/encoder.onnx", "encoder/weights.safetensors", "encoder/CARD.md"
TOLERANCE = 1e-4
"""Largest difference allowed between PyTorch's and OpenCV's gamma and beta, of their size where that is above 1: off
paintings they are about 1, off noise some reach 250."""

_NETWORK = "house/weights.safetensors"
_SIZES = ((64, 96), (SHORT_SIDE, SHORT_SIDE + 88), (3 * SHORT_SIDE, SHORT_SIDE))

_CARD = """# The style encoder

Turns any picture into the house network's scales and shifts, so that it is a style at once, without training.

- **Architecture:** `core/training/style_encoder.py`: mean and deviation of each channel of the critic's features
  ({moments} numbers), and three layers of {parameters} parameters. After Ghiasi et al. 2017 and Huang and
  Belongie 2017.
- **Licence:** GPL-3.0-or-later, like the project.
- **Belongs to** the house network whose `weights.safetensors` has SHA-256 `{network_key}`.
- **Weights:** float32, SHA-256 `{digest}`, of the three layers alone. They listen to the critic
  that learnt from pictures, `../critic/pictures.safetensors` (SHA-256 `{eyes}`);
  `encoder.onnx` holds both.

## Measured

OpenCV {opencv} against PyTorch on random pictures, largest difference of gamma and beta, of their size where that is
above 1: {difference:.1e}.
{notes}"""


def write_encoder(head: StyleHead, models: Path, notes: str = "") -> float:
    """``models/encoder`` with this head and the shipped critic, and its entry in the index if there is one yet.

    ``models/house/weights.safetensors`` must be those the head was trained for: the encoder is bound to them by their
    hash.
    Gives the largest difference between what PyTorch and OpenCV make of the same pictures; see ``TOLERANCE``.

    Args:
        notes: Markdown for the end of the card: how the head was trained, and what it is good for.

    Raises:
        ModelError: the critic or the house network is missing.
        RuntimeError: OpenCV does not compute what PyTorch computes.
    """
    if not (models / _NETWORK).is_file():
        raise ModelError(f"There is no {models / _NETWORK}.", "Export the house network first.")
    (models / FILE).parent.mkdir(parents=True, exist_ok=True)
    encoder = StyleEncoder(open_eyes(models), head).eval()
    _write_onnx(encoder, models / FILE)
    difference = _largest_difference(encoder, models / FILE)
    if not difference <= TOLERANCE:
        raise RuntimeError(
            f"OpenCV differs from PyTorch by {difference}, at most {TOLERANCE} was expected: do not ship; compare the "
            "layers of encoder.onnx one by one."
        )
    key = _sha256(models / _NETWORK)
    tensors = {name: value.detach().float().contiguous().clone() for name, value in head.state_dict().items()}
    save_file(tensors, models / WEIGHTS, metadata={"network_key": key})
    card = _CARD.format(
        moments=MOMENTS,
        parameters=f"{sum(parameter.numel() for parameter in head.parameters()):,}",
        network_key=key,
        digest=_sha256(models / WEIGHTS),
        eyes=_sha256(models / EYES),
        opencv=cv2.__version__,
        difference=difference,
        notes=f"\n{notes.strip()}\n" if notes else "",
    )
    (models / CARD).write_text(card, encoding="utf-8")
    for name in (FILE, WEIGHTS, CARD):
        (models / name).chmod(0o644)  # safetensors writes files only their owner can read
    _enter(models)
    return difference


def encoder_entry(models: Path) -> dict[str, Any]:
    """``{"encoder": …}`` for the index; empty where no encoder lies in ``models``.

    The network it belongs to is read from its weights: when the house network is exported anew, the index does not
    claim that an encoder of before fits it.
    """
    if not (models / FILE).is_file():
        return {}
    with safe_open(models / WEIGHTS, "np") as weights:
        key = weights.metadata()["network_key"]
    return {
        "encoder": {
            "file": FILE,
            "weights": WEIGHTS,
            "network": "house",
            "network_key": key,
            "short_side": SHORT_SIDE,
            "stride": STRIDE,
            "card": CARD,
        }
    }


def _enter(models: Path) -> None:
    path = models / "index.json"
    if not path.is_file():  # a first export, which writes it at its end
        return
    index = json.loads(path.read_text(encoding="utf-8"))
    hashes = index.pop("sha256") | {name: _sha256(models / name) for name in (FILE, WEIGHTS)}
    index |= encoder_entry(models) | {"sha256": dict(sorted(hashes.items()))}
    path.write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_onnx(encoder: StyleEncoder, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The TorchScript exporter is deprecated but needs no further package.
        torch.onnx.export(
            encoder,
            (torch.rand(1, 3, *_SIZES[0]),),
            path,
            input_names=["picture"],
            output_names=["gamma", "beta"],
            dynamic_axes={"picture": {2: "height", 3: "width"}},
            opset_version=17,
            dynamo=False,
        )


@torch.no_grad()
def _largest_difference(encoder: StyleEncoder, path: Path) -> float:
    found = 0.0
    for height, width in _SIZES:
        picture = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(height))
        got = encoded(path, picture.numpy())
        for name, wanted in zip(("gamma", "beta"), encoder(picture), strict=True):
            size = wanted[0].abs().clamp_min(1).numpy()
            found = max(found, float((np.abs(got[name] - wanted[0].numpy()) / size).max()))
    return found


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
