# SPDX-License-Identifier: GPL-3.0-or-later
"""The folders show the architecture, and the imports keep to it: who may know whom is written down here, as data."""

from __future__ import annotations

import ast
import dataclasses
import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from build_addon import SOURCES

ROOT = Path(__file__).resolve().parent.parent

# From the ground floor up. A module may import what stands on a floor below its own; on one floor nobody knows
# anybody. A package stands for all of its modules, which may import each other.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors",),
    ("storage", "settings", "crew", "peak_memory"),
    ("styles", "warp", "strength"),
    ("flow", "paint", "shots", "colour_lock", "contours"),
    ("metrics", "plan", "stages", "desk", "draft", "estimators"),
    ("settling",),
    ("quality",),
    ("pipeline", "training"),
    ("optimise",),
    ("master",),
    ("worker", "self_test", "commands"),
    ("cli",),
    ("__main__",),
)
# The same of the add-on: what stands alone in its folder, and its packages.
ADD_ON_FLOORS: tuple[tuple[str, ...], ...] = (
    ("core_link", "child_blender"),
    ("storage",),
    ("preferences",),
    ("processes",),
    ("timeline",),
    ("styles",),
    ("properties", "jobs"),
    ("actions",),
    ("buttons",),
    ("preview",),
    ("panels",),
    ("gallery",),
)
# The quality Master optimises only where it is asked for.
# `evaluate --assets` measures style loss with the loss network of the training, and the worker trains a style, when
# they are asked to; RAFT opens torchvision and its weights as the loss networks do: only then torch is needed.
LOADED_WHEN_ASKED = {
    ("core.commands.evaluate", "training"),
    ("core.commands.settle_study", "training"),
    ("core.worker.training", "training"),
    ("core.flow.raft", "training"),
    ("core.master", "optimise"),
}

NOT_IN_THE_ZIP = {"torch", "torchvision", "av", "rich", "safetensors", "platformdirs", "onnx", "matplotlib"}
NOT_IN_THE_ZIP |= {"ai_edge_litert"}
OURS_IN_THE_ADD_ON = {"core.errors", "core.settings", "core.worker.protocol"}
OURS_IN_THE_ADD_ON |= {"core.styles.user_styles", "core.styles.style_package"}
LONGEST_FILE = 300


@dataclasses.dataclass(frozen=True)
class Import:
    """One import: the module in full, where it stands, and when it happens."""

    module: str
    line: int
    is_at_module_level: bool
    is_for_types: bool


def sources(*folders: str) -> list[Path]:
    """Our Python files below these folders; "" for those in the repository's own folder alone."""
    found: list[Path] = []
    for folder in folders:
        found += sorted((ROOT / folder).rglob("*.py") if folder else ROOT.glob("*.py"))
    return found


def module_of(path: Path) -> str:
    """``core/flow/dis.py`` is core.flow.dis, ``core/flow/__init__.py`` is core.flow."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def imports_of(path: Path) -> tuple[Import, ...]:
    tree = ast.parse(path.read_text("utf-8"))
    package = path.relative_to(ROOT).parts[:-1]
    return tuple(_imports(tree, package, at_module_level=True, for_types=False))


def _imports(node: ast.AST, package: tuple[str, ...], *, at_module_level: bool, for_types: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, child.lineno, at_module_level, for_types)
        elif isinstance(child, ast.ImportFrom):
            base = package[: len(package) - child.level + 1] if child.level else ()
            start = ".".join((*base, *(child.module or "").split("."))).strip(".")
            for alias in child.names:
                inner = f"{start}.{alias.name}"
                yield Import(inner if _is_module(inner) else start, child.lineno, at_module_level, for_types)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _imports(child, package, at_module_level=False, for_types=for_types)
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for part in child.body:
                yield from _imports(ast.Module([part], []), package, at_module_level=at_module_level, for_types=True)
            for part in child.orelse:
                yield from _imports(
                    ast.Module([part], []), package, at_module_level=at_module_level, for_types=for_types
                )
        else:
            yield from _imports(child, package, at_module_level=at_module_level, for_types=for_types)


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def part_of(house: str, module: str) -> str:
    """core.flow.dis is part "flow" of core."""
    return module.split(".")[1] if module.startswith(f"{house}.") else ""


def floor_of(part: str, floors: tuple[tuple[str, ...], ...]) -> int:
    return next(number for number, floor in enumerate(floors) if part in floor)


def test_the_reader_of_imports_sees_every_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other tests are worth as much as this one: relative, nested, for types, and modules imported by name."""
    (tmp_path / "core" / "flow").mkdir(parents=True)
    for name in ("core/__init__.py", "core/flow/__init__.py", "core/flow/dis.py", "core/warp.py"):
        (tmp_path / name).touch()
    text = (
        "import numpy.linalg, cv2\nfrom ..warp import warp\nfrom . import dis\nfrom .. import warp\n"
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import bpy\nelse:\n    import json\n"
        "def f():\n    import torch\nclass C:\n    try:\n        import av\n    except ImportError:\n        pass\n"
    )
    path = tmp_path / "core" / "flow" / "motion.py"
    path.write_text(text)
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    found = {(one.module, one.is_at_module_level, one.is_for_types) for one in imports_of(path)}
    assert found == {
        ("numpy.linalg", True, False),
        ("cv2", True, False),
        ("core.warp", True, False),
        ("core.flow.dis", True, False),
        ("typing", True, False),
        ("bpy", True, True),
        ("json", True, False),
        ("torch", False, False),
        ("av", True, False),
    }


@pytest.mark.parametrize(("house", "floors"), [("core", FLOORS), ("blender_addon", ADD_ON_FLOORS)])
def test_every_module_has_its_floor(house: str, floors: tuple[tuple[str, ...], ...]) -> None:
    parts = {part_of(house, module_of(path)) for path in sources(house)} - {""}
    written = [part for floor in floors for part in floor]
    assert parts == set(written) and len(written) == len(set(written))


def test_imports_inside_the_add_on_lead_downwards() -> None:
    wrong = []
    for path in sources("blender_addon"):
        here = part_of("blender_addon", module_of(path))
        for one in imports_of(path):
            there = part_of("blender_addon", one.module)
            if (
                here
                and there not in {"", here, "engine"}
                and floor_of(there, ADD_ON_FLOORS) >= floor_of(here, ADD_ON_FLOORS)
            ):
                wrong.append(f"{path.relative_to(ROOT)}:{one.line}: {here} imports {there}")
    assert not wrong


def test_imports_inside_core_lead_downwards() -> None:
    wrong = []
    for path in sources("core"):
        module = module_of(path)
        here = part_of("core", module)
        for one in imports_of(path):
            there = part_of("core", one.module)
            if not there or not here or there == here:
                continue
            is_asked = (one.is_for_types or not one.is_at_module_level) and (module, there) in LOADED_WHEN_ASKED
            if floor_of(there, FLOORS) >= floor_of(here, FLOORS) and not is_asked:
                wrong.append(f"{path.relative_to(ROOT)}:{one.line}: {here} imports {there}")
    assert not wrong


def test_core_is_imported_relatively_and_never_knows_blender() -> None:
    wrong = []
    for path in sources("core"):
        for one in imports_of(path):
            top = one.module.split(".")[0]
            if top in {"bpy", "bmesh", "mathutils", "gpu", "blf", "blender_addon", "tests"}:
                wrong.append(f"{path.relative_to(ROOT)}:{one.line}: {one.module}")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = (
                [node.module]
                if isinstance(node, ast.ImportFrom) and not node.level
                else [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else []
            )
            if any(name and name.split(".")[0] == "core" for name in named):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}: core by its full name")  # type: ignore[attr-defined]
    assert not wrong


def test_the_add_on_knows_of_core_only_the_contract_and_through_one_file() -> None:
    link = ROOT / "blender_addon" / "core_link.py"
    for path in sources("blender_addon"):
        for one in imports_of(path):
            parts = one.module.split(".")
            if "core" in parts[:1] or "engine" in parts:
                inner = ".".join(parts[parts.index("core") :])
                assert path == link, f"{path.name}:{one.line} imports {one.module}"
                is_package = any(name.startswith(f"{inner}.") for name in OURS_IN_THE_ADD_ON)
                assert is_package or inner in OURS_IN_THE_ADD_ON, f"{path.name}:{one.line} imports {one.module}"
    from_link = ast.parse(link.read_text("utf-8"))
    taken = {
        f"{node.module}.{alias.name}".rpartition("engine.")[2]
        for node in ast.walk(from_link)
        if isinstance(node, ast.ImportFrom) and "core" in (node.module or "").split(".")
        for alias in node.names
    }
    assert taken == OURS_IN_THE_ADD_ON


def test_the_add_on_needs_only_blender_and_the_standard_library() -> None:
    blender = {"bpy", "bl_ext", "bl_ui", "bl_operators", "gpu", "gpu_extras", "blf", "mathutils"}
    allowed = set(sys.stdlib_module_names) | blender | {"blender_addon", "core"}
    wrong = [
        f"{path.relative_to(ROOT)}:{one.line}: {one.module}"
        for path in sources("blender_addon")
        for one in imports_of(path)
        if one.module.split(".")[0] not in allowed and not one.is_for_types
    ]
    assert not wrong


def reachable(start: str) -> set[str]:
    """Modules of core that importing ``start`` loads, at module level or later; not what is loaded when asked for."""
    paths = {module_of(path): path for path in sources("core")}
    found: set[str] = set()
    waiting = [start]
    while waiting:
        module = waiting.pop()
        if module in paths and module not in found:
            found.add(module)
            waiting += [
                one.module
                for one in imports_of(paths[module])
                if not one.is_for_types
                and (one.is_at_module_level or (module, part_of("core", one.module)) not in LOADED_WHEN_ASKED)
            ]
            waiting += [module.rpartition(".")[0]]
    return found


def test_what_the_worker_needs_is_free_of_what_the_zip_lacks() -> None:
    modules = reachable("core.worker.serve")
    assert {"core.pipeline", "core.flow.dis", "core.paint.opencv_engine", "core.storage.cache"} <= modules
    others = ("core.training", "core.optimise", "core.commands", "core.cli")
    assert not {module for module in modules if module.startswith(others)}
    paths = {module_of(path): path for path in sources("core")}
    wrong = [
        f"{module}:{one.line}: {one.module}"
        for module in sorted(modules - {"core.paint.house_network"})  # loaded by the torch engine when it is chosen
        for one in imports_of(paths[module])
        if one.module.split(".")[0] in NOT_IN_THE_ZIP and one.is_at_module_level and not one.is_for_types
    ]
    assert not wrong
    packages = {
        one.module.split(".")[0]
        for module in modules
        for one in imports_of(paths[module])
        if one.is_at_module_level and not one.is_for_types
    } - set(sys.stdlib_module_names)
    assert packages <= {"core", "numpy", "cv2", "torch"}


def test_what_training_and_optimising_need_is_in_the_zip() -> None:
    """The packages it may need besides are named where one of them is missing, and in the preferences."""
    modules = reachable("core.training.keep_style") | reachable("core.optimise.materials")
    paths = {module_of(path): path for path in sources("core")}
    shipped = {ROOT / path for pattern, _ in SOURCES for path in ROOT.glob(pattern)}
    assert {"core.training.trainer", "core.training.critics.distilled", "core.optimise.clip"} <= modules
    assert not {module for module in modules if paths[module] not in shipped}
    others = {
        one.module.split(".")[0]
        for module in modules
        for one in imports_of(paths[module])
        if one.is_at_module_level and not one.is_for_types
    } - set(sys.stdlib_module_names)
    assert others == {"core", "numpy", "cv2", "torch", "safetensors"}


def test_the_worker_and_the_contract_load_nothing_heavy() -> None:
    """The same in a real interpreter: what is loaded is what was meant."""
    for module, forbidden in (
        ("core.worker.serve", NOT_IN_THE_ZIP),
        ("core.cli", NOT_IN_THE_ZIP | {"numpy", "cv2"}),
        (", ".join(OURS_IN_THE_ADD_ON), NOT_IN_THE_ZIP | {"numpy", "cv2"}),
    ):
        program = f"import sys, {module}; print(' '.join(sys.modules))"
        done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
        loaded = {name.split(".")[0] for name in done.stdout.split()}
        assert not loaded & forbidden, module


def test_every_source_file_says_its_licence_once() -> None:
    line = "# SPDX-License-Identifier: GPL-3.0-or-later"
    for path in sources("", "core", "blender_addon", "tests", "demo"):
        text = path.read_text("utf-8")
        assert text.startswith(line + "\n"), path
        assert [found for found in text.splitlines() if found.startswith("# SPDX-")] == [line], path


@pytest.mark.parametrize("folder", ["core", "blender_addon"])
def test_every_file_fits_in_the_head(folder: str) -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in sources(folder)}
    assert not {path.name: length for path, length in lengths.items() if length > LONGEST_FILE}


def test_no_file_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "stuff"}
    assert not [path for path in sources("core", "blender_addon", "tests") if drawers & {path.stem, *path.parts[-2:-1]}]


def test_nothing_is_unpickled_evaluated_or_given_to_a_shell() -> None:
    wrong = []
    for path in sources("", "core", "blender_addon", "demo"):
        for one in imports_of(path):
            if one.module.split(".")[0] in {"pickle", "marshal", "shelve", "dill"}:
                wrong.append(f"{path.relative_to(ROOT)}:{one.line}: {one.module}")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            shell = any(word.arg == "shell" and ast.unparse(word.value) != "False" for word in node.keywords)
            # Others' weights come as .pth: read as numbers only, which runs nothing.
            if name == "torch.load" and "weights_only=True" in ast.unparse(node):
                continue
            if name in {"eval", "exec", "os.system", "os.popen", "torch.load", "torch.save"} or shell:
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}: {name}")
    assert not wrong
