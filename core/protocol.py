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
import sys
import types
import typing
from typing import Any, ClassVar

from .errors import ProtocolError

VERSION = 1


@dataclasses.dataclass(frozen=True)
class Line:
    """Base of everything that crosses the pipe."""

    kind: ClassVar[str]

    def encode(self) -> str:
        """This line as JSON text without a line break."""
        return json.dumps({"kind": self.kind, **dataclasses.asdict(self)}, ensure_ascii=True, allow_nan=False)


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


@dataclasses.dataclass(frozen=True)
class Preview(Line):
    """Paint one picture by itself, for a quick look. Answers ``FrameDone`` and ``Done``."""

    kind: ClassVar[str] = "preview"
    job_id: str
    source: str
    output: str
    settings: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Cancel(Line):
    """Stop this job, running or waiting. What is painted stays."""

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
    """The job is understood and waits or runs. The editor sees "0 of ``total``"."""

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
class Warned(Line):
    """The job goes on, but the editor should know. Shown as a sentence in the panel."""

    kind: ClassVar[str] = "warning"
    job_id: str
    message: str


@dataclasses.dataclass(frozen=True)
class Done(Line):
    """The job ended well. Last message of the job."""

    kind: ClassVar[str] = "done"
    job_id: str
    painted: int
    reused: int
    seconds: float


@dataclasses.dataclass(frozen=True)
class CancelledByRequest(Line):
    """The job stopped because it was asked to. Last message of the job; finished frames stay."""

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


Request = Hello | Stylize | Preview | Cancel | Shutdown
Message = Ready | Accepted | Progress | FrameDone | Warned | Done | CancelledByRequest | Failed

_REQUESTS: dict[str, type[Line]] = {cls.kind: cls for cls in typing.get_args(Request)}
_MESSAGES: dict[str, type[Line]] = {cls.kind: cls for cls in typing.get_args(Message)}


def decode_request(text: str) -> Request:
    """The request on one line of stdin. Raises ``ProtocolError`` when it is none."""
    return typing.cast(Request, _decode(text, _REQUESTS))


def decode_message(text: str) -> Message:
    """The message on one line of the worker's stdout. Raises ``ProtocolError`` when it is none."""
    return typing.cast(Message, _decode(text, _MESSAGES))


def job_id_of(text: str) -> str:
    """The ``job_id`` a broken line names, so that its failure reaches the right job; empty when there is none."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    job_id = record.get("job_id", "") if isinstance(record, dict) else ""
    return job_id if isinstance(job_id, str) else ""


def _decode(text: str, kinds: dict[str, type[Line]]) -> Line:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"The line {text[:80]!r} is not JSON ({error}).", _REINSTALL) from error
    kind = record.pop("kind", None) if isinstance(record, dict) else record
    if not isinstance(kind, str) or kind not in kinds or not isinstance(record, dict):
        raise ProtocolError(f"Unknown kind {kind!r:.80}; one of {', '.join(kinds)} was expected.", _REINSTALL)
    cls = kinds[kind]
    hints = typing.get_type_hints(cls)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(cls):
        if field.name in record:
            values[field.name] = _fit(cls.kind, field.name, record.pop(field.name), hints[field.name])
        elif field.default is dataclasses.MISSING:
            raise ProtocolError(f"{cls.kind} lacks the field {field.name!r}.", _REINSTALL)
    if record:
        raise ProtocolError(f"{cls.kind} has the unknown field {next(iter(record))!r}.", _REINSTALL)
    return cls(**values)


def _fit(kind: str, name: str, value: object, wanted: Any) -> object:
    """The value as the field's type, or an error; JSON lists become tuples."""
    if isinstance(wanted, types.GenericAlias) and wanted.__origin__ is tuple:
        if not isinstance(value, list):
            raise ProtocolError(f"{kind}.{name} is {str(value)[:80]!r}; a list was expected.", _REINSTALL)
        return tuple(_fit(kind, name, item, wanted.__args__[0]) for item in value)
    if isinstance(wanted, types.GenericAlias):
        wanted = wanted.__origin__
    if wanted is float and isinstance(value, int | float) and not isinstance(value, bool):
        # Not a number, infinite, or an integer beyond every float.
        if not abs(value) <= sys.float_info.max:
            raise ProtocolError(f"{kind}.{name} is {str(value)[:80]!r}; a finite number was expected.", _REINSTALL)
        return float(value)
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise ProtocolError(f"{kind}.{name} is {str(value)[:80]!r}; {wanted.__name__} was expected.", _REINSTALL)
    return value


_REINSTALL = "Blender's half and the worker do not fit together: reinstall the add-on and restart Blender."
