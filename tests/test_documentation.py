"""Docstrings say what the code does: every parameter with its default, every fitted attribute."""

import ast
import importlib.util
import inspect
import json
import re
import warnings
from pathlib import Path

import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.datasets import make_blobs

import skgen
from benchmarks.cases import default_costs
from tests.instances import instances, label

CLASSES = [value for name in skgen.__all__ if inspect.isclass(value := getattr(skgen, name))]
ESTIMATORS = [cls for cls in CLASSES if issubclass(cls, BaseEstimator)]

every_class = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)


def entries(cls, section):
    """What follows the colon of each entry in a section of a numpydoc docstring, by name."""
    _, *parts = re.split(r"^(\w[\w ]*)\n-+\n", inspect.getdoc(cls), flags=re.MULTILINE)
    body = dict(zip(parts[::2], parts[1::2])).get(section, "")
    pairs = re.findall(r"^(\w+(?:, \w+)*) : (.*)$", body, re.MULTILINE)
    listed = [(name, kind) for names, kind in pairs for name in names.split(", ")]
    assert len(dict(listed)) == len(listed), f"{cls.__name__}: an entry of {section} occurs twice"
    return dict(listed)


def test_every_estimator_is_among_the_instances():
    assert set(ESTIMATORS) == {type(instance) for instance in instances()}


@every_class
def test_every_parameter_is_documented_and_no_other(cls):
    assert set(entries(cls, "Parameters")) == set(inspect.signature(cls).parameters)


@every_class
def test_documented_defaults_are_those_of_the_signature(cls):
    parameters = inspect.signature(cls).parameters
    for name, kind in entries(cls, "Parameters").items():
        _, stated, default = kind.rpartition("default=")
        expected = parameters[name].default
        if expected is inspect.Parameter.empty:
            assert not stated, name
            continue
        assert stated, f"{name} has no default= in the docstring"
        value = ast.literal_eval(default)
        assert (value, type(value)) == (expected, type(expected)), name


@every_class
def test_parameters_are_documented_in_the_order_of_the_signature(cls):
    positional = [
        p.name for p in inspect.signature(cls).parameters.values() if p.kind != p.KEYWORD_ONLY
    ]
    assert list(entries(cls, "Parameters"))[: len(positional)] == positional


@every_class
def test_no_place_holder_is_left(cls):
    assert "%(" not in cls.__doc__


@pytest.mark.parametrize("estimator", instances(), ids=label)
def test_every_fitted_attribute_is_documented(estimator):
    X, y = make_blobs(60, n_features=3, centers=2, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = clone(estimator).fit(X, y)
    fitted = {name for name in vars(model) if name.endswith("_") and not name.startswith("_")}
    assert fitted <= set(entries(type(model), "Attributes"))


def _is_made_of_others(cls):
    parameters = inspect.signature(cls).parameters
    required = any(p.default is inspect.Parameter.empty for p in parameters.values())
    return required or "estimator" in parameters


def test_the_cost_of_every_model_is_measured_and_stated():
    """On the API pages, of every estimator that is not made of others."""
    path = Path(__file__).parents[1] / "doc" / "_ext" / "costs.py"
    spec = importlib.util.spec_from_file_location("costs", path)
    costs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(costs)
    stated = costs.sentences(json.loads(costs.RECORD.read_text()))
    models = {cls.__name__ for cls in ESTIMATORS if not _is_made_of_others(cls)}
    assert set(default_costs.NAMES) == models == set(stated)
    for sentence in stated.values():
        assert re.search(r"takes [\d.]+ s on one core", sentence)
