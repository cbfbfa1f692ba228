"""Number of factors: what held-out likelihood chooses, and what a fit says of the one it had."""

from functools import partial
from numbers import Integral

import numpy as np

from skgen.base.warn import warn
from skgen.base.wording import counted
from skgen.exceptions import HeywoodWarning, IdentificationWarning
from skgen.kernels.linear import factor_fit, held_out, lowrank_gaussian, missing_em
from skgen.linear.held_out_choice import Fold, choose
from skgen.linear.incomplete import MOST_CHOSEN, split

# Lower bounds tried: fractions of the variance of each feature, and of the mean variance.
OWN_BOUNDS = 10.0 ** np.arange(-3.5, -0.4, 0.5)
COMMON_BOUNDS = 10.0 ** np.arange(-7, 0.1, 0.5)
LEAST_GAIN = 0.02  # nats a value
ROUGH = {"tol": 1e-2, "max_iter": 15, "report": factor_fit.unwatched}


def identifiable(d):
    """Most factors of d features that leave no negative degrees of freedom, at least one."""
    # Ledermann (1937): (d - k)^2 >= d + k.
    return max(1, int(d + 0.5 - np.sqrt(2 * d + 0.25) + 1e-9))


def degrees_of_freedom(k, d, mask=None):
    """Variances and covariances of d features less the parameters that describe them."""
    n_loadings = d * k - k * (k - 1) // 2 if mask is None else int(np.sum(mask))
    return d * (d + 1) // 2 - (d + n_loadings)


def warn_of_identification(estimator):
    """Warn where a fitted factor analysis was asked for more factors than its features identify."""
    k, d = estimator.n_components, estimator.n_features_in_
    if isinstance(k, Integral) and k > identifiable(d) and estimator.degrees_of_freedom_ < 0:
        warn(
            f"n_components={k} of {counted(d, 'feature')} leave "
            f"degrees_of_freedom_={estimator.degrees_of_freedom_}: many solutions fit alike; "
            f"lower it to {identifiable(d)}.",
            IdentificationWarning,
        )


def warn_of_heywood(estimator, features):
    """Warn of features whose noise variance is held at the floor that the user sets."""
    if not len(features):
        return
    names = estimator._names
    listed = ", ".join(str(j if names is None else names[j]) for j in features[:10])
    warn(
        f"The factors explain {counted(len(features), 'feature')} wholly, and the noise "
        f"variance is held at noise_floor={estimator.noise_floor} of the variance: {listed}"
        f"{' ...' if len(features) > 10 else ''}; lower n_components, or drop features "
        "that copy others.",
        HeywoodWarning,
    )


def with_degrees_of_freedom(state):
    """State of a factor analysis with what version 0.1 did not save."""
    if "components_" not in state or "degrees_of_freedom_" in state:
        return state
    k, d = state["components_"].shape
    return {"degrees_of_freedom_": degrees_of_freedom(k, d, state.get("loadings_mask")), **state}


def plan_from_moments(parts, scale, noise_floor):
    """Number of factors, and lower bounds (d,) of the noise in units of ``scale``."""
    scaled = [None if part is None else _scaled(part, scale) for part in parts]
    folds = []
    for train, test in held_out.splits(scaled):
        E = held_out.spread_around(train, test)
        fit, score = partial(_fit_moments, train, noise_floor), partial(_score_moments, E)
        folds.append(Fold(test.weight, train.n_rows, slice(None), fit, score))
    return _choose(folds, scale, growth=1.5, resolution=None)


def plan_from_rows(Y, weight, labels, scale, noise_floor):
    """The same from centered, scaled rows, for fewer rows than features."""
    folds = []
    for train, test in held_out.row_splits(labels):
        mean = np.average(Y[train], axis=0, weights=weight[train])
        A = (Y[train] - mean) * np.sqrt(weight[train])[:, None]
        fit = partial(_fit_rows, A, weight[train].sum(), mean, noise_floor)
        score = partial(_score_rows, Y[test], weight[test])
        folds.append(Fold(weight[test].sum(), len(A), slice(None), fit, score))
    return _choose(folds, scale, growth=1.5, resolution=None)


def plan_incomplete(rows, start):
    """The same with missing values."""
    folds = list(split(rows, start, isotropic=False))
    return _choose(folds, rows.scale, most=MOST_CHOSEN, growth=1.5, resolution=4)


def _choose(folds, scale, most=None, **search):
    """Search within the identifiable range."""
    n_train = min((fold.n_rows for fold in folds), default=2)
    most = max(1, min(identifiable(len(scale)), n_train - 1, most or len(scale)))
    variance = scale**2
    own = np.outer(OWN_BOUNDS, np.ones(len(scale)))
    common = np.outer(COMMON_BOUNDS * variance.mean(), 1 / variance)
    bounds = np.vstack([np.zeros(len(scale)), own, common])
    # A common bound depends on the units, so it has to be worth it.
    handicap = len(scale) * LEAST_GAIN * (np.arange(len(bounds)) > len(own))
    chains = range(1, len(own) + 1), range(len(own) + 1, len(bounds))
    k, chosen = choose(folds, most, bounds=bounds, handicap=handicap, chains=chains, **search)
    return k, bounds[chosen]


def _scaled(part, scale):
    return part._replace(
        mean=part.mean / scale, covariance=part.covariance / np.outer(scale, scale)
    )


def _fit_moments(train, noise_floor, k, earlier):
    floor = np.full(len(train.mean), noise_floor)
    psi = None if earlier is None else np.maximum(earlier.psi, floor)
    return factor_fit.from_covariance(train.covariance, k, psi, floor, **ROUGH)


def _score_moments(E, model, psi):
    return factor_fit.expected_log_density(E, model.W, psi)


def _fit_rows(A, total, mean, noise_floor, k, earlier):
    floor = np.full(len(mean), noise_floor)
    psi = None if earlier is None else np.maximum(earlier.psi, floor)
    fit = factor_fit.from_rows(A, total, k, psi, floor, **ROUGH)
    return missing_em.State(mean, fit.W, fit.psi)


def _score_rows(Y, weight, model, psi):
    return np.average(lowrank_gaussian.log_density(Y - model.mean, model.W, psi), weights=weight)


def start_from_covariance(C, k, noise_floor):
    """Rough W and psi of the factor model with covariance C, and the floor of psi."""
    floor = np.broadcast_to(noise_floor, len(C))
    fit = factor_fit.from_covariance(C, k, None, floor, **ROUGH)
    return fit.W, fit.psi, floor


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
