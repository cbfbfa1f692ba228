"""Coverage of hidden values by draws."""

import numpy as np
import pytest

from skgen.metrics import imputation_calibration


def hidden_and_draws(rng, n_draws, spread=1.0, n=3000):
    """Standard normal truth, two of three columns partly hidden, and draws for them."""
    X = rng.standard_normal((n, 3))
    hidden = rng.random(X.shape) < [0.5, 0.5, 0]
    draws = np.where(hidden, spread * rng.standard_normal((n_draws, n, 3)), X)
    return X, np.where(hidden, np.nan, X), draws


@pytest.mark.parametrize("n_draws", [39, 100])
def test_honest_draws_cover_at_the_nominal_levels(n_draws, rng):
    X, X_missing, draws = hidden_and_draws(rng, n_draws)
    result = imputation_calibration(X, X_missing, draws)
    # The interval is estimated from few draws, and exact nevertheless.
    np.testing.assert_allclose(result.coverage, result.levels, atol=0.03)
    assert result.n_hidden == np.isnan(X_missing).sum()
    assert result.feature_coverage.shape == (4, 3)
    assert np.isnan(result.feature_coverage[:, 2]).all()
    counts = np.isnan(X_missing).sum(axis=0)[:2]
    np.testing.assert_allclose(
        result.feature_coverage[:, :2] @ counts / counts.sum(), result.coverage
    )
    assert result.error == pytest.approx(np.abs(result.coverage - result.levels).mean())


def test_exact_levels_of_ranks(rng):
    """Nine draws and the level 0.8: the interval ends at the least and the greatest of them."""
    X, X_missing, draws = hidden_and_draws(rng, 9)
    result = imputation_calibration(X, X_missing, draws, levels=[0.8])
    gaps = np.isnan(X_missing)
    inside = (draws.min(axis=0) <= X) & (draws.max(axis=0) >= X)
    assert result.coverage[0] == inside[gaps].mean()
    widths = np.ptp(draws, axis=0) / X.std(axis=0)
    assert result.width[0] == pytest.approx(widths[gaps].mean())


def test_narrow_draws_cover_too_little_and_wide_ones_too_much(rng):
    narrow, wide = (
        imputation_calibration(*hidden_and_draws(rng, 100, spread)) for spread in (0.5, 2)
    )
    assert (narrow.coverage < narrow.levels - 0.1).all()
    assert (wide.coverage > wide.levels + 0.03).all()
    assert (wide.width > 3.5 * narrow.width).all()


def test_unknown_truth_does_not_count(rng):
    X, X_missing, draws = hidden_and_draws(rng, 39, n=50)
    known = X.copy()
    known[:25] = np.nan
    X_missing[:25] = np.nan
    part = imputation_calibration(known, X_missing, draws)
    rest = imputation_calibration(known[25:], X_missing[25:], draws[:, 25:])
    np.testing.assert_array_equal(part.coverage, rest.coverage)
    assert part.n_hidden == rest.n_hidden


def test_what_it_refuses(rng):
    X, X_missing, draws = hidden_and_draws(rng, 39, n=20)
    with pytest.raises(ValueError, match="draws need"):
        imputation_calibration(X, X_missing, draws[:, :10])
    with pytest.raises(ValueError, match="hides no value"):
        imputation_calibration(X, X, draws)
    with pytest.raises(ValueError, match="other values than X"):
        imputation_calibration(X + 1, X_missing, draws)
    with pytest.raises(ValueError, match=r"20 draws have no interval of the level 0.95; give 39"):
        imputation_calibration(X, X_missing, draws[:20])
    with pytest.raises(ValueError, match="draws hold NaN"):
        imputation_calibration(X, X_missing, np.stack([X_missing] * 39))
    with pytest.raises(ValueError, match="above 0 and below 1"):
        imputation_calibration(X, X_missing, draws, levels=[1.0])
