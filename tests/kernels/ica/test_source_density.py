"""Fitted densities of sources: proper, close to the truth, and what draws follow."""

import numpy as np
import pytest
from scipy import stats

from skgen.kernels.ica import source_density
from skgen.kernels.ica.mixture_rows import add_counts, add_log_density
from skgen.kernels.ica.rows import negentropy
from skgen.kernels.ica.source_density import CELLS, cell_places


def counts_of(Y, w=None):
    counts = np.zeros((Y.shape[1], CELLS))
    add_counts(Y, np.ones(len(Y)) if w is None else w, counts)
    return counts


def log_density(Y, density):
    out = np.zeros(len(Y))
    widths = density.widths
    add_log_density(
        Y, density.starts, np.log(density.weights / widths), density.centers, 1 / widths, out
    )
    return out


def fitted(Y):
    return source_density.fit(counts_of(Y))


LAWS = {
    "laplace": (stats.laplace(scale=0.5**0.5), 0.003),
    "normal": (stats.norm(), 0.003),
    "student": (stats.t(5, scale=0.6**0.5), 0.004),
    "uniform": (stats.uniform(-(3**0.5), 2 * 3**0.5), 0.05),
    "exponential": (stats.expon(-1), 0.08),
}


@pytest.mark.parametrize("name", LAWS)
def test_close_to_the_truth_on_other_rows(name, rng):
    law, slack = LAWS[name]
    density = fitted(law.rvs(size=(10_000, 1), random_state=rng))
    other = law.rvs(size=(20_000, 1), random_state=rng)
    loss = np.mean(law.logpdf(other[:, 0]) - log_density(other, density))
    assert loss < slack
    if name != "normal":
        gaussian = np.mean(law.logpdf(other) - stats.norm.logpdf(other))
        assert loss < 0.3 * gaussian


def test_mixtures_are_evaluated_by_their_formula(rng):
    density = fitted(rng.laplace(size=(500, 3)))
    Y = 3 * rng.standard_normal((1100, 3))
    Y[0] = 1000.0  # where every exponential underflows
    expected = np.zeros(len(Y))
    for j in range(3):
        own = density.of(j)
        parts = stats.norm.logpdf(Y[:, j, None], density.centers[own], density.widths[own])
        expected += np.logaddexp.reduce(parts + np.log(density.weights[own]), axis=1)
    np.testing.assert_allclose(log_density(Y, density), expected, rtol=1e-12)


def test_integrates_to_one(rng):
    density = fitted(rng.standard_t(3, size=(300, 1)))
    y = np.linspace(-300, 300, 200_001)
    assert np.trapezoid(np.exp(log_density(y[:, None], density)), y) == pytest.approx(1, abs=1e-9)


def test_moments_are_integrals_and_means_are_zero(rng):
    """Skewed sources have mean zero, and so have their densities."""
    S = np.stack([rng.exponential(size=800), rng.lognormal(size=800), -rng.gamma(0.5, size=800)], 1)
    density = fitted((S - S.mean(axis=0)) / S.std(axis=0))
    y = np.linspace(-150, 150, 300_001)
    mean, variance = source_density.moments(density)
    for j in range(3):
        own = density.of(j)
        parts = stats.norm.pdf(y[:, None], density.centers[own], density.widths[own])
        p = parts @ density.weights[own]
        assert mean[j] == pytest.approx(np.trapezoid(p * y, y), abs=1e-9)
        assert variance[j] == pytest.approx(np.trapezoid(p * y**2, y) - mean[j] ** 2, rel=1e-6)
    np.testing.assert_allclose(mean, 0, atol=1e-12)
    moved = density._replace(centers=density.centers + 3)
    np.testing.assert_allclose(source_density.moments(moved)[0], 3)
    np.testing.assert_allclose(source_density.moments(moved)[1], variance)


def test_counts_keep_the_total_and_nearly_the_mean(rng):
    Y = rng.laplace(size=(2000, 2)).astype(np.float32)
    Y[0], Y[1] = 1e9, -1e9
    w = rng.uniform(0.5, 2, len(Y))
    counts = counts_of(Y, w)
    np.testing.assert_allclose(counts.sum(axis=1), w.sum())
    inner = counts_of(Y[2:], w[2:])
    means = inner @ cell_places() / inner.sum(axis=1)
    np.testing.assert_allclose(means, np.average(Y[2:], axis=0, weights=w[2:]), atol=2e-3)


def test_weights_count_as_repetitions(rng):
    Y, w = rng.laplace(size=(200, 2)), rng.integers(1, 4, 200)
    a, b = source_density.fit(counts_of(Y, w.astype(float))), fitted(Y.repeat(w, axis=0))
    for x, y in zip(a, b):
        np.testing.assert_allclose(x, y, rtol=1e-8)


def test_draws_follow_the_density(rng):
    density = source_density.scaled(fitted(rng.laplace(size=(1000, 2)) ** 3), np.array([1.0, 5.0]))
    S = source_density.draw(density, 200_000, rng)
    mean, variance = source_density.moments(density)
    assert (np.abs(S.mean(axis=0) - mean) < 5 * np.sqrt(variance / len(S))).all()
    y = np.linspace(-60, 60, 24_001)
    for j in range(2):
        own = density.of(j)
        cdf = density.weights[own] @ stats.norm.cdf(
            y, density.centers[own, None], density.widths[own, None]
        )
        empirical = np.searchsorted(np.sort(S[:, j]), y) / len(S)
        assert np.abs(empirical - cdf).max() < 2.0 / np.sqrt(len(S))


def test_negentropy_is_that_of_the_law(rng):
    Y = np.stack([rng.laplace(size=50_000), rng.standard_normal(50_000)], axis=1)
    Y /= Y.std(axis=0)
    counts = counts_of(Y)
    laplace = stats.norm.entropy() - stats.laplace(scale=0.5**0.5).entropy()
    got = negentropy(source_density.fit(counts), counts)
    np.testing.assert_allclose(got, [laplace, 0.0], atol=0.01)
