# SPDX-License-Identifier: GPL-3.0-or-later
"""Any picture is a style at once: in time, by its content, and never with an encoder that does not fit."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from made_clips import texture

from core.errors import MediaError, ModelError, StyleError
from core.paint.choice import find_style, make_painter
from core.paint.encode_style import fitted, style_of_picture
from core.settings import StylizeSettings
from core.storage.frames import Frame, write_frame
from core.styles.weights import MODELS_FOLDER, ModelLibrary


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture whose name is no ASCII."""
    path = tmp_path / "My Pictures" / "Тихая 絵.png"
    write_frame(path, Frame(texture(300, 420, 3)))
    return path


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the shipped models, to be damaged."""
    return Path(shutil.copytree(MODELS_FOLDER, tmp_path / "models"))


def test_a_picture_is_a_style_of_the_house_network(picture: Path, library: ModelLibrary) -> None:
    style = find_style(str(picture), library)
    assert (style.identifier, style.title) == ("Тихая 絵.png", "Тихая 絵")
    assert style.gamma.shape == style.beta.shape == (style.network.channels,)
    assert style.gamma.dtype == style.beta.dtype == np.float32
    assert np.isfinite(style.gamma).all() and np.isfinite(style.beta).all()
    assert style.network == library.network("house")


def test_it_is_painted_with(picture: Path, library: ModelLibrary, style: str) -> None:
    rgb = texture(120, 160, 8)
    paintings = []
    for chosen in (str(picture), style):
        painter = make_painter(StylizeSettings(style=chosen, engine="opencv"), library)
        paintings.append(painter.paint(rgb, painter.measure([rgb])))
    assert all(painted.shape == rgb.shape and painted.std() > 5 for painted in paintings)
    assert np.abs(paintings[0].astype(int) - paintings[1]).mean() > 2


def test_the_key_follows_from_the_content_not_from_the_name(picture: Path, library: ModelLibrary) -> None:
    key = style_of_picture(picture, library).key
    other_name = picture.with_name("copy.png")
    shutil.copyfile(picture, other_name)
    assert style_of_picture(other_name, library).key == key
    threads = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        assert style_of_picture(picture, library).key == key, "as many threads as there may be"
    finally:
        cv2.setNumThreads(threads)
    write_frame(other_name, Frame(texture(300, 420, 4)))
    assert style_of_picture(other_name, library).key != key


@pytest.mark.parametrize("size", [(64, 64), (64, 190), (1200, 300), (301, 299)])
def test_pictures_of_every_shape_are_encoded_whole(size: tuple[int, int], library: ModelLibrary) -> None:
    rgb = texture(*size)
    taken = fitted(rgb, 256, 8)
    height, width = taken.shape[2:]
    assert min(height, width) == 256 and height % 8 == width % 8 == 0 and taken.shape[:2] == (1, 3)
    assert abs(max(height, width) - 256 * max(size) / min(size)) <= 4
    assert taken.dtype == np.float32 and taken.min() >= 0 and taken.max() <= 1
    corners = taken[0, :, [0, 0, -1, -1], [0, -1, 0, -1]] * 255
    np.testing.assert_allclose(corners, rgb[[0, 0, -1, -1], [0, -1, 0, -1]], atol=60)


def test_a_photograph_takes_well_under_a_second(tmp_path: Path, library: ModelLibrary) -> None:
    photograph = cv2.resize(texture(300, 400, 2), (4000, 3000), interpolation=cv2.INTER_CUBIC)
    (tmp_path / "a.jpg").write_bytes(cv2.imencode(".jpg", photograph)[1].tobytes())
    seconds = []
    for _ in range(3):
        started = time.process_time()  # of all cores together, so that others who use the machine do not count
        style_of_picture(tmp_path / "a.jpg", library)
        seconds.append(time.process_time() - started)
    assert min(seconds) < 1.0, seconds


def test_a_picture_that_is_gone_or_bad_is_told(tmp_path: Path, library: ModelLibrary) -> None:
    (tmp_path / "text.jpg").write_text("no picture")
    for name, words in (("gone.jpg", "Cannot read"), ("text.jpg", "not a picture")):
        with pytest.raises(MediaError, match=words):
            find_style(str(tmp_path / name), library)


def change_index(models: Path, **changes: object) -> ModelLibrary:
    """The models with another entry of the encoder; None takes it out."""
    index = json.loads((models / "index.json").read_text("utf-8"))
    index["encoder"] |= changes
    if None in changes.values():
        del index["encoder"]
    (models / "index.json").write_text(json.dumps(index))
    return ModelLibrary(models)


def test_without_an_encoder_the_presets_remain(picture: Path, copied: Path, style: str) -> None:
    library = change_index(copied, file=None)
    with pytest.raises(StyleError, match="no style encoder") as caught:
        find_style(str(picture), library)
    assert "presets" in caught.value.hint
    assert find_style(style, library).identifier == style


def test_an_encoder_of_another_network_is_refused(picture: Path, copied: Path) -> None:
    library = change_index(copied, network_key="0" * 64)
    with pytest.raises(ModelError, match="another version of the network 'house'"):
        find_style(str(picture), library)


@pytest.mark.parametrize("changes", [{"network": "mansion"}, {"file": 3}, {"network_key": 0}])
def test_a_damaged_entry_is_refused(picture: Path, copied: Path, changes: dict[str, object]) -> None:
    with pytest.raises(ModelError):
        find_style(str(picture), change_index(copied, **changes))


def test_a_damaged_encoder_is_refused(picture: Path, copied: Path) -> None:
    file = copied / "encoder" / "encoder.onnx"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(ModelError, match=r"encoder\.onnx is damaged"):
        find_style(str(picture), ModelLibrary(copied))


@pytest.mark.parametrize("other", ["nothing", "house/statistics.onnx"])
def test_an_encoder_that_is_none_is_refused(picture: Path, copied: Path, other: str) -> None:
    """The index is right about the file's hash, but it is no encoder."""
    file = copied / "encoder" / "encoder.onnx"
    file.write_bytes((copied / other).read_bytes() if other != "nothing" else b"nothing")
    index = json.loads((copied / "index.json").read_text("utf-8"))
    index["sha256"]["encoder/encoder.onnx"] = hashlib.sha256(file.read_bytes()).hexdigest()
    (copied / "index.json").write_text(json.dumps(index))
    with pytest.raises(ModelError, match="OpenCV"):
        find_style(str(picture), ModelLibrary(copied))
