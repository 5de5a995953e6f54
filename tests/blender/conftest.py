# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives the tests each supported Blender, and the extension installed in it (free of bpy)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from build_addon import ROOT, build, this_platform
from tests.blender import media
from tests.blender.environments import SUPPORTED, environment, missing_interpreter
from tests.blender.installed import Installed, install


@dataclass(frozen=True)
class BlenderPython:
    """A supported Blender that is ready: its version, such as "5.0", and the Python that can ``import bpy``."""

    version: str
    python: Path


def _chosen() -> list[str]:
    """The versions named in BRUSHFLOW_BLENDERS, such as "4.2 5.2"; all supported ones where it is not set."""
    named = os.environ.get("BRUSHFLOW_BLENDERS", "").split()
    for version in named:
        if version not in SUPPORTED:
            raise pytest.UsageError(f"BRUSHFLOW_BLENDERS names {version!r}; expected some of {', '.join(SUPPORTED)}.")
    return named or list(SUPPORTED)


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks for the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one file in one Blender stay together when several run at a time: most share what was played once."""
    for item in items:
        version = getattr(item, "callspec", None) and item.callspec.params.get("blender", "")
        item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}-{version or 'any'}"))


@pytest.fixture(scope="session", params=_chosen())
def blender(request: pytest.FixtureRequest) -> BlenderPython:
    """Each Blender in turn. Without its Python a skip, or, where the environment says CI, a failure."""
    version: str = request.param
    missing = missing_interpreter(version)
    if missing and not os.environ.get("CI"):
        pytest.skip(missing)
    if missing:
        pytest.fail(missing)
    return BlenderPython(version, environment(version))


@pytest.fixture(scope="session")
def addon_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension's zip, built from this repository."""
    return build(ROOT, this_platform(), tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def installed(blender: BlenderPython, addon_zip: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Each Blender with the extension installed from the zip."""
    resources = tmp_path_factory.mktemp(f"blender-{blender.version}") / "user"
    return install(blender.version, blender.python, addon_zip, resources)


@pytest.fixture(scope="session")
def small_media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``media.make``'s files."""
    return media.make(tmp_path_factory.mktemp("media") / "small")
