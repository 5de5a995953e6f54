# SPDX-License-Identifier: GPL-3.0-or-later
"""Frozen dataclasses as JSON objects, one a line, and back: every field checked. Free of bpy and torch."""

from __future__ import annotations

import dataclasses
import json
import sys
import types
import typing
from typing import Any, ClassVar

from ..errors import ProtocolError

_REINSTALL = "Blender's half and the worker do not fit together: reinstall the add-on and restart Blender."


@dataclasses.dataclass(frozen=True)
class Line:
    """Base of everything that crosses the pipe."""

    kind: ClassVar[str]

    def encode(self) -> str:
        """This line as JSON text without a line break."""
        return json.dumps({"kind": self.kind, **dataclasses.asdict(self)}, ensure_ascii=True, allow_nan=False)


def decode(text: str, kinds: dict[str, type[Line]]) -> Line:
    """The line of one of these kinds. Raises ``ProtocolError`` when it is none, lacks a field or has one too many."""
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
