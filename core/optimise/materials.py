# SPDX-License-Identifier: GPL-3.0-or-later
"""Assembles what the quality Master paints with, as the settings ask for it (free of bpy, needs torch)."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch

from ..errors import SettingsError
from ..estimators import estimator_of
from ..paint.choice import make_painter
from ..paint.torch_engine import working_device
from ..settings import StylizeSettings, picture_of
from ..styles.any_picture import read_any_picture
from ..styles.weights import ModelLibrary
from ..training.critics.choice import open_loss_network
from ..training.data import resize_short_side, to_tensor
from .brush import MasterBrush, MasterPlan
from .clip import Materials
from .targets import Targets, read_targets, targets_of

TARGETS, CRITIC = "critic/targets.safetensors", "critic/pictures.safetensors"
"""In the models folder: what the presets' pictures leave in the critic, and the critic's weights."""

OWN_NETWORK = "distilled-pictures"
"""The loss network that the targets were made with."""

_SHORT_SIDE = 400  # of a picture whose strokes are taken over, as most presets were learnt at


def master_materials(settings: StylizeSettings, library: ModelLibrary, plan: MasterPlan) -> Materials:
    """Painter, brush and flow for these settings.

    Raises:
        SettingsError: the style's picture is needed and not at hand, or there is no such loss network.
        BrushflowError: the style, a model or the device is missing or damaged.
    """
    # Where OpenCV paints as fast, it leaves torch's threads to the optimisation.
    house = make_painter(dataclasses.replace(settings, engine="opencv", device="auto", settling="surfaces"), library)
    targets = style_targets(settings.style, library, plan)
    brush = MasterBrush(plan, targets, working_device(settings.device), settings.stability)
    return Materials(house, brush, estimator_of(settings), house.brush_size)


def style_targets(style: str, library: ModelLibrary, plan: MasterPlan) -> Targets:
    """What paintings in a style are compared with; errors as of ``master_materials``."""
    picture = picture_of(style)
    if picture is not None:
        return targets_of_picture(picture, plan)
    library.style(style)  # an unknown one is told as everywhere
    if plan.loss_network != OWN_NETWORK:
        raise SettingsError(
            f"The picture of {style!r} is not at hand, and what is kept of it serves the project's own loss network "
            f"alone, not {plan.loss_network!r}.",
            "Name the picture itself as the style, or leave the loss network out.",
        )
    if style not in {record["id"] for record in library.style_records()}:
        raise SettingsError(
            f"The picture that your style {style!r} was learnt from is not kept with it.",
            "Name that picture itself as the style, or choose the quality Final.",
        )
    return read_targets(library.shipped_file(TARGETS), style, library.shipped_file(CRITIC))


def targets_of_picture(picture: Path, plan: MasterPlan) -> Targets:
    """What any picture leaves in the plan's loss network. Raises ``MediaError`` where it cannot be a style."""
    values = to_tensor(resize_short_side(read_any_picture(picture), _SHORT_SIDE))
    # Once, and for the whole clip: exactly.
    return targets_of(values, open_loss_network(plan.loss_network, plan.assets, torch.float32))
