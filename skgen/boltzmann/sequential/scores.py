"""What machines of rows in time order say of rows, given those before."""

import copy
from numbers import Integral

import numpy as np
import torch
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted

from skgen.base.results.measure import ComparedMixin
from skgen.base.results.size import LONGEST, check_n_rows
from skgen.boltzmann.sequential.parameters import partition_method
from skgen.boltzmann.sequential.rows import sequence_starts, states_before
from skgen.nets.boltzmann.steps import annealed_log_partition

# Units of the smaller layer whose states are enumerated for each row.
MOST_ENUMERATED = 15
N_VALUES = 2**20  # of one intermediate array


class SequenceScoreMixin(ComparedMixin):
    """Scores and hidden units of a ``SequenceRBM``.

    Attributes
    ----------
    likelihood_kind_ : str
        "exact" where a layer has at most 15 units, so that each log Z is enumerated; otherwise
        "ais", estimated by annealed importance sampling.
    """

    @property
    def likelihood_kind_(self):
        """How log Z is known: "exact" by enumeration, or "ais", an estimate."""
        return "exact" if self._is_enumerable() else "ais"

    def _is_enumerable(self):
        return min(self.components_.shape) <= MOST_ENUMERATED

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
        check_n_rows(n_chains, "n_chains")
        check_scalar(n_steps, "n_steps", Integral, min_val=1, max_val=LONGEST)
        states = self._states(self._validate(X), groups)
        size = int(n_chains), int(n_steps)
        return self._partitions(states, self._method(method), *size, random_state)

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
