# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives the tests each supported Blender (free of bpy)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.blender.environments import SUPPORTED, environment, missing_interpreter


@dataclass(frozen=True)
class BlenderPython:
    """A supported Blender that is ready: its version, such as "5.0", and the Python that can ``import bpy``."""

    version: str
    python: Path


@pytest.fixture(scope="session", params=SUPPORTED)
def blender(request: pytest.FixtureRequest) -> BlenderPython:
    """Each Blender in turn. Without its Python a skip, or, where the environment says CI, a failure."""
    version: str = request.param
    missing = missing_interpreter(version)
    if missing and not os.environ.get("CI"):
        pytest.skip(missing)
    if missing:
        pytest.fail(missing)
    return BlenderPython(version, environment(version))
