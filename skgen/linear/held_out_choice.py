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


def choose(folds, most, *, growth, resolution, bounds=None, handicap=0.0):
    """The k in 1 .. ``most``, and the number of the row of ``bounds`` (m, d), of the best score.

    Each k is judged under the bound that serves it best, by ``handicap`` (m,) nats a row.
    """
    if not folds:
        return 1, 0
    tried = {}

    def score(k):
        below = max((other for other in tried if other < k), default=None)
        earlier = [None] * len(folds) if below is None else tried[below][0]
        models = [fold.fit(k, model) for fold, model in zip(folds, earlier)]
        scores = np.sum([_scores(*pair, bounds) for pair in zip(folds, models)], axis=0)
        scores = scores - handicap * sum(fold.weight for fold in folds)
        tried[k] = models, held_out.first_best(scores)
        return scores.max()

    k = held_out.best_size(score, most, growth=growth, resolution=resolution)
    return k, tried[k][1]


def _scores(fold, model, bounds):
    """Held-out log-likelihood of a fold under each bound of the noise."""
    floors = [0.0] if bounds is None else bounds[:, fold.columns]
    return [fold.weight * fold.score(model, np.maximum(model.psi, floor)) for floor in floors]
