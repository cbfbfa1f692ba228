"""Contrasts against their formulas, whatever the width, the precision and the weights."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from skgen.kernels.ica import single
from skgen.kernels.ica.contrast import CONTRASTS
from skgen.kernels.ica.exponential import exp_in_place
from skgen.kernels.ica.mixture_rows import table_contrast
from skgen.kernels.ica.passes import Pass
from skgen.kernels.ica.source_density import SourceDensity
from skgen.kernels.threads import RowWorkers

FORMULAS = {
    "logcosh": (
        lambda y: np.logaddexp(y, -y) - np.log(2),
        np.tanh,
        lambda y: 1 - np.tanh(y) ** 2,
    ),
    "exp": (
        lambda y: -np.exp(-(y**2) / 2),
        lambda y: y * np.exp(-(y**2) / 2),
        lambda y: (1 - y**2) * np.exp(-(y**2) / 2),
    ),
    "cube": (lambda y: y**4 / 4, lambda y: y**3, lambda y: 3 * y**2),
}


def sums(contrast, Y, w):
    loss, slope, P = np.zeros(Y.shape[1]), np.zeros(Y.shape[1]), np.empty_like(Y)
    contrast(Y, w, P, loss, slope)
    return loss, P, slope


def test_exponential():
    x = -np.concatenate([[0.0, 1e-300, 700.0, 1e6], np.linspace(0, 690, 1000)])
    out, power = x.copy(), np.empty(len(x))
    exp_in_place(out, power, power.view(np.int64), len(x))
    np.testing.assert_allclose(out, np.exp(np.maximum(x, -700)), rtol=4e-16)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("k", [1, 3, 70, 2000])
@pytest.mark.parametrize("name", FORMULAS)
def test_formulas(name, k, dtype, rng):
    Y = (3 * rng.standard_normal((11, k))).astype(dtype)
    Y[0] = 40.0
    Y[1] = 0.0
    w = rng.uniform(0.5, 2, len(Y))
    loss, P, slope = sums(CONTRASTS[name], Y, w)
    f, score, second = (formula(Y.astype(float)) for formula in FORMULAS[name])
    # The score is rounded to the precision of the rows, sums are not.
    np.testing.assert_allclose(P, w[:, None] * score, rtol=8 * np.finfo(dtype).eps, atol=1e-15)
    np.testing.assert_allclose(loss, w @ f, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(slope, w @ second, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("k", [1, 70, 2000])
def test_single_precision_score(k, rng):
    Y = (3 * rng.standard_normal((30, k))).astype(np.float32)
    Y[0], Y[1], Y[2] = 60.0, 0.0, -60.0
    w = rng.uniform(0.5, 2, len(Y))
    loss, P, slope = sums(single.log_cosh, Y, w)
    f, score, second = (formula(Y.astype(float)) for formula in FORMULAS["logcosh"])
    np.testing.assert_allclose(P, w[:, None] * score, atol=1e-6)
    np.testing.assert_allclose(loss, w @ f, rtol=2e-6)
    np.testing.assert_allclose(slope, w @ second, rtol=2e-6, atol=1e-5)


def test_tables_hold_a_density():
    density = SourceDensity(
        np.array([0, 2, 3]),
        np.array([0.3, 0.7, 1.0]),
        np.array([-1, 0.5, 0]),
        np.array([0.4, 1, 2]),
    )
    contrast = table_contrast(density, np.array([1.0, 2.0]))
    y = np.linspace(-9, 9, 301)
    Y = np.stack([y, y], axis=1)
    p = 0.3 * norm.pdf(y, -1, 0.4) + 0.7 * norm.pdf(y, 0.5, 1)
    expected = np.stack([-np.log(p), -norm.logpdf(y, 0, 2)], axis=1)
    for i in range(0, len(y), 10):
        loss, P, slope = sums(contrast, Y[i : i + 1], np.ones(1))
        np.testing.assert_allclose(loss, expected[i], atol=1e-6)
    h = 1e-4
    for i in range(0, len(y), 10):
        low, high = (sums(contrast, Y[i : i + 1] + s, np.ones(1)) for s in (-h, h))
        _, P, slope = sums(contrast, Y[i : i + 1], np.ones(1))
        np.testing.assert_allclose(P[0], (high[0] - low[0]) / (2 * h), atol=1e-5)
        np.testing.assert_allclose(slope, (high[1] - low[1])[0] / (2 * h), atol=0.05)
    far = sums(contrast, np.array([[400.0, -400.0]]), np.ones(1))
    assert np.isfinite(far[0]).all()
    assert far[1][0, 0] > 0 > far[1][0, 1]


def test_passes_are_means_whatever_the_threads(rng):
    Z = rng.standard_normal((5000, 30))
    W = np.linalg.qr(rng.standard_normal((30, 30)))[0]
    w = rng.uniform(0, 2, len(Z))
    results = []
    for threads in (1, 3):
        with RowWorkers(threads) as workers:
            results.append(Pass(Z, w, CONTRASTS["logcosh"], workers)(W))
    Y = Z @ W.T
    f, score, second = (formula(Y) for formula in FORMULAS["logcosh"])
    for got in results:
        np.testing.assert_allclose(got.loss, np.average(f, axis=0, weights=w))
        np.testing.assert_allclose(got.slope, np.average(second, axis=0, weights=w))
        np.testing.assert_allclose(got.moment, (w[:, None] * score).T @ Y / w.sum(), atol=1e-12)
    for a, b in zip(*results):
        np.testing.assert_array_equal(a, b)


def test_a_flat_source_has_a_proper_density():
    """What stands for flat sources in the likelihood is a density up to its constant."""
    mass = quad(lambda y: np.exp(-(y**2) / 2) * np.cosh(y), -12, 12)[0]
    assert mass == pytest.approx(np.sqrt(2 * np.pi * np.e), rel=1e-9)
