"""One formula for the likelihood that every linear-Gaussian contender reached."""

import numpy as np


def nats(empirical, covariance):
    """Mean log-density of rows whose mean outer product around the model's mean is given."""
    factor = np.linalg.cholesky(covariance)
    log_det = 2 * np.log(np.diag(factor)).sum()
    trace = np.trace(np.linalg.solve(covariance, empirical))
    return -0.5 * (len(covariance) * np.log(2 * np.pi) + log_det + trace)


def empirical(X, around):
    """Mean outer product of the rows around a point, in float64, block by block."""
    total = np.zeros((X.shape[1], X.shape[1]))
    for start in range(0, len(X), 4096):
        centered = X[start : start + 4096].astype(np.float64) - around
        total += centered.T @ centered
    return total / len(X)


def factor_nats(model, X):
    """Training log-likelihood a row of a fitted factor analysis, ours or scikit-learn's."""
    W = np.asarray(model.components_, dtype=np.float64)
    covariance = W.T @ W + np.diag(np.asarray(model.noise_variance_, dtype=np.float64))
    return nats(empirical(X, model.mean_), covariance)


def ppca_nats(model, X):
    """Training log-likelihood a row of a fitted probabilistic PCA, ours or scikit-learn's PCA."""
    V = np.asarray(model.components_, dtype=np.float64)
    signal = np.asarray(model.explained_variance_, dtype=np.float64) - model.noise_variance_
    covariance = (V.T * signal) @ V + model.noise_variance_ * np.eye(V.shape[1])
    return nats(empirical(X, model.mean_), covariance)
