# SPDX-License-Identifier: GPL-3.0-or-later
"""The folders that painted frames lie in: naming, placeholders, and what is painted. Free of bpy.

    <cache>/results/<strip's name>-<uid>/<run>/000001.png …     one run for each press of Stylize
    <cache>/stages/                                             the worker's own work (core.storage.cache), for later
    runs <cache>/temporary/                                          extracted frames, gone when their job ends

A run's files are never touched by another run, so that undo finds them as they were. Until a frame is painted a
transparent picture of the frame's size lies in its place (``placeholder.png``; the others are links to it).
"""

from __future__ import annotations

import contextlib
import filecmp
import os
import re
import secrets
import shutil
import struct
import tempfile
import time
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..core_link import errors

PLACEHOLDER = "placeholder.png"
_LITTLE_BYTES = 100e6


def new_uid() -> str:
    """A short identifier that no other strip has."""
    return secrets.token_hex(4)


def safe_name(name: str) -> str:
    """The strip's name as part of a folder name that every file system takes."""
    plain = re.sub(r"[^\w\-]+", "_", name, flags=re.UNICODE).strip("_")
    return plain.encode("utf-8")[:40].decode("utf-8", "ignore") or "strip"


def ensure_writable(cache: Path) -> None:
    """Makes the cache folder and tries to write there.

    Raises:
        CacheError: it cannot be made or written.
    """
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache) as probe:
            probe.write(b"brushflow")
    except OSError as error:
        raise cache_error(cache, error) from error


def cache_error(folder: Path, error: OSError) -> errors.CacheError:
    """What to tell the editor when ``folder`` could not be written."""
    remedy = room_hint(folder) or "Choose another cache folder in the add-on's preferences."
    return errors.CacheError(f"The cache folder {folder} cannot be written ({error.strerror or error}).", remedy)


def room_hint(folder: Path) -> str:
    """What to do when the disk of a folder is nearly full; empty when there is room."""
    with contextlib.suppress(OSError, StopIteration):
        free = shutil.disk_usage(next(parent for parent in (folder, *folder.parents) if parent.exists())).free
        if free < _LITTLE_BYTES:
            return f"Only {free / 1e6:.1f} MB are free there; make room, or choose another folder in the preferences."
    return ""


def make_run(cache: Path, name: str, uid: str, frames: Sequence[str], size: tuple[int, int]) -> Path:
    """A new run folder with a placeholder for every frame.

    Args:
        cache: the cache folder.
        name: the source strip's name.
        uid: the result strip's identifier.
        frames: file names of the frames.
        size: width and height in pixels.

    Raises:
        CacheError: the folder cannot be written.
    """
    results = cache / "results" / f"{safe_name(name)}-{uid}"
    try:
        results.mkdir(parents=True, exist_ok=True)
        stamp = time.strftime("%Y%m%d-%H%M%S-")
        run = Path(tempfile.mkdtemp(prefix=stamp, dir=results))
        run.chmod(0o777 & ~_umask())  # mkdtemp keeps others out; a farm or a colleague must be able to read
        placeholder = run / PLACEHOLDER
        placeholder.write_bytes(transparent_png(*size))
        for frame in frames:
            _link_or_copy(placeholder, run / frame)
    except OSError as error:
        raise cache_error(cache, error) from error
    return run


def make_temporary(cache: Path) -> Path:
    """A new folder for extracted frames; also removes what a crashed Blender left there a day ago or earlier."""
    temporary = cache / "temporary"
    try:
        temporary.mkdir(parents=True, exist_ok=True)
        sweep(temporary, days=1)
        return Path(tempfile.mkdtemp(dir=temporary))
    except OSError as error:
        raise cache_error(cache, error) from error


def sweep(folder: Path, *, days: float) -> None:
    """Deletes what lies in a folder and was not touched for some days."""
    for old in folder.iterdir():
        if time.time() - old.stat().st_mtime > days * 24 * 3600:
            remove(old) if old.is_dir() else old.unlink(missing_ok=True)


def remove(folder: Path) -> None:
    """Deletes a folder with all that is in it; one that is gone or held open by somebody is no error."""
    shutil.rmtree(folder, ignore_errors=True)


def painted_frames(run: Path) -> frozenset[int]:
    """frame_index of every frame in the run that is not a placeholder any more; empty when the run is gone."""
    placeholder = run / PLACEHOLDER
    painted: set[int] = set()
    with contextlib.suppress(OSError):
        blank = placeholder.stat()
        for entry in os.scandir(run):
            number = entry.name.removesuffix(".png")
            if not number.isdigit():
                continue
            found = entry.stat()
            is_link = os.path.samestat(found, blank)
            if not is_link and (found.st_size != blank.st_size or not filecmp.cmp(entry.path, placeholder, False)):
                painted.add(int(number) - 1)
    return frozenset(painted)


def remove_runs(runs_folder: Path, shown: Iterable[Path]) -> int:
    """Deletes every run of one result except those that a strip shows; gives how many were deleted."""
    kept = {path.resolve() for path in shown}
    removed = 0
    with contextlib.suppress(OSError):
        for run in list(runs_folder.iterdir()):
            if run.resolve() not in kept and (run / PLACEHOLDER).is_file():
                remove(run)
                removed += 1
        runs_folder.rmdir()  # fails, as it should, while a run is left
    return removed


def transparent_png(width: int, height: int) -> bytes:
    """A fully transparent RGBA picture, 8 bit, as PNG."""
    if width < 1 or height < 1:
        raise ValueError(f"The size is {width}x{height}; at least one pixel each way was expected.")
    rows = (b"\0" + bytes(4 * width)) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # file systems without hard links, and those that limit their number
        shutil.copyfile(source, target)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
