"""Mixtures of Gaussians over blocks of sources: counts in cells, log-densities, scores."""

import math

import numpy as np
from numba import njit

from skgen.kernels.ica.exponential import CHUNK, FAST, exp_in_place
from skgen.kernels.ica.source_density import FARTHEST

TABLE_STEP, TABLE_REACH = 0.02, 12.0  # of tables of log-densities, in standard deviations
LEAST_SUM = 1e-280  # below it the sums of exponentials have lost digits


@njit(cache=True, nogil=True, error_model="numpy")
def add_counts(Y, w, counts):
    """Add the weights w (b,) of rows Y (b, k) to the counts (k, cells), shared by two cells each.

    Shares keep the mean of a row's place; the cells are those of ``cell_places``.
    """
    b, k = Y.shape
    cells = counts.shape[1]
    step = 2.0 * FARTHEST / (cells + 1)
    for i in range(b):
        for j in range(k):
            y = np.float64(Y[i, j])
            u = FARTHEST * y / (FARTHEST + abs(y))
            place = (u + FARTHEST) / step - 1.0
            place = min(max(place, 0.0), cells - 1.000001)
            cell = int(place)
            rest = place - cell
            counts[j, cell] += w[i] * (1.0 - rest)
            counts[j, cell + 1] += w[i] * rest


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _sums(y, log_weights, centers, inverse, x, power, bits, sums, m):
    """Densities (m,) of values y, up to 1 / sqrt(2 pi)."""
    sums[:m] = 0.0
    for c in range(len(centers)):
        center, scale, shift = centers[c], inverse[c], log_weights[c]
        for i in range(m):
            q = (y[i] - center) * scale
            x[i] = shift - 0.5 * q * q
        # Weights over widths may exceed one, but not by what the exponential cannot bear.
        exp_in_place(x, power, bits, m)
        for i in range(m):
            sums[i] += x[i]


@njit(cache=True, nogil=True)
def _far_log_sum(y, log_weights, centers, inverse):
    """The same as a logarithm, where exponentials underflow."""
    best = -np.inf
    for c in range(len(centers)):
        q = (y - centers[c]) * inverse[c]
        best = max(best, log_weights[c] - 0.5 * q * q)
    total = 0.0
    for c in range(len(centers)):
        q = (y - centers[c]) * inverse[c]
        total += math.exp(log_weights[c] - 0.5 * q * q - best)
    return best + math.log(total)


@njit(cache=True, nogil=True)
def add_log_density(Y, starts, log_weights, centers, inverse, out):
    """Add the log-densities of the sources of each row Y (b, k) to out (b,).

    ``log_weights`` are logarithms of weights over widths, ``inverse`` the inverse widths.
    """
    b, k = Y.shape
    y, x, power = np.empty(CHUNK), np.empty(CHUNK), np.empty(CHUNK)
    sums = np.empty(CHUNK)
    bits = power.view(np.int64)
    constant = 0.5 * math.log(2 * math.pi)
    for j in range(k):
        s, e = starts[j], starts[j + 1]
        for start in range(0, b, CHUNK):
            m = min(CHUNK, b - start)
            for i in range(m):
                y[i] = Y[start + i, j]
            _sums(y, log_weights[s:e], centers[s:e], inverse[s:e], x, power, bits, sums, m)
            for i in range(m):
                if sums[i] > LEAST_SUM:
                    log_sum = math.log(sums[i])
                else:
                    log_sum = _far_log_sum(y[i], log_weights[s:e], centers[s:e], inverse[s:e])
                out[start + i] += log_sum - constant


@njit(cache=True, nogil=True)
def score_one(y, log_weights, centers, inverse):
    """Minus the log-density of one value, and its first two derivatives."""
    best = -np.inf
    for c in range(len(centers)):
        q = (y - centers[c]) * inverse[c]
        best = max(best, log_weights[c] - 0.5 * q * q)
    total, first, second, slope = 0.0, 0.0, 0.0, 0.0
    for c in range(len(centers)):
        q = (y - centers[c]) * inverse[c]
        r = math.exp(log_weights[c] - 0.5 * q * q - best)
        g = q * inverse[c]
        total += r
        first += r * g
        second += r * g * g
        slope += r * inverse[c] * inverse[c]
    score = first / total
    value = 0.5 * math.log(2 * math.pi) - best - math.log(total)
    return value, score, slope / total - (second / total - score * score)


@njit(cache=True, nogil=True)
def _tabulate(starts, log_weights, centers, inverse, nodes, step):
    """Fill the nodes of ``interpolated``."""
    edge = 0.5 * (nodes.shape[1] - 1) * step
    for j in range(nodes.shape[0]):
        s, e = starts[j], starts[j + 1]
        for i in range(nodes.shape[1]):
            y = i * step - edge
            f, g, _ = score_one(y, log_weights[s:e], centers[s:e], inverse[s:e])
            nodes[j, i, 0], nodes[j, i, 1] = f, g


def table_contrast(density, scale):
    """Contrast kernel of fitted densities: minus their logarithms, from tables.

    ``scale`` (k,) are the standard deviations of the sources, by which they are divided.
    """
    inverse = 1.0 / density.widths
    mixture = np.log(density.weights * inverse), density.centers, inverse
    reach = TABLE_REACH * scale.max()
    step = TABLE_STEP * scale.min()
    nodes = np.empty((len(scale), 2 * int(np.ceil(reach / step)) + 1, 2))
    _tabulate(density.starts, *mixture, nodes, step)
    return lambda Y, w, P, loss, slope: interpolated(Y, w, P, loss, slope, nodes, step)


@njit(cache=True, nogil=True)
def interpolated(Y, w, P, loss, slope, nodes, step):
    """Contrast of tables: one cubic a cell of ``step``, from values and slopes at its ends.

    ``nodes`` (k, size, 2) hold minus the log-density and its derivative at places that are even
    around zero; beyond the last, the log-density goes on as a line.
    """
    b, k = Y.shape
    size = nodes.shape[1]
    edge = 0.5 * (size - 1) * step
    for i in range(b):
        for j in range(k):
            y = np.float64(Y[i, j])
            inside = min(max(y, -edge), edge)
            place = (inside + edge) / step
            cell = min(int(place), size - 2)
            t = place - cell
            f, g = nodes[j, cell, 0], nodes[j, cell, 1] * step
            rise = nodes[j, cell + 1, 0] - f
            end = nodes[j, cell + 1, 1] * step
            # Cubic f + g t + c t^2 + d t^3 with the slope ``end`` at t = 1.
            c, d = 3 * rise - 2 * g - end, g + end - 2 * rise
            score = (g + t * (2 * c + 3 * d * t)) / step
            loss[j] += w[i] * (f + t * (g + t * (c + t * d)) + score * (y - inside))
            if y == inside:
                slope[j] += w[i] * (2 * c + 6 * d * t) / (step * step)
            P[i, j] = w[i] * score
