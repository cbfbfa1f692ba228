"""What every estimator promises beyond scikit-learn's checks, over the one list of instances."""

import copy
import inspect
import sys

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags

from skgen import VAE, BernoulliRBM, GaussianBernoulliRBM, ProbabilisticPCA, SparseCoder
from skgen.adversarial.objective import allows_closed_form
from skgen.testing import (
    announced,
    deterministic_verb,
    fitted,
    generative_checks,
    labels,
    toy,
)
from tests.instances import SMALL_MACHINE, SMALL_NET, having, instances, label

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning"),
]


def over(*methods):
    return pytest.mark.parametrize("estimator", having(*methods), ids=label)


@pytest.mark.parametrize(
    "check",
    [
        pytest.param(check, id=f"{label(estimator)}-{name}")
        for estimator in instances()
        for name, check in generative_checks(estimator)
    ],
)
def test_contract(check):
    check()


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


# Looks at many parameters to choose between two ways to the same gradients.
CHOICE = allows_closed_form.__name__


def is_a_use(frame):
    """Whether code that reads a parameter works with it: checks and copies do not."""
    if not frame.f_globals.get("__name__", "").startswith(("skgen", "sklearn.pipeline")):
        return False
    functions = frame.f_code.co_qualname.split(".")
    checks = {name.lstrip("_").startswith("check") or name == CHOICE for name in functions}
    return not any(checks)


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
        "log_partitions": (X, None, "ais"),
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
def test_skops_files_hold_the_model(estimator):
    sio = pytest.importorskip("skops.io")
    model = fitted(estimator)
    file = sio.dumps(model)
    twin = sio.loads(file, trusted=sio.get_untrusted_types(data=file))
    verb = deterministic_verb(model)
    np.testing.assert_array_equal(getattr(twin, verb)(toy()), getattr(model, verb)(toy()))


@over("score")
def test_searches_run_in_parallel(estimator):
    pipeline = make_pipeline(StandardScaler(), estimator)
    grid = {"standardscaler__with_mean": [True, False]}
    parts = StratifiedKFold(2)
    search = GridSearchCV(pipeline, grid, cv=parts, n_jobs=2, error_score="raise")
    assert np.isfinite(search.fit(toy(), labels()).best_score_)


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


@over("_build")
def test_weight_decay_reaches_the_optimizers(estimator):
    model = fitted(clone(estimator).set_params(weight_decay=0.125))
    stages = model._stages(copy.deepcopy(model.module_).requires_grad_(True))
    (*_, phase) = stages[0].phases
    assert 0.125 in [group["weight_decay"] for group in phase.optimizer.param_groups]


def test_instances_cover_every_public_estimator():
    import skgen

    classes = {type(e).__name__ for e in instances()}
    named = [getattr(skgen, name) for name in skgen.__all__]
    public = {c.__name__ for c in named if inspect.isclass(c) and issubclass(c, BaseEstimator)}
    assert public <= classes
