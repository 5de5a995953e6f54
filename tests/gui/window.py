# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Blender with its window, on a machine that has neither a screen nor a GPU (free of bpy).

Blender 5.2 of Debian runs in a folder of its own (a chroot with Xvfb and Mesa's software OpenGL) that the tool
``real_blender.sh`` builds. The first use takes some minutes and 1.5 GB; later ones find it there.

Environment:
    BRUSHFLOW_REAL_BLENDER: the tool; default: ``../shared/tools/real_blender.sh`` beside the repository.
    BRUSHFLOW_WINDOW_BLENDER: folder of the chroot; default: in the user's cache folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

REPOSITORY = Path(__file__).resolve().parents[2]
ARTIFACTS = REPOSITORY / "build" / "gui"
_INSIDE = Path(__file__).resolve().parent / "inside"
_SUITE = "sid"
_SETUP_SECONDS = 1800
_PLAY_SECONDS = 300


class NoWindow(RuntimeError):
    """This machine cannot give a window; says why."""


class SetupFailed(NoWindow):
    """This machine should be able to, but the chroot could not be built; carries the end of the log."""


@dataclass(frozen=True)
class WindowBlender:
    """A Blender with a window.

    Attributes:
        tool: ``real_blender.sh``.
        root: the chroot.
        profile: Blender's user folder: preferences and extensions.
    """

    tool: Path
    root: Path
    profile: Path

    def install(self, addon: Path) -> str:
        """Installs and enables the extension from its zip into an empty user folder, as
        ``blender --command extension install-file`` does; gives what Blender said."""
        shutil.rmtree(self.profile, ignore_errors=True)
        self.profile.mkdir(parents=True)
        command = ["headless", "--", "--command", "extension", "install-file", "-r", "user_default", "-e", str(addon)]
        outcome = self._tool(["-w", str(addon.parent)], command)
        said = outcome.stdout
        if outcome.returncode != 0 or not (self.extension / "blender_manifest.toml").is_file():
            raise AssertionError(f"{addon.name} was not installed (status {outcome.returncode}):\n{said}")
        return said

    @property
    def extension(self) -> Path:
        """The folder of the installed extension."""
        return self.profile / "extensions" / "user_default" / "brushflow"

    def play(
        self,
        scenario: str,
        out: Path,
        size: tuple[int, int] = (1600, 900),
        *,
        seconds: int = _PLAY_SECONDS,
        shown: Sequence[Path] = (),
        **options: Any,
    ) -> dict[str, Any]:
        """Plays a scenario of ``inside/`` in the window to its end and gives what it found out.

        Args:
            scenario: name of the script.
            out: folder for screenshots, emptied first; the edit is saved in it too.
            size: of screen and window, pixels.
            seconds: the most it may take.
            shown: further folders that are to be there for Blender, at the same place.
            options: for the scenario; anything JSON can hold.
        """
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        answer = out / "answer.json"
        order = json.dumps({"scenario": scenario, "out": str(out), "answer": str(answer), **options})
        folders = [part for folder in (out, REPOSITORY, *shown) for part in ("-w", str(folder))]
        outcome = self._tool(
            [*folders, "-g", f"{size[0]}x{size[1]}", "-t", str(seconds)],
            ["run", "--", "--enable-event-simulate", "--python", str(_INSIDE / "play.py"), "--", order],
        )
        (out / "blender.log").write_text(outcome.stdout, "utf-8")
        if outcome.returncode != 0 or not answer.is_file():
            raise AssertionError(f"{scenario} ended with {outcome.returncode}; {out}:\n{outcome.stdout[-6000:]}")
        found: dict[str, Any] = json.loads(answer.read_text("utf-8"))
        found["log"] = outcome.stdout
        return found

    def _tool(self, options: list[str], command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", str(self.tool), "-n", "-r", str(self.root), "-p", str(self.profile), *options, *command],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            env={**os.environ, "RB_ENV": "PYTHONDONTWRITEBYTECODE=1"},
        )


def window_blender(profile: Path) -> WindowBlender:
    """The Blender with a window, set up where it is not there yet.

    Raises:
        NoWindow: says why there is none here.
    """
    tool = Path(os.environ.get("BRUSHFLOW_REAL_BLENDER") or REPOSITORY.parent / "shared" / "tools" / "real_blender.sh")
    if not tool.is_file():
        raise NoWindow(f"{tool} is not there; name the tool in BRUSHFLOW_REAL_BLENDER")
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        raise NoWindow("a window without a screen needs root, to run Blender in a folder of its own (chroot)")
    if not shutil.which("unshare") or subprocess.run(["unshare", "--mount", "true"], check=False).returncode != 0:
        raise NoWindow("this machine lets nobody make a file system of one's own (unshare --mount)")
    chosen = os.environ.get("BRUSHFLOW_WINDOW_BLENDER")
    root = Path(chosen) if chosen else platformdirs.user_cache_path("brushflow-tests") / "blender-window"
    if not (root / "usr" / "bin" / "blender").exists():
        _set_up(tool, root)
    return WindowBlender(tool, root, profile)


def _set_up(tool: Path, root: Path) -> None:
    root.parent.mkdir(parents=True, exist_ok=True)
    command = ["bash", str(tool), "-r", str(root), "-s", _SUITE, "setup"]
    log = root.with_name(f"{root.name}.log")
    try:
        with log.open("w") as file:
            subprocess.run(
                command, check=True, stdout=file, stderr=file, stdin=subprocess.DEVNULL, timeout=_SETUP_SECONDS
            )
    except (subprocess.SubprocessError, OSError) as error:
        end = "\n".join(log.read_text("utf-8", "replace").splitlines()[-8:])
        raise SetupFailed(f"Blender could not be set up in {root} ({error}); {log} ends with:\n{end}") from error
