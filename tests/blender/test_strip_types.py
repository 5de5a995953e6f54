# SPDX-License-Identifier: GPL-3.0-or-later
"""Every type of strip is painted, and strength 0, 0.5 and 1 render as they must (free of bpy itself)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.blender.installed import Installed
from tests.blender.media import difference, read

pytestmark = pytest.mark.blender

TYPES = ("movie", "image", "scene", "meta", "colour", "blur", "cross", "text")
OPAQUE = 255


@pytest.fixture(scope="module")
def played(installed: Installed, small_media: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All types stylized with one press."""
    return installed.play("strip_types", tmp_path_factory.mktemp("strip_types"), media=str(small_media))


def test_all_are_painted(played: dict[str, Any]) -> None:
    assert played["error"] == ""
    assert sorted(played["ranges"]) == sorted(TYPES)
    assert [job["stage"] for job in played["jobs"]] == ["done"] * len(TYPES)
    assert all(job["finished"] == list(range(job["total"])) for job in played["jobs"])


@pytest.mark.parametrize("name", TYPES)
def test_the_result_lies_over_its_source(played: dict[str, Any], name: str) -> None:
    result = played["results"][name]
    assert result["range"] == played["ranges"][name]
    assert result["name"] == f"{name} (Brushflow)"
    assert result["blend_type"] == "ALPHA_OVER"
    assert result["stored_folder"].startswith("//brushflow/results/")
    assert not result["selected"]


def test_sources_and_selection_stay_as_they_were(played: dict[str, Any]) -> None:
    assert played["muted"] == []
    assert played["selected"] == sorted(TYPES)
    assert played["active"] == TYPES[0]


@pytest.mark.parametrize("name", TYPES)
def test_strength_0_is_the_source(played: dict[str, Any], name: str) -> None:
    for source, shown, _ in _pictures(played, name, "at 0.0"):
        assert difference(source, shown) == 0


@pytest.mark.parametrize("name", TYPES)
def test_strength_1_is_the_painting(played: dict[str, Any], name: str) -> None:
    for source, shown, painted in _pictures(played, name, "at 1.0"):
        opaque, clear = painted[..., 3] == OPAQUE, painted[..., 3] == 0
        assert opaque.any()
        assert difference(shown[opaque], painted[opaque]) <= 1
        assert difference(shown[clear], source[clear]) == 0
        assert np.abs(painted - source)[opaque][..., :3].mean() > 3, "this is no painting"


@pytest.mark.parametrize("name", TYPES)
def test_strength_in_between_is_the_mix(played: dict[str, Any], name: str) -> None:
    for source, shown, painted in _pictures(played, name, "at 0.5"):
        # Where the source is opaque: over a clear background the mix is one of premultiplied colours.
        opaque = (painted[..., 3] == OPAQUE) & (source[..., 3] == OPAQUE)
        mix = (source[opaque].astype(float) + painted[opaque]) / 2
        assert np.abs(shown[opaque] - mix).max() <= 1


def _pictures(played: dict[str, Any], name: str, strength: str) -> list[tuple[Any, Any, Any]]:
    """Source, what is shown, painting; of the first and the last frame."""
    place = 2 * list(played["ranges"]).index(name)
    result = played["results"][name]
    files = [result["files"][0], result["files"][-1]]
    return [
        (read(source), read(shown), read(Path(result["folder"], file)))
        for source, shown, file in zip(
            played["source"][place : place + 2], played[strength][place : place + 2], files, strict=True
        )
    ]
