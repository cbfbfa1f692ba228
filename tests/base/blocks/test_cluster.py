"""The same on a cluster of two processes."""

import os

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

from skgen import VAE, BernoulliRBM, FactorAnalysis, ProbabilisticPCA

distributed = pytest.importorskip("distributed", reason="distributed is not installed")
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


@pytest.mark.parametrize(
    "estimator", [ProbabilisticPCA(), BernoulliRBM(max_iter=2), VAE(2, max_iter=2)], ids=repr
)
def test_a_search_runs_there(client, estimator, X):
    sizes = {"n_components": [2, 3]}
    estimator = clone(estimator).set_params(random_state=0)
    here = GridSearchCV(estimator, sizes, cv=2).fit(X / 16)
    with joblib.parallel_config("dask"):
        there = GridSearchCV(estimator, sizes, cv=2).fit(X / 16)
    np.testing.assert_allclose(
        there.cv_results_["mean_test_score"], here.cv_results_["mean_test_score"], rtol=1e-5
    )
