# SPDX-License-Identifier: GPL-3.0-or-later
"""Any picture is made fit to learn from, or refused with a sentence."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from core.errors import MediaError
from core.frames import Frame, write_frame
from core.training.any_picture import read_any_picture
from core.training.practice import dead_leaves, footage_frames

PICTURE = dead_leaves(3, 120, 160)


def test_a_picture_is_read_as_it_is(tmp_path: Path) -> None:
    write_frame(tmp_path / "a.png", Frame(PICTURE))
    np.testing.assert_array_equal(read_any_picture(tmp_path / "a.png"), PICTURE)


def test_grey_translucent_and_cmyk_pictures_become_rgb(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "grey.png"), PICTURE[..., 0])
    np.testing.assert_array_equal(read_any_picture(tmp_path / "grey.png"), np.repeat(PICTURE[..., :1], 3, 2))
    alpha = np.full(PICTURE.shape[:2], 255, np.uint8)
    alpha[:60] = 0
    write_frame(tmp_path / "clear.png", Frame(PICTURE, alpha))
    read = read_any_picture(tmp_path / "clear.png")
    assert (read[:60] == 255).all() and (read[60:] == PICTURE[60:]).all()
    pillow = pytest.importorskip("PIL.Image", reason="writes the CMYK file")
    smooth = cv2.GaussianBlur(PICTURE, (0, 0), 3)
    pillow.fromarray(smooth).convert("CMYK").save(tmp_path / "print.jpg", quality=95)
    assert np.abs(read_any_picture(tmp_path / "print.jpg").astype(int) - smooth).mean() < 6


def test_a_huge_picture_is_reduced_and_a_long_one_cut(tmp_path: Path) -> None:
    write_frame(tmp_path / "huge.png", Frame(cv2.resize(PICTURE, (4000, 3000))))
    assert read_any_picture(tmp_path / "huge.png").shape == (512, 683, 3)
    write_frame(tmp_path / "long.png", Frame(cv2.resize(PICTURE, (2000, 100))))
    assert read_any_picture(tmp_path / "long.png").shape == (100, 300, 3)


def test_what_cannot_be_learnt_from_is_told(tmp_path: Path) -> None:
    write_frame(tmp_path / "tiny.png", Frame(PICTURE[:10, :10]))
    write_frame(tmp_path / "flat.png", Frame(np.full((100, 100, 3), 90, np.uint8)))
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "empty.jpg").touch()
    write_frame(tmp_path / "torn.png", Frame(PICTURE))
    (tmp_path / "torn.png").write_bytes((tmp_path / "torn.png").read_bytes()[:40])
    for name, words in (
        ("tiny.png", "10x10 pixels"),
        ("flat.png", "flat colour"),
        ("text.jpg", "not a picture"),
        ("empty.jpg", "not a picture"),
        ("torn.png", "not a picture"),
        ("gone.jpg", "Cannot read"),
    ):
        with pytest.raises(MediaError, match=words):
            read_any_picture(tmp_path / name)


def test_footage_is_spread_over_the_clip_and_black_frames_are_left_out(tmp_path: Path) -> None:
    for number in range(6):
        write_frame(tmp_path / "in" / f"{number}.png", Frame(PICTURE if number % 2 else np.zeros_like(PICTURE)))
    assert len(footage_frames(tmp_path / "in")) == 3
    write_frame(tmp_path / "black" / "0.png", Frame(np.zeros_like(PICTURE)))
    (tmp_path / "text.mp4").write_text("no movie")
    for name in ("black", "text.mp4", "gone.mp4"):
        with pytest.raises(MediaError, match="footage"):
            footage_frames(tmp_path / name)
