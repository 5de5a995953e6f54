# SPDX-License-Identifier: GPL-3.0-or-later
"""What the extension costs while nothing is painted, and that it leaves nothing behind (free of bpy)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.gui.window import ARTIFACTS, WindowBlender


@pytest.fixture(scope="module")
def idle(window: WindowBlender, clip: Path) -> dict[str, Any]:
    """It was played once; what was found."""
    found = window.play("idle", ARTIFACTS / "idle", clip=str(clip), length=12)
    assert "Traceback" not in found["log"], found["log"]
    return found


def test_a_timer_ticks_only_while_there_is_a_job(idle: dict[str, Any]) -> None:
    assert idle["painted"]
    assert [idle[f"timer_{when}"] for when in ("at_start", "in_job", "after_job")] == [False, True, False]
    assert idle["worker_after_job"] is None


@pytest.mark.parametrize("when", ["idle", "busy", "painted"])
def test_the_panel_draws_within_a_millisecond(idle: dict[str, Any], when: str) -> None:
    draw = idle[f"draw_{when}"]
    print(f"{when}: median {draw['median'] * 1000:.2f} ms, longest {draw['longest'] * 1000:.2f} ms")
    assert draw["drawings"] >= 10
    assert draw["median"] < 0.001


def test_switched_off_it_leaves_nothing_and_comes_back(idle: dict[str, Any]) -> None:
    assert len(idle["rounds"]) == 3
    for found in idle["rounds"]:
        assert not any(found["left"].values()), found["left"]
        assert found["back"] and found["result_known"]
