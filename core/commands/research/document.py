# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as blocks, and its two forms: Markdown with files beside it, and one HTML file. Free of bpy and torch."""

from __future__ import annotations

import base64
import dataclasses
import html
import math
from collections.abc import Sequence
from pathlib import Path

_STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:1320px;margin:2em auto;padding:0 1em;color:#222}
table{border-collapse:collapse;margin:1em 0}th,td{padding:.25em .8em;border-bottom:1px solid #ddd;text-align:right}
th:first-child,td:first-child{text-align:left}.sheet{display:flex;flex-wrap:wrap;gap:12px}figure{margin:0}
figcaption{font-size:13px;color:#555}.sheet img{max-width:640px}svg{max-width:100%;height:auto}"""


@dataclasses.dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the report's own."""

    text: str
    level: int = 2


@dataclasses.dataclass(frozen=True)
class Paragraph:
    """Plain words."""

    text: str


@dataclasses.dataclass(frozen=True)
class Table:
    """A table; the first column names the rows."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclasses.dataclass(frozen=True)
class Plot:
    """A drawing in an SVG file below the report's folder."""

    title: str
    file: str


@dataclasses.dataclass(frozen=True)
class Sheet:
    """Pictures in files below the report's folder, with captions."""

    pictures: tuple[tuple[str, str], ...]


Block = Heading | Paragraph | Table | Plot | Sheet


def as_markdown(blocks: Sequence[Block]) -> str:
    """The report in Markdown; plots and pictures are links."""
    return "\n\n".join(_markdown(block) for block in blocks) + "\n"


def as_html(blocks: Sequence[Block], folder: Path) -> str:
    """The report as one HTML page that needs no other file; plots and pictures are read from ``folder``."""
    title = next((block.text for block in blocks if isinstance(block, Heading)), "")
    body = "\n".join(_html(block, folder) for block in blocks)
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{_STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'


def number(value: float, form: str) -> str:
    """A number for a cell, in a format such as ".3f"; a dash for what is not one."""
    return f"{value:{form}}" if math.isfinite(value) else "-"


def _markdown(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {text}"
        case Paragraph(text):
            return text
        case Table(headings, rows):
            ruler = ("---", *("---:" for _ in headings[1:]))
            return "\n".join(f"| {' | '.join(row)} |" for row in (headings, ruler, *rows))
        case Plot(title, file):
            return f"![{title}]({file})"
        case Sheet(pictures):
            return "\n\n".join(f"![{caption}]({file})\n\n{caption}" for caption, file in pictures)


def _html(block: Block, folder: Path) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{html.escape(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{html.escape(text)}</p>"
        case Table(headings, rows):
            return f"<table>{_cells('th', headings)}{''.join(_cells('td', row) for row in rows)}</table>"
        case Plot(_, file):
            svg = (folder / file).read_text("utf-8")
            return f"<div>{svg[svg.index('<svg') :]}</div>"
        case Sheet(pictures):
            return f'<div class="sheet">{"".join(_figure(folder / file, caption) for caption, file in pictures)}</div>'


def _cells(tag: str, row: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row) + "</tr>"


def _figure(path: Path, caption: str) -> str:
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    text = html.escape(caption)
    picture = f'<img alt="{text}" src="data:image/jpeg;base64,{data}"/>'
    return f"<figure>{picture}<figcaption>{text}</figcaption></figure>"
