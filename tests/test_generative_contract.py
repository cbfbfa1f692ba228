"""What every estimator promises beyond scikit-learn's checks, over the one list of instances."""

import copy
import inspect
import pickle
import sys

import joblib
import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone, is_classifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_html_repr, get_tags

from skgen import VAE, BernoulliRBM, GaussianBernoulliRBM, ProbabilisticPCA, SparseCoder
from skgen.base import TwoSampleScoreMixin
from tests.instances import SMALL_MACHINE, SMALL_NET, having, instances, label

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning"),
]


def over(*methods):
    return pytest.mark.parametrize("estimator", having(*methods), ids=label)


def toy(n=90, d=5):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, 2)) @ rng.standard_normal((2, d))
    return X + 0.3 * rng.standard_normal(X.shape) + 1


def labels(n=90):
    """Two classes, for the estimators that learn them; the others ignore y."""
    return np.arange(n) // (n // 2 + 1)


def announced(model):
    """What the first partial_fit of a classifier must be told."""
    return {"classes": [0, 1]} if is_classifier(model) else {}


def deterministic_verb(model):
    return next(v for v in ("transform", "score_samples", "predict_proba") if hasattr(model, v))


def fitted(estimator, X=None):
    model = clone(estimator)
    if "random_state" in model.get_params():
        model.set_params(random_state=0)
    X = toy() if X is None else X
    return model.fit(X, labels(len(X)))


@over("sample")
def test_sample(estimator):
    model = fitted(estimator)
    one, draws = model.sample(), model.sample(7, random_state=3)
    assert isinstance(draws, np.ndarray)
    assert one.shape == (1, 5)
    assert draws.shape == (7, 5)
    assert draws.dtype.kind == "f"
    assert np.isfinite(draws).all()
    np.testing.assert_array_equal(draws, model.sample(7, random_state=3))
    assert not np.array_equal(draws, model.sample(7, random_state=4))
    with pytest.raises(ValueError, match="n_samples == 0"):
        model.sample(0)
    with pytest.raises(TypeError, match="n_samples"):
        model.sample(2.5)


@over("score_samples")
def test_score_is_the_mean_of_the_rows(estimator):
    X = toy()
    model = fitted(estimator)
    rows, score = model.score_samples(X), model.score(X)
    assert rows.shape == (90,)
    assert rows.dtype == np.float64
    assert type(score) is float
    if isinstance(model, TwoSampleScoreMixin):
        assert score == model.score(X)
    else:
        assert score == pytest.approx(rows.mean())
    np.testing.assert_allclose(model.score_samples(X[::-1][:9]), rows[::-1][:9], rtol=1e-5)


@over("transform", "inverse_transform")
def test_latent_round(estimator):
    X = toy()
    model = fitted(estimator)
    Z = model.transform(X)
    np.testing.assert_allclose(clone(model).fit_transform(X, labels()), Z, atol=1e-6)
    assert model.inverse_transform(Z).shape == X.shape
    assert list(model.get_feature_names_out()) == [
        f"{type(model).__name__.lower()}{j}" for j in range(Z.shape[1])
    ] or isinstance(model, Pipeline)
    if not isinstance(model, Pipeline):
        wrong = np.ones((2, Z.shape[1] + 1))
        with pytest.raises(ValueError, match=f"X has {Z.shape[1] + 1} columns, but"):
            model.inverse_transform(wrong)


@over("transform")
def test_pandas_output(estimator):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(toy(), columns=list("abcde"))
    model = fitted(clone(estimator).set_output(transform="pandas"), frame)
    out = model.transform(frame)
    assert isinstance(out, pd.DataFrame)
    assert list(out.columns) == list(model.get_feature_names_out())


@over("fit")
def test_global_generators_are_left_alone(estimator):
    import torch

    before, torch_before = np.random.get_state()[1].copy(), torch.get_rng_state()
    model = fitted(estimator)
    for verb in ("sample", "score"):
        if hasattr(model, verb):
            getattr(model, verb)(*([toy(), labels()] if verb == "score" else [3]))
    np.testing.assert_array_equal(np.random.get_state()[1], before)
    assert torch.equal(torch.get_rng_state(), torch_before)


def configurations(cls):
    """The instances of a class, and such in which parameters count that these leave aside."""
    beside = [
        BernoulliRBM(sparsity_target=0.1, **SMALL_MACHINE),
        GaussianBernoulliRBM(negative_phase="pt", n_temperatures=3, **SMALL_MACHINE),
        SparseCoder(n_components=3, transform_algorithm="omp"),
        VAE(n_importance_samples=2, doubly_reparametrized=True, **SMALL_NET),
    ]
    found = [e for e in [*instances(), *beside] if type(e) is cls]
    if "early_stopping" in found[0].get_params(deep=False):
        found.append(clone(found[0]).set_params(early_stopping=True))
    return found


def is_a_use(frame):
    """Whether code that reads a parameter works with it: checks and copies do not."""
    if not frame.f_globals.get("__name__", "").startswith(("skgen", "sklearn.pipeline")):
        return False
    functions = frame.f_code.co_qualname.split(".")
    return not any(name.lstrip("_").startswith("check") or name == "is_plain" for name in functions)


def spied(estimator, used):
    """A twin that adds to ``used`` the names of its parameters that are worked with."""
    parameters = estimator.get_params(deep=False)

    class Spied(type(estimator)):
        def __getattribute__(self, name):
            if name in parameters and is_a_use(sys._getframe(1)):
                used.add(name)
            return super().__getattribute__(name)

    return Spied(**parameters)


def put_to_work(model):
    """Call every verb of an estimator."""
    X, y = toy(), labels()
    gaps = np.where(np.random.default_rng(0).random(X.shape) < 0.2, np.nan, X)
    model.fit(X, y)
    calls = {
        "score": (X, y),
        "sample": (1001,),
        "impute": (gaps[:5],),
        "sample_conditional": (gaps[:5],),
        "estimate_log_partition": ("ais",),
        **dict.fromkeys(("transform", "score_samples", "predict", "predict_proba"), (X,)),
    }
    for verb, arguments in calls.items():
        if hasattr(model, verb):
            getattr(model, verb)(*arguments)
    if hasattr(model, "inverse_transform"):
        model.inverse_transform(model.transform(X))
    if hasattr(model, "partial_fit"):
        model.partial_fit(X, y, **announced(model))
    if get_tags(model).input_tags.allow_nan:
        model.fit(gaps, y)


CLASSES = list(dict.fromkeys(type(e) for e in instances()))


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_parameter_is_used(cls):
    used = set()
    for estimator in configurations(cls):
        put_to_work(spied(estimator, used))
    assert set(inspect.signature(cls).parameters) == used


def test_a_parameter_that_is_only_copied_and_checked_is_not_used():
    class Careless(ProbabilisticPCA):
        _parameter_constraints = {**ProbabilisticPCA._parameter_constraints, "cutoff": [float]}

        def __init__(self, n_components=1, cutoff=0.5):
            super().__init__(n_components)
            self.cutoff = cutoff

    used = set()
    put_to_work(clone(spied(Careless(), used)))
    assert used == {"n_components"}


@over("fit")
@pytest.mark.parametrize("copier", ["pickle", "deepcopy", "joblib", "skops"])
def test_copies_score_alike(estimator, copier, tmp_path):
    model = fitted(estimator)
    if copier == "pickle":
        twin = pickle.loads(pickle.dumps(model))
    elif copier == "deepcopy":
        twin = copy.deepcopy(model)
    elif copier == "joblib":
        joblib.dump(model, tmp_path / "model")
        twin = joblib.load(tmp_path / "model")
    else:
        sio = pytest.importorskip("skops.io")
        file = sio.dumps(model)
        twin = sio.loads(file, trusted=sio.get_untrusted_types(data=file))
    verb = deterministic_verb(model)
    np.testing.assert_array_equal(getattr(twin, verb)(toy()), getattr(model, verb)(toy()))


@over("partial_fit")
def test_partial_fit_returns_the_estimator(estimator):
    model = clone(estimator)
    assert model.partial_fit(toy(), labels(), **announced(model)) is model
    assert model.partial_fit(toy(), labels()) is model


# What says where learning starts; going on starts elsewhere.
STARTS = {"init_scale", "data_bias", "negative_phase", "n_chains", "n_temperatures"}


@over("_build")
def test_what_the_networks_are_built_of_cannot_change_in_going_on(estimator):
    read = set()

    class Spied(type(estimator)):
        def __getattribute__(self, name):
            read.add(name)
            return super().__getattribute__(name)

    spied = Spied(**estimator.get_params(deep=False))
    spied.fit(toy(), labels())
    read.clear()
    spied._build(5)
    parameters = set(estimator.get_params(deep=False))
    assert read & parameters - STARTS <= set(spied._architecture) <= parameters


@over("_build")
def test_parameters_that_steer_training_may_change_in_going_on(estimator):
    changes = {"learning_rate": 1e-3, "batch_size": 17, "max_iter": 2, "weight_decay": 1e-3}
    model = fitted(clone(estimator).set_params(warm_start=True))
    first = model.n_iter_
    second = model.set_params(**changes).fit(toy(), labels()).n_iter_
    assert second >= first + 2
    if hasattr(model, "partial_fit"):
        assert model.partial_fit(toy(), labels()).n_iter_ > second


@over("score")
def test_grid_search_needs_no_scoring(estimator):
    X = toy()
    pipeline = make_pipeline(StandardScaler(), estimator)
    grid = {"standardscaler__with_mean": [True, False]}
    search = GridSearchCV(pipeline, grid, cv=2, n_jobs=2, error_score="raise")
    search.fit(X, labels())
    assert np.isfinite(search.best_score_)


@over("fit")
def test_html_is_drawn_without_work(estimator):
    model = fitted(estimator)
    assert type(model).__name__ in estimator_html_repr(model)


@over("fit")
def test_a_failed_fit_keeps_the_earlier_one(estimator):
    model = fitted(estimator)
    verb = deterministic_verb(model)
    before = getattr(model, verb)(toy())
    with pytest.raises(ValueError, match="infinity|inf"):
        model.fit(np.full((4, 3), np.inf), labels(4))
    np.testing.assert_array_equal(getattr(model, verb)(toy()), before)


def test_instances_cover_every_public_estimator():
    import skgen

    classes = {type(e).__name__ for e in instances()}
    named = [getattr(skgen, name) for name in skgen.__all__]
    public = {c.__name__ for c in named if inspect.isclass(c) and issubclass(c, BaseEstimator)}
    assert public <= classes
