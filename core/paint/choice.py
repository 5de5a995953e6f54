# SPDX-License-Identifier: GPL-3.0-or-later
"""Chooses and assembles the painter that the settings ask for. Free of bpy; torch only when it is chosen."""

from __future__ import annotations

from ..errors import EngineError
from ..settings import StylizeSettings, picture_of
from ..styles.weights import ModelLibrary, NetworkFiles, StylePreset
from .encode_style import style_of_picture
from .features import FeaturePainter
from .feedforward import FeedForwardPainter
from .opencv_engine import OpenCVEngine
from .painter import Engine
from .torch_engine import TorchEngine, best_device, torch_is_installed


def available_engines() -> tuple[str, ...]:
    """Names of the engines this Python can run, the always present one first."""
    return ("opencv", "torch") if torch_is_installed() else ("opencv",)


def device_in_use() -> str:
    """Where "auto" would paint here: "cpu", "cuda" or "mps". Imports torch where it is installed."""
    return best_device() if torch_is_installed() else "cpu"


def make_painter(settings: StylizeSettings, library: ModelLibrary) -> FeedForwardPainter:
    """The painter for these settings.

    Raises:
        StyleError, MediaError: the style is not known, or its picture cannot be one.
        ModelError: a model file is missing or damaged.
        EngineError: the engine or device asked for is not there.
    """
    style = find_style(settings.style, library)
    if settings.settling == "features":
        return FeaturePainter(_split_engine(settings, style.network), style, settings.brush_size, settings.clarity)
    return FeedForwardPainter(make_engine(settings, style.network), style, settings.brush_size, settings.clarity)


def find_style(style: str, library: ModelLibrary) -> StylePreset:
    """The style of an identifier or of a picture's path; errors as of ``make_painter``."""
    picture = picture_of(style)
    return library.style(style) if picture is None else style_of_picture(picture, library)


def make_engine(settings: StylizeSettings, network: NetworkFiles) -> Engine:
    """The engine for these settings. "auto" takes torch on a GPU, else OpenCV, which is faster on a processor.

    Raises:
        EngineError: the engine or the device is not there.
    """
    if settings.engine == "torch":
        return TorchEngine(network, settings.device)
    if settings.engine == "opencv":
        if settings.device not in ("auto", "cpu"):
            raise EngineError(
                f"OpenCV runs on the processor, not on {settings.device!r}.",
                "Choose the device auto, or torch as engine.",
            )
        return OpenCVEngine(network)
    is_named = settings.device not in ("auto", "cpu")  # then it is to be missed, where it is not there
    if is_named or (settings.device == "auto" and device_in_use() != "cpu"):
        return TorchEngine(network, settings.device)
    return make_engine(StylizeSettings(engine="opencv", device=settings.device), network)


def _split_engine(settings: StylizeSettings, network: NetworkFiles) -> TorchEngine:
    """The engine that can stop inside the network. OpenCV's cannot, and the shipped files are whole networks."""
    if settings.engine == "opencv":
        raise EngineError(
            "The settling features is painted with torch, not with OpenCV.",
            "Choose auto or torch as engine, or another settling.",
        )
    return TorchEngine(network, settings.device)
