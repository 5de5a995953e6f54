# SPDX-License-Identifier: GPL-3.0-or-later
"""Titles of styles, as short as a sidebar needs them. Free of bpy."""

from __future__ import annotations


def short_title(title: str) -> str:
    """A title without the artist: "The Starry Night – Vincent van Gogh · Draft" is "The Starry Night · Draft"."""
    name, dash, artist = title.partition(" \N{EN DASH} ")
    return name + "".join(artist.partition(" · ")[1:]) if dash else title
