# SPDX-License-Identifier: GPL-3.0-or-later
"""Run by a child Blender: opens one of the editor's files, paints what is missing in it, and saves it.

The order comes as the first line of stdin, as JSON (see ``actions/files_desk.py``); the next line, or the end of stdin,
means stop, and the line "leave" stop without saving. On stdout come lines of its own, see ``file_painter.py``.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import os
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

sys.dont_write_bytecode = True  # nothing is written inside the extension's folder

import bpy  # noqa: E402

_MARK = "brushflow file "
_PARENT = sys.stdout


def say(**told: Any) -> None:
    """One line for the Blender that started this one. When that is gone, nobody listens, and finished work is saved."""
    with contextlib.suppress(OSError):
        print(f"{_MARK}{json.dumps(told)}", file=_PARENT, flush=True)


def enable(package: str, folder: Path, packages: Iterable[str], chosen: dict[str, Any]) -> ModuleType:
    """Registers the add-on under its own name, as it is set up in the editor's Blender.

    Not by Blender's ``addon_enable``: with factory settings that would take the wheels of all other extensions away,
    under the feet of the Blender that runs.
    """
    sys.path += [place for place in packages if place not in sys.path]
    parts = package.split(".")
    for count in range(1, len(parts)):  # "bl_ext.user_default"; Blender knows only its own repositories by now
        sys.modules.setdefault(".".join(parts[:count]), ModuleType(".".join(parts[:count])))
    spec = importlib.util.spec_from_file_location(
        package, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None and spec.loader is not None
    module = sys.modules[package] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if package not in bpy.context.preferences.addons:
        bpy.context.preferences.addons.new().module = package
    module.register()
    for name, value in chosen.items():
        setattr(bpy.context.preferences.addons[package].preferences, name, value)
    return module


def main() -> None:
    """Does what the order says; whatever goes wrong is told."""
    order = json.loads(sys.stdin.buffer.readline())
    addon = enable(order["package"], Path(order["folder"]), order["packages"], order["preferences"])
    bpy.context.preferences.filepaths.save_version = order["save_version"]
    painting = importlib.import_module(f"{order['package']}.actions.paint_file")
    stop = painting.Stop()

    def wait_for_stop() -> None:
        stop.ask(may_save=sys.stdin.buffer.readline().strip() != b"leave")

    threading.Thread(target=wait_for_stop, daemon=True).start()
    try:
        report = painting.paint(Path(order["blend"]), order["final"], stop, say)
    finally:
        addon.unregister()  # ends the worker
    say(**report)


if __name__ == "__main__":
    sys.stdout = sys.stderr  # what is printed besides belongs into the log, and must not fail either
    try:
        main()
    except Exception as error:  # the traceback goes to the log
        sys.excepthook(type(error), error, error.__traceback__)
        say(outcome="failed", sentence=f"Brushflow itself failed ({type(error).__name__}: {error}).")
    sys.stderr.flush()
    os._exit(0)  # the bpy module of 4.2 and 4.5 can crash or hang in an ordinary exit
