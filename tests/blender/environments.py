# SPDX-License-Identifier: GPL-3.0-or-later
"""The Blenders the tests run in (standard library only, free of bpy).

Each supported Blender is the ``bpy`` module of PyPI in a virtual environment of its own under ``.blender/<version>/``:

>>> python = environment("5.0")            # the Path of its python; makes the environment if it is not there yet

    python -m tests.blender.environments            # makes all of them
    python -m tests.blender.environments 4.2 5.0    # makes these two

An environment holds exactly what a user's Blender holds: bpy and the numpy of that Blender's release. It never holds
OpenCV, which must come out of the extension's own zip, as it does for a user.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ENVIRONMENTS = REPOSITORY / ".blender"
STAMP = "complete.json"


@dataclass(frozen=True)
class Blender:
    """One supported Blender: its short version, the Python it is built for, and the pinned packages."""

    version: str
    python: tuple[int, int]
    packages: tuple[str, ...]


SUPPORTED = {
    blender.version: blender
    for blender in (
        Blender("4.2", (3, 11), ("bpy==4.2.23", "numpy==1.24.3")),
        Blender("4.5", (3, 11), ("bpy==4.5.15", "numpy==1.26.4")),
        Blender("5.0", (3, 11), ("bpy==5.0.1", "numpy==1.26.4")),
        Blender("5.2", (3, 13), ("bpy==5.2.3", "numpy==2.4.6")),
    )
}


class EnvironmentMissing(RuntimeError):
    """A Blender cannot be made ready on this machine; the message says what is missing and what to do."""


def environment(version: str) -> Path:
    """The Python interpreter in which ``import bpy`` gives Blender ``version``, made ready on the first call.

    Raises ``EnvironmentMissing`` where no fitting Python interpreter exists or pip cannot install, and ``ValueError``
    for a version that is not supported.
    """
    blender = _supported(version)
    folder = ENVIRONMENTS / version
    if not _is_complete(folder, blender):
        with _locked(version):
            if not _is_complete(folder, blender):  # another process may have made it while this one waited
                _make(folder, blender)
    return _python_of(folder)


def interpreter(python: tuple[int, int]) -> Path | None:
    """A working Python of exactly this (major, minor): the running one, one on PATH, or pyenv's; None without one."""
    for candidate in _candidates(python):
        if _version_of(candidate) == python:
            return candidate
    return None


def missing_interpreter(version: str) -> str | None:
    """A sentence that says which Python is missing for Blender ``version``, or None if it can be made ready."""
    blender = _supported(version)
    if _is_complete(ENVIRONMENTS / version, blender) or interpreter(blender.python):
        return None
    name = "python{}.{}".format(*blender.python)
    return (
        f"Blender {version} needs {name}, which is neither on PATH nor under pyenv; "
        f"install it (for example `pyenv install {name.removeprefix('python')}`)"
    )


def _supported(version: str) -> Blender:
    if version not in SUPPORTED:
        raise ValueError(f"Blender {version!r} is not supported; expected one of {', '.join(SUPPORTED)}")
    return SUPPORTED[version]


def _candidates(python: tuple[int, int]) -> Iterator[Path]:
    name = "python{}.{}".format(*python)
    if sys.version_info[:2] == python:
        yield Path(getattr(sys, "_base_executable", sys.executable))
    for folder in os.get_exec_path():
        found = shutil.which(name, path=folder)
        if found:
            yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(pyenv.glob(f"versions/*/bin/{name}"), reverse=True)


def _version_of(python: Path) -> tuple[int, int] | None:
    """What the interpreter says of itself; None where it does not run, as pyenv's shims of inactive versions."""
    command = [str(python), "-c", "import sys; print(*sys.version_info[:2])"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
        major, minor = answer.stdout.split()
        return int(major), int(minor)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def _python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _is_complete(folder: Path, blender: Blender) -> bool:
    try:
        stamp = json.loads((folder / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return stamp == {"packages": list(blender.packages)} and _python_of(folder).exists()


@contextmanager
def _locked(version: str) -> Iterator[None]:
    """One process at a time makes an environment, however many tests start at once."""
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    with (ENVIRONMENTS / f"{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(folder: Path, blender: Blender) -> None:
    missing = missing_interpreter(blender.version)
    base = interpreter(blender.python)
    if missing or base is None:
        raise EnvironmentMissing(missing)
    shutil.rmtree(folder, ignore_errors=True)
    _run([str(base), "-m", "venv", str(folder)], blender)
    pip = [str(_python_of(folder)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--only-binary=:all:", *blender.packages], blender)
    (folder / STAMP).write_text(json.dumps({"packages": list(blender.packages)}), "utf-8")


def _run(command: list[str], blender: Blender) -> None:
    outcome = subprocess.run(command, check=False, capture_output=True, text=True)
    if outcome.returncode != 0:
        last_lines = "\n".join(outcome.stderr.strip().splitlines()[-5:])
        raise EnvironmentMissing(
            f"Blender {blender.version} could not be installed ({' '.join(blender.packages)}): {last_lines}\n"
            "Check the connection to pip's package index and the free disk space (1 GB each), then run this again."
        )


def main(versions: list[str]) -> int:
    """Makes the named environments (all without a name); 1 if one could not be made."""
    failures = 0
    for version in versions or list(SUPPORTED):
        started = time.monotonic()
        try:
            python = environment(version)
        except (EnvironmentMissing, ValueError) as error:
            print(error, file=sys.stderr)
            failures += 1
        else:
            print(f"Blender {version}: {python} ({time.monotonic() - started:.1f} s)", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
