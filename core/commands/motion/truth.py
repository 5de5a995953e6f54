# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the scenes that ``demo/make_truth.py`` renders. Free of bpy and torch."""

from __future__ import annotations

import dataclasses
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...errors import MediaError
from ...storage.frames import read_frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

_REMEDY = "Render the scenes: .blender/5.0/bin/python demo/make_truth.py --out build/truth"


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two neighbouring frames and what is true of them.

    Attributes:
        prev, cur: (H, W, 3) uint8 RGB.
        flow_cur_to_prev: (2, H, W) float32, pixels, x then y: where each pixel of cur was in prev, relative to now.
        occlusion_mask: (H, W) True where it was hidden in prev or out of the picture.
    """

    prev: NDArray[np.uint8]
    cur: NDArray[np.uint8]
    flow_cur_to_prev: NDArray[np.float32]
    occlusion_mask: NDArray[np.bool_]


def scene_names(folder: Path) -> list[str]:
    """The scenes of a folder, by name. Raises ``MediaError`` when there is none."""
    names = sorted(path.name for path in folder.glob("*") if (path / "0002.npz").is_file())
    if not names:
        raise MediaError(f"{folder} holds no scene with its true motion.", _REMEDY)
    return names


def pairs_of(scene: Path) -> Iterator[Pair]:
    """Every two neighbouring frames of a scene. Raises ``MediaError`` where one is missing or damaged."""
    for path in sorted(scene.glob("*.npz")):
        try:
            with np.load(path, allow_pickle=False) as arrays:
                flow, mask = arrays["flow_cur_to_prev"], arrays["occlusion_mask"]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise MediaError(f"{path} cannot be read as true motion ({error}).", _REMEDY) from error
        number = int(path.stem)
        prev, cur = (read_frame(scene / f"{i:04}.png").rgb for i in (number - 1, number))
        if flow.shape != (2, *cur.shape[:2]) or mask.shape != cur.shape[:2]:
            raise MediaError(f"{path} has the shape {flow.shape}; its frame is {cur.shape[:2]}.", _REMEDY)
        yield Pair(prev, cur, np.asarray(flow, np.float32), np.asarray(mask, np.bool_))
