"""Units and offsets change the density by their Jacobian alone; extremes are finite or refused."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_linnerud,
    load_wine,
)
from sklearn.decomposition import PCA
from sklearn.model_selection import KFold, cross_val_score

from skgen import FactorAnalysis, ProbabilisticPCA
from skgen.exceptions import HeywoodWarning

MODELS = [
    ProbabilisticPCA(2),
    ProbabilisticPCA(),
    ProbabilisticPCA("mle"),
    FactorAnalysis(2),
    FactorAnalysis(),
    FactorAnalysis(2, rotation="oblimin", scores="bartlett"),
]


@pytest.fixture
def X(rng):
    X = rng.standard_normal((150, 2)) @ rng.standard_normal((2, 7))
    return X + rng.uniform(0.6, 1.2, 7) * rng.standard_normal(X.shape)


def with_gaps(X, rng):
    return np.where(rng.random(X.shape) < 0.15, np.nan, X)


def density(model, X, scale):
    """Mean log density of X in the units in which the scale of each column is one."""
    return model.fit(X).score(X) + np.sum(~np.isnan(X) * np.log(scale)) / len(X)


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("model", MODELS, ids=str)
def test_one_unit_for_all_columns(model, gaps, X, rng):
    X = with_gaps(X, rng) if gaps else X
    expected, Z = density(model, X, np.ones(7)), model.transform(X)
    for c in (1e-15, 1e-7, 1e15):
        assert density(model, c * X + 3 * c, np.full(7, c)) == pytest.approx(expected, abs=1e-4)
        np.testing.assert_allclose(model.transform(c * X + 3 * c), Z, atol=1e-2)


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("model", MODELS[3:], ids=str)
def test_a_unit_for_each_column(model, gaps, X, rng):
    """Loadings, rotated ones too, and scores do not depend on the units of single columns."""
    X = with_gaps(X, rng) if gaps else X
    expected, Z, L = density(model, X, np.ones(7)), model.transform(X), model.components_
    for j in (0, 3):
        for c in (1e-15, 1e-6, 1e15):
            scale = np.where(np.arange(7) == j, c, 1.0)
            assert density(model, X * scale, scale) == pytest.approx(expected, abs=1e-4)
            np.testing.assert_allclose(model.transform(X * scale), Z, atol=1e-2)
            np.testing.assert_allclose(model.components_ / scale, L, atol=1e-2)


TABLES = [load_iris, load_wine, load_breast_cancer, load_diabetes, load_linnerud, load_digits]


@pytest.mark.parametrize("load", TABLES, ids=lambda f: f.__name__)
def test_no_raw_table_is_less_likely_than_under_pca(load):
    X = load().data
    n, d = X.shape
    folds = KFold(5, shuffle=True, random_state=0)
    for k in sorted({1, d // 2, d - 1} - {0, d, 63}):
        ours, theirs = ProbabilisticPCA(k), PCA(k, svd_solver="full")
        assert ours.fit(X).score(X) >= theirs.fit(X).score(X) - 1e-9
        assert ProbabilisticPCA(k).fit(X.astype(np.float32)).score(X) >= theirs.score(X) - 1e-3
        # PCA divides by n - 1: held-out rows far from the others gain by the wider model.
        gap = cross_val_score(ours, X, cv=folds) - cross_val_score(theirs, X, cv=folds)
        assert gap.mean() >= -5 * d / n


def test_the_default_scores_raw_breast_cancer_as_pca_does():
    X = load_breast_cancer().data
    folds = KFold(5, shuffle=True, random_state=0)
    best = cross_val_score(PCA(20, svd_solver="full"), X, cv=folds).mean()
    assert best == pytest.approx(25.06, abs=0.01)
    assert cross_val_score(ProbabilisticPCA(), X, cv=folds).mean() > best


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_squares_beyond_the_range_are_refused(model, X, rng):
    for rows in (X, with_gaps(X, rng)):
        with pytest.raises(
            ValueError, match=r"values up to .*e\+30.; divide|squares leave the range"
        ):
            model.fit(1e300 * rows)
        with pytest.raises(ValueError, match="X varies by less than .* in column 0, 1, .*multiply"):
            model.fit(1e-300 * rows)


@pytest.mark.parametrize("c", [1e-37, 1e37])
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("model", MODELS, ids=str)
def test_float32_at_the_ends_of_its_range(model, gaps, c, X, rng):
    X = with_gaps(X, rng) if gaps else X
    expected = density(model, X, np.ones(7))
    small = (c * X).astype(np.float32)
    assert density(model, small, np.full(7, c)) == pytest.approx(expected, abs=1e-3)
    assert np.isfinite(model.sample(10, random_state=0)).all()
    assert np.std(model.transform(small)) > 0.5


def test_wide_float32_rows_at_the_ends_of_its_range(rng):
    X = rng.standard_normal((20, 40))
    expected = density(ProbabilisticPCA(2), X, np.ones(40))
    for c in (1e-37, 1e37):
        small = (c * X).astype(np.float32)
        assert density(ProbabilisticPCA(2), small, np.full(40, c)) == pytest.approx(expected)


def test_the_noise_goes_down_to_the_rounding_of_the_data(rng):
    signal = rng.standard_normal((300, 2)) @ rng.standard_normal((2, 6))
    X = signal + 1e-5 * rng.standard_normal(signal.shape)
    for rows in (X, X.astype(np.float32)):
        assert ProbabilisticPCA(2).fit(rows).noise_variance_ == pytest.approx(1e-10, rel=0.1)
    with pytest.warns(
        HeywoodWarning, match="2 of 6 dimensions .* held at the rounding of the data"
    ):
        floor = ProbabilisticPCA(2).fit(signal).noise_variance_
    assert 0 < floor < 1e-12
    with pytest.warns(HeywoodWarning, match="held at noise_floor"):
        ProbabilisticPCA(2, noise_floor=1e-3).fit(X)


def test_a_constant_column_of_large_numbers_has_no_scale(X):
    for offset in (0.0, 0.1, 1e9):
        whole = np.column_stack([X, np.full(len(X), offset)])
        model = FactorAnalysis(2).fit(whole)
        typical = np.median(X.var(axis=0))
        assert model.noise_variance_[7] == pytest.approx(1e-4 * typical)


def test_no_warning_of_overflow_reaches_the_user(X, rng):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        for rows in (X, with_gaps(X, rng)):
            ProbabilisticPCA().fit((1e37 * rows).astype(np.float32)).score(rows)
