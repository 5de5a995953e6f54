# SPDX-License-Identifier: GPL-3.0-or-later
"""``--flow`` on the command line: the estimator that is named is the one that carries the paint."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_clips import panning, write_clip

from core.cli import main

pytest.importorskip("rich", reason="the commands show progress with rich")
pytest.importorskip("platformdirs", reason="the commands keep their cache where platformdirs says")


def stylize(folder: Path, style: str, out: str, *options: str) -> int:
    where = [str(folder / "in"), str(folder / out), "--cache", str(folder / "cache")]
    return main(["stylize", *where, "--style", style, "--engine", "opencv", *options])


def test_each_estimator_carries_the_paint_in_its_own_way(style: str, tmp_path: Path) -> None:
    write_clip(tmp_path / "in", panning(5, step=(3, 2)))
    painted = {}
    for name in ("dis", "dis-fast", "dis-fine"):
        assert stylize(tmp_path, style, name, "--flow", name) == 0
        painted[name] = [path.read_bytes() for path in sorted((tmp_path / name).iterdir())]
    assert stylize(tmp_path, style, "default") == 0
    assert painted["dis"] == [path.read_bytes() for path in sorted((tmp_path / "default").iterdir())]
    for name in ("dis-fast", "dis-fine"):
        same = [one == other for one, other in zip(painted[name], painted["dis"], strict=True)]
        assert same[0], "a key needs no motion"
        assert not all(same)


def test_what_cannot_be_had_is_told_before_anything_is_painted(
    style: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_clip(tmp_path / "in", panning(2))
    for options, words in (
        (["--flow", "farneback"], "one of dis, dis-fast, dis-fine, raft-small, raft-large was expected"),
        (["--flow", "dis-fine", "--flow-weights", "some.pth"], "takes no weights"),
        (["--flow", "raft-small", "--flow-weights", str(tmp_path / "gone.pth"), "--device", "cpu"], "gone.pth"),
    ):
        assert stylize(tmp_path, style, "out", *options) == 1
        assert words in capsys.readouterr().err
        assert not (tmp_path / "out").exists()
