# SPDX-License-Identifier: GPL-3.0-or-later
"""One frame in many styles, as Blender asks the worker for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from made_clips import texture
from real_worker import RealWorker

from core.colour_lock import lock_colours
from core.paint.choice import make_painter
from core.paint.resolution import resized
from core.settings import StylizeSettings
from core.storage.frames import Frame, read_frame, write_frame
from core.styles.weights import ModelLibrary
from core.worker import protocol
from core.worker.protocol import CancelledByRequest, Done, Failed, StyleTried, TryStyles, Warned


@pytest.fixture(scope="module")
def worker(repository: Path) -> Iterator[RealWorker]:
    real = RealWorker(repository)
    yield real
    real.process.kill()
    real.process.wait()


@pytest.fixture
def names(library: ModelLibrary) -> tuple[str, ...]:
    return tuple(str(record["id"]) for record in library.style_records())


def ask(folder: Path, job_id: str, styles: tuple[str, ...], width: int = 64, **settings: object) -> TryStyles:
    write_frame(folder / "frame.png", Frame(texture(72, 128)))
    (folder / "out").mkdir(exist_ok=True)
    chosen = {"engine": "opencv", **settings}
    return TryStyles(job_id, str(folder / "frame.png"), str(folder / "out"), styles, chosen, width)


def tried(worker: RealWorker, job_id: str) -> list[StyleTried]:
    return [message for message in worker.said if isinstance(message, StyleTried) and message.job_id == job_id]


def test_each_style_comes_in_the_order_asked_for_and_is_what_its_painter_paints(
    worker: RealWorker, names: tuple[str, ...], library: ModelLibrary, tmp_path: Path
) -> None:
    styles = names[2], names[0], names[1]
    worker.send(ask(tmp_path, "order", styles, colour_lock=0.5))
    end = worker.end_of("order")
    assert isinstance(end, Done) and end.painted == 3
    assert [message.style for message in tried(worker, "order")] == list(styles)
    small = resized(texture(72, 128), 36, 64)
    for message in tried(worker, "order"):
        painter = make_painter(StylizeSettings(style=message.style, engine="opencv"), library)
        expected = lock_colours(painter.paint(small, painter.measure([small])), small, 0.5)
        np.testing.assert_array_equal(read_frame(Path(message.path)).rgb, expected)


def test_a_picture_is_a_style_and_a_broken_one_does_not_hold_up_the_others(
    worker: RealWorker, style: str, tmp_path: Path
) -> None:
    write_frame(tmp_path / "painting.png", Frame(texture(80, 90, 5)))
    (tmp_path / "text.jpg").write_text("no picture")
    styles = str(tmp_path / "text.jpg"), "no-such-style", str(tmp_path / "painting.png"), style
    worker.send(ask(tmp_path, "broken", styles))
    end = worker.end_of("broken")
    assert isinstance(end, Done) and end.painted == 2
    assert [message.style for message in tried(worker, "broken")] == list(styles[2:])
    warned = [message.message for message in worker.said if isinstance(message, Warned) and message.job_id == "broken"]
    assert len(warned) == 2 and "text.jpg" in warned[0] and "no-such-style" in warned[1]


def test_a_frame_smaller_than_the_thumbnail_keeps_its_size_and_alpha_is_kept(
    worker: RealWorker, style: str, tmp_path: Path
) -> None:
    request = ask(tmp_path, "small", (style,), width=320)
    alpha = texture(72, 128, 2)[..., 0]
    write_frame(tmp_path / "frame.png", Frame(texture(72, 128), alpha))
    worker.send(request)
    assert isinstance(worker.end_of("small"), Done)
    picture = read_frame(Path(tried(worker, "small")[0].path))
    assert picture.size == (72, 128) and picture.alpha is not None
    np.testing.assert_array_equal(picture.alpha, alpha)


def test_cancelled_it_stops_between_styles_and_what_is_there_stays(
    worker: RealWorker, names: tuple[str, ...], tmp_path: Path
) -> None:
    many = names * 8
    worker.send(ask(tmp_path, "stop", many, width=128))
    worker.until(lambda message: isinstance(message, StyleTried) and message.job_id == "stop")
    worker.send(protocol.Cancel("stop"))
    assert isinstance(worker.end_of("stop"), CancelledByRequest)
    there = tried(worker, "stop")
    assert 1 <= len(there) < len(many)
    assert all(read_frame(Path(message.path)).size == (72, 128) for message in there)


def test_what_cannot_be_tried_is_told(worker: RealWorker, style: str, tmp_path: Path) -> None:
    request = ask(tmp_path, "width", (style,), width=2)
    worker.send(request)
    end = worker.end_of("width")
    assert isinstance(end, Failed) and "width is 2" in end.message
    (tmp_path / "frame.png").unlink()
    worker.send(ask(tmp_path, "setting", (style,), brush_size=99))
    end = worker.end_of("setting")
    assert isinstance(end, Failed) and "brush_size" in end.message
