# SPDX-License-Identifier: GPL-3.0-or-later
"""Scene strips that are painted at half the size: Blender's motion is that of the small frames (free of bpy itself)."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from core.flow.dis import grid_size
from tests.blender.installed import Installed
from tests.blender.test_exact_motion import CASES, SIZE, motions

pytestmark = pytest.mark.blender

NAMES = ("rigid", "placed")


@pytest.fixture(scope="module")
def played(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, Any]]:
    """A strip that fills the frame and one that is placed, turned, cropped and mirrored, at 100 and at 50 per cent."""
    cases = {name: {**CASES[name], "painted": False} for name in NAMES}
    return {
        resolution: installed.play(
            "exact_motion",
            tmp_path_factory.mktemp(f"motion at {resolution}"),
            size=SIZE,
            cases=cases,
            resolution=resolution,
        )
        for resolution in (100, 50)
    }


@pytest.mark.parametrize("name", NAMES)
def test_it_is_half_of_the_whole_frames_motion_at_the_same_places(played: dict[int, dict[str, Any]], name: str) -> None:
    rows, columns = grid_size(SIZE[1] // 2, SIZE[0] // 2)
    for whole, half in zip(motions(played[100], name), motions(played[50], name), strict=True):
        assert half.flow_cur_to_prev.shape == (2, rows, columns)
        expected = np.stack(
            [cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA) for part in whole.flow_cur_to_prev]
        )
        expected *= 0.5
        error = np.hypot(*(half.flow_cur_to_prev - expected))
        length = np.hypot(*expected)
        seen = length > 0.2  # where something is shown, it moves
        print(f"{name}: off by {np.median(error[seen]):.4f} of {np.median(length[seen]):.2f} pixels of the grid")
        assert seen.mean() > 0.1
        assert np.median(error[seen]) < 0.02 and np.percentile(error[seen], 80) < 0.1
