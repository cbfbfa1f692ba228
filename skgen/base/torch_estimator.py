"""``fit`` of every torch estimator: validate, seed, build, train, freeze."""

import copy
import functools
import re
from abc import ABC, abstractmethod

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from skgen.base.blocks import at_hand, checked_blocks
from skgen.base.data_range import constant_columns, hold_constant
from skgen.base.fit_checks import check_draws, check_goes_on, check_scales, is_outgrown
from skgen.base.mixins import InputMixin
from skgen.base.pickles import export_weights, import_weights
from skgen.base.progress.agreement import share_random_state
from skgen.base.progress.reports import fit_progress
from skgen.base.run import (
    Settings,
    curves,
    earlier_curves,
    generator_of_fit,
    load_earlier_moments,
    optimizers,
    rows_and_stopping,
    run_stages,
)
from skgen.base.sklearn_compat import (
    CallbackSupportMixin,
    all_or_nothing,
    validate_params,
    with_callbacks,
)
from skgen.base.training_parameters import LoopParameters
from skgen.base.training_rows import weighted_rows_and_labels
from skgen.base.warn import held
from skgen.base.wording import naming, naming_what_takes_holes
from skgen.exceptions import FitInterrupted
from skgen.interrupts import Interrupts
from skgen.training import (
    columns_of,
    current_device,
    inference_device,
    memory_errors,
    own_draws,
    own_draws_of,
    plain_autograd,
    resolve_device,
    seeded,
    standardized,
)
from skgen.training.inference import over_blocks
from skgen.training.workers import joined


class TorchEstimator(InputMixin, CallbackSupportMixin, LoopParameters, BaseEstimator, ABC):
    """Template of a model that the training loop fits.

    A subclass declares its parameters (inheriting those of ``training_parameters``, or the few
    that the loop reads) and five hooks. ``fit`` and ``partial_fit`` are final.

    Attributes
    ----------
    n_iter_ : int
        Epochs run.
    loss_curve_ : list of float
        Mean training loss of each epoch: that of the critic for a GAN.
    loss_curves_ : dict of str to list of float
        The same for every phase of the training, by name, such as both players of a GAN and the
        layers of a stack. Each has ``n_iter_`` values, NaN in epochs of another stage.
    validation_scores_ : list of float or None
        Minus the validation loss of each epoch, with ``early_stopping``.
    best_loss_ : float
        Lowest loss of the curve: of the validation rows with ``early_stopping``.
    module_ : torch.nn.Module
        The fitted networks, on the CPU, in evaluation mode.
    n_features_in_ : int
        Number of features seen in ``fit``.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where X had string names.
    """

    # Updates in a stage where max_iter="auto" is allowed and chosen.
    _n_updates = 10_000
    # Updates for which early stopping waits at least, where n_iter_no_change epochs are fewer.
    _least_patience = 0
    _sequence_of_rows = None  # (n,), where early stopping holds out whole sequences
    # Patterns of names of weights in models that version 0.1 saved, and their replacements.
    _former_weights = {}
    # Parameters that models saved before lack, and what was done then.
    _former_defaults = {}
    # Pattern of names of buffers that hold what ``_measure`` sets.
    _measured_buffers = None
    _constant = None  # (n_features,), which columns of unlike scales held one value; or None

    @property
    @abstractmethod
    def _architecture(self):
        """Names of the parameters that shape the module, which going on cannot change."""

    @abstractmethod
    def _inspect(self, X, columns):
        """Set what must be known of X before building; return its center and scale.

        The networks see ``(X - center) / scale``; both are numbers or arrays (n_features,).
        ``columns`` holds the ``Columns`` of X, and of earlier rows where those of a stream are
        looked at again.
        """

    def _measure(self, columns):
        """Set facts of the rows that ``partial_fit`` brings up to date in every call."""

    def _choose_length(self, columns):
        """Set what max_iter="auto" stands for where it depends on the rows; for ``fit`` alone."""

    @abstractmethod
    def _build(self, n_features):
        """Return the untrained module; reads constructor parameters and ``_inspect``'s facts."""

    def _built(self, module):
        """Refuse parameters that the module, built or to go on with, cannot serve."""

    @abstractmethod
    def _stages(self, module):
        """Return the stages of training, in order."""

    def _finish(self, X):
        """Set the attributes that need the trained ``module_``; X is the training data."""

    def _row_weights(self, X, y, sample_weight):
        """Weights of the rows, or None: those given, and what else the estimator weighs."""
        return sample_weight

    def _targets(self, X, y, weight, resume, **about_targets):
        """Columns for the phases behind those of X, such as labels; None where there are none.

        Rows in which they are NaN sit out the training. ``weight`` is None where all are equal.
        """
        return None

    def _review(self, X):
        """Judge a complete fit; a subclass may warn here."""

    @with_callbacks
    def fit(self, X, y=None, sample_weight=None):
        """Fit the model to X.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data. An ``np.memmap`` is read in batches and never copied whole; collections
            of dask, arrays of HDF5 and Zarr, and lists of arrays, are read block by block.
        y : array-like or None, default=None
            Labels or conditions of the rows, where the model learns them; otherwise ignored.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the rows: an epoch holds each as often as its weight says, rounded up or
            down by chance, and as many rows as have a positive one. Their scale is immaterial.

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
        ValueError
            A parameter or X is not what the model takes.
        """
        validate_params(self)
        return self._fit(X, y, sample_weight, resume=self.warm_start, max_iter=self.max_iter)

    @with_callbacks
    def partial_fit(self, X, y=None, sample_weight=None):
        """Run one epoch over X, going on from where the last call stopped.

        Where the rows are far from all earlier ones, in whose scales the networks see them, the
        networks start anew from these rows, with a warning.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data of this call.
        y : Ignored
            Present for API consistency.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the rows within this call; their scale is immaterial.

        Returns
        -------
        self : object
            The estimator.
        """
        validate_params(self)
        vars(self).pop("_resumption", None)  # of a ``fit``
        return self._fit(X, y, sample_weight, resume=True, max_iter=1, partial=True)

    def _fit(self, X, y, sample_weight, *, resume, max_iter, partial=False, **about_targets):
        """Common part of ``fit`` and ``partial_fit``; leaves ``self`` as it was on an error.

        Ctrl-C ends the training after the batch that it finds. ``self`` then has what was learned,
        and FitInterrupted is raised; before the first batch, and by a second Ctrl-C,
        KeyboardInterrupt is raised and ``self`` is as it was.
        """
        with (
            joined(),
            Interrupts() as interrupts,
            fit_progress(self, X, y, task="epoch") as progress,
            all_or_nothing(self),
            plain_autograd(),
            memory_errors(),
        ):
            interrupts.release()
            resume = resume and "module_" in vars(self)
            stream = isinstance(X, np.memmap)
            X = _validate_training(self, X, stream, reset=not (partial and resume))
            y, sample_weight = at_hand(y), at_hand(sample_weight)
            sample_weight = self._row_weights(X, y, sample_weight)
            X, y, weight = weighted_rows_and_labels(X, y, sample_weight, stream)
            targets = self._targets(X, y, weight, resume, **about_targets)
            progress.compare(X, y, weight)
            earlier = vars(self).get("_columns") if partial and resume else None
            columns = columns_of(X, weight, earlier, y)
            self._train(
                columns, targets, max_iter, progress, resume=resume, partial=partial, stream=stream
            )
            if partial or not resume:
                self._columns = columns.record()
            # Callbacks of worker 0 may have drawn.
            share_random_state(self.random_state)
            self._finish(columns.sample())
            if not partial:
                check_draws(self)
            if not partial and not interrupts.stopped:
                self._review(columns.sample())
        if resolve_device(self.device).type == "cuda":
            torch.cuda.empty_cache()
        if interrupts.stopped:
            raise FitInterrupted.of(self, f"in epoch {self.n_iter_}")
        return self

    def _train(self, columns, targets, max_iter, progress, *, resume, partial, stream):
        """Set ``module_`` and what tells the course of its training."""
        if resume:
            check_goes_on(self, columns)
        goes_on = resume and not (partial and is_outgrown(self, columns))
        rng = progress.rng(self.random_state)
        generator = generator_of_fit(self, rng, resume)
        earlier = earlier_curves(self) if resume else None
        with seeded(generator), current_device(generator.device):
            module = self._initial_module(columns, goes_on, partial)
            self._built(module)
            if self.compile:
                for part in module.children():
                    part.compile()
            module.to(generator.device)
            settings = settings_of(self, max_iter, partial)
            rows, stopping = rows_and_stopping(
                self, columns, targets, settings, generator.device, rng, stream
            )
            with own_draws():
                stages = list(self._stages(module))
            if partial and goes_on:
                load_earlier_moments(stages, vars(self).get("_optimizers", ()))
            progress.begin(sum(settings.epochs(stage, len(rows)) for stage in stages))

            def told(so_far, save):
                stopped = functools.partial(_stopped, self, module, columns, so_far, earlier)
                return bool(progress(stopped, None if partial else save))

            with own_draws_of(module, compiled=self.compile):
                histories = run_stages(
                    module,
                    stages,
                    rows,
                    settings,
                    generator,
                    early_stopping=stopping,
                    callback=told,
                    saved=progress.saved,
                )
        module.zero_grad()
        self.module_ = module.cpu().eval().requires_grad_(False)
        vars(self).update(curves(histories, earlier))
        # Moments serve the next ``partial_fit``; any other call starts anew.
        vars(self).pop("_optimizers", None)
        if partial:
            self._optimizers = [optimizer.state_dict() for optimizer in optimizers(stages)]

    def _initial_module(self, columns, goes_on=False, partial=False):
        """The module of the earlier fit to go on with, or a new one."""
        if not goes_on:
            self._center, self._scale = self._inspect(columns.X, columns)
            check_scales(columns, self._center, self._scale)
        self._constant = constant_columns(self, columns, goes_on)
        if partial or not goes_on:
            self._measure(columns)
        self._built_for = {
            "n_features": columns.n_features,
            "dtype": np.result_type(columns.X.dtype, np.float32).name,
            "params": self.get_params(deep=False),
        }
        if not (goes_on or partial):
            self._choose_length(columns)
        if not goes_on:
            with own_draws():
                return self._build(columns.n_features)
        module = copy.deepcopy(self.module_).requires_grad_(True)
        if partial and self._measured_buffers:
            _bring_up_to_date(self, module, columns.n_features)
        return module

    def _at_fit(self, name):
        """A constructor parameter as the fit read it, whatever it has been set to since."""
        return self._built_for["params"][name]

    def _standardize(self, X):
        """Rows as the networks see them, in the dtype of X."""
        return standardized(X, self._center, self._scale, dtype=X.dtype)

    def _unstandardize(self, X, dtype=None):
        """Rows in the units of the data, in the dtype of X unless told."""
        rows = (X * self._scale + self._center).astype(dtype or X.dtype, copy=False)
        return hold_constant(rows, self._constant, self._center)

    def _apply(self, function, X, **how):
        """``function(module, rows)`` over blocks of rows; NumPy in and out."""
        return over_blocks(self.module_, function, X, inference_device(self.device), **how)

    def __getstate__(self):
        return export_weights(super().__getstate__())

    def _of_today(self, state, version):
        return import_weights(self, state, version)


def settings_of(estimator, max_iter, partial=False):
    """How the stages of an estimator are run."""
    names = "batch_size", "learning_rate_schedule", "precision", "verbose"
    own = {name: getattr(estimator, name) for name in names}
    return Settings(max_iter=max_iter, n_updates=estimator._n_updates, partial=partial, **own)


def _stopped(estimator, module, columns, histories, earlier):
    """Attributes of an estimator as if training had stopped here."""
    snapshot = copy.copy(estimator)
    snapshot.module_ = copy.deepcopy(module).cpu().eval().requires_grad_(False)
    vars(snapshot).update(curves(histories, earlier))
    snapshot._finish(columns.sample())
    return vars(snapshot)


def trial_of(estimator, **changes):
    """An unfitted twin, with parameters changed, that tries something before the fit of another.

    It has a seed of its own, so that its answer depends on the rows and the parameters alone.
    """
    twin = type(estimator)(**estimator.get_params(deep=False))
    return twin.set_params(**{"warm_start": False, "random_state": 0, "verbose": False, **changes})


def trial_fit(twin, X, **about_rows):
    """Fit a twin without its warnings, which are those of the fit that follows."""
    try:
        with held(Warning):
            return twin.fit(X, **about_rows)
    except FitInterrupted as interrupt:
        # Nothing was learned yet by the model that the user knows.
        raise KeyboardInterrupt from interrupt


def _validate_training(estimator, X, stream, reset):
    """X in one of the float dtypes, or any numeric dtype where it is streamed."""
    blocks = checked_blocks(estimator, X, reset)
    if blocks is not None:
        return blocks
    if not stream:
        return estimator._validate(X, reset=reset, training=True)
    with naming("X"), naming_what_takes_holes(estimator):
        X = estimator._as_numbers(X, reset)
        return validate_data(estimator, X, reset=reset, dtype="numeric")


@torch.no_grad()
def _bring_up_to_date(estimator, module, n_features):
    """Write what ``_measure`` set to the buffers of a module that goes on."""
    with own_draws():
        fresh = dict(estimator._build(n_features).named_buffers())
    for name, buffer in module.named_buffers():
        if re.search(estimator._measured_buffers, name):
            buffer.copy_(fresh[name])
