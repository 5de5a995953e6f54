# SPDX-License-Identifier: GPL-3.0-or-later
"""An edit with keyframed strength renders as it must, here and on a machine without the add-on (free of bpy itself)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.blender.conftest import BlenderPython
from tests.blender.installed import Installed
from tests.blender.media import difference, read

pytestmark = pytest.mark.blender

FIRST, COUNT = 5, 12
KEYS = {5: 0.0, 8: 0.0, 12: 1.0, 16: 0.4}


@pytest.fixture(scope="module")
def edit(installed: Installed, small_media: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A clip painted twice, with the strength keyframed in between, rendered and saved."""
    work = tmp_path_factory.mktemp("edit")
    return installed.play("edit", work, media=str(small_media), keys=KEYS)


def test_frames_of_strength_0_are_not_painted(edit: dict[str, Any]) -> None:
    assert edit["errors"] == ["", ""]
    assert edit["jobs"][0]["finished"] == list(range(COUNT))
    assert edit["jobs"][1]["finished"] == list(range(4, COUNT))
    assert edit["jobs"][1]["wanted"] == COUNT - 4


def test_every_frame_is_the_mix_of_source_and_painting(edit: dict[str, Any]) -> None:
    strengths = np.interp(range(FIRST, FIRST + COUNT), list(KEYS), list(KEYS.values()))
    for index, strength in enumerate(strengths):
        source, shown = read(edit["source"][index]), read(edit["rendered"][index])
        painted = read(Path(edit["result"]["folder"], edit["result"]["files"][index]))
        if strength == 0.0:
            assert difference(shown, source) == 0
        elif strength == 1.0:
            assert difference(shown, painted) <= 1
        else:
            assert np.abs(shown - ((1 - strength) * source + strength * painted)).max() <= 1


def test_a_blender_without_the_addon_renders_the_same(
    edit: dict[str, Any], blender: BlenderPython, tmp_path: Path
) -> None:
    bare = Installed(blender.version, blender.python, tmp_path / "empty user folder")
    blend = edit["blend"]
    played = bare.play("render_only", tmp_path, addon=False, blend=blend, first=FIRST, count=COUNT)
    assert not played["knows_brushflow"]
    for here, elsewhere in zip(edit["rendered"], played["rendered"], strict=True):
        assert difference(read(here), read(elsewhere)) == 0
