# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of dataclass rows for the study's report. Free of bpy and torch."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Mapping, Sequence

from ..research.document import Table, number

Columns = Mapping[str, tuple[str, str]]
"""Heading and format of each field that is shown, in the order of the columns."""


@dataclasses.dataclass(frozen=True)
class Row:
    """A row of a table: its name, and numbers in the fields of its kind."""

    name: str


def deviation(values: Sequence[float]) -> float:
    """How far single values lie from each other: their standard deviation, NaN for a single one."""
    return statistics.stdev(values) if len(values) > 1 else math.nan


def table_of(rows: Sequence[Row], columns: Columns) -> Table:
    """A table of rows of one kind; what could not be measured is a dash."""
    headings = ("", *(heading for heading, _ in columns.values()))
    cells = ([number(getattr(row, field), form) for field, (_, form) in columns.items()] for row in rows)
    return Table(headings, tuple((row.name, *of_row) for row, of_row in zip(rows, cells, strict=True)))
