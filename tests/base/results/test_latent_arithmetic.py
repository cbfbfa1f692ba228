"""Ways between rows and directions among them: closed form of linear models, contract of all."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone

from skgen import (
    GAN,
    ICA,
    VAE,
    DeepBoltzmannMachine,
    FactorAnalysis,
    ProbabilisticPCA,
    TranslationGAN,
)
from skgen.base.results.codes import decoder, encoder, has_normal_prior
from skgen.base.results.latent_arithmetic import LatentArithmeticMixin
from skgen.kernels.paths import arcs
from tests.instances import having, label

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 2)) @ RNG.normal(size=(2, 6)) + 0.3 * RNG.normal(size=(200, 6)) + 5
BITS = (RNG.random((60, 4)) < 0.5).astype(np.float32)


def loadings(model):
    """W (k, d), by which a row is W' z + mu + noise, from what the decoder makes of unit codes."""
    return model.inverse_transform(np.eye(2)) - model.mean_


def test_ways_of_a_linear_model_run_straight_between_its_projections():
    model = ICA(2, random_state=0).fit(X)
    ends = model.inverse_transform(model.transform(X[:6]))
    t = np.linspace(0, 1, 5)[:, None]
    expected = [(1 - t) * a + t * b for a, b in zip(ends[:3], ends[3:])]
    assert_allclose(model.interpolate(X[:3], X[3:6], 5, path="linear"), expected)
    assert_allclose(model.interpolate(X[:3], X[3:6], 5), expected)  # no normal prior


@pytest.mark.parametrize("model", [ProbabilisticPCA(2), FactorAnalysis(2)], ids=label)
def test_arcs_of_a_linear_gaussian_model_in_closed_form(model):
    model.fit(X)
    W, noise = loadings(model), np.broadcast_to(model.noise_variance_, 6)
    # E[z | x] = (I + W psi^-1 W')^-1 W psi^-1 (x - mu)
    M = np.linalg.inv(np.eye(2) + (W / noise) @ W.T)
    start, end = ((X[part] - model.mean_) @ (W / noise).T @ M for part in ([0, 1], [2, 3]))
    angle = np.arccos(
        np.sum(start * end, 1) / np.linalg.norm(start, axis=1) / np.linalg.norm(end, axis=1)
    )
    middle = np.sin(angle / 2)[:, None] * (start + end) / np.sin(angle)[:, None]
    got = model.interpolate(X[:2], X[2:4], 3)
    assert_allclose(got[:, 1], middle @ W + model.mean_, rtol=1e-6)
    assert_allclose(got[:, 0], start @ W + model.mean_, rtol=1e-6)


def test_a_direction_of_a_linear_model_is_its_map_of_the_difference_of_means():
    model = ProbabilisticPCA(2).fit(X)
    step = loadings(model)[1]
    direction = model.latent_direction(X + step, X)
    W, noise = loadings(model), model.noise_variance_
    expected = np.linalg.solve(W @ W.T + noise * np.eye(2), W @ step)
    assert_allclose(direction, expected, atol=1e-10)
    # With little noise that is the second code and no other.
    assert_allclose(direction, [0, 1], atol=0.1)
    moved = model.inverse_transform(model.transform(X[:5]) + direction)
    assert_allclose(moved - model.inverse_transform(model.transform(X[:5])), [direction @ W] * 5)


def test_directions_of_sets_of_different_sizes():
    model = FactorAnalysis(2).fit(X)
    direction = model.latent_direction(X[:30], X[30:])
    Z = model.transform(X)
    assert_allclose(direction, Z[:30].mean(axis=0) - Z[30:].mean(axis=0))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_ways_of_a_gan_lead_through_its_latent_rows():
    gan = GAN(2, hidden_layer_sizes=(8,), max_iter=2, calibration=0, random_state=0).fit(X)
    start, end = gan.invert(X[:2]), gan.invert(X[2:4])
    way = gan.interpolate(X[:2], X[2:4], 3)
    assert_allclose(way[:, 1], gan.generate(arcs(start, end, 3)[1]), rtol=1e-5)
    direction = gan.latent_direction(X[:2], X[2:4])
    assert_allclose(direction, start.mean(axis=0) - end.mean(axis=0), rtol=1e-5)


def test_a_hidden_layer_has_no_normal_prior():
    model = VAE(2, hidden_layer_sizes=(8,), max_iter=2, random_state=0).fit(X)
    arc = model.interpolate(X[:1], X[1:2], 3)
    line = model.interpolate(X[:1], X[1:2], 3, path="linear")
    assert not np.allclose(arc[:, 1], line[:, 1])
    model.set_params(layer=0)
    line = model.interpolate(X[:1], X[1:2], 3, path="linear")
    assert_allclose(model.interpolate(X[:1], X[1:2], 3), line)


HAVING = having("interpolate")


def test_all_that_encode_and_decode_have_the_verbs():
    both = {label(e) for e in having("inverse_transform", "transform") if _is_own(e)}
    assert both <= {label(e) for e in HAVING}
    assert any(isinstance(e, GAN) for e in HAVING)


def _is_own(estimator):
    """Whether the codes are the estimator's own: no step's, and no rows of another domain."""
    parameters = estimator.get_params(deep=False)
    return "steps" not in parameters and not isinstance(estimator, TranslationGAN)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("model", HAVING, ids=label)
def test_contract(model):
    model = clone(model)
    if "random_state" in model.get_params():
        model.set_params(random_state=0)
    model.fit(BITS, (BITS.sum(axis=1) > 2).astype(int))
    assert isinstance(model, LatentArithmeticMixin)
    codes = encoder(model)(BITS[:6])
    direction = model.latent_direction(BITS[:2], BITS[2:6])
    assert_allclose(direction, codes[:2].mean(axis=0) - codes[2:].mean(axis=0), atol=1e-5)
    way = model.interpolate(BITS[:3], BITS[3:6], 4)
    assert way.shape == (3, 4, 4)
    assert np.isfinite(way).all()
    # A deep Boltzmann machine decodes by chains, whose draws are those of all rows together.
    if not isinstance(model, DeepBoltzmannMachine):
        assert_allclose(way[:, 0], decoder(model)(codes[:3]), atol=1e-5)
        assert_allclose(way[:, -1], decoder(model)(codes[3:]), atol=1e-5)
    straight = model.interpolate(BITS[:1], BITS[3:4], 3, path="linear")[0, 1]
    assert straight.shape == (4,)
    assert isinstance(has_normal_prior(model), bool)


def test_frames_go_in_and_an_array_comes_out():
    frame = pd.DataFrame(X, columns=list("abcdef"))
    model = ProbabilisticPCA(2).fit(frame)
    expected = model.interpolate(frame[:2], frame[2:4], 3)
    framed = ProbabilisticPCA(2).set_output(transform="pandas").fit(frame)
    got = framed.interpolate(frame[:2], frame[2:4], 3)
    assert isinstance(got, np.ndarray)
    assert_allclose(got, expected)
    assert isinstance(framed.latent_direction(frame[:2], frame[2:]), np.ndarray)


def test_errors_say_what_to_do():
    model = ProbabilisticPCA(2).fit(X)
    with pytest.raises(ValueError, match="X1 has 2 rows, but X2 has 3; give pairs of rows"):
        model.interpolate(X[:2], X[2:5])
    with pytest.raises(ValueError, match=r"path='arc' is none of \['auto', 'linear', 'spheri"):
        model.interpolate(X[:2], X[2:4], path="arc")
    with pytest.raises(ValueError, match="n_steps == 1, must be >= 2"):
        model.interpolate(X[:2], X[2:4], 1)
