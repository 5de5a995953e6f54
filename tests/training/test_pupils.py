# SPDX-License-Identifier: GPL-3.0-or-later
"""Painters that learn from the critic while it learns: they follow it, leave it as it is, and make room for others."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from core.styles.weights import MODELS_FOLDER  # noqa: E402
from core.training import pupils  # noqa: E402
from core.training.critics.distilled import Critic, distilled  # noqa: E402
from core.training.looks import scaled_targets  # noqa: E402
from core.training.losses import style_loss, style_target  # noqa: E402
from core.training.practice import dead_leaves  # noqa: E402
from core.training.pupils import Pupil, Pupils  # noqa: E402


def made_picture(seed: int, height: int, width: int) -> np.ndarray:
    return np.asarray(dead_leaves(seed, height, width), np.uint8)


def as_tensor(seed: int, height: int, width: int) -> torch.Tensor:
    return torch.from_numpy(made_picture(seed, height, width)).permute(2, 0, 1)[None].float() / 255.0


@pytest.fixture
def critic() -> Critic:
    return distilled(MODELS_FOLDER / "critic" / "weights.safetensors", torch.float32).requires_grad_(True)


@pytest.mark.parametrize("style_alone", [False, True])
def test_a_pupil_comes_nearer_to_its_picture_in_the_critics_eyes(critic: Critic, style_alone: bool) -> None:
    picture, photographs = as_tensor(1, 96, 128), torch.cat([as_tensor(seed, 64, 64) for seed in (2, 3)])
    before = {name: value.clone() for name, value in critic.state_dict().items()}
    pupil = Pupil(picture, seed=4, style_alone=style_alone)
    teacher = distilled(MODELS_FOLDER / "critic" / "pictures.safetensors", torch.float32)

    def style_of(painted: torch.Tensor) -> float:
        with torch.no_grad():
            seen, wanted = critic(painted), critic(picture)
        return sum(float(style_loss(seen[layer], [style_target(wanted[layer])], 2)) for layer in seen)

    lessons = [pupil.paint(photographs, critic, teacher) for _ in range(25)]
    paintings = [lesson.paintings for lesson in lessons]
    assert paintings[0].shape == photographs.shape and not paintings[0].requires_grad
    assert style_of(paintings[-1]) < 0.8 * style_of(paintings[0])
    by_teacher = scaled_targets(picture, teacher, 64)
    for seen, there in zip(lessons[-1].wanted, by_teacher, strict=True):
        assert all(torch.equal(seen[layer].gram, there[layer].gram) for layer in there)
    assert all(torch.equal(value, before[name]) for name, value in critic.state_dict().items())
    assert all(parameter.requires_grad and parameter.grad is None for parameter in critic.parameters())


def test_one_that_has_lived_makes_room(tmp_path: Path, critic: Critic, monkeypatch: pytest.MonkeyPatch) -> None:
    """Styles far apart in colour: whose turn it is shows in what is painted after a few steps."""
    for number in range(6):
        (tmp_path / "art").mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / "art" / f"{number}.jpg"), made_picture(number, 120, 160))
    monkeypatch.setattr(pupils, "LIFE", 3)
    made: list[Pupil] = []

    class Counted(Pupil):
        def __init__(self, picture: torch.Tensor, seed: int, style_alone: bool = False) -> None:
            super().__init__(picture, seed, style_alone)
            made.append(self)

    monkeypatch.setattr(pupils, "Pupil", Counted)
    those = Pupils(tmp_path, seed=5)
    photographs = as_tensor(7, 32, 32)
    for _ in range(16):
        those.paint(photographs, critic, critic)
    assert len(made) > 4, "some have lived"
    assert max(pupil.age for pupil in made) == 3, "none learns on for ever"
    assert {pupil.style_alone for pupil in made} == {False, True}, "some learn the style alone, some all"
    assert len({float(pupil.picture.mean()) for pupil in made}) > 1, "their pictures differ"
    assert min(pupil.picture.shape[-2:][0] for pupil in made) >= 256
