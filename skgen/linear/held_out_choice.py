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


def choose(folds, most, *, growth, resolution, bounds=None, handicap=0.0, chains=()):
    """The k in 1 .. ``most``, and the number of the row of ``bounds`` (m, d), of the best score.

    Each k is judged under the bound that serves it best, by ``handicap`` (m,) nats a row.
    ``chains`` are ranges of rows with ever larger bounds, searched around what served a smaller k.
    """
    if not folds:
        return 1, 0
    bounds = np.zeros((1, 1)) if bounds is None else bounds
    handicap = np.broadcast_to(handicap, len(bounds)) * sum(fold.weight for fold in folds)
    tried = {}

    def score(k):
        below = max((other for other in tried if other < k), default=None)
        earlier = [None] * len(folds) if below is None else tried[below][0]
        models = [fold.fit(k, model) for fold, model in zip(folds, earlier)]
        totals = [_Scores(*pair, bounds) for pair in zip(folds, models)]
        scores = _search(
            lambda b: sum(of_fold(b) for of_fold in totals) - handicap[b],
            len(bounds),
            chains,
            None if below is None else tried[below][1],
        )
        tried[k] = models, scores
        return scores.max()

    k = held_out.best_size(score, most, growth=growth, resolution=resolution)
    return k, held_out.first_best(tried[k][1])


def _search(score, n, chains, near):
    """Scores (n,) of bounds; the worst for those of a chain beyond a fall from ``near``."""
    scores = np.full(n, np.inf)
    inside = {b for chain in chains for b in chain}
    for b in range(n):
        if near is None or b not in inside:
            scores[b] = score(b)
    for chain in chains if near is not None else ():
        start = chain[int(np.argmax(near[chain]))]
        scores[start] = score(start)
        for step in (1, -1):
            b = start + step
            while b in chain:
                scores[b] = score(b)
                if scores[b] < scores[b - step]:
                    break
                b += step
    return np.where(np.isfinite(scores), scores, scores.min())


class _Scores:
    """Held-out log-likelihood of the model of a fold under each bound of the noise."""

    def __init__(self, fold, model, bounds):
        self._fold, self._model, self._bounds = fold, model, bounds
        self._known = {}

    def __call__(self, b):
        fold = self._fold
        floor = self._bounds[b] if self._bounds.shape[1] == 1 else self._bounds[b, fold.columns]
        psi = np.maximum(self._model.psi, floor)
        # Bounds below the noise that was found change nothing.
        key = psi.tobytes()
        if key not in self._known:
            self._known[key] = fold.weight * fold.score(self._model, psi)
        return self._known[key]
