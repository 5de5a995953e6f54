# SPDX-License-Identifier: GPL-3.0-or-later
"""Sample sheets: what the painter makes of a few frames, to be looked at while it learns (needs torch)."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from ..paint.canvas import canvas
from ..paint.house_network import BORDER, STRIDE, HouseNetwork, affine
from .data import read_picture, to_tensor


def paint_picture(
    network: HouseNetwork, frame: Tensor, gamma: Tensor, beta: Tensor, statistics_of: Tensor | None = None
) -> Tensor:
    """The frame (1, 3, H, W) painted as the running product does it, with the statistics of `statistics_of`."""
    with torch.no_grad():
        source = _fitted(frame if statistics_of is None else statistics_of)
        mean, variance = network.statistics(source, shipped_canvas(source), gamma, beta)
        fitted = _fitted(frame)
        painted: Tensor = network(fitted, shipped_canvas(fitted), *affine(gamma, beta, mean, variance))
    height, width = frame.shape[-2:]
    return painted[..., BORDER : BORDER + height, BORDER : BORDER + width]


def write_sheet(network: HouseNetwork, gamma: Tensor, beta: Tensor, pictures: list[Path], target: Path) -> None:
    """One row a picture, one column a style, the photograph first; as PNG."""
    rows = []
    for path in pictures:
        picture = read_picture(path)
        height = round(320 * picture.shape[0] / picture.shape[1])
        frame = to_tensor(cv2.resize(picture, (320, min(240, height)), interpolation=cv2.INTER_AREA))
        painted = [paint_picture(network, frame, gamma[i : i + 1], beta[i : i + 1]) for i in range(gamma.shape[0])]
        rows.append(torch.cat([frame, *painted], 3))
    sheet = torch.cat(rows, 2)[0].permute(1, 2, 0).clamp(0, 1).mul(255).round().to(torch.uint8).numpy()
    cv2.imwrite(str(target), np.ascontiguousarray(sheet[:, :, ::-1]))


def shipped_canvas(frame: Tensor) -> Tensor:
    """The canvas that the product paints frames (B, 3, H, W) on."""
    return torch.from_numpy(canvas(*frame.shape[-2:]).copy()).to(frame.device)


def _fitted(frame: Tensor) -> Tensor:
    height, width = frame.shape[-2:]
    right = BORDER + (-width) % STRIDE
    bottom = BORDER + (-height) % STRIDE
    return functional.pad(frame, (BORDER, right, BORDER, bottom), mode="reflect")
