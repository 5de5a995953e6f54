# SPDX-License-Identifier: GPL-3.0-or-later
"""``motion-study`` on the command line: every estimator and every mask against exact motion. Free of bpy."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2

from ...flow.choice import make_estimator
from ...flow.motion import Motion
from ...settings import FLOWS
from ...storage.whole_file import write_whole
from ..research.document import Block, Heading, Paragraph, Table, as_markdown, number
from .masks import WAYS
from .measure import FlowFigures, MaskFigures, cut_between, estimated, judged, photometric_error
from .truth import Pair, pairs_of, scene_names

Scenes = Mapping[str, Sequence[Pair]]

_WITHOUT_WEIGHTS = [name for name in FLOWS if not name.startswith("raft")]
_MASKED = ("dis", "dis-fine")
"""Estimators whose masks are compared: the default, and the one that shows what a better flow would give."""


def motion_study_from(options: argparse.Namespace) -> None:
    """Measure what the command line names, write the report and print where it is."""
    print(write_study(Path(options.truth), Path(options.out), _weights(options.weights)))


def write_study(folder: Path, target: Path, weights: Mapping[str, Path]) -> Path:
    """Measures all estimators on the scenes of a folder and writes a report in Markdown.

    Args:
        folder: what ``demo/make_truth.py`` rendered.
        weights: the files of RAFT's weights by the estimator's name; those left out are not measured.

    Raises:
        BrushflowError: scenes or weights are missing or damaged.
    """
    cv2.setNumThreads(1)
    scenes = {name: list(pairs_of(folder / name)) for name in scene_names(folder)}
    estimators = {name: make_estimator(name, weights.get(name)) for name in (*_WITHOUT_WEIGHTS, *weights)}
    flows: dict[str, dict[str, FlowFigures]] = {}
    motions: dict[str, dict[str, list[Motion]]] = {}
    for name, estimator in estimators.items():
        results = {scene: estimated(estimator, pairs) for scene, pairs in scenes.items()}
        flows[name] = {scene: figures for scene, (_, figures) in results.items()}
        motions[name] = {scene: found for scene, (found, _) in results.items()}
    blocks = [Heading("Motion against the truth", 1), Paragraph(_conditions(scenes)), *_flow_section(flows)]
    blocks += [Heading("What was hidden"), Paragraph(_MASKS_EXPLAINED)]
    for name in (*_MASKED, *weights):
        cut = _cut(scenes)
        with_cut = {**scenes, "cut": [cut]}
        found = {**motions[name], "cut": [estimators[name].estimate(cut.prev, cut.cur)]}
        blocks += _mask_section(name, with_cut, found)
    blocks += [Heading("Whether the truth is true"), Paragraph(_TRUTH_EXPLAINED), _truth_table(scenes)]
    write_whole(target, as_markdown(blocks).encode())
    return target


def _flow_section(flows: Mapping[str, Mapping[str, FlowFigures]]) -> list[Block]:
    scenes = list(next(iter(flows.values())))
    rows = []
    for name, by_scene in flows.items():
        errors = [
            f"{number(by_scene[scene].seen, '.3f')} / {number(by_scene[scene].everywhere, '.3f')}" for scene in scenes
        ]
        cost = sum(figures.milliseconds for figures in by_scene.values()) / len(by_scene)
        rows.append((name, *errors, f"{cost:.0f} ms"))
    return [
        Heading("End-point error"),
        Paragraph("Mean distance in pixels from the true motion, where a point is seen in both frames / everywhere."),
        Table(("", *scenes, "a pair"), tuple(rows)),
    ]


def _mask_section(name: str, scenes: Scenes, motions: Mapping[str, Sequence[Motion]]) -> list[Block]:
    rows = []
    for way_name, way in WAYS.items():
        figures = {scene: judged(way, pairs, motions[scene]) for scene, pairs in scenes.items()}
        cost = sum(one.milliseconds for one in figures.values()) / len(figures)
        rows.append((way_name, *(_cell(one) for one in figures.values()), f"{cost:.1f} ms"))
    return [Heading(f"With the flow {name}", 3), Table(("", *scenes, "a mask"), tuple(rows))]


def _cell(figures: MaskFigures) -> str:
    return " / ".join(number(value, ".2f") for value in (figures.recall, figures.precision, figures.precision_near))


def _truth_table(scenes: Scenes) -> Table:
    rows = []
    for name, pairs in scenes.items():
        seen, hidden = photometric_error(pairs)
        share = sum(float(pair.occlusion_mask.mean()) for pair in pairs) / len(pairs)
        rows.append((name, f"{seen:.2f}", number(hidden, ".1f"), f"{100 * share:.1f} %"))
    return Table(("", "where seen", "where hidden", "hidden"), tuple(rows))


def _cut(scenes: Scenes) -> Pair:
    first, second = list(scenes.values())[:2]
    return cut_between(first, second)


def _conditions(scenes: Scenes) -> str:
    pair = next(iter(scenes.values()))[0]
    height, width = pair.cur.shape[:2]
    return (
        "Written by `python -m core motion-study --truth build/truth --out docs/motion.md`, on the scenes that "
        f"`.blender/5.0/bin/python demo/make_truth.py --out build/truth` renders: {len(scenes)} of them, "
        f"{sum(map(len, scenes.values()))} pairs of frames, {width}x{height}. What each shows stands in "
        "`demo/truth_scenes.py`. Times are of one processor core. RAFT is measured where its weights are named "
        "(`--weights raft-small=FILE`)."
    )


_MASKS_EXPLAINED = (
    "Recall / precision / precision to within two pixels, of each way to mark what was hidden in the frame before "
    "(`core/commands/motion/masks.py`). Masks lie on a grid of half the frame's size. At a cut everything is hidden; "
    "the pipeline finds cuts by other means and never asks for motion across one."
)
_TRUTH_EXPLAINED = (
    "The frame before, carried along the true motion, against the frame: mean difference in levels of 255 where the "
    "point is said to be seen, and where it is said to be hidden. Resampling alone gives one or two levels."
)


def _weights(named: Sequence[str] | None) -> dict[str, Path]:
    """RAFT's weights from "NAME=FILE" words."""
    return {name: Path(file) for name, _, file in (word.partition("=") for word in named or ())}
