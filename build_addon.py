# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the extension's zip, one for each platform (standard library only, free of bpy and torch).

    python build_addon.py                              # for the platform it runs on
    python build_addon.py --platform all --out dist    # for all four
    python build_addon.py --platform all --release     # also refuses uncommitted changes in what is shipped

The steps, in the order of ``build``: check the manifest, check every model against its recorded hash, gather what is
on the allow-list, fetch the platform's OpenCV wheel and check it, write the zip. The same sources give the same bytes
on every machine. Whatever does not fit stops the build with a sentence.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform as machine
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
MANIFEST = "blender_manifest.toml"
WHEEL_CACHE = ROOT / "build" / "wheels"
OPENCV = "opencv-python-headless==5.0.0.93"


@dataclass(frozen=True)
class Wheel:
    """The unmodified OpenCV wheel of one platform: its name on PyPI, pip's name for the platform, its SHA-256."""

    name: str
    pip_platform: str
    sha256: str


# One abi3 wheel serves every Python from 3.7 on, and so every supported Blender.
WHEELS = {
    "linux-x64": Wheel(
        "opencv_python_headless-5.0.0.93-cp37-abi3-manylinux_2_28_x86_64.whl",
        "manylinux_2_28_x86_64",
        "ed709fdf9aa0bd1f2ed8549e71d19449b03a675bb581eb292285f6861953be37",
    ),
    "windows-x64": Wheel(
        "opencv_python_headless-5.0.0.93-cp37-abi3-win_amd64.whl",
        "win_amd64",
        "829717b6a95554f273e49e357cee3b3a2a26b6f4842fbc1bed2b45bdd8f87e0e",
    ),
    "macos-arm64": Wheel(
        "opencv_python_headless-5.0.0.93-cp37-abi3-macosx_13_0_arm64.whl",
        "macosx_13_0_arm64",
        "030ca5e0837a2963ab36ef896baa9767eb8d2b83353fb28af5a521e40dd8756f",
    ),
    "macos-x64": Wheel(
        "opencv_python_headless-5.0.0.93-cp37-abi3-macosx_14_0_x86_64.whl",
        "macosx_14_0_x86_64",
        "1e55af3abfb462eeeabe5c775f12bdb36216d8a93a3583d69e6bd6e1d6ba7d00",
    ),
}

# What is shipped, and where it goes: (pattern below the repository, folder in the zip). `core/training` and
# `core/optimise` run only in a Python with torch that an editor names. `core/commands` is not shipped: it needs PyAV
# and rich.
SOURCES = (
    ("blender_addon/**/*.py", "."),
    ("core/*.py", "engine"),
    ("core/flow/**/*.py", "engine"),
    ("core/optimise/**/*.py", "engine"),
    ("core/paint/**/*.py", "engine"),
    ("core/settling/**/*.py", "engine"),
    ("core/shots/**/*.py", "engine"),
    ("core/storage/**/*.py", "engine"),
    ("core/styles/**/*.py", "engine"),
    ("core/training/**/*.py", "engine"),
    ("core/training/recipes/*.toml", "engine"),
    ("core/worker/**/*.py", "engine"),
)
MODEL_SUFFIXES = {".onnx", ".safetensors", ".json", ".png", ".jpg", ".md"}
SHIPPED = ("blender_addon", "core", "models", "LICENSE", "build_addon.py")


class BuildRefused(RuntimeError):
    """The zip would not be fit to give away; the message says what is wrong and what to do."""


def build(root: Path, platform: str, out: Path, wheel_cache: Path = WHEEL_CACHE) -> Path:
    """Writes ``brushflow-<version>-<platform>.zip`` to the folder ``out`` from the repository ``root``.

    Raises ``BuildRefused`` where the manifest, a model, a source or the wheel is not as it must be.
    """
    manifest_text, manifest = read_manifest(root)
    check_models(root / "models")
    wheel = fetch_wheel(platform, wheel_cache)
    contents = gather(root)
    contents[MANIFEST] = with_wheel(manifest_text, wheel, platform).encode()
    contents[f"wheels/{wheel.name}"] = wheel.read_bytes()
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{manifest['id']}-{manifest['version']}-{platform}.zip"
    write_zip(path, contents)
    return path


def read_manifest(root: Path) -> tuple[str, dict[str, Any]]:
    """The manifest as text and as data, refused where its version is not plain or it already names a wheel."""
    path = root / "blender_addon" / MANIFEST
    if not path.is_file():
        raise BuildRefused(f"{path} is missing: it names the extension and its version.")
    text = path.read_text("utf-8")
    try:
        manifest = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BuildRefused(f"{path} is not valid TOML: {error}.") from error
    for key in ("schema_version", "id", "version", "name", "tagline", "maintainer", "type", "license"):
        if key not in manifest:
            raise BuildRefused(f"{path} has no {key!r}, which Blender requires: add it.")
    version = manifest["version"]
    if not isinstance(version, str) or not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", version):
        raise BuildRefused(
            f"The version {version!r} in {path} is not three plain numbers such as '1.2.3': finish it before building."
        )
    for key in ("wheels", "platforms"):
        if key in manifest:
            raise BuildRefused(f"{path} must not set {key!r}: the build writes it for each platform. Remove the line.")
    return text, manifest


def check_models(models: Path) -> None:
    """Refuses models that are missing, unrecorded, or not the bytes that ``models/index.json`` records.

    The cards (``.md``) are reading matter and not recorded.
    """
    index = models / "index.json"
    if not index.is_file():
        raise BuildRefused(f"{index} is missing: it records the SHA-256 of every model. Export the models again.")
    recorded: dict[str, str] = json.loads(index.read_text("utf-8"))["sha256"]
    files = [path for path in _visible_files(models) if path.suffix != ".md" and path != index]
    present = {path.relative_to(models).as_posix() for path in files}
    for name in sorted(recorded.keys() - present):
        raise BuildRefused(f"models/{name} is recorded in models/index.json but missing: restore or export it.")
    for name in sorted(present - recorded.keys()):
        raise BuildRefused(f"models/{name} is not recorded in models/index.json: record its SHA-256 or remove it.")
    for name, expected in sorted(recorded.items()):
        found = _sha256(models / name)
        if found != expected:
            raise BuildRefused(
                f"models/{name} has SHA-256 {found}, but models/index.json records {expected}: "
                "restore the file, or export the models again so that both agree."
            )
        if Path(name).suffix not in MODEL_SUFFIXES:
            raise BuildRefused(
                f"models/{name} is no kind of file that is shipped ({', '.join(sorted(MODEL_SUFFIXES))})."
            )


def gather(root: Path) -> dict[str, bytes]:
    """Every shipped file except manifest and wheel: its name in the zip and its bytes."""
    contents = {"LICENSE": (root / "LICENSE").read_bytes()}
    for pattern, folder in SOURCES:
        below = root / "blender_addon" if folder == "." else root
        for path in root.glob(pattern):
            contents[(Path(folder) / path.relative_to(below)).as_posix()] = path.read_bytes()
    for path in _visible_files(root / "models"):
        name = path.relative_to(root).as_posix()
        contents[f"engine/{name}"] = path.read_bytes()
    for needed in ("__init__.py", "engine/core/__init__.py"):
        if needed not in contents:
            raise BuildRefused(f"The zip would have no {needed}: the sources below {root} are not complete.")
    return contents


def fetch_wheel(platform: str, cache: Path) -> Path:
    """The platform's OpenCV wheel in the folder ``cache``, fetched by pip where it is not there, and verified."""
    if platform not in WHEELS:
        raise BuildRefused(f"The platform {platform!r} is not known; expected one of {', '.join(WHEELS)}.")
    wheel = WHEELS[platform]
    path = cache / wheel.name
    if not (path.is_file() and _sha256(path) == wheel.sha256):
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as place:
            _download(wheel, Path(place))
            shutil.move(Path(place) / wheel.name, path)
    found = _sha256(path)
    if found != wheel.sha256:
        path.unlink()
        raise BuildRefused(
            f"{wheel.name} has SHA-256 {found}, expected {wheel.sha256}: pip's index gave another file than PyPI's."
        )
    return path


def _download(wheel: Wheel, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--platform", wheel.pip_platform, "--python-version", "3.11", "--implementation", "cp"]
    command += ["--abi", "abi3", "--dest", str(folder), OPENCV]
    outcome = subprocess.run(command, check=False, capture_output=True, text=True)
    if outcome.returncode != 0 or not (folder / wheel.name).is_file():
        raise BuildRefused(
            f"pip could not fetch {wheel.name}; check the connection to its index. It said:\n{outcome.stderr.strip()}"
        )


def with_wheel(manifest_text: str, wheel: Path, platform: str) -> str:
    """The manifest with the platform and its wheel written before the first table, the rest as it was."""
    lines = manifest_text.splitlines()
    table = next((number for number, line in enumerate(lines) if re.match(r"\s*\[", line)), len(lines))
    added = [f"platforms = {json.dumps([platform])}", f"wheels = {json.dumps([f'./wheels/{wheel.name}'])}", ""]
    text = "\n".join([*lines[:table], *added, *lines[table:]]) + "\n"
    result = tomllib.loads(text)
    if result.get("platforms") != [platform] or result.get("wheels") != [f"./wheels/{wheel.name}"]:
        raise BuildRefused(f"{MANIFEST} has a line that begins with '[' but is no table: write lists on one line.")
    return text


def write_zip(path: Path, contents: dict[str, bytes]) -> None:
    """A zip with sorted entries, one fixed time and mode, and no compression.

    Compressed bytes differ between versions of zlib, and the wheel, nearly all of the size, is compressed already.
    """
    unfinished = path.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # Unix, wherever this runs
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, contents[name])
    unfinished.replace(path)


def check_committed(root: Path) -> None:
    """Refuses a release with changes, in what is shipped, that no commit holds."""
    command = ["git", "-C", str(root), "status", "--porcelain", "--untracked-files=all", "--", *SHIPPED]
    outcome = subprocess.run(command, check=False, capture_output=True, text=True)
    if outcome.returncode != 0:
        raise BuildRefused(f"A release is built from a git repository; git said: {outcome.stderr.strip()}")
    if outcome.stdout.strip():
        raise BuildRefused(
            f"A release is built from committed sources. Commit or remove these first:\n{outcome.stdout}"
        )


def this_platform() -> str:
    """Blender's name for the machine this runs on; raises ``BuildRefused`` where no zip is made for it."""
    system = {"Linux": "linux", "Windows": "windows", "Darwin": "macos"}.get(machine.system(), machine.system())
    processor = machine.machine().lower()
    name = f"{system}-{ {'x86_64': 'x64', 'amd64': 'x64', 'aarch64': 'arm64'}.get(processor, processor) }"
    if name not in WHEELS:
        raise BuildRefused(f"No zip is made for {name}; choose one with --platform: {', '.join(WHEELS)}.")
    return name


def _visible_files(folder: Path) -> Iterator[Path]:
    """All files below the folder except hidden ones, such as those that file managers leave behind."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(arguments: list[str] | None = None) -> int:
    """Builds what the command line asks for and prints size and SHA-256 of each zip; 1 if it is refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--platform", choices=[*WHEELS, "all"], help="default: the platform this runs on")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="folder for the zips (default: dist)")
    parser.add_argument("--release", action="store_true", help="refuse uncommitted changes in what is shipped")
    options = parser.parse_args(arguments)
    try:
        if options.release:
            check_committed(ROOT)
        chosen = list(WHEELS) if options.platform == "all" else [options.platform or this_platform()]
        for platform in chosen:
            path = build(ROOT, platform, options.out)
            print(f"{path}  {path.stat().st_size / 1e6:.1f} MB  sha256 {_sha256(path)}", flush=True)
    except BuildRefused as refusal:
        print(f"Not built: {refusal}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
