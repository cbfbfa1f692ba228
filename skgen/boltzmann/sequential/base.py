"""What machines of rows in time order share: their verbs, and how they are trained."""

import math
from abc import abstractmethod

from skgen.base.run import Settings
from skgen.base.sklearn_compat import validate_params, with_callbacks
from skgen.base.torch_estimator import TorchEstimator
from skgen.base.trials.held_out_epochs import epochs_by_held_out_rows
from skgen.boltzmann.learning.state import draw_normal_, log_odds
from skgen.boltzmann.sequential.learning import (
    LONGEST_GRADIENT,
    SequenceGradient,
    SequenceState,
)
from skgen.boltzmann.sequential.parameters import SequenceParameters
from skgen.boltzmann.sequential.rows import sequence_starts
from skgen.boltzmann.sequential.windows import NO_WINDOWS, Windows
from skgen.boltzmann.visible import inspect_bits, measure_bits
from skgen.kernels.row_blocks import RowBlocks
from skgen.training import GradientPhase, Stage, adam, inference_device, torch_generator

# Units of the smaller layer whose states are enumerated for each row.
MOST_ENUMERATED = 15
N_VALUES = 2**20  # of one intermediate array
# Continuations of which impute takes the mean.
N_IMPUTED = 100
N_UPDATES = 2000
PATIENCE = 200  # updates after the best epoch of a first fit
# Of more rows none is learned by heart in so many updates.
MOST_ROWS = 10_000


class SequenceRBM(SequenceParameters, TorchEstimator):
    """A machine of each row whose biases depend on the rows before it in its sequence.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        Weights W.
    intercept_visible_ : ndarray of shape (n_features,)
        Biases b of the visible units where the rows before add nothing.
    intercept_hidden_ : ndarray of shape (n_components,)
        Biases c of the hidden units, likewise.
    """

    measure_ = "counting"
    # Gibbs chains run in float32.
    precision, compile = "float32", False
    _n_updates = N_UPDATES
    # Epochs that held-out windows like best, where rows are few.
    _enough_epochs = None
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
        if isinstance(X, RowBlocks):
            raise TypeError(
                f"X lies in blocks, but {type(self).__name__} holds rows in time order as a whole; "
                "call partial_fit with one sequence after the other."
            )
        self._windows = Windows(X, sequence_starts(X, groups), *self._spans())
        return self._windows.targets()

    @property
    def _sequence_of_rows(self):
        return self._windows.sequence

    def _choose_length(self, columns):
        self._enough_epochs = None
        n_windows = len(self._windows.first)
        few = n_windows > 1 and len(columns.X) < MOST_ROWS
        if self.max_iter == "auto" and few and not self.early_stopping:
            a_batch = Settings(self.batch_size).rows_an_update(n_windows)
            an_epoch = math.ceil(n_windows / a_batch)
            most, patience = (math.ceil(n / an_epoch) for n in (N_UPDATES, PATIENCE))
            self._enough_epochs = epochs_by_held_out_rows(
                self, columns.X, most, patience, groups=self._sequence_of_rows
            )

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
        how = {"after": state.count, "longest": LONGEST_GRADIENT}
        phase = GradientPhase("minus_pseudo_likelihood", gradient, optimizer, **how)
        chosen = self._enough_epochs if self.max_iter == "auto" else None
        return [Stage([phase], monitor=gradient.monitor, max_iter=chosen)]

    def _finish(self, X):
        vars(self).pop("_windows", None)
        net = self._net
        self.components_ = net.weight.numpy().copy()
        self.intercept_visible_ = net.visible_bias.numpy().copy()
        self.intercept_hidden_ = net.hidden_bias.numpy().copy()
        self._finish_history(net)

    @property
    def _net(self):
        return self.module_.net

    def _generator(self, random_state):
        return torch_generator(self._rng(random_state), inference_device(self.device))
