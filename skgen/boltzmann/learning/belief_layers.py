"""The machines that a deep belief network starts from."""

from itertools import pairwise

import numpy as np
import torch

from skgen.boltzmann.learning.denoising_start import first_chains
from skgen.boltzmann.learning.state import TrainingState, log_odds, small_scale
from skgen.nets.boltzmann.rbm import RBM, GaussianRBM


def new_layers(estimator, n_features, n_classes):
    """A ``TrainingState`` of each layer; the top has as many labels beside its visible units."""
    sizes = [n_features, *estimator.hidden_layer_sizes]
    nets = [_lowest(estimator, *sizes[:2]), *(RBM(d, k) for d, k in pairwise(sizes[1:-1]))]
    nets.append(RBM(sizes[-2] + n_classes, sizes[-1], n_classes))
    scales = [small_scale(estimator.init_scale)] * len(nets)
    if n_classes and estimator.visible_ == "gaussian":
        # Small weights all turn toward the widest direction of few features.
        scales[0] = max(scales[0], sizes[1] ** -0.5)
    first, layers = vars(estimator).pop("_first_rows", None), []
    for net, scale in zip(nets, scales):
        rows = None if layers else first
        chains = first_chains(net, rows, scale, 1, estimator.n_chains)
        layers.append(TrainingState(net, chains))
    return layers


def _lowest(estimator, d, k):
    """The machine that sees the features."""
    if estimator.visible_ == "gaussian":
        return GaussianRBM(d, k, torch.from_numpy(np.log(estimator._noise_floor)))
    net = RBM(d, k)
    net.visible_bias.data.copy_(log_odds(estimator._means))
    return net
