"""Models of rows given a condition: ``y`` in ``fit``, in draws and in scores."""

from abc import abstractmethod

import numpy as np
from scipy.special import logsumexp
from sklearn.utils import check_consistent_length
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skgen.base.blocks import by_blocks
from skgen.base.conditions import (
    class_frequencies,
    drawn_conditions,
    learned_conditions,
    updated_record,
)
from skgen.base.mixins import ImputeMixin, SampleMixin, ScoreMixin
from skgen.base.parameters import Parameters, param
from skgen.base.results.announced import AnnouncedClassesMixin
from skgen.base.results.finite import finite
from skgen.base.results.predicted import ClassPredictionMixin
from skgen.base.sklearn_compat import HasMethods, Options
from skgen.base.wording import naming


class ConditionedMixin(
    AnnouncedClassesMixin, ClassPredictionMixin, ScoreMixin, SampleMixin, Parameters
):
    """Draws, scores and predictions given conditions, with ``conditional``.

    Hooks take the code of the conditions of their rows, (n, width) float32, or None where the model
    is to take them as unknown, or knows none. It stands behind the features in the batches that
    train.

    Parameters
    ----------
    conditional : bool, default=False
        Whether rows are learned given ``y``, the density p(x | y). Columns of strings, booleans and
        integers are classes, and so are floats that are integral and few (at most 20 values);
        other floats are real numbers. None, NaN and, in a column of classes, the number -1 mark
        what is unknown. In training a tenth of the conditions is hidden, so that "unknown" has a
        learned meaning, too. Without it ``y`` is ignored.
    condition_encoder : transformer or None, default=None
        What turns ``y`` into columns of numbers, such as a vectorizer of texts; a clone of it is
        fitted. Rows in which something is missing are unknown.

    Attributes
    ----------
    condition_encoder_ : transformer
        The fitted encoder, where there is one.
    """

    conditional: bool = param("boolean", default=False)
    condition_encoder: object = param(
        HasMethods(["fit_transform", "transform"]),
        None,
        default=None,
        needs={"conditional": Options(bool, {True})},
    )
    _former_defaults = {"conditional": False, "condition_encoder": None}
    # What the fit learned of its conditions; None where it learned none.
    _conditions, _condition_record = None, None

    @abstractmethod
    def _sample_given(self, n_samples, rng, code):
        """Return draws (n_samples, n_features) given the code of their conditions."""

    @abstractmethod
    def _score_given(self, X, code):
        """Return the scores of validated rows given the code of their conditions."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if self.conditional:
            tags.target_tags.required = True
        return tags

    def _targets(self, X, y, weight, resume, **about_targets):
        """The code of the conditions of the rows, which learns what they are."""
        if not self.conditional:
            self._conditions = self._condition_record = None
            vars(self).pop("condition_encoder_", None)
            return super()._targets(X, y, weight, resume, **about_targets)
        if y is None:
            raise ValueError(
                "fit requires y to be passed, but the target y is None; pass the conditions of "
                "the rows, or use conditional=False."
            )
        known = self._conditions if resume else None
        with naming("y"):
            check_consistent_length(X, y)
            if known is None:
                classes = about_targets.get("classes")
                known = learned_conditions(y, weight, self.condition_encoder, classes)
            code = known.code(y)
        earlier = self._condition_record if resume and about_targets else None
        self._conditions = known
        self._condition_record = updated_record(code, known.is_unknown(code), weight, earlier)
        facts = {"classes_": known.classes, "condition_encoder_": known.transformer}
        for name, value in facts.items():
            vars(self).pop(name, None)
            if value is not None:
                setattr(self, name, value)
        return code

    def _code(self, X, y):
        """The code of the conditions y of the rows X; None for unknown ones, or of no use."""
        if y is None or self._conditions is None:
            return None
        with naming("y"):
            check_consistent_length(X, y)
            return self._conditions.code(y)

    def _code_of_draws(self, n_samples, rng, y=None):
        """The code of the conditions of draws; drawn as in training where y is None."""
        if self._conditions is None:
            if y is not None:
                raise ValueError(
                    "y is given, but the model was fitted with conditional=False; fit it with "
                    "conditional=True and the y of the training rows."
                )
            return None
        if y is None:
            return drawn_conditions(self._condition_record, n_samples, rng)
        with naming("y"):
            return self._conditions.code_of_draws(y, n_samples)

    def _conditioned(self, X, code):
        """Rows as the networks see them, with their conditions behind."""
        rows = self._standardize(X)
        if code is None:
            return rows
        return np.concatenate([rows, code], axis=1, dtype=rows.dtype)

    def sample(self, n_samples=1, random_state=None, y=None):
        """Draw new rows from the fitted model.

        Parameters
        ----------
        n_samples : int, default=1
            Number of rows.
        random_state : int, RandomState instance or None, default=None
            Source of the draws; None uses the estimator's own ``random_state``.
        y : scalar, array-like of shape (n_columns,) or (n_samples, n_columns), default=None
            With ``conditional`` the condition of all draws, or of each; of one column also
            (n_samples,). None draws conditions as frequent as those of the training rows. A
            ``GAN`` with ``n_categories`` takes categories.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
            The draws; a frame where ``set_output`` asks for one, with the names of the features
            and, where integers or booleans went into ``fit``, their types.
        """
        return self._drawn(n_samples, random_state, y)

    def _sample(self, n_samples, rng, y=None):
        return self._sample_given(n_samples, rng, self._code_of_draws(n_samples, rng, y))

    @by_blocks
    def score_samples(self, X, y=None):
        """Score of each row, higher is better; ``likelihood_kind_`` says what it is.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.
        y : array-like of shape (n_samples,) or (n_samples, n_columns), default=None
            With ``conditional`` the conditions, for log p(x | y); otherwise ignored. Without it a
            density sums over the classes, by their frequencies in training, where y was one column
            of them; other conditions are taken as unknown.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            One score a row, float64; a log-density in nats where the model has one.
        """
        check_is_fitted(self)
        X = self._validate(X)
        code = self._code(X, y)
        hook, given = (self._score_rows, ()) if code is None else (self._score_given, (code,))
        return finite(hook, X, *given, impossible=self._has_impossible_rows)

    def _score_rows(self, X):
        if self._conditions is None or not self._predicts:
            return self._score_given(X, None)
        return logsumexp(self._log_joint(X), axis=1)

    def score(self, X, y=None, sample_weight=None):
        """Mean of ``score_samples(X, y)``, so that model selection needs no ``scoring``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.
        y : array-like of shape (n_samples,) or (n_samples, n_columns), default=None
            With ``conditional`` the conditions of the rows; otherwise ignored.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the rows in the mean.

        Returns
        -------
        score : float
            Mean score a row.
        """
        return self._mean_score(self.score_samples(X, y), sample_weight)

    def _log_joint(self, X):
        """Log p(x, y) of each class, (n, n_classes)."""
        frequencies = class_frequencies(self._condition_record, len(self.classes_))
        with np.errstate(divide="ignore"):
            log_prior = np.log(frequencies)
        columns = [
            self._score_given(X, self._conditions.code_of_class(number, len(X)))
            for number in range(len(self.classes_))
        ]
        return np.stack(columns, axis=1) + log_prior

    @property
    def _predicts(self):
        is_fitted = "module_" in vars(self)
        if not (self._conditions is not None if is_fitted else self.conditional):
            return super()._predicts
        # Of an unfitted model the conditions may turn out to be classes.
        is_class = not is_fitted or self._conditions.classes is not None
        return self.likelihood_kind_ != "error" and is_class

    def _class_probabilities(self, X):
        if self._conditions is None:
            return super()._class_probabilities(X)
        log_joint = self._log_joint(X)
        return np.exp(log_joint - logsumexp(log_joint, axis=1, keepdims=True))


class ConditionedImputeMixin(ImputeMixin):
    """``impute`` and ``sample_conditional`` given conditions, of a ``ConditionedMixin``."""

    @abstractmethod
    def _impute(self, X, code=None):
        """Return X with every NaN at its mean, given the code of the conditions or None."""

    @abstractmethod
    def _sample_conditional(self, X, n_draws, rng, code=None):
        """Return copies of X with every NaN drawn, (n_draws, n_samples, n_features)."""

    @available_if(lambda self: self._fills_holes)
    @by_blocks
    def impute(self, X, y=None):
        """Replace each NaN by its conditional mean given the observed part of its row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data; NaN marks what is missing.
        y : array-like of shape (n_samples,) or (n_samples, n_columns), default=None
            With ``conditional`` the conditions of the rows, unknown where None; otherwise ignored.

        Returns
        -------
        X_full : ndarray of shape (n_samples, n_features)
            A copy of X with every NaN filled; a frame where ``set_output`` asks for one, as
            ``sample`` gives.
        """
        return self._filled(X, self._code(X, y))

    @available_if(lambda self: self._fills_holes)
    @by_blocks
    def sample_conditional(self, X, n_draws=1, random_state=None, y=None):
        """Draw what is missing from its distribution given the observed part of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data; NaN marks what is missing.
        n_draws : int, default=1
            Completed copies of X.
        random_state : int, RandomState instance or None, default=None
            Source of the draws; None uses the estimator's own ``random_state``.
        y : array-like of shape (n_samples,) or (n_samples, n_columns), default=None
            With ``conditional`` the conditions of the rows, unknown where None; otherwise ignored.

        Returns
        -------
        draws : ndarray of shape (n_draws, n_samples, n_features)
            Completed copies; observed entries are kept as they are. A list of frames where
            ``set_output`` asks for frames, as ``sample`` gives.
        """
        return self._completed(X, n_draws, random_state, self._code(X, y))
