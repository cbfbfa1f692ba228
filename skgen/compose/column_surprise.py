"""How surprising each value of a row is, given the others."""

import numpy as np
from scipy.special import logsumexp

from skgen.compose.steps import scores_holes
from skgen.kernels.two_sample.distances import evenly_spaced

N_VALUES = 20  # put in the place of a value, where it cannot be left out


def column_surprise(model, X, typical):
    """-log p(x_j | the rest of the row) of each value under a fitted model, (n, d), in nats.

    Of a model that takes no holes it is the log of how much more probable the row would be on
    average with values of typical rows in the place of this one.
    """
    whole = model.score_samples(X)
    takes_holes = scores_holes(model)
    values = evenly_spaced(np.arange(len(typical)), N_VALUES)
    columns = []
    for j in range(np.shape(X)[1]):
        if takes_holes:
            rest = model.score_samples(with_column(X, j, None))
        else:
            column = typical.iloc[:, j].to_numpy() if hasattr(typical, "iloc") else typical[:, j]
            others = [model.score_samples(with_column(X, j, column[i])) for i in values]
            rest = logsumexp(others, axis=0) - np.log(len(others))
        columns.append(rest - whole)
    return np.stack(columns, axis=1)


def with_column(X, j, value):
    """A copy of an array or a frame with one value in all rows of a column; None is a hole."""
    if hasattr(X, "iloc"):
        copy, column = X.copy(), X.iloc[:, j]
        nowhere = np.zeros(len(X), dtype=bool)
        copy.isetitem(j, column.where(nowhere) if value is None else column.where(nowhere, value))
        return copy
    copy = np.array(X)
    if value is None and copy.dtype.kind in "iub":
        copy = copy.astype(np.float64)
    copy[:, j] = np.nan if value is None else value
    return copy
