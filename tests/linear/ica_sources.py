"""Sources of known laws, and how far an unmixing is from the truth."""

import numpy as np


def amari(P):
    """Distance of a matrix from those of one entry a row and a column, between 0 and 1."""

    def excess(R):
        return np.sum(np.sum(R, axis=1) / np.max(R, axis=1) - 1)

    R = P**2
    return (excess(R) + excess(R.T)) / (2 * len(P))


def sources(rng, n=4000, k=5):
    """Peaked, flat and skewed sources of unit variance."""
    S = rng.laplace(size=(n, k)) / np.sqrt(2)
    S[:, 1::3] = rng.uniform(-np.sqrt(3), np.sqrt(3), S[:, 1::3].shape)
    S[:, 2::3] = rng.exponential(size=S[:, 2::3].shape) - 1
    return S
