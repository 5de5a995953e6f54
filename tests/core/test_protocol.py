# SPDX-License-Identifier: GPL-3.0-or-later
"""The protocol: what goes in comes out, and what does not fit is refused with a sentence, never with a crash."""

from __future__ import annotations

import dataclasses
import json
import typing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ProtocolError
from core.worker import protocol

REQUESTS = typing.get_args(protocol.Request)
MESSAGES = typing.get_args(protocol.Message)

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(),
    int: st.integers(),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    tuple[str, ...]: st.lists(st.text(), max_size=4).map(tuple),
    tuple[int, ...]: st.lists(st.integers(), max_size=4).map(tuple),
    dict[str, Any]: st.dictionaries(st.text(), JSON_VALUES, max_size=4),
}


def lines_of(cls: type[protocol.Line]) -> st.SearchStrategy[protocol.Line]:
    hints = typing.get_type_hints(cls)
    return st.builds(cls, **{field.name: FIELDS[hints[field.name]] for field in dataclasses.fields(cls)})


def example(cls: type[protocol.Line]) -> dict[str, Any]:
    """A right record of this kind."""
    simple = {str: "x", int: 1, bool: True, float: 0.5, tuple[str, ...]: ["a"], tuple[int, ...]: [1]}
    hints = typing.get_type_hints(cls)
    return {"kind": cls.kind} | {f.name: simple.get(hints[f.name], {}) for f in dataclasses.fields(cls)}


@given(st.one_of(*map(lines_of, REQUESTS)))
def test_every_request_comes_back_as_it_went(request: protocol.Request) -> None:
    text = request.encode()
    assert "\n" not in text and text.isascii()
    assert protocol.decode_request(text) == request


@given(st.one_of(*map(lines_of, MESSAGES)))
def test_every_message_comes_back_as_it_went(message: protocol.Message) -> None:
    text = message.encode()
    assert "\n" not in text and text.isascii()
    assert protocol.decode_message(text) == message


def test_names_that_are_no_unicode_survive() -> None:
    """Linux file names may hold any bytes; Python carries them as lone surrogates."""
    request = protocol.Preview("j", "/tmp/\udcff.png", "/tmp/o.png", {})
    assert protocol.decode_request(request.encode()) == request


def test_kinds_are_unique_and_messages_are_no_requests() -> None:
    kinds = [cls.kind for cls in (*REQUESTS, *MESSAGES)]
    assert len(set(kinds)) == len(kinds)
    for cls in MESSAGES:
        with pytest.raises(ProtocolError, match=f"Unknown kind '{cls.kind}'"):
            protocol.decode_request(json.dumps(example(cls)))


@pytest.mark.parametrize("cls", [*REQUESTS, *MESSAGES], ids=lambda cls: cls.kind)
def test_missing_unknown_and_wrong_fields_are_named(cls: type[protocol.Line]) -> None:
    decode = protocol.decode_request if cls in REQUESTS else protocol.decode_message
    assert isinstance(decode(json.dumps(example(cls))), cls)
    with pytest.raises(ProtocolError, match=f"{cls.kind} has the unknown field 'colour'"):
        decode(json.dumps(example(cls) | {"colour": 1}))
    hints = typing.get_type_hints(cls)
    for field in dataclasses.fields(cls):
        lacking = {name: value for name, value in example(cls).items() if name != field.name}
        if field.default is dataclasses.MISSING:
            with pytest.raises(ProtocolError, match=f"{cls.kind} lacks the field '{field.name}'"):
                decode(json.dumps(lacking))
        else:
            assert getattr(decode(json.dumps(lacking)), field.name) == field.default
        wrong = 7 if hints[field.name] is not int and hints[field.name] is not float else "seven"
        for value in (wrong, None):
            with pytest.raises(ProtocolError, match=rf"{cls.kind}\.{field.name} is"):
                decode(json.dumps(example(cls) | {field.name: value}))


def test_true_is_no_number_and_a_list_holds_one_kind() -> None:
    record = example(protocol.Stylize)
    for name, value in (("focus", True), ("wanted", [True]), ("wanted", [1.5]), ("source_names", ["a", 3])):
        with pytest.raises(ProtocolError, match=rf"stylize\.{name}"):
            protocol.decode_request(json.dumps(record | {name: value}))


@pytest.mark.parametrize("text", ["", "{", "hello", '{"kind": "hello"', "\x00", "[" * 100_000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError, match="is not JSON") as caught:
        protocol.decode_request(text)
    assert "reinstall" in caught.value.hint
    assert protocol.job_id_of(text) == ""


@pytest.mark.parametrize("text", ["3", "null", "[]", "{}", '{"kind": "dance"}', '{"kind": ["hello"]}', '{"kind": {}}'])
def test_an_unknown_kind_is_refused_and_the_known_ones_are_named(text: str) -> None:
    with pytest.raises(ProtocolError, match=r"Unknown kind .* one of hello, stylize"):
        protocol.decode_request(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    text = json.dumps(example(protocol.Progress)).replace("0.5", number)
    with pytest.raises(ProtocolError, match="seconds_left"):
        protocol.decode_message(text)


@given(st.text() | JSON_VALUES.map(json.dumps) | st.dictionaries(st.text(), JSON_VALUES).map(json.dumps))
def test_no_line_does_more_than_be_refused(text: str) -> None:
    """The worker's reading thread catches ProtocolError alone: any other exception would end it."""
    assert isinstance(protocol.job_id_of(text), str)
    for decode in (protocol.decode_request, protocol.decode_message):
        with pytest.raises(ProtocolError):
            decode(text)


@given(st.sampled_from([*REQUESTS, *MESSAGES]), st.data())
def test_a_field_of_any_value_is_taken_whole_or_refused(cls: type[protocol.Line], data: st.DataObject) -> None:
    names = ["kind", *(field.name for field in dataclasses.fields(cls))]
    record = example(cls) | {data.draw(st.sampled_from(names)): data.draw(JSON_VALUES)}
    decode = protocol.decode_request if cls in REQUESTS else protocol.decode_message
    try:
        line = decode(json.dumps(record))
    except ProtocolError:
        return
    assert json.loads(line.encode()) == record | json.loads(line.encode())


def test_a_broken_line_still_names_its_job() -> None:
    assert protocol.job_id_of('{"kind": "dance", "job_id": "j7"}') == "j7"
    assert protocol.job_id_of('{"kind": "dance", "job_id": 7}') == ""
