"""What the Boltzmann machines share: verbs on Gibbs chains, and the frame of the shallow ones."""

import copy
from abc import abstractmethod
from functools import partial
from numbers import Integral

import numpy as np
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted
from torch.nn import functional as F

from skgen.base.blocks import by_blocks
from skgen.base.mixins import (
    ImputeMixin,
    LatentMixin,
    SampleMeansMixin,
    SampleMixin,
    ScoreMixin,
)
from skgen.base.parameters import COUNT, param
from skgen.base.results.finite import finite
from skgen.base.results.size import LONGEST
from skgen.base.torch_estimator import TorchEstimator
from skgen.boltzmann.learning.hybrid_gradient import label_loss
from skgen.boltzmann.learning.negative_phase import NEGATIVE_PHASES, ParallelTempering
from skgen.boltzmann.learning.state import (
    TrainingState,
    chosen_learning_rate,
    make_optimizer,
    n_parallel,
)
from skgen.boltzmann.parameters import TemperedParameters
from skgen.boltzmann.partition import LayerPartitionMixin
from skgen.boltzmann.review import review
from skgen.boltzmann.sampling import (
    clamped_draws,
    clamped_means,
    clamped_sweeps,
    mean_rows,
    sample_rows,
)
from skgen.nets.boltzmann.labeled import (
    free_energy,
    hidden_means,
    with_drawn_labels,
    without_labels,
)
from skgen.nets.boltzmann.rbm import gibbs
from skgen.nets.boltzmann.sigmoid_layers import sigmoid_layers
from skgen.training import Stage, inference_device, torch_generator


class BoltzmannMixin(LatentMixin, ScoreMixin, SampleMixin, SampleMeansMixin, ImputeMixin):
    """Scores, draws and imputations of a fitted model in which two layers have Gibbs chains.

    ``module_`` has the fitted ``averaged_net`` and the ``chains`` that learning left. The two
    layers are the net itself, or the top of it.
    """

    # The gradients are written by hand, in float32.
    precision = "float32"
    compile = False
    # Epochs of few rows hold a handful of updates, while the averaged weights move slowly.
    _least_patience = 500
    _former_weights = {r"\bmoving\.": "net.", r"\baverage\.": "averaged_net."}

    @abstractmethod
    def _two_layers(self, module):
        """Return the machine with the chains."""

    @abstractmethod
    def _to_data(self, rows, generator):
        """Return rows as the networks see them, given visible rows of the machine."""

    @abstractmethod
    def _to_means(self, rows, generator):
        """Return means of the data given hidden units that are drawn from such rows."""

    @abstractmethod
    def _sweeps(self, module, x, missing, n_steps, generator):
        """Yield draws and means of rows x whose missing entries are sampled, step by step."""

    @abstractmethod
    def _log_unnormalized(self, X):
        """Return log p of standardized rows plus log Z, or a bound on it, float64."""

    def _negative_phase(self, chains, net):
        """Where the model's half of the gradient of a machine comes from."""
        if self.negative_phase == "pt":
            return ParallelTempering(chains, self.n_gibbs_steps, self._path(net))
        return NEGATIVE_PHASES[self.negative_phase](chains, self.n_gibbs_steps)

    @property
    def _net(self):
        return self.module_.averaged_net

    @property
    def _chains(self):
        """Hidden states of the machine that learning left, (n_chains, k)."""
        return self.module_.chains[-1]

    def _review(self, X):
        review(self, X)

    def _machine_on(self, device):
        """A copy of the fitted machine on a device."""
        return copy.deepcopy(self._two_layers(self.module_)).to(device)

    def _generator(self, random_state):
        """Torch generator of a call, on the device of its computations."""
        return torch_generator(self._rng(random_state), inference_device(self.device))

    def _score_rows(self, X):
        log_jacobian = float(np.log(np.broadcast_to(self._scale, X.shape[1])).sum())
        return self._log_unnormalized(X) - self._partition() - log_jacobian

    def _sample(self, n_samples, rng):
        return self._sample_from(self._two_layers, self._to_data, n_samples, rng)

    def _sample_means(self, n_samples, rng):
        return self._sample_from(self._two_layers, self._to_means, n_samples, rng)

    def _sample_from(self, machine_of, to_data, n_samples, rng):
        """Rows from chains that run on ``machine_of(module)``, on the scale of the data."""
        generator = torch_generator(rng, inference_device(self.device))
        rows = sample_rows(self, machine_of, n_samples, generator)
        return self._unstandardize(to_data(rows, generator), self._built_for["dtype"])

    def _impute(self, X):
        return clamped_means(self, X, self.n_thinning, self._generator(0))

    def _sample_conditional(self, X, n_draws, rng):
        generator = torch_generator(rng, inference_device(self.device))
        return clamped_draws(self, X, n_draws, self.n_burn_in, generator)


class TwoLayerMachine(BoltzmannMixin, LayerPartitionMixin, TemperedParameters, TorchEstimator):
    """Visible and hidden units, those of each kind independent given the other."""

    # The most that learning_rate="auto" stands for, and what that is multiplied by.
    _highest_learning_rate, _automatic_fraction = 0.8, 1.0

    @abstractmethod
    def _new_net(self, n_features):
        """Return the net, its weights zero, its biases at the data's."""

    @abstractmethod
    def _start(self, net):
        """Set the weights of a new net; return the first states of its chains."""

    @abstractmethod
    def _phase(self, state, optimizer):
        """Return the training phase of a ``TrainingState``."""

    def _build(self, n_features):
        net = self._new_net(n_features)
        return TrainingState(net, self._start(net))

    def _stages(self, state):
        state.resize_chains(*n_parallel(self))
        learning_rate = chosen_learning_rate(self, state.net, self._highest_learning_rate)
        if self.learning_rate == "auto":
            learning_rate *= self._automatic_fraction
        phase = self._phase(state, make_optimizer(self, state, learning_rate))
        net = state.averaged_net
        monitor = partial(label_loss, net) if net.n_classes else net.loss_to_watch
        return [Stage([phase], monitor=monitor)]

    @property
    def likelihood_kind_(self):
        """How log Z is known: "exact" by enumeration, or "ais", an estimate."""
        return "exact" if self._is_enumerable() else "ais"

    def _two_layers(self, module):
        return module.averaged_net

    def _to_data(self, rows, generator):
        return without_labels(self._net, rows)

    def _to_means(self, rows, generator):
        return without_labels(self._net, mean_rows(self, rows, generator))

    def _sweeps(self, module, x, missing, n_steps, generator):
        net = module.averaged_net
        # A label is missing everywhere.
        missing = F.pad(missing, (0, net.n_classes), value=True)
        v = with_drawn_labels(net, x, generator)
        for rows in clamped_sweeps(net, v, missing, n_steps, generator):
            yield [without_labels(net, part) for part in rows]

    def _log_unnormalized(self, X):
        return -self._free_energies(X)

    def _free_energies(self, X):
        rows = self._standardize(X)
        return self._apply(lambda m, v: free_energy(m.averaged_net, v), rows, double=True)

    @by_blocks
    def free_energy(self, X):
        """Free energy -log sum_h exp(-E(v, h)) of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Visible rows.

        Returns
        -------
        free_energy : ndarray of shape (n_samples,)
            In nats; minus the log-likelihood up to a constant, log Z.
        """
        check_is_fitted(self)
        return finite(self._free_energies, self._validate(X))

    def gibbs(self, X, n_steps=1, random_state=None):
        """Visible rows after sweeps of block Gibbs sampling that start at X.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Visible rows.
        n_steps : int, default=1
            Sweeps: hidden units given visible ones, then visible given hidden.
        random_state : int, RandomState instance or None, default=None
            Source of the draws; None uses the estimator's own ``random_state``. An int gives
            the same draws in every call: in a loop of calls, which is one chain, pass a
            RandomState instance, or take ``n_steps`` at once.

        Returns
        -------
        X_new : ndarray of shape (n_samples, n_features)
            One draw a row.
        """
        check_is_fitted(self)
        check_scalar(n_steps, "n_steps", Integral, min_val=1, max_val=LONGEST)
        X, n_steps = self._standardize(self._validate(X)), int(n_steps)
        generator = self._generator(random_state)

        def run(module, x):
            net = module.averaged_net
            return gibbs(net, with_drawn_labels(net, x, generator), n_steps, generator)

        rows = finite(lambda X: self._apply(run, X), X)
        return self._unstandardize(without_labels(self._net, rows))


class BaseRBM(TwoLayerMachine):
    """A visible and a hidden layer; a subclass says what the visible units are.

    Parameters
    ----------
    n_components : int, default=64
        Hidden units.
    max_iter : int or "auto", default="auto"
        Epochs; "auto" takes as many as make four updates a weight, between 2 000 and 10 000.
        Early stopping waits for ``n_iter_no_change`` epochs, and for 500 updates at least.
    """

    n_components: int = param(COUNT, default=64, kw_only=False)

    _architecture = ("n_components",)
    # Updates that max_iter="auto" stands for where rows are few, otherwise None.
    _enough_updates = None

    @abstractmethod
    def _finish_visible(self, net):
        """Set the attributes of the visible units."""

    @property
    def _n_updates(self):
        """Updates that max_iter="auto" stands for."""
        return self._enough_updates or self._most_updates(self._built_for["n_features"])

    def _most_updates(self, n_features):
        """Updates where rows are many: more weights take longer."""
        return min(max(4 * self.n_components * n_features, 2000), 10_000)

    def _finish(self, X):
        self._forget_partition()
        net = self._net
        self.components_ = without_labels(net, net.weight).numpy().copy()
        self.intercept_hidden_ = net.hidden_bias.numpy().copy()
        self._finish_visible(net)

    @property
    def _n_features_out(self):
        return len(self.components_)

    def _encoder_module(self, module):
        """The way up as a network."""
        net = module.averaged_net
        return sigmoid_layers([without_labels(net, net.up_weight())], [net.hidden_bias])

    def _encode(self, X):
        return self._apply(lambda m, v: hidden_means(m.averaged_net, v), self._standardize(X))

    def _decode(self, Z):
        means = self._apply(lambda module, h: module.averaged_net.visible_mean(h), Z)
        return self._unstandardize(without_labels(self._net, means))
