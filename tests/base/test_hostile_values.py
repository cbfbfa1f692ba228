"""Values that nobody means are refused by name, at once."""

import inspect
import re

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skgen import Autoencoder, DeepBeliefNetwork, SparseCoder
from skgen.base.parameters import LAYERS
from skgen.testing import fitted, labels, toy
from tests.instances import having, instances, label

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning"),
]
every_estimator = pytest.mark.parametrize("estimator", instances(), ids=label)
NO_LAYERS = ["", {2, 3}, (-1,), (8, 0), (2.5,), (True,), ("a",), 8, None, np.array([[2, 3]])]
# What a fit is called by, and what never asks for one.
AT_ANY_TIME = re.compile(r"_|fit|(partial|set|get_params|get_metadata)")


def layers_of(estimator):
    """Names of the parameters that are sizes of layers."""
    constraints = getattr(type(estimator), "_parameter_constraints", {})
    return [name for name, kinds in constraints.items() if LAYERS in list(kinds)]


@pytest.mark.parametrize("value", NO_LAYERS, ids=repr)
@pytest.mark.parametrize("estimator", [e for e in instances() if layers_of(e)], ids=label)
def test_layers_have_positive_numbers_of_units(estimator, value):
    for name in layers_of(estimator):
        model = clone(estimator).set_params(**{name: value})
        with pytest.raises(ValueError, match=name):
            model.fit(toy(), labels())


def test_layers_may_be_an_array():
    model = Autoencoder(2, hidden_layer_sizes=np.array([8, 4]), max_iter=1).fit(toy())
    assert model.transform(toy()).shape == (90, 2)


@every_estimator
def test_numbers_beyond_64_bits_are_refused_by_name(estimator):
    numbers = [n for n, v in estimator.get_params().items() if isinstance(v, int | float)]
    for name in numbers:
        for huge in (10**30, -(10**30)):
            model = clone(estimator).set_params(**{name: huge})
            with pytest.raises(ValueError, match=name.rpartition("__")[2]):
                model.fit(toy(), labels())


@pytest.mark.parametrize("estimator", having("sample"), ids=label)
def test_more_draws_than_memory_holds_are_refused(estimator):
    model = fitted(estimator)
    with pytest.raises(ValueError, match="n_samples"):
        model.sample(10**30)
    with pytest.raises(MemoryError, match="n_samples=1000000000000000"):
        model.sample(10**15)


@pytest.mark.parametrize("estimator", having("sample_conditional"), ids=label)
def test_more_completions_than_memory_holds_are_refused(estimator):
    model, X = fitted(estimator), toy()
    X[0, 1] = np.nan
    with pytest.raises(ValueError, match="n_draws"):
        model.sample_conditional(X, 10**30)
    with pytest.raises(MemoryError, match="n_draws=1000000000000000"):
        model.sample_conditional(X, 10**15)


def test_more_draws_of_a_class_than_memory_holds_are_refused():
    model = DeepBeliefNetwork((3, 2), use_labels=True, max_iter=1).fit(toy(), labels())
    with pytest.raises(MemoryError, match="n_samples"):
        model.sample_class(0, 10**15)


def test_networks_that_memory_cannot_hold():
    with pytest.raises(MemoryError, match="smaller layers"):
        Autoencoder(2, hidden_layer_sizes=(10**14,), max_iter=1).fit(toy())


@every_estimator
def test_verbs_before_fit_say_so(estimator):
    names = [n for n in dir(estimator) if not AT_ANY_TIME.match(n)]
    tried = 0
    for verb in (getattr(estimator, n) for n in names):
        if not inspect.ismethod(verb):
            continue
        for arguments in [(), (toy(),), (toy(), labels())]:
            try:
                inspect.signature(verb).bind(*arguments)
            except TypeError:
                continue
            tried += 1
            with pytest.raises(NotFittedError):
                verb(*arguments)
    assert tried > 2


def test_a_given_dictionary_names_its_codes_without_a_fit():
    assert len(SparseCoder(dictionary=np.eye(3)).get_feature_names_out()) == 3
