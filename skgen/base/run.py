"""One call of a torch estimator's ``fit``: its rows, its stages and their histories."""

import copy
import math
import warnings
from dataclasses import replace
from numbers import Integral

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skgen.training import EarlyStopping, make_rows, scale_learning_rate, train
from skgen.training.report import epoch_reporter


class Run:
    """One call of ``fit``: rows, stages, histories."""

    def __init__(self, estimator, module, generator, rng, progress, partial, resume):
        self.estimator, self.module, self.generator = estimator, module, generator
        self.rng, self.progress, self.partial, self.resume = rng, progress, partial, resume
        self.histories = []

    def __call__(self, X, targets, stream, max_iter):
        """Train every stage in turn."""
        est = self.estimator
        callback = self._callback(X)
        training, validation = self._split(_known(targets, X.shape[0]))
        X, *scales = _beside(X, targets, est._center, est._scale)
        how = (*scales, self.generator.device)
        rows = make_rows(X, *how, subset=training, stream=stream)
        stopping = None
        if validation is not None:
            held_out = make_rows(X, *how, subset=validation, stream=stream)
            stopping = EarlyStopping(held_out, self._patience(len(rows)), est.tol)
        self.train(rows, max_iter, stopping, callback)

    def train(self, rows, max_iter, stopping, callback):
        """Train every stage in turn on these rows."""
        est = self.estimator
        batch_size = _batch_size(est.batch_size, len(rows))
        if max_iter == "auto":
            max_iter = math.ceil(est._n_updates * batch_size / len(rows))
        stages = list(est._stages(self.module))
        self._load_optimizers(stages)
        for number, stage in enumerate(stages):
            n_epochs = stage.max_iter or max(1, round(stage.share * max_iter))
            if self.partial:
                n_epochs = 1
            history = train(
                self.module,
                _scheduled(stage, est.learning_rate_schedule, self.partial),
                rows,
                batch_size=batch_size,
                max_iter=n_epochs,
                generator=self.generator,
                early_stopping=stopping if stage.stops_early else None,
                precision=est.precision,
                report=epoch_reporter(stage, number, n_epochs, est.verbose, callback),
            )
            self.histories.append(history)
            if history.interrupted:
                _warn_interrupted(history, n_epochs)
                break
        self._keep_optimizers(stages)

    def _patience(self, n_rows):
        """Epochs without a better validation loss that end the training."""
        est = self.estimator
        n_updates = math.ceil(n_rows / _batch_size(est.batch_size, n_rows))
        return max(est.n_iter_no_change, math.ceil(est._least_patience / n_updates))

    def _split(self, known):
        """Row numbers for training (None: all) and validation (None: no early stopping).

        ``known`` are the numbers to choose from, or the number of rows where all are.
        """
        est, n_samples = self.estimator, len(known) if np.ndim(known) else known
        if self.partial or not est.early_stopping:
            return (known if np.ndim(known) else None), None
        n_validation = max(1, round(est.validation_fraction * n_samples))
        if n_validation >= n_samples:
            raise ValueError(
                f"early_stopping=True leaves no training row of n_samples={n_samples} with "
                f"validation_fraction={est.validation_fraction}; use early_stopping=False."
            )
        order = self.rng.permutation(known)
        return np.sort(order[n_validation:]), np.sort(order[:n_validation])

    def _callback(self, X):
        """Tell scikit-learn's callbacks about an epoch; True stops."""

        def fitted_so_far(history):
            snapshot = copy.copy(self.estimator)
            snapshot.module_ = copy.deepcopy(self.module).cpu().eval().requires_grad_(False)
            self.write_curves(snapshot, [*self.histories, history])
            snapshot._finish(X)
            return vars(snapshot)

        return lambda history: bool(self.progress(lambda: fitted_so_far(history)))

    def _load_optimizers(self, stages):
        """Put back the moments that the last ``partial_fit`` left."""
        if not self.partial or "_optimizers" not in vars(self.estimator):
            return
        for optimizer, state in zip(_optimizers(stages), self.estimator._optimizers):
            # The groups are new: parameters may have been changed since.
            groups = optimizer.state_dict()["param_groups"]
            optimizer.load_state_dict({"state": state["state"], "param_groups": groups})

    def _keep_optimizers(self, stages):
        """Leave the moments for the next ``partial_fit``."""
        if self.partial:
            self.estimator._optimizers = [o.state_dict() for o in _optimizers(stages)]
        else:
            vars(self.estimator).pop("_optimizers", None)

    def write_curves(self, est, histories):
        """Set ``loss_curve_`` and its kin; going on appends to them."""
        validation = next((h.validation for h in reversed(histories) if h.validation), [])
        curve = [x for h in histories for x in next(iter(h.losses.values()))]
        est.loss_curve_ = [*(est.loss_curve_ if self.resume else []), *curve]
        est.n_iter_ = len(est.loss_curve_)
        est.validation_scores_ = [-loss for loss in validation] or None
        est.best_loss_ = min(validation or est.loss_curve_)


def _known(targets, n_samples):
    """Numbers of the rows that have targets, or ``n_samples`` where all rows have."""
    if targets is None or not np.isnan(targets).any():
        return n_samples
    return np.flatnonzero(~np.isnan(targets).any(axis=1))


def _beside(X, targets, center, scale):
    """X with columns of targets behind its own, and the center and scale of all."""
    if targets is None:
        return X, center, scale
    beside = [np.zeros(targets.shape[1]), np.ones(targets.shape[1])]
    scales = [
        np.concatenate([np.broadcast_to(of_X, X.shape[1]), of_targets])
        for of_X, of_targets in zip((center, scale), beside)
    ]
    return np.concatenate([X, targets], axis=1, dtype=X.dtype), *scales


def _optimizers(stages):
    """Every optimizer of the stages, in order."""
    return [phase.optimizer for stage in stages for phase in stage.phases]


def _batch_size(batch_size, n_samples):
    """Rows an update."""
    if isinstance(batch_size, Integral):
        return min(int(batch_size), n_samples)
    return min(n_samples, max(16, min(128, n_samples // 20)))


def _scheduled(stage, schedule, partial):
    """The stage with the estimator's learning-rate schedule in front of its own."""
    if partial:
        return replace(stage, schedule=None)  # one epoch of a stream has no progress
    if schedule == "constant":
        return stage
    own = stage.schedule
    optimizers = _optimizers([stage])

    def cosine(progress):
        for optimizer in optimizers:
            scale_learning_rate(optimizer, 0.5 * (1 + math.cos(math.pi * progress)))
        if own is not None:
            own(progress)

    return replace(stage, schedule=cosine)


def _warn_interrupted(history, max_iter):
    """Say that Ctrl-C ended the training."""
    warnings.warn(
        f"Training was interrupted in epoch {history.n_epochs} of {max_iter}; "
        "the estimator keeps what it had learned.",
        ConvergenceWarning,
        stacklevel=5,
    )
