"""Number of factors, and lower bound of their noise, by held-out likelihood."""

from functools import partial

import numpy as np

from skgen.base.wording import counted
from skgen.kernels.linear import factor_fit, held_out, lowrank_gaussian

# Bounds tried, as fractions of the mean variance; zero leaves the likelihood alone.
BOUNDS = np.concatenate([[0.0], 10.0 ** np.arange(-7, 0.1, 0.5)])
ROUGH = {"psi": None, "tol": 1e-2, "max_iter": 15, "report": factor_fit.unwatched}


def plan_from_moments(parts, n_components, noise_floor):
    """Number of factors, and floor (d,) of the noise variances, from the moments of the folds."""
    variance = np.diag(held_out.merge_all(parts).covariance)
    if n_components != "auto":
        k = len(variance) if n_components is None else n_components
        return k, feature_floor(variance, noise_floor)
    k = held_out.dimension(parts, noise_floor, scale=safe_scale(variance))
    fits = []
    for train, test in held_out.splits(parts):
        floor = feature_floor(np.diag(train.covariance), noise_floor)
        fit = factor_fit.from_covariance(train.covariance, k, floor=floor, **ROUGH)
        E = held_out.spread_around(train, test)
        score = partial(factor_fit.expected_log_density, E)
        fits.append((test.weight, fit.W, fit.psi, score))
    return k, feature_floor(variance, noise_floor, best_bound(fits, variance))


def plan_from_rows(Y, weight, folds, n_components, noise_floor):
    """The same from centered rows, for fewer rows than features."""
    variance = weight @ Y**2 / weight.sum()
    if n_components != "auto":
        k = min(Y.shape) if n_components is None else n_components
        return k, feature_floor(variance, noise_floor)
    scaled = Y / safe_scale(variance)
    k = held_out.dimension_of_gram(scaled @ scaled.T, weight, folds, noise_floor, Y.shape[1])
    fits = []
    for train, test in held_out.row_splits(folds):
        mean = np.average(Y[train], axis=0, weights=weight[train])
        A = (Y[train] - mean) * np.sqrt(weight[train])[:, None]
        size = weight[train].sum()
        floor = feature_floor(np.sum(A**2, axis=0) / size, noise_floor)
        fit = factor_fit.from_rows(A, size, min(k, len(A)), floor=floor, **ROUGH)
        score = partial(mean_log_density, Y[test] - mean, weight[test])
        fits.append((weight[test].sum(), fit.W, fit.psi, score))
    return k, feature_floor(variance, noise_floor, best_bound(fits, variance))


def start_from_covariance(C, k, noise_floor, bound=0.0):
    """Rough W and psi of the factor model with covariance C, and the floor of psi."""
    floor = feature_floor(np.diag(C), noise_floor, bound)
    fit = factor_fit.from_covariance(C, k, floor=floor, **ROUGH)
    return fit.W, fit.psi, floor


def feature_floor(variance, noise_floor, bound=0.0):
    """Smallest noise variance of each feature: a fraction of its own, and a common bound."""
    constant = is_constant(variance)
    # A constant feature has no scale of its own; it takes that of a typical other one.
    typical = 1.0 if constant.all() else np.median(variance[~constant])
    own = noise_floor * np.where(constant, typical, variance)
    return np.maximum(np.maximum(own, bound), 1e-12)


def safe_scale(variance):
    """Standard deviations, with a constant feature scaled to nothing."""
    return np.sqrt(np.where(is_constant(variance), np.inf, variance))


def is_constant(variance):
    """Which features vary by no more than rounding."""
    return variance <= variance.max(initial=0.0) * 1e-18


def best_bound(fits, variance):
    """Common lower bound of the noise under which held-out rows are most likely."""
    bounds = BOUNDS * variance.mean()
    return factor_fit.held_out_bound(bounds, fits) if fits else 0.0


def mean_log_density(Y, weight, W, psi):
    """Weighted mean log density of centered rows."""
    return np.average(lowrank_gaussian.log_density(Y, W, psi), weights=weight)


def noise_start(psi, floor):
    """First noise variances as an array above the floor, or None for the solver's own guess."""
    if psi is None:
        return None
    psi = np.asarray(psi, dtype=np.float64)
    if psi.shape != floor.shape or not np.all(psi > 0):
        raise ValueError(
            f"noise_variance_init has shape {psi.shape} and minimum {psi.min(initial=np.inf):g}; "
            f"it needs {counted(len(floor), 'positive value')}, one a feature."
        )
    return np.maximum(psi, floor)


def checked_mask(estimator, d):
    """``loadings_mask`` as a boolean array, or an error that says what does not fit."""
    mask, k = np.asarray(estimator.loadings_mask, dtype=bool), estimator.n_components
    if mask.shape != (k, d):
        raise ValueError(
            f"loadings_mask has shape {mask.shape}, but n_components={k!r} and X has "
            f"{counted(d, 'feature')}; give one row of booleans a factor."
        )
    if estimator.rotation is not None or estimator.solver == "em":
        raise ValueError(
            f"loadings_mask fixes the axes, but rotation={estimator.rotation!r} and "
            f"solver={estimator.solver!r}; leave both at their defaults."
        )
    return mask
