import numpy as np
import pytest
import torch

from skgen.nets.boltzmann.dbm import DBM
from skgen.nets.boltzmann.rbm import RBM, GaussianRBM


def test_variances_are_kept_between_the_noise_and_that_of_the_data():
    floor = np.log([0.1, 0.5])
    net = GaussianRBM(2, 3, torch.from_numpy(floor))
    with torch.no_grad():
        net.log_variance.copy_(torch.tensor([-9.0, 9.0]))
    net.project()
    np.testing.assert_allclose(net.log_variance.detach(), [floor[0], 0], rtol=1e-6)
    # Nothing is known of the noise: any variance below one is allowed.
    free = GaussianRBM(2, 3)
    with torch.no_grad():
        free.log_variance.copy_(torch.tensor([-9.0, 9.0]))
    free.project()
    np.testing.assert_allclose(free.log_variance.detach(), [-9, 0])


def test_the_floor_of_the_noise_is_no_weight():
    assert "log_noise_floor" not in GaussianRBM(2, 3, torch.zeros(2)).state_dict()


@pytest.mark.parametrize("make", [RBM, GaussianRBM, lambda d, k: DBM((d, k))])
def test_automatic_learning_rates_fall_with_the_hidden_units(make):
    rates = [make(5, k).automatic_learning_rate(0.3) for k in (1, 100, 1000)]
    assert rates[0] <= 0.3
    assert rates[0] > rates[1] > rates[2] > 0


def test_real_valued_units_bear_less_of_a_learning_rate():
    assert RBM(5, 100).learning_rate_fraction == 1
    assert GaussianRBM(5, 100).learning_rate_fraction == 0.05
    assert GaussianRBM(5, 2).learning_rate_fraction == 0.25


def test_every_parameter_of_the_way_down_is_named():
    rows = torch.zeros(4, 5)
    for net in (RBM(5, 3), GaussianRBM(5, 3)):
        loss = net.log_visible(rows, torch.ones(4, 3)).sum()
        parameters = list(net.parameters())
        gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
        used = {id(p) for p, g in zip(parameters, gradients) if g is not None}
        assert used == {id(p) for p in net.visible_parameters()}


def test_the_loss_to_watch_of_bits_is_their_pseudo_likelihood():
    generator = torch.Generator().manual_seed(0)
    net = RBM(4, 3).requires_grad_(False)
    for parameter in net.parameters():
        parameter.normal_(0, 1, generator=generator)
    row = torch.tensor([[1.0, 0, 1, 1]])
    others = row.repeat(4, 1)
    others[range(4), range(4)] = 1 - others[range(4), range(4)]
    log_odds = net.free_energy(others) - net.free_energy(row)
    expected = -torch.nn.functional.logsigmoid(log_odds).sum()
    watched = net.loss_to_watch(row.repeat(50_000, 1), generator)
    torch.testing.assert_close(watched, expected, rtol=0.02, atol=0)
