"""Whether what a fit ends with can be used."""

import numpy as np

from skgen.base.mixins import SampleMixin
from skgen.exceptions import DivergenceError

N_DRAWS = 10
FARTHEST_DRAW = 1000.0  # standard deviations


def check_scales(center, scale):
    """Refuse rows so large that their moments are not finite."""
    if not (np.isfinite(center).all() and np.isfinite(scale).all()):
        raise ValueError(
            "The variance of a column of X is not finite: its values are too large; scale X."
        )


def check_draws(estimator):
    """Refuse a fit whose draws are not finite, or far from all rows, though its losses were."""
    if not isinstance(estimator, SampleMixin):
        return
    with np.errstate(all="ignore"):
        draws = estimator._sample(N_DRAWS, np.random.RandomState(0))
    if not np.isfinite(draws).all():
        raise DivergenceError(
            f"The draws of the fit are not finite after epoch {estimator.n_iter_}. "
            "Lower learning_rate, or scale the data."
        )
    distance = np.abs((draws - estimator._center) / estimator._scale).max()
    if distance > FARTHEST_DRAW:
        raise DivergenceError(
            f"The draws of the fit lie up to {distance:.1e} standard deviations from the rows. "
            "Lower learning_rate, or scale the data."
        )
