"""Rows given conditions: asked classes, unknown ones, numbers, and both ways to read them."""

import pickle

import numpy as np
import pytest

from skgen import GAN, fit_seeds
from tests.adversarial.fits import quiet_fit

SMALL = {"hidden_layer_sizes": (16, 16), "critic_layer_sizes": (16, 16), "random_state": 0}
# Few updates of many rows.
FEW = {**SMALL, "batch_size": 100}
CENTERS = {"left": -3.0, "right": 3.0}
OPTIONS = [
    {},
    {"conditioning": "auxiliary"},
    {"encoder": True},
    {"encoder": True, "conditioning": "auxiliary"},
    {"n_codes": 1},
    {"n_codes": 1, "conditioning": "auxiliary"},
    {"loss": "boundary_equilibrium", "conditioning": "auxiliary"},
    {"loss": "wasserstein", "gradient_penalty": "wgan_gp", "n_critic_steps": 2},
    {"loss": "hinge", "spectral_normalization": True, "gradient_penalty": None},
    {"minibatch_discrimination": 2},
    {"normalization": "batch"},
    {"normalization": "virtual_batch"},
    {"unroll_steps": 1},
    {"early_stopping": True},
]


def two_classes(n=120):
    rng = np.random.default_rng(0)
    y = rng.choice(list(CENTERS), n)
    X = 0.5 * rng.standard_normal((n, 2)) + [[CENTERS[name]] for name in y]
    return X, y


@pytest.mark.parametrize("option", OPTIONS, ids=str)
def test_every_option_trains_draws_and_scores(option):
    X, y = two_classes()
    model = quiet_fit(GAN(conditional=True, max_iter=1, **SMALL, **option), X, y)
    assert np.isfinite(model.sample(4, y="left")).all()
    assert model.sample(2, y=["left", "right"]).shape == (2, 2)
    for given in (y, None):
        rows = model.score_samples(X, given)
        np.testing.assert_allclose(
            model.score_samples(X[:3], None if given is None else y[:3]), rows[:3], rtol=1e-4
        )
    assert isinstance(model.score(X, y), float)
    twin = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(twin.sample(4, y="right"), model.sample(4, y="right"))
    assert model.partial_fit(X, y) is model


@pytest.mark.parametrize("conditioning", ["projection", "auxiliary"])
def test_draws_are_of_the_class_that_is_asked_for(conditioning):
    X, y = two_classes(400)
    model = GAN(conditional=True, conditioning=conditioning, max_iter=150, **FEW)
    model = quiet_fit(model, X, y)
    for name, center in CENTERS.items():
        draws = model.sample(500, y=name)
        assert (np.sign(draws[:, 0]) == np.sign(center)).mean() > 0.98
        assert draws.mean(axis=0) == pytest.approx([center, center], abs=0.4)
    # Without a condition both are drawn, as often as in training.
    assert 0.4 < (model.sample(1000)[:, 0] > 0).mean() < 0.6
    np.testing.assert_array_equal(list(model.classes_), ["left", "right"])


def test_score_compares_rows_with_their_conditions():
    X, y = two_classes(400)
    model = quiet_fit(GAN(conditional=True, max_iter=100, **FEW), X, y)
    swapped = np.where(y == "left", "right", "left")
    assert model.score(X, y) > model.score(X, swapped) + 0.3
    assert model.score(X) > model.score(X + 3) + 0.1
    # The projection knows which class a row is of.
    assert (model.score_samples(X, y) > model.score_samples(X, swapped)).mean() > 0.95


def test_verbs_take_conditions():
    X, y = two_classes(400)
    model = quiet_fit(GAN(2, conditional=True, max_iter=100, calibration=0, **FEW), X, y)
    Z = np.random.default_rng(0).standard_normal((100, 2))
    left, right = model.generate(Z, y="left"), model.generate(Z, y="right")
    assert left[:, 0].mean() < 0 < right[:, 0].mean()
    each = model.generate(Z[:2], y=["left", "right"])
    np.testing.assert_allclose(each, [left[0], right[1]], rtol=1e-5)
    found = model.generate(model.invert(left[:20], y="left"), y="left")
    assert np.median(np.abs(found - left[:20]).max(axis=1)) < 0.02
    edited = model.edit(left[:20], [np.nan, -3.5], y="left", weight=100.0)
    assert np.abs(edited[:, 1] + 3.5).mean() < np.abs(left[:20, 1] + 3.5).mean()


def test_numbers_are_conditions_too():
    rng = np.random.default_rng(0)
    y = rng.uniform(-2, 2, 600)
    X = np.column_stack([y, -y]) + 0.1 * rng.standard_normal((600, 2))
    for conditioning in ("projection", "auxiliary"):
        model = GAN(conditional=True, conditioning=conditioning, max_iter=150, **FEW)
        model = quiet_fit(model, X, y)
        asked = np.linspace(-1.5, 1.5, 200)
        draws = model.sample(200, y=asked)
        assert np.corrcoef(draws[:, 0], asked)[0, 1] > 0.9


def test_rows_of_unknown_class_serve_as_well():
    X, y = two_classes(400)
    y = y.astype(object)
    y[::2] = None
    model = quiet_fit(GAN(conditional=True, max_iter=150, **FEW), X, y)
    for name, center in CENTERS.items():
        assert (np.sign(model.sample(300, y=name)[:, 0]) == np.sign(center)).mean() > 0.95
    unknown = model.generate(np.random.default_rng(0).standard_normal((300, 2)))
    assert 0.2 < (unknown[:, 0] > 0).mean() < 0.8


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"packing": 2}, "packing=2 does not go with conditional=True"),
        (
            {"loss": "boundary_equilibrium"},
            "conditioning='projection' does not go with loss='boundary_equilibrium'",
        ),
        (
            {"conditioning": "auxiliary", "unroll_steps": 1},
            "unroll_steps=1 does not go with conditioning='auxiliary'",
        ),
    ],
)
def test_meaningless_combinations_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        GAN(conditional=True, **parameters).fit(*two_classes(20))


def test_what_is_not_known_is_refused():
    X, y = two_classes()
    with pytest.raises(ValueError, match="requires y to be passed"):
        GAN(conditional=True).fit(X)
    model = quiet_fit(GAN(conditional=True, max_iter=1, **SMALL), X, y)
    with pytest.raises(ValueError, match="has the class 'middle', which fit has not seen"):
        model.sample(3, y="middle")
    plain = quiet_fit(GAN(max_iter=1, **SMALL), X)
    for verb in (plain.generate, plain.invert):
        with pytest.raises(ValueError, match="fitted with conditional=False"):
            verb(np.zeros((2, 2)), y="left")
    with pytest.raises(ValueError, match="conditional=True needs the y of the rows"):
        fit_seeds(GAN(conditional=True), X, [0])
