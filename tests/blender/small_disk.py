# SPDX-License-Identifier: GPL-3.0-or-later
"""A small disk of its own, for tests in which it runs full (free of bpy)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(place: Path, *, kilobytes: int) -> Iterator[Path]:
    """Mounts an empty disk of that size at ``place``; skips the test where this user may not."""
    place.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
