"""``fit`` of every torch estimator: validate, seed, build, train, freeze."""

import copy
import math
import warnings
from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import replace
from numbers import Integral

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from skgen.base.mixins import InputMixin
from skgen.base.sklearn_compat import (
    CALLBACK_PREFIXES,
    CallbackSupportMixin,
    fit_progress,
    validate_params,
    with_callbacks,
)
from skgen.base.weights import export_weights, import_weights
from skgen.training import (
    EarlyStopping,
    as_tensor,
    dense,
    inference_device,
    make_rows,
    resolve_device,
    scale_learning_rate,
    seeded,
    standardised,
    torch_generator,
    train,
)
from skgen.training.report import epoch_reporter

BLOCK = 4096


class TorchEstimator(InputMixin, CallbackSupportMixin, BaseEstimator, ABC):
    """Template of a model that the training loop fits.

    A subclass declares its constructor (with the parameters of ``training_parameters``) and
    four hooks. ``fit`` and ``partial_fit`` are final.
    """

    # Updates in a stage where max_iter="auto" is allowed and chosen.
    _n_updates = 10_000
    # Or a method (X, y, resume) that gives columns for the phases behind those of X: labels.
    _targets = None

    @property
    @abstractmethod
    def _architecture(self):
        """Names of the parameters that shape the module, which going on cannot change."""

    @abstractmethod
    def _inspect(self, X):
        """Set what must be known of X before building; return its centre and unit.

        The networks see ``(X - centre) / unit``; both are numbers or arrays (n_features,).
        """

    @abstractmethod
    def _build(self, n_features):
        """Return the untrained module; reads constructor parameters and ``_inspect``'s facts."""

    @abstractmethod
    def _stages(self, module):
        """Return the stages of training, in order."""

    @abstractmethod
    def _finish(self, X):
        """Set the attributes that need the trained ``module_``; X is the training data."""

    def _review(self, X):
        """Judge a complete fit; a subclass may warn here."""

    @with_callbacks
    def fit(self, X, y=None):
        """Fit the model to X.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data. An ``np.memmap`` is read in batches and never copied whole.
        y : Ignored
            Present for API consistency.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        DivergenceError
            A loss became non-finite; an earlier fit is kept.
        MemoryError
            A batch does not fit on the device; names the batch size to try.
        """
        validate_params(self)
        return self._fit(X, y, resume=self.warm_start, max_iter=self.max_iter)

    @with_callbacks
    def partial_fit(self, X, y=None):
        """Run one epoch over X, going on from where the last call stopped.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data of this call.
        y : Ignored
            Present for API consistency.

        Returns
        -------
        self : object
            The estimator.
        """
        validate_params(self)
        return self._fit(X, y, resume=True, max_iter=1, partial=True)

    def _fit(self, X, y, *, resume, max_iter, partial=False):
        """Common part of ``fit`` and ``partial_fit``; leaves ``self`` as it was on an error."""
        with (
            fit_progress(self, X, y, max_iter=None, task="epoch") as progress,
            _all_or_nothing(self),
        ):
            stream = isinstance(X, np.memmap)
            resume = resume and "module_" in vars(self)
            X = self._validate_training(X, stream, reset=not (partial and resume))
            device = resolve_device(self.device)
            rng = check_random_state(self.random_state)
            generator = torch_generator(rng, device)
            if resume:
                # With the same seed the noise is new, and the rows held out are the same.
                generator.manual_seed(generator.initial_seed() + self.n_iter_)
            targets = None if self._targets is None else self._targets(X, y, resume)
            with seeded(generator):
                module = self._initial_module(X, resume)
                if self.compile:
                    for part in module.children():
                        part.compile()
                run = _Run(self, module.to(device), generator, rng, progress, partial, resume)
                run(X, targets, stream, max_iter)
            self.module_ = module.cpu().eval().requires_grad_(False)
            run.write_curves(self, run.histories)
            self._finish(X)
            if not partial:
                self._review(X)
        if device.type == "cuda":
            del run
            torch.cuda.empty_cache()
        return self

    def _validate_training(self, X, stream, reset):
        """X in one of the float dtypes, or any numeric dtype where it is streamed."""
        if not stream:
            return self._validate(X, reset=reset)
        return validate_data(self, X, reset=reset, dtype="numeric")

    def _initial_module(self, X, resume):
        """The module of the earlier fit to go on with, or a new one."""
        n_features = X.shape[1]
        if resume:
            self._check_goes_on(n_features)
        else:
            self._centre, self._unit = self._inspect(X)
        self._built_for = {"n_features": n_features, "params": self.get_params(deep=False)}
        if resume:
            return copy.deepcopy(self.module_).requires_grad_(True)
        return self._build(n_features)

    def _check_goes_on(self, n_features):
        """Refuse to go on with networks that were built for something else."""
        before = self._built_for["n_features"]
        if n_features != before:
            raise ValueError(
                f"X has {n_features} features, but the earlier fit had {before}; "
                "use warm_start=False or a new estimator."
            )
        for name in self._architecture:
            now, before = getattr(self, name), self._built_for["params"][name]
            if not np.array_equal(now, before):
                raise ValueError(
                    f"{name}={now!r}, but the networks of the earlier fit were built with "
                    f"{name}={before!r}; set it back, or start anew by fit with warm_start=False."
                )

    def _standardise(self, X):
        """Rows as the networks see them, in the dtype of X."""
        return standardised(X, self._centre, self._unit, dtype=X.dtype)

    def _unstandardise(self, X):
        """Rows in the units of the data."""
        return (X * self._unit + self._centre).astype(X.dtype, copy=False)

    @torch.no_grad()
    def _apply(self, function, X, *, block=BLOCK):
        """``function(module, rows)`` over blocks of rows, in the dtype of X; NumPy in and out."""
        device = inference_device(self.device)
        dtype = torch.float32 if device.type == "mps" else as_tensor(dense(X[:1])).dtype
        module = self.module_
        if device.type != "cpu" or dtype != torch.float32:
            module = copy.deepcopy(module).to(device, dtype)
        blocks = (as_tensor(dense(X[i : i + block])) for i in range(0, X.shape[0], block))
        parts = [function(module, rows.to(device, dtype)).cpu() for rows in blocks]
        return torch.cat(parts).numpy()

    def __getstate__(self):
        state = super().__getstate__()
        # An optimizer's moments are worth one session, not a file.
        state.pop("_optimizers", None)
        return export_weights(state)

    def __setstate__(self, state):
        super().__setstate__(import_weights(self, state))


class _Run:
    """One call of ``fit``: rows, stages, histories."""

    def __init__(self, estimator, module, generator, rng, progress, partial, resume):
        self.estimator, self.module, self.generator = estimator, module, generator
        self.rng, self.progress, self.partial, self.resume = rng, progress, partial, resume
        self.histories = []

    def __call__(self, X, targets, stream, max_iter):
        est = self.estimator
        callback = self._callback(X)
        training, validation = self._split(X.shape[0])
        X, *units = _beside(X, targets, est._centre, est._unit)
        how = (*units, self.generator.device)
        rows = make_rows(X, *how, subset=training, stream=stream)
        batch_size = _batch_size(est.batch_size, len(rows))
        if max_iter == "auto":
            max_iter = math.ceil(est._n_updates * batch_size / len(rows))
        stopping = None
        if validation is not None:
            held_out = make_rows(X, *how, subset=validation, stream=stream)
            stopping = EarlyStopping(held_out, est.n_iter_no_change, est.tol)
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

    def _split(self, n_samples):
        """Row numbers for training (None: all) and validation (None: no early stopping)."""
        est = self.estimator
        if self.partial or not est.early_stopping:
            return None, None
        n_validation = max(1, round(est.validation_fraction * n_samples))
        if n_validation >= n_samples:
            raise ValueError(
                f"early_stopping=True leaves no training row of n_samples={n_samples} with "
                f"validation_fraction={est.validation_fraction}; use early_stopping=False."
            )
        order = self.rng.permutation(n_samples)
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


def _beside(X, targets, centre, unit):
    """X with columns of targets behind its own, and the centre and unit of all."""
    if targets is None:
        return X, centre, unit
    beside = [np.zeros(targets.shape[1]), np.ones(targets.shape[1])]
    units = [
        np.concatenate([np.broadcast_to(of_X, X.shape[1]), of_targets])
        for of_X, of_targets in zip((centre, unit), beside)
    ]
    return np.concatenate([X, targets], axis=1, dtype=X.dtype), *units


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


@contextmanager
def _all_or_nothing(estimator):
    """Put every attribute back if the block fails, except the callbacks' own."""
    before = dict(vars(estimator))
    try:
        yield
    except BaseException:
        after = vars(estimator)
        callbacks = {k: v for k, v in after.items() if k.startswith(CALLBACK_PREFIXES)}
        after.clear()
        after.update(before, **callbacks)
        raise
