"""Slow features against known sources, their density, and sequences that end."""

from datetime import datetime

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn import config_context
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from skgen import SlowFeatureAnalysis


def waves(n=2000):
    """The two mixtures of Wiskott and Sejnowski, and the slow wave in them."""
    t = np.linspace(0, 2 * np.pi, n)
    return np.column_stack([np.sin(t) + np.cos(11 * t) ** 2, np.cos(11 * t)]), np.sin(t)


def autoregressive(n=400, autocorrelation=(0.95, 0.6, -0.4), seed=0):
    """A mixture of three autoregressions, and the sources."""
    rng = np.random.default_rng(seed)
    a = np.array(autocorrelation)
    U = rng.standard_normal((n, len(a)))
    for t in range(1, n):
        U[t] = a * U[t - 1] + np.sqrt(1 - a**2) * U[t]
    return U @ rng.standard_normal((len(a), len(a))) + 3, U


def correlation(a, b):
    return abs(np.corrcoef(a, b)[0, 1])


def test_slow_wave_of_a_quadratic_mixture():
    X, slow = waves()
    model = SlowFeatureAnalysis(1, expansion="quadratic").fit(X)
    assert correlation(model.transform(X)[:, 0], slow) >= 0.999999
    np.testing.assert_allclose(model.eta_, 1, rtol=1e-3)


def test_expansion_is_that_of_a_pipeline():
    X, _ = waves(300)
    own = SlowFeatureAnalysis(3, expansion="quadratic").fit(X)
    by_steps = make_pipeline(
        StandardScaler(), PolynomialFeatures(2, include_bias=False), SlowFeatureAnalysis(3)
    ).fit(X)
    ours, theirs = own.transform(X), by_steps.transform(X)
    np.testing.assert_allclose(own.delta_values_, by_steps[-1].delta_values_, rtol=1e-6)
    for k in range(3):
        assert correlation(ours[:, k], theirs[:, k]) > 1 - 1e-8


@pytest.mark.parametrize("n_components", [4, None])
@pytest.mark.parametrize("smooth", [False, True])
def test_fewer_rows_than_products_are_solved_by_rows(n_components, smooth):
    """The same as by the moments of products, which a linear analysis of them takes."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((70, 12))
    X = 3 + (X.cumsum(axis=0) if smooth else X)
    times = np.cumsum(rng.uniform(0.5, 2, 70))
    own = SlowFeatureAnalysis(n_components, expansion="quadratic").fit(X, times=times)
    products = PolynomialFeatures(2, include_bias=False).fit_transform(
        StandardScaler().fit_transform(X)
    )
    theirs = SlowFeatureAnalysis(n_components).fit(products, times=times)
    assert own.n_components_ == theirs.n_components_ == (n_components or 69)
    np.testing.assert_allclose(own.delta_values_, theirs.delta_values_, rtol=1e-8)
    np.testing.assert_allclose(own.eta_, theirs.eta_, rtol=1e-8)
    Z, other = own.transform(X), theirs.transform(products)
    signs = np.sign(np.sum(Z * other, axis=0))
    np.testing.assert_allclose(Z, other * signs, atol=1e-8)
    with_constant = np.column_stack([np.ones(70), Z])
    best = with_constant @ np.linalg.lstsq(with_constant, X, rcond=None)[0]
    np.testing.assert_allclose(own.inverse_transform(Z), best, atol=1e-7)
    assert own.score(X, times=times) == pytest.approx(theirs.score(products, times=times))


def test_stream_outgrows_its_products():
    """Rows are kept as long as they are fewer than the 14 products, and their moments then."""
    X, _ = autoregressive(60, (0.95, 0.8, 0.6, 0.3))
    groups = np.repeat([0, 1], [25, 35])
    stream = SlowFeatureAnalysis(3, expansion="quadratic")
    for start, end in ((0, 6), (6, 11), (11, 40), (40, 60)):
        rows = slice(start, end)
        stream.partial_fit(X[rows], groups=groups[rows])
        whole = SlowFeatureAnalysis(3, expansion="quadratic").fit(X[:end], groups=groups[:end])
        np.testing.assert_allclose(stream.delta_values_, whole.delta_values_, rtol=1e-8)
        Z, other = stream.transform(X), whole.transform(X)
        np.testing.assert_allclose(np.abs(Z), np.abs(other), atol=1e-7)
        np.testing.assert_allclose(stream.mean_, whole.mean_)
    assert len(stream._tail[0]) == 1


def test_rows_that_are_kept_are_copies():
    X, _ = autoregressive(40, (0.95, 0.8, 0.6, 0.3))
    part = X[:8].copy()
    stream = SlowFeatureAnalysis(2, expansion="quadratic").partial_fit(part)
    part[:] = 7
    stream.partial_fit(X[8:])
    whole = SlowFeatureAnalysis(2, expansion="quadratic").fit(X)
    np.testing.assert_allclose(stream.delta_values_, whole.delta_values_, rtol=1e-8)


@pytest.mark.parametrize("unit", ["s", "ms", "ns"])
def test_dates_count_in_seconds(unit):
    X, _ = autoregressive(60)
    seconds = np.cumsum(np.random.default_rng(0).integers(1, 5, 60))
    durations = (seconds * np.timedelta64(1, "s")).astype(f"timedelta64[{unit}]")
    dates = np.datetime64("2026-01-01T00:00") + durations
    by_seconds = SlowFeatureAnalysis().fit(X, times=seconds)
    for times in (dates, durations):
        model = SlowFeatureAnalysis().fit(X, times=times)
        np.testing.assert_allclose(model.delta_values_, by_seconds.delta_values_)
        assert model.time_step_ == by_seconds.time_step_
        assert model.score(X, times=times) == pytest.approx(by_seconds.score(X, times=seconds))
        scores = model.score_sequence(X, times=times)
        np.testing.assert_allclose(scores, by_seconds.score_sequence(X, times=seconds))
    stream = SlowFeatureAnalysis().partial_fit(X[:20], times=dates[:20])
    stream.partial_fit(X[20:], times=dates[20:])
    np.testing.assert_allclose(stream.delta_values_, by_seconds.delta_values_)
    with pytest.raises(ValueError, match="dates in some calls"):
        stream.partial_fit(X, times=seconds)


def test_fine_steps_far_from_the_epoch_keep_their_digits():
    X, _ = autoregressive(30)
    nanoseconds = np.arange(30) * 7
    dates = np.datetime64("2026-01-01", "ns") + nanoseconds
    model = SlowFeatureAnalysis().fit(X, times=dates)
    assert model.time_step_ == pytest.approx(7e-9)


def test_features_are_whitened_ordered_and_as_slow_as_said():
    X, _ = autoregressive()
    model = SlowFeatureAnalysis().fit(X)
    Z = model.transform(X)
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-10)
    np.testing.assert_allclose(Z.T @ Z / len(Z), np.eye(3), atol=1e-10)
    np.testing.assert_allclose((np.diff(Z, axis=0) ** 2).mean(axis=0), model.delta_values_)
    assert (np.diff(model.delta_values_) > 0).all()
    assert model.score(X) == pytest.approx(-model.delta_values_.mean())
    np.testing.assert_allclose(model.components_ @ (X - model.mean_).T, Z.T, atol=1e-10)


def test_no_direction_is_slower():
    X, _ = autoregressive()
    slowest = SlowFeatureAnalysis(1).fit(X).delta_values_[0]
    for w in np.random.default_rng(1).standard_normal((200, 3)):
        y = X @ w
        assert (np.diff(y) ** 2).mean() / y.var() >= slowest


def test_sources_and_autocorrelations_are_found():
    X, U = autoregressive(20_000)
    model = SlowFeatureAnalysis().fit(X)
    Z = model.transform(X)
    assert all(correlation(Z[:, k], U[:, k]) > 0.999 for k in range(3))
    np.testing.assert_allclose(model.autocorrelations_, [0.95, 0.6, -0.4], atol=0.02)


def test_rows_are_rebuilt():
    X, _ = autoregressive()
    model = SlowFeatureAnalysis().fit(X)
    np.testing.assert_allclose(model.inverse_transform(model.transform(X)), X)
    two = SlowFeatureAnalysis(2).fit(X)
    Z = np.column_stack([np.ones(len(X)), two.transform(X)])
    best = Z @ np.linalg.lstsq(Z, X, rcond=None)[0]
    np.testing.assert_allclose(two.inverse_transform(two.transform(X)), best, atol=1e-9)


@pytest.mark.parametrize("n_components", [1, None])
def test_density_of_a_short_sequence_is_one_normal(n_components):
    X, _ = autoregressive(300)
    model = SlowFeatureAnalysis(n_components).fit(X)
    full = SlowFeatureAnalysis().fit(X)
    seen = X[:6].copy()
    seen[2], seen[4, 1] = np.nan, np.nan
    mixing = np.linalg.inv(full.components_.T)
    apart = np.abs(np.subtract.outer(np.arange(6), np.arange(6)))
    covariance = sum(
        np.kron(np.sign(a) ** apart * np.abs(a) ** apart, np.outer(row, row))
        for a, row in zip(full.autocorrelations_, mixing)
    )
    rest = (seen - model.mean_).ravel()
    known = ~np.isnan(rest)
    truth = multivariate_normal(cov=covariance[np.ix_(known, known)]).logpdf(rest[known])
    scores = model.score_sequence(seen)
    assert scores[2] == 0
    np.testing.assert_allclose(scores.sum(), truth, rtol=1e-8)


def test_density_knows_the_units():
    X, _ = autoregressive()
    scale = np.array([10.0, 0.1, 3.0])
    ours = SlowFeatureAnalysis().fit(X).score_sequence(X)
    theirs = SlowFeatureAnalysis().fit(X * scale).score_sequence(X * scale)
    np.testing.assert_allclose(theirs, ours - np.log(scale).sum(), rtol=1e-9)


def test_true_order_is_likelier_than_another():
    X, _ = autoregressive()
    model = SlowFeatureAnalysis().fit(X)
    shuffled = X[np.random.default_rng(0).permutation(len(X))]
    assert model.score_sequence(X).sum() > model.score_sequence(shuffled).sum() + 100


def test_draws_are_a_sequence_like_the_rows():
    X, _ = autoregressive(5000)
    draws = SlowFeatureAnalysis().fit(X).sample(50_000, random_state=0)
    np.testing.assert_allclose(draws.mean(axis=0), X.mean(axis=0), atol=0.3)
    np.testing.assert_allclose(np.cov(draws.T), np.cov(X.T), atol=0.5)
    steps = [np.cov(np.diff(rows, axis=0).T) for rows in (draws, X)]
    np.testing.assert_allclose(*steps, atol=0.3)


def test_steps_never_join_two_sequences():
    X, _ = autoregressive(120)
    groups = np.repeat(["a", "b", "a"], 40)
    jump = np.repeat([[0.0], [500.0], [-500.0]], 40, axis=0)
    model = SlowFeatureAnalysis().fit(X + jump, groups=groups)
    Z = model.transform(X + jump)
    inner = np.diff(Z, axis=0)[np.arange(119) % 40 != 39]
    np.testing.assert_allclose((inner**2).mean(axis=0), model.delta_values_)
    parts = [model.score_sequence(X[part]) for part in (slice(40), slice(40, 120))]
    joined = model.score_sequence(X, groups=[0] * 40 + [1] * 80)
    np.testing.assert_allclose(joined, np.concatenate(parts))


def test_speed_is_divided_by_the_time_of_a_step():
    X, _ = autoregressive(60)
    times = np.cumsum(np.random.default_rng(0).uniform(0.5, 2, 60))
    model = SlowFeatureAnalysis(lag=2).fit(X, times=times)
    Z = model.transform(X)
    speed = (Z[2:] - Z[:-2]) / (times[2:] - times[:-2])[:, None]
    np.testing.assert_allclose((speed**2).mean(axis=0), model.delta_values_)
    assert model.score(X, times=times) == pytest.approx(-model.delta_values_.mean())
    assert (model.autocorrelations_ >= 0).all()


def test_gaps_in_time_are_rows_that_are_missing():
    X, _ = autoregressive()
    model = SlowFeatureAnalysis().fit(X)
    kept = np.random.default_rng(0).random(len(X)) < 0.7
    with_holes = np.where(kept[:, None], X, np.nan)
    by_times = model.score_sequence(X[kept], times=np.flatnonzero(kept))
    np.testing.assert_allclose(model.score_sequence(with_holes)[kept], by_times, rtol=1e-8)


@pytest.mark.parametrize("how", [{}, {"lag": 3}, {"expansion": "quadratic"}])
def test_stream_is_the_fit_of_all(how):
    X, _ = autoregressive(90)
    groups = np.repeat([0, 1], [50, 40])
    times = np.cumsum(np.random.default_rng(0).uniform(0.5, 2, 90))
    whole = SlowFeatureAnalysis(**how).fit(X, groups=groups, times=times)
    stream = SlowFeatureAnalysis(**how)
    for rows in np.split(np.arange(90), [20, 21, 48, 70]):
        stream.partial_fit(X[rows], groups=groups[rows], times=times[rows])
    np.testing.assert_allclose(stream.delta_values_, whole.delta_values_, rtol=1e-6)
    np.testing.assert_allclose(stream.eta_, whole.eta_, rtol=1e-6)
    np.testing.assert_allclose(stream.mean_, whole.mean_)
    ours, theirs = stream.transform(X), whole.transform(X)
    for k in range(len(whole.delta_values_)):
        assert correlation(ours[:, k], theirs[:, k]) > 1 - 1e-6


@pytest.mark.parametrize("late", [1e-9, 1.0, 1e9])
def test_stream_whose_column_moves_late(late):
    X, _ = autoregressive(200)
    X = X - X.mean(axis=0)
    X[:50, 1] = 0
    X[50:, 1] *= late
    whole = SlowFeatureAnalysis().fit(X)
    stream = SlowFeatureAnalysis().partial_fit(X[:50]).partial_fit(X[50:])
    assert stream.n_components_ == 3
    np.testing.assert_allclose(stream.delta_values_, whole.delta_values_, rtol=1e-5)
    np.testing.assert_allclose(stream.score_sequence(X), whole.score_sequence(X), atol=1e-3)


def test_columns_that_add_up_and_constant_ones():
    X, _ = autoregressive()
    both = np.column_stack([X, X @ [1.0, -2.0, 0.5], np.full(len(X), 7.0)])
    model = SlowFeatureAnalysis().fit(both)
    assert model.n_components_ == 3
    np.testing.assert_allclose(model.delta_values_, SlowFeatureAnalysis().fit(X).delta_values_)
    assert np.isfinite(model.score_sequence(both)).all()
    np.testing.assert_allclose(model.sample(5, random_state=0)[:, 4], 7, atol=1e-4)
    with pytest.warns(UserWarning, match="vary in 3 directions"):
        SlowFeatureAnalysis(4).fit(both)


def test_search_slices_groups_and_times():
    X, _ = autoregressive(120)
    groups, times = np.repeat(np.arange(6), 20), np.tile(np.arange(20.0), 6)
    with config_context(enable_metadata_routing=True):
        model = SlowFeatureAnalysis()
        model.set_fit_request(groups=True, times=True).set_score_request(groups=True, times=True)
        search = GridSearchCV(model, {"n_components": [1, 2, 3]}, cv=GroupKFold(3))
        search.fit(X, groups=groups, times=times)
    assert search.best_params_ == {"n_components": 1}
    train, test = next(GroupKFold(3).split(X, groups=groups))
    how = [{"groups": groups[rows], "times": times[rows]} for rows in (train, test)]
    truth = SlowFeatureAnalysis(1).fit(X[train], **how[0]).score(X[test], **how[1])
    assert search.cv_results_["split0_test_score"][0] == pytest.approx(truth)


def test_expansion_has_features_and_no_density():
    model = SlowFeatureAnalysis(2, expansion="quadratic").fit(waves(100)[0])
    assert not hasattr(model, "sample")
    assert not hasattr(model, "score_sequence")
    assert hasattr(model.set_params(expansion=None), "transform")
    # A parameter that is changed after the fit is that of the next one.
    assert not hasattr(model, "sample")
    assert model.transform(waves(100)[0]).shape == (100, 2)


@pytest.mark.parametrize(
    ("fit", "says"),
    [
        (lambda m, X: m.fit(np.ones((5, 2))), "does not vary"),
        (lambda m, X: m.fit(X, groups=np.arange(len(X))), "lag=1 apart"),
        (lambda m, X: m.fit(X, times=np.zeros(len(X))), "times must rise"),
        (lambda m, X: m.fit(X, times=np.full(len(X), np.nan)), "times holds NaN"),
        (lambda m, X: m.fit(X, times=np.full(len(X), np.datetime64("NaT"))), "times holds NaN"),
        (lambda m, X: m.fit(X, times=[datetime(2026, 1, 1)] * len(X)), "holds datetime objects"),
        (lambda m, X: m.partial_fit(X).partial_fit(X * 1e200), "leave the range of float64"),
        (
            lambda m, X: m.set_params(expansion="quadratic").partial_fit(X).partial_fit(X * 1e100),
            "leave the range of float64",
        ),
        (
            lambda m, X: m.set_params(expansion="quadratic", lag=8).fit(X[:8]),
            "lag=8 apart in 8 rows",
        ),
        (lambda m, X: m.fit(X, groups=[0, 1]), "inconsistent numbers of samples"),
        (lambda m, X: m.set_params(n_components=4).fit(X), "n_components=4 exceeds 3 columns"),
        (lambda m, X: m.partial_fit(X).partial_fit(X, groups=np.ones(len(X))), "groups are given"),
        (lambda m, X: m.partial_fit(X).set_params(lag=2).partial_fit(X), "lag=2"),
        (lambda m, X: m.fit(X).score(X[:1]), "longer sequences"),
    ],
)
def test_errors_say_what_to_do(fit, says):
    with pytest.raises(ValueError, match=says):
        fit(SlowFeatureAnalysis(), autoregressive(30)[0])
