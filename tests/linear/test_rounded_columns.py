"""Mixtures of factor analyzers of columns that were rounded to a step."""

import numpy as np
import pytest

from skgen import MixtureOfFactorAnalyzers
from skgen.linear.mixtures.rows import rounding_variance

COUNTED = 3  # the column of counts


def with_rare_counts(n=300, seed=0):
    """Rows of two clusters in three columns, and counts: a sixtieth is 1, the others 0."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((n, COUNTED)) * [1.0, 0.5, 2.0] + 6 * (np.arange(n)[:, None] % 2)
    return np.column_stack([rows, np.arange(n) % 60 == 7])


def with_holes(X, share):
    return np.where(np.random.default_rng(0).random(X.shape) < share, np.nan, X)


def mixture(**options):
    return MixtureOfFactorAnalyzers(2, 1, random_state=0, **options)


def test_rounding_brings_the_variance_that_sheppard_found():
    x = np.random.default_rng(0).normal(100.0, 3.0, 20000)
    steps = np.array([0.25, 1.0, 3.0])
    X = steps * np.round(x[:, None] / steps)
    expected = steps**2 / 12
    np.testing.assert_allclose(np.mean((X - x[:, None]) ** 2, axis=0), expected, rtol=0.05)
    for table in (X, X.astype(np.float32), with_holes(X, 0.2)):
        np.testing.assert_allclose(rounding_variance(table), expected, rtol=1e-4)


def test_neither_continuous_nor_constant_columns_have_a_step():
    x = np.random.default_rng(0).normal(100.0, 3.0, 2000)
    X = np.column_stack([x, np.full(len(x), 7.0)])
    for table in (X, X.astype(np.float32), X[:20]):
        np.testing.assert_array_equal(rounding_variance(table), 0.0)


@pytest.mark.parametrize("holes", [0.0, 0.1])
@pytest.mark.parametrize("shared", [False, True])
def test_the_step_of_a_column_bounds_its_noise(shared, holes):
    step, floor = 4.0, 0.25
    X = step * with_holes(with_rare_counts(), holes)
    # The variance of the column would bound it less.
    assert np.nanvar(X[:, COUNTED]) < step**2 / 12
    model = mixture(shared_noise=shared, prior_weight=0, noise_floor=floor).fit(X)
    least = floor * step**2 / 12
    np.testing.assert_allclose(model.noise_variance_[:, COUNTED].min(), least)
    if not holes:
        more = step * with_rare_counts(seed=1)
        more[:, COUNTED] = 0.0
        model.partial_fit(more)
        np.testing.assert_allclose(model.noise_variance_[:, COUNTED].min(), least)


def test_units_of_rounded_columns_change_nothing():
    X = with_rare_counts()
    X[:, 0] = np.round(X[:, 0])
    scale, shift = np.linspace(0.3, 70.0, COUNTED + 1), np.linspace(-5.0, 9.0, COUNTED + 1)
    a, b = mixture().fit(X), mixture().fit(X * scale + shift)
    np.testing.assert_allclose(b.noise_variance_, a.noise_variance_ * scale**2, rtol=1e-5)
    expected = a.score_samples(X) - np.log(scale).sum()
    np.testing.assert_allclose(b.score_samples(X * scale + shift), expected, atol=1e-4)
