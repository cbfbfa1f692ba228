import numpy as np
import pytest
import torch

from skgen.nets.energy.annealing import EnergyPath, forward_log_partition, reverse_log_partition
from skgen.nets.energy.hamiltonian import adapted, run, transition
from tests.boltzmann.energy.test_energies import NETS, random_net, rows


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def grid_moments(net, n=401, far=12.0):
    """log Z, mean and covariance of a density in two dimensions, by a fine grid."""
    t = torch.linspace(-far, far, n, dtype=torch.float64)
    points = torch.cartesian_prod(t, t)
    log_p = -net(points)
    log_z = torch.logsumexp(log_p, 0) + 2 * torch.log(t[1] - t[0])
    p = torch.softmax(log_p, 0)
    mean = p @ points
    return float(log_z), mean, (points.T * p) @ points - torch.outer(mean, mean)


def steep(kind, seed=0):
    """A net whose density ends within the grid."""
    net = random_net(kind, d=2, seed=seed)
    net.log_precision.clamp_(min=-1.0)
    return net


@pytest.mark.parametrize("kind", NETS)
def test_chains_have_the_moments_of_the_density(kind):
    net = steep(kind)
    _, mean, covariance = grid_moments(net)
    start, step = torch.zeros(4000, 2, dtype=torch.float64), torch.tensor(0.3, dtype=torch.float64)
    draws = torch.cat(list(run(net.slope, start, step, 120, 5, generator()))[60::10])
    error = draws.std(0) / len(draws) ** 0.5
    assert ((draws.mean(0) - mean).abs() < 5 * error).all()
    np.testing.assert_allclose(torch.cov(draws.T), covariance, atol=0.06 * float(covariance.max()))


def test_a_move_leaves_the_density_as_it_is():
    # Detailed balance: as many rows go from a cell of the plane to another as come back.
    net = steep("covariance")
    *_, v = run(net.slope, rows(2, 20000), torch.tensor(0.3).double(), 60, 4, generator())
    # A step so large that many moves are refused.
    moved, accepted = transition(net.slope, v, torch.tensor(0.9).double(), 4, generator(1))
    assert 0.2 < float(accepted) < 0.9
    before, after = ((part > 0).long() @ torch.tensor([1, 2]) for part in (v, moved))
    counts = torch.bincount(4 * before + after, minlength=16).view(4, 4)
    forth, back = counts.double(), counts.T.double()
    assert ((forth - back).abs() <= 4 * (forth + back + 1).sqrt()).all()
    assert float(forth.sum() - forth.trace()) > 1000


def test_small_steps_keep_the_total_energy():
    net, v = steep("student"), rows(2, 2000)
    rates = [
        float(transition(net.slope, v, torch.tensor(step).double(), 5, generator())[1])
        for step in (0.02, 0.3, 3.0)
    ]
    assert rates[0] > 0.999
    assert rates[0] > rates[1] > rates[2]


def test_chains_run_backwards_to_where_they_came_from():
    # Without the test, and with the last push reversed: the leapfrog is its own inverse.
    net, v = steep("spike"), rows(2, 5)
    step, push = 0.1, torch.randn(5, 2, dtype=torch.float64, generator=generator())

    def leapfrog(x, p):
        for _ in range(7):
            p = p - 0.5 * step * net.slope(x)[1]
            x = x + step * p
            p = p - 0.5 * step * net.slope(x)[1]
        return x, p

    there, faster = leapfrog(v, push)
    back, slower = leapfrog(there, -faster)
    torch.testing.assert_close(back, v, rtol=0, atol=1e-12)
    torch.testing.assert_close(-slower, push, rtol=0, atol=1e-12)
    # The chain makes the same steps.
    always = transition(net.slope, v, torch.tensor(step, dtype=v.dtype), 7, generator())[0]
    close = (always - there).abs().amax(-1) < 1e-12
    stayed = (always - v).abs().amax(-1) == 0
    assert (close | stayed).all()
    assert close.any()


def test_the_step_goes_where_nine_of_ten_are_accepted():
    net = steep("covariance")
    v, step, rates = rows(2, 500), torch.tensor(1.5).double(), []
    for _ in range(300):
        v, accepted = transition(net.slope, v, step, 5, generator(len(rates)))
        step = adapted(step, accepted)
        rates.append(float(accepted))
    assert np.mean(rates[-100:]) == pytest.approx(0.9, abs=0.03)


@pytest.mark.parametrize("kind", NETS)
def test_annealing_agrees_with_a_grid(kind):
    in_units = []
    for seed in range(4):
        net = steep(kind, seed)
        exact = grid_moments(net)[0]
        path, betas = EnergyPath(net), np.linspace(0, 1, 201).tolist()
        found, error = forward_log_partition(path, betas, 500, 2, 5, generator(seed))
        assert found == pytest.approx(exact, abs=0.05)
        in_units.append((found - exact) / error)
        step = torch.tensor(0.3, dtype=torch.float64)
        *_, v = run(net.slope, torch.zeros(500, 2).double(), step, 100, 5, generator(seed))
        backward, _ = reverse_log_partition(path, betas, v, 5, generator(seed))
        assert backward == pytest.approx(exact, abs=0.05)
    assert np.abs(in_units).max() < 3.5


def test_projected_chains_stay_on_their_flat():
    net, v = steep("student"), rows(2, 50)
    along = torch.tensor([[0.6], [0.8]], dtype=torch.float64)

    def project(rows):
        return rows @ along @ along.T

    step = torch.tensor(0.3, dtype=torch.float64)
    *_, moved = run(net.slope, v, step, 20, 5, generator(), project)
    across = torch.tensor([-0.8, 0.6], dtype=torch.float64)
    torch.testing.assert_close(moved @ across, v @ across, rtol=0, atol=1e-12)
    assert ((moved - v) @ along).abs().mean() > 0.3
