"""Moving averages of weights."""

import copy

import pytest
import torch
from torch import nn

from skgen.nets.averaging import AveragedNet


def test_a_network_that_learns_is_averaged_and_its_average_goes_on_after_a_copy():
    module = AveragedNet(nn.Linear(1, 1))
    module.net.weight.data.fill_(1.0)
    module.averaged_net.weight.data.fill_(0.0)
    after = module.averager(0.5)
    after()  # a first average forgets nine tenths of the start
    assert float(module.averaged_net.weight) == pytest.approx(0.9)
    module.n_updates += 100
    after()
    assert float(module.averaged_net.weight) == pytest.approx(0.95)
    later = copy.deepcopy(module)
    later.averager(0.5)()
    assert float(later.averaged_net.weight) == pytest.approx(0.975)
    assert float(module.averaged_net.weight) == pytest.approx(0.95)
    assert not any(weight.requires_grad for weight in module.averaged_net.parameters())
    assert torch.equal(module.net.weight, torch.ones(1, 1))
