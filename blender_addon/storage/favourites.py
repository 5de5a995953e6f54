# SPDX-License-Identifier: GPL-3.0-or-later
"""The styles an editor likes best, kept for all files in a small JSON file. Free of bpy."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from . import run_folder

_MOST_BYTES = 1_000_000


class Favourites:
    """Identifiers of styles. One that is not there at the moment stays a favourite.

    Args:
        file: where they are kept; need not exist.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._styles = _read(file)

    def __contains__(self, style: object) -> bool:
        return style in self._styles

    def toggle(self, style: str) -> bool:
        """Makes a style a favourite, or none; gives whether it is one now.

        Raises:
            CacheError: the file cannot be written.
        """
        styles = [one for one in self._styles if one != style] if style in self else [*self._styles, style]
        temporary = self._file.with_name(f".{self._file.name}.{os.getpid()}.part")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps({"favourites": styles}) + "\n", encoding="utf-8")
            os.replace(temporary, self._file)
        except OSError as error:
            raise run_folder.cache_error(self._file.parent, error) from error
        self._styles = styles
        return style in styles

    def first(self, styles: Sequence[str]) -> list[str]:
        """Styles with the favourites before the others, each part in the order given."""
        return sorted(styles, key=lambda style: style not in self)


def _read(file: Path) -> list[str]:
    """What a file keeps. A file that is damaged counts as empty: it is written anew with the next favourite."""
    try:
        with file.open("rb") as stream:
            kept = json.loads(stream.read(_MOST_BYTES))["favourites"]
        return list(dict.fromkeys(style for style in kept if isinstance(style, str)))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
