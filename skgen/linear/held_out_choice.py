"""Number of latent dimensions, and lower bound of the noise, that serve held-out rows best."""

from typing import NamedTuple

import numpy as np

from skgen.kernels.linear import held_out


class Fold(NamedTuple):
    """One split of the rows."""

    weight: float  # of its test rows
    n_rows: int  # that it trains on
    columns: np.ndarray  # (d,) bool, or slice: those it can model
    fit: callable  # (k, earlier model or None) -> model with noise variances ``psi``
    score: callable  # (model, psi) -> mean held-out log-likelihood


def choose(folds, most, *, growth, resolution, bounds=None, first=1):
    """The k in 1 .. ``most``, and the number of the row of ``bounds`` (m, d), of the best score.

    The bound is chosen for ``first``, the dimension under that bound, and the bound once more.
    """
    if not folds:
        return 1, 0
    bounds = np.zeros((1, len(np.atleast_1d(folds[0].columns)))) if bounds is None else bounds
    fits = {}

    def fitted(k):
        if k not in fits:
            below = max((tried for tried in fits if tried < k), default=None)
            earlier = [None] * len(folds) if below is None else fits[below]
            fits[k] = [fold.fit(k, model) for fold, model in zip(folds, earlier)]
        return fits[k]

    def score(k, bound):
        return sum(
            fold.weight * fold.score(model, np.maximum(model.psi, bound[fold.columns]))
            for fold, model in zip(folds, fitted(k))
        )

    def best_bound(k):
        return held_out.first_best([score(k, bound) for bound in bounds])

    chosen = best_bound(first) if len(bounds) > 1 else 0
    k = held_out.best_size(
        lambda k: score(k, bounds[chosen]), most, growth=growth, resolution=resolution
    )
    return k, best_bound(k) if len(bounds) > 1 else 0
