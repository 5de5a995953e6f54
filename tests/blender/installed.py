# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension, installed from its zip as a user installs it, and scenarios played in it (free of bpy itself)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCENARIOS = Path(__file__).resolve().parent / "scenarios"
_SECONDS = 300

_INSTALL = """
import os, sys
import bpy
bpy.ops.extensions.package_install_files(filepath=sys.argv[1], repo="user_default", enable_on_install=True)
bpy.ops.wm.save_userpref()
sys.stdout.flush()
os._exit(0 if "bl_ext.user_default.brushflow" in bpy.context.preferences.addons else 1)
"""


@dataclass(frozen=True)
class Installed:
    """A Blender with the extension in it.

    Attributes:
        version: such as "5.0".
        python: the Python that can ``import bpy``.
        resources: Blender's user folder, with the extension inside.
    """

    version: str
    python: Path
    resources: Path

    @property
    def extension(self) -> Path:
        """The folder of the installed extension."""
        return self.resources / "extensions" / "user_default" / "brushflow"

    def play(self, scenario: str, work: Path, *, seconds: float = _SECONDS, **options: Any) -> dict[str, Any]:
        """Plays a scenario to its end and gives its result; fails the test with all output when it did not end well."""
        process, result = self.start(scenario, work, **options)
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
            raise AssertionError(f"{scenario} did not end within {seconds:.0f} s:\n{output[-6000:]}") from None
        assert process.returncode == 0, f"{scenario} ended with {process.returncode}:\n{output[-6000:]}"
        answer: dict[str, Any] = json.loads(result.read_text("utf-8"))
        answer["output"] = output
        return answer

    def start(self, scenario: str, work: Path, **options: Any) -> tuple[subprocess.Popen[str], Path]:
        """Starts a scenario; gives the process and the file its result will be in."""
        work.mkdir(parents=True, exist_ok=True)
        result = work / f"{scenario}.json"
        process = subprocess.Popen(
            [str(self.python), str(SCENARIOS / "play.py"), scenario, str(work), str(result), json.dumps(options)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, "BLENDER_USER_RESOURCES": str(self.resources), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        return process, result

    def copy(self, place: Path) -> Installed:
        """The same installation once more, for a test that damages it."""
        shutil.copytree(self.resources, place, symlinks=True)
        return Installed(self.version, self.python, place)


def install(version: str, python: Path, addon: Path, resources: Path) -> Installed:
    """Installs a zip into a fresh user folder, through Blender's own extension system."""
    outcome = subprocess.run(
        [str(python), "-c", _INSTALL, str(addon)],
        check=False,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        env={**os.environ, "BLENDER_USER_RESOURCES": str(resources)},
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return Installed(version, python, resources)
