"""The log-Jacobian of a FunctionTransformer, and what is refused."""

import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import FunctionTransformer

from skgen import make_generative_pipeline
from skgen.compose.jacobians import transform_with_log_jacobian


def rows(n=100, d=3):
    return np.exp(np.random.default_rng(0).normal(size=(n, d)))


@pytest.mark.parametrize(
    ("function", "log_slope"),
    [
        (FunctionTransformer(np.log, np.exp), lambda x: -np.log(x)),
        (FunctionTransformer(np.log1p, np.expm1), lambda x: -np.log1p(x)),
        (FunctionTransformer(np.sqrt, np.square), lambda x: -np.log(2 * np.sqrt(x))),
        (FunctionTransformer(np.arcsinh, np.sinh), lambda x: -0.5 * np.log1p(x**2)),
        (FunctionTransformer(np.negative, np.negative), np.zeros_like),
        (FunctionTransformer(), np.zeros_like),
    ],
    ids=lambda value: re.sub(r" at 0x\w+", "", str(value)),
)
@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e6])
def test_slopes_are_the_analytic_ones(function, log_slope, unit):
    X = rows() * unit
    X[0, 0] = X.min() * 1e-6
    Z, found = transform_with_log_jacobian("f", function.fit(X), X)
    assert_allclose(found, log_slope(X).sum(axis=1), atol=1e-6)
    assert_allclose(Z, function.transform(X))


def test_a_log_normal_density_is_found():
    x = np.exp(np.random.default_rng(0).normal(1.0, 0.5, size=(4000, 1)))
    pipeline = make_generative_pipeline(FunctionTransformer(np.log, np.exp), GaussianMixture())
    score = pipeline.fit(x).score(x)
    assert score == pytest.approx(stats.lognorm(0.5, scale=np.e).logpdf(x).mean(), abs=0.002)
    draws = pipeline.sample(4000, random_state=0)
    assert stats.ks_2samp(draws[:, 0], x[:, 0]).statistic < 0.05


def test_frames_and_missing_values_pass():
    frame = pd.DataFrame(rows(), columns=list("abc"))
    step = FunctionTransformer(lambda X: np.log(X), lambda Z: np.exp(Z)).fit(frame)
    Z, whole = transform_with_log_jacobian("f", step, frame)
    assert isinstance(Z, pd.DataFrame)
    frame.loc[:10, "b"] = np.nan
    _, holes = transform_with_log_jacobian("f", step, frame)
    assert_allclose(holes, -np.log(frame).sum(axis=1), atol=1e-6)
    assert_allclose(holes[11:], whole[11:], atol=1e-12)


def shifted_by_neighbor(X):
    return np.asarray(X) + np.roll(X, 1, axis=1)


@pytest.mark.parametrize(
    ("func", "inverse", "message"),
    [
        (np.log, None, "no log-Jacobian"),
        (np.square, np.sqrt, "takes back"),
        (shifted_by_neighbor, np.negative, "lets column 0 change other columns"),
        (lambda X: X - X.mean(axis=0), np.negative, "differently among other rows"),
        (lambda X: X[:, :2], np.negative, r"maps the shape \(100, 3\) to \(100, 2\)"),
    ],
    ids=["no inverse", "not one-to-one", "mixed columns", "mixed rows", "columns dropped"],
)
def test_what_is_no_invertible_elementwise_function_is_refused(func, inverse, message):
    X = rows() - 0.5
    step = FunctionTransformer(func, inverse, check_inverse=False)
    pipeline = make_generative_pipeline(step, GaussianMixture())
    if func is np.log:
        X += 0.5
    pipeline.fit(X)
    with pytest.raises(ValueError, match=message):
        pipeline.score(X)
