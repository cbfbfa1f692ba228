"""Gibbs sampling of missing entries against integrals over a grid."""

import numpy as np
import pytest
from scipy import stats

from skgen.kernels.ica.conditional import normal, uniform
from skgen.kernels.ica.rows import complete, log_density
from skgen.kernels.ica.source_density import SourceDensity

# Two bumps far apart, and a peak with tails.
DENSITY = SourceDensity(
    np.array([0, 2, 5]),
    np.array([0.4, 0.6, 0.5, 0.3, 0.2]),
    np.array([-1.0, 0.9, 0.0, 0.2, -0.5]),
    np.array([0.2, 0.25, 0.1, 0.6, 2.0]),
)
C = np.array([[1.0, -0.4], [0.3, 0.8]])
NAN = np.nan


def conditional_on_grid(row, C, noise, density):
    """Mean and standard deviation of the one missing entry of a row."""
    t = np.linspace(-12, 12, 12_001)
    rows = np.tile(row, (len(t), 1))
    rows[:, np.isnan(row)] = t[:, None]
    log_p = log_density(rows, C, noise, density)
    p = np.exp(log_p - log_p.max())
    p /= p.sum()
    mean = p @ t
    return mean, np.sqrt(p @ (t - mean) ** 2), t, np.cumsum(p)


@pytest.mark.parametrize("row", [[0.4, NAN], [NAN, -0.7], [2.5, NAN], [NAN, 3.0]])
def test_one_missing_entry(row):
    Y = np.array([row])
    mean, sd, t, cdf = conditional_on_grid(Y[0], C, 0.0, DENSITY)
    got = complete(Y, C, 0.0, DENSITY, 20, 20_000, np.zeros(1, np.uint64))[0, 0]
    assert got[np.isnan(Y[0])][0] == pytest.approx(mean, abs=0.03 * sd)
    rows = np.tile(Y, (3000, 1))
    seeds = np.random.default_rng(0).integers(0, 2**63, 3000).astype(np.uint64)
    draws = complete(rows, C, 0.0, DENSITY, 30, 0, seeds)[1][:, np.isnan(Y[0])][:, 0]
    assert stats.kstest(draws, lambda x: np.interp(x, t, cdf)).pvalue > 1e-3


def test_fewer_sources_than_features():
    one = SourceDensity(
        np.array([0, 2]), DENSITY.weights[:2], DENSITY.centers[:2], DENSITY.widths[:2]
    )
    A = np.array([[0.6, 0.9]])
    for row in ([0.5, NAN], [NAN, -1.0]):
        Y = np.array([row])
        mean, sd, *_ = conditional_on_grid(Y[0], A, 0.3, one)
        got = complete(Y, A, 0.3, one, 20, 20_000, np.zeros(1, np.uint64))[0, 0]
        assert got[np.isnan(Y[0])][0] == pytest.approx(mean, abs=0.03 * sd)


def test_nothing_observed_is_the_model_itself():
    """Separate modes are visited by their weights, though no chain could walk between them."""
    rows = np.full((4000, 2), NAN)
    seeds = np.random.default_rng(1).integers(0, 2**63, len(rows)).astype(np.uint64)
    draws = complete(rows, C, 0.0, DENSITY, 3, 0, seeds)[1] @ C.T
    for j in range(2):
        own = DENSITY.of(j)

        def cdf(y, own=own):
            y = np.asarray(y)[:, None]
            return (
                stats.norm.cdf(y, DENSITY.centers[own], DENSITY.widths[own])
                @ (DENSITY.weights[own])
            )

        assert stats.kstest(draws[:, j], cdf).pvalue > 1e-3
    assert abs(np.corrcoef(draws.T)[0, 1]) < 0.06


def test_random_numbers():
    state = np.zeros(1, np.uint64)
    draws = np.array([uniform(state) for _ in range(20_000)])
    assert stats.kstest(draws, "uniform").pvalue > 1e-3
    draws = np.array([normal(state) for _ in range(20_000)])
    assert stats.kstest(draws, "norm").pvalue > 1e-3
    assert abs(np.corrcoef(draws[1:], draws[:-1])[0, 1]) < 0.03
