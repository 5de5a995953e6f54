# SPDX-License-Identifier: GPL-3.0-or-later
"""The scenes with exact motion are exact: what they say is seen looks as it did, what they say is hidden does not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from build_addon import ROOT
from core.commands.motion.measure import photometric_error
from core.commands.motion.truth import pairs_of
from core.flow.dis import DisFlow
from core.flow.given import GivenMotion
from core.warp import resize_flow
from tests.blender.conftest import BlenderPython


@pytest.mark.parametrize("scene", ["crossing", "deformation"])
def test_the_true_motion_explains_the_pictures(blender: BlenderPython, scene: str, tmp_path: Path) -> None:
    if blender.version != "5.0":
        pytest.skip("the scenes are made with Blender 5.0, as the demo clip is")
    command = [str(blender.python), "demo/make_truth.py", "--out", str(tmp_path), "--scenes", scene, "--width", "320"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    pairs = list(pairs_of(tmp_path / scene))
    assert len(pairs) == 7 and pairs[0].cur.shape == (180, 320, 3)
    seen, hidden = photometric_error(pairs)
    still = np.mean([np.abs(pair.prev.astype(int) - pair.cur).mean() for pair in pairs])
    # Fine texture is resampled, which costs some levels; wrong signs or units would cost as many as no motion at all.
    assert seen < 2.0 < 0.5 * still
    assert hidden > 30.0
    assert all(0.002 < pair.occlusion_mask.mean() < 0.1 for pair in pairs)
    told = GivenMotion(tmp_path / scene / "motion", DisFlow())
    for i, pair in enumerate(pairs, 1):
        assert told.knows(i)
        motion = told.for_pair(i).estimate(pair.prev, pair.cur)
        flow = resize_flow(motion.flow_cur_to_prev, *pair.cur.shape[:2])
        known = cv2.resize(motion.occlusion_mask().astype(np.uint8), pair.cur.shape[1::-1]) == 0
        # Between pixels of the coarser grid on which it is told, two motions are mixed along a rim.
        error = np.hypot(*(flow - pair.flow_cur_to_prev))[known & ~pair.occlusion_mask]
        assert np.median(error) < 0.02 and (error > 0.5).mean() < 0.03
