# SPDX-License-Identifier: GPL-3.0-or-later
"""What Blender and the worker say to each other: one JSON object a line. Free of bpy and torch.

Requests travel on the worker's stdin, messages on its stdout, logs on stderr. Pixels never cross the pipe: both sides
name files. Every job ends with exactly one of ``Done``, ``CancelledByRequest`` or ``Failed``.

Each line has a ``kind`` and the fields of the dataclass of that kind. A line that does not fit raises
``ProtocolError``; the worker answers such a request with ``Failed`` and never ignores it.
"""

from __future__ import annotations

import dataclasses
import json
import typing
from typing import Any, ClassVar

from .json_lines import Line, decode
from .trial_lines import StyleTried as StyleTried
from .trial_lines import TryStyles as TryStyles

VERSION = 3


# --- requests: Blender to worker -------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Hello(Line):
    """The first line Blender sends. The worker answers ``Ready``, or ``Failed`` when the versions differ."""

    kind: ClassVar[str] = "hello"
    protocol: int


@dataclasses.dataclass(frozen=True)
class Stylize(Line):
    """Paint a clip that lies as pictures in one folder.

    Attributes:
        job_id: Blender's name for this job; every answer carries it.
        source_dir: folder of the extracted frames.
        source_names: file name of each frame in the order of the clip; ``frame_index`` counts through this list.
        output_dir: folder behind the result strip; exists already.
        output_names: file name to write for each frame, as many as ``source_names``.
        cache_dir: where the stages keep their work.
        cache_limit_bytes: the cache is trimmed to this size, least recently used first; 0 = no limit.
        settings: fields of ``core.settings.StylizeSettings``.
        focus: frame_index under the playhead; painting starts around it.
        wanted: frame indices to paint; empty = all. Frames whose strength is 0 are left out here.
        motion_dir: folder with the frames' exact motion (``core.flow.given``); empty = motion is estimated.
    """

    kind: ClassVar[str] = "stylize"
    job_id: str
    source_dir: str
    source_names: tuple[str, ...]
    output_dir: str
    output_names: tuple[str, ...]
    cache_dir: str
    settings: dict[str, Any]
    cache_limit_bytes: int = 0
    focus: int = 0
    wanted: tuple[int, ...] = ()
    motion_dir: str = ""


@dataclasses.dataclass(frozen=True)
class Preview(Line):
    """Paint one picture by itself, for a quick look. Answers ``FrameDone`` and ``Done``."""

    kind: ClassVar[str] = "preview"
    job_id: str
    source: str
    output: str
    settings: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class TrainStyle(Line):
    """Learn a style of the editor's own from one picture; the same request goes on with an interrupted training.

    Answers ``Accepted``, ``TrainingProgress`` and ``PreviewReady`` until it ends. Needs torch in the worker's Python.

    Attributes:
        picture: the picture whose manner is learnt.
        title: what to call the style; its identifier is made from it.
        styles_dir: the folder of the editor's own styles, absolute; the finished style and the unfinished work lie in
            it.
        footage: movie or folder of pictures to practise on; empty = pictures that are at hand.
        minutes: how long, in ``core.settings.TRAINING_MINUTES_RANGE``; what an interrupted training used counts.
        device: one of ``core.settings.DEVICES``.
        fresh: forget an unfinished training of this name, and replace a finished style of it.
    """

    kind: ClassVar[str] = "train_style"
    job_id: str
    picture: str
    title: str
    styles_dir: str
    footage: str = ""
    minutes: float = 15.0
    device: str = "auto"
    fresh: bool = False


@dataclasses.dataclass(frozen=True)
class Cancel(Line):
    """Stop this job, running or waiting. What is painted or learnt stays."""

    kind: ClassVar[str] = "cancel"
    job_id: str


@dataclasses.dataclass(frozen=True)
class Shutdown(Line):
    """Stop everything and end the process. The end of stdin means the same."""

    kind: ClassVar[str] = "shutdown"


# --- messages: worker to Blender -------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Ready(Line):
    """The worker is up. The editor sees nothing; preferences show engine and device."""

    kind: ClassVar[str] = "ready"
    protocol: int
    engines: tuple[str, ...]
    device: str
    process_id: int


@dataclasses.dataclass(frozen=True)
class Accepted(Line):
    """The job is understood and waits or runs. The editor sees "0 of ``total``"; a training has no frames: 0."""

    kind: ClassVar[str] = "accepted"
    job_id: str
    total: int


@dataclasses.dataclass(frozen=True)
class Progress(Line):
    """How far the job is. The editor sees the bar and the time left.

    Attributes:
        stage: what is being done, as a word for the editor: "Reading", "Measuring", "Painting".
        done, total: frames of that stage.
        seconds_left: estimate for the whole job; negative = not known yet.
    """

    kind: ClassVar[str] = "progress"
    job_id: str
    stage: str
    done: int
    total: int
    seconds_left: float


@dataclasses.dataclass(frozen=True)
class FrameDone(Line):
    """One frame lies whole at ``path``. The editor sees it on the timeline.

    Attributes:
        reused: True when it came from the cache and nothing had to be painted.
    """

    kind: ClassVar[str] = "frame_done"
    job_id: str
    frame_index: int
    path: str
    reused: bool


@dataclasses.dataclass(frozen=True)
class TrainingProgress(Line):
    """How far a training is. The editor sees "Training 34 % · 7:12 left" and the two losses under it.

    Attributes:
        step: how often the style was corrected, over all parts of an interrupted training.
        share: of the whole, 0 … 1.
        seconds_left: estimate; negative = not known yet.
        style_loss, content_loss: means of the last steps; about 1 for an unpainted frame, smaller is nearer.
    """

    kind: ClassVar[str] = "training"
    job_id: str
    step: int
    share: float
    seconds_left: float
    style_loss: float
    content_loss: float


@dataclasses.dataclass(frozen=True)
class PreviewReady(Line):
    """What a training can paint by now, renewed every minute. The editor sees it beside the progress.

    Attributes:
        path: a picture, a frame on the left and its painting on the right; always the same file, always whole.
    """

    kind: ClassVar[str] = "preview_ready"
    job_id: str
    path: str


@dataclasses.dataclass(frozen=True)
class Warned(Line):
    """The job goes on, but the editor should know. Shown as a sentence in the panel."""

    kind: ClassVar[str] = "warning"
    job_id: str
    message: str


@dataclasses.dataclass(frozen=True)
class Done(Line):
    """The job ended well. Last message of the job. The editor sees every frame, or the new style in the list.

    Attributes:
        style: identifier of the style that was learnt; empty where frames were painted.
        memory: bytes that the worker held at the most; 0 = no more than in a job of another kind before, or not known.
    """

    kind: ClassVar[str] = "done"
    job_id: str
    painted: int
    reused: int
    seconds: float
    style: str = ""
    memory: int = 0


@dataclasses.dataclass(frozen=True)
class CancelledByRequest(Line):
    """The job stopped because it was asked to. Last message of the job; what is painted or learnt stays."""

    kind: ClassVar[str] = "cancelled"
    job_id: str
    finished: int


@dataclasses.dataclass(frozen=True)
class Failed(Line):
    """The job ended with an error. Last message of the job; the editor sees both sentences.

    Attributes:
        job_id: empty when the line that failed named no job.
        log: path of the log with the details; may be empty.
    """

    kind: ClassVar[str] = "failed"
    job_id: str
    message: str
    hint: str
    log: str = ""


Request = Hello | Stylize | Preview | TryStyles | TrainStyle | Cancel | Shutdown
Message = (
    Ready
    | Accepted
    | Progress
    | FrameDone
    | TrainingProgress
    | PreviewReady
    | StyleTried
    | Warned
    | Done
    | CancelledByRequest
    | Failed
)

_REQUESTS: dict[str, type[Line]] = {cls.kind: cls for cls in typing.get_args(Request)}
_MESSAGES: dict[str, type[Line]] = {cls.kind: cls for cls in typing.get_args(Message)}


def decode_request(text: str) -> Request:
    """The request on one line of stdin. Raises ``ProtocolError`` when it is none."""
    return typing.cast(Request, decode(text, _REQUESTS))


def decode_message(text: str) -> Message:
    """The message on one line of the worker's stdout. Raises ``ProtocolError`` when it is none."""
    return typing.cast(Message, decode(text, _MESSAGES))


def job_id_of(text: str) -> str:
    """The ``job_id`` a broken line names, so that its failure reaches the right job; empty when there is none."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    job_id = record.get("job_id", "") if isinstance(record, dict) else ""
    return job_id if isinstance(job_id, str) else ""
