# SPDX-License-Identifier: GPL-3.0-or-later
"""An installation that does not fit together: an engine of another version, a damaged model, no list of styles."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import bpy
import timeline


def play(work: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Damages the installed extension while Blender runs; the sentence of each damage."""
    engine = timeline.addon("core_link").ENGINE_FOLDER
    assert Path(options["installation"]) in engine.parents, "only the copy may be damaged"
    scene = timeline.new()
    timeline.effect(timeline.strips(scene), "COLOR", "colour", 1, 1, 4)
    timeline.select(scene, "colour")
    timeline.save(work / "edit.blend")
    told = {}
    protocol = engine / "core" / "worker" / "protocol.py"
    model = engine / "models" / "house" / "painter.onnx"
    cases = {
        "other protocol": (protocol, re.sub(rb"(?m)^VERSION = (\d+)$", rb"VERSION = 1\1", protocol.read_bytes())),
        "engine without its worker": (engine / "core" / "worker" / "serve.py", None),
        "damaged model": (model, model.read_bytes()[:-1000]),
        "missing model": (model, None),
    }
    for name, (path, content) in cases.items():
        whole = path.read_bytes()
        path.unlink()
        if content is not None:
            assert content != whole
            path.write_bytes(content)
        timeline.addon("jobs.queue").QUEUE.drop_all()  # the worker that runs has what it needs in memory
        told[name] = {"sentence": timeline.stylize(style="starry-night"), "job": timeline.last_job()}
        path.unlink(missing_ok=True)
        path.write_bytes(whole)
    timeline.addon("jobs.queue").QUEUE.drop_all()
    told["mended"] = {"sentence": timeline.stylize(style="starry-night"), "job": timeline.last_job()}

    preferences = bpy.context.preferences.addons["bl_ext.user_default.brushflow"].preferences
    preferences.torch_python = str(work / "no python here")
    told["no such Python"] = {"sentence": timeline.stylize(style="great-wave"), "job": timeline.last_job()}
    preferences.torch_python = ""

    (engine / "models" / "index.json").write_text("{ not JSON")
    bpy.ops.preferences.addon_disable(module="bl_ext.user_default.brushflow")
    bpy.ops.preferences.addon_enable(module="bl_ext.user_default.brushflow")
    told["no list of styles"] = {"sentence": timeline.stylize()}
    return told
