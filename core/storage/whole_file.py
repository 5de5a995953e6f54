# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are whole or absent: written under a temporary name, flushed, renamed. Free of bpy and torch."""

from __future__ import annotations

import errno
import os
import shutil
import time
import uuid
from pathlib import Path

from ..errors import CacheError

# A frame is read within some milliseconds; two seconds are patience enough.
_TRIES = 40
_PAUSE_SECONDS = 0.05


def write_whole(path: Path, data: bytes, *, lasting: bool = True) -> None:
    """Put ``data`` at ``path`` so that no reader ever sees a part of it.

    Args:
        lasting: wait until the disk has it, so that this holds also when the machine stops the next moment. Without,
            the file may then be torn: for what carries its own check and can be made again.

    Raises:
        CacheError: the folder cannot be made or written, or the disk is full.
    """
    temporary = _beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(data)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        _replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True) if temporary.parent.is_dir() else None
        raise cannot_write(path, error) from error


def place_copy(source: Path, target: Path) -> None:
    """Make ``target`` the same file as ``source``: a hard link where the disk can, else a copy; whole or absent.

    Both files are never written in place, so sharing the bytes is safe.

    Raises:
        CacheError: the target's folder cannot be written, or the disk is full.
        FileNotFoundError: the source is gone (another Blender may have trimmed the cache).
    """
    temporary = _beside(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, temporary)
        except FileNotFoundError:
            raise
        except OSError:  # another disk, or a file system without links
            shutil.copyfile(source, temporary)
        _replace(temporary, target)
        # Renaming onto another name of the same file does nothing and leaves the temporary name behind.
        temporary.unlink(missing_ok=True)
    except FileNotFoundError:
        raise
    except OSError as error:
        temporary.unlink(missing_ok=True) if temporary.parent.is_dir() else None
        raise cannot_write(target, error) from error


def _replace(temporary: Path, path: Path) -> None:
    """Rename over what is there. Windows refuses while another program, such as Blender, reads the old file."""
    for _ in range(_TRIES if os.name == "nt" else 1):
        try:
            os.replace(temporary, path)
            return
        except PermissionError as error:
            refused = error
            time.sleep(_PAUSE_SECONDS)
    raise refused


def cannot_write(path: Path, error: OSError) -> CacheError:
    """The sentence an editor gets when ``path`` could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return CacheError(
            f"The disk that holds {path.parent} is full.",
            "Free some space or choose another cache folder in the preferences; finished frames are kept.",
        )
    return CacheError(
        f"Cannot write {path}: {error.strerror or error}.",
        "Choose a cache folder that you may write to in the preferences.",
    )


def _beside(path: Path) -> Path:
    """A name in the same folder that no other process uses."""
    return path.with_name(f".{path.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}.part")
