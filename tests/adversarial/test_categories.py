"""Latent categories: found by the model itself, recovered from rows, and asked for in draws."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.metrics import normalized_mutual_info_score

from skgen import GAN, fit_seeds
from skgen.nets.adversarial.categories import CategoryColumns
from tests.adversarial.fits import quiet_fit

SMALL = {"hidden_layer_sizes": (16, 16), "critic_layer_sizes": (16, 16), "random_state": 0}
OPTIONS = [
    {},
    {"n_codes": 1},
    {"loss": "boundary_equilibrium"},
    {"normalization": "virtual_batch"},
    {"early_stopping": True},
]


def two_clusters(n=120):
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=n)
    return 0.5 * rng.standard_normal((n, 2)) + np.array([-3.0, 3.0])[y][:, None], y


@pytest.mark.parametrize("option", OPTIONS, ids=str)
def test_every_option_trains_draws_and_recovers(option):
    X, y = two_clusters()
    model = quiet_fit(GAN(2, n_categories=3, max_iter=1, **SMALL, **option), X, y)
    recovered = model.transform(X)
    assert recovered.shape == (len(X), 3 + option.get("n_codes", 0))
    np.testing.assert_allclose(recovered[:, :3].sum(axis=1), 1, rtol=1e-5)
    assert hasattr(model, "code_information_") == ("n_codes" in option)
    assert model.category_information_ <= np.log(3)
    rows = model.score_samples(X)
    # Conditions there are none: y is ignored but by what draws.
    np.testing.assert_array_equal(model.score_samples(X, np.full(len(X), "x")), rows)
    assert model.score(X, np.full(len(X), "x")) == model.score(X)
    twin = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(twin.sample(4, y=2), model.sample(4, y=2))
    np.testing.assert_array_equal(twin.transform(X), recovered)
    assert model.partial_fit(X) is model
    # What was fitted counts, whatever the parameter is set to afterward.
    assert model.set_params(n_categories=0).sample(3, y=[0, 1, -1]).shape == (3, 2)


@pytest.fixture(scope="module")
def found():
    """Rows of four clusters, their clusters, and a model of as many categories."""
    rng = np.random.default_rng(0)
    y = rng.integers(4, size=600)
    centers = 4 * np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
    X = centers[y] + 0.5 * rng.standard_normal((600, 2))
    model = GAN(
        2,
        n_categories=4,
        hidden_layer_sizes=(32, 32),
        critic_layer_sizes=(32, 32),
        n_frequencies=0,
        calibration=0,
        batch_size=100,
        max_iter=80,
        random_state=0,
    )
    return X, y, quiet_fit(model, X)


def test_categories_are_the_clusters(found):
    X, y, model = found
    category = model.transform(X).argmax(axis=1)
    assert normalized_mutual_info_score(y, category) > 0.95
    # Nearly all of log(4) nats; a bound cannot exceed it.
    assert 0.9 * np.log(4) < model.category_information_ <= np.log(4)


def test_draws_are_of_the_category_that_is_asked_for(found):
    X, _, model = found
    category = model.transform(X).argmax(axis=1)
    for number in range(4):
        draws = model.sample(300, random_state=0, y=number)
        assert (model.transform(draws).argmax(axis=1) == number).mean() > 0.95
        own = X[category == number]
        assert draws.mean(axis=0) == pytest.approx(own.mean(axis=0), abs=0.5)
    # Without a wish all are equally frequent.
    drawn = model.transform(model.sample(2000, random_state=0)).argmax(axis=1)
    np.testing.assert_allclose(np.bincount(drawn) / 2000, 0.25, atol=0.06)


def test_verbs_take_categories(found):
    model = found[2]
    Z = np.random.default_rng(0).standard_normal((20, 2))
    first, second = (model.generate(Z, y=category) for category in (0, 1))
    both = model.generate(Z[:2], y=[0, 1])
    np.testing.assert_allclose(both, [first[0], second[1]], rtol=1e-5)
    inverted = model.generate(model.invert(first, y=0), y=0)
    assert np.median(np.abs(inverted - first).max(axis=1)) < 0.02
    assert not np.allclose(first, second, atol=0.5)


def test_drawn_categories_are_equally_frequent():
    columns = CategoryColumns(2, 4)
    code = columns.drawn(8000, torch.Generator().manual_seed(0))
    assert (code.sum(dim=1) == 1).all()
    np.testing.assert_allclose(code.mean(dim=0), [0.25] * 4 + [0], atol=0.02)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_categories": 1}, "n_categories=1 tells no rows apart; use 2 or more"),
        ({"n_categories": 2, "packing": 2}, "packing=2 does not go with n_categories=2"),
        ({"n_categories": 2, "unroll_steps": 1}, "unroll_steps=1 does not go with n_categories=2"),
        ({"n_categories": 2, "encoder": True}, "an encoder is there for pairs; use n_categories=0"),
        ({"n_categories": 2, "conditional": True}, "y would be either of them"),
        ({"code_weight": 2.0}, "code_weight=2.0 has no effect with n_codes=0 and n_categories=0"),
    ],
)
def test_meaningless_combinations_are_refused(parameters, message):
    X, y = two_clusters(20)
    with pytest.raises(ValueError, match=message):
        GAN(**parameters).fit(X, y)


def test_categories_that_do_not_exist_are_refused():
    X, _ = two_clusters()
    model = quiet_fit(GAN(n_categories=3, max_iter=1, **SMALL), X)
    for wrong in (3, "left", [0, 7]):
        with pytest.raises(ValueError, match="use numbers from 0 to 2, or -1 for unknown"):
            model.sample(2, y=wrong)
    with pytest.raises(ValueError, match="y holds 3 conditions, but n_samples=2"):
        model.sample(2, y=[0, 1, 2])
    with pytest.raises(ValueError, match="needs gradients in closed form"):
        fit_seeds(GAN(n_categories=2, max_iter=1, **SMALL), X, [0, 1])
