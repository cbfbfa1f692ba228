"""The factor model that a network starts from."""

import numpy as np
import torch

from skgen.base.warn import held
from skgen.exceptions import HeywoodWarning
from skgen.linear import FactorAnalysis
from skgen.nets.autoregressive.squash import squashed

MOST_FACTORS = 24
LEAST_NOISE = 1e-5  # of the variance of a column; float32 solves no worse systems


def factor_model(X, weight):
    """Mean, loadings (k, d) and noise variances of standardized rows X (n, d) with NaN.

    The number of factors is chosen by held-out likelihood.
    """
    d = X.shape[1]
    if not d:
        return np.zeros(0), np.zeros((0, 0)), np.zeros(0)
    # The scale of the weights is immaterial.
    weight = None if weight is None else weight / weight.max()
    X = squashed(torch.from_numpy(X)).numpy()
    unseen = np.isnan(X).all(axis=0)
    X[:, unseen] = 0.0
    model = FactorAnalysis("auto", noise_floor=LEAST_NOISE, random_state=0)
    with held(HeywoodWarning), held(UserWarning):
        model.fit(X, sample_weight=weight)
        if len(model.components_) > MOST_FACTORS:
            model.set_params(n_components=MOST_FACTORS).fit(X, sample_weight=weight)
    psi = np.maximum(model.noise_variance_, LEAST_NOISE)
    return model.mean_, model.components_, psi
