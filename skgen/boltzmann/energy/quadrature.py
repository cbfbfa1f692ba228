"""log Z of an energy in one or two dimensions, by a sum over a grid."""

import numpy as np
import torch

from skgen.training.inference import over_blocks

MOST_FEATURES = 2
# Points a dimension, at v = sinh(t): dense where the data are, and some 70 standard deviations far.
N_POINTS, FARTHEST = 301, 5.0


def log_partition(net, n_features):
    """Log of the integral of exp(-E(v)) in nats, for at most two features."""
    t = np.linspace(-FARTHEST, FARTHEST, N_POINTS)
    points, log_width = np.sinh(t), np.log(np.cosh(t)) + np.log(t[1] - t[0])
    grid = np.stack(np.meshgrid(*[points] * n_features, indexing="ij"), -1).reshape(-1, n_features)
    widths = sum(np.meshgrid(*[log_width] * n_features, indexing="ij")).ravel()
    energy = over_blocks(net, lambda net, v: net(v), grid, torch.device("cpu"), double=True)
    return float(np.logaddexp.reduce(widths - energy))
