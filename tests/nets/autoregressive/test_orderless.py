"""The orderless network against truth: integrals, closed forms and Jacobians."""

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from skgen.nets.autoregressive import logistics, walk
from skgen.nets.autoregressive.layout import Layout
from skgen.nets.autoregressive.linear_given import LinearGiven
from skgen.nets.autoregressive.objective import negative_log_likelihood
from skgen.nets.autoregressive.orderless import OrderlessNet
from skgen.nets.autoregressive.squash import squashed, unsquashed


def numbers(*values):
    return torch.tensor(values, dtype=torch.float64)


def make_net(real=2, grid=1, bits=1, sizes=(3,), k=1, spread=0.7):
    """A net of random weights in float64, columns in the order of their kinds."""
    rng = np.random.default_rng(0)
    ends = np.cumsum([0, real, grid, bits, len(sizes)])
    where = [np.arange(a, b) for a, b in zip(ends[:-1], ends[1:])]
    layout = Layout(
        n_columns=int(ends[-1]),
        real=where[0],
        grid=where[1],
        bits=where[2],
        categories=where[3],
        half_cell=np.full(grid, 0.25),
        low=np.full(grid, -1.0),
        high=np.full(grid, np.inf),
        heap_step=np.full(grid, 1.5),
        heap_start=np.full(grid, 0.5),
        spread=np.full(grid, 0.4),
        sizes=np.array(sizes, dtype=int),
        least=np.full(real + grid, -50.0),
        greatest=np.full(real + grid, 50.0),
    )
    d = real + grid
    linear = 0.1 * rng.standard_normal(d), rng.standard_normal((k, d)), rng.uniform(0.3, 1, d)
    first = [0.2] * bits, [np.log(rng.dirichlet(np.ones(n))) for n in sizes]
    torch.manual_seed(0)
    net = OrderlessNet(layout, (7, 5), "tanh", 3, linear, *first).double()
    with torch.no_grad():
        for p in net.parameters():
            p.add_(spread * torch.randn_like(p))
    return net.requires_grad_(False)


def log_mass(x, half, location, scale, is_low=False, is_high=False):
    """Of one logistic distribution, for several values; a density where half is 0."""
    ends = (torch.full(x.shape, end) for end in (is_low, is_high))
    n_real = len(x) if half == 0 else 0
    cells = logistics.Cells(x, numbers(half).expand(len(x)), *ends, n_real)
    location, log_scale = numbers(location), numbers(scale).log()
    one = torch.zeros(1, len(x), dtype=torch.float64)
    return logistics.LogMixture.apply(one, one + location, one + log_scale, cells)


def test_cells_of_a_logistic_distribution():
    edges, law = np.arange(-3, 3.25, 0.5), stats.logistic(0.3, 0.2)
    x = torch.tensor((edges[:-1] + edges[1:]) / 2)
    np.testing.assert_allclose(log_mass(x, 0.25, 0.3, 0.2).exp(), np.diff(law.cdf(edges)), 1e-9)
    np.testing.assert_allclose(log_mass(x, 0.0, 0.3, 0.2), law.logpdf(x), rtol=1e-9)
    low, high = log_mass(x, 0.25, 0.3, 0.2, True), log_mass(x, 0.25, 0.3, 0.2, False, True)
    np.testing.assert_allclose(low.exp(), law.cdf(edges[1:]), rtol=1e-9)
    np.testing.assert_allclose(high.exp(), law.sf(edges[:-1]), rtol=1e-9)


def test_narrow_and_far_cells_keep_their_digits():
    narrow = log_mass(numbers(2.0), 1e-9, 0.0, 1.0)
    assert narrow.item() == pytest.approx(stats.logistic.logpdf(2.0) + np.log(2e-9), rel=1e-7)
    far = log_mass(numbers(900.0), 0.5, 0.0, 1.0)
    # F(900.5) - F(899.5) = exp(-899.5) - exp(-900.5), both 1 in float64.
    assert far.item() == pytest.approx(-899.5 + np.log1p(-np.exp(-1)), rel=1e-12)


def test_gradients_of_a_mixture_are_those_of_differences():
    torch.manual_seed(1)
    x = numbers(-60.0, 0.1, -1.0, 0.5, 2.0, 100.0).expand(4, 6)
    half, open_end = numbers(0.0, 0.0, 0.25, 0.25, 0.25, 0.25), torch.zeros(4, 6, dtype=torch.bool)
    is_low, is_high = open_end.clone(), open_end.clone()
    is_low[:2, 2], is_high[1:3, 4:] = True, True
    cells = logistics.Cells(x, half, is_low, is_high, 2)
    parts = [torch.randn(4, 3, 6, dtype=torch.float64, requires_grad=True) for _ in range(3)]
    found = torch.autograd.gradcheck(lambda *p: logistics.LogMixture.apply(*p, cells), parts)
    assert found


@pytest.mark.parametrize(
    ("low", "high"), [(-np.inf, np.inf), (0.0, np.inf), (-np.inf, 1.0), (0.0, 1.0)]
)
def test_mean_of_a_logistic_variable_between_ends(low, high):
    law = stats.logistic(0.4, 0.8)
    grid = law.ppf((np.arange(200_000) + 0.5) / 200_000)
    found = logistics.mean_within(
        numbers(low), numbers(high), numbers(0.4), torch.log(numbers(0.8))
    )
    assert found.item() == pytest.approx(np.clip(grid, low, high).mean(), abs=1e-4)


def test_draws_have_the_moments_of_the_mixture():
    logits, location, scale = numbers(0.0, 1.0), numbers(-2.0, 3.0), numbers(0.5, 0.2)
    generator = torch.Generator().manual_seed(0)
    parts = (t.unsqueeze(1).expand(2, 40_000) for t in (logits, location, scale.log()))
    draws = logistics.draw(*parts, numbers(-50.0), numbers(50.0), generator)
    p = logits.softmax(0)
    mean = p @ location
    variance = p @ (location**2 + (scale * logistics.SD) ** 2) - mean**2
    assert draws.mean() == pytest.approx(mean.item(), abs=0.05)
    assert draws.var() == pytest.approx(variance.item(), rel=0.03)


def test_draws_within_ends_are_those_of_the_truncated_law():
    generator, one = torch.Generator().manual_seed(0), torch.zeros(1, 40_000, dtype=torch.float64)
    draws = logistics.draw(one, one + 1.0, one, numbers(-1.0), numbers(2.0), generator)
    law = stats.logistic(1.0)
    p = law.cdf([-1.0, 2.0])
    assert stats.kstest(draws.numpy(), lambda x: (law.cdf(x) - p[0]) / (p[1] - p[0])).pvalue > 1e-3
    far = logistics.draw(one, one + 500.0, one, numbers(-1.0), numbers(2.0), generator)
    assert (far == 2.0).all()


def test_linear_conditionals_are_those_of_the_gaussian():
    rng = np.random.default_rng(1)
    mean, W, psi = rng.standard_normal(5), rng.standard_normal((2, 5)), rng.uniform(0.2, 1, 5)
    C = W.T @ W + np.diag(psi)
    x = rng.standard_normal((4, 5))
    given = rng.random((4, 5)) < [[0.0], [0.4], [0.8], [1.0]]
    found = LinearGiven(mean, W, psi).double()(torch.tensor(x), torch.tensor(given).double())
    for row in range(3):
        on = given[row]
        gain = C[:, on] @ np.linalg.inv(C[np.ix_(on, on)]) if on.any() else np.zeros((5, 0))
        expected = mean + gain @ (x[row, on] - mean[on])
        variance = np.diag(C - gain @ C[on])
        np.testing.assert_allclose(found[0][row, ~on], expected[~on], rtol=1e-5)
        np.testing.assert_allclose(2 * found[1][row, ~on], np.log(variance[~on]), atol=1e-5)


def test_squashing_is_undone():
    x = torch.linspace(-90, 90, 999, dtype=torch.float64, requires_grad=True)
    u = squashed(x)
    (slope,) = torch.autograd.grad(u.sum(), x)
    back, log_stretch = unsquashed(u)
    np.testing.assert_allclose(back.detach(), x.detach(), rtol=1e-12)
    np.testing.assert_allclose(log_stretch.detach(), -slope.log(), atol=1e-12)


def test_a_column_depends_on_what_is_given_alone():
    net = make_net()
    x = torch.randn(6, 5, dtype=torch.float64)
    x[:, 3], x[:, 4] = 1.0, 2.0
    given = torch.tensor([[1.0, 0.0, 1.0, 0.0, 0.0]]).double().expand(6, 5)

    def parameters(rows):
        h, inputs, mean, log_sd = net.features(rows, given)
        return torch.cat([net.head(h), inputs @ net.direct.T, mean, log_sd], 1).sum(0)

    jacobian = torch.autograd.functional.jacobian(parameters, x).abs().sum((0, 1))
    assert (jacobian[[0, 2]] > 0).all()
    assert (jacobian[[1, 3, 4]] == 0).all()


def test_one_column_at_a_time_equals_all_at_once():
    net = make_net()
    x = torch.randn(6, 5, dtype=torch.float64)
    x[:, 2], x[:, 3], x[:, 4] = -1.0 + 0.5 * torch.arange(6), 1.0, 2.0
    given = torch.rand(6, 5) < 0.5
    together = net(x, given)
    parts = net.features(x, given)
    alone = [walk.log_of_column(net, parts, column, x[:, column]) for column in range(5)]
    np.testing.assert_allclose(torch.stack(alone, 1), together, rtol=1e-9)


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 2, 0, 3, 1]])
def test_probabilities_of_a_mixed_row_integrate_to_one(order):
    net = make_net(real=1, sizes=(3, 2), spread=0.3)
    cells = torch.cartesian_prod(
        torch.arange(-1, 80, 0.5), torch.arange(2.0), torch.arange(3.0), torch.arange(2.0)
    ).double()
    orders = torch.tensor([order])

    def of_slice(value):
        rows = torch.cat([torch.full((len(cells), 1), value, dtype=torch.float64), cells], 1)
        return walk.log_probability(net, rows, orders).exp().sum().item()

    total, _ = integrate.quad(of_slice, -40, 40, points=[-2, 0, 2], epsrel=1e-4)
    assert total == pytest.approx(1.0, abs=1e-4)


def test_a_mixture_of_orders_is_the_mean_of_their_probabilities():
    net, x = make_net(), torch.randn(4, 5, dtype=torch.float64)
    x[:, 2], x[:, 3], x[:, 4] = 0.5, 0.0, 1.0
    orders = torch.stack([torch.arange(5), torch.arange(5).flip(0)])
    each = [walk.log_probability(net, x, order.unsqueeze(0)).exp() for order in orders]
    both = walk.log_probability(net, x, orders).exp()
    np.testing.assert_allclose(both, (each[0] + each[1]) / 2, rtol=1e-12)


def test_the_objective_is_the_mean_over_orders():
    net, x = make_net(real=2, grid=0, bits=1, sizes=()), torch.randn(1, 3, dtype=torch.float64)
    x[:, 2] = 1.0
    masks = torch.cartesian_prod(*[torch.tensor([False, True])] * 3)[:-1]
    counts = masks.sum(1)
    # All numbers of given columns are equally likely, and so are all masks of a number.
    weight = torch.tensor([1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9, 1 / 9, 1 / 9])[
        torch.argsort(torch.argsort(counts, stable=True))
    ]
    losses = [negative_log_likelihood(net, x, mask.unsqueeze(0)).item() for mask in masks]
    orders = torch.tensor([[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
    each = [-walk.log_probability(net, x, order.unsqueeze(0)).item() for order in orders]
    assert np.dot(weight.numpy(), losses) == pytest.approx(np.mean(each), rel=1e-6)


def test_holes_are_neither_given_nor_asked_for():
    net, x = make_net(real=3, grid=0, bits=0, sizes=()), torch.randn(2, 3, dtype=torch.float64)
    x[0, 1] = torch.nan
    order = torch.tensor([[2, 1, 0]])
    skipped = walk.log_probability(net, x, order)[0]
    first = walk.log_probability(net, x[:1, [0, 1, 2]], torch.tensor([[2, 0, 1]]))[0]
    assert skipped == first
    given = torch.zeros(2, 3, dtype=torch.bool)
    whole = negative_log_likelihood(net, x[1:], given[1:])
    assert torch.isfinite(negative_log_likelihood(net, x, given))
    nothing = torch.cat([x[1:], torch.full((1, 3), torch.nan, dtype=torch.float64)])
    assert negative_log_likelihood(net, nothing, given) == pytest.approx(whole.item() / 2)
