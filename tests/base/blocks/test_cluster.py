"""The same on a cluster of two processes."""

import os

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, KFold

from skgen import BernoulliRBM, FactorAnalysis, ProbabilisticPCA
from tests.instances import instances, label

distributed = pytest.importorskip("distributed", reason="distributed is not installed")
import dask
import dask.array as da
import joblib

# Of the libraries that a cluster runs on.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def environment():
    """What a cluster sets for its workers, it sets for this process."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def client(environment):
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def X():
    return load_digits().data


@pytest.mark.parametrize("estimator", [ProbabilisticPCA(), FactorAnalysis(5)], ids=repr)
def test_fits_equal_those_of_arrays(client, estimator, X):
    rows = da.from_array(X + np.random.default_rng(0).random(X.shape), chunks=(200, 64))
    whole = clone(estimator).fit(rows.compute())
    model = clone(estimator).fit(rows)
    assert model.n_components_ == whole.n_components_
    expected = whole.transform(rows.compute())
    codes = model.transform(rows).compute()
    np.testing.assert_allclose(codes, expected, atol=1e-8 * np.abs(expected).max())
    assert model.score(rows) == pytest.approx(whole.score(rows.compute()), rel=1e-8)


def test_both_processes_read_blocks(client, X):
    rows = da.from_array(X, chunks=(100, 64))
    codes = client.persist(ProbabilisticPCA(2).fit(rows).transform(rows))
    distributed.wait(codes)
    assert {worker for workers in client.who_has(codes).values() for worker in workers} == set(
        client.scheduler_info()["workers"]
    )


def test_a_network_learns_the_same_there(client, X, monkeypatch):
    monkeypatch.setattr("skgen.kernels.row_blocks.HELD", 2**18)
    rows = da.from_array(X / 16, chunks=(200, 64))
    model = BernoulliRBM(4, max_iter=2, random_state=0)
    there = clone(model).fit(rows).components_
    with dask.config.set(scheduler="synchronous"):
        here = clone(model).fit(rows).components_
    np.testing.assert_array_equal(there, here)


def test_a_choice_is_the_same_there(client, X):
    sizes = {"n_components": [2, 3]}
    estimator = BernoulliRBM(max_iter=2, random_state=0)
    here = GridSearchCV(estimator, sizes, cv=2).fit(X[:200] / 16)
    with joblib.parallel_config("dask"):
        there = GridSearchCV(estimator, sizes, cv=2).fit(X[:200] / 16)
    assert there.best_params_ == here.best_params_
    np.testing.assert_allclose(
        there.cv_results_["mean_test_score"], here.cv_results_["mean_test_score"], rtol=1e-5
    )


def score_of(model, X, y=None):
    """A score of any model: its own, or of one that has none the mean of what it says of rows."""
    if hasattr(model, "score"):
        return model.score(X, y)
    verb = "score_samples" if hasattr(model, "score_samples") else "transform"
    return np.mean(getattr(model, verb)(X))


# One of each family; all others are slow.
FAMILIES = {
    "Autoencoder",
    "BoltzmannMachine",
    "FineTunedClassifier",
    "FullyVisibleBeliefNetwork",
    "GAN",
    "GenerativePipeline",
    "MixtureOfFactorAnalyzers",
    "OutlierDetector",
    "RNNRBM",
    "SparseCoder",
}


def each_instance():
    """All instances, the first of each family in the ordinary run."""
    ordinary = set(FAMILIES)
    for estimator in instances():
        name = type(estimator).__name__
        marks = () if name in ordinary else pytest.mark.slow
        ordinary.discard(name)
        yield pytest.param(estimator, marks=marks, id=label(estimator))


@pytest.mark.parametrize("estimator", list(each_instance()))
def test_a_search_of_every_estimator_runs_there(client, estimator):
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 2, (60, 4)).astype(float)
    y = np.arange(60) % 2 if not hasattr(estimator, "paired") else rng.random((60, 2))
    estimator = clone(estimator)
    seeds = [name for name in estimator.get_params() if name.split("__")[-1] == "random_state"]
    estimator.set_params(**dict.fromkeys(seeds, 0))
    how = {"cv": KFold(2), "scoring": score_of, "error_score": "raise", "refit": False}
    here = GridSearchCV(estimator, {}, **how).fit(rows, y)
    with joblib.parallel_config("dask"):
        there = GridSearchCV(estimator, {}, **how).fit(rows, y)
    for part in ("split0_test_score", "split1_test_score"):
        np.testing.assert_allclose(
            there.cv_results_[part], here.cv_results_[part], rtol=1e-4, atol=1e-4
        )
