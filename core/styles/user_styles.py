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
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import StyleError

STYLES_VARIABLE = "BRUSHFLOW_STYLES"
"""Environment variable with the folder of the editor's styles; Blender hands it on to the worker."""

RECORD, MODULATION, THUMBNAIL = "style.json", "modulation.safetensors", "thumbnail.jpg"

START_ANEW = '"Start Anew" (--fresh on the command line)'
"""How a training begins from nothing, in the words of the panel and of the command line."""

_FORMAT = 1
_IDENTIFIER = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LARGEST_RECORD_BYTES = 100_000
_LONGEST_TITLE = 100
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


def network_key(index: Mapping[str, Any], network: str) -> str:
    """What a style names its network by: the hash of that network's weights in the index of models.

    Raises:
        KeyError, TypeError: the index does not list the network, or is damaged.
    """
    return str(index["sha256"][index["networks"][network]["weights"]])


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


def rename_user_style(style: UserStyle, title: str) -> UserStyle:
    """Give a style another title. Its identifier stays, so that files which name it still find it.

    Raises:
        StyleError: the title is empty, longer than 100 letters or of several lines, or the record cannot be written.
    """
    title = checked_title(title)
    renamed = dataclasses.replace(style, title=title)
    path = style.folder / RECORD
    temporary = path.with_name(f".{RECORD}.{os.getpid()}.part")
    try:
        temporary.write_text(renamed.record(), encoding="utf-8")
        os.replace(temporary, path)
    except OSError as error:
        raise StyleError(f"The style {path} cannot be written ({error}).", "Check that you may write there.") from error
    return renamed


def remove_user_style(style: UserStyle) -> None:
    """Delete a style from the disk.

    Raises:
        StyleError: some of it could not be deleted.
    """
    aside = style.folder.with_name(f"{style.folder.name}.removed")  # no identifier: at once it is no style any more
    try:
        shutil.rmtree(aside, ignore_errors=True)
        style.folder.rename(aside)
        shutil.rmtree(aside)
    except OSError as error:
        raise StyleError(
            f"The style {style.folder} cannot be deleted ({error}).", "Close what uses it and delete the folder."
        ) from error


def checked_title(title: str) -> str:
    """A title without blanks around it. Raises ``StyleError`` where it is none."""
    title = title.strip()
    if not title or len(title) > _LONGEST_TITLE or not title.isprintable():
        raise StyleError(f"{title[:120]!r} is no title.", f"Give 1 to {_LONGEST_TITLE} letters on one line.")
    return title


def read_record(folder: Path, data: bytes) -> UserStyle:
    """The style that the bytes of a record tell of, to lie in ``folder``.

    Raises:
        ValueError: they are no record, or of another identifier.
    """
    return _checked(folder, json.loads(data))
