"""Sources of known laws."""

import numpy as np


def sources(rng, n=4000, k=5):
    """Peaked, flat and skewed sources of unit variance."""
    S = rng.laplace(size=(n, k)) / np.sqrt(2)
    S[:, 1::3] = rng.uniform(-np.sqrt(3), np.sqrt(3), S[:, 1::3].shape)
    S[:, 2::3] = rng.exponential(size=S[:, 2::3].shape) - 1
    return S
