"""Checks that an estimator keeps the contract of the package, as scikit-learn's check theirs."""

import copy
import io
import pickle
import warnings
from contextlib import contextmanager
from functools import partial
from itertools import product

import joblib
import numpy as np
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.base import clone, is_classifier
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_html_repr

from skgen.base import ScoreMixin

LIKELIHOOD_KINDS = ("exact", "ais", "lower_bound", "error")


def check_generative_estimator(estimator):
    """Check that an estimator keeps the contract of the package.

    Verbs that it lacks are not checked. scikit-learn's own contract is another matter:
    ``sklearn.utils.estimator_checks.check_estimator`` checks that.

    Parameters
    ----------
    estimator : estimator
        An instance whose parameters make a fit of 90 rows a matter of milliseconds.

    Raises
    ------
    AssertionError
        The contract is broken; the message says where.

    Examples
    --------
    >>> from skgen import ProbabilisticPCA
    >>> from skgen.testing import check_generative_estimator
    >>> check_generative_estimator(ProbabilisticPCA(n_components=1))
    """
    for _, check in generative_checks(estimator):
        check()


def generative_checks(estimator):
    """Names and calls of the checks that an estimator is due, for ``pytest.mark.parametrize``.

    Parameters
    ----------
    estimator : estimator
        As for ``check_generative_estimator``.

    Yields
    ------
    name : str
        Name of the check.
    check : callable
        Without arguments; raises an AssertionError where the contract is broken.
    """
    for check, verbs in CHECKS.items():
        if all(hasattr(estimator, verb) for verb in verbs):
            yield check.__name__, partial(check, estimator)


def toy(n=90, d=5):
    """Correlated rows around one."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, 2)) @ rng.standard_normal((2, d))
    return X + 0.3 * rng.standard_normal(X.shape) + 1


def labels(n=90):
    """Two classes, for the estimators that learn them; the others ignore y."""
    return np.arange(n) // (n // 2 + 1)


def fitted(estimator, X=None):
    """A fitted clone with a seed."""
    model = clone(estimator)
    if "random_state" in model.get_params():
        model.set_params(random_state=0)
    X = toy() if X is None else X
    return model.fit(X, labels(len(X)))


def announced(model):
    """What the first partial_fit of a classifier must be told."""
    return {"classes": [0, 1]} if is_classifier(model) else {}


def deterministic_verb(model):
    """A verb by which two fitted models are told apart."""
    verbs = "transform", "score_samples", "predict_proba", "predict", "score_sequence"
    return next(verb for verb in verbs if hasattr(model, verb))


@contextmanager
def raises(kinds, text, message):
    """The block raises an error of these kinds whose message holds the text."""
    try:
        yield
    except kinds as error:
        said = str(error)
    else:
        raise AssertionError(message)
    assert text in said, f"{message}; the error says {said!r}, not {text!r}"


def check_sample(estimator):
    """Draws have the shape asked for, follow their seed, and refuse nonsense."""
    model = fitted(estimator)
    one = model.sample()
    assert isinstance(one, np.ndarray), f"sample returns a {type(one).__name__}, no ndarray"
    draws = model.sample(7, random_state=3)
    assert one.shape == (1, 5), f"sample() has the shape {one.shape} instead of (1, 5)"
    assert draws.shape == (7, 5), f"sample(7) has the shape {draws.shape} instead of (7, 5)"
    assert draws.dtype == np.float64, f"draws of a model of float64 rows are {draws.dtype}"
    assert np.isfinite(draws).all(), "draws are not finite"
    again = model.sample(7, random_state=3)
    np.testing.assert_array_equal(draws, again, "the same random_state gives other draws")
    other = model.sample(7, random_state=4)
    assert not np.array_equal(draws, other), "another random_state gives the same draws"
    with raises(ValueError, "n_samples", "sample(0) is not refused"):
        model.sample(0)
    with raises(TypeError, "n_samples", "sample(2.5) is not refused"):
        model.sample(2.5)


def check_score(estimator):
    """The score is a float, the mean of the rows unless it compares distributions."""
    X = toy()
    model = fitted(estimator)
    rows, score = model.score_samples(X), model.score(X)
    assert rows.shape == (90,), f"score_samples has the shape {rows.shape} instead of (90,)"
    assert rows.dtype == np.float64, f"score_samples is {rows.dtype} instead of float64"
    assert type(score) is float, f"score is a {type(score).__name__} instead of a float"
    assert model.likelihood_kind_ in LIKELIHOOD_KINDS, f"unknown kind {model.likelihood_kind_!r}"
    assert score == model.score(X), "score differs from call to call"
    # Without a density the score may compare distributions.
    if model.likelihood_kind_ != "error" or isinstance(model, ScoreMixin):
        np.testing.assert_allclose(score, rows.mean(), err_msg="score is not the mean of the rows")
    few = model.score_samples(X[::-1][:9])
    np.testing.assert_allclose(few, rows[::-1][:9], rtol=1e-5, err_msg="rows see their neighbors")


def check_density(estimator):
    """What is called a density integrates to one, what is called a bound to no more.

    Draws that are all 0 or 1 stand for a distribution over bits, which is summed over its states;
    otherwise the density of two features is integrated by importance sampling. Draws and density
    then have the same mean and covariance.
    """
    model = fitted(estimator, toy(200, 2))
    if model.likelihood_kind_ not in ("exact", "lower_bound"):
        return
    draws = model.sample(4000, random_state=0)
    if np.isin(draws, (0, 1)).all():
        points, log_volume = np.array(list(product((0.0, 1.0), repeat=2))), 0.0
    else:
        rng = np.random.default_rng(0)
        wide = 3 * np.cov(draws.T) + 1e-9 * np.eye(2)
        proposal = multivariate_normal(draws.mean(0), wide)
        points = proposal.rvs(20_000, random_state=rng)
        log_volume = -proposal.logpdf(points) - np.log(len(points))
    log_weights = model.score_samples(points) + log_volume
    total = np.exp(logsumexp(log_weights))
    assert total < 1.05, f"{model.likelihood_kind_!r} scores integrate to {total:.3f}, beyond one"
    if model.likelihood_kind_ == "lower_bound":
        return
    assert total > 0.95, f"'exact' scores integrate to {total:.3f} instead of one"
    weights = np.exp(log_weights) / total
    mean = weights @ points
    covariance = (weights[:, None] * (points - mean)).T @ (points - mean)
    scales = np.sqrt(np.diag(covariance))
    _assert_moment(draws, mean, 0.05 * scales, "mean")
    centered = draws - mean
    products = centered[:, :, None] * centered[:, None, :]
    _assert_moment(products, covariance, 0.1 * np.outer(scales, scales), "covariance")


def _assert_moment(values, expected, slack, name):
    """The mean of values over draws is what their density says, up to six standard errors."""
    mean, error = values.mean(0), values.std(0) / np.sqrt(len(values))
    assert (np.abs(mean - expected) < slack + 6 * error).all(), (
        f"draws have the {name} {mean.tolist()}, their density {expected.tolist()}"
    )


def check_latent_round(estimator):
    """Codes are repeatable, named, and lead back to rows."""
    X = toy()
    model = fitted(estimator)
    Z = model.transform(X)
    thin = model.transform(X.astype(np.float32)).dtype
    assert thin == np.float32, f"codes of float32 rows are {thin}"
    twin = clone(model).fit_transform(X, labels())
    np.testing.assert_allclose(twin, Z, atol=1e-6, err_msg="fit_transform is not fit, transform")
    assert len(model.get_feature_names_out()) == Z.shape[1], "codes and their names differ"
    if hasattr(model, "inverse_transform"):
        assert model.inverse_transform(Z).shape == X.shape, "inverse_transform gives other shapes"
        wrong = np.ones((2, Z.shape[1] + 1))
        with raises(ValueError, str(Z.shape[1]), "inverse_transform takes too many columns"):
            model.inverse_transform(wrong)


def check_pandas_output(estimator):
    """Codes come as a frame where that is asked for."""
    try:
        import pandas as pd
    except ImportError:
        return
    frame = pd.DataFrame(toy(), columns=list("abcde"))
    model = fitted(clone(estimator).set_output(transform="pandas"), frame)
    out = model.transform(frame)
    assert isinstance(out, pd.DataFrame), "set_output has no effect"
    assert list(out.columns) == list(model.get_feature_names_out()), "columns have other names"


def check_incomplete_rows(estimator):
    """What is observed is kept, what is missing is filled."""
    model, X = fitted(estimator), toy()[:6]
    X[::2, 1] = np.nan
    X[1, 2:] = np.nan
    before = X.copy()
    filled, draws = model.impute(X), model.sample_conditional(X, 3, random_state=0)
    np.testing.assert_array_equal(X, before, "impute or sample_conditional change the rows given")
    again = model.sample_conditional(X, 3, random_state=0)
    np.testing.assert_array_equal(again, draws, "the same random_state gives other draws")
    other = model.sample_conditional(X, 3, random_state=1)
    # Few bits that are nearly certain may well be drawn alike.
    certain = np.isin(draws[:, np.isnan(X)], (0, 1)).all()
    assert certain or not np.array_equal(other, draws), "another random_state gives the same draws"
    thin = model.impute(X.astype(np.float32)).dtype
    assert thin == np.float32, f"impute gives {thin} for float32 rows"
    assert filled.shape == X.shape, "impute gives other shapes"
    assert draws.shape == (3, *X.shape), f"sample_conditional gives {draws.shape}"
    for complete in (filled, *draws):
        assert np.isfinite(complete).all(), "something is still missing"
        observed = ~np.isnan(X)
        np.testing.assert_array_equal(complete[observed], X[observed], "what is observed changes")


def check_global_state(estimator):
    """With a seed given, the user's random generators are left as they were."""
    import torch

    numpy_state, torch_state = np.random.get_state(), torch.get_rng_state()
    # Seeds that nobody else takes: to seed a generator anew would show, too.
    np.random.seed(918273)
    torch.manual_seed(645546)
    numpy_before, torch_before = pickle.dumps(np.random.get_state()), torch.get_rng_state()
    try:
        _call_verbs(estimator)
        untouched = pickle.dumps(np.random.get_state()) == numpy_before
        assert untouched, "a verb draws from NumPy's global generator, or seeds it"
        untouched = torch.equal(torch.get_rng_state(), torch_before)
        assert untouched, "a verb draws from torch's global generator, or seeds it"
    finally:
        np.random.set_state(numpy_state)
        torch.set_rng_state(torch_state)


def _call_verbs(estimator):
    """Call the verbs that an estimator has, each with a seed where it takes one."""
    model, X, gaps = fitted(estimator), toy(), toy()[:6]
    gaps[::2, 1] = np.nan
    calls = {
        "transform": lambda: model.transform(X),
        "score": lambda: model.score(X, labels()),
        "sample": lambda: model.sample(3, random_state=0),
        "impute": lambda: model.impute(gaps),
        "sample_conditional": lambda: model.sample_conditional(gaps, random_state=0),
        "partial_fit": lambda: model.partial_fit(X, labels()),
    }
    for verb, call in calls.items():
        if hasattr(model, verb):
            call()


def check_copies(estimator):
    """A model survives pickle, deepcopy and joblib."""
    model = fitted(estimator)
    verb, file = deterministic_verb(model), io.BytesIO()
    expected = getattr(model, verb)(toy())
    joblib.dump(model, file)
    file.seek(0)
    twins = pickle.loads(pickle.dumps(model)), copy.deepcopy(model), joblib.load(file)
    for twin, name in zip(twins, ("pickle", "deepcopy", "joblib")):
        got = getattr(twin, verb)(toy())
        np.testing.assert_array_equal(got, expected, f"{verb} differs after {name}")


def check_partial_fit(estimator):
    """A chunk returns the estimator."""
    model = clone(estimator)
    first = model.partial_fit(toy(), labels(), **announced(model))
    assert first is model, "partial_fit does not return the estimator"
    assert model.partial_fit(toy(), labels()) is model, "partial_fit does not return the estimator"


def check_grid_search(estimator):
    """A search needs no scoring."""
    pipeline = make_pipeline(StandardScaler(), estimator)
    grid = {"standardscaler__with_mean": [True, False]}
    # Models of rows given their classes need all of these in each part.
    parts = StratifiedKFold(2)
    search = GridSearchCV(pipeline, grid, cv=parts, error_score="raise").fit(toy(), labels())
    assert np.isfinite(search.best_score_), "the best score of a search is not finite"


def check_html(estimator):
    """The picture of a fitted model costs no work and names it."""
    model = fitted(estimator)
    assert type(model).__name__ in estimator_html_repr(model), "the picture has no name"


def check_failed_fit(estimator):
    """A fit that fails leaves the earlier one usable."""
    model = fitted(estimator)
    verb = deterministic_verb(model)
    before = getattr(model, verb)(toy())
    with raises(ValueError, "inf", "infinite values are not refused"):
        model.fit(np.full((4, 3), np.inf), labels(4))
    np.testing.assert_array_equal(getattr(model, verb)(toy()), before, "a failed fit leaves traces")


def check_parameters_are_kept(estimator):
    """Fit changes no parameter."""
    model = clone(estimator)
    before = {name: repr(value) for name, value in model.get_params().items()}
    model.fit(toy(), labels())
    after = {name: repr(value) for name, value in model.get_params().items()}
    assert before == after, "fit changes its own parameters"


def check_verbose(estimator):
    """Reports change nothing, and draw no random number."""
    if "verbose" not in estimator.get_params():
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quiet, loud = fitted(estimator), fitted(clone(estimator).set_params(verbose=True))
    verb = deterministic_verb(quiet)
    got, expected = getattr(loud, verb)(toy()), getattr(quiet, verb)(toy())
    np.testing.assert_array_equal(got, expected, "verbose changes the fit")


# Check -> verbs without which it is not due.
CHECKS = {
    check_sample: ("sample",),
    check_score: ("score_samples", "score"),
    check_density: ("score_samples", "score", "sample"),
    check_latent_round: ("transform",),
    check_pandas_output: ("transform",),
    check_incomplete_rows: ("impute", "sample_conditional"),
    check_global_state: ("fit",),
    check_copies: ("fit",),
    check_partial_fit: ("partial_fit",),
    check_grid_search: ("score",),
    check_html: ("fit",),
    check_failed_fit: ("fit",),
    check_parameters_are_kept: ("fit",),
    check_verbose: ("fit",),
}
