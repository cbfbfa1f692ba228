"""What machines of rows in time order share: their verbs, and how they are trained."""

import copy
from abc import abstractmethod
from numbers import Integral

import numpy as np
import torch
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted

from skgen.base.results.container import index_of
from skgen.base.results.measure import ComparedMixin
from skgen.base.results.size import check_n_rows
from skgen.base.sklearn_compat import output_container, validate_params, with_callbacks
from skgen.base.torch_estimator import TorchEstimator
from skgen.boltzmann.learning.state import draw_normal_, log_odds
from skgen.boltzmann.sequential.continuation import continued, filled_in_time
from skgen.boltzmann.sequential.learning import SequenceGradient, SequenceState
from skgen.boltzmann.sequential.parameters import SequenceParameters, partition_method
from skgen.boltzmann.sequential.rows import sequence_starts, states_before
from skgen.boltzmann.sequential.windows import NO_WINDOWS, Windows
from skgen.boltzmann.visible import inspect_bits, measure_bits
from skgen.nets.boltzmann.steps import annealed_log_partition
from skgen.training import GradientPhase, Stage, adam, inference_device, torch_generator

# Units of the smaller layer whose states are enumerated for each row.
MOST_ENUMERATED = 15
N_VALUES = 2**20  # of one intermediate array
# Continuations of which impute takes the mean.
N_IMPUTED = 100


class SequenceRBM(ComparedMixin, SequenceParameters, TorchEstimator):
    """A machine of each row whose biases depend on the rows before it in its sequence.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        Weights W.
    intercept_visible_ : ndarray of shape (n_features,)
        Biases b of the visible units where the rows before add nothing.
    intercept_hidden_ : ndarray of shape (n_components,)
        Biases c of the hidden units, likewise.
    likelihood_kind_ : str
        "exact" where a layer has at most 15 units, so that each log Z is enumerated; otherwise
        "ais", estimated by annealed importance sampling.
    """

    measure_ = "counting"
    # Gibbs chains run in float32.
    precision, compile = "float32", False
    _n_updates = 2000
    # The training rows, for as long as a fit takes.
    _windows = NO_WINDOWS

    @abstractmethod
    def _new_net(self, n_features):
        """Return the net, its weights drawn."""

    @abstractmethod
    def _spans(self):
        """Rows of a window, and rows before it that say in which state it begins."""

    @abstractmethod
    def _finish_history(self, net):
        """Set the attributes that say how biases depend on the rows before."""

    @with_callbacks
    def fit(self, X, y=None, groups=None):
        """Fit the model to rows in time order.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows in time order.
        y : Ignored
            Present for API consistency.
        groups : array-like of shape (n_samples,), default=None
            Which sequence each row belongs to; nothing is carried from one to the next. None is
            one sequence.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        DivergenceError
            A loss became non-finite; an earlier fit is kept.
        ValueError
            A parameter or X is not what the model takes.
        """
        validate_params(self)
        how = {"resume": self.warm_start, "max_iter": self.max_iter}
        return self._fit(X, y, None, groups=groups, **how)

    @with_callbacks
    def partial_fit(self, X, y=None, groups=None):
        """Run one epoch over X, going on from where the last call stopped.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows in time order, whose first one begins a sequence.
        y : Ignored
            Present for API consistency.
        groups : array-like of shape (n_samples,), default=None
            Which sequence each row belongs to.

        Returns
        -------
        self : object
            The estimator.
        """
        validate_params(self)
        return self._fit(X, y, None, groups=groups, resume=True, max_iter=1, partial=True)

    def _inspect(self, X, columns):
        return inspect_bits(self, columns)

    def _measure(self, columns):
        measure_bits(self, columns)

    def _targets(self, X, y, weight, resume, groups=None):
        self._windows = Windows(X, sequence_starts(X, groups), *self._spans())
        return self._windows.targets()

    def _build(self, n_features):
        net = self._new_net(n_features)
        net.visible_bias.data = log_odds(self._means)
        draw_normal_(net.weight, self.init_scale)
        return SequenceState(net)

    def _stages(self, state):
        net = state.net
        groups = [
            {"params": net.weights(), "weight_decay": self.weight_decay},
            {"params": net.biases()},
        ]
        windows = self._windows.on(net.weight.device)
        persistent = self.negative_phase == "pcd"
        gradient = SequenceGradient(net, windows, self.n_gibbs_steps, persistent=persistent)
        optimizer = adam(groups, self.learning_rate)
        phase = GradientPhase("minus_pseudo_likelihood", gradient, optimizer, after=state.count)
        return [Stage([phase], monitor=gradient.monitor)]

    def _finish(self, X):
        vars(self).pop("_windows", None)
        net = self._net
        self.components_ = net.weight.numpy().copy()
        self.intercept_visible_ = net.visible_bias.numpy().copy()
        self.intercept_hidden_ = net.hidden_bias.numpy().copy()
        self._finish_history(net)

    @property
    def likelihood_kind_(self):
        """How log Z is known: "exact" by enumeration, or "ais", an estimate."""
        return "exact" if self._is_enumerable() else "ais"

    def _is_enumerable(self):
        return min(self.components_.shape) <= MOST_ENUMERATED

    @property
    def _net(self):
        return self.module_.net

    def _generator(self, random_state):
        return torch_generator(self._rng(random_state), inference_device(self.device))

    @torch.no_grad()
    def _states(self, X, groups):
        """State before each row, float64."""
        net = copy.deepcopy(self._net).double()
        return states_before(net, X.astype(np.float64), sequence_starts(X, groups))

    def _of_machines(self, function, X, states):
        """``function(machines, rows)`` of rows and the machine of each of them, in float64."""
        d = X.shape[1]

        def run(module, both):
            return function(module.net.machines(both[:, d:]), both[:, :d])

        return self._apply(run, np.hstack([X, states]), double=True)

    def transform_sequence(self, X, groups=None):
        """Probabilities of the hidden units, given each row and those before it in its sequence.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows in time order.
        groups : array-like of shape (n_samples,), default=None
            Which sequence each row belongs to.

        Returns
        -------
        Z : ndarray of shape (n_samples, n_components)
            Probabilities, of the dtype of X.
        """
        check_is_fitted(self)
        X = self._validate(X)

        def means(machines, v):
            return torch.sigmoid(machines.hidden_input(v))

        Z = self._of_machines(means, X, self._states(X, groups))
        return Z.astype(X.dtype, copy=False)

    def score_sequence(self, X, groups=None):
        """Log-probability of each row given those before it in its sequence, in nats.

        Their sum is the joint log-probability of all rows. ``log_partitions`` tells the standard
        errors where ``likelihood_kind_`` is "ais".

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows in time order.
        groups : array-like of shape (n_samples,), default=None
            Which sequence each row belongs to.

        Returns
        -------
        log_probability : ndarray of shape (n_samples,)
            In nats, float64.
        """
        check_is_fitted(self)
        X = self._validate(X)
        states = self._states(X, groups)
        energies = self._of_machines(lambda machines, v: machines.free_energy(v), X, states)
        size = self.n_ais_chains, self.n_ais_steps
        return -energies - self._partitions(states, self._method("auto"), *size, 0)[0]

    def score(self, X, y=None, groups=None):
        """Mean log-probability of a row given those before it in its sequence, in nats.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows in time order.
        y : Ignored
            Present for API consistency.
        groups : array-like of shape (n_samples,), default=None
            Which sequence each row belongs to.

        Returns
        -------
        score : float
            Mean of ``score_sequence``.
        """
        scores = self.score_sequence(X, groups)
        self._note_measure()
        return float(np.mean(scores))

    def log_partitions(
        self, X, groups=None, method="auto", n_chains=None, n_steps=None, random_state=0
    ):
        """Log Z of the machine of each row, on which its score rests.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows in time order.
        groups : array-like of shape (n_samples,), default=None
            Which sequence each row belongs to.
        method : {"auto", "exact", "ais"}, default="auto"
            Enumeration of the smaller layer, or annealed importance sampling; "auto" enumerates
            up to 15 units.
        n_chains, n_steps : int or None, default=None
            Chains and temperatures of the sampling; None takes the constructor's.
        random_state : int, RandomState instance or None, default=0
            Source of its draws, which all rows share.

        Returns
        -------
        log_partition : ndarray of shape (n_samples,)
            log Z in nats.
        standard_error : ndarray of shape (n_samples,)
            Its standard error, 0 where it is exact. As rows share their draws, the mean over rows
            may be as uncertain as a single one.
        """
        check_is_fitted(self)
        n_chains = self.n_ais_chains if n_chains is None else n_chains
        n_steps = self.n_ais_steps if n_steps is None else n_steps
        check_scalar(n_chains, "n_chains", Integral, min_val=1)
        check_scalar(n_steps, "n_steps", Integral, min_val=1)
        states = self._states(self._validate(X), groups)
        return self._partitions(states, self._method(method), n_chains, n_steps, random_state)

    def _method(self, method):
        """How to find log Z, "exact" or "ais"; refuses what would take too long."""
        n_units = min(self.components_.shape)
        return partition_method(method, n_units, MOST_ENUMERATED)

    def _partitions(self, states, method, n_chains, n_steps, random_state):
        """Log Z of the machine of each state, and its standard error."""
        k, d = self.components_.shape
        if method == "exact":
            block = max(1, N_VALUES // (2 ** min(k, d) * max(k, d)))
            log_z = self._apply(
                lambda module, s: module.net.machines(s).log_partition(),
                states,
                double=True,
                block=block,
            )
            return log_z, np.zeros(len(log_z))
        generator = self._generator(random_state)

        def annealed(module, s):
            # The same draws for each block.
            generator.manual_seed(generator.initial_seed())
            machines = module.net.machines(s)
            return torch.stack(annealed_log_partition(machines, n_chains, n_steps, generator), 1)

        block = max(1, N_VALUES // (n_chains * max(k, d)))
        found = self._apply(annealed, states.astype(np.float32), block=block)
        return found[:, 0], found[:, 1]

    def sample(self, n_samples=1, random_state=None, *, start=None):
        """Draw a sequence of rows in time order, or go on with one.

        Parameters
        ----------
        n_samples : int, default=1
            Number of rows.
        random_state : int, RandomState instance or None, default=None
            Source of the draws; None uses the estimator's own ``random_state``.
        start : array-like of shape (n_start, n_features), default=None
            Rows of one sequence, which the draws continue; None begins one.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
            The draws; a frame where ``transform_output`` asks for one.
        """
        check_is_fitted(self)
        check_n_rows(n_samples, "n_samples", n_values=self.n_features_in_)
        start = None if start is None else self._validate(start).astype(np.float32)
        how = self._means, self.n_burn_in, torch_generator(self._rng(random_state), "cpu")
        rows = continued(self._net, start, int(n_samples), *how)
        return self._in_container(rows.astype(self._built_for["dtype"], copy=False))

    def impute(self, X, groups=None):
        """Replace each NaN by its mean given its row and those before it in the sequence.

        The mean over 100 draws of what is missing, each of which goes on from its own earlier
        ones; rows that follow do not count.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows in time order; NaN marks what is missing, whole rows as well.
        groups : array-like of shape (n_samples,), default=None
            Which sequence each row belongs to.

        Returns
        -------
        X_full : ndarray of shape (n_samples, n_features)
            A copy of X with every NaN filled; a frame where ``transform_output`` asks for one.
        """
        check_is_fitted(self)
        rows = self._validate_incomplete(X)
        _, means = self._filled(rows, groups, N_IMPUTED, self._rng(0))
        return self._in_container(means, index_of(X))

    def sample_conditional(self, X, n_draws=1, random_state=None, groups=None):
        """Draw what is missing given its row and those before it in the sequence.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows in time order; NaN marks what is missing, whole rows as well.
        n_draws : int, default=1
            Completed copies of X.
        random_state : int, RandomState instance or None, default=None
            Source of the draws; None uses the estimator's own ``random_state``.
        groups : array-like of shape (n_samples,), default=None
            Which sequence each row belongs to.

        Returns
        -------
        draws : ndarray of shape (n_draws, n_samples, n_features)
            Completed copies; a list of frames where ``transform_output`` asks for them.
        """
        check_is_fitted(self)
        rows, rng = self._validate_incomplete(X), self._rng(random_state)
        check_n_rows(n_draws, "n_draws", n_values=rows.size)
        draws, _ = self._filled(rows, groups, int(n_draws), rng)
        tables = [self._in_container(draw, index_of(X)) for draw in draws]
        return np.stack(tables) if output_container(self) == "default" else tables

    def _filled(self, X, groups, n_draws, rng):
        """Completed copies of X, and their mean, both in its type."""
        starts, generator = sequence_starts(X, groups), torch_generator(rng, "cpu")
        how = self._means, self.n_burn_in, n_draws, generator
        found = filled_in_time(self._net, X.astype(np.float32), starts, *how)
        return [np.where(np.isnan(X), a, X).astype(X.dtype, copy=False) for a in found]
