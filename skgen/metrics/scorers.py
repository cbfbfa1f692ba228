"""Scorers that draw from a model and compare the draws with held-out rows."""

from inspect import signature
from numbers import Integral

from sklearn.utils import check_scalar
from sklearn.utils.metadata_routing import MetadataRequest
from sklearn.utils.validation import check_is_fitted

from skgen.compose.drawing import call_with_random_state
from skgen.metrics.classifier_test import classifier_two_sample_test
from skgen.metrics.discrepancy import maximum_mean_discrepancy
from skgen.metrics.frechet import frechet_distance
from skgen.metrics.neighborhoods import density_coverage, precision_recall_f1


class GenerativeScorer:
    """Scorer ``scorer(estimator, X, y=None)`` of a fitted model that draws; greater is better.

    Made by :func:`make_generative_scorer`, which has the parameters.
    """

    def __init__(self, measure, statistic, greater_is_better, n_samples, random_state, options):
        self.measure = measure
        self.statistic = statistic
        self.greater_is_better = greater_is_better
        self.n_samples = n_samples
        self.random_state = random_state
        self.options = options
        self._request = None

    def __call__(self, estimator, X, y=None, sample_weight=None):
        """Score draws of the estimator beside the rows X.

        Parameters
        ----------
        estimator : estimator
            A fitted model with ``sample``.
        X : array-like of shape (n_samples, n_features)
            Held-out rows.
        y : Ignored
            Present for API consistency.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the rows, for a measure that takes them.

        Returns
        -------
        score : float
            The measure, negative where less of it is better.
        """
        draws = self._draws(estimator, X.shape[0] if hasattr(X, "shape") else len(X))
        options = dict(self.options)
        if sample_weight is not None:
            self._check_takes_weights()
            options["sample_weight"] = sample_weight
        if "random_state" in signature(self.measure).parameters:
            options.setdefault("random_state", self.random_state)
        result = self.measure(X, draws, **options)
        value = result if self.statistic is None else getattr(result, self.statistic)
        return float(value) if self.greater_is_better else -float(value)

    def _draws(self, estimator, n_rows):
        if not hasattr(estimator, "sample"):
            advice = (
                "use GenerativePipeline in its place, which draws in the units of X"
                if hasattr(estimator, "steps")
                else "score it by what it does have, such as score_samples"
            )
            raise TypeError(
                f"{type(estimator).__name__} has no sample to compare with X; {advice}."
            )
        check_is_fitted(estimator)
        n = n_rows if self.n_samples is None else self.n_samples
        return call_with_random_state(estimator, "sample", n, random_state=self.random_state)

    def _accept_sample_weight(self):
        # Where metadata routing is off, scikit-learn asks for this by name.
        return "sample_weight" in signature(self.measure).parameters

    def _check_takes_weights(self):
        if not self._accept_sample_weight():
            raise ValueError(
                f"{self._measure_name} takes no sample_weight; score without, or by "
                "maximum_mean_discrepancy, frechet_distance or density_coverage."
            )

    def set_score_request(self, *, sample_weight):
        """Ask scikit-learn's metadata routing for weights of the rows.

        Parameters
        ----------
        sample_weight : bool, str or None
            True asks for them, False does not, a string asks for them under that name, and None
            has an error raised where they are passed.

        Returns
        -------
        scorer : GenerativeScorer
            The scorer itself, as scikit-learn's do.
        """
        self._check_takes_weights()
        self._request = MetadataRequest(owner=type(self).__name__)
        self._request.score.add_request(param="sample_weight", alias=sample_weight)
        return self

    def get_metadata_routing(self):
        """Return what the scorer asks metadata routing for.

        Returns
        -------
        routing : MetadataRequest
            Requests of ``score``.
        """
        if self._request is not None:
            return self._request
        request = MetadataRequest(owner=type(self).__name__)
        if self._accept_sample_weight():
            request.score.add_request(param="sample_weight", alias=None)
        return request

    @property
    def _measure_name(self):
        return getattr(self.measure, "__name__", repr(self.measure))

    def __repr__(self):
        shown = {
            "statistic": self.statistic,
            "greater_is_better": self.greater_is_better,
            "n_samples": self.n_samples,
            "random_state": self.random_state,
            **self.options,
        }
        told = ", ".join(f"{name}={value!r}" for name, value in shown.items())
        return f"make_generative_scorer({self._measure_name}, {told})"


def make_generative_scorer(
    measure,
    *,
    statistic=None,
    greater_is_better=True,
    n_samples=None,
    random_state=0,
    **options,
):
    """Make a scorer for ``GridSearchCV(scoring=...)`` from a measure of draws beside data.

    Parameters
    ----------
    measure : callable
        ``measure(X, draws, **options)`` gives a number, or a result with attributes; those of this
        module, or your own.
    statistic : str or None, default=None
        Attribute of the result that is the score; None where the measure gives a number.
    greater_is_better : bool, default=True
        Whether more of it is better; the score is its negative otherwise.
    n_samples : int or None, default=None
        Draws; None as many as there are rows in X.
    random_state : int, RandomState instance or None, default=0
        Seed of the draws, and of the measure where it takes one. With an integer every candidate
        of a search is judged under the same seed.
    **options : dict
        Further arguments of the measure, such as ``standardize=True``.

    Returns
    -------
    scorer : GenerativeScorer
        Callable ``scorer(estimator, X, y=None)`` that returns a float; greater is better.

    Raises
    ------
    ValueError
        If ``n_samples`` is not positive.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from skgen import ProbabilisticPCA
    >>> from skgen.metrics import make_generative_scorer, maximum_mean_discrepancy
    >>> scorer = make_generative_scorer(
    ...     maximum_mean_discrepancy,
    ...     statistic="statistic",
    ...     greater_is_better=False,
    ...     n_samples=500,
    ... )
    >>> search = GridSearchCV(ProbabilisticPCA(), {"n_components": [1, 2]}, scoring=scorer)
    >>> search.fit(load_iris().data).cv_results_["mean_test_score"].shape
    (2,)
    """
    if n_samples is not None:
        check_scalar(n_samples, "n_samples", Integral, min_val=1)
    return GenerativeScorer(measure, statistic, greater_is_better, n_samples, random_state, options)


def _of_distances(measure, **arguments):
    return make_generative_scorer(measure, standardize=True, **arguments)


GENERATIVE_SCORERS = {
    "neg_mmd": _of_distances(
        maximum_mean_discrepancy, statistic="statistic", greater_is_better=False
    ),
    "neg_c2st_auc": make_generative_scorer(
        classifier_two_sample_test, statistic="auc", greater_is_better=False, importances=False
    ),
    "neg_frechet_distance": _of_distances(frechet_distance, greater_is_better=False),
    "precision": _of_distances(precision_recall_f1, statistic="precision"),
    "recall": _of_distances(precision_recall_f1, statistic="recall"),
    "f1": _of_distances(precision_recall_f1, statistic="f1"),
    "density": _of_distances(density_coverage, statistic="density"),
    "coverage": _of_distances(density_coverage, statistic="coverage"),
}


def get_generative_scorer(name):
    """Return a new scorer by its name.

    Parameters
    ----------
    name : str
        "neg_mmd", "neg_c2st_auc", "neg_frechet_distance", "precision", "recall", "f1", "density" or
        "coverage". All but "neg_c2st_auc", which needs none, take columns in their standard
        deviations among the rows that are scored; all draw as many rows as these are, under the
        seed 0.

    Returns
    -------
    scorer : GenerativeScorer
        Callable ``scorer(estimator, X, y=None)``; greater is better.

    Raises
    ------
    ValueError
        If there is no scorer of that name.

    See Also
    --------
    make_generative_scorer : A scorer with other options.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import cross_validate
    >>> from skgen import ProbabilisticPCA
    >>> from skgen.metrics import get_generative_scorer
    >>> scoring = {name: get_generative_scorer(name) for name in ("neg_mmd", "coverage")}
    >>> results = cross_validate(ProbabilisticPCA(2), load_iris().data, scoring=scoring)
    >>> sorted(name for name in results if name.startswith("test"))
    ['test_coverage', 'test_neg_mmd']
    """
    if name not in GENERATIVE_SCORERS:
        raise ValueError(f"{name!r} is no generative scorer; there are {list(GENERATIVE_SCORERS)}.")
    ready = GENERATIVE_SCORERS[name]
    return make_generative_scorer(
        ready.measure,
        statistic=ready.statistic,
        greater_is_better=ready.greater_is_better,
        n_samples=ready.n_samples,
        random_state=ready.random_state,
        **ready.options,
    )
