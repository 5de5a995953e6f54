# SPDX-License-Identifier: GPL-3.0-or-later
"""The sheet of what each control does: its parts, without painting anything."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from core.errors import BrushflowError
from core.storage.frames import Clip, Frame, write_frame
from demo import controls


@pytest.fixture
def frame() -> Frame:
    """A frame of the demo clip's size."""
    return Frame(np.random.default_rng(1).integers(0, 256, (360, 640, 3)).astype(np.uint8))


def test_what_moves_with_its_source_is_black_and_what_boils_is_bright() -> None:
    rng = np.random.default_rng(1)
    wide = cv2.GaussianBlur(rng.integers(0, 256, (360, 660, 3)).astype(np.uint8), (0, 0), 4)
    wide = cv2.normalize(wide, None, 0, 255, cv2.NORM_MINMAX)
    moving = [Frame(np.ascontiguousarray(wide[:, start : start + 640])) for start in (0, 3, 6)]
    boiling = [Frame(np.clip(one.rgb + rng.normal(0, 20, one.rgb.shape), 0, 255).astype(np.uint8)) for one in moving]
    still, lively = (controls.change(moving, shown)[:, 20:-20].mean() for shown in (moving, boiling))
    assert still < 20 and lively > 60


def test_a_part_is_shown_pixel_by_pixel(frame: Frame) -> None:
    part = controls.part(frame)
    assert part.shape == (162, 288, 3)
    np.testing.assert_array_equal(part, frame.rgb[66:228, 176:464])


def test_every_cell_stands_on_the_sheet_and_the_sheet_is_small(frame: Frame, tmp_path: Path) -> None:
    cells = [(controls.whole(frame), "0.5"), (controls.part(frame), "1")]
    sheet = controls.sheet([controls.Row("Brush Size", cells), controls.Row("Colour Lock", cells * 2)])
    for left, rgb in zip((8, 304), (controls.whole(frame), controls.part(frame)), strict=True):
        np.testing.assert_array_equal(np.asarray(sheet)[30:192, left : left + 288], rgb)
    controls.save(sheet, tmp_path / "new" / "sheet.jpg")
    assert (tmp_path / "new" / "sheet.jpg").stat().st_size <= controls.LARGEST
    with Image.open(tmp_path / "new" / "sheet.jpg") as saved:
        assert saved.size == sheet.size == (4 * 296 + 8, 2 * 214 + 8)


def test_it_paints_what_is_asked_for_and_an_unknown_style_is_told(frame: Frame, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(2)]
    for path in paths:
        write_frame(path, Frame(frame.rgb[:96, :128]))
    easel = controls.Easel(Clip(tuple(paths)), "starry-night", tmp_path / "work")
    (painted,) = easel.paint((1,), brush_size=2.0)
    assert painted.size == (96, 128) and np.abs(painted.rgb.astype(int) - frame.rgb[:96, :128]).mean() > 5
    with pytest.raises(BrushflowError, match="nobody"):
        controls.Easel(Clip(tuple(paths)), "nobody", tmp_path / "other").paint((0,))
