# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on finds the engine, its styles and its packages (free of bpy)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from blender_addon import core_link
from blender_addon.core_link import errors
from core.styles.weights import ModelLibrary


def test_presets_have_titles_and_thumbnails() -> None:
    presets = {preset.style: preset for preset in core_link.read_presets()}
    assert len(presets) >= 4
    assert presets["starry-night"].title == "The Starry Night \N{EN DASH} Vincent van Gogh"
    for preset in presets.values():
        assert preset.thumbnail is not None
        assert preset.thumbnail.is_file()


@pytest.mark.parametrize("content", [None, "{", "[]", '{"styles": [{"id": "a"}]}', '{"styles": 3}'])
def test_a_damaged_list_of_styles_is_told(content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core_link, "ENGINE_FOLDER", tmp_path)
    (tmp_path / "models").mkdir()
    if content is not None:
        (tmp_path / "models" / "index.json").write_text(content)
    with pytest.raises(errors.ModelError, match=r"index\.json"):
        core_link.read_presets()


def test_own_styles_are_listed_and_damaged_ones_told(tmp_path: Path) -> None:
    assert core_link.read_own_styles(tmp_path / "nowhere") == ([], [])
    for identifier, text in (("good", None), ("bad", "{")):
        style = core_link.user_styles.UserStyle(tmp_path / identifier, "My own", "a.png", "house", "key", "hash")
        style.folder.mkdir()
        (style.folder / "style.json").write_text(style.record() if text is None else text)
    (tmp_path / "good" / "thumbnail.jpg").write_bytes(b"a picture")
    (tmp_path / "unfinished.training").mkdir()
    styles, problems = core_link.read_own_styles(tmp_path)
    assert styles == [core_link.Preset("good", "My own", tmp_path / "good" / "thumbnail.jpg")]
    assert len(problems) == 1 and "bad" in problems[0].message and problems[0].hint


def test_the_worker_finds_its_packages_and_writes_nothing(tmp_path: Path) -> None:
    environment = core_link.worker_environment(is_own_python=True)
    program = "import core, cv2, numpy, sys, json; print(json.dumps([core.__file__, sys.dont_write_bytecode]))"
    said = subprocess.run(
        [sys.executable, "-S", "-c", program], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    )
    where, writes_nothing = json.loads(said.stdout)
    assert Path(where).parent == core_link.ENGINE_FOLDER / "core"
    assert writes_nothing


def test_another_python_brings_its_own_packages() -> None:
    environment = core_link.worker_environment(is_own_python=False)
    assert environment["PYTHONPATH"] == str(core_link.ENGINE_FOLDER)
    assert environment["PYTHONNOUSERSITE"] == "1"
    assert "BRUSHFLOW_STYLES" not in environment
    styles = core_link.worker_environment(is_own_python=False, styles=Path("/styles"))
    assert styles["BRUSHFLOW_STYLES"] == str(Path("/styles"))


def test_folders_come_in_the_order_python_searches_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blender finds one numpy; the worker must find the same, though another package brought a second one."""
    for folder, package in (("first", "numpy"), ("second", "cv2"), ("second", "numpy")):
        (tmp_path / folder / package).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / package / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path / "first"), str(tmp_path / "second")])
    for loaded in ("numpy", "cv2"):
        monkeypatch.delitem(sys.modules, loaded, raising=False)
    paths = core_link.worker_environment(is_own_python=True)["PYTHONPATH"].split(os.pathsep)
    assert paths[1:] == [str(tmp_path / "first"), str(tmp_path / "second")]


def test_a_missing_package_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "cv2", raising=False)
    monkeypatch.delitem(sys.modules, "numpy", raising=False)
    with pytest.raises(errors.EngineError, match=r"The package '(cv2|numpy)' was not found"):
        core_link.worker_environment(is_own_python=True)


def test_blenders_own_python_is_a_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert core_link.own_python() == Path(sys.executable)
    monkeypatch.setattr(sys, "executable", "/usr/bin/blender")
    found = core_link.own_python()
    assert subprocess.run([str(found), "-c", ""], check=False).returncode == 0
    monkeypatch.setattr(sys, "exec_prefix", str(tmp_path))
    with pytest.raises(errors.EngineError, match="/usr/bin/blender"):
        core_link.own_python()


def test_the_add_on_and_the_engine_name_networks_alike() -> None:
    """Or a style that was trained in the one would be refused by the other."""
    network = ModelLibrary().network("house")
    assert core_link.read_networks() == {"house": core_link.style_package.Network(network.key, network.channels)}
