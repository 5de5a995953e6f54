# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bench measures of one painter on one clip in one style, and how that is kept. Free of bpy and torch."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from pathlib import Path
from typing import Any, Generic, TypeVar

from ...errors import MediaError
from ...settings import picture_of
from ...storage.whole_file import write_whole
from ..figures import Figures

NUMBERS = (*(field.name for field in dataclasses.fields(Figures)), "noise_gain", "seconds", "megabytes")


@dataclasses.dataclass(frozen=True)
class Keyed:
    """What can be kept and found again; a dataclass of texts, numbers, and numbers by name.

    Attributes:
        key: of everything that it depends on.
    """

    key: str


Kind = TypeVar("Kind", bound=Keyed)


@dataclasses.dataclass(frozen=True)
class Row(Keyed):
    """One measurement.

    Attributes:
        clip, style, painter: what was measured.
        picture: file name of its middle frame, below the report's folder.
        numbers: by name, see ``NUMBERS``: those of ``Figures``; ``noise_gain`` (``core.metrics``); seconds for a
            frame, from file to file; and the peak of memory of the process that painted, in megabytes. What could not
            be measured is not a number.
    """

    clip: str
    style: str
    painter: str
    picture: str
    numbers: dict[str, float]

    def __post_init__(self) -> None:
        if set(self.numbers) != set(NUMBERS):
            raise ValueError(f"its numbers are {', '.join(self.numbers)}; {', '.join(NUMBERS)} were expected")


class RowStore(Generic[Kind]):
    """Rows of one kind in a folder, one JSON file each: an interrupted run goes on with the next one."""

    def __init__(self, folder: Path, kind: type[Kind]) -> None:
        self._folder, self._kind = folder, kind

    def read(self, name: str, key: str) -> Kind | None:
        """The row of this name, or None when there is none, or it was measured on something else."""
        path = self._folder / f"{name}.json"
        if not path.is_file():
            return None
        try:
            row = self._kind(**_with_nan(json.loads(path.read_text("utf-8"))))
        except (ValueError, KeyError, TypeError) as error:
            raise MediaError(f"{path} is no row of this bench ({error}).", "Remove it to measure it again.") from error
        return row if row.key == key else None

    def write(self, name: str, row: Kind) -> None:
        """Keep a row; whole or not at all."""
        record = _without_nan(dataclasses.asdict(row))
        write_whole(self._folder / f"{name}.json", (json.dumps(record, indent=1) + "\n").encode())


def name_of(style: str) -> str:
    """What a report calls a style: a preset's identifier, or the name of a picture's file."""
    picture = picture_of(style)
    return style if picture is None else picture.stem


def file_name(*parts: str) -> str:
    """A name for files from the names of things."""
    return "--".join(re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in parts)


def _without_nan(value: Any) -> Any:
    """JSON has no word for what is not a number: null stands for it."""
    if isinstance(value, dict):
        return {name: _without_nan(inner) for name, inner in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value


def _with_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_nan(inner) for name, inner in value.items()}
    return math.nan if value is None else value
