"""What a mixture keeps of its rows for those that follow."""

import numpy as np
from sklearn.datasets import load_iris

from skgen import MixtureOfFactorAnalyzers

X = load_iris().data[np.random.default_rng(0).permutation(150)]


def fitted(**options):
    return MixtureOfFactorAnalyzers(3, 1, random_state=0, **options).fit(X[:100])


def test_what_is_expected_stands_in_the_order_of_the_clusters():
    model = fitted(prior_weight=10)
    kept = model._moments
    means = kept.offset + kept.scale * kept.moments.mean
    np.testing.assert_allclose(kept.moments.weight / 100, model.weights_, atol=0.01)
    np.testing.assert_allclose(means, model.means_, atol=0.05)
    # Setosa vary least in the length of petals, and are expected to.
    assert np.argmin(kept.expected.scale[:, 2]) == np.argmin(model.means_[:, 2])


def test_moments_that_were_saved_earlier_go_on():
    """They had one covariance for all clusters, which the prior then is."""
    now, earlier = fitted(prior_weight=0), fitted(prior_weight=0)
    kept, covariance = earlier._moments, np.cov(X.T)
    earlier._moments = (kept.offset, kept.scale, kept.unit, covariance, *kept.moments)
    for model in (now, earlier):
        model.partial_fit(X[100:])
    np.testing.assert_allclose(earlier.means_, now.means_, rtol=1e-12)
    np.testing.assert_allclose(earlier.components_, now.components_, rtol=1e-9)
    for found in earlier._moments.expected.matrices():
        np.testing.assert_allclose(found, covariance)
