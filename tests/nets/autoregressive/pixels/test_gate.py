"""The gate against its formula, and its written derivative against finite differences."""

import pytest
import torch

from skgen.nets.autoregressive.pixels.gate import gate


@pytest.mark.parametrize("shape", [(3, 4), (2, 6, 3, 2)], ids=str)
def test_a_gate_is_its_formula(shape):
    maps = torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    a, b = maps.chunk(2, 1)
    torch.testing.assert_close(gate(maps), 2 * torch.tanh(a) * torch.sigmoid(2 * b))
    assert torch.autograd.gradcheck(gate, (maps.requires_grad_(),))
