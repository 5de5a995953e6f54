# SPDX-License-Identifier: GPL-3.0-or-later
"""What a style is practised on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import MediaError
from core.storage.frames import Frame, write_frame
from core.training.practice import dead_leaves, footage_frames

PICTURE = dead_leaves(3, 120, 160)


def test_footage_is_spread_over_the_clip_and_black_frames_are_left_out(tmp_path: Path) -> None:
    for number in range(6):
        write_frame(tmp_path / "in" / f"{number}.png", Frame(PICTURE if number % 2 else np.zeros_like(PICTURE)))
    assert len(footage_frames(tmp_path / "in")) == 3
    write_frame(tmp_path / "black" / "0.png", Frame(np.zeros_like(PICTURE)))
    (tmp_path / "text.mp4").write_text("no movie")
    for name in ("black", "text.mp4", "gone.mp4"):
        with pytest.raises(MediaError, match="footage"):
            footage_frames(tmp_path / name)
