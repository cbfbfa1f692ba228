"""The spike-and-gamma prior of sparse codes: moments, estimates and draws."""

from typing import NamedTuple

import numpy as np

from skgen.kernels.sparse.online_dictionary import accumulate

# Magnitudes that hardly differ, or are known from one row.
LARGEST_SHAPE = 1e8
SMALLEST_SHAPE = 1e-3


class CodeSums(NamedTuple):
    """Weighted sums over coded rows; all additive, so batches and decay need no more."""

    weight: float
    active: np.ndarray
    positive: np.ndarray
    magnitude: np.ndarray
    squared_error: float
    # Unknown in what version 0.1 saved.
    code: np.ndarray = 0.0
    second: np.ndarray = 0.0  # (K, K) of a a'
    residual: np.ndarray = 0.0  # (d,)
    residual_square: np.ndarray = 0.0
    cross: np.ndarray = 0.0  # (K, d) of a r'


class CodePrior(NamedTuple):
    """What codes are like; all of shape (K,) but the covariance."""

    probability: np.ndarray
    positive_fraction: np.ndarray
    scale: np.ndarray  # mean magnitude of an active code
    shape: np.ndarray  # of the gamma law of the magnitude; 1 is the Laplace law of the code
    mean: np.ndarray
    covariance: np.ndarray  # (K, K)


class Rest(NamedTuple):
    """What codes leave of a row."""

    offset: np.ndarray  # (d,) mean residual
    coefficients: np.ndarray  # (K, d) of the residual's regression on the code
    noise: np.ndarray  # (d,) variance of what that leaves


def code_sums(codes, residual, weight):
    """Sums over codes (n, K) and residuals (n, d) of rows with weights (n,)."""
    w = np.asarray(weight, dtype=np.float64)
    K, d = codes.shape[1], residual.shape[1]
    second, cross = np.zeros((K, K)), np.zeros((K, d))
    accumulate(codes, residual, w, second, cross)
    squares = w @ np.square(residual, dtype=np.float64)
    return CodeSums(
        float(w.sum()),
        w @ (codes != 0),
        w @ (codes > 0),
        w @ np.abs(codes).astype(np.float64, copy=False),
        float(squares.sum()),
        w @ codes,
        second,
        w @ residual,
        squares,
        cross,
    )


def merged(older, newer, decay=1.0):
    """``decay`` times the older sums plus the newer."""
    return CodeSums(*(decay * a + b for a, b in zip(older, newer)))


def estimates(sums):
    """The ``CodePrior`` of coded rows, by moments.

    The scale is the mean magnitude of an active coefficient; it is zero, and the fraction of
    positive signs one half, for atoms that are never active.
    """
    weight = max(sums.weight, np.finfo(np.float64).tiny)
    often = np.where(sums.active > 0, sums.active, 1.0)
    scale = sums.magnitude / often
    least = np.maximum(scale**2 / LARGEST_SHAPE, np.finfo(np.float64).tiny)
    spread = np.maximum(np.diag(sums.second) / often - scale**2, least)
    mean = sums.code / weight
    return CodePrior(
        sums.active / weight,
        np.where(sums.active > 0, sums.positive / often, 0.5),
        scale,
        np.maximum(scale**2 / spread, SMALLEST_SHAPE),
        mean,
        sums.second / weight - np.outer(mean, mean),
    )


def rest(sums):
    """The ``Rest`` of coded rows: the penalty shortens codes, so the residual goes with them."""
    weight = max(sums.weight, np.finfo(np.float64).tiny)
    mean, offset = sums.code / weight, sums.residual / weight
    covariance = sums.second / weight - np.outer(mean, mean)
    coefficients, explained = _regression(covariance, sums.cross / weight - np.outer(mean, offset))
    variance = sums.residual_square / weight - offset**2
    return Rest(offset, coefficients, np.maximum(variance - explained, 0.0))


def of_independent_atoms(probability, positive_fraction, scale):
    """The ``CodePrior`` of independent Laplace codes, which version 0.1 had."""
    mean = probability * (2 * positive_fraction - 1) * scale
    covariance = np.diag(2 * probability * scale**2 - mean**2)
    return CodePrior(probability, positive_fraction, scale, np.ones_like(scale), mean, covariance)


def _regression(covariance, cross):
    """Coefficients (K, d) on codes with this covariance, and the variance (d,) they explain."""
    sd = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    size = np.where(sd > 0, sd, 1.0)
    values, V = np.linalg.eigh(covariance / np.outer(size, size))
    known = values > len(sd) * np.finfo(np.float64).eps * values[-1]
    turned = V[:, known].T @ (cross / size[:, None])
    scaled = turned / values[known, None]
    return V[:, known] @ scaled / size[:, None], np.sum(turned * scaled, axis=0)


def independent(n, prior, rng):
    """Codes (n, K): each atom is active with its probability and then has a gamma magnitude."""
    size = (n, len(prior.scale))
    active = rng.random_sample(size) < prior.probability
    sign = np.where(rng.random_sample(size) < prior.positive_fraction, 1.0, -1.0)
    return active * sign * (prior.scale / prior.shape) * rng.standard_gamma(prior.shape, size)


def draw(n, prior, rng):
    """Codes (n, K) of the prior: independent ones, turned so that they covary as the rows' did.

    Of the matrices that do this, the symmetric root of their correlations moves them least.
    """
    codes = independent(n, prior, rng)
    mean = prior.probability * (2 * prior.positive_fraction - 1) * prior.scale
    second = prior.probability * prior.scale**2 * (1 + 1 / prior.shape)
    own = np.sqrt(np.maximum(second - mean**2, 0.0))
    wanted = np.sqrt(np.maximum(np.diag(prior.covariance), 0.0))
    # An atom that always has one value has no correlations.
    varies = (own > 1e-6 * prior.scale) & (wanted > 1e-6 * prior.scale)
    own, wanted = np.where(varies, own, 1.0), np.where(varies, wanted, 0.0)
    size = np.where(varies, wanted, 1.0)
    correlation = np.where(np.outer(varies, varies), prior.covariance, 0.0) / np.outer(size, size)
    np.fill_diagonal(correlation, 1.0)
    values, V = np.linalg.eigh(correlation)
    root = (V * np.sqrt(np.maximum(values, 0.0))) @ V.T
    return prior.mean + ((codes - mean) / own @ root) * wanted
