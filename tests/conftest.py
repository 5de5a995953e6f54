# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share: the repository on the import path, and where it lies."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

# What is started in the background may have Ctrl-C ignored, and hands that on to what the tests stop by it.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The repository's folder, from which ``python -m core`` runs."""
    return ROOT
