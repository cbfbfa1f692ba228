"""A pipeline that samples and scores in the units of its input."""

import numpy as np
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skgen.base.blocks import by_blocks
from skgen.base.results.container import column_types, in_container, index_of
from skgen.base.results.measure import ComparedMixin
from skgen.base.results.size import check_n_rows
from skgen.base.sklearn_compat import check_sample_weight, output_container
from skgen.base.wording import naming
from skgen.compose.categories.conditions import law_of_codes
from skgen.compose.categories.groups import category_frequencies, dense, named_rows
from skgen.compose.cloned_steps import ClonedStepsPipeline
from skgen.compose.drawing import call_with_random_state, drawn_within
from skgen.compose.given import given, refuse_metadata, takes_conditions
from skgen.compose.incomplete_tables import as_table
from skgen.compose.links import Chain, flat_steps
from skgen.compose.steps import (
    all_steps_allow_nan,
    can_return_from,
    every_step_has_an_inverse,
    has_density,
    model_has,
    model_measure,
    split_steps,
)
from skgen.compose.tables import fill_missing


class GenerativePipeline(ComparedMixin, ClonedStepsPipeline):
    r"""Pipeline that samples, scores and imputes in the units of its input.

    The steps before the last map rows x to z = f(x), and the last is a model of z. Its density is
    carried back by the change of variables:

    .. math:: \log p(x) = \log p(z) + \log \lvert \det \partial f / \partial x \rvert,
        \quad x = f^{-1}(z) \;\text{for draws } z.

    so that scores in nats compare preprocessing as well as models: `GridSearchCV` without
    ``scoring`` may choose between scalers. In all else this is :class:`sklearn.pipeline.Pipeline`,
    except that ``fit`` works on clones and leaves the estimators it was given unfitted (as with
    ``memory`` there); ``named_steps`` and indexing give the fitted ones.

    Parameters
    ----------
    steps : list of (str, estimator)
        Names and estimators. ``"passthrough"`` and None do nothing; pipelines may be nested.
    transform_input : list of str or None, default=None
        Metadata that the steps transform before the step that consumes it; needs metadata
        routing.
    memory : str, object with the joblib.Memory interface or None, default=None
        Where to cache fitted transformers.
    verbose : bool, default=False
        Whether to print the time that each step took.

    Attributes
    ----------
    steps_ : list of (str, estimator)
        The fitted steps.
    named_steps : Bunch
        The fitted steps by name.
    n_features_in_ : int
        Number of features seen during ``fit``.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features seen during ``fit``, if X had string column names.
    likelihood_kind_ : str
        What ``score_samples`` is, where the last step says so.
    measure_ : {"counting", "lebesgue", "mixed"} or None
        What ``score_samples`` is relative to: "counting", log-probabilities of states, which no
        step changes; "lebesgue", log-densities in the units of X; "mixed", where numbers stand
        beside categories; None, where the last step has no density.

    See Also
    --------
    make_generative_pipeline : The same, with names made from the types of the steps.
    register_log_jacobian : Teach it another transformer.

    Notes
    -----
    Steps with a log-Jacobian: StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler,
    PowerTransformer, QuantileTransformer, FunctionTransformer with an inverse, ColumnTransformer of
    such, and PCA, IncrementalPCA and FastICA that keep as many components as there are features.
    OneHotEncoder and OrdinalEncoder give categories, which have probabilities and are drawn valid.
    ``score_samples`` raises for any other step. MinMaxScaler and MaxAbsScaler with ``clip=True``
    are flat outside the range they learned: rows there score minus infinity. QuantileTransformer
    gets exponential tails instead. NaN contributes nothing, as in the marginal density of what is
    observed. The log-probability of a state, as a model of bits gives it, changes by no step.

    Where the map f does not reach all values (a bounded range, some powers), the model's mass
    beyond is not counted: the density integrates to less than one.

    References
    ----------
    Rezende, D. J., and Mohamed, S. (2015). Variational inference with normalizing flows.
    International Conference on Machine Learning.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.mixture import GaussianMixture
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skgen import GenerativePipeline
    >>> X = load_iris().data
    >>> pipeline = GenerativePipeline(
    ...     [("scale", StandardScaler()), ("model", GaussianMixture(reg_covar=0))]
    ... ).fit(X)
    >>> round(pipeline.score(X), 4)
    -2.5328
    >>> round(float(GaussianMixture(reg_covar=0).fit(X).score(X)), 4)
    -2.5328
    >>> pipeline.sample(3, random_state=0).shape
    (3, 4)
    """

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = all_steps_allow_nan(self)
        return tags

    @property
    def likelihood_kind_(self):
        """What ``score_samples`` is, as the last step says."""
        return split_steps(self)[1].likelihood_kind_

    @property
    def measure_(self):
        """What ``score_samples`` is relative to."""
        check_is_fitted(self)
        chain, model = split_steps(self)
        law, measure = law_of_codes(chain, model, self._frequencies), model_measure(model)
        if law is not None and measure is not None:
            return law.measure
        # Behind a step that mixes codes with other columns there is a density of neither.
        return "mixed" if chain.groups() is None and measure == "lebesgue" else measure

    _column_types = None
    _frequencies = None

    def _facts_of(self, X):
        chain, model = split_steps(self)
        frequencies = None
        if chain.has_categories() and hasattr(model, "n_features_in_") and chain.groups():
            frequencies = category_frequencies(dense(chain.transform(X)), chain.groups())
        return {"_column_types": column_types(X), "_frequencies": frequencies}

    def _incomplete(self, X, y, verb):
        """Rows with NaN, how the model sees them, and chain, model and law of a verb for them."""
        chain, model = split_steps(self)
        chain.check_incomplete()
        model, Z = given(model, y, verb), chain.forward_incomplete(X)
        law = law_of_codes(chain, model, self._frequencies)
        return as_table(X, self).rows, Z, chain, model, law

    def _in_container(self, rows, index=None):
        names = getattr(self, "feature_names_in_", None)
        return in_container(self, rows, self._column_types, names, index)

    @available_if(model_has("score_samples"))
    @by_blocks
    def score_samples(self, X, y=None):
        """Log-density of each row in the units of X, or log-probability (see ``measure_``).

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.
        y : array-like of shape (n_samples,) or (n_samples, n_columns), default=None
            Conditions of the rows, for a last step that takes them; otherwise ignored.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Nats. Where the last step has no density (outlier detectors, a ``likelihood_kind_`` of
            "error"), its own scores of the transformed rows.

        Raises
        ------
        ValueError
            If a step has no log-Jacobian.
        """
        check_is_fitted(self)
        chain, model = split_steps(self)
        if takes_conditions(model):
            model = given(model, y, "score_samples")
        if not has_density(model):
            return np.asarray(model.score_samples(chain.transform(X)))
        chain.check_density()
        law = law_of_codes(chain, model, self._frequencies)
        if law is not None:
            law.check_score()
        Z, log_jacobian = chain.forward(X)
        scores = np.asarray((law or model).score_samples(Z), dtype=np.float64)
        if model_measure(model) == "counting":
            # A state is as probable in any units; where the map is flat there is none.
            return np.where(np.isneginf(log_jacobian), -np.inf, scores)
        return scores + log_jacobian

    @available_if(model_has("score_samples", "score"))
    def score(self, X, y=None, sample_weight=None, **params):
        """Mean log-density of the rows in the units of X.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.
        y : array-like or None, default=None
            Conditions of the rows, for a last step that takes them, or what its ``score`` takes
            where it has no density; otherwise ignored.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the rows in the mean.
        **params : dict
            Metadata for the ``score`` of a last step that has no density.

        Returns
        -------
        score : float
            Nats a row. Where the last step has no density, its own ``score`` of the transformed
            rows.
        """
        check_is_fitted(self)
        model = split_steps(self)[1]
        if not (hasattr(model, "score_samples") and has_density(model)):
            return super().score(X, y, sample_weight, **params)
        refuse_metadata(params)
        scores = self.score_samples(X, y)
        if sample_weight is not None:
            sample_weight = check_sample_weight(sample_weight, scores)
        self._note_measure()
        return float(np.average(scores, weights=sample_weight))

    @available_if(can_return_from("sample"))
    def sample(self, n_samples=1, random_state=None, y=None):
        """Draw rows from the model and take them back through the steps.

        A draw that no x maps to (powers with a bounded range) is drawn again.

        Parameters
        ----------
        n_samples : int, default=1
            Number of rows.
        random_state : int, RandomState instance or None, default=None
            Source of the draws; None leaves it to the last step, which then uses its own
            ``random_state`` if it has one.
        y : scalar or array-like, default=None
            The condition of all draws, or of each, for a last step that takes them.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
            The draws.
        """
        check_is_fitted(self)
        check_n_rows(n_samples, "n_samples")
        chain, model = split_steps(self)
        model = given(model, y, "sample")
        law = law_of_codes(chain, model, self._frequencies)

        def draw(n, seed):
            drawn = call_with_random_state(law or model, "sample", n, random_state=seed)
            return chain.back(drawn)

        rows = drawn_within(draw, int(n_samples), model, random_state, of_each=y is not None)
        return self._in_container(rows)

    @available_if(every_step_has_an_inverse)
    @by_blocks
    def inverse_transform(self, X, **params):
        """Rows that the steps, the last one included, map to X.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features_out)
            Output of ``transform``.
        **params : dict
            Metadata of the steps' ``inverse_transform``; needs metadata routing.

        Returns
        -------
        X_original : ndarray of shape (n_samples, n_features)
            Rows in the units of the input; a frame where ``set_output`` asks for one, as
            ``sample`` gives.
        """
        if params:
            return super().inverse_transform(X, **params)
        check_is_fitted(self)
        with naming("X"):
            rows, _ = Chain(flat_steps(self)).back(X)
        return self._in_container(rows, index_of(X))

    @available_if(can_return_from("impute"))
    @by_blocks
    def impute(self, X, y=None):
        """Replace each NaN by the model's conditional mean, taken back through the steps.

        Behind affine steps that is the conditional mean of x. Behind PowerTransformer and
        QuantileTransformer it is the image of the conditional mean of z. A missing category is
        the most probable one where the model tells probabilities, and otherwise that whose code is
        nearest to the mean.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data; NaN marks what is missing.
        y : array-like or None, default=None
            Conditions of the rows, for a last step that takes them.

        Returns
        -------
        X_full : ndarray of shape (n_samples, n_features)
            A copy of X with every NaN filled.

        Raises
        ------
        ValueError
            If a step does not map column by column.
        """
        check_is_fitted(self)
        rows, Z, chain, model, law = self._incomplete(X, y, "impute")
        if law is not None:
            Z = law.fill_categories(Z)
        full, _ = chain.back(model.impute(named_rows(model, Z)))
        return self._in_container(fill_missing(rows, full), index_of(X))

    @available_if(can_return_from("sample_conditional"))
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
            Source of the draws; None leaves it to the last step.
        y : array-like or None, default=None
            Conditions of the rows, for a last step that takes them.

        Returns
        -------
        draws : ndarray of shape (n_draws, n_samples, n_features)
            Completed copies; observed entries are kept as they are.

        Raises
        ------
        ValueError
            If a step does not map column by column.
        """
        check_is_fitted(self)
        check_n_rows(n_draws, "n_draws")
        rows, Z, chain, model, law = self._incomplete(X, y, "sample_conditional")
        if law is not None and law.has_missing_categories(Z):
            draws = law.sample_conditional(Z, n_draws, random_state)
        else:
            of_rows = named_rows(model, Z), n_draws
            draws = call_with_random_state(
                model, "sample_conditional", *of_rows, random_state=random_state
            )
        full, _ = chain.back(np.concatenate([np.asarray(draw) for draw in draws]))
        filled = [fill_missing(rows, part) for part in np.split(full, n_draws)]
        if output_container(self) == "default":
            return np.stack(filled)
        return [self._in_container(part, index_of(X)) for part in filled]
