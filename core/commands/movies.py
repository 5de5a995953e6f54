# SPDX-License-Identifier: GPL-3.0-or-later
"""Movies for the command line: into pictures and back, sound copied. Needs PyAV; Blender never comes here."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from av.video.reformatter import ColorRange

from ..errors import MediaError
from ..storage.frames import Clip, Frame, write_frame
from ..storage.whole_file import write_whole
from .yuv import to_rgb, to_yuv

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from numpy.typing import NDArray

MOVIE_SUFFIXES = (".mp4", ".mov", ".mkv", ".m4v", ".avi", ".webm", ".mpg", ".mpeg", ".ogv")
_FACTS = "facts.json"
_UNSPECIFIED = 2  # of a colour space, primaries or transfer curve (ITU-T H.273)


@dataclasses.dataclass(frozen=True)
class ExtractedMovie:
    """A movie as pictures.

    Attributes:
        clip: its frames.
        times: presentation time of each frame, in units of ``time_base`` seconds.
        time_base: seconds of one unit.
        rate: frames a second, on average.
        span: which frames of the movie these are: the first, and the one to stop before (None = the end).
        colours: its colour matrix, primaries and transfer curve, as numbers of ITU-T H.273; 2 = unspecified.
    """

    clip: Clip
    times: tuple[int, ...]
    time_base: Fraction
    rate: Fraction
    span: tuple[int, int | None] = (0, None)
    colours: tuple[int, ...] = (_UNSPECIFIED,) * 3

    @property
    def start(self) -> int:
        """Time that was cut off in front, in units of ``time_base``; from the first frame on, nothing is."""
        return self.times[0] if self.span[0] > 0 else 0

    def shows(self, seconds: Fraction) -> bool:
        """Whether what is heard then belongs to these frames; a whole movie keeps all of its sound."""
        if self.span[0] > 0 and seconds < self.start * self.time_base:
            return False
        return self.span[1] is None or seconds < self.times[-1] * self.time_base + 1 / self.rate


def is_movie(path: Path) -> bool:
    """Whether the name is a movie's."""
    return path.suffix.lower() in MOVIE_SUFFIXES


def extract_movie(
    path: Path, folder: Path, span: tuple[int, int | None] = (0, None), seen: Callable[[int], None] = lambda _: None
) -> ExtractedMovie:
    """Decode a movie into PNG files; what an interrupted call left complete is used again.

    Args:
        folder: where the pictures go, one folder for each movie and span.
        span: first frame, and the frame to stop before (None = the end).
        seen: told how many frames are done.

    Raises:
        MediaError: not a movie, or no frames in the span.
    """
    facts = folder / _FACTS
    if facts.is_file():
        record = json.loads(facts.read_text())
    else:
        record = _decode(path, folder, span, seen)
        write_whole(facts, json.dumps(record).encode())
    names = [_name(i) for i in range(len(record["times"]))]
    clip = Clip.from_folder(folder, names)
    time_base, rate = Fraction(record["time_base"]), Fraction(record["rate"])
    return ExtractedMovie(clip, tuple(record["times"]), time_base, rate, span, tuple(record["colours"]))


def write_movie(path: Path, frames: Iterable[Frame], movie: ExtractedMovie, sound_from: Path | None) -> None:
    """Encode frames as H.264 with the times of ``movie``, and copy the sound of ``sound_from`` bit for bit.

    Raises:
        MediaError: the movie cannot be written, or its container cannot hold the sound.
    """
    partial = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        with av.open(str(partial), "w") as output:
            _encode(output, frames, movie, sound_from)
        partial.replace(path)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise MediaError(
            f"Cannot write {path} ({error}).", "Check the folder; .mkv holds every kind of sound, .mp4 does not."
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _decode(path: Path, folder: Path, span: tuple[int, int | None], seen: Callable[[int], None]) -> dict[str, object]:
    first, stop = span
    times: list[int] = []
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            for index, picture in enumerate(container.decode(stream)):
                if stop is not None and index >= stop:
                    break
                if index < first:
                    continue
                # A phone held upright stores its pictures lying, with the turn that rights them.
                rgb = np.rot90(_pixels(picture), picture.rotation // 90)
                write_frame(folder / _name(len(times)), Frame(np.ascontiguousarray(rgb, np.uint8)))
                times.append(picture.pts if picture.pts is not None else index)
                seen(len(times))
            if not times:
                raise MediaError(f"{path} has no frame from {first} on.", "Choose another range.")
            rate = stream.average_rate or Fraction(24)
            codec = stream.codec_context
            colours = [int(codec.colorspace), int(codec.color_primaries), int(codec.color_trc)]
            return {"times": times, "time_base": str(stream.time_base), "rate": str(rate), "colours": colours}
    except (av.FFmpegError, IndexError) as error:
        raise MediaError(f"{path} cannot be read as a movie ({error}).", "Check the path and the file.") from error


def _pixels(picture: av.VideoFrame) -> NDArray[np.uint8]:
    """(H, W, 3) RGB of a decoded frame; the most usual kind exactly, any other as FFmpeg converts it."""
    usual = picture.format.name == "yuv420p" and picture.width % 2 == 0 and picture.height % 2 == 0
    if usual and picture.color_range != ColorRange.JPEG:
        return to_rgb(np.asarray(picture.to_ndarray(), np.uint8), int(picture.colorspace))
    return np.asarray(picture.to_ndarray(format="rgb24"), np.uint8)


def _encode(output: OutputContainer, frames: Iterable[Frame], movie: ExtractedMovie, sound_from: Path | None) -> None:
    height, width = movie.clip.read(0).size
    video = output.add_stream("libx264", rate=movie.rate, options={"crf": "14", "preset": "medium"})
    # 4:2:0 needs even sides; an odd one is kept by 4:4:4, so that the picture's size never changes.
    halved = height % 2 == 0 and width % 2 == 0
    video.pix_fmt = "yuv420p" if halved else "yuv444p"
    video.width, video.height = width, height
    video.codec_context.time_base = movie.time_base
    codec = video.codec_context
    codec.colorspace, codec.color_primaries, codec.color_trc = movie.colours
    codec.color_range = ColorRange.MPEG
    with av.open(str(sound_from)) if sound_from else contextlib.nullcontext() as sound_container:
        sound = sound_container.streams.audio[0] if sound_container and sound_container.streams.audio else None
        target = output.add_stream_from_template(sound) if sound else None
        for time, frame in zip(movie.times, frames, strict=True):
            planes = to_yuv(frame.rgb, movie.colours[0], halved=halved)
            picture = av.VideoFrame.from_ndarray(planes, format=video.pix_fmt)
            picture.pts, picture.time_base = time - movie.start, movie.time_base
            output.mux(video.encode(picture))
        output.mux(video.encode(None))
        if sound and target and sound_container:
            _copy_sound(sound_container, sound, target, output, movie)


def _copy_sound(
    container: InputContainer,
    sound: AudioStream,
    target: AudioStream,
    output: OutputContainer,
    movie: ExtractedMovie,
) -> None:
    """Copy the packets that are heard while the frames are seen."""
    assert sound.time_base is not None
    shift = round(movie.start * movie.time_base / sound.time_base)
    for packet in container.demux(sound):
        if packet.dts is None or packet.pts is None:
            continue
        if movie.shows(packet.pts * sound.time_base):
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            packet.stream = target
            output.mux(packet)


def _name(index: int) -> str:
    return f"{index:06d}.png"
