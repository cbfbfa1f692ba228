"""Frechet distance, inception score and Parzen windows against closed forms."""

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.neighbors import KernelDensity

from skgen.kernels.two_sample.frechet import squared_frechet
from skgen.metrics import frechet_distance, inception_score, parzen_log_likelihood


def gaussian(rng, d):
    A = rng.standard_normal((d, d))
    return rng.standard_normal(d), A @ A.T


def closed_form(m, C, n, D):
    return ((m - n) ** 2).sum() + np.trace(C + D - 2 * sqrtm(C @ D).real)


def with_moments(rng, mean, covariance, n=200):
    """Rows whose mean and unbiased covariance are the given ones."""
    X = rng.standard_normal((n, len(mean)))
    X = X - X.mean(axis=0)
    X = X @ np.linalg.inv(np.linalg.cholesky(np.cov(X.T))).T
    return mean + X @ np.linalg.cholesky(covariance).T


def test_frechet_distance_against_its_closed_form(rng):
    (m, C), (n, D) = gaussian(rng, 4), gaussian(rng, 4)
    expected = closed_form(m, C, n, D)
    assert squared_frechet(m, C, n, D) == pytest.approx(expected)
    X, Y = with_moments(rng, m, C), with_moments(rng, n, D, 150)
    assert frechet_distance(X, Y) == pytest.approx(expected)
    assert frechet_distance(Y, X) == pytest.approx(expected)


def test_frechet_distance_of_gaussians_that_commute(rng):
    """Of independent columns it is the distance of means and of standard deviations."""
    X = with_moments(rng, np.zeros(3), np.diag([1.0, 4, 9]))
    Y = with_moments(rng, np.ones(3), np.diag([16.0, 4, 1]))
    assert frechet_distance(X, Y) == pytest.approx(3 + 9 + 0 + 4)


def test_frechet_distance_of_fewer_rows_than_columns_and_float32(rng):
    X, Y = rng.standard_normal((2, 5, 12))
    C, D = np.cov(X.T), np.cov(Y.T)
    expected = closed_form(X.mean(axis=0), C, Y.mean(axis=0), D)
    assert frechet_distance(X, Y) == pytest.approx(expected, rel=1e-4)
    assert frechet_distance(X, X) == pytest.approx(0, abs=1e-6)
    far = (np.round(16 * X) + 2**16).astype(np.float32)
    moved = (np.round(16 * Y) + 2**16).astype(np.float32)
    near = frechet_distance(np.round(16 * X), np.round(16 * Y))
    assert frechet_distance(far, moved) == pytest.approx(near, rel=1e-7)


def test_frechet_weights_are_shares_of_rows(rng):
    X, Y = rng.standard_normal((2, 40, 2))
    weight = np.r_[np.ones(20), np.zeros(20)]
    assert frechet_distance(X, Y, sample_weight=weight) == pytest.approx(
        frechet_distance(X[:20], Y)
    )
    with pytest.raises(ValueError, match="leaves one row of X"):
        frechet_distance(X, Y, sample_weight=np.eye(40)[0])


def test_inception_score_against_its_formula(rng):
    P = softmax(rng.standard_normal((50, 4)), axis=1)
    marginal = P.mean(axis=0)
    divergences = [(p * np.log(p / marginal)).sum() for p in P]
    assert inception_score(P) == pytest.approx(np.exp(np.mean(divergences)))


@pytest.mark.parametrize("n_classes", [2, 10])
def test_inception_score_at_its_bounds(n_classes):
    assert inception_score(np.repeat(np.eye(n_classes), 7, axis=0)) == pytest.approx(n_classes)
    assert inception_score(np.full((9, n_classes), 1 / n_classes)) == pytest.approx(1)
    assert inception_score(np.eye(n_classes)[[0] * 5]) == 1  # sure, and always of one class


def test_inception_score_by_a_classifier(rng):
    X = rng.standard_normal((60, 2))
    model = LogisticRegression().fit(X, X[:, 0] > 0)
    assert inception_score(X, classifier=model) == inception_score(model.predict_proba(X))
    with pytest.raises(ValueError, match="RidgeClassifier has no predict_proba"):
        inception_score(X, classifier=RidgeClassifier())
    with pytest.raises(ValueError, match="Row 1 of X holds no probabilities"):
        inception_score([[0.5, 0.5], [0.5, 0.6]])
    with pytest.raises(ValueError, match="Row 0 of X holds no probabilities"):
        inception_score([[-0.5, 1.5], [0.5, 0.5]])


def test_parzen_windows_against_kernel_density(rng):
    X, Y = rng.standard_normal((30, 3)), rng.standard_normal((50, 3))
    expected = KernelDensity(bandwidth=0.6).fit(Y).score_samples(X)
    result = parzen_log_likelihood(X, Y, bandwidth=0.6)
    assert result.log_likelihood == pytest.approx(expected.mean())
    assert result.standard_error == pytest.approx(expected.std(ddof=1) / np.sqrt(30))


def test_the_bandwidth_is_the_most_probable_of_draws_left_out(rng):
    Y = rng.standard_normal((60, 2))
    h = parzen_log_likelihood(Y[:1], Y).bandwidth

    def left_out(bandwidth):
        rest = [np.delete(Y, i, axis=0) for i in range(60)]
        fits = [KernelDensity(bandwidth=bandwidth).fit(rows) for rows in rest]
        return np.mean([fit.score_samples(Y[[i]]) for i, fit in enumerate(fits)])

    assert left_out(h) > max(left_out(h / 1.5), left_out(h * 1.5))


def test_parzen_windows_rank_models_wrongly(rng):
    """The known fault: in many dimensions the means of the data beat their distribution."""
    X, fresh = rng.standard_normal((2, 300, 50))
    honest = parzen_log_likelihood(X, fresh)
    center = parzen_log_likelihood(X, np.zeros((2, 50)), bandwidth=1.0)
    assert center.log_likelihood > honest.log_likelihood
