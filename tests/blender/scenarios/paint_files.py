# SPDX-License-Identifier: GPL-3.0-or-later
"""Files painted one after the other, beside the one that is open: to the end, stopped, and with others at work."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import bpy
import timeline
from running import family_of, gone_after

RESULT = "pictures (Brushflow)"


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """One of the parts below."""
    return globals()[options["part"]](work, options)


def make(path: Path, options: dict[str, Any], *, painted: bool = True) -> Any:
    """A saved file whose only strip is painted."""
    scene = timeline.new(*options["size"])
    timeline.image_strip(timeline.strips(scene), "pictures", sorted(Path(options["pictures"]).iterdir()), 1, 1)
    timeline.select(scene, "pictures")
    timeline.save(path)
    if painted:
        assert timeline.stylize(style="starry-night") == ""
        timeline.save(path)
    return scene


def make_stale(scene: Any, style: str = "great-wave") -> None:
    """Another style is stored than was painted."""
    scene.brushflow.style = style
    bpy.ops.brushflow.store_settings()
    bpy.ops.wm.save_mainfile()


def make_newer(path: Path) -> None:
    """Its header says that the Blender after this one saved it."""
    bpy.ops.wm.save_mainfile(compress=False)
    head = path.read_bytes()[:24]
    number = re.search(rb"v(\d+)", head)
    assert head.startswith(b"BLENDER") and number is not None
    later = b"%0*d" % (len(number[1]), int(number[1]) + 1)
    path.write_bytes(head.replace(number[0], b"v" + later) + path.read_bytes()[24:])


def lose(scene: Any, *names: str) -> None:
    """Frames are placeholders again, as after a job that was cancelled."""
    folder = Path(timeline.describe(scene, RESULT)["folder"])
    for name in names:
        (folder / name).unlink()
        os.link(folder / "placeholder.png", folder / name)


def begin(*paths: Path) -> Any:
    """What the button does in a window; the list is ticked by hand, for in background mode no timer runs."""
    desk = timeline.addon("actions.files_desk").DESK
    desk.begin(paths, final=False)
    return desk


def until(desk: Any, condition: Any, seconds: float = 120.0) -> None:
    """Ticks as the timer of a window does."""
    late = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < late, desk.files.files
        desk.files.tick()
        time.sleep(0.005)


def press(folder: Path, *names: str, **options: Any) -> str:
    """The operator, as a script calls it; gives what it reported as errors."""
    try:
        bpy.ops.brushflow.paint_files(directory=str(folder), files=[{"name": name} for name in names], **options)
    except RuntimeError as error:
        return str(error)
    return ""


def look(path: Path) -> dict[str, Any]:
    """A file as it is on the disk."""
    scene = timeline.open_file(path)
    (state,) = timeline.addon("timeline.result_state").of_scene(scene, range(-100, 100))
    shown = timeline.describe(scene, RESULT)
    painted = timeline.addon("timeline.result_state").painted_settings(timeline.strips(scene)[RESULT])
    return {
        "state": [state.is_draft, state.stale, state.missing],
        "folder": shown["folder"],
        "stored": shown["stored_folder"],
        "another add-on's": getattr(scene, "of_another_add_on", 0),
        "with": [painted.style, painted.quality],
    }


def told(desk_or_list: Any) -> dict[str, list[str]]:
    """How each file ended."""
    return {file.path.name: [file.stage, file.sentence] for file in desk_or_list.files}


def in_turn(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Two files with work left, around others that cannot, need not, or must not be painted."""
    bpy.types.Scene.of_another_add_on = bpy.props.IntProperty()
    scene = make(work / "stale.blend", options)
    scene.of_another_add_on = 7
    make_stale(scene)
    scene = make(work / "gaps.blend", options)
    lose(scene, "000002.png", "000004.png")
    make(work / "whole.blend", options)
    make(work / "never.blend", options, painted=False)
    (work / "broken.blend").write_bytes(b"BLENDER, but no more than that")
    make_stale(make(work / "newer.blend", options))
    make_newer(work / "newer.blend")
    scene = make(work / "here.blend", options)
    make_stale(scene)
    names = ["stale", "broken", "never", "newer", "whole", "here", "gone", "gaps", "stale"]
    kept = {path.name: path.read_bytes() for path in work.glob("*.blend")}
    before = {name: look(work / f"{name}.blend") for name in ("stale", "gaps")}
    timeline.open_file(work / "here.blend")
    error = press(work, *(f"{name}.blend" for name in names))
    ended = told(timeline.addon("actions.files_desk").DESK.files)
    same = [name for name, content in kept.items() if (work / name).read_bytes() == content]
    backups = {path.name: path.read_bytes() == kept[path.stem + ".blend"] for path in work.glob("*.blend1")}
    return {
        "error": error,
        "ended": ended,
        "untouched": same,
        "backups": [backups["stale.blend1"], backups["gaps.blend1"]],
        "still open": bpy.data.filepath == str(work / "here.blend"),
        "before": before,
        "after": {name: look(work / f"{name}.blend") for name in ("stale", "gaps")},
        "runs": len(list(work.glob("brushflow/results/*/*"))),
        "nothing chosen": press(work),
        "by full path": [press(Path(), str(work / "whole.blend")), *told(desk_files())["whole.blend"]],
    }


def desk_files() -> Any:
    """The list that was worked on last."""
    return timeline.addon("actions.files_desk").DESK.files


def drafts(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """A draft stays one, or becomes final, as is asked for."""
    scene = make(work / "draft.blend", options, painted=False)
    scene.brushflow.quality = "DRAFT"
    assert timeline.stylize(style="starry-night") == ""
    timeline.save(work / "draft.blend")
    timeline.new()
    found = {}
    for final in (False, True):
        found[str(final)] = [press(work, "draft.blend", final=final), *told(desk_files())["draft.blend"]]
        found[f"{final} state"] = look(work / "draft.blend")
        timeline.new()
    return found


def in_the_middle(desk: Any) -> list[int]:
    """A few frames are painted; gives the child and its worker."""
    until(desk, lambda: desk.files.current is not None and desk.files.current.progress.done >= 2)
    family = family_of(desk.files.process_id)
    assert len(family) >= 2, "the worker is one of them"
    return family


def stopped(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Stopped in the middle of a stale strip, then gone on; stopped in the middle of one that had gaps; dropped."""
    first, second = work / "one" / "edit.blend", work / "two" / "edit.blend"
    scene = make(first, options)
    make_stale(scene)
    scene = make(second, options)
    lose(scene, *(f"{number:06}.png" for number in range(1, len(list(Path(options["pictures"]).iterdir())) + 1)))
    timeline.addon("storage.run_folder").remove(second.parent / "brushflow" / "stages")
    kept = first.read_bytes()
    timeline.new()
    found: dict[str, Any] = {}

    desk = begin(first, second)
    family = in_the_middle(desk)
    found["meanwhile"] = [bpy.ops.brushflow.clean.poll(), bpy.ops.brushflow.paint_files.poll()]
    asked = time.monotonic()
    bpy.ops.brushflow.cancel_files()
    until(desk, lambda: not desk.files.is_busy)
    found["stopped"] = {
        "seconds": time.monotonic() - asked,
        "alive": gone_after(family, 1.0),
        "ended": [[file.stage, file.sentence] for file in desk.files.files],
        "untouched": first.read_bytes() == kept,
        "runs": len(list(first.parent.glob("brushflow/results/*/*"))),
        "temporary": [path.name for path in first.parent.glob("brushflow/temporary/*")],
    }
    desk = begin(first)
    until(desk, lambda: not desk.files.is_busy)
    found["gone on"] = [desk.files.files[0].sentence, look(first)["state"]]

    timeline.new()
    desk = begin(second)
    in_the_middle(desk)
    desk.files.stop()
    until(desk, lambda: not desk.files.is_busy)
    count = len(list(Path(options["pictures"]).iterdir()))
    found["gaps"] = [desk.files.files[0].stage, desk.files.files[0].sentence, count - look(second)["state"][2]]

    timeline.new()
    desk = begin(second)
    family = in_the_middle(desk)
    asked = time.monotonic()
    bpy.ops.preferences.addon_disable(module="bl_ext.user_default.brushflow")
    found["dropped"] = [time.monotonic() - asked, gone_after(family), desk.files is None]
    return found


def two_scenes(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Stopped in the second of two strips, which lie on the timelines of two scenes."""
    path = work / "edit.blend"
    make_stale(make(path, options))
    other = bpy.data.scenes.new("Other")
    for side in ("resolution_x", "resolution_y"):
        setattr(other.render, side, getattr(bpy.data.scenes["Scene"].render, side))
    other.sequence_editor_create()
    timeline.show(other)
    files = sorted(Path(options["pictures"]).iterdir())[:3]
    timeline.image_strip(timeline.strips(other), "short", files, 1, 1)
    timeline.select(other, "short")
    assert timeline.stylize(style="starry-night") == ""
    make_stale(other)
    runs = runs_of(path)
    timeline.new()
    desk = begin(path)
    until(desk, lambda: desk.files.current is not None and desk.files.current.progress.done >= 5)
    strip = desk.files.current.progress.strip
    desk.files.stop()
    until(desk, lambda: not desk.files.is_busy)
    return {"in hand": strip, "before": runs, "ended": told(desk.files)["edit.blend"], "after": runs_of(path)}


def runs_of(path: Path) -> dict[str, list[str]]:
    """By scene, the folder of its result and why it is stale; and which scene the window shows."""
    timeline.open_file(path)
    found = {"shown": [bpy.context.scene.name]}
    for scene in bpy.data.scenes:
        (state,) = timeline.addon("timeline.result_state").of_scene(scene, range(-100, 100))
        found[scene.name] = [timeline.describe(scene, state.name)["folder"], state.stale, str(state.missing)]
    return found


def meddled(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """While a file is painted somebody else saves it, or it is opened here."""
    first, second = work / "one" / "edit.blend", work / "two" / "edit.blend"
    for path in (first, second):
        make_stale(make(path, options))
    timeline.new()
    found: dict[str, Any] = {}
    desk = begin(first)
    in_the_middle(desk)
    os.utime(first)
    kept = first.read_bytes()
    until(desk, lambda: not desk.files.is_busy)
    found["saved by somebody"] = [*told(desk.files)["edit.blend"], first.read_bytes() == kept]

    desk = begin(second)
    in_the_middle(desk)
    kept = second.read_bytes()
    timeline.open_file(second)
    until(desk, lambda: not desk.files.is_busy)
    found["opened here"] = [*told(desk.files)["edit.blend"], second.read_bytes() == kept]
    return found


def closing(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Blender vanishes in the middle of a file, as in a crash."""
    path = work / "edit.blend"
    make_stale(make(path, options))
    timeline.new()
    family = in_the_middle(begin(path))
    (work / "family.json").write_text(json.dumps(family), "utf-8")
    os.kill(os.getpid(), signal.SIGKILL)
    return {}
