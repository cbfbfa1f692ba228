"""What every estimator promises beyond scikit-learn's checks, over the one list of instances."""

import ast
import inspect

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skgen.testing import deterministic_verb, fitted, generative_checks, labels, toy
from tests.instances import having, instances, label

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


@over("fit")
def test_every_parameter_is_read(estimator):
    homes = ("skgen", "sklearn.pipeline")
    own = [c for c in type(estimator).__mro__ if c.__module__.startswith(homes)]
    modules = {inspect.getmodule(c) for c in own}
    source = "\n".join(inspect.getsource(m) for m in modules)
    # A helper that is handed the estimator reads its parameters too.
    for module in list(modules):
        for value in vars(module).values():
            home = inspect.getmodule(value)
            if home is not None and home.__name__.startswith("skgen") and home not in modules:
                modules.add(home)
                source += "\n" + inspect.getsource(home)
    read = {
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }
    unread = {p for p in inspect.signature(type(estimator)).parameters if p not in read}
    assert unread == set()


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
    search = GridSearchCV(pipeline, grid, cv=2, n_jobs=2, error_score="raise")
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


def test_instances_cover_every_public_estimator():
    import skgen

    classes = {type(e).__name__ for e in instances()}
    named = [getattr(skgen, name) for name in skgen.__all__]
    public = {c.__name__ for c in named if inspect.isclass(c) and issubclass(c, BaseEstimator)}
    assert public <= classes
