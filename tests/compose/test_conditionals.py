"""impute and sample_conditional through the steps of a GenerativePipeline."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from sklearn.base import BaseEstimator
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    PowerTransformer,
    StandardScaler,
)

from skgen import GenerativePipeline, ProbabilisticPCA, make_generative_pipeline


class ConditionalGaussian(BaseEstimator):
    """Gaussian with brute-force conditionals, as a stand-in for models that have them."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y=None):
        X = np.asarray(X)
        self.mean_ = np.nanmean(X, axis=0)
        self.cov_ = np.asarray(pd.DataFrame(X).cov())
        return self

    def score_samples(self, X):
        X = np.asarray(X)
        seen = ~np.isnan(X)
        return np.array([
            stats.multivariate_normal(self.mean_[s], self.cov_[np.ix_(s, s)]).logpdf(x[s])
            for x, s in zip(X, seen)
        ])  # fmt: skip

    def _conditional(self, x):
        m = np.isnan(x)
        gain = self.cov_[np.ix_(m, ~m)] @ np.linalg.inv(self.cov_[np.ix_(~m, ~m)])
        mean = self.mean_[m] + gain @ (x - self.mean_)[~m]
        return m, mean, self.cov_[np.ix_(m, m)] - gain @ self.cov_[np.ix_(~m, m)]

    def impute(self, X):
        X = np.array(X)
        for x in X:
            m, mean, _ = self._conditional(x)
            x[m] = mean
        return X

    def sample_conditional(self, X, n_draws=1, random_state=None):
        rng = np.random.RandomState(self.random_state if random_state is None else random_state)
        draws = np.repeat(np.array(X)[None], n_draws, axis=0)
        for i in np.flatnonzero(np.isnan(draws[0]).any(axis=1)):
            m, mean, cov = self._conditional(draws[0, i])
            draws[:, i, m] = rng.multivariate_normal(mean, cov, n_draws)
        return draws


def iris():
    return load_iris().data


def with_holes(X, seed=0, fraction=0.2):
    rng = np.random.default_rng(seed)
    holes = np.where(rng.random(X.shape) < fraction, np.nan, X)
    holes[np.isnan(holes).all(axis=1)] = X[np.isnan(holes).all(axis=1)]
    return holes


def test_conditionals_pass_affine_steps_unchanged():
    X, holes = iris(), with_holes(iris())
    raw = ConditionalGaussian().fit(X)
    pipeline = make_generative_pipeline(
        make_pipeline(StandardScaler(), MinMaxScaler()), ConditionalGaussian()
    ).fit(X)
    before = holes.copy()
    assert_allclose(pipeline.score_samples(holes), raw.score_samples(holes), atol=1e-9)
    full = pipeline.impute(holes)
    assert_allclose(full, raw.impute(holes), atol=1e-9)
    seen = ~np.isnan(holes)
    assert_array_equal(full[seen], holes[seen])
    draws = pipeline.sample_conditional(holes, n_draws=4000, random_state=0)
    assert draws.shape == (4000, *X.shape)
    assert (draws[:, seen] == holes[seen]).all()
    assert_allclose(draws.mean(axis=0), full, atol=0.1)
    row = next(i for i in range(len(X)) if np.isnan(holes[i]).sum() == 2)
    m, _, cov = raw._conditional(holes[row])
    assert_allclose(np.cov(draws[:, row, m].T), cov, atol=0.02)
    assert_array_equal(holes, before)


def test_conditionals_behind_a_power_are_its_images():
    X, holes = iris(), with_holes(iris())
    pipeline = make_generative_pipeline(PowerTransformer(), ConditionalGaussian()).fit(X)
    Z = pipeline[0].transform(holes)
    assert_allclose(pipeline.impute(holes), pipeline[0].inverse_transform(pipeline[-1].impute(Z)))


def test_conditionals_need_steps_that_work_by_column():
    X = iris()
    mixing = make_generative_pipeline(PCA(), ConditionalGaussian()).fit(X)
    with pytest.raises(ValueError, match="Step 'pca', PCA.* mixes columns"):
        mixing.impute(with_holes(X))
    unknown = GenerativePipeline(
        [("f", FunctionTransformer(np.log)), ("model", ConditionalGaussian())]
    ).fit(X)
    with pytest.raises(ValueError, match="Step 'f', FunctionTransformer"):
        unknown.sample_conditional(with_holes(X))


def test_conditionals_of_frames_are_what_set_output_asks_for():
    frame = load_iris(as_frame=True).data
    holes = pd.DataFrame(with_holes(iris()), columns=frame.columns, index=range(50, 200))
    pipeline = make_generative_pipeline(StandardScaler(), ConditionalGaussian())
    expected = ConditionalGaussian().fit(iris()).impute(holes)
    filled = pipeline.fit(frame).impute(holes)
    assert type(filled) is np.ndarray
    assert_allclose(filled, expected, atol=1e-9)
    filled = pipeline.set_output(transform="pandas").fit(frame).impute(holes)
    assert list(filled.columns) == list(frame.columns)
    assert list(filled.index) == list(range(50, 200))
    assert_allclose(filled, expected, atol=1e-9)
    first, second = pipeline.sample_conditional(holes, n_draws=2, random_state=0)
    assert list(second.columns) == list(frame.columns)
    assert first.notna().all(axis=None)


def test_holes_of_nullable_columns_are_holes():
    holes = pd.DataFrame(np.rint(10 * with_holes(iris())))
    pipeline = make_generative_pipeline(StandardScaler(), ProbabilisticPCA(2)).fit(holes)
    nullable = holes.astype("Int64")
    assert nullable.isna().any(axis=None)
    assert_allclose(pipeline.impute(nullable), pipeline.impute(holes))
    draws = [pipeline.sample_conditional(X, random_state=0) for X in (nullable, holes)]
    assert_allclose(*draws)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_probabilistic_pca_fits_scores_and_fills_incomplete_rows(dtype):
    holes = with_holes(iris()).astype(dtype)
    pipeline = make_generative_pipeline(StandardScaler(), ProbabilisticPCA(2, random_state=0))
    pipeline.fit(holes)
    scaler, model = pipeline[0], pipeline[1]
    log_slopes = np.where(np.isnan(holes), 0.0, -np.log(scaler.scale_)).sum(axis=1)
    expected = model.score_samples(scaler.transform(holes)) + log_slopes
    assert_allclose(pipeline.score_samples(holes), expected, atol=1e-9)
    full = pipeline.impute(holes)
    assert full.dtype == dtype
    assert_array_equal(full[~np.isnan(holes)], holes[~np.isnan(holes)])
    draws = pipeline.sample_conditional(holes, n_draws=2000, random_state=0)
    assert_allclose(draws.mean(axis=0), full, atol=0.12)
    assert np.sqrt(np.mean((full - iris()) ** 2)) < 0.3
    assert pipeline.sample(3, random_state=0).shape == (3, 4)
    assert pipeline.likelihood_kind_ == "exact"
