import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.special import logsumexp

from skgen.nets.energy.experts import (
    GaussianEnergy,
    MeanCovarianceEnergy,
    SpikeSlabEnergy,
    StudentTEnergy,
)
from tests.boltzmann.machines import states

NETS = {
    "gaussian": lambda d: GaussianEnergy(d, 3),
    "student": lambda d: StudentTEnergy(d, 4, 2),
    "covariance": lambda d: MeanCovarianceEnergy(d, 5, 3, 2),
    "spike": lambda d: SpikeSlabEnergy(d, 3),
}


def random_net(kind, d=3, seed=0, scale=0.7):
    torch.manual_seed(seed)
    net = NETS[kind](d).double()
    for parameter in net.parameters():
        parameter.data.add_(scale * torch.randn_like(parameter))
    return net.requires_grad_(False)


def rows(d=3, n=6, seed=1):
    return torch.randn(n, d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("kind", NETS)
def test_the_slope_is_that_of_the_energy(kind):
    net, v = random_net(kind), rows().requires_grad_()
    energy = net(v)
    (gradient,) = torch.autograd.grad(energy.sum(), v)
    for of_rows in (net.slope, net.chain_slope()):
        found, slope = of_rows(v.detach())
        torch.testing.assert_close(found, energy.detach(), rtol=0, atol=1e-12)
        torch.testing.assert_close(slope, gradient, rtol=0, atol=1e-12)
    assert net.codes(v.detach()).shape == (len(v), net.n_codes)


def gaussian_part(net, v):
    u = v - net.center
    return 0.5 * (u.square() * net.log_precision.exp()).sum(-1)


def numpy(*tensors):
    return [t.numpy() for t in tensors]


def test_mean_units_are_summed_out():
    net, v = random_net("gaussian"), rows()
    g = states(3)
    inputs = net.mean_input(v).numpy()
    joint = -gaussian_part(net, v).numpy()[:, None] + inputs @ g.T
    np.testing.assert_allclose(-net(v).numpy(), logsumexp(joint, axis=1), atol=1e-12)
    p = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
    np.testing.assert_allclose(net.codes(v).numpy(), p @ g, atol=1e-12)


def test_covariance_units_are_summed_out():
    net, v = random_net("covariance"), rows()
    h, g = states(3), states(2)
    C, P, c = numpy(net.weight, net.log_pooling.exp(), net.bias)
    squares = (v.numpy() @ C.T) ** 2
    joint = -gaussian_part(net, v).numpy()[:, None, None]
    joint = joint + ((c - 0.5 * squares @ P.T) @ h.T)[:, :, None]
    joint = joint + (net.mean_input(v).numpy() @ g.T)[:, None, :]
    total = logsumexp(joint, axis=(1, 2))
    np.testing.assert_allclose(-net(v).numpy(), total, atol=1e-12)
    p = np.exp(joint - total[:, None, None])
    codes = np.hstack([p.sum(2) @ h, p.sum(1) @ g])
    np.testing.assert_allclose(net.codes(v).numpy(), codes, atol=1e-12)
    # Given units a row is Gaussian: the precision of one state, along a line.
    on, line = h[5], np.array([0.3, -1.0, 0.7])
    precision = np.diag(net.log_precision.exp().numpy()) + (C.T * (on @ P)) @ C
    log_p = [
        -gaussian_part(net, torch.tensor(t * line)).item() - 0.5 * ((t * C @ line) ** 2) @ P.T @ on
        for t in (-1.0, 0.0, 1.0)
    ]
    bend = log_p[0] - 2 * log_p[1] + log_p[2]
    assert -bend == pytest.approx(line @ precision @ line, rel=1e-10)


def test_precisions_of_experts_are_integrated_out():
    net, v = random_net("student"), rows(n=3)
    alpha = net.log_alpha.exp().numpy()
    half = 0.5 * (v.numpy() @ net.weight.numpy().T) ** 2
    bare = GaussianEnergy(3, 2).double()
    bare.load_state_dict({k: p for k, p in net.state_dict().items() if k in bare.state_dict()})
    # A Gamma law of precisions u, with exp(-u half): (1 + half)^-alpha.
    for row in range(len(v)):
        log_p = -bare(v)[row].item()
        for a, s in zip(alpha, half[row]):
            # On the logarithm of u, where the integrand has no pole.
            value, _ = quad(
                lambda t, a=a, s=s: math.exp(a * t - (1 + s) * math.exp(t) - math.lgamma(a)),
                -400 / a,
                8,
                points=(-5 / a, 0),
                limit=500,
            )
            log_p += math.log(value)
        assert log_p == pytest.approx(-net(v)[row].item(), abs=1e-7)
    expected = np.log(alpha / (1 + half)) - np.log(alpha)
    np.testing.assert_allclose(net.codes(v).numpy()[:, :4], expected, atol=1e-12)


def test_spikes_and_slabs_are_summed_out():
    net, v = random_net("spike"), rows(n=3)
    u = (v - net.center).numpy()
    w, mu, alpha = numpy(net.weight, net.slab_mean, net.log_slab_precision.exp())
    phi, b = numpy(net.shrinkage(), net.bias)
    for row in range(len(v)):
        log_p, codes = -gaussian_part(net, v)[row].item(), []
        for j in range(3):

            def joint(s, h, j=j, row=row):
                gain = h * (b[j] + s * w[j] @ u[row] - 0.5 * phi[j] * u[row] @ u[row])
                return math.exp(gain - 0.5 * alpha[j] * (s - h * mu[j]) ** 2)

            off, _ = quad(joint, -40, 40, args=(0,), limit=400)
            on, _ = quad(joint, -40, 40, args=(1,), limit=400)
            moment, _ = quad(lambda s: s * joint(s, 1), -40, 40, limit=400)  # noqa: B023
            codes.append(moment / (off + on))
            # The normal law of a slab, which the units' bias takes up.
            log_p += math.log(off + on) - 0.5 * math.log(2 * math.pi / alpha[j])
        assert log_p == pytest.approx(-net(v)[row].item(), abs=1e-8)
        np.testing.assert_allclose(net.codes(v)[row].numpy(), codes, atol=1e-8)


def test_every_state_of_spikes_leaves_a_finite_covariance():
    for seed in range(5):
        net = random_net("spike", d=4, seed=seed, scale=2.0)
        w, alpha, phi = numpy(net.weight, net.log_slab_precision.exp(), net.shrinkage())
        for h in states(3):
            precision = np.diag(net.log_precision.exp().numpy()) + (h @ phi) * np.eye(4)
            precision -= (w.T * (h / alpha)) @ w
            assert np.linalg.eigvalsh(precision).min() > 0


def test_tails_stay_cut():
    net = random_net("student")
    net.log_precision.fill_(-50.0)
    net.project()
    assert float(net.log_precision.exp().min()) == pytest.approx(1e-3)
