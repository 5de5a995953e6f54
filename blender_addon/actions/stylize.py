# SPDX-License-Identifier: GPL-3.0-or-later
"""What one press of Stylize, Cancel or Clear does, without the buttons: scripts and tests may call it directly."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import bpy

from .. import preferences
from ..core_link import errors, settings
from ..jobs import job_request, timer
from ..jobs.job import Job
from ..jobs.queue import QUEUE
from ..storage import run_folder
from ..timeline import extract, result_strip, source_state, strips, working_size
from . import choices


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a press of Stylize led to.

    Attributes:
        jobs: one for each strip that is being painted.
        refused: why the other selected strips are not; one error for each.
    """

    jobs: tuple[Job, ...]
    refused: tuple[errors.BrushflowError, ...]


@dataclasses.dataclass(frozen=True)
class Wish:
    """One strip to be painted.

    Attributes:
        source: its name.
        choice: what with.
        result_uid: identifier of the results that are to show it; empty = all there are, or a new one.
        as_new: lay a new result over those there are.
    """

    source: str
    choice: settings.StylizeSettings
    result_uid: str = ""
    as_new: bool = False


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
    wanted = choices.of(scene, style)
    return paint(context, scene, [Wish(source.name, wanted, _chosen_result(scene, source)) for source in sources])


def paint(context: Any, scene: Any, wishes: list[Wish]) -> Outcome:
    """Queues the painting of strips, those nearest to the playhead first.

    Raises:
        BrushflowError: none of them can be painted; says why.
    """
    paintable, refused = _sort_out(scene, wishes)
    if not paintable:
        raise refused[0]
    cache = preferences.cache_folder()
    run_folder.ensure_writable(cache)
    temporary = run_folder.make_temporary(cache)
    jobs = []
    try:
        copy = extract.save_copy(temporary)
        for wish in paintable:
            try:
                jobs.append(_make_job(context, scene, wish, cache, copy))
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


def _chosen_result(scene: Any, source: Any) -> str:
    """Identifier of a source's results when one of them is selected and not the source itself: only it is meant."""
    if source.select:
        return ""
    results = result_strip.results_of(scene.sequence_editor, source)
    chosen = {result.brushflow.uid for result in results if result.select}
    return chosen.pop() if len(chosen) == 1 else ""


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


def _sort_out(scene: Any, wishes: list[Wish]) -> tuple[list[Wish], list[errors.BrushflowError]]:
    """Which strips can be painted, and why the others cannot. A movie's own sound strip is passed over in silence."""
    everything = strips.every(scene.sequence_editor)
    sources = [everything[wish.source] for wish in wishes]
    paintable: list[tuple[int, Wish]] = []
    refused: list[errors.BrushflowError] = []
    for wish, source in zip(wishes, sources, strict=True):
        if source.type == "SOUND" and any(other.type != "SOUND" for other in sources):
            continue
        results = result_strip.results_of(scene.sequence_editor, source)
        if wish.as_new or wish.result_uid:
            results = [result for result in results if result.brushflow.uid == wish.result_uid]
        try:
            extract.check(scene, source)
            choices.check_quality(wish.choice)
            if any(QUEUE.job_of(result) for result in results):
                raise errors.BrushflowError(
                    f"{source.name!r} is being painted already.", "Wait for it, or cancel it first."
                )
            paintable.append((_from_playhead(scene, source), wish))
        except errors.BrushflowError as error:
            refused.append(error)
    return [wish for _, wish in sorted(paintable, key=lambda pair: pair[0])], refused


def _from_playhead(scene: Any, source: Any) -> int:
    """How many frames lie between a strip and the playhead; 0 where it is under it."""
    now = scene.frame_current
    return max(0, strips.first_frame(source) - now, now - strips.end_frame(source) + 1)


def _make_job(context: Any, scene: Any, wish: Wish, cache: Path, copy: Path) -> Job:
    """Lays the result strip, or switches the one that is there, and describes the work."""
    editor, name = scene.sequence_editor, wish.source
    source = strips.every(editor)[name]
    first, length = strips.first_frame(source), strips.length(source)
    frames = job_request.frame_names(length)
    size = working_size.size_at(scene, wish.choice.resolution)
    heirs, uid = _heirs(editor, source, wish)
    run = run_folder.make_run(cache, name, uid, frames, size)
    shown = _show(context, scene, source, heirs, run, frames, cache, wish.choice.resolution)
    source = strips.every(editor)[name]
    for result in shown:
        mark = result.brushflow
        mark.uid, mark.source_uid = uid, source.brushflow.uid
        mark.settings = mark.painted_with = json.dumps(wish.choice.to_json())
        mark.source_state = source_state.of(scene, source, first)
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
        exact_motion=scene.brushflow.exact_motion and wish.choice.stability > 0.0,  # else no motion is looked at
    )
    job_id = run_folder.new_uid()
    limit = preferences.preferences().cache_limit_bytes
    places = job_request.Places(frames=copy.parent / job_id, run=run, cache=cache, cache_limit_bytes=limit)
    return Job(job_id, facts, places, copy, uid, wish.choice.to_json())


def _heirs(editor: Any, source: Any, wish: Wish) -> tuple[list[str], str]:
    """Names of the results that will show the new painting, and the identifier they, or the one to be made, get."""
    results = result_strip.results_of(editor, source)
    meant = [result for result in results if not wish.result_uid or result.brushflow.uid == wish.result_uid]
    if meant:  # of several looks of one source the uppermost is the one that is seen
        upper = max(meant, key=lambda result: result.channel).brushflow.uid
        meant = [result for result in meant if result.brushflow.uid == upper]
    heirs = [result for result in meant if result_strip.fits(result, source)]
    heirs = heirs or ([result_strip.nearest(source, meant)] if meant else [])
    if wish.as_new:
        heirs = []
    if not heirs:
        result_strip.free_channel(editor, source)  # before anything is written or changed
    uid = result_strip.own_uids(editor, source, results, heirs)
    return [heir.name for heir in heirs], uid


def _show(
    context: Any,
    scene: Any,
    source: Any,
    heirs: list[str],
    run: Path,
    frames: tuple[str, ...],
    cache: Path,
    resolution: int,
) -> list[Any]:
    """The result strips that show a run: those there are, one that takes the place of an old one, or a new one."""
    everything = strips.every(scene.sequence_editor)
    if heirs and result_strip.fits(everything[heirs[0]], source):
        for name in heirs:
            working_size.fit(scene, everything[name], working_size.of_result(everything[name]), resolution)
            result_strip.show_run(everything[name], run, cache)
        return [everything[name] for name in heirs]
    result = result_strip.place(context, scene, source, run, frames, cache)
    before = working_size.WHOLE
    if heirs:
        heir = strips.every(scene.sequence_editor)[heirs[0]]
        before = working_size.of_result(heir)
        result_strip.replace(scene, heir, result)
    working_size.fit(scene, result, before, resolution)
    return [result]
