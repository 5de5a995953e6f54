# SPDX-License-Identifier: GPL-3.0-or-later
"""The motion Blender tells of scene strips is the true one, wherever the sequencer puts them (free of bpy itself)."""

from __future__ import annotations

import copy
import dataclasses
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from core.flow.dis import DisFlow, grid_size
from core.flow.given import GivenMotion
from core.flow.motion import Motion
from core.storage.frames import read_frame
from core.warp import resize_flow
from tests.blender.installed import Installed
from tests.blender.projection import Placement, Truth, World, truth

pytestmark = pytest.mark.blender

SIZE = (320, 180)
LENGTH = 4
# Pixels of the frame; half precision alone makes 0.03 at 64 pixels of motion.
END_POINT_ERROR = 0.05
# The mask is wider than what is hidden by the painted contour of what hides it, and by its motion within a frame.
SPILL = 4


def quad(width: float, height: float) -> dict[str, Any]:
    x, y = width / 2, height / 2
    return {"vertices": [(-x, -y, 0), (x, -y, 0), (x, y, 0), (-x, y, 0)], "faces": [(0, 1, 2, 3)]}


def cube(side: float) -> dict[str, Any]:
    corners = [(x * side / 2, y * side / 2, z * side / 2) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return {"vertices": corners, "faces": faces}


def frames(make: Any) -> dict[str, Any]:
    """What a thing does at each frame, from a function of the frame; two more on both sides, as Blender looks there."""
    return {str(frame): make(frame) for frame in range(-2, 16)}


def still(*values: Any) -> dict[str, Any]:
    return frames(lambda _: list(values))


GROUND = {**quad(40, 40), "frames": still((0, 0, -12), (0.5, 0.2, 0))}
TURNING = {**cube(2.4), "frames": frames(lambda t: ((-1.5 + 0.15 * t, 0.4, -7), (0.3, 0.05 * t, 0.02 * t)))}
RIGID = {
    "size": SIZE,
    "camera": frames(lambda t: ((0.1 * t, 0.05 * t, -0.1 * t), (0.01 * t, -0.012 * t, 0.015 * t), 32 + 1.1 * t)),
    "things": [GROUND, TURNING],
}
CROSSING = {
    "size": SIZE,
    "camera": still((0, 0, 0), (0, 0, 0), 35),
    "things": [
        {**quad(60, 60), "frames": still((0, 0, -20), (0, 0, 0))},
        {**quad(3, 3), "frames": frames(lambda t: ((-3 + 0.9 * t, 0.5, -9), (0, 0, 0)))},
        {**quad(2, 4), "frames": frames(lambda t: ((3 - 0.7 * t, -0.5, -7), (0, 0, 0.06 * t)))},
    ],
}
SKY = {
    "size": SIZE,
    "camera": frames(lambda t: ((0, 0, 0), (0.02 * t, 0.03 * t, 0.01 * t), 30 + 0.5 * t)),
    "things": [{**cube(2), "frames": still((0.5, 0, -8), (0.4, 0.3, 0))}],
}
PARALLEL = {
    "size": SIZE,
    "orthographic": True,
    "camera": still((0, 0, 0), (0, 0, 0), 8),
    "things": [GROUND, TURNING],
}
SMALL = {**RIGID, "size": (200, 120), "first": 3}
PLACED = {
    "length": LENGTH,
    "transform": {
        "offset_x": 14,
        "offset_y": -9,
        "scale_x": 1.4,
        "scale_y": 0.9,
        "rotation": 0.3,
        "origin": (0.2, 0.7),
    },
    "crop": {"min_x": 12, "max_x": 7, "min_y": 5, "max_y": 20},
    "strip": {"use_flip_x": True},
}
GLASS = {**CROSSING, "material": "ShaderNodeBsdfGlass"}

CASES: dict[str, dict[str, Any]] = {
    "rigid": {"scene": RIGID, "strip": {"length": LENGTH}, "painted": True},
    "crossing": {"scene": CROSSING, "strip": {"length": LENGTH}},
    "sky": {"scene": SKY, "strip": {"length": LENGTH}},
    "parallel": {"scene": PARALLEL, "strip": {"length": LENGTH}},
    "placed": {"scene": SMALL, "strip": PLACED},
    "moving": {"scene": SMALL, "strip": {"length": LENGTH, "keys": {"0": -20, "3": 25}}},
    "share": {"scene": {**RIGID, "size": (300, 170), "share": 90}, "strip": {"length": LENGTH}},
    "wide": {"scene": {**RIGID, "aspect": 1.4}, "strip": {"length": LENGTH}},
    "strobe": {"scene": RIGID, "strip": {"length": 6, "strip": {"strobe": 2}}},
    "retimed": {"scene": RIGID, "strip": {"length": 8, "speed": 200}},
    "reverse": {"scene": SMALL, "strip": {"length": LENGTH, "strip": {"use_reverse_frames": True}}},
    "meta": {"scene": SMALL, "strip": {**PLACED, "meta": {"offset_x": 30, "scale_x": 0.8, "scale_y": 0.8}}},
    "glass": {"scene": GLASS, "strip": {"length": LENGTH}},
}


@pytest.fixture(scope="module")
def played(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All cases with one press."""
    return installed.play("exact_motion", tmp_path_factory.mktemp("exact"), size=SIZE, cases=CASES, again="rigid")


def motions(played: dict[str, Any], name: str) -> list[Motion]:
    """The motion of each pair of the case, through the cache's bytes as the product uses it."""
    case = played["cases"][name]
    folder = Path(case["folder"])
    given = GivenMotion(folder / "motion", DisFlow())
    pictures = [read_frame(folder / f"{i + 1:06}.png").rgb for i in range(case["total"])]
    found = []
    for i in range(1, len(pictures)):
        estimator = given.for_pair(i)
        assert not estimator.key.startswith("dis"), f"pair {i} of {name} has no exact motion"
        found.append(Motion.from_bytes(estimator.estimate(pictures[i - 1], pictures[i]).to_bytes()))
    return found


def scene_frames(played: dict[str, Any], name: str) -> list[int]:
    record = json.loads(Path(played["cases"][name]["folder"], "motion", "motion.json").read_text())
    return [one["scene_frame"] for one in record["frames"]]


def end_point_error(found: np.ndarray, mask: np.ndarray, expected: Truth) -> tuple[float, float, float]:
    """Mean over all that is to be seen in both frames, mean and greatest away from edges; pixels of the frame.

    What the mask takes for hidden is left out: how often it is wrong is asked elsewhere.
    """
    whole = resize_flow(found, *found.shape[1:]) * 2.0  # the grid is half of the frame's, both ways
    error = np.hypot(*(whole - expected.flow))
    counted = expected.seen & ~expected.hidden & ~mask
    inner = counted & expected.inner
    assert counted.mean() > 0.15
    return float(error[counted].mean()), float(error[inner].mean()), float(error[inner].max())


def occlusion_errors(mask: np.ndarray, expected: Truth) -> tuple[float, float]:
    """Shares of the picture: what is hidden and not marked, and what is marked though nothing is hidden near it."""
    near = around(expected.hidden, SPILL) | around(~expected.inner, SPILL)
    missed = expected.hidden & expected.seen & ~mask
    wrongly = mask & ~near & expected.seen
    return float(missed.mean()), float(wrongly.mean())


def around(mask: np.ndarray, pixels: int) -> np.ndarray:
    """The mask, wider by some pixels."""
    side = 2 * pixels + 1
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8)) > 0)


def compare(played: dict[str, Any], name: str, places: list[Placement], shown: list[int]) -> None:
    """Both directions of every pair against the truth.

    Where pixels of the passes and of the flow's grid do not lie on each other, one at an edge may show the other side.
    """
    is_aligned = all(place == whole() for place in places) and name != "wide"
    spec = CASES[name]["scene"]
    worlds = [World(spec, frame) for frame in shown]
    grid = grid_size(SIZE[1], SIZE[0])
    for i, motion in enumerate(motions(played, name), start=1):
        pair = (worlds[i - 1], places[i - 1]), (worlds[i], places[i])
        for flow, mask, expected in (
            (motion.flow_cur_to_prev, motion.occlusion_mask(), truth(pair[1], pair[0], grid)),
            (motion.flow_prev_to_cur, motion.backward().occlusion_mask(), truth(pair[0], pair[1], grid)),
        ):
            errors = end_point_error(flow, mask, expected)
            missed, wrongly = occlusion_errors(mask, expected)
            print(f"{name} {i}: EPE {errors[0]:.4f} {errors[1]:.4f} {errors[2]:.4f} mask {missed:.4f} {wrongly:.4f}")
            assert errors[1] < END_POINT_ERROR / 2 and errors[2] < 4 * END_POINT_ERROR, name
            assert errors[0] < END_POINT_ERROR * (1 if is_aligned else 3), name
            assert missed < 0.01 and wrongly < 0.01
            assert not mask[~around(expected.seen, 1)].any(), "where nothing is shown nothing is hidden"


def whole(scene: tuple[int, int] = SIZE) -> Placement:
    return Placement(scene, SIZE)


@pytest.mark.parametrize("name", ["rigid", "crossing", "sky", "parallel", "wide"])
def test_motion_is_the_true_one(played: dict[str, Any], name: str) -> None:
    assert scene_frames(played, name) == [1, 2, 3, 4]
    compare(played, name, [whole()] * LENGTH, [1, 2, 3, 4])


def test_what_crossing_things_hide_is_known(played: dict[str, Any]) -> None:
    world, place = [World(CROSSING, frame) for frame in (1, 2, 3, 4)], whole()
    for i, motion in enumerate(motions(played, "crossing"), start=1):
        expected = truth((world[i], place), (world[i - 1], place), grid_size(SIZE[1], SIZE[0]))
        found = motion.occlusion_mask()
        assert expected.hidden.sum() > 100
        recall = found[expected.hidden].mean()
        precision = expected.hidden[found].mean()
        beside = (around(expected.hidden, SPILL) | around(~expected.inner, SPILL))[found].mean()
        print(f"hidden pixels: recall {recall:.3f} precision {precision:.3f}, with contours {beside:.3f}")
        assert recall > 0.98 and precision > 0.6 and beside > 0.99


def test_placed_turned_cropped_and_mirrored(played: dict[str, Any]) -> None:
    place = Placement((200, 120), SIZE, (14, -9), (1.4, 0.9), 0.3, (0.2, 0.7), (True, False), (12, 20, 7, 5))
    compare(played, "placed", [place] * LENGTH, [3, 4, 5, 6])


def test_a_strip_that_is_moved_by_keyframes(played: dict[str, Any]) -> None:
    record = json.loads(Path(played["cases"]["moving"]["folder"], "motion", "motion.json").read_text())
    offsets = [one["windows"][-1]["placement"][0][2] for one in record["frames"]]
    assert offsets[3] - offsets[0] == pytest.approx(45, abs=1e-3) and offsets[1] - offsets[0] > 5
    eased = [-20 + offset - offsets[0] for offset in offsets]
    compare(played, "moving", [dataclasses.replace(whole((200, 120)), offset=(x, 0)) for x in eased], [3, 4, 5, 6])


def test_a_scene_of_another_size_and_percentage(played: dict[str, Any]) -> None:
    compare(played, "share", [whole((270, 153))] * LENGTH, [1, 2, 3, 4])


def test_frames_that_are_held_and_skipped(played: dict[str, Any]) -> None:
    shown = scene_frames(played, "strobe")
    assert len(set(shown)) == 3 and max(np.diff(shown)) == 2
    compare(played, "strobe", [whole()] * 6, shown)


def test_a_strip_that_runs_faster(played: dict[str, Any]) -> None:
    shown = scene_frames(played, "retimed")
    assert shown[:4] in ([1, 3, 5, 7], [1, 2, 3, 4]), "before 4.5 scene strips cannot be retimed"
    compare(played, "retimed", [whole()] * len(shown), shown)


def test_a_strip_that_runs_backwards(played: dict[str, Any]) -> None:
    case = played["cases"]["reverse"]
    shown = scene_frames(played, "reverse")
    assert all(np.diff(shown) == -1)
    # The scene is long: its end is beyond the keys, where everything stands still.
    spec = copy.deepcopy(CASES["reverse"]["scene"])
    last = max(int(frame) for frame in spec["camera"])
    assert min(shown) > last and case["frames"] == sorted(shown)
    for motion in motions(played, "reverse"):
        assert not np.abs(motion.flow_cur_to_prev).max() > 1e-3


def test_a_scene_strip_in_a_meta_strip(played: dict[str, Any]) -> None:
    inner = Placement((200, 120), SIZE, (14, -9), (1.4, 0.9), 0.3, (0.2, 0.7), (True, False), (12, 20, 7, 5))
    outer = Placement(SIZE, SIZE, (30, 0), (0.8, 0.8))
    compare(played, "meta", [Nested(inner, outer)] * LENGTH, [3, 4, 5, 6])


class Nested(Placement):
    """A picture placed in a frame that is placed in another."""

    def __init__(self, inner: Placement, outer: Placement) -> None:
        super().__init__(inner.scene, outer.frame)
        object.__setattr__(self, "inner", inner)
        object.__setattr__(self, "outer", outer)

    def forward(self, points: Any) -> Any:
        return self.outer.forward(self.inner.forward(points))  # type: ignore[attr-defined]

    def inverse(self, points: Any) -> Any:
        return self.inner.inverse(self.outer.inverse(points))  # type: ignore[attr-defined]

    def shows(self, points: Any) -> Any:
        first = self.inner.shows(points)  # type: ignore[attr-defined]
        return first & self.outer.shows(self.inner.forward(points))  # type: ignore[attr-defined]


def test_what_cannot_be_told_is_said(played: dict[str, Any]) -> None:
    case = played["cases"]["glass"]
    assert case["frames"] == []
    (sentence,) = case["warnings"]
    assert sentence.startswith("The motion of 'glass' is estimated from its pictures: the material ")
    assert sentence.endswith("lets light through.")
    assert played["notice"] == sentence
    assert all(not played["cases"][name]["warnings"] for name in CASES if name != "glass")


def test_the_strip_is_painted_and_painted_once(played: dict[str, Any]) -> None:
    case = played["cases"]["rigid"]
    assert (case["stage"], case["finished"], case["reused"]) == ("done", list(range(LENGTH)), 0)
    assert played["error"] == ""
    again = played["again"]
    assert (again["stage"], again["reused"]) == ("done", LENGTH), "the same motion must have the same key"


def test_nothing_of_the_editor_is_changed(played: dict[str, Any]) -> None:
    assert played["file"]["before"] == played["file"]["after"]
    sizes = [case["scene"]["size"][0] for case in CASES.values()]
    found = sorted((engine, size, has_pass) for engine, size, has_pass, _ in played["settings"])
    assert found == sorted(("CYCLES", size, False) for size in sizes)


@pytest.fixture(scope="module")
def stopped(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Switched off, cancelled, and all that stands in the way."""
    return installed.play("exact_motion_stop", tmp_path_factory.mktemp("stop"), scene=RIGID)


def test_switched_off_nothing_is_rendered_and_nothing_said(stopped: dict[str, Any]) -> None:
    for case in stopped["off"]:
        assert (case["stage"], case["motion"], case["asked"], case["warnings"]) == ("done", False, "", [])


def test_a_cancel_stops_it_while_motion_is_rendered(stopped: dict[str, Any]) -> None:
    told = stopped["cancelled"]
    assert (told["doing"], told["stage"], told["left"]) == ("Motion", "cancelled", False)
    assert told["seconds"] < 1.0


def test_what_stands_in_the_way_is_named(stopped: dict[str, Any]) -> None:
    told = stopped["obstacles"]
    free = {"plain", "hair unseen", "opaque", "blurred by compositor"}
    assert {name for name, sentence in told.items() if not sentence} == free
    for name, words in {
        "timeline": "it shows a timeline",
        "no camera": "has no camera",
        "panorama": "is a panorama",
        "region": "renders a region only",
        "two layers": "renders 2 view layers",
        "volume": "'volume' is a volume",
        "hair": "'hair' is hair",
        "drawing": "is a grease pencil drawing",
        "glass": "lets light through",
        "clear": "lets light through",
        "liquid": "lets light through",
        "moved by compositor": "moves pixels",
    }.items():
        assert words in told[name], name
