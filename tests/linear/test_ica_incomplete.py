"""Independent component analysis fitted to rows with missing values."""

import numpy as np
import pytest
from scipy import stats

from skgen import ICA, ProbabilisticPCA
from skgen.linear import ica_incomplete
from skgen.metrics import amari_distance
from tests.linear.ica_sources import sources


def task(seed, n=4000, k=5):
    """Mixed rows, the mixing and other rows of the same law."""
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((k, k))
    return sources(rng, n, k) @ A.T + 3, A, sources(rng, n, k) @ A.T + 3


def with_holes(X, fraction, seed=0):
    return np.where(np.random.default_rng(seed).random(X.shape) < fraction, np.nan, X)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_tenth_missing_costs_little(seed):
    """More is known than from the complete rows alone, and nearly as much as from all."""
    X, A, test = task(seed)
    holes = with_holes(X, 0.1)
    full, ours = ICA(None).fit(X), ICA(None).fit(holes)
    few = ICA(None).fit(holes[~np.isnan(holes).any(axis=1)])
    assert amari_distance(ours.components_, A) < amari_distance(full.components_, A) + 0.001
    assert amari_distance(ours.components_, A) < amari_distance(few.components_, A)
    gaussian = ProbabilisticPCA(None).fit(X).score(test)
    assert full.score(test) - ours.score(test) < 0.02
    assert ours.score(test) > few.score(test)
    assert ours.score(test) - gaussian > 0.95 * (full.score(test) - gaussian)
    np.testing.assert_allclose(ours.mean_, X.mean(axis=0), atol=0.05)


def test_no_complete_row():
    """Each row lacks one entry, so that only draws show all features together."""
    X, A, test = task(2)
    X[np.arange(len(X)), np.random.default_rng(0).integers(0, 5, len(X))] = np.nan
    model = ICA(None).fit(X)
    assert amari_distance(model.components_, A) < 0.01
    assert model.score(test) > ProbabilisticPCA(None).fit(test).score(test) + 0.3


def test_missing_by_what_is_seen():
    """Where the second entry is missing for large first ones, its mean is not that of the seen."""
    rng = np.random.default_rng(0)
    X = sources(rng, 4000, 2) @ np.array([[1.0, 0.0], [2.0, 1.0]]).T
    holes = X.copy()
    holes[X[:, 0] > 0.3, 1] = np.nan
    assert np.nanmean(holes[:, 1]) < X[:, 1].mean() - 0.3
    assert ICA(None).fit(holes).mean_[1] == pytest.approx(X[:, 1].mean(), abs=0.15)


def test_draws_have_the_law_of_what_is_missing():
    """One round of draws under the true model: as if nothing had been missing."""
    X, _, _ = task(3, n=3000, k=2)
    model = ICA(None).fit(X)
    truth = ica_incomplete.Model(model.mean_, model.components_, 0.0, model._density)
    drawn = model.sample(3000, random_state=0)
    holes = drawn.copy()
    holes[::2, 0] = np.nan
    holes[1::4, 1] = np.nan
    rows = ica_incomplete.rows_of(holes, None)
    full, weight = rows.completed(truth, 20, 1)
    assert weight.sum() == 3000
    for w in ([1.0, 0.0], [0.0, 1.0], [1.0, -1.0], [1.0, 1.0]):
        assert stats.ks_2samp(full @ w, model.sample(6000, random_state=1) @ w).pvalue > 1e-3


def test_several_draws_share_the_weight_of_their_row():
    X, _, _ = task(3, n=60)
    rows = ica_incomplete.rows_of(with_holes(X, 0.2), np.linspace(1, 2, 60))
    model = ica_incomplete.Model(
        X.mean(axis=0), np.eye(5), 0.0, ica_incomplete.source_density.standard_normal(5)
    )
    full, weight = rows.completed(model, 0, 1, 4)
    n_open = rows.is_open.sum()
    assert len(full) == 60 + 3 * n_open
    assert weight.sum() == pytest.approx(90)
    draws = full[60 - n_open :].reshape(4, n_open, 5)
    open_rows = rows.X[rows.is_open]
    assert (np.ptp(draws, axis=0)[np.isnan(open_rows)] > 0).all()
    np.testing.assert_array_equal(draws[2][~np.isnan(open_rows)], open_rows[~np.isnan(open_rows)])


@pytest.mark.parametrize("options", [{"n_components": 3}, {"fun": "fitted"}], ids=str)
def test_rows_in_another_order_and_other_units(options):
    X, _, _ = task(4, n=600)
    holes = with_holes(X, 0.1)
    holes[3] = np.nan  # says nothing, and counts for nothing
    order = np.random.default_rng(0).permutation(len(X))
    options = {"n_components": None, "tol": 1e-8, **options}
    a = ICA(**options).fit(holes)
    b = ICA(**options).fit(np.delete(holes, 3, axis=0))
    c = ICA(**options).fit(holes[order])
    np.testing.assert_allclose(a.components_, b.components_, atol=1e-8)
    np.testing.assert_allclose(a.components_, c.components_, atol=1e-6)
    if options["n_components"] is None:
        units = np.array([1e-3, 1.0, 1e4, 7.0, 1.0])
        d = ICA(**options).fit(holes * units)
        np.testing.assert_allclose(a.components_, d.components_ * units, rtol=1e-4, atol=1e-5)


def test_weights_are_repetitions_nearly():
    """The draws of repeated rows differ, as those of different rows do."""
    X, _, test = task(5, n=1500)
    holes = with_holes(X, 0.1)
    w = np.random.default_rng(0).integers(0, 3, len(X))
    a = ICA(None).fit(holes, sample_weight=w)
    b = ICA(None).fit(holes.repeat(w, axis=0))
    assert a.score(test) == pytest.approx(b.score(test), abs=0.01)
    c = ICA(None).fit(holes, sample_weight=w / 10)
    assert c.score(test) == pytest.approx(a.score(test), abs=0.01)


def test_number_of_sources_is_chosen_with_holes():
    rng = np.random.default_rng(0)
    X = 3 * sources(rng, 2000, 3) @ np.linalg.qr(rng.standard_normal((8, 8)))[0][:3]
    X += 0.3 * rng.standard_normal(X.shape)
    model = ICA("auto").fit(with_holes(X, 0.1))
    assert model.n_components_ == 3
    assert model.noise_variance_ == pytest.approx(0.09, rel=0.1)


def test_verbs_take_what_the_fit_takes():
    X, _, _ = task(6, n=800)
    holes = with_holes(X, 0.1).astype(np.float32)
    model = ICA(None).fit(holes)
    full = model.impute(holes)
    assert full.dtype == np.float32
    # The mean of the sources given what is seen is that of the filled row: unmixing is linear.
    np.testing.assert_allclose(model.transform(holes), model.transform(full), atol=1e-5)
    model.partial_fit(X[:100].astype(np.float32))
    constant = np.column_stack([holes, np.where(np.arange(800) % 3, 7.0, np.nan)])
    with pytest.warns(UserWarning, match="5 directions of 6 dimensions"):
        filled = ICA(None).fit(constant).impute(constant)
    np.testing.assert_allclose(filled[:, 5], 7, rtol=1e-4)
