# SPDX-License-Identifier: GPL-3.0-or-later
"""Begins and ends the training of an editor's style: its folder of work, and the finished style (needs torch)."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from pathlib import Path

from safetensors.torch import save_file

from ..errors import StyleError, TrainingError
from ..storage.frames import Frame, write_frame
from ..styles.any_picture import read_any_picture
from ..styles.user_styles import MODULATION, RECORD, START_ANEW, THUMBNAIL, UserStyle, identifier_of
from ..styles.weights import ModelLibrary
from .export import thumbnail_frame, write_thumbnail
from .practice import DEMO_CLIP, footage_frames, practice_pictures, write_pictures
from .stopping import stops_when_asked
from .style_run import PRACTICE, PREVIEW, SHOWN, STYLE_PICTURE, StylePlan, StyleRun, TrainingWatch, facts_of

_DEMO_FRAME = 40  # the one that the presets' thumbnails show
_SEED = 7


@dataclasses.dataclass(frozen=True)
class StyleOrder:
    """What an editor asks for.

    Attributes:
        title: the style's name; its identifier is made from it.
        footage: movie or folder of pictures to practise on; without it, what ``core.training.practice`` has.
        plan: how it is learnt; without ``assets``, its ``photographs`` are filled in.
        fresh: forget an unfinished training of this name, and replace a finished style of it.
    """

    picture: Path
    title: str
    plan: StylePlan
    footage: Path | None = None
    fresh: bool = False


def train_style(order: StyleOrder, styles: Path, library: ModelLibrary, watch: TrainingWatch) -> UserStyle:
    """Train a style and put it into the folder ``styles``, or go on with a training that was interrupted.

    Raises:
        Cancelled: the watch asked to stop; everything learnt is kept.
        BrushflowError: what is wrong with the picture, the footage, the name, or the training.
    """
    identifier = identifier_of(order.title)
    _refuse_taken(identifier, order, styles, library)
    work = styles / f"{identifier}.training"
    if order.fresh:
        shutil.rmtree(work, ignore_errors=True)
    try:
        plan = _prepare(order, work)
        with stops_when_asked(watch):
            run = StyleRun(plan, work, library)
            run.train(watch)
        return _keep(run, order, styles / identifier)
    except OSError as error:
        raise TrainingError(
            f"Cannot write below {styles}: {error.strerror or error}.",
            "Make room, or choose another folder for your styles.",
        ) from error


def _refuse_taken(identifier: str, order: StyleOrder, styles: Path, library: ModelLibrary) -> None:
    if identifier in (record["id"] for record in library.style_records()):
        raise StyleError(f"{identifier!r} is the name of a preset.", "Choose another name.")
    if (styles / identifier).exists() and not order.fresh:
        raise StyleError(
            f"There is a style {identifier!r} in {styles} already.",
            f"Choose another name, or train it anew with {START_ANEW}.",
        )


def _prepare(order: StyleOrder, work: Path) -> StylePlan:
    """Fill the folder of work, unless an interrupted training did, and say where the pictures to practise on lie."""
    picture = read_any_picture(order.picture)
    facts = {"picture": hashlib.sha256(picture.tobytes()).hexdigest(), "footage": str(order.footage or "")}
    begun = facts_of(work)
    if begun and begun != facts:
        raise TrainingError(
            f"The unfinished training in {work} is of another picture or other footage.",
            f"Choose another name, or train it anew with {START_ANEW}.",
        )
    if not begun:
        frames = footage_frames(order.footage) if order.footage else practice_pictures(picture, _SEED)
        shown = frames[len(frames) // 2] if order.footage else frames[-1]
        write_frame(work / STYLE_PICTURE, Frame(picture))
        write_frame(work / SHOWN, Frame(shown))
        write_pictures(work / PRACTICE, frames)
        (work / "order.json").write_text(json.dumps(facts) + "\n", encoding="utf-8")
    if order.footage is None and order.plan.photographs.is_dir() and order.plan.photographs != Path():
        return order.plan
    return dataclasses.replace(order.plan, photographs=work / PRACTICE)


def _keep(run: StyleRun, order: StyleOrder, folder: Path) -> UserStyle:
    """Put the finished style in its place, whole or not at all, and clear the folder of work away."""
    gamma, beta = run.modulation()
    half_done = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(half_done, ignore_errors=True)
    half_done.mkdir(parents=True)
    tensors = {"gamma": gamma[0].contiguous().clone(), "beta": beta[0].contiguous().clone()}
    save_file(tensors, half_done / MODULATION)
    (half_done / MODULATION).chmod(0o644)  # safetensors writes files only their owner can read
    digest = hashlib.sha256((half_done / MODULATION).read_bytes()).hexdigest()
    style = UserStyle(folder, order.title, order.picture.name, "house", run.network_key, digest)
    thumbnail = (DEMO_CLIP, _DEMO_FRAME) if DEMO_CLIP.is_file() else (run.folder / SHOWN, 0)
    write_thumbnail(run.painter.network.cpu(), thumbnail_frame(*thumbnail), gamma, beta, half_done / THUMBNAIL)
    shutil.copyfile(run.folder / PREVIEW, half_done / PREVIEW)
    (half_done / RECORD).write_text(style.record(), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    half_done.rename(folder)
    shutil.rmtree(run.folder, ignore_errors=True)
    return style
