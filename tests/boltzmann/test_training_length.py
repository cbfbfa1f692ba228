"""Few rows are not learned by heart: max_iter="auto" knows how many there are."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_digits

from skgen import (
    BernoulliRBM,
    DeepBeliefNetwork,
    DeepBoltzmannMachine,
    GaussianBernoulliRBM,
)
from skgen.boltzmann import dbm, dbn
from skgen.boltzmann.training_length import has_few_rows
from skgen.exceptions import DataRangeWarning

N_TEST = 300


def independent(rng, n, d):
    return rng.random((n, d)) < rng.random(d)


def prototypes(rng, n, d):
    kinds = rng.random((4, d)) < 0.5
    return kinds[rng.integers(4, size=n)] ^ (rng.random((n, d)) < 0.1)


def factors(rng, n, d):
    log_odds = rng.standard_normal((n, 3)) @ rng.standard_normal((3, d))
    return rng.random((n, d)) < 1 / (1 + np.exp(-log_odds))


def baseline(train, test):
    """Nats of a row under independent bits."""
    p = (train.sum(axis=0) + 0.5) / (len(train) + 1)
    return np.mean(test @ np.log(p) + (1 - test) @ np.log(1 - p))


@pytest.mark.parametrize(
    ("draw", "gain"),
    [(independent, -0.5), (prototypes, 30), (factors, 10)],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_wide_tables_of_few_rows_beat_independent_bits(draw, gain, rng):
    X = draw(rng, 60 + N_TEST, 300).astype(float)
    train, test = X[:60], X[60:]
    model = BernoulliRBM(16, random_state=0).fit(train)
    assert model.score(test) > baseline(train, test) + gain
    # Many more updates fall below them.
    long = BernoulliRBM(16, max_iter=800, random_state=0).fit(train)
    assert long.score(test) < min(model.score(test), baseline(train, test))


def test_small_images_are_learned_for_longer(rng):
    X = rng.permutation((load_digits().data >= 8).astype("float32"))
    model = BernoulliRBM(16, random_state=0).fit(X[:200])
    assert model.score(X[200:]) > baseline(X[:200], X[200:]) + 4


def test_the_length_is_that_of_the_data_and_not_of_the_seed(rng):
    X = factors(rng, 60, 40).astype("float32")
    rows = [X, sparse.csr_array(X), X.astype(float)]
    lengths = [BernoulliRBM(8, random_state=i).fit(x).n_iter_ for i, x in enumerate(rows)]
    assert len(set(lengths)) == 1
    shared, untouched = np.random.RandomState(3), np.random.RandomState(3)
    BernoulliRBM(8, random_state=shared).fit(X)
    BernoulliRBM(8, max_iter=1, random_state=untouched).fit(X)
    assert shared.randint(1000) == untouched.randint(1000)


def test_the_first_run_is_for_few_rows_alone(rng):
    assert [has_few_rows(n, 8) for n in (1, 2, 399, 400)] == [False, True, True, False]
    assert not has_few_rows(2000, 256)
    X = independent(rng, 400, 10).astype("float32")
    # Four batches an epoch, and 2000 updates at least.
    assert BernoulliRBM(8, random_state=0).fit(X).n_iter_ == 500
    assert BernoulliRBM(8, max_iter=7, random_state=0).fit(X[:60]).n_iter_ == 7
    stopped = BernoulliRBM(8, early_stopping=True, random_state=0).fit(X[:60])
    assert len(stopped.validation_scores_) == stopped.n_iter_


@pytest.mark.parametrize("n", [2, 3, 7])
def test_a_handful_of_rows(n, rng):
    X = independent(rng, n, 12).astype("float32")
    model = BernoulliRBM(4, random_state=0).fit(X)
    assert np.isfinite(model.score(X))
    assert model.set_params(warm_start=True).fit(X).n_iter_ > 0


def test_rows_beyond_the_unit_interval_are_told_once(rng):
    with pytest.warns(DataRangeWarning) as caught:
        BernoulliRBM(4, random_state=0).fit(16 * independent(rng, 30, 6))
    assert len(caught) == 1


def normal_baseline(train, test):
    """Nats of a row under independent normal columns."""
    mean, variance = train.mean(axis=0), train.var(axis=0)
    rows = np.log(2 * np.pi * variance) + np.square(test - mean) / variance
    return -0.5 * np.mean(rows.sum(axis=1))


@pytest.mark.parametrize("home", [dbm, dbn], ids=["dbm", "dbn"])
def test_deep_machines_of_few_rows_beat_independent_bits(home, rng, monkeypatch):
    monkeypatch.setattr(home, "N_UPDATES", 800)
    X = prototypes(rng, 60 + N_TEST, 60).astype("float32")
    train, test = X[:60], X[60:]
    estimator = DeepBoltzmannMachine if home is dbm else DeepBeliefNetwork
    score = estimator((16, 8), random_state=0).fit(train).score(test)
    assert score > baseline(train, test) + 3
    long = estimator((16, 8), max_iter=800, random_state=0).fit(train)
    assert score > long.score(test) + 0.5


def test_deep_machines_learn_no_dependence_where_there_is_none(rng):
    X = independent(rng, 60 + N_TEST, 60).astype("float32")
    model = DeepBoltzmannMachine((16, 8), random_state=0).fit(X[:60])
    assert model.score(X[60:]) > baseline(X[:60], X[60:]) - 0.5
    # Four fifths of 60 rows are one batch.
    assert 0 < model.n_iter_ < 500


@pytest.mark.parametrize("start", ["auto", 0.01])
def test_machines_of_numbers_hardly_learn_noise(start, rng):
    X = rng.standard_normal((60 + N_TEST, 20)).astype("float32")
    model = GaussianBernoulliRBM(16, init_scale=start, random_state=0).fit(X[:60])
    base = normal_baseline(X[:60], X[60:])
    assert model.score(X[60:]) > base - 1
    long = GaussianBernoulliRBM(16, max_iter=300, random_state=0).fit(X[:60])
    assert long.score(X[60:]) < base - 3


def test_short_fits_are_those_of_a_fit_with_their_length(rng):
    X = rng.standard_normal((60, 20)).astype("float32")
    chosen = GaussianBernoulliRBM(16, random_state=0).fit(X)
    asked = GaussianBernoulliRBM(16, max_iter=chosen.n_iter_, random_state=0).fit(X)
    np.testing.assert_array_equal(chosen.components_, asked.components_)


def test_streams_and_labels_need_no_first_run(rng, monkeypatch):
    X = independent(rng, 60, 12).astype("float32")
    assert DeepBoltzmannMachine((4, 3)).partial_fit(X).n_iter_ == 1
    monkeypatch.setattr(dbn, "N_UPDATES", 64)
    machine = DeepBeliefNetwork((4, 3), use_labels=True, random_state=0)
    assert machine.fit(X, X[:, 0]).n_iter_ == 2 * 64
