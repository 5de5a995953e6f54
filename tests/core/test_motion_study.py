# SPDX-License-Identifier: GPL-3.0-or-later
"""The study of motion: masks tell what was hidden, figures are right where the answer is known, the report is whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_clips import moving_square, write_clip

from core.cli import main
from core.commands.motion.masks import WAYS, area, consistency, coverage
from core.commands.motion.measure import Pair, cut_between, estimated, judged, photometric_error
from core.commands.motion.truth import pairs_of, scene_names
from core.errors import MediaError
from core.flow.dis import DisFlow
from core.flow.grid import grid_size
from core.flow.motion import Motion
from core.warp import resize_flow

HEIGHT, WIDTH, STEP = 128, 192, 8


def true_pair() -> tuple[Pair, Motion]:
    """A square that moves to the right, and its motion as an estimator that knows it would give it."""
    frames, masks = moving_square(2, HEIGHT, WIDTH, side=48, step=STEP)
    back, onward = np.zeros((2, 2, HEIGHT, WIDTH), np.float32)
    back[0][masks[1]], onward[0][masks[0]] = -STEP, STEP
    grid = grid_size(HEIGHT, WIDTH)
    return Pair(*frames, back, masks[0] & ~masks[1]), Motion(resize_flow(back, *grid), resize_flow(onward, *grid))


class Knowing:
    """An estimator that is told the answer."""

    key = "knowing"

    def __init__(self, motion: Motion) -> None:
        self._motion = motion

    def estimate(self, prev: np.ndarray, cur: np.ndarray) -> Motion:
        return self._motion


def write_truth(folder: Path, name: str, pair: Pair) -> None:
    write_clip(folder / "frames", [pair.prev, pair.cur])
    (folder / name).mkdir(parents=True)
    for i in (1, 2):
        (folder / "frames" / f"{i - 1:06d}.png").rename(folder / name / f"{i:04}.png")
    arrays = {"flow_cur_to_prev": pair.flow_cur_to_prev, "occlusion_mask": pair.occlusion_mask}
    np.savez_compressed(folder / name / "0002.npz", **arrays)
    (folder / "frames").rmdir()


def test_true_motion_has_no_error_and_still_pictures_have_all_of_it() -> None:
    pair, motion = true_pair()
    _, figures = estimated(Knowing(motion), [pair])
    # Only the rim of the square, a pixel of the half grid, is not exact.
    assert figures.seen < 0.25
    still = Motion(np.zeros_like(motion.flow_cur_to_prev), np.zeros_like(motion.flow_cur_to_prev))
    _, wrong = estimated(Knowing(still), [pair])
    square = 48 * 48 / (HEIGHT * WIDTH)
    assert wrong.everywhere == pytest.approx(STEP * square, rel=1e-3)


@pytest.mark.parametrize("name", WAYS)
def test_every_mask_finds_what_true_motion_uncovers(name: str) -> None:
    pair, motion = true_pair()
    figures = judged(WAYS[name], [pair], [motion])
    assert figures.recall > (0.2 if "area" in name else 0.6)
    assert figures.precision > 0.3 and figures.precision_near > 0.8


def test_coverage_counts_what_lands() -> None:
    flow = np.zeros((2, 20, 30), np.float32)
    flow[0] = 2.5
    covered = coverage(Motion(-flow, flow))
    np.testing.assert_allclose(covered[:, 3:], 1.0, atol=1e-5)
    np.testing.assert_allclose(covered[0, :3], [0.0, 0.0, 0.5], atol=1e-5)
    flow[:, :, 15:] = 0.0  # the left half is laid over the right one
    np.testing.assert_allclose(coverage(Motion(-flow, flow)).sum(), 20 * 30, rtol=1e-5)
    assert coverage(Motion(-flow, flow))[5, 15] == pytest.approx(2.0)


def test_area_is_that_of_the_map() -> None:
    rows, columns = np.mgrid[:20, :30].astype(np.float32)
    np.testing.assert_allclose(area(np.stack([0.5 * columns, -0.2 * rows]))[1:-1, 1:-1], 1.5 * 0.8, rtol=1e-5)
    turned = np.stack([-rows - columns, columns - rows])  # a quarter turn keeps every area
    np.testing.assert_allclose(area(turned)[1:-1, 1:-1], 1.0, rtol=1e-5)
    assert (area(np.stack([-2 * columns, 0 * rows]))[1:-1, 1:-1] < 0).all(), "mirrored"


def test_consistency_of_half_a_pixel_is_the_products_own_mask() -> None:
    frames, _ = moving_square(2, HEIGHT, WIDTH, side=48, step=STEP)
    motion = DisFlow().estimate(*frames)
    np.testing.assert_array_equal(consistency(motion, 0.5), motion.occlusion_mask())
    assert consistency(motion, 0.05).sum() > motion.occlusion_mask().sum()


def test_the_truth_explains_the_picture_where_it_is_seen() -> None:
    pair, _ = true_pair()
    seen, hidden = photometric_error([pair])
    assert seen < 0.01 < 20 < hidden


def test_across_a_cut_everything_is_hidden() -> None:
    pair, _ = true_pair()
    cut = cut_between([pair], [pair])
    assert cut.occlusion_mask.all() and cut.prev is pair.cur and cut.cur is pair.cur


def test_the_report_holds_every_estimator_and_every_mask(tmp_path: Path) -> None:
    pair, _ = true_pair()
    for name in ("first", "second"):
        write_truth(tmp_path / "truth", name, pair)
    out = tmp_path / "motion.md"
    assert main(["motion-study", "--truth", str(tmp_path / "truth"), "--out", str(out)]) == 0
    lines = out.read_text("utf-8").splitlines()
    for name in ("dis", "dis-fast", "dis-fine", *WAYS):
        rows = [line for line in lines if line.startswith(f"| {name} |")]
        assert rows and all("nan" not in row for row in rows), name
    assert [line.count("|") for line in lines if line.startswith("| dis")] == [5, 5, 5]


def test_what_is_no_truth_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["motion-study", "--truth", str(tmp_path), "--out", str(tmp_path / "motion.md")]) == 1
    assert "holds no scene" in capsys.readouterr().err
    pair, _ = true_pair()
    write_truth(tmp_path, "torn", pair)
    assert scene_names(tmp_path) == ["torn"]
    path = tmp_path / "torn" / "0002.npz"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(MediaError, match=r"0002\.npz cannot be read as true motion"):
        list(pairs_of(tmp_path / "torn"))
    np.savez(path, flow_cur_to_prev=pair.flow_cur_to_prev[:, 2:], occlusion_mask=pair.occlusion_mask)
    with pytest.raises(MediaError, match="has the shape"):
        list(pairs_of(tmp_path / "torn"))
