"""NADE and MADE as settings of the fully visible belief network."""

import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from skgen import FullyVisibleBeliefNetwork
from skgen.testing import generative_checks

SETTINGS = list(itertools.product(["nade", "made"], ["random", "fixed"]))
each = pytest.mark.parametrize(("architecture", "ordering"), SETTINGS)


def model(architecture, ordering="random", **settings):
    settings = {"hidden_layer_sizes": (24,), "max_iter": 15, "n_orders": 4, **settings}
    return FullyVisibleBeliefNetwork(
        architecture=architecture, ordering=ordering, random_state=0, **settings
    )


def bits(n, d=8, seed=0):
    """A chain of bits in which each is its neighbor with probability .85."""
    flips = np.random.default_rng(seed).random((n, d)) < np.r_[0.5, np.full(d - 1, 0.15)]
    return (np.cumsum(flips, axis=1) % 2).astype(float)


@each
def test_probabilities_sum_to_one_and_reach_the_entropy(architecture, ordering):
    found = model(architecture, ordering, max_iter=60, learning_rate=1e-2).fit(bits(1500))
    states = np.array(list(itertools.product([0.0, 1.0], repeat=8)))
    assert np.exp(found.score_samples(states)).sum() == pytest.approx(1, abs=1e-9)
    assert len(found.orders_) == (1 if ordering == "fixed" else 4)
    entropy = np.log(2) + 7 * -(0.15 * np.log(0.15) + 0.85 * np.log(0.85))
    assert found.score(bits(4000, seed=1)) == pytest.approx(-entropy, abs=0.12)
    draws = found.sample(4000, random_state=0)
    log_p = found.score_samples(states)
    scores = found.score_samples(draws)
    expected = np.sum(np.exp(log_p) * log_p)
    assert scores.mean() == pytest.approx(expected, abs=4 * scores.std() / np.sqrt(4000))


@each
def test_a_gaussian_table_is_learned_from_the_linear_start(architecture, ordering):
    rng = np.random.default_rng(0)
    W = rng.standard_normal((2, 6))
    C = W.T @ W + np.diag(np.linspace(0.2, 0.7, 6))
    X, test = (rng.multivariate_normal(np.arange(6), C, n) for n in (1500, 2000))
    entropy = 0.5 * np.linalg.slogdet(2 * np.pi * np.e * C)[1]
    found = model(architecture, ordering, max_iter=20).fit(X)
    assert found.score(test) == pytest.approx(-entropy, abs=0.12)


@each
def test_a_mixed_frame_comes_back_as_one(architecture, ordering):
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 3, 400)
    table = pd.DataFrame(
        {
            "color": np.array(["blue", "green", "red"])[kind],
            "count": rng.poisson(1 + 2 * kind),
            "length": rng.normal(kind, 0.5),
            "ripe": kind == 2,
        }
    )
    found = model(architecture, ordering, max_iter=40, learning_rate=2e-2).fit(table)
    draws = found.sample(800, random_state=0)
    assert list(draws.dtypes) == list(table.dtypes)
    assert (draws["ripe"] == (draws["color"] == "red")).mean() > 0.95
    assert found.transform(table).shape == (400, 24)
    assert len(found.get_feature_names_out()) == 24


@pytest.mark.parametrize("architecture", ["nade", "made"])
def test_what_a_chain_cannot_do_is_refused(architecture):
    X = bits(60)
    found = model(architecture, max_iter=1).fit(X)
    hole = X.copy()
    hole[3, 2] = np.nan
    says = f'X contains NaN, but architecture="{architecture}".*orderless'
    for verb in (found.score_samples, found.transform, found.partial_fit, clone(found).fit):
        with pytest.raises(ValueError, match=says):
            verb(hole)
        with pytest.raises(ValueError, match=says):
            verb(pd.DataFrame(hole))
    assert not found.__sklearn_tags__().input_tags.allow_nan
    asked = "impute", "sample_conditional", "conditional"
    assert not any(hasattr(found, name) for name in asked)
    # Parameters set behind the fit do not change what the network is, but what the next one is.
    found.set_params(architecture="orderless")
    assert not any(hasattr(found, name) for name in asked)
    with pytest.raises(ValueError, match=says):
        found.score_samples(hole)
    found.fit(hole).set_params(architecture=architecture)
    assert all(hasattr(found, name) for name in asked)
    assert np.isfinite(found.score_samples(hole)).all()


@pytest.mark.parametrize("architecture", ["nade", "made"])
def test_the_contract_is_kept(architecture):
    small = {"hidden_layer_sizes": (8,), "n_orders": 2, "max_iter": 4}
    names = []
    for name, check in generative_checks(model(architecture, **small)):
        check()
        names.append(name)
    assert {"check_sample", "check_density", "check_copies"} < set(names)
    assert "check_incomplete_rows" not in names


def test_an_orderless_network_has_no_fixed_order():
    with pytest.raises(ValueError, match='ordering="fixed".*"made"'):
        model("orderless", "fixed").fit(bits(30))


@pytest.mark.parametrize("architecture", ["nade", "made"])
def test_values_off_the_grid_are_scored_as_the_nearest(architecture):
    X = np.random.default_rng(0).integers(0, 9, (100, 3)).astype(float)
    found = model(architecture, max_iter=1).fit(X)
    off = X[:2].copy()
    off[0, 1] += 0.3
    with pytest.warns(UserWarning, match="grid_features"):
        scores = found.score_samples(off)
    np.testing.assert_array_equal(scores, found.score_samples(X[:2]))
