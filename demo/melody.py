# SPDX-License-Identifier: GPL-3.0-or-later
"""The sound of the demo clip, made by arithmetic: a plucked melody over soft chords, then the sea (free of bpy)."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float64]

RATE = 48_000
BEAT = 0.3125  # eight notes to each 2.5 s shot

# (MIDI note or None for a rest) by eighth notes: shot 1 in D major, shot 2 in B minor, resting on D.
TUNE = (74, 78, 81, 78, 83, 81, 78, 76, 74, 78, 76, 73, 71, 73, 74, None)
CHORDS = ((50, 57, 66), (55, 59, 62), (47, 54, 62), (50, 57, 66))


def write_melody(path: Path, seconds: float) -> None:
    """Writes ``seconds`` of stereo sound, 16 bit at 48 kHz, to a WAV file."""
    sound = np.zeros((2, int(seconds * RATE) + 3 * RATE))
    for step, note in enumerate(TUNE):
        if note is not None:
            _add(sound, step * BEAT, 0.34 * _pluck(note, 1.6, seed=step), pan=0.35 + 0.3 * (step % 2))
    for bar, chord in enumerate(CHORDS):
        for voice, note in enumerate(chord):
            _add(sound, bar * 4 * BEAT + 0.02 * voice, 0.20 * _pluck(note, 2.4, seed=90 + note), 0.3 + 0.2 * voice)
            _add(sound, bar * 4 * BEAT, 0.035 * _pad(note + 12, 4 * BEAT + 0.5), 0.7 - 0.2 * voice)
    _add(sound, seconds / 2 - 0.1, 0.11 * _surf(seconds / 2 + 0.4), 0.5)
    sound = _room(sound)[:, : int(seconds * RATE)]
    fade = int(0.35 * RATE)
    sound[:, -fade:] *= np.cos(np.linspace(0, np.pi / 2, fade)) ** 2
    samples = (sound / np.abs(sound).max() * 0.7 * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.T.tobytes())


def _pluck(note: int, seconds: float, seed: int) -> Sound:
    """A plucked string (Karplus and Strong 1983): a burst of noise that circulates through a softening loop."""
    exact = RATE / (440 * 2 ** ((note - 69) / 12))
    period = round(exact)
    string = np.random.default_rng(seed).uniform(-1, 1, period)
    for _ in range(2):  # a soft finger, not a plectrum
        string = (string + np.roll(string, 1)) / 2
    turns = []
    for _ in range(int(seconds * RATE / period) + 3):
        turns.append(string)
        string = 0.996 * (0.5 * string + 0.5 * np.roll(string, 1))
    turned = np.concatenate(turns)
    tuned = np.arange(int(seconds * RATE)) * (period + 0.5) / exact  # the loop's filter delays by half a sample
    sound = np.interp(tuned, np.arange(len(turned)), turned)
    plucked: Sound = sound * np.minimum(1, np.arange(len(sound), 0, -1) / (0.2 * RATE))
    return plucked


def _pad(note: int, seconds: float) -> Sound:
    """A quiet sustained voice that swells and dies away."""
    time = np.arange(int(seconds * RATE)) / RATE
    pitch = 440 * 2 ** ((note - 69) / 12)
    voice = sum(np.sin(2 * np.pi * pitch * h * (1 + d) * time) / h**2 for h in (1, 2, 3) for d in (-0.001, 0.001))
    swelling: Sound = voice * np.sin(np.pi * time / seconds) ** 2
    return swelling


def _surf(seconds: float) -> Sound:
    """Waves on a shore: noise that has lost its highs, coming and going."""
    count = int(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(1).normal(size=count))
    pitch = np.fft.rfftfreq(count, 1 / RATE)
    noise = np.fft.irfft(spectrum / (1 + (pitch / 500) ** 1.3) * (pitch > 60), count)
    time = np.arange(count) / RATE
    swell = 0.35 + 0.65 * np.sin(np.pi * time / 1.9) ** 2
    surf: Sound = noise / np.abs(noise).max() * 3 * swell * np.minimum(1, time / 0.4)
    return surf


def _room(sound: Sound) -> Sound:
    """Adds the sound of a small hall: decaying noise as the room's answer, another for each ear."""
    rng = np.random.default_rng(5)
    length = int(1.1 * RATE)
    decay = np.exp(-np.arange(length) / (0.28 * RATE))
    size = sound.shape[1] + length
    wet = [
        np.fft.irfft(np.fft.rfft(ear, size) * np.fft.rfft(rng.normal(size=length) * decay, size), size) for ear in sound
    ]
    hall = np.stack(wet)[:, : sound.shape[1]]
    heard: Sound = sound + 0.16 * hall / np.abs(hall).max() * np.abs(sound).max()
    return heard


def _add(sound: Sound, start: float, voice: Sound, pan: float) -> None:
    begin = int(start * RATE)
    end = min(begin + len(voice), sound.shape[1])
    sound[0, begin:end] += (1 - pan) * voice[: end - begin]
    sound[1, begin:end] += pan * voice[: end - begin]
