# SPDX-License-Identifier: GPL-3.0-or-later
"""A limit lies where it was drawn at every working resolution, in the installed extension (free of bpy itself)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.blender import media
from tests.blender.installed import Installed
from tests.blender.media import difference, read

pytestmark = pytest.mark.blender

SIZE = 192, 144
SOFT = 4  # pixels on each side of the edge


@pytest.fixture(scope="module")
def told(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The scenario."""
    work = tmp_path_factory.mktemp("masked")
    for index in range(3):
        media.write(work / "frames" / f"{index + 1:03}.png", media.frame(index, *SIZE))
    half = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    half[:, SIZE[0] // 2 :] = 255
    media.write(work / "half.png", half)
    options = {"pictures": str(work / "frames"), "half": str(work / "half.png"), "size": SIZE}
    return installed.play("masked", work, resolutions=[100, 50, 70], **options)


def share_that_differs(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    return float((np.abs(one - other).max(axis=2) > 1).mean())


@pytest.mark.parametrize("kind", ["strip", "mask"])
@pytest.mark.parametrize("resolution", ["100", "50", "70"])
def test_the_limit_lies_where_it_was_drawn(told: dict[str, Any], resolution: str, kind: str) -> None:
    found = told[resolution]
    error, path = found[kind]
    source, painted, limited = read(told["source"]), read(found["everywhere"]), read(path)
    middle = SIZE[0] // 2
    left, right = np.s_[:, : middle - SOFT], np.s_[:, middle + SOFT :]
    assert (
        error == "" and difference(source[left], painted[left]) > 20 and difference(source[right], painted[right]) > 20
    )
    assert share_that_differs(limited[left], source[left]) == 0
    assert share_that_differs(limited[right], painted[right]) < 0.002, "Blender's own masks have holes of a pixel"


@pytest.mark.parametrize("resolution", ["100", "50", "70"])
def test_everywhere_takes_it_away(told: dict[str, Any], resolution: str) -> None:
    error, path = told[resolution]["again"]
    assert error == "" and difference(read(path), read(told[resolution]["everywhere"])) == 0
