"""Displays of codes draw every model that decodes."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skgen import DeepBoltzmannMachine
from skgen.base.results.codes import decoder, encoder
from skgen.inspection import InterpolationDisplay, TraversalDisplay
from tests.instances import instances, label

X = (np.random.default_rng(0).random((60, 4)) < 0.5).astype(np.float32)
DECODING = [model for model in instances() if decoder(model) is not None]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("model", DECODING, ids=label)
def test_codes_that_move(model):
    model.fit(X, (X.sum(axis=1) > 2).astype(int))
    # A deep Boltzmann machine decodes by chains, whose draws are those of all rows together.
    by_chains = isinstance(model, DeepBoltzmannMachine)
    if by_chains:
        model.set_params(n_thinning=3000)
    display = TraversalDisplay.from_estimator(model, X, components=[0], n_steps=3)
    assert display.rows.shape == (1, 3, 4)
    way = InterpolationDisplay.from_estimator(
        model, X[:2], X[2:4], n_steps=2, image_shape=(2, 2)
    ).images
    expected = decoder(model)(encoder(model)(X[2:4]))
    assert_allclose(way[:, 1], expected, atol=0.01 if by_chains else 1e-5)
