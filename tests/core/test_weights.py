# SPDX-License-Identifier: GPL-3.0-or-later
"""The models: safetensors are read as the safetensors package reads them, and what is wrong is refused by name."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.errors import ModelError, StyleError
from core.styles.weights import MODELS_FOLDER, ModelLibrary, read_safetensors

safetensors = pytest.importorskip("safetensors.numpy", reason="the reference reader and writer")

DTYPES = [np.float64, np.float32, np.float16, np.int64, np.int32, np.uint8]
ARRAYS = st.sampled_from(DTYPES).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
)


@given(tensors=st.dictionaries(st.text(min_size=1, max_size=8).filter(lambda n: n != "__metadata__"), ARRAYS))
def test_tensors_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, tensors: dict[str, np.ndarray]
) -> None:
    path = tmp_path_factory.mktemp("weights") / "a.safetensors"
    # The package takes the bytes of an array that is not contiguous in the wrong order: not ours to test.
    ordered = {name: np.asarray(value, order="C") for name, value in tensors.items()}
    safetensors.save_file(ordered, path, metadata={"made": "by a test"})
    found = read_safetensors(path)
    assert found.keys() == ordered.keys()
    for name, value in safetensors.load_file(path).items():
        assert found[name].dtype == value.dtype and found[name].shape == value.shape
        assert found[name].tobytes() == value.tobytes()


def test_the_shipped_weights_are_read_as_the_package_reads_them() -> None:
    paths = sorted(MODELS_FOLDER.rglob("*.safetensors"))
    assert paths
    for path in paths:
        expected, found = safetensors.load_file(path), read_safetensors(path)
        assert found.keys() == expected.keys()
        assert all(np.array_equal(found[name], expected[name]) for name in expected)


def safetensors_file(path: Path, header: Any, body: bytes = bytes(16), length: int | None = None) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + body)
    return path


def entry(**changes: Any) -> dict[str, Any]:
    return {"a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]} | changes}


def test_the_hand_made_file_is_right_when_nothing_is_wrong(tmp_path: Path) -> None:
    np.testing.assert_array_equal(read_safetensors(safetensors_file(tmp_path / "a", entry()))["a"], np.zeros((2, 2)))


@pytest.mark.parametrize(
    ("header", "length"),
    [
        (entry(data_offsets=[0, 20]), None),
        (entry(data_offsets=[-4, 12]), None),
        (entry(data_offsets=[16, 0]), None),
        (entry(data_offsets=[0, 12]), None),
        (entry(data_offsets=[0]), None),
        (entry(data_offsets="no"), None),
        (entry(data_offsets=[0.0, 16.0]), None),
        (entry(shape=[2, 3]), None),
        (entry(shape=[-2, -2]), None),
        (entry(shape=[10**30, 10**30]), None),
        (entry(shape=None), None),
        (entry(dtype="F33"), None),
        (entry(dtype=[]), None),
        ({"a": {"dtype": "F32"}}, None),
        ({"a": 3}, None),
        ([], None),
        (b"not json", None),
        (b"\xff\xfe\xfd", None),
        (b"[" * 100_000, None),
        (entry(), 10**18),
        (entry(), 2**64 - 1),
        (entry(), 10),
        (entry(), 0),
    ],
)
def test_a_malformed_file_is_refused(tmp_path: Path, header: Any, length: int | None) -> None:
    path = safetensors_file(tmp_path / "bad.safetensors", header, length=length)
    with pytest.raises(ModelError, match=r"bad\.safetensors is not a valid safetensors file"):
        read_safetensors(path)


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("weights") / "x"
    path.write_bytes(data)
    with pytest.raises(ModelError):
        read_safetensors(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"gone\.safetensors cannot be read"):
        read_safetensors(tmp_path / "gone.safetensors")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the shipped models, to be damaged."""
    return Path(shutil.copytree(MODELS_FOLDER, tmp_path / "models"))


def test_every_shipped_style_loads_and_none_is_another() -> None:
    library = ModelLibrary()
    styles = [library.style(record["id"]) for record in library.style_records()]
    assert len(styles) >= 4
    assert len({style.key for style in styles}) == len({style.identifier for style in styles}) == len(styles)
    for style in styles:
        assert style.gamma.shape == style.beta.shape == (style.network.channels,)
        assert style.gamma.dtype == style.beta.dtype == np.float32
        assert np.isfinite(style.gamma).all() and np.isfinite(style.beta).all()


def test_an_unknown_style_lists_the_choices() -> None:
    library = ModelLibrary()
    with pytest.raises(StyleError, match="Unknown style 'mona-lisa'") as caught:
        library.style("mona-lisa")
    assert all(record["id"] in caught.value.hint for record in library.style_records())


@pytest.mark.parametrize("name", ["painter", "statistics", "weights"])
def test_a_changed_network_is_refused(copied: Path, name: str) -> None:
    library = ModelLibrary(copied)
    style = library.style_records()[0]
    assert library.style(style["id"])
    path: Path = getattr(library.network(style["network"]), name)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1  # one bit, in a library that has seen the right file before
    path.write_bytes(data)
    with pytest.raises(ModelError, match=rf"{path.name} is damaged") as caught:
        library.style(style["id"])
    assert "Reinstall" in caught.value.hint


def test_a_changed_style_is_refused_and_the_others_still_work(copied: Path) -> None:
    library = ModelLibrary(copied)
    first, second = library.style_records()[:2]
    path = copied / first["modulation"]
    path.write_bytes(path.read_bytes()[:-4] + b"\0\0\0\1")
    with pytest.raises(ModelError, match="damaged"):
        library.style(first["id"])
    assert library.style(second["id"]).identifier == second["id"]


def test_a_missing_model_is_named(copied: Path) -> None:
    library = ModelLibrary(copied)
    record = library.style_records()[0]
    (copied / record["modulation"]).unlink()
    with pytest.raises(ModelError, match=r"cannot be read \(No such file"):
        library.style(record["id"])


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "{}", '{"styles": 3, "networks": {}, "sha256": {}}'])
def test_a_damaged_index_is_refused(copied: Path, text: str) -> None:
    (copied / "index.json").write_text(text)
    with pytest.raises(ModelError, match=r"index\.json cannot be read"):
        ModelLibrary(copied)


def test_an_index_that_leaves_something_out_is_refused(copied: Path) -> None:
    index = json.loads((copied / "index.json").read_text("utf-8"))
    del index["networks"]["house"]["margin"]
    (copied / "index.json").write_text(json.dumps(index))
    library = ModelLibrary(copied)
    with pytest.raises(ModelError, match="margin"):
        library.style(library.style_records()[0]["id"])


def test_a_missing_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"index\.json cannot be read"):
        ModelLibrary(tmp_path)


def test_a_style_of_another_network_is_refused(copied: Path) -> None:
    """The index is right about the file's hash, but the numbers are not as many as the network has channels."""
    index = json.loads((copied / "index.json").read_text("utf-8"))
    record = index["styles"][0]
    path = copied / record["modulation"]
    safetensors.save_file({"gamma": np.ones(3, np.float32), "beta": np.ones(3, np.float32)}, path)
    index["sha256"][record["modulation"]] = hashlib.sha256(path.read_bytes()).hexdigest()
    (copied / "index.json").write_text(json.dumps(index))
    with pytest.raises(ModelError, match=f"{record['id']}.*does not fit the network"):
        ModelLibrary(copied).style(record["id"])
