# SPDX-License-Identifier: GPL-3.0-or-later
"""The model cards: what a model was made from and what it is good for, in Markdown (free of bpy, needs torch)."""

from __future__ import annotations

import json
from pathlib import Path

import cv2

from ..paint.house_network import CHANNELS, HouseNetwork
from .looks import CLOSE_LOOK
from .recipe import Recipe, StyleSource
from .trainer import NOISE

_HOUSE = """# The house network

One small network that paints frames in any of its styles; a style is one scale and one shift per normalised channel.

- **Architecture:** `core/paint/house_network.py`, {parameters} parameters and {channels} normalised channels. Residual
  layout after Johnson et al. 2016, conditional instance normalisation after Dumoulin et al. 2017.
- **Licence:** GPL-3.0-or-later, like the project. Trained from nothing; no weights of others are inside.
- **Weights:** float16, SHA-256 `{digest}`.
- **Command:** `python -m core.training.train --recipe core/training/recipes/house.toml --assets ASSETS --out RUN`, then
  `python -m core.training.export --run RUN --models models --thumbnail demo/clip.mp4 --frame 40`. Seed {seed}.

## Data

- Photographs: 3,117 JPEGs with a short side of 256 pixels: Open Images by way of the NIPS 2017 set (CC BY), a sample
  of ImageNet and BSDS500 (research use), COCO (Flickr, Creative Commons mix), houses (not stated), clothing (CC0).
- Judge: VGG-19 (Simonyan and Zisserman 2014, CC BY 4.0), normalised after Gatys et al., to relu4_1. Used in training
  only, not shipped.
- Styles: {styles}, each with its own card.

## Training

{crops:,} crops of {crop} pixels in {steps:,} steps, {minutes:.0f} minutes on two processor cores shared with
other work. Losses, all relative to the size of their target:

- style, weight {style}, of the logarithm of 1 + loss: Gram matrix, mean and deviation of relu1_1 to relu4_1, of a
  window of {close} pixels at full scale, and of all at half and at quarter scale, over {group} crops of a
  photograph together; the style picture is seen through windows of the same size;
- content, weight {content}: {content_layers} at half scale, each channel's mean and contrast set aside;
- noise, weight {noise}: mean squared difference of the painting of a frame with noise of up to {most_noise} on it;
- motion, weight {motion}: the same from the painting carried along motion that is made up and so known exactly, hidden
  places left out;
- halo, weight {halo}: how far the painting swings beyond both sides of strong contours, at full and at half size;
- contour, weight {contour}: what no line in the frame's brightness explains of the painting, along strong contours;
- total variation, weight {variation}.

| style | style loss | content loss |
|---|---|---|
{table}

Means over the last {last} logged steps, on training crops. The root mean squared change was {noise_levels:.1f} of 255
levels under noise and {motion_levels:.1f} under motion.

## Measured

OpenCV {opencv} against PyTorch on random frames, largest difference: painted {painted:.1e}; statistics, relative:
mean {mean:.1e}, variance {variance:.1e}.

{notes}"""


def house_card(recipe: Recipe, run: Path, differences: dict[str, float], digest: str) -> str:
    """The card of the house network: recipe, the run's log, what the export measured, and the run's notes.md.

    The notes are what somebody saw in the paintings and no figure says; a run without them has none.
    """
    notes = run / "notes.md"
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    facts = json.loads((run / "checkpoint.json").read_text(encoding="utf-8"))
    recent = lines[-25:]

    def mean_of(name: str) -> float:
        values = [line[name] for line in recent if name in line]
        return float(sum(values) / len(values)) if values else float("nan")

    shipped = [style for style in recipe.styles if style.shipped]
    table = "\n".join(
        f"| {style.title} | {mean_of(f'style.{style.id}'):.3f} | {mean_of(f'content.{style.id}'):.3f} |"
        for style in shipped
    )
    weights = recipe.loss_weights
    return _HOUSE.format(
        parameters=f"{sum(p.numel() for p in HouseNetwork().parameters()):,}",
        channels=CHANNELS,
        digest=digest,
        seed=recipe.seed,
        styles=", ".join(style.title for style in shipped),
        crops=int(facts["crops"]),
        crop=recipe.crop,
        steps=int(facts["step"]),
        minutes=facts["seconds"] / 60,
        style=weights.style,
        close=CLOSE_LOOK,
        group=recipe.crops_per_style,
        content=weights.content,
        content_layers=", ".join(recipe.content_layers),
        noise=weights.noise,
        most_noise=NOISE,
        motion=weights.motion,
        variation=weights.total_variation,
        contour=weights.contour,
        halo=weights.halo,
        table=table,
        last=20 * len(recent),
        noise_levels=255 * mean_of("noise") ** 0.5,
        motion_levels=255 * mean_of("motion") ** 0.5,
        opencv=cv2.__version__,
        notes=notes.read_text(encoding="utf-8") if notes.is_file() else "",
        **differences,
    )


def style_card(style: StyleSource) -> str:
    """The card of one style."""
    return (
        f"# {style.title}\n\n"
        f"- **Artist:** {style.artist}\n- **Year:** {style.year}\n- **Source:** {style.source}\n"
        f"- **Licence of the work:** {style.licence}\n- **Network:** house, see `../house/CARD.md`\n"
        f"- **Learnt at:** {style.short_side} pixels on its shorter side\n\n"
        "The picture itself is not shipped, only one scale and one shift per channel learnt from it.\n"
    )
