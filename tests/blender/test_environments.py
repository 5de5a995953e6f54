# SPDX-License-Identifier: GPL-3.0-or-later
"""The Blenders for the tests are what they say, and a missing Python is said, not guessed (free of bpy itself)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.blender import environments
from tests.blender.conftest import BlenderPython
from tests.blender.environments import SUPPORTED, Blender, EnvironmentMissing


def test_each_environment_is_its_blender_without_opencv(blender: BlenderPython) -> None:
    program = (
        "import bpy, importlib.util, os, sys; "
        "print(*bpy.app.version[:2], importlib.util.find_spec('cv2') is None); sys.stdout.flush(); os._exit(0)"
    )
    said = subprocess.run([str(blender.python), "-c", program], check=True, capture_output=True, text=True)
    assert said.stdout.split() == [*blender.version.split("."), "True"]


def test_a_python_that_does_not_run_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shim = tmp_path / "python3.99"
    shim.write_text("#!/bin/sh\necho 'command not found' >&2\nexit 127\n", "utf-8")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert environments.interpreter((3, 99)) is None


def test_a_python_of_another_version_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    liar = tmp_path / "python3.99"
    liar.write_text("#!/bin/sh\necho 3 11\n", "utf-8")
    liar.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert environments.interpreter((3, 99)) is None
    liar.write_text("#!/bin/sh\necho 3 99\n", "utf-8")
    assert environments.interpreter((3, 99)) == liar


def test_a_missing_python_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(environments, "ENVIRONMENTS", tmp_path)
    monkeypatch.setitem(SUPPORTED, "9.9", Blender("9.9", (3, 99), ("bpy==9.9.0",)))
    with pytest.raises(EnvironmentMissing, match=r"Blender 9\.9 needs python3\.99"):
        environments.environment("9.9")


def test_an_unsupported_blender_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'3\.6' is not supported; expected one of 4\.2, 4\.5, 5\.0, 5\.2"):
        environments.environment("3.6")


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="tests run one after the other here")
def test_tests_of_one_file_stay_together(request: pytest.FixtureRequest) -> None:
    """pytest-xdist reads the group off a test's name; where it is not there, every scenario is played twice."""
    assert request.node.nodeid.endswith("@test_environments-any")
