# SPDX-License-Identifier: GPL-3.0-or-later
"""Titles of styles, as short as a sidebar needs them. Free of bpy."""

from __future__ import annotations

import functools
import re
import unicodedata


def short_title(title: str) -> str:
    """A title without the artist: "The Starry Night – Vincent van Gogh · Draft" is "The Starry Night · Draft"."""
    name, dash, artist = title.partition(" \N{EN DASH} ")
    return name + "".join(artist.partition(" · ")[1:]) if dash else title


@functools.lru_cache(maxsize=512)
def cell_title(style: str, title: str) -> str:
    """A preset's name for a cell of the gallery, which has room for a dozen letters: its identifier as its title
    writes it, "night-cafe" is "Night Café".
    """
    written = {_plain(word): word for word in re.findall(r"\w+", short_title(title))}
    return " ".join(written.get(word, word.capitalize()) for word in style.split("-"))


def _plain(word: str) -> str:
    """In lower case and without accents."""
    return "".join(letter for letter in unicodedata.normalize("NFD", word.lower()) if letter.isalnum())
