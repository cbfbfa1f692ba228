"""A transformer that fills missing values by the conditionals of a generative model."""

import re
from contextlib import contextmanager

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin, clone
from sklearn.impute import MissingIndicator
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.validation import check_is_fitted, validate_data

from skgen.base.blocks import by_blocks
from skgen.base.parameters import COUNT, Parameters, param
from skgen.base.results.container import column_types, in_container, index_of
from skgen.base.results.size import check_n_rows
from skgen.base.sklearn_compat import all_or_nothing, output_container, validate_params
from skgen.base.warn import held, warn
from skgen.base.wording import counted, naming
from skgen.compose.drawing import with_seed
from skgen.compose.incomplete_tables import as_table, draw_from_columns, with_observed

VERBS = ("impute", "sample_conditional")
ABLE = (
    "FullyVisibleBeliefNetwork, FactorAnalysis, MixtureOfFactorAnalyzers, ProbabilisticPCA, ICA, "
    "VAE, BernoulliRBM, GaussianBernoulliRBM, ConvolutionalRBM, DeepBeliefNetwork, "
    "DeepBoltzmannMachine, BoltzmannMachine, SigmoidBeliefNetwork, MeanCovarianceRBM, "
    "ProductOfStudentT, SpikeSlabRBM, EnergyBasedModel, ProductOfExperts, ConditionalRBM, RNNRBM, "
    "PixelCNN, PixelRNN, or a GenerativePipeline that ends in one of them"
)


@contextmanager
def naming_what_takes_strings(imputer, table):
    """Say in an error about strings what does take them."""
    try:
        yield
    except ValueError as error:
        said = str(error).partition("\n")[0].partition(";")[0]
        if table.is_numeric or not re.search("could not convert string|is no number", said):
            raise
        name = type(imputer.estimator_).__name__
        raise ValueError(
            f"{said}\n{name} takes numbers alone. Put it behind a OneHotEncoder in a "
            "GenerativePipeline, or use estimator=None, which takes columns of any type."
        ) from error


class GenerativeImputer(TransformerMixin, Parameters, BaseEstimator):
    r"""Transformer that fills missing values by a model's conditionals given the rest of the row.

    The model p is fitted to the rows with their holes, and each hole m of a row is filled from the
    values o that the row has: by the mean of numbers and the most probable category of others, or
    by a draw with ``sample_posterior``, and by ``sample_conditional``:

    .. math:: x_m = E[x_m \mid x_o] \quad\text{or}\quad x_m \sim p(x_m \mid x_o)

    NaN, None and pandas.NA are holes. What is observed stays as it is.

    Parameters
    ----------
    estimator : estimator or None, default=None
        Unfitted model with ``impute`` and ``sample_conditional``: FullyVisibleBeliefNetwork, which
        None stands for, FactorAnalysis, MixtureOfFactorAnalyzers, ProbabilisticPCA, ICA, VAE,
        BernoulliRBM, GaussianBernoulliRBM, ConvolutionalRBM, DeepBeliefNetwork,
        DeepBoltzmannMachine, or a GenerativePipeline that ends in one of them, which encodes and
        scales the columns on the way.
    sample_posterior : bool, default=False
        Whether ``transform`` draws each hole from its conditional instead of filling in the mean.
        A draw has the spread of the data, which the mean has not.
    max_iter : int, default=5
        Fits of an estimator that takes no holes. The first is to rows whose holes have values of
        the same column, drawn at random, the second to conditional means, and each later one to
        draws from the conditionals of the one before. An estimator that takes holes is fitted once.
    add_indicator : bool, default=False
        Whether to append a column that tells where a value was missing, for each column that had
        holes in ``fit``.
    keep_empty_features : bool, default=False
        Whether a column without a single value in ``fit`` is kept, and filled with 0 (strings with
        "missing_value"); otherwise ``transform`` drops it.
    random_state : int, RandomState instance or None, default=None
        Source of the draws, and of the estimator's randomness where its own ``random_state`` is
        None. An int makes every call repeatable.

    Attributes
    ----------
    estimator_ : estimator
        The fitted model of the columns that had values.
    indicator_ : MissingIndicator or None
        What adds the columns of ``add_indicator``; None without it.
    n_iter_ : int
        Fits of the model.
    n_features_in_ : int
        Number of features seen during ``fit``.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features seen during ``fit``, if X had string column names.

    Raises
    ------
    TypeError
        The estimator has no conditionals.
    ValueError
        No column has a value, X is malformed, or the estimator leaves a hole unfilled.

    Warns
    -----
    UserWarning
        Columns without a single value are dropped.

    See Also
    --------
    sklearn.impute.SimpleImputer : Fills in the mean, the median or the most frequent value.
    sklearn.impute.IterativeImputer : Fills by a regression of each column on the others.

    Notes
    -----
    What is missing may depend on what is observed (missing at random); where it depends on the
    missing value itself, no conditional of the observed rows is right.

    The fits of an estimator that takes no holes are rounds of stochastic EM (Celeux and Diebolt
    1985). They end with draws, not means: a model that is fitted to its own means takes what it
    guessed for certain, and finds too little noise.

    References
    ----------
    Rubin, D. B. (1987). Multiple imputation for nonresponse in surveys. Wiley.

    Celeux, G., and Diebolt, J. (1985). The SEM algorithm: a probabilistic teacher algorithm derived
    from the EM algorithm for the mixture problem. Computational Statistics Quarterly.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skgen import FactorAnalysis, GenerativeImputer, make_generative_pipeline
    >>> X = load_wine().data
    >>> holes = np.random.default_rng(0).random(X.shape) < 0.2
    >>> model = make_generative_pipeline(StandardScaler(), FactorAnalysis(2))
    >>> imputer = GenerativeImputer(model).fit(np.where(holes, np.nan, X))
    >>> filled = imputer.transform(np.where(holes, np.nan, X))
    >>> distance = np.abs((filled - X) / X.std(axis=0))[holes].mean()
    >>> bool(distance < 0.8 * np.abs((X.mean(axis=0) - X) / X.std(axis=0))[holes].mean())
    True
    """

    estimator: object = param(default=None, kw_only=False)
    sample_posterior: bool = param("boolean", default=False)
    max_iter: int = param(COUNT, default=5)
    add_indicator: bool = param("boolean", default=False)
    keep_empty_features: bool = param("boolean", default=False)
    random_state: object = param("random_state", default=None)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def fit(self, X, y=None):
        """Fit the model to rows with holes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.
        y : Ignored
            Present for API consistency.

        Returns
        -------
        self : object
            The fitted imputer.
        """
        validate_params(self)
        with all_or_nothing(self):
            table = self._table(X, reset=True)
            self._column_types = column_types(X)
            self._observed = self._columns_with_values(table)
            self.indicator_ = None
            if self.add_indicator:
                self.indicator_ = MissingIndicator(error_on_new=False).fit(marks(table))
            with naming_what_takes_strings(self, table):
                self._fit_estimator(table.columns(self._observed))
        return self

    @by_blocks
    def transform(self, X):
        """Fill the holes of X.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        X_full : ndarray of shape (n_samples, n_features_out)
            X with every hole filled, without columns that had no value in ``fit``, and with those
            of ``add_indicator`` behind. Objects where a column holds strings. A frame where
            ``set_output`` asks for one: columns have the types that they had in ``fit``, rounded
            where those are integers.
        """
        check_is_fitted(self)
        rng = check_random_state(self.random_state) if self.sample_posterior else None
        (full,) = self._completed(X, 1, rng)
        return full

    @by_blocks
    def sample_conditional(self, X, n_draws=1, random_state=None):
        """Draw several completed copies of X, for multiple imputation.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.
        n_draws : int, default=1
            Completed copies of X.
        random_state : int, RandomState instance or None, default=None
            Source of the draws; None uses the imputer's own ``random_state``.

        Returns
        -------
        draws : ndarray of shape (n_draws, n_samples, n_features_out)
            Copies with the columns of ``transform``; each hole is drawn from its conditional. A
            list of frames where ``set_output`` asks for frames.
        """
        check_is_fitted(self)
        check_n_rows(n_draws, "n_draws", n_values=np.size(X))
        with naming("random_state"):
            rng = check_random_state(self.random_state if random_state is None else random_state)
        copies = self._completed(X, int(n_draws), rng)
        return np.stack(copies) if output_container(self) == "default" else copies

    def get_feature_names_out(self, input_features=None):
        """Names of the columns that ``transform`` returns.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            Names of the columns of X; None takes those of ``fit``, or x0, x1, ... .

        Returns
        -------
        names : ndarray of str
            Those of the columns kept, then ``missingindicator_NAME`` for each of ``add_indicator``.
        """
        names = OneToOneFeatureMixin.get_feature_names_out(self, input_features)
        kept = names[self._kept]
        if self.indicator_ is None:
            return kept
        return np.concatenate([kept, self.indicator_.get_feature_names_out(names)])

    @property
    def _kept(self):
        """Which columns of X are returned, (n_features,)."""
        return self._observed | bool(self.keep_empty_features)

    def _table(self, X, reset=False):
        table = as_table(X, self)
        with naming("X"):
            validate_data(self, X, reset=reset, skip_check_array=True)
        return table

    def _columns_with_values(self, table):
        """Which columns have a value in the training data, (n_features,)."""
        observed = ~table.missing.all(axis=0)
        names = getattr(self, "feature_names_in_", np.arange(self.n_features_in_))
        if not observed.any():
            raise ValueError(
                f"X has no value in {counted(len(names), 'column')} and "
                f"{counted(len(table.rows), 'row')}; give rows in which something is observed."
            )
        if not observed.all() and not self.keep_empty_features:
            warn(
                f"The columns {names[~observed].tolist()} have no value and are dropped; "
                "keep_empty_features=True keeps them.",
                UserWarning,
            )
        return observed

    def _unfitted(self):
        """A clone of the estimator, seeded by the imputer where it has no seed of its own."""
        if self.estimator is None:
            # Named here, since this package does not load torch.
            from skgen import FullyVisibleBeliefNetwork

            model = FullyVisibleBeliefNetwork()
        else:
            model = clone(self.estimator)
        lacking = [verb for verb in VERBS if not hasattr(model, verb)]
        if lacking:
            raise TypeError(f"estimator={model!r} has no {' and no '.join(lacking)}; use {ABLE}.")
        return with_seed(model, self.random_state)

    def _fit_estimator(self, table):
        """Fit the model to a table of columns that have values."""
        self.estimator_, self.n_iter_ = self._unfitted(), 1
        if not table.missing.any() or get_tags(self.estimator_).input_tags.allow_nan:
            self.estimator_.fit(table.data)
            if table.is_numeric or self._fills_words(table):
                return
        rng = check_random_state(self.random_state)
        values = draw_from_columns(table, rng)
        for number in range(1, self.max_iter):
            # What there is to say the last fit says.
            with held(Warning):
                self.estimator_.fit(table.complete(values))
            # Means get away from the random start faster; draws then restore the spread.
            (values,) = self._values(table, 1, None if number == 1 else rng)
        self.estimator_.fit(table.complete(values))
        self.n_iter_ = self.max_iter

    def _fills_words(self, table):
        """Whether the model takes holes for holes: encoders make them one more category."""
        if not table.missing.any():
            return True
        holed = table.missing.any(axis=0)
        rows = table.choice(np.unique(table.missing.argmax(axis=0)[holed]))
        (values,) = self._values(rows, 1, None)
        return bool((values == values).all())

    def _values(self, table, n_draws, rng):
        """Arrays in which the holes have draws from their conditionals; means without a rng."""
        if rng is None:
            return [table.values(self.estimator_.impute(table.data))]
        draws = self.estimator_.sample_conditional(table.data, n_draws, random_state=rng)
        return [table.values(draw) for draw in draws]

    def _completed(self, X, n_draws, rng):
        """Completed copies of X, in the container that ``set_output`` asks for."""
        table = self._table(X)
        known = table.columns(self._observed)
        holed = known.missing.any(axis=1)
        part = known.choice(holed)
        copies = []
        for values in self._values(part, n_draws, rng) if holed.any() else [part.rows] * n_draws:
            full = np.where(table.missing & ~self._observed, table.blanks(), table.rows)
            full[np.ix_(holed, self._observed)] = part.fill(values)
            full = full[:, self._kept]
            if (full != full).any():
                raise ValueError(
                    f"{type(self.estimator_).__name__} leaves missing values of X unfilled; "
                    f"use {ABLE}."
                )
            copies.append(self._output(full, table, X))
        return copies

    def _output(self, full, table, X):
        """Rows with their indicators, in the container that ``set_output`` asks for."""
        types = [None] * len(self._kept) if self._column_types is None else self._column_types
        # No category is known of a column without values.
        known = [getattr(kind, "kind", "O") in "iufb" for kind in types] | self._observed
        types = [kind if known[j] else None for j, kind in enumerate(types) if self._kept[j]]
        if self.indicator_ is not None:
            flags = np.asarray(self.indicator_.transform(marks(table)))
            full = np.hstack([full, flags.astype(full.dtype)])
            types += [np.dtype(bool)] * flags.shape[1]
        out = in_container(self, full, types, self.get_feature_names_out(), index_of(X))
        if hasattr(out, "iloc") and hasattr(X, "iloc"):
            return with_observed(out, X.loc[:, self._kept], table.missing[:, self._kept])
        return out


def marks(table):
    """NaN where a table has a hole and 0 elsewhere, as MissingIndicator wants it."""
    return np.where(table.missing, np.nan, 0.0)
