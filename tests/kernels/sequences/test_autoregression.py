"""The filter against one joint normal of all rows, and draws against their moments."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from skgen.kernels.sequences.autoregression import autocorrelations, draw, log_density, memory


def joint_log_density(Y, mixing, autocorrelation, when):
    """Log-density of what is seen of one sequence, as a single normal vector."""
    n, d = Y.shape
    apart = np.abs(when[:, None] - when)
    covariance = np.zeros((n, d, n, d))
    for k, a in enumerate(autocorrelation):
        kept = np.sign(a) ** apart * np.abs(a) ** apart
        covariance += np.einsum("st,i,j->sitj", kept, mixing[k], mixing[k])
    seen = ~np.isnan(Y.ravel())
    covariance = covariance.reshape(n * d, n * d)[np.ix_(seen, seen)]
    return multivariate_normal(cov=covariance).logpdf(Y.ravel()[seen])


@pytest.mark.parametrize("holes", [(), (2,), (2, 3), (0,), (8,)])
@pytest.mark.parametrize("cells", [(), ((4, 1),), ((0, 0), (4, 1), (4, 2), (5, 0))])
@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, 1, -1)])
def test_density_is_that_of_the_joint_normal(holes, cells, signs):
    rng = np.random.default_rng(0)
    mixing = rng.standard_normal((3, 3))
    autocorrelation = np.array([0.95, 0.5, 0.2]) * signs
    Y = draw(9, autocorrelation, rng) @ mixing
    Y[list(holes)] = np.nan
    for cell in cells:
        Y[cell] = np.nan
    starts = np.arange(9) == 0
    phi = memory(autocorrelation, starts, np.where(starts, 0.0, 1.0))
    found = log_density(Y, mixing, np.linalg.inv(mixing), phi)
    truth = joint_log_density(Y, mixing, autocorrelation, np.arange(9.0))
    np.testing.assert_allclose(found.sum(), truth, rtol=1e-9)
    assert (found[list(holes)] == 0).all()


def test_uneven_steps_and_two_sequences():
    rng = np.random.default_rng(1)
    mixing = rng.standard_normal((2, 2))
    autocorrelation = np.array([0.9, 0.3])
    Y = rng.standard_normal((8, 2))
    elapsed = np.array([0, 0.5, 2.0, 0.25, 0, 1.0, 3.5, 0.1])
    starts = elapsed == 0
    phi = memory(autocorrelation, starts, elapsed)
    found = log_density(Y, mixing, np.linalg.inv(mixing), phi)
    for part in (slice(4), slice(4, 8)):
        truth = joint_log_density(Y[part], mixing, autocorrelation, np.cumsum(elapsed)[part])
        np.testing.assert_allclose(found[part].sum(), truth, rtol=1e-9)


def test_alternating_column_is_forgotten_over_parts_of_a_step():
    phi = memory(np.array([-0.8, 0.8]), np.zeros(3, bool), np.array([1.0, 2.0, 1.5]))
    np.testing.assert_allclose(phi, [[-0.8, 0.8], [0.64, 0.64], [0, 0.8**1.5]])


def test_draws_have_unit_variance_and_their_autocorrelation():
    U = draw(200_000, np.array([0.9, 0.0, -0.5]), np.random.default_rng(0))
    np.testing.assert_allclose(U.var(axis=0), 1, atol=0.05)
    kept = (U[1:] * U[:-1]).mean(axis=0)
    np.testing.assert_allclose(kept, [0.9, 0, -0.5], atol=0.05)


def test_rate_of_decay_from_uneven_steps():
    rng = np.random.default_rng(0)
    lengths = dict(zip([0.5, 1.0, 4.0], [10, 30, 5]))
    length, share = np.array(list(lengths)), np.array(list(lengths.values())) / 45
    rates = rng.uniform(0.01, 2, 4)
    delta = [(share * 2 * (1 - np.exp(-rate * length)) / length**2).sum() for rate in rates]
    np.testing.assert_allclose(
        autocorrelations(np.array(delta), lengths, 2.0), np.exp(-2 * rates), rtol=1e-8
    )


def test_one_length_of_step_is_exact():
    delta = np.array([0.02, 1.0, 3.0])
    np.testing.assert_allclose(autocorrelations(delta, {1.0: 9}, 1.0), 1 - delta / 2)
    # Over three rows what alternates cannot be told from noise.
    of_three = autocorrelations(delta / 9, {3.0: 9}, 1.0)
    np.testing.assert_allclose(of_three[:2], (1 - delta[:2] / 2) ** (1 / 3))
    assert of_three[2] == 0
