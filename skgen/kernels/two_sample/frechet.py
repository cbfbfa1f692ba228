"""Frechet distance of two Gaussians."""

import numpy as np


def squared_frechet(mean_1, covariance_1, mean_2, covariance_2):
    """Square of the 2-Wasserstein distance of two Gaussians of d dimensions (Dowson & Landau 1982).

    ``|m1 - m2|^2 + tr(C1 + C2 - 2 (C1^1/2 C2 C1^1/2)^1/2)``; covariances may be singular.
    """
    values, vectors = np.linalg.eigh(covariance_1)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    crossed = np.linalg.eigvalsh(root @ covariance_2 @ root)
    shared = np.sqrt(np.maximum(crossed, 0.0)).sum()
    spread = np.trace(covariance_1) + np.trace(covariance_2) - 2 * shared
    return float(((mean_1 - mean_2) ** 2).sum() + max(spread, 0.0))
