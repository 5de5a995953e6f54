# SPDX-License-Identifier: GPL-3.0-or-later
"""What the extension costs when it does nothing, and what is left when it is switched off and on again."""

import time
from collections.abc import Generator
from pathlib import Path
from statistics import median
from typing import Any

import bpy
from edit import ADDON, add_clip, module, open_tab, open_video_editing, queue, result
from eyes import shot
from hands import window

_PANELS = ("BRUSHFLOW_PT_main", "BRUSHFLOW_PT_settings")


def play(out: Path, order: dict) -> Generator[float, None, dict]:
    """Measures drawing and timers before, during and after a job; then disables and enables in the window."""
    yield from open_video_editing()
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "edit.blend"))
    add_clip(order["clip"], order["length"])
    timeline = yield from open_tab()
    found: dict[str, Any] = {"timer_at_start": has_timer()}
    found["draw_idle"] = yield from draw_time(timeline)
    with bpy.context.temp_override(window=window()):
        bpy.ops.brushflow.stylize()
    found["timer_in_job"] = has_timer()
    found["draw_busy"] = yield from draw_time(timeline)
    while not queue().is_settled:
        yield 0.1
    found["painted"] = result() is not None
    found["draw_painted"] = yield from draw_time(timeline)
    module("jobs.queue")._IDLE_SECONDS = 0.5  # a minute otherwise
    yield 2.5
    found["timer_after_job"], found["worker_after_job"] = has_timer(), queue().worker.process_id
    found["rounds"] = []
    for _ in range(3):
        found["rounds"].append((yield from off_and_on(timeline, out)))
    return found


def has_timer() -> bool:
    """True while the extension's timer is registered."""
    return bool(bpy.app.timers.is_registered(module("jobs.timer")._on_timer))


def draw_time(timeline: Any) -> Generator[float, None, dict]:
    """Seconds one drawing of all panels takes, over twenty drawings: median and longest."""
    spent: list[float] = []
    kept = {name: getattr(bpy.types, name).draw for name in _PANELS}

    def timed(draw: Any) -> Any:
        def measured(panel: Any, context: Any) -> None:
            started = time.perf_counter()
            draw(panel, context)
            spent.append(time.perf_counter() - started)

        return measured

    for name, draw in kept.items():
        getattr(bpy.types, name).draw = timed(draw)
    for _ in range(20):
        timeline.tag_redraw()
        yield 0.05
    for name, draw in kept.items():
        getattr(bpy.types, name).draw = draw
    return {"drawings": len(spent), "median": median(spent), "longest": max(spent)}


def off_and_on(timeline: Any, out: Path) -> Generator[float, None, dict]:
    """Disables the extension as its switch in the preferences does, looks what is left, and enables it again."""
    old_timer = module("jobs.timer")._on_timer
    bpy.ops.preferences.addon_disable(module=ADDON)
    yield 0.5
    if not (out / "off.png").exists():
        yield from shot(out / "off.png")
    keymaps = window().id_data.keyconfigs.addon.keymaps
    left = {
        "classes": [name for name in dir(bpy.types) if name.startswith("BRUSHFLOW") or name.startswith("Brushflow")],
        "operators": [name for name in dir(bpy.ops.brushflow)],
        "properties": [kind.__name__ for kind in (bpy.types.Scene, bpy.types.Strip) if hasattr(kind, "brushflow")],
        "handlers": [
            f"{name}: {function.__module__}"
            for name in dir(bpy.app.handlers)
            if isinstance(functions := getattr(bpy.app.handlers, name), list)
            for function in functions
            if "brushflow" in getattr(function, "__module__", "")
        ],
        "keys": [item.idname for keymap in keymaps for item in keymap.keymap_items if "brushflow" in item.idname],
        "timers": bpy.app.timers.is_registered(old_timer),
        "menus": [
            name
            for name in ("SEQUENCER_MT_strip", "SEQUENCER_MT_context_menu")
            for draw in getattr(getattr(bpy.types, name).draw, "_draw_funcs", [])
            if "brushflow" in draw.__module__
        ],
    }
    bpy.ops.preferences.addon_enable(module=ADDON)
    yield 0.5
    yield from open_tab()
    return {"left": left, "back": hasattr(bpy.types, "BRUSHFLOW_PT_main"), "result_known": result() is not None}
