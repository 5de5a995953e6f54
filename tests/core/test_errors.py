# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors: two sentences for the editor, and a cancel is none of them."""

from __future__ import annotations

import errno
from pathlib import Path

from core import errors
from core.storage.whole_file import cannot_write


def test_an_error_tells_what_is_wrong_and_what_to_do() -> None:
    error = errors.MediaError("The file is missing.", "Relink it.")
    assert (error.message, error.hint) == ("The file is missing.", "Relink it.")
    assert str(error) == "The file is missing. Relink it."
    assert str(errors.MediaError("The file is missing.")) == "The file is missing."


def test_a_cancel_is_no_error() -> None:
    assert not issubclass(errors.Cancelled, errors.BrushflowError)
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert {kind for kind in kinds if not issubclass(kind, errors.BrushflowError)} == {errors.Cancelled}


def test_a_full_disk_and_a_forbidden_folder_get_their_own_sentences() -> None:
    full = cannot_write(Path("/cache/a.png"), OSError(errno.ENOSPC, "No space left on device"))
    assert "/cache is full" in full.message and "Free some space" in full.hint
    forbidden = cannot_write(Path("/cache/a.png"), OSError(errno.EACCES, "Permission denied"))
    assert forbidden.message == "Cannot write /cache/a.png: Permission denied." and "Choose a" in forbidden.hint
