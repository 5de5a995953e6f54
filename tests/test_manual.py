# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual keeps to the program: its sentences are said by the code, its pictures are there and small."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MANUAL = ROOT / "docs" / "manual.md"
PICTURES = ROOT / "docs" / "pictures" / "manual"
HEADING = "## When a sentence appears"
LARGEST, LARGEST_TOGETHER = 120_000, 1_500_000  # bytes
VALUE = "\0"  # stands in a source's sentence for what is filled in when it is said
FEWEST = 30  # sentences; fewer means that the manual was read wrongly

_SPEAKERS = {"BrushflowError", "StyleError", "MediaError", "CacheError", "EngineError", "ModelError", "SettingsError"}


def sentences() -> list[str]:
    """The sentences that the manual explains: what stands in quotes in the first column of the last section."""
    text = MANUAL.read_text("utf-8").split(HEADING)[1]
    section = re.split(r"^## ", text, maxsplit=1, flags=re.MULTILINE)[0]
    columns = [line.split("|")[1] for line in section.splitlines() if line.startswith("|")]
    return [sentence for column in columns for sentence in re.findall(r'"([^"]+)"', column)]


@functools.cache
def said() -> tuple[str, ...]:
    """Every text of the add-on and of what its worker runs, with ``VALUE`` for what is filled in."""
    return tuple(
        text
        for folder in ("blender_addon", "core")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "commands" not in path.parts
        for text in _texts(ast.parse(path.read_text("utf-8")))
    )


def _texts(tree: ast.AST) -> Iterator[str]:
    """Docstrings are not said, and a part of a text is not one."""
    unsaid = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    unsaid |= {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and node not in unsaid and _has_words(_text(node)):
            yield _text(node)


def _has_words(text: str) -> bool:
    return bool(text.strip(VALUE + " ."))


def _text(node: ast.expr) -> str:
    """A text as it is written: f"{name} is gone" is VALUE and " is gone"."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else VALUE for part in node.values)
    return VALUE


def is_said(sentence: str, text: str) -> bool:
    """True where the fixed parts of a manual's sentence stand in a text in their order; "…" is for all the rest."""
    place = 0
    for part in filter(None, (part.strip() for part in sentence.split("…"))):
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return place > 0


def test_the_reader_knows_what_is_filled_in() -> None:
    (text,) = _texts(ast.parse('def f():\n    """Unsaid."""\n    raise Error(f"{name!r} is {count} " f"frames long.")'))
    assert text == f"{VALUE} is {VALUE} frames long."
    assert is_said("… is … frames long", text) and is_said("frames long", text)
    assert not is_said("… frames … is", text) and not is_said("… is 3 frames", text) and not is_said("…", text)


@pytest.mark.parametrize("sentence", sentences())
def test_a_sentence_of_the_manual_is_said_by_the_code(sentence: str) -> None:
    assert any(is_said(sentence, text) for text in said()), f"nothing says {sentence!r} any more"


def test_the_manual_explains_many_and_none_twice() -> None:
    assert len(sentences()) >= FEWEST
    assert len(sentences()) == len(set(sentences()))


def test_a_sentence_of_the_add_on_says_what_to_do_or_the_manual_does() -> None:
    silent = [
        f"{path.name}:{node.lineno}: {text}"
        for path in sorted((ROOT / "blender_addon").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in _SPEAKERS
        if len(node.args) == 1 and _has_words(text := _text(node.args[0]))
        if not any(is_said(sentence, text) for sentence in sentences())
    ]
    assert not silent, "these name no remedy, and the manual does not explain them"


def test_every_picture_is_there_shown_and_small() -> None:
    shown = {
        (MANUAL.parent / name).resolve() for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", MANUAL.read_text("utf-8"))
    }
    assert not [path for path in shown if not path.is_file()]
    own = set(PICTURES.iterdir())
    assert own and own <= shown, f"not shown: {own - shown}"
    sizes = {path.name: path.stat().st_size for path in own}
    assert not {name: size for name, size in sizes.items() if size > LARGEST}
    assert sum(sizes.values()) <= LARGEST_TOGETHER
