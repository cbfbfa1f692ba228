"""The log-Jacobian of a FunctionTransformer, from differences of its function."""

import numpy as np

from skgen.compose.categories.groups import dense, transform_rows

N_PROBED = 5  # rows in which every column is moved by itself
STEP = float(np.finfo(float).eps ** 0.2)  # balances rounding and the error of fourth order
AGREE = 1e-6


def log_slopes_of_function(step, X):
    """Logarithms of the absolute slopes of an elementwise function at X, (n, d).

    None where the step is known to have no inverse.

    Raises
    ------
    ValueError
        If the function is not elementwise, or ``inverse_func`` does not undo it.
    """
    if step.func is None:
        return np.zeros(X.shape)
    if step.inverse_func is None:
        return None

    def f(rows):
        with np.errstate(all="ignore"):
            return dense(transform_rows(step, rows))

    Z = f(X)
    if Z.shape != X.shape:
        raise _not_elementwise(step, f"maps the shape {X.shape} to {Z.shape}")
    _check_elementwise(step, f, X, Z, STEP * np.maximum(np.abs(X), _typical(X)))
    _check_inverse(step, X, Z)
    with np.errstate(divide="ignore"):
        return np.log(np.abs(_slopes(f, X)))


def _slopes(f, X):
    """Derivative of f at each entry, by steps relative to it, or to its column where it is small.

    How far two orders of differences disagree tells the better step: a function may have a scale
    of its own.
    """
    typical = np.broadcast_to(_typical(X), X.shape)
    slopes, doubt = _derivative(f, X, STEP * np.where(X == 0, typical, np.abs(X)))
    if (np.abs(X) < typical).any():
        others, their_doubt = _derivative(f, X, STEP * np.maximum(np.abs(X), typical))
        slopes = np.where(their_doubt < doubt, others, slopes)
    return slopes


def _typical(X):
    """A magnitude of each column that steps at its zeros are measured by."""
    typical = np.nanmedian(np.abs(np.where(X == 0, np.nan, X)), axis=0, keepdims=True)
    return 1e-3 * np.where(np.isnan(typical), 1.0, typical)


def _derivative(f, X, h):
    """Central differences of fourth order, and their distance from those of second order."""
    near = f(X + h) - f(X - h)
    far = f(X + 2 * h) - f(X - 2 * h)
    with np.errstate(divide="ignore", invalid="ignore"):
        fourth, second = (8 * near - far) / (12 * h), near / (2 * h)
        doubt = np.abs(fourth - second)
    return fourth, np.where(np.isnan(doubt), np.inf, doubt)


def _check_elementwise(step, f, X, Z, h):
    """Refuse a function in which an entry depends on others."""
    some = np.linspace(0, len(X) - 1, min(N_PROBED, len(X))).astype(int)
    x, z, moved_by = X[some], Z[some], 100 * h[some]
    if not _equal(f(x), z):
        raise _not_elementwise(step, "maps a row differently among other rows")
    for j in range(X.shape[1]):
        moved = x.copy()
        moved[:, j] += moved_by[:, j]
        others = np.arange(X.shape[1]) != j
        if not _equal(f(moved)[:, others], z[:, others]):
            raise _not_elementwise(step, f"lets column {j} change other columns")


def _check_inverse(step, X, Z):
    back = dense(step.inverse_transform(Z))
    wrong = ~np.isclose(back, X, rtol=AGREE, atol=AGREE * _typical(X), equal_nan=True)
    if wrong.any():
        i, j = np.argwhere(wrong)[0]
        raise ValueError(
            f"{step!r} maps {X[i, j]:.6g} to {Z[i, j]:.6g}, which its inverse_func takes back to "
            f"{back[i, j]:.6g}; pass an inverse_func that undoes func on all of the data."
        )


def _equal(a, b):
    return np.allclose(a, b, rtol=1e-12, atol=0, equal_nan=True)


def _not_elementwise(step, what):
    return ValueError(
        f"{step!r} {what}, so its slopes are no log-Jacobian; make func work entry by entry, or "
        "write a transformer and state its log-Jacobian with skgen.register_log_jacobian."
    )
