"""Restricted Boltzmann machine with real-valued visible units."""

import numpy as np
import torch

from skgen.base.parameters import AUTO, NON_NEGATIVE, param
from skgen.boltzmann.base import BaseRBM
from skgen.boltzmann.learning.denoising_start import first_chains
from skgen.boltzmann.learning.phases import gaussian_phase
from skgen.boltzmann.learning.state import n_parallel, small_scale
from skgen.boltzmann.training_length import shortened
from skgen.boltzmann.visible import inspect_numbers, measure_numbers, shorten_start
from skgen.kernels.boltzmann.boltzmann_enumeration import gaussian_log_partition
from skgen.nets.boltzmann.annealing import GaussianPath
from skgen.nets.boltzmann.rbm import GaussianRBM

# Updates after a start by denoising, if rows are not few.
LEAST_UPDATES = 4000


class GaussianBernoulliRBM(BaseRBM):
    r"""Density of real-valued rows by one layer of hidden binary units.

    A mixture of :math:`2^k` Gaussians that share their variances, and whose means add up, for k
    hidden units:

    .. math:: & p(v, h) \propto \exp(h c + h W (v / s) - \tfrac12 \sum_i (v_i - b_i)^2 / s_i), \\
        & v \mid h \sim N(b + W^\top h, s), \qquad P(h_j = 1 \mid v) = \sigma(c_j + W_j v / s).

    The variances s are learned, one a feature. Inside, features are centered and divided by
    their standard deviations, so that data of any units train alike; densities, biases and
    variances are in the units of X.

    Parameters
    ----------
    learning_rate : float or "auto" (2 / n_components, at most 0.1; see Notes), default="auto"
        Step along the gradient of the mean log-likelihood.
    max_iter : int or "auto", default="auto"
        Epochs; "auto" takes as many as make four updates a weight, between 2 000 and 10 000, see
        Notes. Early stopping waits for ``n_iter_no_change`` epochs, and for 500 updates at least.
    init_scale : float or "auto", default="auto"
        Standard deviation of the initial weights, beside noise as large as the data; "auto"
        starts at a denoising autoencoder, see Notes.
    %(shared_parameters)s

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        Weights W, in units of X: what a hidden unit adds to the mean.
    intercept_hidden_ : ndarray of shape (n_components,)
        Biases c of the hidden units.
    intercept_visible_ : ndarray of shape (n_features,)
        Biases b of the visible units: the mean where no hidden unit is on.
    noise_variance_ : ndarray of shape (n_features,)
        Variances s.
    likelihood_kind_ : str
        "exact" for at most 20 hidden units, where log Z is enumerated; otherwise "ais",
        estimated by annealed importance sampling.
    log_partition_ : float
        log Z in nats, of the rows in standard units; computed when ``score_samples`` first
        needs it.
    log_partition_std_ : float
        Its standard error; 0 where exact.
    %(shared_attributes)s

    See Also
    --------
    BernoulliRBM : For binary rows.
    FactorAnalysis : Gaussian hidden units instead of binary ones.

    Notes
    -----
    With ``init_scale="auto"`` learning starts where a denoising autoencoder of some rows ends
    (Vincent 2011). Small weights beside noise as large as the data, the start of Cho et al. (2011)
    which a number takes, are a saddle point of the likelihood where columns are uncorrelated.
    The autoencoder's noise is as much as the hidden units can resolve, a fraction
    6 (n_features / n_components)^2 of the variance, at most a quarter, or 2.5 n_features /
    n_samples, if that is more: less would be learned by heart.

    ``max_iter="auto"`` then makes 4 000 updates at least, and with few rows five a row. With fewer
    than 1 000 rows, and than 50 a hidden unit, it makes all of them, a quarter, a 16th or a 64th,
    and as many before at most that denoise: what is best for a fifth of the rows, which first fits
    of such lengths hold out. The automatic learning rate is at most half the noise. In up to ten
    dimensions chains of "pcd" also jump between clusters, by differences of rows (ter Braak 2006).

    A fit in which no hidden unit found anything warns.

    References
    ----------
    Cho, K., Ilin, A. & Raiko, T. (2011). Improved learning of Gaussian-Bernoulli restricted
    Boltzmann machines. ICANN.

    Hinton, G. & Salakhutdinov, R. (2006). Reducing the dimensionality of data with neural
    networks. Science.

    Vincent, P. (2011). A connection between score matching and denoising autoencoders. Neural
    Computation.

    ter Braak, C. (2006). A Markov chain Monte Carlo version of the genetic algorithm Differential
    Evolution: easy Bayesian computing for real parameter spaces. Statistics and Computing.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skgen import GaussianBernoulliRBM
    >>> X = load_wine().data
    >>> model = GaussianBernoulliRBM(n_components=8, random_state=0).fit(X)
    >>> model.transform(X).shape, model.sample(3).shape, model.likelihood_kind_
    ((178, 8), (3, 13), 'exact')
    """

    init_scale: float | str = param(NON_NEGATIVE, AUTO, default="auto")

    measure_ = "lebesgue"
    _measured_buffers = r"\blog_noise_floor$"

    def _inspect(self, X, columns):
        n_updates = max(LEAST_UPDATES, self._most_updates(columns.n_features))
        return inspect_numbers(self, columns, n_updates, self.init_scale == "auto")

    def _choose_length(self, columns):
        chosen = shortened(self, columns, self.n_components)
        if chosen is not None:
            shorten_start(self, chosen)

    def _measure(self, columns):
        measure_numbers(self, columns)

    def _new_net(self, n_features):
        log_noise_floor = torch.from_numpy(np.log(self._noise_floor))
        return GaussianRBM(n_features, self.n_components, log_noise_floor)

    def _start(self, net):
        first = vars(self).pop("_first_rows", None)
        return first_chains(net, first, small_scale(self.init_scale), *n_parallel(self))

    def _phase(self, state, optimizer):
        return gaussian_phase(self, state, optimizer)

    def _finish_visible(self, net):
        variance = net.log_variance.double().exp().numpy()
        self.noise_variance_ = variance * np.square(self._scale)
        self.components_ = self.components_ * self._scale
        self.intercept_visible_ = net.visible_bias.numpy() * self._scale + self._center

    def _path(self, net):
        return GaussianPath(net)

    def _enumerable_units(self):
        return len(self.components_)

    def _exact_partition(self):
        net = self._net
        arrays = net.weight, net.visible_bias, net.hidden_bias, net.log_variance.double().exp()
        return gaussian_log_partition(*(a.numpy() for a in arrays))
