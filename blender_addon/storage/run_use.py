# SPDX-License-Identifier: GPL-3.0-or-later
"""How much room runs take, where they lie after a move, and bringing them along. Free of bpy."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from .run_folder import PLACEHOLDER, cache_error

_MAKING = "bringing-"


def bytes_of(*folders: Path) -> int:
    """The room that folders take together; a file that lies there under several names counts once."""
    seen: dict[tuple[int, int], int] = {}
    for folder in folders:
        for place, _, names in os.walk(folder):
            for name in names:
                try:
                    told = os.stat(os.path.join(place, name))
                except OSError:  # it was deleted meanwhile
                    continue
                seen[(told.st_dev, told.st_ino)] = told.st_size
    return sum(seen.values())


def amount(size: int) -> str:
    """A number of bytes as an editor reads it: "0 MB", "3.2 MB", "120 MB", "1.4 GB"."""
    megabytes = size / 1e6
    if megabytes >= 1000:
        return f"{megabytes / 1000:.1f} GB"
    return f"{megabytes:.1f} MB" if 0.05 <= megabytes < 10 else f"{megabytes:.0f} MB"


def is_run(folder: Path) -> bool:
    """True for a folder that painted frames were laid in."""
    return (folder / PLACEHOLDER).is_file()


def unused(cache: Path, shown: Iterable[Path]) -> list[Path]:
    """The runs of a cache folder that are not among those that are shown."""
    kept = {path.resolve() for path in shown}
    runs = (cache / "results").glob("*/*")
    whole = (run for run in runs if is_run(run) and not run.name.startswith(_MAKING))
    return sorted(run for run in whole if run.resolve() not in kept)


def look_for(names: Iterable[str], under: Path) -> dict[str, Path]:
    """Where below a folder runs of these names lie; names that are not found are left out. A run's name is unique."""
    wanted = set(names)
    found: dict[str, Path] = {}
    for place, folders, _ in os.walk(under):
        for name in wanted.intersection(folders):
            candidate = Path(place, name)
            if is_run(candidate):
                found[name] = candidate
        folders[:] = sorted(folder for folder in folders if folder not in wanted and not folder.startswith("."))
        if len(found) == len(wanted):
            break
    return found


class Stopped(Exception):
    """Bringing a run was to be stopped."""


def bring(run: Path, cache: Path, tell: Callable[[int], bool] = lambda _: True) -> Path:
    """A run in another cache folder, by links where the disk allows it, else copied; gives where it lies then.

    Whole or absent: it is made under another name first. A run that is there already stays as it is.

    Args:
        run: the run's folder.
        cache: the other cache folder.
        tell: hears the bytes of each file that was brought; says whether to go on.

    Raises:
        CacheError: the folder cannot be written, or the run cannot be read.
        Stopped: ``tell`` said so; nothing of the run is left there.
    """
    target = cache / "results" / run.parent.name / run.name
    if is_run(target):
        return target

    def one(source: str, to: str) -> str:
        _link_or_copy(source, to)
        if not tell(os.stat(to).st_size):
            raise Stopped
        return to

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=_MAKING, dir=target.parent))
        try:
            shutil.copytree(run, making, copy_function=one, dirs_exist_ok=True)
            making.chmod(run.stat().st_mode & 0o777)
            making.rename(target)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    except (OSError, shutil.Error) as error:
        told = error if isinstance(error, OSError) else OSError(str(error))
        raise cache_error(target.parent, told) from error
    return target


def sweep_halves(cache: Path, *, days: float = 1.0) -> None:
    """Deletes what a Blender that was killed left of runs that it was bringing, a day ago or earlier."""
    for half in (cache / "results").glob(f"*/{_MAKING}*"):
        with contextlib.suppress(OSError):
            if time.time() - half.stat().st_mtime > days * 24 * 3600:
                shutil.rmtree(half, ignore_errors=True)


def _link_or_copy(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one without links
        shutil.copy2(source, target)
    return target
