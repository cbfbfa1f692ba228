import numpy as np
import pytest
import torch
from scipy import stats

from skgen.nets.autoencoder.likelihoods import BernoulliLikelihood, GaussianLikelihood


def gaussian(unit, floor=1e-4, variance=None, *, isotropic=False):
    log_unit = torch.as_tensor(np.log(unit))
    return GaussianLikelihood(
        log_unit, torch.full_like(log_unit, floor), variance, isotropic=isotropic
    )


def test_bernoulli_log_prob_is_that_of_scipy(rng):
    x = (rng.random((5, 3)) < 0.4).astype(float)
    out = rng.standard_normal((4, 5, 3))
    expected = stats.bernoulli.logpmf(x, 1 / (1 + np.exp(-out))).sum(-1)
    result = BernoulliLikelihood().log_prob(torch.tensor(x), torch.tensor(out))
    np.testing.assert_allclose(result, expected)


@pytest.mark.parametrize("variance", [None, 0.7])
@pytest.mark.parametrize("isotropic", [True, False])
def test_gaussian_log_prob_counts_the_division(rng, variance, isotropic):
    unit = np.full(3, 2.5) if isotropic else np.array([0.1, 1.0, 30.0])
    likelihood = gaussian(unit, variance=variance, isotropic=isotropic)
    x, out = rng.standard_normal((5, 3)), rng.standard_normal((4, 5, 3))
    noise = np.exp(likelihood.log_variance().detach().numpy())
    if variance is not None:
        np.testing.assert_allclose(noise, variance)
    expected = stats.norm.logpdf(x * unit, out * unit, np.sqrt(noise)).sum(-1)
    result = likelihood.log_prob(torch.tensor(x), torch.tensor(out)).detach()
    np.testing.assert_allclose(result, expected)


def test_learned_variance_stays_above_its_floor():
    likelihood = gaussian(np.array([2.0]), floor=0.01)
    with torch.no_grad():
        likelihood.log_excess.fill_(-100.0)
    np.testing.assert_allclose(likelihood.log_variance().exp().detach(), 0.01 * 4)


def test_draws_have_the_moments_of_the_likelihood():
    generator = torch.Generator().manual_seed(0)
    normal = torch.randn(200_000, 2, generator=generator, dtype=torch.float64)
    out = torch.tensor([[-1.0, 2.0]], dtype=torch.float64).expand(200_000, 2)
    bits = BernoulliLikelihood().draw(out, normal)
    np.testing.assert_allclose(bits.mean(0), torch.sigmoid(out[0]), atol=4 * 0.5 / 200_000**0.5)
    likelihood = gaussian(np.array([0.5, 4.0]), variance=0.09)
    rows = likelihood.draw(out, normal) * torch.tensor([0.5, 4.0])
    np.testing.assert_allclose(rows.std(0), 0.3, rtol=0.01)
