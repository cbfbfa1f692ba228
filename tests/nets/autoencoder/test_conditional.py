import numpy as np
import torch
from torch import nn

from skgen.nets.autoencoder.conditional import metropolis_within_gibbs
from skgen.nets.autoencoder.likelihoods import GaussianLikelihood
from skgen.nets.autoencoder.vae import VAENet

D, K, VARIANCE = 3, 1, 0.4


def linear_net(skew):
    """Linear-Gaussian VAE whose encoder is off by ``skew``; loading and bias of the decoder."""
    W, b = np.array([[1.0], [-1.5], [0.7]]), np.array([0.5, -0.2, 1.0])
    likelihood = GaussianLikelihood(
        torch.zeros(D, dtype=torch.float64), variance=VARIANCE, isotropic=True
    )
    net = VAENet(nn.Linear(D, 2 * K), nn.Linear(K, D), likelihood).double()
    M = W.T @ W + VARIANCE * np.eye(K)
    with torch.no_grad():
        net.decoder.weight.copy_(torch.tensor(W))
        net.decoder.bias.copy_(torch.tensor(b))
        net.encoder.weight.zero_()
        net.encoder.weight[:K] = torch.tensor(np.linalg.solve(M, W.T))
        net.encoder.bias[:K] = torch.tensor(-np.linalg.solve(M, W.T) @ b) + skew
        net.encoder.bias[K:] = np.log(VARIANCE / M[0, 0]) + 0.5
    return net, W, b


def test_the_chain_draws_from_the_exact_conditional():
    # With a wrong encoder pseudo-Gibbs alone would miss by a visible margin.
    net, W, b = linear_net(skew=0.3)
    covariance = W @ W.T + VARIANCE * np.eye(D)
    x_first = 2.0
    gain = covariance[1:, 0] / covariance[0, 0]
    mean = b[1:] + gain * (x_first - b[0])
    cov = covariance[1:, 1:] - np.outer(gain, covariance[0, 1:])
    x = torch.tensor([[x_first, 0.0, 0.0]], dtype=torch.float64)
    missing = torch.tensor([[False, True, True]])
    chain = metropolis_within_gibbs(
        net, x, missing, 60, torch.Generator().manual_seed(0), n_draws=20_000
    )
    *_, (draws, means) = chain
    draws = draws[:, 0].numpy()
    assert (draws[:, 0] == x_first).all()
    np.testing.assert_allclose(draws[:, 1:].mean(0), mean, atol=0.03)
    np.testing.assert_allclose(np.cov(draws[:, 1:].T), cov, atol=0.05)
    np.testing.assert_allclose(means[:, 0, 1:].mean(0), mean, atol=0.03)


def test_shared_noise_makes_rows_independent_of_their_neighbors():
    net, _, _ = linear_net(skew=0.0)
    x = torch.randn(6, D, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    missing = torch.zeros(6, D, dtype=torch.bool)
    missing[:, 2] = True

    def last(rows):
        generator = torch.Generator().manual_seed(0)
        chain = metropolis_within_gibbs(net, x[rows], missing[rows], 10, generator, shared=True)
        return [mean for _, mean in chain][-1][0]

    torch.testing.assert_close(last(slice(None))[2:4], last(slice(2, 4)))
