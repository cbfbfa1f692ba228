"""The classifier two-sample test: calibration, and what its numbers are."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest, mannwhitneyu, norm
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier

from skgen.kernels.two_sample.rank_test import auc, combined_p_value, rank_sum
from skgen.metrics import classifier_two_sample_test


def null_results(classifier):
    """Tests of 200 pairs of samples that do not differ."""
    rng = np.random.default_rng(3)
    return [
        classifier_two_sample_test(
            rng.standard_normal((45, 4)),
            rng.standard_normal((36, 4)),
            classifier=classifier,
            n_splits=3,
            importances=False,
            random_state=rng.integers(2**31 - 1).item(),
        )
        for _ in range(200)
    ]


def test_p_values_are_uniform_without_a_difference():
    results = null_results(LinearDiscriminantAnalysis())
    values = np.array([result.p_value for result in results])
    assert kstest(values, "uniform").pvalue > 0.01
    assert np.mean(values < 0.05) < 0.1
    # What the test is made for: ranks in folds that share training rows are dependent.
    naive = [
        mannwhitneyu(r.probabilities[45:], r.probabilities[:45], alternative="greater").pvalue
        for r in results
    ]
    assert np.var(norm.isf(naive)) > 1.4


def test_p_values_of_a_classifier_with_ties_are_uniform():
    values = [r.p_value for r in null_results(DecisionTreeClassifier(max_depth=3))]
    assert kstest(values, "uniform").pvalue > 0.01


def test_rank_sums_against_scipy_with_ties(rng):
    scores, positive = rng.integers(0, 6, 60), rng.random(60) < 0.4
    test = mannwhitneyu(
        scores[positive], scores[~positive], alternative="greater", method="asymptotic",
        use_continuity=False,
    )  # fmt: skip
    assert combined_p_value([(2.0, *rank_sum(scores, positive))]) == pytest.approx(test.pvalue)
    assert auc(scores, positive) == pytest.approx(roc_auc_score(positive, scores))
    assert combined_p_value([(1.0, *rank_sum(np.zeros(60), positive))]) == 1


def test_what_is_told_apart_wholly(rng):
    X, Y = rng.standard_normal((80, 2)), rng.standard_normal((40, 2)) + 50
    result = classifier_two_sample_test(X, Y, random_state=0)
    assert result.auc == result.accuracy == 1
    assert result.p_value < 1e-8
    assert (result.probabilities[:80] < 0.5).all()
    assert (result.probabilities[80:] > 0.5).all()


def test_accuracy_of_samples_of_uneven_sizes_is_a_half_by_chance(rng):
    X, Y = rng.standard_normal((400, 2)), rng.standard_normal((60, 2))
    result = classifier_two_sample_test(X, Y, classifier=LogisticRegression(), random_state=0)
    assert abs(result.accuracy - 0.5) < 0.15


def test_a_frame_with_categories(rng):
    def table(n, shares):
        kind = rng.choice(["a", "b", "c"], n, p=shares)
        return pd.DataFrame({"size": rng.standard_normal(n), "kind": kind})

    X, Y = table(200, [0.2, 0.2, 0.6]), table(200, [0.6, 0.2, 0.2])
    result = classifier_two_sample_test(X, Y, random_state=0)
    assert list(result.feature_names) == ["size", "kind"]
    assert result.feature_importances.argmax() == 1
    assert result.p_value < 1e-4
    # Draws of a pipeline may be an array of objects.
    again = classifier_two_sample_test(X, Y.to_numpy(), random_state=0)
    assert again.auc == result.auc


def test_seeds_repeat_and_leave_the_classifier_alone(rng):
    X, Y = rng.standard_normal((2, 40, 3))
    tree = DecisionTreeClassifier(max_depth=2)
    one, two = (classifier_two_sample_test(X, Y, classifier=tree, random_state=5) for _ in range(2))
    np.testing.assert_array_equal(one.probabilities, two.probabilities)
    np.testing.assert_array_equal(one.feature_importances, two.feature_importances)
    assert one.p_value == two.p_value
    assert tree.random_state is None
    assert not hasattr(tree, "tree_")


def test_what_it_refuses(rng):
    X = rng.standard_normal((6, 2))
    with pytest.raises(ValueError, match="RidgeClassifier has no predict_proba; wrap it"):
        classifier_two_sample_test(X, X, classifier=RidgeClassifier())
    with pytest.raises(ValueError, match="minimum of 5 is required"):
        classifier_two_sample_test(X, X[:4])
    with pytest.raises(ValueError, match="n_splits"):
        classifier_two_sample_test(X, X, n_splits=1)
