"""One mixin per public verb: check, validate, call one hook, return."""

from abc import ABCMeta, abstractmethod

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

import skgen
from skgen.base.blocks import by_blocks, lazy_verbs, refuse_lazy
from skgen.base.data_range import inside
from skgen.base.results.codes import checked_codes
from skgen.base.results.container import column_types, in_container, index_of
from skgen.base.results.finite import finite
from skgen.base.results.latent_arithmetic import LatentArithmeticMixin
from skgen.base.results.measure import ComparedMixin
from skgen.base.results.size import check_n_rows
from skgen.base.sklearn_compat import check_sample_weight, output_container, warn_of_version
from skgen.base.wording import naming, naming_rows, naming_what_takes_holes, without_dates

# Attribute of a saved estimator that says which version saved it, and what has none.
VERSION = "_skgen_version"
BEFORE_VERSIONS = "0.1.0"


class InputMixin:
    """What an estimator accepts, stated once as class attributes and read by every verb."""

    _float_dtypes = (np.float64, np.float32)
    _accepts_nan = False
    # Whether a row with NaN has a score, where NaN is taken: the density of its observed part.
    _scores_holes = True
    _accepts_sparse = False
    # What describes bits and probabilities, and what to use for other values; None if nothing does.
    _of_bits = None
    # Least and greatest value that the fitted model takes; None where it takes all.
    _value_range = None
    _column_types = None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        lazy_verbs(cls)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self._accepts_nan
        tags.input_tags.sparse = self._accepts_sparse
        return tags

    def __getstate__(self):
        return {**super().__getstate__(), VERSION: skgen.__version__}

    def __setstate__(self, state):
        version = state.get(VERSION, BEFORE_VERSIONS)
        warn_of_version(self, version)
        state = {name: value for name, value in state.items() if name != VERSION}
        state = {**getattr(self, "_former_defaults", {}), **state}
        super().__setstate__(self._of_today(state, version))

    def _of_today(self, state, version):
        """State of an estimator that another version may have saved, as today's would be."""
        return state

    @property
    def _names(self):
        """Names of the features, or None."""
        return getattr(self, "feature_names_in_", None)

    def _validate(self, X, *, reset=False, check_finite=True, training=False):
        """X as a float array (or CSR matrix) under this estimator's input rules."""
        refuse_lazy(self, X)
        if reset:
            self._column_types = column_types(X)
        finite = "allow-nan" if self._accepts_nan else True
        # scikit-learn sums rows to see whether all are finite, and NumPy may warn of inf - inf.
        with np.errstate(invalid="ignore"), naming_rows(X), naming_what_takes_holes(self):
            X = validate_data(
                self,
                without_dates(self._as_numbers(X, reset)),
                reset=reset,
                dtype=self._float_dtypes,
                accept_sparse="csr" if self._accepts_sparse else False,
                ensure_all_finite=finite if check_finite else False,
            )
        return X if reset or training else self._inside(X)

    def _validate_incomplete(self, X):
        """X as a dense float array in which NaN is allowed."""
        refuse_lazy(self, X)
        with np.errstate(invalid="ignore"), naming_rows(X):
            X = validate_data(
                self,
                without_dates(self._as_numbers(X, reset=False)),
                reset=False,
                dtype=self._float_dtypes,
                ensure_all_finite="allow-nan",
            )
        return self._inside(X)

    def _as_numbers(self, X, reset):
        """X as it came, or with numbers for categories; ``reset`` learns which there are."""
        return X

    def _meet(self, blocks):
        """Learn what else ``_as_numbers`` must know of training rows in blocks, the first read."""

    def _as_values(self, rows):
        """Rows of numbers with categories in their places, where ``_as_numbers`` took them out."""
        return rows

    def _inside(self, X):
        """X as the fitted model takes it: what strays from its range at the nearest end."""
        if self._value_range is None:
            return X
        return inside(X, self._value_range, *self._of_bits)

    def _in_container(self, rows, index=None, *, of_data=True):
        """Rows in the container that ``set_output`` asks for; data have the types of columns."""
        names, types = getattr(self, "feature_names_in_", None), self._column_types
        rows = self._as_values(rows) if of_data else rows
        return in_container(self, rows, types if of_data else None, names, index)

    def _rng(self, random_state):
        """Random state of one call: the argument, or the estimator's own when it is None."""
        with naming("random_state"):
            return check_random_state(self.random_state if random_state is None else random_state)


class FeatureMixin(ClassNamePrefixFeaturesOutMixin, TransformerMixin, metaclass=ABCMeta):
    """``transform`` from ``_encode``."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = [np.dtype(t).name for t in self._float_dtypes]
        return tags

    @property
    @abstractmethod
    def _n_features_out(self): ...

    @abstractmethod
    def _encode(self, X): ...

    @by_blocks
    def transform(self, X):
        """Latent representation of each row of X; deterministic.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        Z : ndarray of shape (n_samples, n_components)
            Latent rows, of the dtype of X.
        """
        check_is_fitted(self)
        return finite(self._encode, self._validate(X))


class LatentMixin(LatentArithmeticMixin, FeatureMixin):
    """``transform`` and ``inverse_transform`` from ``_encode`` and ``_decode``."""

    _normal_prior = False  # whether each code is a standard normal before a row is seen

    @abstractmethod
    def _decode(self, Z): ...

    @by_blocks
    def inverse_transform(self, X):
        """Data-space mean for latent rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_components)
            Latent rows.

        Returns
        -------
        X_original : ndarray of shape (n_samples, n_features)
            Mean of the data given the latent rows; a frame where ``set_output`` asks for one,
            rounded in columns that were integers or booleans in ``fit``.
        """
        return self._decoded(X)

    def _decoded(self, X, *given):
        """``_decode(Z, *given)`` of validated latent rows, in the container that is asked for."""
        check_is_fitted(self)
        Z = checked_codes(X, self._n_features_out, self)
        return self._in_container(finite(self._decode, Z, *given), index_of(X))


class ScoreMixin(ComparedMixin, metaclass=ABCMeta):
    """``score_samples`` and ``score`` from ``_score_rows``.

    Attributes
    ----------
    measure_ : {"counting", "lebesgue"} or None
        What a score is relative to: "counting", the log-probability of a state, which is the same
        in any units; "lebesgue", a log-density, which depends on the units of X; None where
        scores are neither.
    """

    # Where nothing is said a change of units is accounted for.
    measure_ = "lebesgue"
    # Whether rows may have the probability zero, and score minus infinity.
    _has_impossible_rows = False
    # Whether ``score`` is the mean of the rows' scores, or a model compares distributions by it.
    _score_is_mean = True

    @abstractmethod
    def _score_rows(self, X): ...

    @by_blocks
    def score_samples(self, X):
        """Score of each row, higher is better; ``likelihood_kind_`` says what it is.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            One score a row, float64; a log-density in nats where the model has one.
        """
        check_is_fitted(self)
        return finite(self._score_rows, self._validate(X), impossible=self._has_impossible_rows)

    def score(self, X, y=None):
        """Mean of ``score_samples(X)``, so that model selection needs no ``scoring``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.
        y : Ignored
            Present for API consistency.

        Returns
        -------
        score : float
            Mean score a row.
        """
        return self._mean_score(self.score_samples(X))

    def _mean_score(self, scores, sample_weight=None):
        """Mean of scores, noted as those of this clone."""
        self._note_measure()
        if sample_weight is not None:
            sample_weight = check_sample_weight(sample_weight, scores)
        return float(np.average(scores, weights=sample_weight))


class SampleMixin(metaclass=ABCMeta):
    """``sample`` from ``_sample``."""

    @abstractmethod
    def _sample(self, n_samples, rng): ...

    def sample(self, n_samples=1, random_state=None):
        """Draw new rows from the fitted model.

        Parameters
        ----------
        n_samples : int, default=1
            Number of rows.
        random_state : int, RandomState instance or None, default=None
            Source of the draws; None uses the estimator's own ``random_state``.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
            The draws; a frame where ``set_output`` asks for one, with the names of the features
            and, where integers or booleans went into ``fit``, their types.
        """
        return self._drawn(n_samples, random_state)

    def _drawn(self, n_samples, random_state, *given):
        """``_sample(n_samples, rng, *given)``, in the container that is asked for."""
        check_is_fitted(self)
        check_n_rows(n_samples, "n_samples", n_values=vars(self).get("n_features_in_", 1))
        draws = self._sample(int(n_samples), self._rng(random_state), *given)
        if not np.isfinite(draws).all():
            raise ValueError(
                "The draws of the model are not finite: its last fit saw X with values that are "
                "too large, or too different; scale X, and fit anew."
            )
        return self._in_container(draws)


class SampleMeansMixin(metaclass=ABCMeta):
    """``sample_means`` from ``_sample_means``."""

    @abstractmethod
    def _sample_means(self, n_samples, rng): ...

    def sample_means(self, n_samples=1, random_state=None):
        """Draw hidden states, and return the mean of a row given each of them.

        ``sample`` adds to these means what the model takes for noise: of binary features it draws
        bits, so that a model of gray images gives images in black and white. The means are gray,
        and scatter less than rows of the data.

        Parameters
        ----------
        n_samples : int, default=1
            Number of rows.
        random_state : int, RandomState instance or None, default=None
            Source of the draws; None uses the estimator's own ``random_state``.

        Returns
        -------
        means : ndarray of shape (n_samples, n_features)
            Probabilities of binary features, means of others; a frame where ``set_output`` asks for
            one.
        """
        return self._means_drawn(n_samples, random_state)

    def _means_drawn(self, n_samples, random_state, *given):
        """``_sample_means(n_samples, rng, *given)``, in the container that is asked for."""
        check_is_fitted(self)
        check_n_rows(n_samples, "n_samples", n_values=vars(self).get("n_features_in_", 1))
        means = self._sample_means(int(n_samples), self._rng(random_state), *given)
        return self._in_container(means, of_data=False)


class ImputeMixin(metaclass=ABCMeta):
    """``impute`` and ``sample_conditional`` from ``_impute`` and ``_sample_conditional``."""

    # Whether the model, as its parameters are, has conditionals given any part of a row.
    _fills_holes = True

    @abstractmethod
    def _impute(self, X): ...

    @abstractmethod
    def _sample_conditional(self, X, n_draws, rng): ...

    @available_if(lambda self: self._fills_holes)
    @by_blocks
    def impute(self, X):
        """Replace each NaN by its conditional mean given the observed part of its row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data; NaN marks what is missing.

        Returns
        -------
        X_full : ndarray of shape (n_samples, n_features)
            A copy of X with every NaN filled; a frame where ``set_output`` asks for one, as
            ``sample`` gives.
        """
        return self._filled(X)

    def _filled(self, X, *given):
        """``_impute(X, *given)`` of validated rows, in the container that is asked for."""
        check_is_fitted(self)
        filled = finite(self._impute, self._validate_incomplete(X), *given)
        return self._in_container(filled, index_of(X))

    @available_if(lambda self: self._fills_holes)
    @by_blocks
    def sample_conditional(self, X, n_draws=1, random_state=None):
        """Draw what is missing from its distribution given the observed part of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data; NaN marks what is missing.
        n_draws : int, default=1
            Completed copies of X.
        random_state : int, RandomState instance or None, default=None
            Source of the draws; None uses the estimator's own ``random_state``.

        Returns
        -------
        draws : ndarray of shape (n_draws, n_samples, n_features)
            Completed copies; observed entries are kept as they are. A list of frames where
            ``set_output`` asks for frames, as ``sample`` gives.
        """
        return self._completed(X, n_draws, random_state)

    def _completed(self, X, n_draws, random_state, *given):
        """``_sample_conditional(X, n_draws, rng, *given)``, in the container that is asked for."""
        check_is_fitted(self)
        rows, rng = self._validate_incomplete(X), self._rng(random_state)
        check_n_rows(n_draws, "n_draws", n_values=rows.size)
        draws = finite(self._sample_conditional, rows, int(n_draws), rng, *given)
        tables = [self._in_container(draw, index_of(X)) for draw in draws]
        return np.stack(tables) if output_container(self) == "default" else tables
