# SPDX-License-Identifier: GPL-3.0-or-later
"""Painting results again with the settings that are stored on them: selected ones, or all of a scene in the final."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from .. import preferences
from ..core_link import errors, settings
from ..timeline import result_state, result_strip, strips
from . import choices, stylize

STORED = ""
"""The quality that is stored on the result."""


def selected_results(scene: Any) -> list[Any]:
    """The results that are selected or whose source is; each once.

    Raises:
        BrushflowError: nothing is selected, or nothing of it was painted.
    """
    chosen = stylize.chosen_sources(scene)
    found = [result for source in chosen for result in result_strip.results_of(scene.sequence_editor, source)]
    picked = [result for result in found if result.select]
    if not found:
        raise errors.BrushflowError("The selected strips have no painted result.", "Press Stylize first.")
    return picked or found


def paint_again(context: Any, scene: Any, results: Sequence[Any], quality: str = STORED) -> stylize.Outcome:
    """Queues the painting of results with their own settings; returns before anything is painted.

    Args:
        context: Blender's context.
        scene: the scene on whose timeline they lie.
        results: the strips; those that share one painting, as the halves of a split one, are painted together.
        quality: "draft" or "final" to paint them in that from now on; ``STORED`` = as they are.

    Raises:
        BrushflowError: none of them can be painted; says why.
    """
    wishes: dict[tuple[str, str], stylize.Wish] = {}
    refused: list[errors.BrushflowError] = []
    for result in results:
        try:
            wish = _wish(scene, result, quality)
            wishes.setdefault((wish.source, wish.result_uid), wish)
        except errors.BrushflowError as error:
            refused.append(error)
    if not wishes:
        raise refused[0] if refused else errors.BrushflowError("There is nothing to paint again.")
    outcome = stylize.paint(context, scene, list(wishes.values()))
    return stylize.Outcome(outcome.jobs, (*outcome.refused, *refused))


def store(result: Any, choice: settings.StylizeSettings) -> None:
    """Keeps on a result what it is to be painted with the next time."""
    result.brushflow.settings = json.dumps(choice.to_json())


def unfinished(scene: Any, frames: range) -> list[Any]:
    """The results that may not be rendered as they are and can be painted: drafts, stale ones, those with gaps."""
    found = []
    for result in result_state.shown_results(scene, frames):
        state = result_state.of(scene, result, frames)
        if not state.is_ready and state.can_be_painted:
            found.append(result)
    return found


def _wish(scene: Any, result: Any, quality: str) -> stylize.Wish:
    source = result_strip.source_of(scene.sequence_editor, result)
    if source is None:
        raise errors.BrushflowError(
            f"The strip that {result.name!r} was painted from is gone.", "Bring it back, or remove the result."
        )
    stored = result_state.stored_settings(result)
    if stored is None:
        raise errors.SettingsError(
            f"{result.name!r} does not say what it was painted with.", "Select it and press Stylize."
        )
    is_displayed = result.name in strips.displayed(scene.sequence_editor)
    if not is_displayed and not result_strip.fits(result, source):
        raise errors.BrushflowError(
            f"{source.name!r} lies in a meta strip and its range has changed.", "Enter the meta strip and stylize it."
        )
    # Who asks for the final does not want a Master strip to get less than it had.
    wanted = stored.quality if stored.quality == "master" and quality == "final" else quality or stored.quality
    choice = dataclasses.replace(stored, device=preferences.device(), quality=wanted)
    choices.check_style(choice)
    return stylize.Wish(source.name, choice, result.brushflow.uid)
