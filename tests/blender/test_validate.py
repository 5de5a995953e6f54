# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender accepts the zips, and OpenCV comes out of them as it does for a user (free of bpy itself)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from build_addon import ROOT, WHEELS, build, this_platform
from tests.blender.conftest import BlenderPython

INSTALL = """
import json, os, sys
import bpy
bpy.ops.extensions.package_install_files(filepath=sys.argv[1], repo="user_default", enable_on_install=True)
import cv2, numpy
net = cv2.dnn.readNetFromONNX(sys.argv[2])
half = cv2.resize(numpy.full((8, 8, 3), 200, numpy.uint8), (4, 4))
print(json.dumps({
    "opencv": cv2.__version__, "file": cv2.__file__, "layers": len(net.getLayerNames()),
    "enabled": "bl_ext.user_default.brushflow" in bpy.context.preferences.addons, "half": half.mean(),
}))
sys.stdout.flush()
os._exit(0)  # Blender as a module may hang or crash while Python shuts down
"""


@pytest.fixture(scope="session")
def zips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The zip of this repository for each platform."""
    out = tmp_path_factory.mktemp("dist")
    return {platform: build(ROOT, platform, out) for platform in WHEELS}


@pytest.mark.parametrize("platform", WHEELS)
def test_blenders_validator_accepts_the_zip(blender: BlenderPython, zips: dict[str, Path], platform: str) -> None:
    (validator,) = blender.python.parents[1].glob(
        "lib/python*/site-packages/bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py"
    )
    outcome = subprocess.run(
        [str(blender.python), str(validator), "validate", str(zips[platform])],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "Success" in outcome.stdout


def test_opencv_comes_out_of_the_zip(blender: BlenderPython, tmp_path: Path) -> None:
    """An add-on that does nothing, with the real wheel and a real network, installed as a user does."""
    root = tmp_path / "repository"
    for name in ("LICENSE", "blender_addon/blender_manifest.toml", "core/__init__.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / "blender_addon/__init__.py").write_text("def register(): pass\ndef unregister(): pass\n", "utf-8")
    (root / "models").mkdir()
    (root / "models/index.json").write_text('{"sha256": {}}', "utf-8")
    addon = build(root, this_platform(), tmp_path)
    user = tmp_path / "user"
    outcome = subprocess.run(
        [str(blender.python), "-c", INSTALL, str(addon), str(ROOT / "models/house/painter.onnx")],
        check=False,
        capture_output=True,
        text=True,
        timeout=180,
        env={**os.environ, "BLENDER_USER_RESOURCES": str(user)},
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    said = json.loads(outcome.stdout.strip().splitlines()[-1])
    assert said["enabled"]
    assert said["opencv"] == "5.0.0"
    assert Path(said["file"]).is_relative_to(user), "OpenCV must be the one from the zip"
    assert said["layers"] > 10
    assert said["half"] == 200
