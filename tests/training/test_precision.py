# SPDX-License-Identifier: GPL-3.0-or-later
"""What loss networks compute in: bfloat16 on processors that are faster with it, float32 on all others."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.training.critics.choice import open_loss_network
from core.training.critics.precision import fast_precision

CPU = torch.device("cpu")


def answer(monkeypatch: pytest.MonkeyPatch, avx512: bool, amx: bool) -> None:
    """Have the processor say so."""
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx, raising=False)


def test_a_processor_that_multiplies_matrices_in_bfloat16_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, True, True)
    assert fast_precision(CPU) is torch.bfloat16


@pytest.mark.parametrize("avx512", [True, False])
def test_other_processors_compute_in_float32(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, avx512: bool) -> None:
    answer(monkeypatch, avx512, False)
    assert fast_precision(CPU) is torch.float32
    features = open_loss_network("distilled", tmp_path)(torch.rand(1, 3, 32, 32))
    assert {values.dtype for values in features.values()} == {torch.float32}


def test_a_torch_that_cannot_be_asked_computes_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.cpu, "_is_avx512_bf16_supported", raising=False)
    monkeypatch.delattr(torch.cpu, "_is_amx_tile_supported", raising=False)
    assert fast_precision(CPU) is torch.float32


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_a_cuda_device_uses_what_it_has() -> None:
    has = torch.cuda.is_bf16_supported(including_emulation=False)
    assert fast_precision(torch.device("cuda")) is (torch.bfloat16 if has else torch.float32)
