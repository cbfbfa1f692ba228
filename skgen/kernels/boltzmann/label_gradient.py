"""Log-probabilities of the labels of a machine, and their gradient, in one pass over the rows."""

import numpy as np
from numba import njit

from skgen.kernels.boltzmann.bernoulli_units import logistic
from skgen.kernels.boltzmann.rbm_gradient import SUMS

_0, _1 = np.float32(0), np.float32(1)
# So many factors in [1/2, 1] are multiplied before a logarithm: their product stays above zero.
_FACTORS = 96
# Numbers between what a loop reads and what it writes. Closer behind, which chance decides of what
# is allocated, the loop would go on one by one and round otherwise: fits would not be reproducible.
_APART = 64


@njit(cache=True, nogil=True, fastmath=SUMS, error_model="numpy")
def _softplus_and_sigmoid(inputs, column, means):
    """Sum of log(1 + exp(z)) over z = inputs + column; their sigmoids go to ``means``."""
    total = 0.0
    for start in range(0, len(inputs), _FACTORS):
        # log(1 + exp(z)) = max(z, 0) - log sigmoid(|z|)
        linear, product = _0, _1
        for j in range(start, min(start + _FACTORS, len(inputs))):
            z = inputs[j] + column[j]
            p = logistic(abs(z))
            linear += max(z, _0)
            product *= p
            means[j] = p if z >= _0 else _1 - p
        total += linear - np.log(product)
    return total


@njit(cache=True, nogil=True, fastmath=SUMS, error_model="numpy")
def _add_signals(error, means, of_row, of_column):
    for j in range(len(means)):
        signal = error * means[j]
        of_row[j] += signal
        of_column[j] += signal


@njit(cache=True, nogil=True, error_model="numpy")
def label_gradient(inputs, columns, bias, labels, weight, of_rows, of_columns, errors):
    """Sum of -log p(label | rest) over rows, and ``weight`` times its gradient.

    inputs (n, k): those of the hidden units without a label; columns (n_classes, k): what a label
    adds; bias (n_classes,); labels (n, n_classes) one-hot, or all 0 in rows that do not count.
    float32. The gradient by the inputs goes to of_rows (n, k), by the columns to of_columns
    (n_classes, k), and by the bias, row by row, to errors (n, n_classes).
    """
    n, k = inputs.shape
    n_classes = len(bias)
    memory = np.empty(n_classes * k + 2 * _APART, np.float32)
    means = memory[_APART : _APART + n_classes * k].reshape((n_classes, k))
    log_p = np.empty(n_classes)
    of_rows[:], of_columns[:], errors[:] = 0, 0, 0
    loss = 0.0
    for i in range(n):
        known = labels[i].sum()
        if known == 0:
            continue
        for y in range(n_classes):
            log_p[y] = bias[y] + _softplus_and_sigmoid(inputs[i], columns[y], means[y])
        log_p -= log_p.max()
        log_p -= np.log(np.exp(log_p).sum())
        for y in range(n_classes):
            loss -= labels[i, y] * log_p[y]
            error = np.float32((np.exp(log_p[y]) - labels[i, y]) * weight)
            errors[i, y] = error
            _add_signals(error, means[y], of_rows[i], of_columns[y])
    return loss
