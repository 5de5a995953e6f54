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


_ROOM = 13  # letters in a cell of the gallery, at the sidebar's usual width
_STUMP = 4


@functools.lru_cache(maxsize=512)
def cell_title(style: str, title: str) -> str:
    """A preset's name for a cell of the gallery: its identifier as its title writes it, "night-cafe" is "Night Café".

    Where several words are too long for a cell, the longest is shortened: "Comp. VII" tells more than "Compositio…".
    """
    written = {_plain(word): word for word in re.findall(r"\w+", short_title(title))}
    words = [written.get(word, word.capitalize()) for word in style.split("-")]
    if len(words) > 1 and len(" ".join(words)) > _ROOM:
        longest = max(words, key=len)
        words[words.index(longest)] = f"{longest[:_STUMP]}."
    return " ".join(words)


def _plain(word: str) -> str:
    """In lower case and without accents."""
    return "".join(letter for letter in unicodedata.normalize("NFD", word.lower()) if letter.isalnum())
