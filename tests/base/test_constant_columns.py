"""A column that holds one value in all rows holds it in all draws, whatever the others are."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from skgen import (
    GAN,
    VAE,
    Autoencoder,
    DeepBeliefNetwork,
    DenoisingAE,
    FactorAnalysis,
    GaussianBernoulliRBM,
    MeanCovarianceRBM,
    StackedAE,
)
from tests.instances import SMALL_DEEP, SMALL_ENERGY, SMALL_MACHINE, SMALL_NET, SMALL_STACK, label

rng = np.random.default_rng(0)
INCOMES = rng.gamma(2, size=(60, 1)) * [1e5, 3e4] + rng.normal(size=(60, 2)) * 1e4
X = np.column_stack([INCOMES, np.full(60, 2020.0)])
GAPS = np.where([[True, False, True]], np.nan, X)
MODELS = [
    FactorAnalysis(1),
    Autoencoder(**SMALL_NET),
    DenoisingAE(**SMALL_NET),
    DeepBeliefNetwork(**SMALL_DEEP),
    GAN(**SMALL_NET),
    GaussianBernoulliRBM(**SMALL_MACHINE),
    MeanCovarianceRBM(n_factors=5, n_mean_units=2, **SMALL_ENERGY),
    StackedAE(**SMALL_STACK),
    VAE(**SMALL_NET),
]
pytestmark = [
    pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning"),
]


def seeded(model):
    """A clone whose fit is always the same."""
    return clone(model).set_params(random_state=0)


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_draws_hold_the_one_value(model):
    model = seeded(model).fit(X)
    assert_array_equal(model.sample(20, random_state=0)[:, 2], 2020)
    assert model.sample(20, random_state=0)[:, 0].std() > 1000
    if hasattr(model, "impute"):
        assert_array_equal(model.impute(GAPS)[:, 2], 2020)
        draws = model.sample_conditional(GAPS, 3, random_state=0)
        assert_array_equal(draws[:, :, 2], 2020)
        assert draws[:, :, 0].std(axis=0).min() > 0


def test_factors_of_incomplete_rows():
    holes = np.where(np.random.default_rng(1).random(X.shape) < 0.2, np.nan, X)
    assert_array_equal(FactorAnalysis(1).fit(holes).sample(20, random_state=0)[:, 2], 2020)


@pytest.mark.parametrize("model", [FactorAnalysis(1), VAE(**SMALL_NET)], ids=label)
def test_a_column_that_moves_later_varies(model):
    later = X + [0, 0, 3]
    model = seeded(model).partial_fit(X)
    assert_array_equal(model.sample(20, random_state=0)[:, 2], 2020)
    assert model.partial_fit(later).sample(20, random_state=0)[:, 2].std() > 0


def test_going_on_with_rows_that_keep_still_forgets_no_spread():
    moving = X + np.linspace(-1, 1, 60)[:, None] * [0, 0, 3]
    model = seeded(VAE(warm_start=True, **SMALL_NET)).fit(moving).fit(X)
    assert model.sample(20, random_state=0)[:, 2].std() > 0
