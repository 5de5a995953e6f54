# SPDX-License-Identifier: GPL-3.0-or-later
"""Coherence along known motion: what travels with it is coherent, what does not is not, and the study tells both."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from made_clips import moving_square, noisy, panning, write_clip
from made_passes import passes, write_motion

pytest.importorskip("rich", reason="the study shows its progress with rich")

from core.cli import main
from core.commands.true_motion import TrueScene
from core.storage.frames import Frame, write_frame
from core.warp import warp

STEP = (3, -1)
GRID = (32, 48)  # of the flow, for the size of the made clips


def write_scene(folder: Path, frames: list[np.ndarray], flows: list[np.ndarray], hidden: list[np.ndarray]) -> Path:
    """A scene as ``demo/make_truth.py`` leaves it; flows and masks are those of all frames but the first."""
    for i, frame in enumerate(frames, 1):
        write_frame(folder / f"{i:04}.png", Frame(frame))
    for i, (flow, mask) in enumerate(zip(flows, hidden, strict=True), 2):
        np.savez(folder / f"{i:04}.npz", flow_cur_to_prev=flow, occlusion_mask=mask)
    return folder


def pan(folder: Path, count: int) -> Path:
    """A camera that moves over a texture, with noise."""
    frames = noisy(panning(count, step=STEP), 3.0)
    flow = np.zeros((2, *frames[0].shape[:2]), np.float32)
    flow[0], flow[1] = STEP
    rows, columns = np.mgrid[: flow.shape[1], : flow.shape[2]]
    out = (columns + STEP[0] >= flow.shape[2]) | (rows + STEP[1] < 0)
    return write_scene(folder, frames, [flow] * (count - 1), [out] * (count - 1))


def test_what_travels_with_things_is_coherent_and_what_stays_on_the_screen_is_not(tmp_path: Path) -> None:
    scene = TrueScene(pan(tmp_path / "pan", 12))
    moving = scene.measure(write_clip(tmp_path / "clean", panning(12, step=STEP)))
    still = scene.measure(write_clip(tmp_path / "still", panning(1) * 12))
    assert moving.true == moving.true_far == 0.0 < still.true < still.true_far
    assert moving.sharpness > 0.0 and moving.estimated < 0.1 * still.estimated
    few = TrueScene(pan(tmp_path / "few", 4))
    assert math.isnan(few.measure(few.clip).true_far) and few.measure(few.clip).true > 0.0


def test_steps_are_chained_around_what_hides(tmp_path: Path) -> None:
    """A square that moves over a ground: what is seen all the way is fetched from where it was ten frames ago."""
    frames, masks = moving_square(12, side=20, step=4)
    flows = []
    for mask in masks[1:]:
        flow = np.zeros((2, *mask.shape), np.float32)
        flow[0][mask] = -4.0
        flows.append(flow)
    hidden = [before & ~after for before, after in itertools.pairwise(masks)]
    scene = TrueScene(write_scene(tmp_path / "square", frames, flows, hidden))
    motion = scene.motion(1, 11)
    seen = ~motion.occlusion_mask()
    fetched = warp(frames[1], motion.flow_cur_to_prev)
    np.testing.assert_array_equal(fetched[seen], frames[11][seen])
    np.testing.assert_array_equal(motion.flow_cur_to_prev[0][masks[11]], -40.0)
    assert not seen[masks[1] & ~masks[11]].any() and 0.6 < seen.mean() < 1.0


def test_the_study_measures_ways_on_scenes_without_anything_else(
    style: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = pan(tmp_path / "pan", 12)
    half = (STEP[0] / 2, STEP[1] / 2)
    told = passes(GRID, before=half, after=(-half[0], -half[1]))
    write_motion(scene / "motion", dict.fromkeys(range(12), told), range(12), GRID)
    command = ["settle-study", "--truth", str(scene), "--style", style, "--out", str(tmp_path / "out")]
    assert main([*command, "--ways", "surfaces", "on twos"]) == 0
    lines = (tmp_path / "out" / "settling.md").read_text("utf-8").splitlines()
    assert f'settle-study --truth TRUTH/pan --style {style} --ways surfaces "on twos"`' in lines[2]
    rows = {
        line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[2:-1]] for line in lines if "|" in line
    }
    assert {"frame by frame", "surfaces", "on twos", "surfaces, Blender's motion"} < set(rows)
    assert float(rows["surfaces, Blender's motion"][0]) < 1.1 * float(rows["surfaces"][0])
    assert rows["frame by frame"][1::2] == ["1.00"] * 4
    assert float(rows["surfaces"][1]) < 0.5 and float(rows["surfaces"][3]) < 0.95
    capsys.readouterr()
    assert main(["settle-study", "--out", str(tmp_path / "none")]) == 1
    assert "neither a clip nor a scene" in capsys.readouterr().err
    assert main(["settle-study", str(scene), "--out", str(tmp_path / "none")]) == 1
    assert "--assets" in capsys.readouterr().err
