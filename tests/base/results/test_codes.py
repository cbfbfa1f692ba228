"""What decodes a model, what encodes, and whether the prior of codes is standard normal."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skgen import GAN, ICA, VAE, FactorAnalysis, GenerativePipeline, ProbabilisticPCA
from skgen.base.results.codes import decoder, encoder, has_normal_prior

X = np.random.default_rng(0).normal(size=(40, 4))


def test_a_gan_generates_and_inverts():
    model = GAN(2, max_iter=1)
    assert (decoder(model), encoder(model)) == (model.generate, model.invert)
    model = PCA()
    assert (decoder(model), encoder(model)) == (model.inverse_transform, model.transform)
    assert decoder(GaussianMixture()) is encoder(GaussianMixture()) is None


@pytest.mark.parametrize("scores", ["regression", "bartlett"])
def test_codes_of_draws_are_standard_normal_where_it_is_said(scores):
    rng = np.random.default_rng(0)
    W = rng.normal(size=(2, 6)) * 10
    rows = rng.normal(size=(4000, 2)) @ W + rng.normal(size=(4000, 6))
    model = FactorAnalysis(2, scores=scores).fit(rows)
    assert has_normal_prior(model)
    np.testing.assert_allclose(np.cov(model.transform(rows).T), np.eye(2), atol=0.05)


def test_where_the_prior_is_standard_normal():
    vae = VAE(2, hidden_layer_sizes=(4, 3), max_iter=1, random_state=0).fit(X)
    assert has_normal_prior(vae)
    assert not has_normal_prior(vae.set_params(layer=0))
    labeled = VAE(2, hidden_layer_sizes=(4,), use_labels=True, max_iter=1, random_state=0)
    assert not has_normal_prior(labeled.fit(X, np.arange(40) % 2))
    assert has_normal_prior(
        GenerativePipeline([("s", StandardScaler()), ("m", ProbabilisticPCA(1))])
    )
    assert has_normal_prior(make_pipeline(StandardScaler(), ProbabilisticPCA(1)))
    assert not has_normal_prior(ICA(2))
    assert not has_normal_prior(PCA(2))
