"""Restricted Boltzmann machine of binary units."""

from numbers import Real

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted

from skgen.base.data_range import warn_outside_unit_interval
from skgen.base.sklearn_compat import Interval
from skgen.base.training_parameters import TRAINING_ATTRIBUTES, document
from skgen.boltzmann.base import BaseRBM
from skgen.boltzmann.learning.gradient import bernoulli_phase
from skgen.boltzmann.learning.losses import flip_loss
from skgen.boltzmann.learning.state import binary_step, data_means
from skgen.boltzmann.parameters import MACHINE_CONSTRAINTS, MACHINE_PARAMETERS
from skgen.kernels.boltzmann.boltzmann_enumeration import log_partition
from skgen.kernels.boltzmann.pseudo_likelihood import log_pseudo_likelihood
from skgen.nets.boltzmann.annealing import BernoulliPath
from skgen.nets.boltzmann.rbm import RBM


@document(
    machine_parameters=MACHINE_PARAMETERS
    % {
        "n_gibbs_steps": 5,
        "learning_rate": 'float or "auto" (at most 0.8, see Notes), default="auto"',
        "weight_decay": "1e-4",
        "n_updates": "four updates a weight, between\n    2 000 and 10 000",
    },
    training_attributes=TRAINING_ATTRIBUTES,
)
class BernoulliRBM(BaseRBM):
    """Density of binary rows by one layer of hidden binary units.

    The model, and what training raises for binary v (n_features,) and h (n_components,)::

        p(v, h) = exp(v b + h c + h W v) / Z
        mean_i  log p(v_i) = mean_i  -F(v_i) - log Z,   F(v) = -log sum_h exp(v b + h c + h W v)

    Its gradient is a difference of two expectations: under the data, and under the model,
    which Gibbs chains stand for. Values between 0 and 1 are taken for probabilities.

    The defaults serve the likelihood. For features of small gray images that a classifier
    reads, short chains, larger initial weights and a sparsity target do better; see the
    user guide.

    Parameters
    ----------
    n_components : int, default=256
        Hidden units.
    centered : bool, default=True
        Whether both layers are measured from the middle between data and model, the enhanced
        gradient (Melchior, Fischer & Wiskott 2016); without it, features that are mostly on
        learn slowly.
    data_bias : bool, default=True
        Whether the visible biases start at the log-odds of the data instead of zero.
    sparsity_target : float or None, default=None
        Mean activity towards which each hidden unit is pulled.
    sparsity_cost : float, default=0.5
        Weight of that pull.
    %(machine_parameters)s

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        Weights W.
    intercept_hidden_ : ndarray of shape (n_components,)
        Biases c of the hidden units.
    intercept_visible_ : ndarray of shape (n_features,)
        Biases b of the visible units.
    likelihood_kind_ : str
        "exact" where a layer has at most 20 units, so that log Z is enumerated; otherwise
        "ais", estimated by annealed importance sampling.
    log_partition_ : float
        log Z in nats, computed when ``score_samples`` first needs it.
    log_partition_std_ : float
        Its standard error; 0 where exact.
    %(training_attributes)s

    See Also
    --------
    GaussianBernoulliRBM : For real-valued rows.
    DeepBeliefNetwork : Several layers, trained one by one.

    Notes
    -----
    ``learning_rate="auto"`` is 6.4 / n_components^0.75, and at most 0.8: the more hidden units
    there are, the sooner a large step runs away.

    References
    ----------
    Hinton, G. (2002). Training products of experts by minimizing contrastive divergence.
    Neural Computation.

    Tieleman, T. (2008). Training restricted Boltzmann machines using approximations to the
    likelihood gradient. ICML.

    Salakhutdinov, R. & Murray, I. (2008). On the quantitative analysis of deep belief
    networks. ICML.

    Melchior, J., Fischer, A. & Wiskott, L. (2016). How to center deep Boltzmann machines.
    JMLR.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import BernoulliRBM
    >>> X = (load_digits().data >= 8).astype("float32")
    >>> model = BernoulliRBM(n_components=16, random_state=0).fit(X)
    >>> model.likelihood_kind_, bool(model.score(X) > -18)
    ('exact', True)
    >>> model.transform(X).shape, model.sample(3).shape
    ((1797, 16), (3, 64))
    """

    _accepts_sparse = True
    _parameter_constraints: dict = {
        **MACHINE_CONSTRAINTS,
        "centered": ["boolean"],
        "data_bias": ["boolean"],
        "sparsity_target": [Interval(Real, 0, 1, closed="neither"), None],
        "sparsity_cost": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        n_components=256,
        *,
        centered=True,
        data_bias=True,
        sparsity_target=None,
        sparsity_cost=0.5,
        negative_phase="pcd",
        n_gibbs_steps=5,
        n_chains=100,
        n_temperatures=10,
        init_scale=0.01,
        momentum=0.0,
        batch_size=100,
        learning_rate="auto",
        learning_rate_schedule="constant",
        weight_decay=1e-4,
        max_iter="auto",
        n_ais_chains=100,
        n_ais_steps=1000,
        sample_start="data",
        n_burn_in=1000,
        n_thinning=100,
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=10,
        tol=1e-4,
        warm_start=False,
        random_state=None,
        verbose=False,
        device="auto",
    ):
        self.n_components = n_components
        self.centered = centered
        self.data_bias = data_bias
        self.sparsity_target = sparsity_target
        self.sparsity_cost = sparsity_cost
        self.negative_phase = negative_phase
        self.n_gibbs_steps = n_gibbs_steps
        self.n_chains = n_chains
        self.n_temperatures = n_temperatures
        self.init_scale = init_scale
        self.momentum = momentum
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_schedule = learning_rate_schedule
        self.weight_decay = weight_decay
        self.max_iter = max_iter
        self.n_ais_chains = n_ais_chains
        self.n_ais_steps = n_ais_steps
        self.sample_start = sample_start
        self.n_burn_in = n_burn_in
        self.n_thinning = n_thinning
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose
        self.device = device

    def pseudo_likelihood(self, X):
        """Log-pseudo-likelihood of each row: the sum of log P(v_j | all the others) over j.

        Exact over the features, unlike scikit-learn's, which draws one; it needs no log Z.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Visible rows.

        Returns
        -------
        pseudo_likelihood : ndarray of shape (n_samples,)
            In nats.
        """
        check_is_fitted(self)
        X = self._validate(X)

        def rows(machine, v):
            net = machine.average
            arrays = v, net.hidden_input(v), net.weight.T.contiguous(), net.visible_bias
            return torch.from_numpy(log_pseudo_likelihood(*(a.cpu().numpy() for a in arrays)))

        return self._apply(rows, X.astype(np.float64))

    def _inspect(self, X):
        warn_outside_unit_interval(X, "BernoulliRBM", "GaussianBernoulliRBM")
        self._means = data_means(X)
        return 0.0, 1.0

    def _automatic_step(self):
        return binary_step(self.n_components)

    def _base(self):
        """Log-odds of the data, (d,) float32."""
        return torch.logit(torch.from_numpy(self._means)).float()

    def _new_net(self, n_features):
        net = RBM(n_features, self.n_components)
        if self.data_bias:
            net.visible_bias.data.copy_(self._base())
        return net

    def _phase(self, machine, optimizer):
        return bernoulli_phase(self, machine, optimizer)

    def _monitor(self, machine):
        return flip_loss(machine.average)

    def _finish_visible(self, net):
        self.intercept_visible_ = net.visible_bias.numpy().copy()

    def _path(self, net):
        return BernoulliPath(net, self._base().to(net.weight.device))

    def _enumerable_units(self):
        return min(self.components_.shape)

    def _exact_partition(self):
        return log_partition(self.components_, self.intercept_visible_, self.intercept_hidden_)
