"""Answers about rows are finite, or the rows are refused."""

import numpy as np


def finite(hook, X, *more, name="X", impossible=False):
    """``hook(X, *more)``; refuses rows so far away that the answer leaves the range of floats.

    Parameters
    ----------
    hook : callable
        Takes validated rows and returns an array.
    X : ndarray of shape (n_samples, n_columns)
        The rows.
    *more
        Further arguments of the hook.
    name : str, default="X"
        What the user calls the rows.
    impossible : bool, default=False
        Whether an answer may be minus infinity, as the score of a row of probability zero.
    """
    # An overflow is told by its outcome.
    with np.errstate(all="ignore"):
        answer = hook(X, *more)
    good = np.isfinite(answer)
    if impossible and not good.all():
        good |= np.isneginf(answer)
    if good.all():
        return answer
    raise ValueError(
        f"{name} holds values so far from those of the fit that the answer is not finite "
        f"in {np.size(good) - np.count_nonzero(good)} of {np.size(good)} numbers; scale {name} as "
        "the rows of the fit were."
    )
