"""Convolutional restricted Boltzmann machine with probabilistic max-pooling."""

from math import prod

import numpy as np
import torch

from skgen.base.parameters import AUTO, COUNT, param
from skgen.base.results.measure import MEASURE_OF_UNITS
from skgen.boltzmann.base import TwoLayerMachine
from skgen.boltzmann.convolutional.gradient import convolutional_phase
from skgen.boltzmann.convolutional.images import ImageMixin, start
from skgen.boltzmann.convolutional.shapes import filter_of
from skgen.boltzmann.learning.state import log_odds
from skgen.nets.boltzmann.annealing import BernoulliPath, GaussianPath
from skgen.nets.boltzmann.convolutional import enumeration
from skgen.nets.boltzmann.convolutional.encoder import PooledLayer

N_UPDATES = 2000


class ConvolutionalRBM(ImageMixin, TwoLayerMachine):
    r"""Density of images by filters that are the same at every place, with pooled units.

    Hidden unit :math:`h_{kp}` says that filter k was found at place p. A filter's places are cut
    into blocks; of the units of a block at most one is on, and the pooled unit of the block is on
    if one of them is (probabilistic max-pooling: Lee, Grosse, Ranganath & Ng 2009). For binary v:

    .. math:: & p(v, h) \propto \exp\Bigl(v b + \sum_{kp} h_{kp} (c_k + W_k v_p)\Bigr), \\
        & \log p(v) = v b + \sum_{k, \text{block}} \log\Bigl(1 + \sum_{p \in \text{block}}
        e^{c_k + W_k v_p}\Bigr) - \log Z,

    with :math:`v_p` what filter k sees at place p: the whole filter lies within the image. Each
    pixel has a bias of its own, where the paper has one for all. Real-valued v given h are Gaussian
    as in :class:`GaussianBernoulliRBM`, with one noise variance a channel.

    Parameters
    ----------
    n_filters : int, default=24
        Filters.
    filter_size : int or "auto", default="auto"
        Rows and columns of a filter; "auto" is 0.35 times those of the image, but 4 to 12,
        and at most one more than half of them.
    pool_size : int, default=2
        Rows and columns of a block; those at the bottom and on the right may have fewer. With 1
        each hidden unit stands for itself.
    learning_rate : float or "auto", default="auto"
        Step along the gradient of the mean log-likelihood, that of the filters and of their biases
        divided by the root of the number of places; see Notes.
    max_iter : int or "auto", default="auto"
        Epochs; "auto" takes as many as make 2 000 updates. Early stopping waits for
        ``n_iter_no_change`` epochs, and for 500 updates at least.
    %(shared_parameters)s

    Attributes
    ----------
    filters_ : ndarray of shape (n_filters, channels, filter height, filter width)
        Weights W; with Gaussian units what a hidden unit adds to the means of pixels, in units
        of their scales.
    intercept_hidden_ : ndarray of shape (n_filters,)
        Biases c of the filters.
    intercept_visible_ : ndarray of shape (n_features,)
        Biases b of the pixels.
    noise_variance_ : ndarray of shape (n_features,)
        Variances of the pixels given the hidden units, with Gaussian units.
    image_shape_ : tuple
        ``(channels, height, width)`` of the images in use.
    pooled_shape_ : tuple
        ``(n_filters, rows, columns)`` of the pooled units, whose probabilities ``transform`` gives
        as rows.
    visible_ : {"binary", "gaussian"}
        The units of the pixels in use.
    likelihood_kind_ : str
        "exact" where at most 2^20 images or hidden states are enumerated for log Z; otherwise
        "ais", estimated by annealed importance sampling.
    log_partition_ : float
        log Z in nats, computed when ``score_samples`` first needs it.
    log_partition_std_ : float
        Its standard error; 0 where exact.
    %(shared_attributes)s

    Raises
    ------
    ValueError
        The image or the filters do not fit the rows.

    See Also
    --------
    BernoulliRBM : Filters of the whole image.
    ConvolutionalDBN : Several such layers.

    Notes
    -----
    ``inverse_transform`` gives the mean of the pixels where a pooled unit's probability is shared
    by the places of its block: which of them it stood for is not among the features.

    The defaults are for features: contrastive divergence with a target for the activity, as in the
    paper. As a density the machine is better with ``negative_phase="pcd"`` and
    ``sparsity_target=None``.

    ``learning_rate="auto"`` is 6.4 / n_filters^0.75, and at most 0.8, for binary units, times
    81 / places that a filter sees where those are more; for Gaussian ones half the noise variance,
    and at most 0.1, times 16 / places that it sees and 6 / root of the places it stands at, where
    those are more.

    References
    ----------
    Lee, H., Grosse, R., Ranganath, R. & Ng, A. (2009). Convolutional deep belief networks for
    scalable unsupervised learning of hierarchical representations. ICML.

    Melchior, J., Fischer, A. & Wiskott, L. (2016). How to center deep Boltzmann machines.
    JMLR.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import ConvolutionalRBM
    >>> X = load_digits().data / 16
    >>> model = ConvolutionalRBM(8, max_iter=10, random_state=0).fit(X)
    >>> model.filters_.shape, model.pooled_shape_, model.transform(X).shape
    ((8, 1, 4, 4), (8, 3, 3), (1797, 72))
    """

    n_filters: int = param(COUNT, default=24, kw_only=False)
    filter_size: int | str = param(COUNT, AUTO, default="auto")
    pool_size: int = param(COUNT, default=2)
    init_scale: float = param(default=0.1)
    negative_phase: str = param(default="cd")
    n_gibbs_steps: int = param(default=1)
    n_burn_in: int = param(default=200)

    measure_ = property(lambda self: MEASURE_OF_UNITS[self.visible_])
    _architecture = ("n_filters", "filter_size", "pool_size", "image_shape", "visible")
    _n_updates = N_UPDATES

    def _new_net(self, n_features):
        filter_shape = filter_of(self.filter_size, self.image_shape_)
        return self._net_of_images(self.n_filters, filter_shape, self.pool_size)

    def _start(self, net):
        return start(self, net)

    def _phase(self, state, optimizer):
        return convolutional_phase(self, state, optimizer)

    def _finish(self, X):
        self._forget_partition()
        net = self._net
        self.pooled_shape_ = net.pooled_shape
        self.filters_ = net.weight.numpy().copy()
        self.intercept_hidden_ = net.hidden_bias.numpy().copy()
        self.intercept_visible_ = self._unstandardize(net.visible_bias.numpy())
        vars(self).pop("noise_variance_", None)
        if self.visible_ == "gaussian":
            variance = net.log_variance.double().exp().numpy()
            self.noise_variance_ = variance * np.square(self._scale)

    @property
    def _n_features_out(self):
        return prod(self.pooled_shape_)

    def _encoder_module(self, module):
        """The way up as a network."""
        return torch.nn.Sequential(PooledLayer(module.averaged_net))

    def _encode(self, X):
        return self._apply(lambda m, v: m.averaged_net.pooled_mean(v), self._standardize(X))

    def _decode(self, Z):
        def means(module, pooled):
            net = module.averaged_net
            return net.visible_mean(net.spread(pooled))

        return self._unstandardize(self._apply(means, Z))

    def _path(self, net):
        if self.visible_ == "gaussian":
            return GaussianPath(net)
        return BernoulliPath(net, log_odds(self._means).to(net.weight.device))

    def _enumerable_units(self):
        n_hidden = enumeration.n_hidden_bits(self._net)
        return n_hidden if self.visible_ == "gaussian" else min(n_hidden, self.n_features_in_)

    def _exact_partition(self):
        net = self._net
        over_hidden = self._enumerable_units() < self.n_features_in_
        if self.visible_ == "gaussian" or over_hidden:
            return enumeration.log_partition_over_hidden(net)
        return enumeration.log_partition_over_images(net)
