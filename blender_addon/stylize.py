# SPDX-License-Identifier: GPL-3.0-or-later
"""What one press of Stylize, Cancel or Clear does, without the buttons: scripts and tests may call it directly."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import bpy

from . import extract, job_request, preferences, result_strip, run_folder, strips, timer
from .core_link import errors, settings
from .job import Job
from .jobs import QUEUE
from .properties import STYLES


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a press of Stylize led to.

    Attributes:
        jobs: one for each strip that is being painted.
        refused: why the other selected strips are not; one error for each.
    """

    jobs: tuple[Job, ...]
    refused: tuple[errors.BrushflowError, ...]


def start(context: Any, style: str = "") -> Outcome:
    """Lays result strips over the selected strips and queues their painting; returns before anything is painted.

    Args:
        context: Blender's context; the timeline it shows is meant.
        style: identifier of a preset or path of a picture; empty = what is chosen in the panel.

    Raises:
        BrushflowError: nothing can be painted; says why.
    """
    scene = strips.timeline_scene(context)
    sources = chosen_sources(scene)
    choice = _choice(scene, style)
    paintable, refused = _sort_out(scene, sources)
    if not paintable:
        raise refused[0]
    cache = preferences.cache_folder()
    run_folder.ensure_writable(cache)
    temporary = run_folder.make_temporary(cache)
    jobs = []
    try:
        copy = extract.save_copy(temporary)
        for name in [source.name for source in paintable]:
            try:
                source = strips.every(scene.sequence_editor)[name]
                jobs.append(_make_job(context, scene, source, choice, cache, copy))
            except errors.BrushflowError as error:
                refused.append(error)
    finally:
        if not jobs:
            shutil.rmtree(temporary, ignore_errors=True)
    if not jobs:
        raise refused[0]
    QUEUE.add(jobs)
    timer.start()
    return Outcome(tuple(jobs), tuple(refused))


def chosen_sources(scene: Any) -> list[Any]:
    """The selected strips, each once; a selected result stands for its source.

    Raises:
        BrushflowError: nothing is selected, or there is no timeline.
    """
    if scene is None or scene.sequence_editor is None:
        raise errors.BrushflowError("There is no timeline.", "Add a strip in the sequencer first.")
    editor = scene.sequence_editor
    sources: list[Any] = []
    for strip in strips.displayed(editor):
        if not strip.select:
            continue
        source = result_strip.source_of(editor, strip) if result_strip.is_result(strip) else strip
        if source is None:
            raise errors.BrushflowError(
                f"The strip that {strip.name!r} was painted from is gone.", "Select the strip to paint."
            )
        if source not in sources:
            sources.append(source)
    if not sources:
        raise errors.BrushflowError("No strip is selected.", "Select the strips to paint.")
    return sources


def clear(scene: Any, *, delete_frames: bool) -> int:
    """Removes the results of the selected strips from the timeline; gives how many.

    Args:
        scene: the scene whose timeline is meant.
        delete_frames: also delete their pictures from disk, except those another strip of this file shows.
    """
    editor = scene.sequence_editor
    found: dict[str, Any] = {}
    for source in chosen_sources(scene):
        found.update({result.name: result for result in result_strip.results_of(editor, source)})
    folders = set()
    for result in found.values():
        job = QUEUE.job_of(result)
        if job is not None:
            QUEUE.cancel(job, f"{result.name!r} was cleared.")
        folders.add(result_strip.run_of(result).parent)
    for name in found:
        strips.displayed(editor).remove(strips.every(editor)[name])
    QUEUE.notice = None
    if delete_frames:
        shown = _shown_runs()
        for folder in folders:
            run_folder.remove_runs(folder, shown)
        QUEUE.painted.forget()
    return len(found)


def _shown_runs() -> list[Path]:
    """The folders that image strips of the open file show, in any scene."""
    editors = [scene.sequence_editor for scene in bpy.data.scenes if scene.sequence_editor is not None]
    return [result_strip.run_of(strip) for editor in editors for strip in strips.every(editor) if strip.type == "IMAGE"]


def _choice(scene: Any, style: str) -> settings.StylizeSettings:
    known = [preset.style for preset in STYLES.presets]
    if not known:
        raise STYLES.problem or errors.StyleError("There are no styles.", "Install the add-on again from its zip.")
    choice: settings.StylizeSettings = scene.brushflow.frozen(style, preferences.preferences().device)
    picture = settings.picture_of(choice.style)
    if picture is not None:
        check_picture(picture)
    elif choice.style not in known:
        raise errors.StyleError(f"The style {choice.style!r} is not known.", f"The styles are: {', '.join(known)}.")
    return choice


def check_picture(picture: Path) -> None:
    """Raises ``MediaError`` where there is no such file. Whether it is a picture, the worker says."""
    if not picture.is_file():
        raise errors.MediaError(
            f"The picture {picture} that is to be the style is not there.", "Choose it anew with Use a Picture."
        )


def _sort_out(scene: Any, sources: list[Any]) -> tuple[list[Any], list[errors.BrushflowError]]:
    """Which strips can be painted, and why the others cannot. A movie's own sound strip is passed over in silence."""
    paintable: list[Any] = []
    refused: list[errors.BrushflowError] = []
    for source in sources:
        if source.type == "SOUND" and any(other.type != "SOUND" for other in sources):
            continue
        results = result_strip.results_of(scene.sequence_editor, source)
        try:
            extract.check(scene, source)
            if any(QUEUE.job_of(result) for result in results):
                raise errors.BrushflowError(
                    f"{source.name!r} is being painted already.", "Wait for it, or cancel it first."
                )
            paintable.append(source)
        except errors.BrushflowError as error:
            refused.append(error)
    return paintable, refused


def _make_job(context: Any, scene: Any, source: Any, choice: settings.StylizeSettings, cache: Path, copy: Path) -> Job:
    """Lays the result strip, or switches the one that is there, and describes the work."""
    editor, name = scene.sequence_editor, source.name
    first, length = strips.first_frame(source), strips.length(source)
    frames = job_request.frame_names(length)
    size = scene.render.resolution_x, scene.render.resolution_y
    results = result_strip.results_of(editor, source)
    heirs = [result for result in results if result_strip.fits(result, source)]
    heirs = heirs or ([result_strip.nearest(source, results)] if results else [])
    if not heirs:
        result_strip.free_channel(editor, source)  # before anything is written or changed
    uid = result_strip.own_uids(editor, source, results, heirs)
    run = run_folder.make_run(cache, name, uid, frames, size)
    shown = _show(context, scene, source, [heir.name for heir in heirs], run, frames, cache)
    source = strips.every(editor)[name]
    for result in shown:
        result.brushflow.uid, result.brushflow.source_uid = uid, source.brushflow.uid
        result.brushflow.settings = json.dumps(choice.to_json())
    strengths = [strips.strengths(scene, result, first, length) for result in shown]
    facts = job_request.StripFacts(
        scene=scene.name,
        name=name,
        first_frame=first,
        length=length,
        width=size[0],
        height=size[1],
        playhead=scene.frame_current,
        strengths=tuple(max(values) for values in zip(*strengths, strict=True)),
        exact_motion=scene.brushflow.exact_motion and choice.stability > 0.0,  # else no motion is looked at
    )
    job_id = run_folder.new_uid()
    limit = preferences.preferences().cache_limit_bytes
    places = job_request.Places(frames=copy.parent / job_id, run=run, cache=cache, cache_limit_bytes=limit)
    return Job(job_id, facts, places, copy, uid, choice.to_json())


def _show(
    context: Any, scene: Any, source: Any, heirs: list[str], run: Path, frames: tuple[str, ...], cache: Path
) -> list[Any]:
    """The result strips that show a run: those there are, one that takes the place of an old one, or a new one."""
    everything = strips.every(scene.sequence_editor)
    if heirs and result_strip.fits(everything[heirs[0]], source):
        for name in heirs:
            result_strip.show_run(everything[name], run, cache)
        return [everything[name] for name in heirs]
    result = result_strip.place(context, scene, source, run, frames, cache)
    if heirs:
        result_strip.replace(scene, strips.every(scene.sequence_editor)[heirs[0]], result)
    return [result]
