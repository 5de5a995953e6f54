# SPDX-License-Identifier: GPL-3.0-or-later
"""Movies into pictures and back: colours and orientation stay."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np
import pytest
from made_clips import texture

from core.commands.movies import extract_movie
from core.commands.yuv import to_rgb, to_yuv

# Known colours of BT.601 and BT.709 in limited range (ITU-R BT.601-7 and BT.709-6, 8 bit): (R, G, B) -> (Y, U, V).
KNOWN = [
    (6, (255, 255, 255), (235, 128, 128)),
    (6, (0, 0, 0), (16, 128, 128)),
    (6, (255, 0, 0), (81, 90, 240)),
    (1, (255, 0, 0), (63, 102, 240)),
    (1, (0, 0, 255), (32, 240, 118)),
]


@pytest.mark.parametrize(("matrix", "rgb", "yuv"), KNOWN)
def test_known_colours_become_the_standards_planes(matrix: int, rgb: tuple[int, ...], yuv: tuple[int, ...]) -> None:
    picture = np.full((2, 2, 3), rgb, np.uint8)
    planes = to_yuv(picture, matrix, halved=False)
    assert [int(plane[0, 0]) for plane in planes] == list(yuv)


@pytest.mark.parametrize("matrix", [1, 2, 6, 9])
def test_there_and_back_shifts_no_colour(matrix: int) -> None:
    ramp = np.arange(0, 256, 2, np.uint8)
    picture = np.dstack([np.tile(channel, (64, 1)) for channel in (ramp, ramp[::-1], ramp // 2 + 60)])
    back = to_rgb(to_yuv(picture, matrix, halved=True), matrix).astype(int)
    error = (back - picture)[:, 2:-2]
    assert np.abs(error.mean(axis=(0, 1))).max() < 0.35  # no darkening: rounding down would be 0.5 and more
    assert np.abs(error).max() <= 4  # one step of U is up to 2.1 steps of blue; both chroma planes round


def test_a_movie_held_upright_is_turned(tmp_path: Path) -> None:
    lying = texture(48, 64)
    lying[:10, :10] = 255
    path = tmp_path / "phone.mp4"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        output.mux(stream.encode(av.VideoFrame.from_ndarray(lying, format="rgb24")))
        output.mux(stream.encode(None))
    data = bytearray(path.read_bytes())
    place = data.index(b"tkhd") + 44  # the display matrix of the track header (ISO/IEC 14496-12, section 8.3.2)
    data[place : place + 36] = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    path.write_bytes(data)
    upright = extract_movie(path, tmp_path / "frames").clip.read(0).rgb
    assert upright.shape == (64, 48, 3)
    assert upright[:8, -8:].mean() > 200 > upright[:8, :8].mean()
