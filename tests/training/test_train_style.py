# SPDX-License-Identifier: GPL-3.0-or-later
"""A style of the editor's own: it is learnt, interrupted, gone on with, kept, and refused where it does not fit."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest
from made_weights import made_up_vgg

torch = pytest.importorskip("torch", reason="training needs torch")

from core.cli import main  # noqa: E402
from core.errors import Cancelled, ModelError, StyleError, TrainingError  # noqa: E402
from core.storage.frames import Frame, write_frame  # noqa: E402
from core.styles.user_styles import UserStyle  # noqa: E402
from core.styles.weights import ModelLibrary  # noqa: E402
from core.training.keep_style import StyleOrder, train_style  # noqa: E402
from core.training.practice import dead_leaves  # noqa: E402
from core.training.style_meter import StyleMeter  # noqa: E402
from core.training.style_run import StylePlan, TrainingState  # noqa: E402

STEPS = 6


class Looker:
    """Counts what it is told, and stops the run after so many steps."""

    def __init__(self, most: float = math.inf) -> None:
        self.most = most
        self.states: list[TrainingState] = []
        self.previews = 0

    def trained(self, state: TrainingState) -> None:
        self.states.append(state)

    def preview(self, path: Path) -> None:
        assert path.is_file()
        self.previews += 1

    def should_stop(self) -> bool:
        return len(self.states) >= self.most


def order(folder: Path, **changes: object) -> StyleOrder:
    """A tiny training on a made picture."""
    write_frame(folder / "leaves.png", Frame(dead_leaves(1, 96, 128)))
    tiny = {"steps": STEPS, "crop": 64, "short_side": (80, 120)}
    plan = StylePlan(Path(), **(tiny | changes))  # type: ignore[arg-type]
    return StyleOrder(folder / "leaves.png", "My leaves", plan)


def train(folder: Path, watch: Looker, **changes: object) -> UserStyle:
    styles = folder / "styles"
    return train_style(order(folder, **changes), styles, ModelLibrary(user_folder=styles), watch)


def test_a_cancelled_training_goes_on_and_gives_the_same_style(tmp_path: Path) -> None:
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
    looker = Looker()
    whole = train(tmp_path / "whole", looker)
    assert [state.step for state in looker.states] == list(range(1, STEPS + 1)) and looker.previews >= 2
    with pytest.raises(Cancelled, match="go on"):
        train(tmp_path / "parts", Looker(most=3))
    styles = tmp_path / "parts" / "styles"
    assert (styles / "my-leaves.training" / "checkpoint.safetensors").is_file()
    assert ModelLibrary(user_folder=styles).user_styles() == ([], [])
    second = Looker()
    parts = train(tmp_path / "parts", second)
    assert [state.step for state in second.states] == list(range(4, STEPS + 1))
    assert parts.modulation.read_bytes() == whole.modulation.read_bytes()
    assert not (styles / "my-leaves.training").exists()


def test_a_finished_style_is_found_and_refused_where_it_does_not_fit(tmp_path: Path) -> None:
    style = train(tmp_path, Looker(), steps=1)
    library = ModelLibrary(user_folder=tmp_path / "styles")
    assert library.user_styles() == ([style], [])
    preset = library.style("my-leaves")
    assert preset.title == "My leaves" and preset.gamma.shape == (preset.network.channels,)
    assert style.thumbnail is not None
    with pytest.raises(StyleError, match="already"):
        train(tmp_path, Looker())
    record = style.folder / "style.json"
    good = record.read_text("utf-8")
    record.write_text(json.dumps(json.loads(good) | {"network_key": "0" * 64}), "utf-8")
    with pytest.raises(ModelError, match="another version of the network"):
        library.style("my-leaves")
    record.write_text("{", "utf-8")
    with pytest.raises(StyleError, match="cannot be read"):
        library.style("my-leaves")
    found, problems = library.user_styles()
    assert not found and len(problems) == 1 and library.style(library.style_records()[0]["id"])
    record.write_text(good, "utf-8")
    style.modulation.write_bytes(style.modulation.read_bytes()[:-4] + b"\0\0\0\1")
    with pytest.raises(ModelError, match="damaged") as caught:
        library.style("my-leaves")
    assert "Train it again" in caught.value.hint


def test_a_diverging_training_stops_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="diverged") as caught:
        train(tmp_path, Looker(), steps=200, learning_rate=1e30)
    assert "--learning-rate" in caught.value.hint
    assert not (tmp_path / "styles" / "my-leaves").exists()


def test_an_unfinished_training_of_another_picture_is_not_gone_on_with(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        train(tmp_path, Looker(most=1))
    other = order(tmp_path)
    write_frame(tmp_path / "leaves.png", Frame(dead_leaves(2, 96, 128)))
    with pytest.raises(TrainingError, match="another picture"):
        train_style(other, tmp_path / "styles", ModelLibrary(), Looker())


def test_a_style_of_ones_own_is_measured_against_its_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    train(tmp_path, Looker(), steps=1)
    (tmp_path / "weights").mkdir()
    made_up_vgg(tmp_path / "weights" / "vgg19_normalised_to_relu4_1.pth")
    for number in range(2):
        write_frame(tmp_path / "clip" / f"{number}.png", Frame(dead_leaves(3, 96, 128)))
    monkeypatch.setenv("BRUSHFLOW_STYLES", str(tmp_path / "styles"))
    measured = ["evaluate", str(tmp_path / "clip"), "--style", "my-leaves", "--assets", str(tmp_path)]
    assert main(measured) == 1
    assert "--style-picture" in capsys.readouterr().err
    assert main([*measured, "--style-picture", str(tmp_path / "leaves.png")]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "source" in line)
    expected, _ = StyleMeter(tmp_path, str(tmp_path / "leaves.png")).losses(*[dead_leaves(3, 96, 128)] * 2)
    assert float(re.findall(r"[0-9.]+", row)[-1]) == pytest.approx(expected, abs=0.001)
