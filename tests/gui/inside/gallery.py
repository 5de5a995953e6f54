# SPDX-License-Identifier: GPL-3.0-or-later
"""The gallery by mouse and keys: search, favourite, Try on This Frame, stop it, choose."""

import time
from collections.abc import Generator
from pathlib import Path
from statistics import median
from typing import Any

import bpy
from edit import add_clip, area, module, open_video_editing, scene, unfold, wait
from eyes import Pulse, shot
from hands import click, move, point, sidebar, under_mouse, widget_unit, window
from picture import close

_SECONDS = 200
_LOWER = 270  # pixels the preview and its sidebar grow


def play(out: Path, order: dict) -> Generator[float, None, dict]:
    """Plays it all; each part gives what it found."""
    yield from open_video_editing()
    unfold("BRUSHFLOW_PT_gallery")
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "edit.blend"))
    add_clip(order["clip"], order["length"])
    yield from close("FILE_BROWSER", "PROPERTIES")
    with bpy.context.temp_override(window=window()):
        bpy.ops.screen.area_move(x=window().width // 2, y=area("PREVIEW").y - 1, delta=-_LOWER)
    yield 0.5
    place = yield from open_tab_of_preview()
    found: dict[str, Any] = {"draw": (yield from draw_times(place))}
    yield from shot(out / "1-gallery.png")
    found["favourite"] = yield from favour(place)
    found["stopped"] = yield from try_and_stop(place, out)
    found["tried"] = yield from try_all(place, out)
    found["chosen"] = yield from choose(place)
    yield from shot(out / "5-chosen.png")
    found["draw_tried"] = yield from draw_times(place)
    return found


def open_tab_of_preview() -> Generator[float, None, Any]:
    """Opens the sidebar of the preview at the Brushflow tab: it is the higher one. Gives the area."""
    place = area("PREVIEW")
    place.spaces.active.show_region_ui = True
    yield 0.7
    sidebar(place).active_panel_category = "Brushflow"
    place.tag_redraw()
    yield 0.7
    return place


def find(place: Any, wanted: str) -> Generator[float, None, tuple[float, float]]:
    """The place of a control anywhere in the sidebar, by hovering over all of it."""
    region, unit = sidebar(place), widget_unit()
    seen: set[str] = set()
    y = region.y + region.height - unit / 2
    while y > region.y:
        x = region.x + unit * 1.5
        while x < region.x + region.width - unit:
            yield from move(x, y)
            text = under_mouse(place)
            if wanted in text:
                return x, y
            seen.add(text)
            x += unit * 1.6
        y -= unit * 0.6
    raise LookupError(f"No control for {wanted!r}; there are {sorted(seen)}.")


def find_right_of(place: Any, start: tuple[float, float], wanted: str) -> Generator[float, None, tuple[float, float]]:
    """The place of a control on the same row, to the right."""
    x, y = start
    while x < sidebar(place).x + sidebar(place).width:
        yield from move(x, y)
        if wanted in under_mouse(place):
            return x + 3, y
        x += widget_unit() * 0.4
    raise LookupError(f"No control for {wanted!r} right of {start}.")


def gallery() -> Any:
    """The extension's gallery."""
    return module("gallery.gallery").GALLERY


def desk() -> Any:
    """The extension's looks at single frames."""
    return module("actions.looks").DESK


def favour(place: Any) -> Generator[float, None, dict]:
    """Clicks the star of the second style: it becomes the first."""
    before = [style for style, _, _ in gallery().found("", only_favourites=False)]
    name = yield from find(place, f'brushflow.choose_style(style="{before[1]}")')
    star = yield from find_right_of(place, name, f'brushflow.favourite(style="{before[1]}")')
    yield from click(*star)
    yield 0.4
    after = [style for style, _, _ in gallery().found("", only_favourites=False)]
    return {"before": before, "after": after}


def try_and_stop(place: Any, out: Path) -> Generator[float, None, dict]:
    """Starts a trial by a click and stops it by another, when some thumbnails are there."""
    button = yield from find(place, "brushflow.try_styles")
    star = yield from find(place, "only_favourites")  # the cross will stand below it
    yield from click(*button)
    cross = star[0], button[1]
    yield from point(place, *cross, "brushflow.cancel_trial")
    # On a quick machine all styles are painted within five seconds: nothing else is done before the click.
    yield from wait(lambda: desk().trial is not None and len(desk().trial.painted) >= 2, _SECONDS)
    pressed = time.monotonic()
    yield from click(*cross)
    yield from wait(lambda: desk().trial.has_ended, 5)
    seconds = time.monotonic() - pressed
    yield 1.0
    trial = desk().trial
    yield from shot(out / "3-stopped.png")
    return {"stage": trial.stage.value, "painted": len(trial.painted), "of": len(trial.styles), "seconds": seconds}


def try_all(place: Any, out: Path) -> Generator[float, None, dict]:
    """Tries all styles; the thumbnails come one after another, and the window lives."""
    own = {style: icon for style, _, icon in gallery().found("", only_favourites=False)}
    button = yield from find(place, "brushflow.try_styles")
    pulse, counts, started = Pulse(), [], time.monotonic()
    pulse.start()
    yield from click(*button)
    yield from wait(lambda: desk().trial is not None and not desk().trial.has_ended, 5)
    trial, first = desk().trial, 0.0
    while not trial.has_ended and time.monotonic() - started < _SECONDS:
        if not counts or counts[-1] != len(trial.painted):
            counts.append(len(trial.painted))
            first = first or (time.monotonic() - started if trial.painted else 0.0)
        yield 0.02
    if counts[-1] != len(trial.painted):  # the last style may arrive together with the end
        counts.append(len(trial.painted))
    seconds = time.monotonic() - started
    gaps = pulse.stop()
    yield 0.8
    yield from shot(out / "4-tried.png")
    now = {style: icon for style, _, icon in gallery().found("", only_favourites=False)}
    return {
        "stage": trial.stage.value,
        "counts": counts,
        "first": first,
        "seconds": seconds,
        "styles": list(trial.styles),
        "new_thumbnails": sum(own[style] != now[style] for style in own),
        "gaps": gaps,
    }


def choose(place: Any) -> Generator[float, None, dict]:
    """Clicks a style's name."""
    before = scene().brushflow.style
    wanted = next(style for style, _, _ in gallery().found("", only_favourites=False) if style != before)
    button = yield from find(place, f'brushflow.choose_style(style="{wanted}")')
    yield from click(*button)
    yield 0.5
    return {"before": before, "wanted": wanted, "after": scene().brushflow.style}


def draw_times(place: Any) -> Generator[float, None, dict]:
    """Seconds one drawing of the gallery's panel takes: median and longest of twenty."""
    spent: list[float] = []
    panel = bpy.types.BRUSHFLOW_PT_gallery
    kept = panel.draw

    def measured(self: Any, context: Any) -> None:
        started = time.perf_counter()
        kept(self, context)
        spent.append(time.perf_counter() - started)

    panel.draw = measured
    for _ in range(20):
        place.tag_redraw()
        yield 0.05
    panel.draw = kept
    return {"drawings": len(spent), "median": median(spent), "longest": max(spent)}
