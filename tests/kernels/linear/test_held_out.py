"""Held-out choice of a dimension against refitting and scoring by hand."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from skgen.kernels.linear import held_out, ppca
from skgen.kernels.linear.spectrum import top_eigenpairs
from skgen.kernels.moments import moments


@pytest.fixture
def X(rng):
    X = rng.standard_normal((400, 3)) @ rng.standard_normal((3, 8)) * 2
    return X + rng.standard_normal(X.shape) + 5


def test_curve_is_the_score_of_each_refit(X):
    train, test = moments(X[:300]), moments(X[300:])
    values, axes = top_eigenpairs(train.covariance, 8)
    E = held_out.spread_around(train, test)
    energies = np.einsum("kd,kd->k", axes @ E, axes)
    curve = held_out.log_likelihood_curve(values, energies, values.sum(), np.trace(E), 8, 1e-12)
    for k in range(1, 8):
        sigma2, scales = ppca.closed_form(values[:k], values.sum(), 8, 1e-12)
        C = (axes[:k].T * scales**2) @ axes[:k] + sigma2 * np.eye(8)
        expected = multivariate_normal(train.mean, C).logpdf(X[300:]).mean()
        assert curve[k - 1] == pytest.approx(expected)


def floor_of(values, total):
    return 1e-12 * max(total, 1e-300)


def fold_moments(X, weight=None):
    return held_out.fold_moments(X, weight, held_out.fold_basis(X, weight))


def test_planted_dimension(X):
    assert held_out.dimension(fold_moments(X), floor_of) == 3


def test_gram_and_moments_choose_alike(rng):
    X = rng.standard_normal((60, 4)) @ rng.standard_normal((4, 80)) * 3
    X += rng.standard_normal(X.shape)
    folds = held_out.fold_of_rows(X)
    Y = X - X.mean(0)
    by_gram = held_out.dimension_of_gram(Y @ Y.T, np.ones(60), folds, floor_of, 80)
    assert by_gram == held_out.dimension(fold_moments(X), floor_of) == 4


def test_folds_ignore_order_and_hold_equal_rows_together(X, rng):
    folds = held_out.fold_of_rows(X)
    order = rng.permutation(len(X))
    np.testing.assert_array_equal(held_out.fold_of_rows(X[order]), folds[order])
    assert np.bincount(folds).min() > 100
    basis = held_out.fold_basis(X)
    more = held_out.fold_of_rows(np.vstack([X, -0.0 * X, 0.0 * X]), basis)
    np.testing.assert_array_equal(more[:400], folds)
    assert len(set(more[400:])) == 1


def test_folds_ignore_units_and_take_weights_for_repeats(X, rng):
    X[rng.random(X.shape) < 0.1] = np.nan
    folds = held_out.fold_of_rows(X)
    for scale in (1e-15, 1e15, 10.0 ** rng.integers(-15, 16, 8)):
        np.testing.assert_array_equal(held_out.fold_of_rows(scale * X + 3 * scale), folds)
    weight = rng.integers(1, 4, len(X))
    weighted = held_out.fold_of_rows(X, held_out.fold_basis(X, weight.astype(float)))
    repeated = held_out.fold_of_rows(np.repeat(X, weight, axis=0))
    np.testing.assert_array_equal(np.repeat(weighted, weight), repeated)


def test_folds_of_a_stream_that_begins_with_one_row(X):
    basis = held_out.fold_basis(X[:1])
    assert np.bincount(held_out.fold_of_rows(X, basis)).min() > 80


def test_nothing_to_hold_out_gives_one():
    X = np.ones((5, 3))
    nothing = np.zeros((2, 2)), np.ones(2), np.zeros(2, int)
    assert held_out.dimension(fold_moments(X), floor_of) == 1
    assert held_out.dimension_of_gram(*nothing, floor_of, 3) == 1


def test_gram_side_scores_as_the_covariance_side(rng):
    """Both sides see the same curve, so they agree at every size, weighted or not."""
    for seed in range(10):
        X = np.random.default_rng(seed).standard_normal((24, 30)) * 0.8 ** np.arange(30)
        weight = rng.integers(1, 4, 24).astype(float)
        folds = held_out.fold_of_rows(X, held_out.fold_basis(X, weight))
        Y = X - 1.5
        got = held_out.dimension_of_gram(Y @ Y.T, weight, folds, floor_of, 30)
        assert got == held_out.dimension(fold_moments(X, weight), floor_of)


def test_a_dip_does_not_hide_the_best_size():
    def score(k):
        return 3.5 if k == 1 else 5.0 - abs(k - 13)

    assert held_out.best_size(score, 20, growth=1.5) == 13
    assert held_out.best_size(lambda k: -abs(k - 50), 70, growth=1.5) == 50
    assert held_out.best_size(lambda k: 0.0, 9, growth=1.5) == 1
    near = held_out.best_size(lambda k: -abs(k - 50), 70, growth=1.5, resolution=4)
    assert abs(near - 50) <= 12
