"""Energies of modules and what fits their slopes, against formulas, differences and automation."""

import numpy as np
import pytest
import torch
from torch import nn

from skgen.nets.energy.checks import check_curvature, own_energy
from skgen.nets.energy.modules import (
    AutogradEnergy,
    NetworkEnergy,
    NormalEnergy,
    RidgeEnergy,
    SumOfEnergies,
)
from skgen.nets.energy.score_matching import (
    axes,
    denoising_loss,
    rademacher,
    score_matching_loss,
)


def perceptron(n_features, activation=nn.SiLU):
    return nn.Sequential(nn.Linear(n_features, 5), activation(), nn.Linear(5, 1))


def shaken(net, seed=0):
    torch.manual_seed(seed)
    for parameter in net.parameters():
        parameter.data.add_(0.5 * torch.randn_like(parameter))
    return net.double()


def rows(n=6, d=3, seed=1):
    return torch.randn(n, d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("coloring", [None, torch.tensor([[2.0, 1, 0], [0, 1, 1], [0, 0, 0.5]])])
def test_slopes_in_closed_form_are_those_of_the_energies(coloring):
    experts = [
        NetworkEnergy(3, (5, 4)),
        NetworkEnergy(3, ()),
        RidgeEnergy(3, 4),
        NormalEnergy(3),
        AutogradEnergy(perceptron(3)),
    ]
    net, v = shaken(SumOfEnergies(experts, 0.3, coloring)), rows().requires_grad_()
    energy = net(v)
    (gradient,) = torch.autograd.grad(energy.sum(), v)
    found, slope = net.slope(v.detach())
    torch.testing.assert_close(found, energy.detach(), rtol=0, atol=1e-12)
    torch.testing.assert_close(slope.detach(), gradient, rtol=0, atol=1e-12)
    total = net.codes(v).sum(-1) + 0.15 * v.square().sum(-1)
    torch.testing.assert_close(energy, total, rtol=0, atol=1e-12)


def test_fixed_parameters_are_not_among_those_that_learn():
    module = perceptron(2)
    module[0].requires_grad_(False)
    net = SumOfEnergies([AutogradEnergy(module)], 0.0).requires_grad_(True)
    assert set(net.learned()) == {"experts.0.given.2.weight", "experts.0.given.2.bias"}


def test_the_loss_has_the_laplacian_in_it():
    net, v, h = shaken(SumOfEnergies([NetworkEnergy(3, (5, 4))], 0.1)), rows(), 1e-4
    with torch.no_grad():
        slopes, laplacian = net.slope(v)[1], torch.zeros(len(v), dtype=torch.float64)
        for i in range(3):
            step = h * torch.eye(3, dtype=torch.float64)[i]
            laplacian += (net(v + step) - 2 * net(v) + net(v - step)) / h**2
    expected = (0.5 * slopes.square().sum(-1) - laplacian).mean()
    assert score_matching_loss(net, v, axes(v)).item() == pytest.approx(expected.item(), abs=1e-5)
    # Random directions give the same on average.
    random = rademacher(20000, v, torch.Generator().manual_seed(0))
    assert score_matching_loss(net, v, random).item() == pytest.approx(expected.item(), abs=0.02)


@pytest.mark.parametrize("kind", ["score_matching", "denoising"])
def test_gradients_of_losses_are_those_of_differences(kind):
    net, v, noise = shaken(SumOfEnergies([NetworkEnergy(3, (5, 4))], 0.1)), rows(), rows(seed=2)

    def loss():
        if kind == "denoising":
            return denoising_loss(net, v, noise, 0.4)
        return score_matching_loss(net, v, axes(v))

    parameters = dict(net.named_parameters())
    gradients = torch.autograd.grad(loss(), parameters.values(), materialize_grads=True)
    for (name, parameter), gradient in zip(parameters.items(), gradients):
        flat = parameter.data.view(-1)
        for i in range(min(3, len(flat))):
            value, h = float(flat[i]), 1e-5
            flat[i] = value + h
            above = loss().item()
            flat[i] = value - h
            slope = (above - loss().item()) / (2 * h)
            flat[i] = value
            assert float(gradient.view(-1)[i]) == pytest.approx(slope, abs=1e-6, rel=1e-5), name


class Quadratic(nn.Module):
    """Half of (v - mean)' L L' (v - mean)."""

    def __init__(self, n_features):
        super().__init__()
        self.factor = nn.Parameter(torch.eye(n_features))
        self.mean = nn.Parameter(torch.zeros(n_features))

    def forward(self, v):
        return 0.5 * ((v - self.mean) @ self.factor).square().sum(-1)


@pytest.mark.parametrize("kind", ["score_matching", "denoising"])
def test_a_normal_law_has_the_moments_of_the_rows(kind):
    # Score matching of a normal law ends at the empirical moments (Hyvarinen 2005). With noise
    # that is summed over exactly, at those of the rows with the noise.
    v = rows(400) @ torch.tensor([[1.0, 0.8, 0], [0, 0.6, 0.2], [0, 0, 1]]).double() + 0.3
    net = Quadratic(3).double()
    how = {"max_iter": 300, "line_search_fn": "strong_wolfe"}
    how |= {"tolerance_grad": 1e-12, "tolerance_change": 1e-16}
    optimizer = torch.optim.LBFGS(net.parameters(), **how)
    if kind == "denoising":
        # Sigma points: mean 0, covariance I.
        points = 3**0.5 * torch.cat([torch.eye(3), -torch.eye(3)]).double()
        v, noise = v.repeat_interleave(6, 0), points.repeat(len(v), 1)

    def closure():
        optimizer.zero_grad()
        if kind == "denoising":
            loss = denoising_loss(net, v, noise, 0.5)
        else:
            loss = score_matching_loss(net, v, axes(v))
        loss.backward()
        return loss

    for _ in range(5):
        optimizer.step(closure)
    covariance = torch.linalg.inv((net.factor @ net.factor.T).detach()).numpy()
    expected = np.cov(v.numpy().T, bias=True) + (0.25 * np.eye(3) if kind == "denoising" else 0)
    np.testing.assert_allclose(covariance, expected, atol=1e-5)
    np.testing.assert_allclose(net.mean.detach().numpy(), v.mean(0).numpy(), atol=1e-5)


class OfRows(nn.Module):
    """Any function of rows, with a parameter so that something learns."""

    def __init__(self, function):
        super().__init__()
        self.function, self.scale = function, nn.Parameter(torch.ones(()))

    def forward(self, v):
        return self.function(self.scale * v)


WRONG = {
    "several numbers": (OfRows(lambda v: v), r"maps 4 rows to \(4, 3\), but an energy is one num"),
    "one number": (OfRows(lambda v: v.sum()), r"maps 4 rows to \(\), but an energy is one number"),
    "no tensor": (OfRows(lambda v: 3.0), "maps 4 rows to float"),
    "of other rows": (OfRows(lambda v: (v - v.mean(0)).square().sum(-1)), "looks across rows"),
    "not finite": (OfRows(lambda v: v.abs().neg().log().sum(-1)), "energies are finite"),
    "detached": (OfRows(lambda v: v.detach().sum(-1)), "no gradient by the rows"),
    "a kink": (OfRows(lambda v: (0 * v).sqrt().sum(-1)), "gradient by the rows that is not finite"),
    "other width": (perceptron(2), "fails on rows of shape .4, 3. .* one input a feature"),
    "its own type": (OfRows(lambda v: v @ torch.ones(3)), "have the type of the rows"),
    "nothing learns": (perceptron(3).requires_grad_(False), "nothing can learn"),
    "a function of rows": (lambda n_features: 3, "made int of n_features=3"),
    "no callable": (7, "is int, but an energy is a torch.nn.Module or a factory"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_energy_is_refused(kind):
    energy, says = WRONG[kind]
    with pytest.raises(ValueError, match=says):
        own_energy(energy, 3, "energy")


def test_a_module_is_copied_in_float32():
    module = perceptron(3).double()
    energy = own_energy(module, 3, "energy")
    assert energy.given is not module
    assert {p.dtype for p in energy.parameters()} == {torch.float32}
    assert {p.dtype for p in module.parameters()} == {torch.float64}


def test_energies_without_curvature_are_refused_where_it_is_all():
    check_curvature([AutogradEnergy(perceptron(3))], 3)
    for flat in (perceptron(3, nn.ReLU), nn.Linear(3, 1)):
        with pytest.raises(ValueError, match="piecewise linear.* SiLU"):
            check_curvature([AutogradEnergy(flat)], 3)
