# SPDX-License-Identifier: GPL-3.0-or-later
"""One frame in many styles, small and soon, in the worker's process. Free of bpy; torch only when it is chosen."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

from ..colour_lock import lock_colours
from ..errors import BrushflowError, Cancelled, SettingsError
from ..paint.choice import find_style, make_engine
from ..paint.feedforward import FeedForwardPainter
from ..paint.painter import Engine
from ..paint.resolution import resized
from ..settings import StylizeSettings
from ..storage.frames import Frame, read_frame, write_frame
from ..styles.weights import ModelLibrary
from . import protocol

WIDTH_RANGE = (16, 4096)


def try_styles(
    request: protocol.TryStyles,
    library: ModelLibrary,
    send: Callable[[protocol.Message], None],
    should_stop: Callable[[], bool],
) -> protocol.Done:
    """Paint the frame in one style after another; ``send`` gets every message but the last one.

    The frame is measured by itself, as a preview is. One network serves all styles that belong to it. A style that
    cannot be painted is told and does not hold up the others.

    Raises:
        Cancelled: ``should_stop`` said so; the pictures that are there stay.
        MediaError: the frame cannot be read.
        SettingsError: the width or a setting is out of range.
    """
    started = time.monotonic()
    settings = StylizeSettings.from_json(request.settings)
    frame = _small(read_frame(Path(request.source)), request.width)
    send(protocol.Accepted(request.job_id, len(request.styles)))
    engines: dict[str, Engine] = {}
    painted = 0

    def between() -> None:
        if should_stop():
            raise Cancelled

    for number, style in enumerate(request.styles):
        between()
        target = Path(request.output_dir) / f"{number:03}.png"
        try:
            picture = _painted(frame, dataclasses.replace(settings, style=style), library, engines, between)
        except BrushflowError as error:
            send(protocol.Warned(request.job_id, str(error)))
            continue
        write_frame(target, picture)
        painted += 1
        send(protocol.StyleTried(request.job_id, style, str(target)))
    return protocol.Done(request.job_id, painted, 0, time.monotonic() - started)


def _small(frame: Frame, width: int) -> Frame:
    """The frame at most ``width`` pixels across."""
    low, high = WIDTH_RANGE
    if not low <= width <= high:
        raise SettingsError(f"width is {width}; a number of pixels from {low} to {high} was expected.")
    tall, wide = frame.size
    if wide <= width:
        return frame
    tall = max(1, round(tall * width / wide))
    alpha = None if frame.alpha is None else resized(frame.alpha, tall, width)
    return Frame(resized(frame.rgb, tall, width), alpha)


def _painted(
    frame: Frame,
    settings: StylizeSettings,
    library: ModelLibrary,
    engines: dict[str, Engine],
    between: Callable[[], None],
) -> Frame:
    style = find_style(settings.style, library)
    network = style.network
    if network.key not in engines:
        engines[network.key] = make_engine(settings, network)
    painter = FeedForwardPainter(engines[network.key], style, settings.brush_size, settings.clarity)
    painted = painter.paint(frame.rgb, painter.measure([frame.rgb], between), between)
    return Frame(lock_colours(painted, frame.rgb, settings.colour_lock), frame.alpha)
