import numpy as np
import pytest
from scipy.special import expit, logsumexp

from skgen.kernels.boltzmann import bernoulli_units, rbm_gradient
from skgen.kernels.boltzmann.boltzmann_enumeration import (
    bits,
    gaussian_log_partition,
    log_partition,
)
from skgen.kernels.boltzmann.softplus import sum_softplus


@pytest.mark.parametrize("scale", [0.1, 5.0, 100.0])
def test_softplus_sums_are_exact(rng, scale):
    x, y = scale * rng.standard_normal((2, 2500))
    truth = np.logaddexp(0, x - 0.7 * y).sum()
    assert sum_softplus(x, y, -0.7) == pytest.approx(truth, rel=1e-13)


@pytest.mark.parametrize(("k", "d"), [(1, 1), (3, 8), (8, 3), (11, 12)])
@pytest.mark.parametrize("scale", [0.5, 200.0])
def test_log_z_is_the_sum_over_all_states(rng, k, d, scale):
    W, b, c = (scale * rng.standard_normal(shape) for shape in ((k, d), d, k))
    V, H = bits(d), bits(k)
    truth = logsumexp((V @ W.T) @ H.T + (V @ b)[:, None] + H @ c)
    assert log_partition(W, b, c) == pytest.approx(truth, rel=1e-12, abs=1e-10)


def test_gaussian_log_z_is_the_integral(rng):
    W, b, c = rng.standard_normal((4, 1)), rng.standard_normal(1), rng.standard_normal(4)
    variance = np.array([0.7])
    v = np.linspace(-40, 40, 40_001)[:, None]
    log_p = -((v - b) ** 2 / (2 * variance)).sum(1)
    log_p += np.logaddexp(0, (v / variance) @ W.T + c).sum(1)
    truth = logsumexp(log_p) + np.log(v[1, 0] - v[0, 0])
    assert gaussian_log_partition(W, b, c, variance) == pytest.approx(truth, abs=1e-8)


@pytest.mark.parametrize(("n", "k", "d"), [(1, 1, 1), (7, 5, 18), (100, 16, 64)])
def test_small_products(rng, n, k, d):
    A, B = (rng.standard_normal(s).astype(np.float32) for s in ((n, k), (k, d)))
    out = np.empty((n, d), np.float32)
    rbm_gradient.multiply(A, B, out)
    np.testing.assert_allclose(out, A @ B, rtol=1e-4, atol=1e-5)


def test_sweeps_keep_the_equilibrium(rng):
    W, b, c = (rng.standard_normal(s).astype(np.float32) for s in ((3, 4), 4, 3))
    V, H = bits(4), bits(3)
    table = V @ W.T @ H.T + (V @ b)[:, None] + H @ c
    p = np.exp(table - logsumexp(table))
    h = H[rng.choice(8, 60_000, p=p.sum(0))].astype(np.float32)
    v, inputs = np.empty((60_000, 4), np.float32), np.empty((60_000, 3), np.float32)
    states = bernoulli_units.lane_states(1)
    rbm_gradient.sweep(h, W, np.ascontiguousarray(W.T), b, c, states, 1, v, inputs)
    np.testing.assert_allclose(v.mean(0), p.sum(1) @ V, atol=0.01)
    np.testing.assert_allclose(h.mean(0), p.sum(0) @ H, atol=0.01)
    np.testing.assert_allclose((h.T @ v) / len(h), np.einsum("vh,hk,vd->kd", p, H, V), atol=0.01)
    np.testing.assert_allclose(expit(inputs + c), expit(v @ W.T + c), atol=1e-5)


def test_seeds_give_their_own_streams():
    inputs, bias = np.zeros((50, 40), np.float32), np.zeros(40, np.float32)
    draws = []
    for seed in (0, 0, 1):
        out = np.empty_like(inputs)
        bernoulli_units.draw(inputs, bias, bernoulli_units.lane_states(seed), out)
        draws.append(out)
    np.testing.assert_array_equal(draws[0], draws[1])
    assert abs(np.corrcoef(draws[0].ravel(), draws[2].ravel())[0, 1]) < 0.1


def test_columns_are_uniform():
    columns = bernoulli_units.draw_columns(7, 70_000, bernoulli_units.lane_states(0))
    counts = np.bincount(columns, minlength=7)
    assert len(counts) == 7
    assert abs(counts - 10_000).max() < 500
