"""The particle filter over holes and its parts, against formulas and enumeration."""

import itertools

import numpy as np
import pytest
import torch

from skgen.nets.autoregressive.pixels.filling import draws_of_particles, mean_of_particles
from skgen.nets.autoregressive.pixels.lookahead import POWER, Gaussian, in_sequence, of_candidates
from skgen.nets.autoregressive.pixels.particles import raster, selected
from skgen.nets.autoregressive.pixels.values import Levels
from skgen.nets.conditions import ConditionColumns
from tests.nets.autoregressive.pixels.test_order import VALUES, channels, every_net, make

N_COPIES = 150


def source(seed=0):
    return torch.Generator().manual_seed(seed)


def covariance(d, seed=0):
    A = np.random.default_rng(seed).standard_normal((d, d))
    return A @ A.T + 0.3 * np.eye(d)


def gaussian_of(d):
    mean = torch.linspace(-1, 1, d, dtype=torch.float64)
    return Gaussian(mean, torch.linalg.inv(torch.as_tensor(covariance(d))))


@every_net
@channels
@pytest.mark.parametrize("width", [0, 4])
def test_copies_go_on_as_full_passes_would(kind, order, width):
    columns = ConditionColumns(12 * len(order), [width]) if width else None
    net = make(kind, "levels", order, columns=columns, kernels=(3, 5))
    generator = source()
    x = torch.randint(0, 4, (5, *net.image_shape), generator=generator).double()
    code = torch.randn(5, width, dtype=torch.float64) if width else None
    walk = net.walk(x, code)
    walk.skip_to(1)
    for row in range(1, 4):
        walk.begin_row(row)
        for column in range(3):
            full = net.outputs(x, code)[..., row, column]
            torch.testing.assert_close(walk.outputs(column), full)
            rows = torch.randint(0, len(x), (5,), generator=generator)
            x, code = x[rows], None if code is None else code[rows]
            walk.take(rows)
            x[:, :, row, column] = torch.randint(0, 4, x.shape[:2], generator=generator).double()
            walk.put(column, net.values.seen(x[:, :, row, column]))
            if len(order) > 1:
                full = net.outputs(x, code)[..., row, column]
                torch.testing.assert_close(walk.outputs(column), full)


def log_density(x, mean, cov):
    z = np.linalg.solve(np.linalg.cholesky(cov), x - mean)
    return -0.5 * z @ z - 0.5 * np.linalg.slogdet(2 * np.pi * cov)[1]


def conditional(x, i, given, mean, cov):
    """log N(x_i | x_given)."""
    both = [*given, i]
    whole = log_density(x[both], mean[both], cov[np.ix_(both, both)])
    return whole - log_density(x[given], mean[given], cov[np.ix_(given, given)])


def test_a_sequence_of_conditionals_is_the_density():
    cov = covariance(5)
    inverse = torch.linalg.inv(torch.as_tensor(cov))
    weight, precision = (t.numpy() for t in in_sequence(inverse))
    x = np.random.default_rng(1).standard_normal(5)
    residual = x - weight @ x
    total = 0.5 * (np.log(precision / (2 * np.pi)) - precision * residual**2).sum()
    assert total == pytest.approx(log_density(x, np.zeros(5), cov))


def test_looking_ahead_is_a_ratio_of_conditionals_that_cancels():
    cov, gaussian = covariance(6), gaussian_of(6)
    missing = torch.tensor([[False, True, False, True, True, False], [False] * 5 + [True]])
    x = torch.randn(2, 6, dtype=torch.float64, generator=source(1))
    ahead = gaussian.given(torch.where(missing, torch.nan, x), missing)
    mean, known = gaussian.mean.numpy(), [0, 2, 5]
    filled = x[:1].repeat(2, 1)
    filled[1, missing[0]] += 1.5
    owner, total = torch.zeros(2, dtype=torch.int64), torch.zeros(2, dtype=torch.float64)
    for i in range(6):
        if not missing[0, i]:
            total += ahead.of_known(filled, i)
            continue
        gain = of_candidates(filled[:, i], *ahead.at_hole(filled, owner, i))
        total += gain
        for row, found in zip(filled.numpy(), gain):
            before = list(range(i))
            told = conditional(row, i, sorted({*before, *known}), mean, cov)
            alone = conditional(row, i, before, mean, cov)
            assert found == pytest.approx(POWER * (told - alone))
    assert total[0] == pytest.approx(total[1])


def test_a_selection_keeps_the_heavy_and_is_right_on_average():
    n_rows, n_each, n_particles = 4000, 6, 4
    weight = torch.tensor([0.45, 0.02, 0.3, 0.15, 0.0, 0.08], dtype=torch.float64)
    owner = torch.arange(n_rows).repeat_interleave(n_each)
    log_weight = torch.log(weight).repeat(n_rows)
    kept, found = selected(log_weight, owner, n_particles, source())
    total = torch.zeros(n_rows * n_each, dtype=torch.float64)
    total[kept] = found.exp()
    total = total.view(n_rows, n_each)
    np.testing.assert_allclose(total.mean(0), weight, atol=4 * 0.25 * 0.5 / n_rows**0.5)
    assert (total[:, [0, 2]] == weight[[0, 2]]).all()
    assert (total[:, 4] == 0).all()
    count = (total > 0).sum(1)
    assert count.min() >= 2
    assert count.max() <= n_particles
    # Rows draw for themselves.
    assert len(torch.unique(total, dim=0)) > 2


@pytest.mark.parametrize("values", [*VALUES.values(), Levels(40)], ids=str)
def test_candidates_stand_for_the_distribution(values):
    out = torch.randn(2, values.n_outputs, dtype=torch.float64, generator=source())
    n_least = torch.tensor([3000, 2000])
    n_each, found, log_share = values.candidates(out, n_least, source())
    assert len(found) == n_each.sum()
    for row, (one, log_p) in enumerate(
        zip(found.split(n_each.tolist()), log_share.split(n_each.tolist()))
    ):
        assert log_p.exp().sum() == pytest.approx(1)
        mean = log_p.exp() @ one
        is_list = len(one) < 2000
        atol = 1e-12 if is_list else float(4 * one.std() / len(one) ** 0.5)
        assert mean == pytest.approx(float(values.mean(out[row, None, None]).sum()), abs=atol)
        if is_list:
            own = out[row, None, None, :, None].expand(len(one), -1, -1, -1)
            expected = values.log_probability(one.view(-1, 1, 1), own).flatten()
            torch.testing.assert_close(log_p, expected)


def truth(net, x, missing, code=None):
    """All fillings of one image, and their probabilities given what is known."""
    n_levels = max(2, net.values.n_outputs)
    fills = list(itertools.product(range(n_levels), repeat=int(missing.sum())))
    images = x.repeat(len(fills), 1, 1, 1)
    images[:, missing[0]] = torch.tensor(fills).double()
    code = None if code is None else code.expand(len(fills), -1)
    return net.rows(images), net(images, code).sum((1, 2, 3)).softmax(0)


def hole_problem(kind, values, order):
    """A net of conditions, an image with holes among known values, and the truth about them."""
    sides = (2, 2) if len(order) > 1 else (2, 3)
    columns = ConditionColumns(sides[0] * sides[1] * len(order), [2])
    net = make(kind, values, order, sides=sides, columns=columns)
    x = torch.randint(0, 2, (1, *net.image_shape), generator=source(5)).double()
    code = torch.tensor([[0.7, -0.4]], dtype=torch.float64)
    missing = torch.ones_like(x, dtype=torch.bool)
    missing[:, -1, -1, -1] = missing[:, 0, 0, 1] = False
    return net, (x, code, missing), *truth(net, x, missing, code)


every_problem = pytest.mark.parametrize(
    ("values", "order"), [("bits", (2, 0, 1)), ("levels", (0,))], ids=str
)


@every_net
@every_problem
def test_room_for_all_fillings_is_an_enumeration(kind, values, order):
    net, about, rows, p = hole_problem(kind, values, order)
    how = *about, len(rows), gaussian_of(rows.shape[1])
    mean = mean_of_particles(net, *how, source())[0]
    torch.testing.assert_close(mean, p @ rows)
    draws = draws_of_particles(net, 5000, source(), *how)[0]
    found = (draws.unsqueeze(1) == rows).all(2).double().mean(0)
    # Systematic: no filling is drawn once more or less often than it should be.
    assert (found - p).abs().max() < 1.001 / 5000


@every_net
@every_problem
def test_few_particles_and_single_draws_are_right_on_average(kind, values, order):
    net, about, rows, p = hole_problem(kind, values, order)
    # The filter of each copy has chances of its own.
    copies = [t.expand(N_COPIES, *t.shape[1:]) for t in about]
    how = *copies, 64, gaussian_of(rows.shape[1])
    mean, truth = mean_of_particles(net, *how, source()), p @ rows
    error = mean.std(0) / N_COPIES**0.5
    np.testing.assert_array_less((mean.mean(0) - truth).abs(), 4 * error + 0.01)
    # Of two draws the first is no other than the second.
    draws = draws_of_particles(net, 2, source(), *how)[:, 0]
    sd = (p @ rows.square() - truth.square()).clamp(0).sqrt()
    np.testing.assert_array_less((draws.mean(0) - truth).abs(), 4 * sd / N_COPIES**0.5 + 0.01)
    x, _, missing = about
    known = ~net.rows(missing)[0]
    np.testing.assert_array_equal(draws[:, known], net.rows(x)[:, known].expand(N_COPIES, -1))


def test_raster_order_has_the_channels_of_a_pixel_side_by_side():
    maps = torch.arange(12).view(1, 3, 2, 2)
    assert raster(maps)[0].tolist() == [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]
