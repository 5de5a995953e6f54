# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives the tests a Blender with a window and the extension installed in it (free of bpy)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from build_addon import ROOT, build, this_platform
from tests.gui.window import ARTIFACTS, NoWindow, SetupFailed, WindowBlender, window_blender


@pytest.fixture(scope="session")
def window(tmp_path_factory: pytest.TempPathFactory) -> WindowBlender:
    """A real window with the extension, installed from the zip of this repository.

    Where there can be none the tests are skipped; where there could be one and its setup fails, they fail in CI.
    """
    try:
        blender = window_blender(ARTIFACTS / "profile")
    except SetupFailed as problem:
        if os.environ.get("CI"):
            pytest.fail(str(problem))
        pytest.skip(f"no window: {problem}")
    except NoWindow as reason:
        pytest.skip(f"no window: {reason}")
    blender.install(build(ROOT, this_platform(), tmp_path_factory.mktemp("dist")))
    return blender


@pytest.fixture(scope="session")
def clip() -> Path:
    """The demo's clip."""
    return ROOT / "demo" / "clip.mp4"
