# SPDX-License-Identifier: GPL-3.0-or-later
"""The zip is complete, holds nothing else, is the same every time, and is not built from what is not right."""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import json
import subprocess
import tomllib
import zipfile
from pathlib import Path, PurePosixPath

import pytest

import build_addon
from build_addon import (
    NOT_SHIPPED,
    ROOT,
    WHEELS,
    BuildRefused,
    build,
    check_committed,
    check_models,
    gather,
    read_manifest,
)

MANIFEST = """schema_version = "1.0.0"
id = "brushflow"
version = "1.2.3"
name = "Brushflow"
tagline = "Paint"
maintainer = "Brushflow contributors"
type = "add-on"
license = ["SPDX:GPL-3.0-or-later"]
blender_version_min = "4.2.0"

[permissions]
files = "Write painted frames"
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small repository with everything that the build looks at, and some things it must leave out."""
    root = tmp_path / "repository"
    files = {
        "LICENSE": "GNU GENERAL PUBLIC LICENSE",
        "blender_addon/__init__.py": "def register(): pass\ndef unregister(): pass\n",
        "blender_addon/blender_manifest.toml": MANIFEST,
        "blender_addon/notes.txt": "not shipped",
        "blender_addon/__pycache__/x.cpython-311.pyc": "not shipped",
        "core/__init__.py": "",
        "core/flow/__init__.py": "",
        "core/paint/__init__.py": "",
        "core/training/__init__.py": "",
        "core/training/recipes/house.toml": "seed = 1",
        "core/training/recipes/picture.jpg": "not shipped",
        "core/commands/__init__.py": "not shipped",
        "models/house/painter.onnx": "numbers",
        "models/house/CARD.md": "a card",
        "models/.DS_Store": "not shipped",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    digest = hashlib.sha256(b"numbers").hexdigest()
    (root / "models/index.json").write_text(json.dumps({"sha256": {"house/painter.onnx": digest}}), "utf-8")
    return root


@pytest.mark.parametrize("platform", WHEELS)
def test_every_platform_builds_the_same_bytes_twice(tree: Path, tmp_path: Path, platform: str) -> None:
    first = build(tree, platform, tmp_path / "first")
    second = build(tree, platform, tmp_path / "second")
    assert first.name == f"brushflow-1.2.3-{platform}.zip"
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        names = archive.namelist()
        manifest = tomllib.loads(archive.read("blender_manifest.toml").decode())
        wheel = archive.read(f"wheels/{WHEELS[platform].name}")
    assert manifest["platforms"] == [platform]
    assert manifest["wheels"] == [f"./wheels/{WHEELS[platform].name}"]
    assert manifest["permissions"] == {"files": "Write painted frames"}, "the rest of the manifest stays as it was"
    assert hashlib.sha256(wheel).hexdigest() == WHEELS[platform].sha256
    assert names == sorted(names)
    assert set(names) == {
        "LICENSE",
        "__init__.py",
        "blender_manifest.toml",
        "engine/core/__init__.py",
        "engine/core/flow/__init__.py",
        "engine/core/paint/__init__.py",
        "engine/core/training/__init__.py",
        "engine/core/training/recipes/house.toml",
        "engine/models/house/CARD.md",
        "engine/models/house/painter.onnx",
        "engine/models/index.json",
        f"wheels/{WHEELS[platform].name}",
    }


@pytest.mark.parametrize("version", ["1.2", "1.2.3-dev", "1.2.3+dirty", "v1.2.3", "01.2.3", "1.2.3 ", ""])
def test_a_version_that_is_not_plain_is_refused(tree: Path, version: str) -> None:
    path = tree / "blender_addon/blender_manifest.toml"
    path.write_text(MANIFEST.replace("1.2.3", version), "utf-8")
    with pytest.raises(BuildRefused, match="not three plain numbers"):
        read_manifest(tree)


@pytest.mark.parametrize("line", ['platforms = ["linux-x64"]', 'wheels = ["./wheels/other.whl"]'])
def test_a_manifest_that_names_wheels_itself_is_refused(tree: Path, line: str) -> None:
    (tree / "blender_addon/blender_manifest.toml").write_text(f"{line}\n{MANIFEST}", "utf-8")
    with pytest.raises(BuildRefused, match="must not set"):
        read_manifest(tree)


def test_a_wrong_model_is_refused(tree: Path) -> None:
    (tree / "models/house/painter.onnx").write_bytes(b"other numbers")
    with pytest.raises(BuildRefused, match=r"models/house/painter\.onnx has SHA-256"):
        check_models(tree / "models")


def test_a_missing_model_is_refused(tree: Path) -> None:
    (tree / "models/house/painter.onnx").unlink()
    with pytest.raises(BuildRefused, match=r"painter\.onnx is recorded .* but missing"):
        check_models(tree / "models")


def test_an_unrecorded_model_is_refused(tree: Path) -> None:
    (tree / "models/house/second.onnx").write_bytes(b"numbers")
    with pytest.raises(BuildRefused, match=r"second\.onnx is not recorded"):
        check_models(tree / "models")


def test_a_release_needs_committed_sources(tree: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org"]
        subprocess.run(["git", "-C", str(tree), *identity, *arguments], check=True, capture_output=True)

    with pytest.raises(BuildRefused, match="git repository"):
        check_committed(tree)
    git("init")
    git("add", ".")
    git("commit", "-m", "All")
    check_committed(tree)
    (tree / "core/flow/__init__.py").write_text("changed = True\n", "utf-8")
    with pytest.raises(BuildRefused, match="core/flow/__init__"):
        check_committed(tree)


def test_a_wheel_of_other_bytes_is_refused_and_a_damaged_copy_is_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = WHEELS["macos-x64"]
    damaged = tmp_path / wheel.name
    damaged.write_bytes(b"half a download")
    fetched = build_addon.fetch_wheel("macos-x64", tmp_path)
    assert fetched == damaged
    assert hashlib.sha256(fetched.read_bytes()).hexdigest() == wheel.sha256
    monkeypatch.setitem(WHEELS, "macos-x64", dataclasses.replace(wheel, sha256="0" * 64))
    with pytest.raises(BuildRefused, match="another file than PyPI's"):
        build_addon.fetch_wheel("macos-x64", tmp_path)
    assert not list(tmp_path.iterdir()), "nothing refused is left behind"


def test_the_command_says_why_it_refuses(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "models/house/painter.onnx").unlink()
    monkeypatch.setattr(build_addon, "ROOT", tree)
    assert build_addon.main(["--platform", "linux-x64", "--out", str(tree / "dist")]) == 1
    assert "Not built: models/house/painter.onnx is recorded" in capsys.readouterr().err
    assert not (tree / "dist").exists()


def test_this_repository_ships_only_what_is_allowed() -> None:
    check_models(ROOT / "models")
    contents = gather(ROOT)
    recorded = json.loads((ROOT / "models/index.json").read_text("utf-8"))["sha256"]
    for name in contents:
        path = PurePosixPath(name)
        assert not {"commands", "__pycache__", "tests", "assets", "runs"} & set(path.parts), name
        if path.is_relative_to("engine/models") and path.suffix != ".md" and path.name != "index.json":
            assert path.relative_to("engine/models").as_posix() in recorded
        elif not path.is_relative_to("engine/models"):
            assert path.suffix == ".py" or name in {"LICENSE", "engine/core/training/recipes/house.toml"}, name
    assert b"GNU GENERAL PUBLIC LICENSE" in contents["LICENSE"]
    assert "engine/models/encoder/encoder.onnx" in contents
    assert all((ROOT / name).is_file() for name in NOT_SHIPPED), "each is there to be left out"
    assert not {f"engine/{name}" for name in NOT_SHIPPED} & contents.keys()


def test_every_relative_import_in_the_zip_finds_its_module() -> None:
    """Only the command line may name what is not there: a person's commands, looked for when they are called."""
    contents = gather(ROOT)
    missing = [
        f"{name}: {module}"
        for name, source in contents.items()
        if name.endswith(".py")
        for module in _relative_imports(name, source)
        if f"{module}.py" not in contents and f"{module}/__init__.py" not in contents
        if not (name == "engine/core/cli.py" and module.startswith("engine/core/commands/"))
    ]
    assert not missing


def _relative_imports(name: str, source: bytes) -> list[str]:
    """The paths in the zip, without suffix, that a module's relative imports must find."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level:
            package = PurePosixPath(name).parents[node.level - 1]
            if node.module:
                found.append((package / node.module.replace(".", "/")).as_posix())
            else:  # `from . import name`: modules beside this one
                found += [(package / alias.name).as_posix() for alias in node.names]
    return found
