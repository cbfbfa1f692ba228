"""What the probabilistic-PCA cases share."""

import numpy as np


def fit_skgen(data, seed):
    from skgen import ProbabilisticPCA

    X, k = data
    return ProbabilisticPCA(k).fit(X)


def fit_sklearn(data, seed):
    from sklearn.decomposition import PCA

    X, k = data
    return PCA(k, svd_solver="covariance_eigh").fit(X)


def train_log_likelihood(model, data):
    """Score both models by one formula in float64: the Gaussian with the model's covariance."""
    X, _ = data
    mean = X.mean(axis=0, dtype=np.float64)
    centred = X - mean
    empirical = centred.T @ centred / len(X)
    shift = mean - model.mean_
    return {"log-likelihood": gaussian_nats(empirical + np.outer(shift, shift), _covariance(model))}


def _covariance(model):
    """Return the model's covariance in float64 (get_covariance may be float32)."""
    V = np.asarray(model.components_, dtype=np.float64)
    variance = np.asarray(model.explained_variance_, dtype=np.float64)
    sigma2 = float(model.noise_variance_)
    return (V.T * (variance - sigma2)) @ V + sigma2 * np.eye(V.shape[1])


def gaussian_nats(empirical, covariance):
    """Mean log-density of centred rows with the given empirical covariance, in nats per row."""
    d = len(covariance)
    factor = np.linalg.cholesky(covariance)
    log_det = 2 * np.log(np.diag(factor)).sum()
    trace = np.trace(np.linalg.solve(covariance, empirical))
    return -0.5 * (d * np.log(2 * np.pi) + log_det + trace)
