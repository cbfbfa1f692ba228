"""What NADE and MADE have in common, against truth."""

import numpy as np
import pytest
import torch
from scipy import integrate

from skgen.nets.autoregressive import chain
from skgen.nets.autoregressive.linear_given import LinearGiven
from skgen.nets.autoregressive.made import Made
from skgen.nets.autoregressive.nade import Nade

both = pytest.mark.parametrize("Net", [Nade, Made])


def orders(d, n=3):
    return torch.stack([torch.arange(d)] + [torch.randperm(d) for _ in range(n - 1)])


def test_linear_conditionals_in_an_order_are_those_of_the_factor_model():
    rng = np.random.default_rng(1)
    parts = rng.standard_normal(6), rng.standard_normal((2, 6)), rng.uniform(0.2, 1, 6)
    given_any = LinearGiven(*parts).double()
    order, x = torch.tensor([3, 0, 5, 1, 4, 2]), torch.tensor(rng.standard_normal((7, 6)))
    found = chain.linear_in_order(given_any.mean, given_any.W, given_any.psi, order)
    given = torch.zeros(7, 6, dtype=torch.float64)
    for column in order.tolist():
        mean, log_sd = given_any(x, given)
        own = (x @ found.gain.T + found.offset)[:, column]
        # The other way keeps a product in float32.
        np.testing.assert_allclose(own, mean[:, column], atol=1e-5)
        np.testing.assert_allclose(found.log_sd[column].expand(7), log_sd[:, column], atol=1e-5)
        given[:, column] = 1


@both
@pytest.mark.parametrize("hidden", [(7,), (9, 8)])
def test_probabilities_of_all_bits_sum_to_one(Net, hidden, make_chain):
    net = make_chain(Net, real=0, grid=0, bits=10, sizes=(), hidden=hidden, spread=1.0)
    states = torch.cartesian_prod(*[torch.arange(2.0)] * 10).double()
    mixed = orders(10, 5)
    for order in mixed:
        assert net(states, order).sum(1).exp().sum() == pytest.approx(1, abs=1e-12)
    assert chain.log_probability(net, states, mixed).exp().sum() == pytest.approx(1, abs=1e-12)


@both
@pytest.mark.parametrize("number", range(3))
def test_probabilities_of_a_mixed_row_integrate_to_one(Net, number, make_chain):
    net = make_chain(Net, sizes=(3, 2))
    layout, order = net.layout, orders(5)[number]
    cells = torch.cartesian_prod(
        torch.arange(-1, 80, 0.5), torch.arange(2.0), torch.arange(3.0), torch.arange(2.0)
    ).double()
    rows = torch.zeros(len(cells), 5, dtype=torch.float64)
    rows[:, [*layout.grid, *layout.bits, *layout.categories]] = cells

    def of_slice(value):
        rows[:, layout.real] = value
        return net(rows, order).sum(1).exp().sum().item()

    total, _ = integrate.quad(of_slice, -40, 40, points=[-2, 0, 2], epsrel=1e-4)
    assert total == pytest.approx(1.0, abs=1e-4)


@both
@pytest.mark.parametrize("hidden", [(4,), (31, 23)])
def test_no_output_depends_on_its_own_or_a_later_input(Net, hidden, make_chain, rows_of):
    net = make_chain(Net, real=2, grid=2, bits=3, sizes=(), hidden=hidden, spread=1.0)
    x = rows_of(net, 5)
    seen = {}
    # What a value is likely under, and not the value, is what must not depend on it.
    net.log_probabilities = lambda x, *parts: seen.update(parts=parts) or x
    of_output = torch.cat([net.output_column, net.at_numbers, net.at_numbers])
    for order in orders(7):

        def outputs(rows, order=order):
            net(rows, order)
            return torch.cat(seen["parts"][:3] + (seen["parts"][3].expand(5, -1),), 1).sum(0)

        jacobian = torch.autograd.functional.jacobian(outputs, x).abs().sum(1)
        place = order.argsort()
        earlier = place.unsqueeze(0) < place[of_output].unsqueeze(1)
        assert (jacobian[~earlier] == 0).all()
        # The log-sd of numbers depends on how far out their means are, and mostly on nothing.
        assert (jacobian[: -net.n_numbers][earlier[: -net.n_numbers]] > 0).float().mean() > 0.7


@both
def test_what_is_behind_a_category_has_no_part_in_it(Net, make_chain, rows_of):
    net = make_chain(Net, real=1, grid=1, bits=2, sizes=(3, 4))
    x, y = rows_of(net, 8).split(4)
    for order in orders(6):
        for step, column in enumerate(order.tolist()):
            mixed = torch.where(order.argsort() <= step, x, y)
            assert torch.equal(net(mixed, order)[:, column], net(x, order)[:, column])


@both
def test_draws_have_the_entropy_of_their_density(Net, make_chain):
    net = make_chain(Net, real=0, grid=0, bits=4, sizes=(3,), spread=1.0)
    layout, order = net.layout, orders(5)[2]
    states = torch.cartesian_prod(*[torch.arange(2.0)] * 4, torch.arange(3.0)).double()
    states[:, [*layout.bits, *layout.categories]] = states.clone()
    log_p = net(states, order).sum(1)
    draws = net.draw(20_000, order, torch.Generator().manual_seed(0))
    scores = net(draws, order).sum(1)
    entropy = -(log_p.exp() * log_p).sum()
    assert -scores.mean() == pytest.approx(entropy.item(), abs=4 * scores.std().item() / 141)
    # Each state as often as its probability says.
    counts = (draws.unsqueeze(1) == states).all(2).double().mean(0)
    np.testing.assert_allclose(counts, log_p.exp(), atol=0.012)


@both
def test_draws_of_numbers_have_the_entropy_of_their_density(Net, make_chain):
    net = make_chain(Net, real=1, grid=0, bits=0, sizes=())
    x = torch.linspace(-60, 60, 60_001, dtype=torch.float64).unsqueeze(1)
    order = torch.tensor([0])
    log_p = net(x, order).sum(1)
    entropy = -(log_p.exp() * log_p).sum() * (x[1] - x[0])
    scores = net(net.draw(20_000, order, torch.Generator().manual_seed(0)), order)
    assert -scores.mean() == pytest.approx(entropy.item(), abs=4 * scores.std().item() / 141)


@both
def test_losses_are_those_of_orders(Net, make_chain, rows_of):
    net = make_chain(Net)
    x, mixed = rows_of(net, 6), orders(4)
    each = [-net(x, order).sum(1).mean().item() for order in mixed]
    generator = torch.Generator().manual_seed(0)
    losses = {chain.training_loss(net, mixed)(x, generator).item() for _ in range(40)}
    assert losses == set(each)
    fresh = {chain.training_loss(net, None)(x, generator).item() for _ in range(40)}
    assert len(fresh) > 10
    judged = chain.validation_loss(net, mixed)(x, generator)
    assert judged == pytest.approx(-chain.log_probability(net, x, mixed).mean().item())
