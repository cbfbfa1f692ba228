"""What the cases of imputation share: contenders, and the error of what is filled."""

import warnings

import numpy as np

from benchmarks.core import Contender

OURS = "skgen GenerativeImputer"
MIXTURE = "skgen GenerativeImputer(MixtureOfFactorAnalyzers(128, 6))"
BOOSTED = "IterativeImputer of boosted trees"
NEIGHBORS = "KNNImputer"
ITERATIVE = "IterativeImputer"
RIVALS = (BOOSTED, NEIGHBORS, ITERATIVE)


def with_holes(X, holes):
    """Return the table with holes, and the truth, as the contenders and ``evaluate`` want it."""
    return np.where(holes, np.nan, X), X


def evaluate(filled, data):
    """Return the error of the filled cells, and the bias of their mean in the worst column."""
    gaps, truth = data
    error = np.where(np.isnan(gaps), filled - truth, np.nan)
    holed = np.isnan(gaps).any(axis=0)
    return {
        "RMSE": np.sqrt(np.nanmean(error**2)),
        "bias": np.abs(np.nanmean(error[:, holed], axis=0)).max(),
    }


def impute_ours(data, seed):
    from skgen import GenerativeImputer

    return GenerativeImputer(random_state=seed).fit_transform(data[0])


def impute_factors(data, seed):
    from skgen import FactorAnalysis, GenerativeImputer

    return GenerativeImputer(FactorAnalysis(), random_state=seed).fit_transform(data[0])


def impute_mixture(data, seed):
    """By a mixture whose sizes served cells best that were hidden too, a fifth of what is known."""
    from skgen import GenerativeImputer, MixtureOfFactorAnalyzers

    model = MixtureOfFactorAnalyzers(128, 6, prior_weight=10, n_init=1, tol=1e-2)
    return GenerativeImputer(model, random_state=seed).fit_transform(data[0])


def impute_boosted(data, seed):
    from sklearn.ensemble import HistGradientBoostingRegressor

    trees = HistGradientBoostingRegressor(random_state=seed)
    return _chained(data[0], seed, estimator=trees)


def impute_iterative(data, seed):
    return _chained(data[0], seed)


def _chained(gaps, seed, **options):
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return IterativeImputer(random_state=seed, **options).fit_transform(gaps)


def impute_neighbors(data, seed):
    from sklearn.impute import KNNImputer

    return KNNImputer().fit_transform(data[0])


def contenders():
    """Ours by its default, by factors and by a mixture of them, and scikit-learn's."""
    once = {"repeats": 1, "warm_up": False}
    theirs = {"package": "scikit-learn", "module": "sklearn", **once}
    return [
        Contender(OURS, impute_ours, **once),
        Contender("skgen GenerativeImputer(FactorAnalysis())", impute_factors, **once),
        Contender(MIXTURE, impute_mixture, **once),
        Contender(BOOSTED, impute_boosted, slow=True, **theirs),
        Contender(NEIGHBORS, impute_neighbors, **theirs),
        Contender(ITERATIVE, impute_iterative, **theirs),
    ]
