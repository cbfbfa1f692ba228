"""What a fit of a Boltzmann machine came to: whether its hidden units tell rows apart."""

import numpy as np
from scipy.special import entr
from sklearn.exceptions import ConvergenceWarning

from skgen.base.warn import warn
from skgen.kernels.two_sample.distances import evenly_spaced

# Nats that a hidden unit in use says of a row at least, over so many rows, and the updates after
# which one should be in use.
DEAD, N_REVIEWED, FORMED = 0.01, 1000, 500


def review(estimator, X):
    """Warn where no unit of the lowest hidden layer says anything of rows X (n, d)."""
    if int(estimator.module_.n_steps) < FORMED:
        return
    rows = estimator._standardize(evenly_spaced(X, N_REVIEWED).astype(np.float32))
    # Layers above can say no more than the lowest.
    means = estimator._apply(lambda m, x: estimator._encoder_module(m)[:2](x), rows)
    if information(means.astype(np.float64)).max() < DEAD:
        small_start = estimator.measure_ == "lebesgue" and estimator.init_scale != "auto"
        remedy = 'use init_scale="auto"' if small_start else "train longer or on more rows"
        warn(
            f"No hidden unit says as much as {DEAD} nats of a row: they learned nothing, and the "
            "model is one distribution of independent features. If the features do depend on each "
            f"other, {remedy}.",
            ConvergenceWarning,
        )


def information(means):
    """Nats that each binary unit says of a row, (k,), from its probabilities given rows (n, k).

    That is the mutual information of its state and the number of the row.
    """
    return _entropy(means.mean(axis=0)) - _entropy(means).mean(axis=0)


def _entropy(p):
    return entr(p) + entr(1 - p)
