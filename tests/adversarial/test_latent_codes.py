"""Latent rows recovered: by codes of the critic, and by an encoder of its own."""

import pickle

import numpy as np
import pytest
from torch import nn

from skgen import GAN, fit_seeds
from tests.adversarial.fits import quiet_fit

SMALL = {"hidden_layer_sizes": (16, 16), "critic_layer_sizes": (16, 16), "random_state": 0}
# Few updates of many rows.
FEW = {**SMALL, "batch_size": 100}
OPTIONS = [
    {},
    {"normalization": "batch"},
    {"normalization": "virtual_batch"},
    {"spectral_normalization": True, "gradient_penalty": None},
    {"loss": "least_squares", "label_smoothing": 0.1},
    {"loss": "wasserstein", "gradient_penalty": "wgan_gp", "n_critic_steps": 2},
    {"instance_noise": 0.1, "n_frequencies": 0},
    {"critic_layer_sizes": (), "hidden_layer_sizes": ()},
    {"early_stopping": True},
]


def two_clusters(n=120):
    rng = np.random.default_rng(0)
    return 0.5 * rng.standard_normal((n, 2)) + rng.choice([-3.0, 3.0], (n, 1))


@pytest.mark.parametrize("option", OPTIONS, ids=str)
@pytest.mark.parametrize(
    "kind",
    [
        {"n_codes": 1},
        {"encoder": True},
        {"loss": "boundary_equilibrium", "n_codes": 2},
    ],
    ids=str,
)
def test_every_option_trains_and_scores_rows_alone(kind, option):
    if "loss" in kind:
        option = {name: value for name, value in option.items() if name != "loss"}
        option.pop("label_smoothing", None)
    X = two_clusters()
    model = quiet_fit(GAN(max_iter=1, **{**SMALL, **kind, **option}), X)
    rows = model.score_samples(X)
    np.testing.assert_allclose(model.score_samples(X[::-1][:5]), rows[::-1][:5], rtol=1e-4)
    codes = model.transform(X)
    assert codes.shape == (len(X), kind.get("n_codes", 2))
    twin = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(twin.transform(X), codes)
    np.testing.assert_array_equal(twin.sample(4), model.sample(4))


def test_an_encoder_inverts_a_linear_generator():
    """The optimum of adversarially learned inference; latent rows and rows have one dimension."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((2000, 2)) @ [[2.0, 0.3], [1.0, -1.0]] + [3, 1]
    model = GAN(
        2,
        encoder=True,
        hidden_layer_sizes=(),
        critic_layer_sizes=(64, 64),
        n_frequencies=0,
        calibration=0,
        output_noise=0,
        max_iter=40,
        random_state=0,
    ).fit(X)
    Z = rng.standard_normal((1000, 2))
    codes = model.transform(model.generate(Z))
    assert np.square(codes - Z).mean() < 0.05
    rebuilt = model.inverse_transform(model.transform(X))
    assert (np.square(rebuilt - X).mean(axis=0) < 0.05 * X.var(axis=0)).all()


def test_codes_are_recovered_from_draws():
    model = quiet_fit(GAN(2, n_codes=1, code_weight=1.0, max_iter=150, **FEW), two_clusters(400))
    Z = np.random.default_rng(0).standard_normal((500, 2))
    codes = model.transform(model.generate(Z))
    assert np.corrcoef(codes[:, 0], Z[:, 0])[0, 1] > 0.95
    # An error of a Gaussian code bounds the information from below.
    error = np.square(codes[:, 0] - Z[:, 0]).mean()
    assert 1 < model.code_information_[0] < 0.5 * np.log(1 / error) + 0.2


def test_without_the_bound_codes_are_not_sought():
    plain = quiet_fit(GAN(2, max_iter=1, **SMALL), two_clusters())
    assert not hasattr(plain, "code_information_")
    assert not hasattr(plain, "inverse_transform")
    weights = [
        quiet_fit(GAN(2, n_codes=1, code_weight=weight, max_iter=100, **FEW), two_clusters(400))
        for weight in (1e-6, 1.0)
    ]
    low, high = (model.code_information_[0] for model in weights)
    assert high > low + 0.5


def test_layers_below_the_codes_stay_in_reach():
    X = two_clusters()
    for kind, widths in ({"n_codes": 1}, [16, 16, 1]), ({"encoder": True}, [16, 16, 2]):
        model = quiet_fit(GAN(max_iter=1, **SMALL, **kind), X)
        assert [model.set_params(layer=i).transform(X).shape[1] for i in range(3)] == widths
        assert model.set_params(layer="all").transform(X).shape[1] == sum(widths)


def test_the_inverse_is_what_the_generator_makes():
    X = two_clusters()
    model = quiet_fit(GAN(3, encoder=True, max_iter=1, **SMALL), X)
    Z = model.transform(X)
    np.testing.assert_array_equal(model.inverse_transform(Z), model.generate(Z))
    with pytest.raises(ValueError, match="Z has 2 columns, but GAN has 3 latent dimensions"):
        model.inverse_transform(Z[:, :2])
    # What was fitted counts, whatever the parameter is set to afterward.
    assert hasattr(model.set_params(encoder=False), "inverse_transform")
    assert hasattr(GAN(encoder=True), "inverse_transform")


def test_invert_starts_from_the_encoder_too():
    X = two_clusters(400)
    model = quiet_fit(GAN(2, encoder=True, max_iter=50, **FEW), X)

    def errors(Z):
        return np.square((model.generate(Z) - X) / model._scale).sum(axis=1)

    assert (errors(model.invert(X)) <= errors(model.transform(X)) + 1e-6).all()


@pytest.mark.parametrize("kind", [{"encoder": True}, {"n_codes": 2}], ids=str)
def test_images(kind):
    X = np.random.default_rng(0).random((40, 64))
    model = quiet_fit(GAN(3, image_shape=(8, 8), max_iter=1, random_state=0, **kind), X)
    assert model.transform(X).shape == (40, kind.get("n_codes", 3))
    assert model.sample(2).shape == (2, 64)


def test_own_modules():
    model = GAN(
        4,
        encoder=True,
        generator=lambda k, d: nn.Linear(k, d),
        critic=lambda d: nn.Sequential(nn.Linear(d, 7), nn.Tanh()),
        n_frequencies=0,
        max_iter=1,
        random_state=0,
    )
    quiet_fit(model, two_clusters())
    assert model.module_.critic.body[0].in_features == 2 + 4
    assert model.transform(two_clusters(5)).shape == (5, 4)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"encoder": True, "packing": 2}, "packing=2 does not go with encoder=True: single rows"),
        ({"encoder": True, "minibatch_discrimination": 2}, "use minibatch_discrimination=0"),
        ({"encoder": True, "n_codes": 1}, "an encoder recovers all latent columns; use n_codes=0"),
        ({"n_codes": 1, "packing": 2}, "packing=2 does not go with n_codes=1"),
        ({"n_codes": 1, "unroll_steps": 1}, "unroll_steps=1 does not go with n_codes=1"),
        ({"n_codes": 3, "n_components": 2}, "n_codes=3 of n_components=2 latent columns"),
        ({"loss": "boundary_equilibrium", "packing": 2}, "an autoencoder rebuilds one row"),
        ({"loss": "boundary_equilibrium", "encoder": True}, "rebuilds rows, and no pairs"),
        ({"loss": "boundary_equilibrium", "unroll_steps": 1}, "the balance of the losses would"),
        ({"loss": "boundary_equilibrium", "calibration": 0.1}, "errors are no ratios of densities"),
        ({"loss": "boundary_equilibrium", "label_smoothing": 0.1}, "needs labels"),
    ],
)
def test_meaningless_combinations_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        GAN(**parameters).fit(two_clusters(20))


def test_another_critic_cannot_be_gone_on_with():
    model = quiet_fit(GAN(max_iter=1, warm_start=True, **SMALL), two_clusters())
    model.set_params(loss="boundary_equilibrium", calibration=0)
    with pytest.raises(ValueError, match="critic of the earlier fit is no autoencoder; set the"):
        model.fit(two_clusters())
    assert quiet_fit(model.set_params(loss="hinge"), two_clusters()) is model


def test_seeds_are_not_fitted_together_with_codes():
    for kind in ({"n_codes": 1}, {"encoder": True}, {"loss": "boundary_equilibrium"}):
        with pytest.raises(ValueError, match="needs gradients in closed form"):
            fit_seeds(GAN(max_iter=1, **SMALL, **kind), two_clusters(), [0, 1])


def test_the_autoencoder_of_boundary_equilibrium_knows_the_data():
    X = two_clusters(400)
    model = quiet_fit(GAN(loss="boundary_equilibrium", max_iter=40, **FEW), X)
    # Rows far from the data are rebuilt worse; nothing is calibrated by errors.
    assert model.score_samples(X).mean() > model.score_samples(X + 5).mean() + 0.1
    assert model.acceptance_rate_ == 1
    assert 0 <= float(model.module_.critic.balance) <= 1
