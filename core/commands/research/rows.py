# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bench measures of one painter on one clip in one style, and how that is kept. Free of bpy and torch."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from pathlib import Path
from typing import Any

from ...errors import MediaError
from ...settings import picture_of
from ...whole_file import write_whole
from ..figures import Figures

NUMBERS = (*(field.name for field in dataclasses.fields(Figures)), "noise_gain", "seconds", "megabytes")


@dataclasses.dataclass(frozen=True)
class Row:
    """One measurement.

    Attributes:
        key: of everything that it depends on.
        clip, style, painter: what was measured.
        picture: file name of its middle frame, below the report's folder.
        numbers: by name, see ``NUMBERS``: those of ``Figures``; ``noise_gain`` (``core.metrics``); seconds for a
            frame, from file to file; and the peak of memory of the process that painted, in megabytes. What could not
            be measured is not a number.
    """

    key: str
    clip: str
    style: str
    painter: str
    picture: str
    numbers: dict[str, float]


class RowStore:
    """Measured rows in a folder, one JSON file each: an interrupted run goes on with the next one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str, key: str) -> Row | None:
        """The row of this name, or None when there is none, or it was measured on something else."""
        path = self._folder / f"{name}.json"
        if not path.is_file():
            return None
        try:
            record: dict[str, Any] = json.loads(path.read_text("utf-8"))
            numbers = {n: math.nan if record["numbers"][n] is None else float(record["numbers"][n]) for n in NUMBERS}
            row = Row(**{**record, "numbers": numbers})
        except (ValueError, KeyError, TypeError) as error:
            raise MediaError(f"{path} is no row of this bench ({error}).", "Remove it to measure it again.") from error
        return row if row.key == key else None

    def write(self, name: str, row: Row) -> None:
        """Keep a row; whole or not at all."""
        record = dataclasses.asdict(row)
        record["numbers"] = {n: None if math.isnan(value) else value for n, value in row.numbers.items()}
        write_whole(self._folder / f"{name}.json", (json.dumps(record, indent=1) + "\n").encode())


def name_of(style: str) -> str:
    """What a report calls a style: a preset's identifier, or the name of a picture's file."""
    picture = picture_of(style)
    return style if picture is None else picture.stem


def file_name(*parts: str) -> str:
    """A name for files from the names of things."""
    return "--".join(re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in parts)
