"""A fit leaves the process as it found it, and is the same whatever it finds there."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext

import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch import nn

from skgen import GAN, VAE, Autoencoder, BernoulliRBM, FineTunedClassifier, SparseAE
from skgen.testing import deterministic_verb, fitted, labels, toy
from tests.instances import instances, label
from tests.process import unchanged_process

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning"),
]
every_estimator = pytest.mark.parametrize("estimator", instances(), ids=label)


def dropping_network(n_in, n_out):
    """A network that draws by layers of its own, and whose weights torch draws."""
    return nn.Sequential(nn.Linear(n_in, 8), nn.RReLU(), nn.Dropout(0.2), nn.Linear(8, n_out))


def made_of_parts():
    """Estimators whose networks are the user's, or drop units."""
    small = {"hidden_layer_sizes": (8,), "max_iter": 3}
    return [
        Autoencoder(2, encoder=dropping_network, max_iter=3),
        VAE(2, decoder=dropping_network, max_iter=3),
        GAN(2, generator=dropping_network, normalization="reference_batch", **small),
        FineTunedClassifier(SparseAE(2, **small), dropout=0.3, input_dropout=0.1, max_iter=3),
    ]


def name(estimator):
    """Name in a test report; functions have addresses, which differ between its processes."""
    return re.sub("at0x[0-9a-f]+", "", label(estimator))


def answers(estimator, seed=0):
    """What a fitted model says of the rows it was fitted to, and its draws."""
    model = clone(estimator)
    if "random_state" in model.get_params():
        model.set_params(random_state=seed)
    model.fit(toy(), labels())
    drawn = [model.sample(5, random_state=1)] if hasattr(model, "sample") else []
    return [getattr(model, deterministic_verb(model))(toy()), *drawn]


@contextmanager
def default_float64():
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


CALLERS = {
    "no_grad": torch.no_grad,
    "inference_mode": torch.inference_mode,
    "float64": default_float64,
    "autograd": nullcontext,
}


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("estimator", [*instances(), *made_of_parts()], ids=name)
def test_a_fit_is_the_same_whatever_its_caller_set(estimator, caller):
    expected = answers(estimator)
    with CALLERS[caller](), unchanged_process():
        got = answers(estimator)
    for one, other in zip(got, expected, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


@every_estimator
def test_a_fit_that_fails_leaves_the_process_as_it_was(estimator):
    fitted(estimator)
    X = toy()
    X[3, 2] = np.inf
    with unchanged_process(), pytest.raises(ValueError, match="inf"):
        clone(estimator).fit(X, labels())


def other_in_threads(estimators, seeds):
    """Names of those whose fits in four threads are not the ones of the same seed alone."""
    tasks = [(e, seed) for seed in seeds for e in estimators]
    alone = [answers(*task) for task in tasks]
    with ThreadPoolExecutor(4) as pool:
        beside = list(pool.map(lambda task: answers(*task), tasks))
    return [
        name(estimator)
        for (estimator, _), one, other in zip(tasks, alone, beside, strict=True)
        if not all(map(np.array_equal, one, other))
    ]


def test_fits_in_threads_are_those_of_the_same_seed_alone():
    small = {"hidden_layer_sizes": (8,), "max_iter": 3}
    estimators = [*made_of_parts(), BernoulliRBM(3, max_iter=3), GAN(2, **small), VAE(2, **small)]
    torch.manual_seed(5)
    before = torch.get_rng_state()
    assert other_in_threads(estimators, range(1)) == []
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.slow
def test_many_fits_in_threads_are_those_of_the_same_seed_alone():
    assert other_in_threads([*instances(), *made_of_parts()], range(4)) == []


def test_a_user_who_draws_beside_a_fit_gets_the_draws_of_the_seed():
    torch.manual_seed(3)
    expected = torch.rand(4000)
    torch.manual_seed(3)
    model = VAE(2, hidden_layer_sizes=(8,), max_iter=20, random_state=0)
    with ThreadPoolExecutor(1) as pool:
        fit, draws = pool.submit(model.fit, toy()), []
        for _ in range(4000):
            draws.append(torch.rand(()))
        fit.result()
    assert torch.equal(torch.stack(draws), expected)
