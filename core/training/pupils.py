# SPDX-License-Identifier: GPL-3.0-or-later
"""Painters that learn from the critic while it is still learning itself (free of bpy, needs torch).

A critic that has only seen photographs and paintings is wrong about what lies between them: a painter that follows it
goes where it was never corrected, and looks better to it than to VGG-19. So a few painters learn from the critic as it
is, and it learns from VGG-19 what is to be said of their paintings (after DAgger, Ross et al. 2011: a learner must be
taught where it itself leads to).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..styles.weights import MODELS_FOLDER
from .checkpoint import HousePainter, adopt_shipped
from .critics.distilled import Critic
from .data import read_picture, resize_short_side, to_tensor, trimmed
from .looks import ScaledTargets, perceptual_losses, scaled_targets
from .loss_network import LossNetwork
from .memory_order import in_fast_order
from .trainer import bordered, cropped, fresh_canvas

LIFE = 240
"""Steps that a painter learns before a new one takes its place with another style picture."""

_SIDE_BY_SIDE = 4  # painters at different ages: the critic must not run after one of them
_LOOK_AGAIN_EVERY = 4  # turns: what the critic says of the style picture changes slowly
_CONTENT_LAYERS = ("relu3_1", "relu4_1")
_STYLE_WEIGHT = 16.0  # of a content that counts 1; in the recipe of the house network it is 30 to 2.2
_LEARNING_RATE, _RATE_OF_A_STYLE = 1e-3, 1e-2
_SHORT_SIDE = 320


@dataclass(frozen=True)
class Lesson:
    """What a pupil painted, and after what.

    Attributes:
        paintings: (B, 3, H, W) RGB 0 … 1.
        picture: of the style, (1, 3, H, W) RGB 0 … 1.
        wanted: what the teacher sees in it, through windows as large as the paintings'.
    """

    paintings: Tensor
    picture: Tensor
    wanted: ScaledTargets


class Pupil:
    """The house network with one style, begun at the presets' mean.

    Args:
        picture: of the style, (1, 3, H, W) RGB 0 … 1.
        seed: of the canvases it paints on, and of where it is looked at.
        style_alone: only gamma and beta learn, as when an editor trains a style.
    """

    def __init__(self, picture: Tensor, seed: int, style_alone: bool = False) -> None:
        self.picture, self.style_alone = picture, style_alone
        self.age = 0
        self._painter = HousePainter(1)
        adopt_shipped(self._painter, MODELS_FOLDER, [""])
        in_fast_order(self._painter.network)
        self._painter.network.requires_grad_(not style_alone)
        own = [self._painter.gamma, self._painter.beta]
        learnt: list[dict[str, Any]] = [{"params": own, "lr": _RATE_OF_A_STYLE if style_alone else 5 * _LEARNING_RATE}]
        if not style_alone:
            learnt.append({"params": list(self._painter.network.parameters())})
        self._optimiser = torch.optim.Adam(learnt, _LEARNING_RATE, betas=(0.9, 0.99))
        self._generator = torch.Generator().manual_seed(seed)
        self._wanted: ScaledTargets = []
        self._taught: ScaledTargets = []

    def paint(self, photographs: Tensor, critic: Critic, teacher: LossNetwork) -> Lesson:
        """Paints photographs (B, 3, H, W) and learns from what the critic, not the teacher, says of it."""
        group = photographs.shape[0]
        frames = bordered(photographs)
        gamma, beta = (part.expand(group, -1) for part in (self._painter.gamma, self._painter.beta))
        canvas = fresh_canvas(frames, self._generator)
        painted = cropped(self._painter.network.paint(frames, canvas, gamma, beta, group)[0])
        # Only the painter learns here.
        critic.requires_grad_(False)
        if self.age % _LOOK_AGAIN_EVERY == 0 or not self._wanted:
            self._wanted = scaled_targets(self.picture, critic, painted.shape[-1])
        if not self._taught:
            self._taught = scaled_targets(self.picture, teacher, painted.shape[-1])
        style, content = perceptual_losses(
            painted, photographs, critic, [self._wanted], _CONTENT_LAYERS, self._generator
        )
        loss = (_STYLE_WEIGHT * torch.log1p(style) + content).mean()
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._painter.parameters(), 5.0)
        self._optimiser.step()
        critic.requires_grad_(True)
        self.age += 1
        return Lesson(painted.detach().clamp(0, 1), self.picture, self._taught)


class Pupils:
    """A few painters in turn, each with a style picture from a folder; new ones for those that have lived. Every other
    one learns gamma and beta alone.

    Args:
        folder: of style pictures, JPEG, in folders or not.
        seed: of which picture is whose.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self._files = sorted(folder.rglob("*.jpg"))
        self._random = np.random.default_rng(seed)
        self._turns = self._in_turn()

    def paint(self, photographs: Tensor, critic: Critic, teacher: LossNetwork) -> Lesson:
        """What the next painter makes of photographs (B, 3, H, W); it learns from the critic by it."""
        return next(self._turns).paint(photographs, critic, teacher)

    def _in_turn(self) -> Iterator[Pupil]:
        there: list[Pupil] = []
        while True:
            for place in range(_SIDE_BY_SIDE):
                if place == len(there):
                    there.append(self._new(place))
                    there[place].age = place * LIFE // _SIDE_BY_SIDE
                elif there[place].age >= LIFE:
                    there[place] = self._new(place)
                yield there[place]

    def _new(self, place: int) -> Pupil:
        file = self._files[self._random.integers(len(self._files))]
        picture = to_tensor(resize_short_side(trimmed(read_picture(file)), _SHORT_SIDE))
        return Pupil(picture, int(self._random.integers(2**31)), style_alone=place % 2 == 1)
