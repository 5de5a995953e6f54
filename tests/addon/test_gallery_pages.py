# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of the gallery: in a low sidebar one row, in a high one four, and every style is on exactly one page."""

from __future__ import annotations

import pytest

from blender_addon.core_link import read_presets
from blender_addon.gallery.pages import page_of, shape
from blender_addon.styles.titles import cell_title, short_title


@pytest.mark.parametrize(
    ("size", "expected"),
    [((335, 290), (2, 1)), ((345, 290), (3, 1)), ((345, 500), (3, 2)), ((700, 3000), (6, 4)), ((1, 1), (1, 1))],
)
def test_the_shape_follows_the_sidebar(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert shape(*size) == expected


def test_pages_hold_every_style_once() -> None:
    styles = list(range(23))
    for page_size in (1, 3, 6, 22, 23, 24):
        pages = page_of(len(styles), page_size, 0)[1]
        shown = [styles[page * page_size :][:page_size] for page in range(pages)]
        assert [style for page in shown for style in page] == styles and all(shown)


def test_a_page_that_is_gone_gives_the_last_one() -> None:
    assert page_of(23, 6, 99) == (3, 4)
    assert page_of(0, 6, 2) == (0, 1)


def test_short_titles_leave_out_the_artist() -> None:
    assert (
        short_title("The Starry Night \N{EN DASH} Vincent van Gogh · 50 % · Draft") == "The Starry Night · 50 % · Draft"
    )
    assert short_title("leaves.jpg · Draft") == "leaves.jpg · Draft"


def test_a_cell_of_the_gallery_has_room_for_the_name_of_every_preset() -> None:
    presets = read_presets()
    names = {preset.style: cell_title(preset.style, preset.title) for preset in presets}
    assert names["night-cafe"] == "Night Café" and names["composition-vii"] == "Comp. VII"
    assert names["shipwreck"] == "Shipwreck", "a word that its title lacks"
    assert names["sunrise"] == "Sunrise" and names["great-wave"] == "Great Wave"
    assert names["saint-catherine"] == "Saint Cath." and names["chrysanthemums"] == "Chrysanthemums"
    assert max(map(len, names.values())) <= 14
    assert len(set(names.values())) == len(presets)
