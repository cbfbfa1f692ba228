"""The two-sample tests find planted differences, and name the features."""

import numpy as np
import pytest

from skgen.metrics import classifier_two_sample_test, maximum_mean_discrepancy
from tests.metrics.planted import DIFFERENCES, lost_mode, shifted, wrong_correlation


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_discrepancies_are_significant(difference):
    found = [
        maximum_mean_discrepancy(
            *difference(np.random.default_rng(seed), 800), n_permutations=99, random_state=0
        ).p_value
        < 0.05
        for seed in range(5)
    ]
    assert np.mean(found) >= 0.8


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_classifiers_are_significant(difference):
    found = [
        classifier_two_sample_test(
            *difference(np.random.default_rng(seed), 1000), importances=False, random_state=0
        ).p_value
        < 0.05
        for seed in range(3)
    ]
    assert np.mean(found) >= 0.8


def test_the_features_that_give_draws_away_are_named():
    result = classifier_two_sample_test(*shifted(np.random.default_rng(0), 1000), random_state=0)
    assert result.feature_importances.argmax() == 3
    assert result.feature_importances.shape == (20,)
    correlated = wrong_correlation(np.random.default_rng(0), 1000)
    result = classifier_two_sample_test(*correlated, random_state=0)
    assert set(result.feature_importances.argsort()[-2:]) == {0, 1}


def test_the_rows_of_a_lost_mode_are_the_least_like_draws():
    X, Y = lost_mode(np.random.default_rng(0), 1000)
    result = classifier_two_sample_test(X, Y, importances=False, random_state=0)
    angle = np.arctan2(X[:, 1], X[:, 0])
    lost = np.abs(angle + np.pi / 4) < np.pi / 8
    p = result.probabilities[:1000]
    assert p[lost].mean() < 0.25
    assert p[~lost].mean() > 0.5
