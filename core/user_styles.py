# SPDX-License-Identifier: GPL-3.0-or-later
"""The editor's own styles: which there are in a folder, checked and never executed. Free of bpy, numpy and torch.

Each style is a folder named by its identifier. In it lie ``style.json`` (what it is and which network it belongs to),
``modulation.safetensors`` (one gamma and one beta a channel) and ``thumbnail.jpg``. One that is damaged is told and
does not hide the others. ``core.training.keep_style`` writes them.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
from pathlib import Path
from typing import Any

from .errors import StyleError

STYLES_VARIABLE = "BRUSHFLOW_STYLES"
"""Environment variable with the folder of the editor's styles; Blender hands it on to the worker."""

RECORD, MODULATION, THUMBNAIL = "style.json", "modulation.safetensors", "thumbnail.jpg"

START_ANEW = '"Start Anew" (--fresh on the command line)'
"""How a training begins from nothing, in the words of the panel and of the command line."""

_FORMAT = 1
_IDENTIFIER = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LARGEST_RECORD_BYTES = 100_000
_TEXTS = ("id", "title", "source", "network", "network_key", "modulation_sha256")


@dataclasses.dataclass(frozen=True)
class UserStyle:
    """What the record of a style says.

    Attributes:
        folder: where it lies; its name is the identifier.
        source: file name of the picture it was learnt from.
        network, network_key: the network it belongs to, and the hash of that network's weights: with other weights
            its numbers mean nothing.
        modulation_sha256: of the file with its numbers.
    """

    folder: Path
    title: str
    source: str
    network: str
    network_key: str
    modulation_sha256: str

    @property
    def identifier(self) -> str:
        """What it is chosen by."""
        return self.folder.name

    @property
    def modulation(self) -> Path:
        """The file with gamma and beta."""
        return self.folder / MODULATION

    @property
    def thumbnail(self) -> Path | None:
        """Its thumbnail, if it is there."""
        path = self.folder / THUMBNAIL
        return path if path.is_file() else None

    def record(self) -> str:
        """The text of its ``style.json``."""
        values = {"format": _FORMAT, "id": self.identifier}
        values |= {field.name: getattr(self, field.name) for field in dataclasses.fields(self)[1:]}
        return json.dumps(values, indent=1, ensure_ascii=False) + "\n"


def folder_from_environment() -> Path | None:
    """The folder that ``BRUSHFLOW_STYLES`` names; None where it names none."""
    named = os.environ.get(STYLES_VARIABLE, "")
    return Path(named) if named else None


def identifier_of(title: str) -> str:
    """The identifier for a title: small letters and digits, joined by hyphens.

    Raises:
        StyleError: the title has neither letters nor digits of the Latin alphabet.
    """
    identifier = "-".join(re.findall(r"[a-z0-9]+", title.lower()))[:60].rstrip("-")
    if not identifier:
        raise StyleError(f"No identifier can be made of the name {title!r}.", "Use letters a-z or digits in it.")
    return identifier


def title_of(picture: Path) -> str:
    """What a style is called that was given no name: after its picture, "red_barn-2.jpg" becomes "Red barn 2"."""
    return picture.stem.replace("_", " ").replace("-", " ").strip().capitalize()


def list_user_styles(folder: Path | None) -> tuple[list[UserStyle], list[StyleError]]:
    """The styles of a folder in the order of their identifiers, and what is wrong with the others."""
    styles, problems = [], []
    for record in sorted(folder.glob(f"*/{RECORD}")) if folder is not None else []:
        if not _IDENTIFIER.fullmatch(record.parent.name):  # a style that is being written, or not ours
            continue
        try:
            styles.append(_read(record.parent))
        except StyleError as error:
            problems.append(error)
    return styles, problems


def find_user_style(folder: Path | None, identifier: str) -> UserStyle | None:
    """The style of this identifier; None where there is none.

    Raises:
        StyleError: its record is damaged.
    """
    if folder is None or not _IDENTIFIER.fullmatch(identifier) or not (folder / identifier / RECORD).is_file():
        return None
    return _read(folder / identifier)


def train_again(folder: Path) -> str:
    """The remedy for a style that cannot be used."""
    return f"Train it again with {START_ANEW}, or delete {folder}."


def _read(folder: Path) -> UserStyle:
    path = folder / RECORD
    try:
        with path.open("rb") as file:
            values = json.loads(file.read(_LARGEST_RECORD_BYTES))
        return _checked(folder, values)
    except (OSError, ValueError, RecursionError) as error:
        raise StyleError(f"The style {path} cannot be read ({error}).", train_again(folder)) from error


def _checked(folder: Path, values: Any) -> UserStyle:
    if not isinstance(values, dict) or values.get("format") != _FORMAT:
        raise ValueError(f"a record of format {_FORMAT} was expected")
    for name in _TEXTS:
        if not isinstance(values.get(name), str):
            raise ValueError(f"it lacks {name!r}")
    if values["id"] != folder.name:
        raise ValueError(f"it says {values['id']!r} and lies in {folder.name!r}")
    return UserStyle(folder, *(values[name] for name in _TEXTS[1:]))
