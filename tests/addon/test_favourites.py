# SPDX-License-Identifier: GPL-3.0-or-later
"""The favourites: kept in a file, first in every list, and never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from blender_addon.core_link import errors
from blender_addon.storage.favourites import Favourites


def test_they_stay_and_come_first_in_the_order_given(tmp_path: Path) -> None:
    favourites = Favourites(tmp_path / "gallery" / "favourites.json")
    assert [favourites.toggle(style) for style in ("c", "a", "gone", "c", "c")] == [True, True, True, False, True]
    again = Favourites(tmp_path / "gallery" / "favourites.json")
    assert "a" in again and "gone" in again and "b" not in again
    assert again.first(["a", "b", "c", "d"]) == ["a", "c", "b", "d"]
    assert [path.name for path in (tmp_path / "gallery").iterdir()] == ["favourites.json"]


@pytest.mark.parametrize("text", ["", "no json", "[1]", '{"favourites": 3}', '{"favourites": [1, {}]}', "[" * 9000])
def test_a_damaged_file_counts_as_empty_and_is_written_anew(tmp_path: Path, text: str) -> None:
    file = tmp_path / "favourites.json"
    file.write_text(text)
    favourites = Favourites(file)
    assert favourites.first(["b", "a"]) == ["b", "a"]
    assert favourites.toggle("a")
    assert "a" in Favourites(file)


def test_a_folder_that_cannot_be_written_is_told_and_nothing_changes(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    favourites = Favourites(tmp_path / "file" / "favourites.json")
    with pytest.raises(errors.CacheError, match="cannot be written"):
        favourites.toggle("a")
    assert "a" not in favourites
