# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the engine lies, and how its worker is started. Free of bpy; the only file of the add-on that knows.

In the installed extension the engine is a folder inside it (``engine/core``, ``engine/models``); in a source checkout
``core`` and ``models`` stand beside ``blender_addon``. Blender's process reads only the contract (errors, protocol,
settings, the list of the editor's own styles) from it; everything that computes runs in the worker's process.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

_HERE = Path(__file__).resolve().parent
ENGINE_FOLDER = _HERE / "engine" if (_HERE / "engine").is_dir() else _HERE.parent

if TYPE_CHECKING:
    from core import errors, settings
    from core.styles import style_package, user_styles
    from core.worker import protocol
elif (_HERE / "engine").is_dir():
    from .engine.core import errors, settings
    from .engine.core.styles import style_package, user_styles
    from .engine.core.worker import protocol
else:
    from core import errors, settings
    from core.styles import style_package, user_styles
    from core.worker import protocol

__all__ = [
    "ENGINE_FOLDER",
    "Preset",
    "errors",
    "protocol",
    "read_networks",
    "read_own_styles",
    "read_presets",
    "settings",
    "style_package",
    "user_styles",
]


@dataclasses.dataclass(frozen=True)
class Preset:
    """One painting an editor can choose.

    Attributes:
        style: identifier, as in ``StylizeSettings.style``.
        title: what the editor reads, "Starry Night – Vincent van Gogh".
        thumbnail: picture of it; None when there is none.
    """

    style: str
    title: str
    thumbnail: Path | None


def read_presets() -> list[Preset]:
    """The presets that came with the add-on, in the order of ``models/index.json``.

    Raises:
        ModelError: the list is missing or damaged.
    """
    models = ENGINE_FOLDER / "models"
    index = models / "index.json"
    try:
        records = json.loads(index.read_text("utf-8"))["styles"]
        return [_preset(models, record) for record in records]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise errors.ModelError(
            f"The list of styles {index} cannot be read ({type(error).__name__}: {error}).",
            "Install the add-on again from its zip.",
        ) from error


def read_networks() -> dict[str, style_package.Network]:
    """The networks that came with the add-on, by name: what an imported style must fit.

    Raises:
        ModelError: the list of models is missing or damaged.
    """
    index = ENGINE_FOLDER / "models" / "index.json"
    try:
        listed = json.loads(index.read_text("utf-8"))
        return {
            name: style_package.Network(user_styles.network_key(listed, name), record["channels"])
            for name, record in listed["networks"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise errors.ModelError(
            f"The list of models {index} cannot be read ({type(error).__name__}: {error}).",
            "Install the add-on again from its zip.",
        ) from error


def read_own_styles(folder: Path) -> tuple[list[Preset], list[errors.StyleError]]:
    """The editor's own styles in a folder, which need not exist, and what is wrong with those that are damaged."""
    styles, problems = user_styles.list_user_styles(folder)
    return [Preset(style.identifier, style.title, style.thumbnail) for style in styles], problems


def _preset(models: Path, record: dict[str, str]) -> Preset:
    title, artist = record["title"], record.get("artist", "")
    picture = models / record["thumbnail"] if record.get("thumbnail") else None
    return Preset(str(record["id"]), f"{title} \N{EN DASH} {artist}" if artist else title, picture)


def own_python() -> Path:
    """The Python that Blender itself runs.

    Raises:
        EngineError: this build of Blender does not say where its Python is.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    folders = (Path(sys.exec_prefix), Path(sys.exec_prefix) / "bin")
    for candidate in (Path(sys.executable), *(folder / name for folder in folders for name in (version, "python.exe"))):
        if candidate.stem.lower().startswith("python") and candidate.is_file():
            return candidate
    raise errors.EngineError(
        f"Blender's own Python was not found (sys.executable is {sys.executable!r}).",
        'Name a Python that has numpy and OpenCV under "Python with Torch" in the add-on\'s preferences.',
    )


def worker_command(python: Path) -> list[str]:
    """The command that starts the worker, to be run in ``ENGINE_FOLDER``."""
    return [str(python), "-m", "core", "worker"]


def worker_environment(*, is_own_python: bool, styles: Path | None = None) -> dict[str, str]:
    """The environment of the worker; ``styles`` is the folder of the editor's own styles.

    Blender's Python finds numpy and OpenCV in Blender's own folders, in the order in which Blender itself searches
    them. Another Python brings its own: packages built for Blender's Python must not shadow them.

    Raises:
        EngineError: numpy or OpenCV are not where Blender can find them.
    """
    folders = [ENGINE_FOLDER]
    if is_own_python:
        found = {_package_folder("numpy"), _package_folder("cv2")}
        folders += sorted(found, key=_place_in_search_order)
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(map(str, folders))
    environment["PYTHONNOUSERSITE"] = "1"
    environment["PYTHONDONTWRITEBYTECODE"] = "1"  # nothing is written inside the extension's folder
    environment["PYTHONIOENCODING"] = "utf-8"
    # Threads of torch that wait for each other burn a whole core each, and starve one another beside a busy Blender.
    environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if styles is not None:
        environment[user_styles.STYLES_VARIABLE] = str(styles)
    environment.pop("PYTHONHOME", None)
    return environment


def _package_folder(name: str) -> Path:
    """The folder that holds package ``name``, found without importing it."""
    importlib.invalidate_caches()  # Blender may have unpacked the wheel after Python last looked
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.origin:
        raise errors.EngineError(
            f"The package {name!r} was not found in Blender's Python {sys.version.split()[0]}.",
            "Install the add-on again from the zip made for this platform, then restart Blender.",
        )
    return Path(spec.origin).parent.parent


def _place_in_search_order(folder: Path) -> int:
    searched = [Path(entry) for entry in sys.path if entry]
    return searched.index(folder) if folder in searched else len(searched)
