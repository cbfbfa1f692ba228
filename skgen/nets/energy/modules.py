"""Energies that are added up: any torch modules, and a few whose slope is known in closed form.

Each has ``forward(v)``, energies (n,) of rows (n, d), and ``slope(v)``, these and their gradients.
"""

import torch
from torch import nn
from torch.nn import functional as F

# Standard deviation of the inputs of units, as that of their biases is 1.
GAIN = 2.0


class AutogradEnergy(nn.Module):
    """The energy of any given module that maps rows to (n,) or (n, 1), its slope by autograd."""

    def __init__(self, given):
        super().__init__()
        self.given = given

    def forward(self, v):
        """Energy of each row."""
        return self.given(v).reshape(len(v))

    @torch.enable_grad()
    def slope(self, v):
        """Energy of each row, and its gradient."""
        v = v.detach().requires_grad_()
        energy = self(v)
        (gradient,) = torch.autograd.grad(energy.sum(), v)
        return energy.detach(), gradient


class KnownEnergy(nn.Module):
    """An energy of the package, which users see as it is."""

    @property
    def given(self):
        """The module that users see."""
        return self


class NormalEnergy(KnownEnergy):
    """Half of sum_i precision_i (v_i - center_i)^2: minus a normal log-density, but for Z."""

    def __init__(self, n_features):
        super().__init__()
        self.center = nn.Parameter(torch.zeros(n_features, dtype=torch.float32))
        self.log_precision = nn.Parameter(torch.zeros(n_features, dtype=torch.float32))

    def forward(self, v):
        """Energy of each row."""
        return 0.5 * (v - self.center).square() @ self.log_precision.exp()

    @torch.no_grad()
    def slope(self, v):
        """Energy of each row, and its gradient."""
        away = v - self.center
        gradient = away * self.log_precision.exp()
        return 0.5 * (away * gradient).sum(-1), gradient


def steep_layer(n_in, n_out):
    """Linear layer whose units bend at places all over the rows, and within their spread."""
    layer = nn.Linear(n_in, n_out, dtype=torch.float32)
    nn.init.normal_(layer.weight, std=GAIN / n_in**0.5)
    nn.init.normal_(layer.bias)
    return layer


class NetworkEnergy(KnownEnergy):
    """A normal energy plus a smooth perceptron, which starts at 0: a normal law, reshaped."""

    def __init__(self, n_features, hidden_layer_sizes):
        super().__init__()
        self.normal = NormalEnergy(n_features)
        widths = n_features, *hidden_layer_sizes
        self.layers = nn.ModuleList(map(steep_layer, widths, hidden_layer_sizes))
        amounts = torch.randn(widths[-1], dtype=torch.float32)
        self.amounts = nn.Parameter(0.1 * amounts / widths[-1] ** 0.5)

    def forward(self, v):
        """Energy of each row."""
        h = v
        for layer in self.layers:
            h = F.silu(layer(h))
        return self.normal(v) + h @ self.amounts

    @torch.no_grad()
    def slope(self, v):
        """Energy of each row, and its gradient."""
        energy, gradient = self.normal.slope(v)
        h, slopes = v, []
        for layer in self.layers:
            inputs = layer(h)
            on = torch.sigmoid(inputs)
            h = inputs * on
            slopes.append(on + h * (1 - on))
        back = self.amounts
        for layer, slope in zip(reversed(self.layers), reversed(slopes)):
            back = (back * slope) @ layer.weight
        return energy + h @ self.amounts, gradient + back


class RidgeEnergy(KnownEnergy):
    """Minus a sum of softplus units of either sign, each along a direction; 0 at the start."""

    def __init__(self, n_features, n_units):
        super().__init__()
        self.inputs = steep_layer(n_features, n_units)
        self.amounts = nn.Parameter(torch.zeros(n_units, dtype=torch.float32))

    def forward(self, v):
        """Energy of each row."""
        return -F.softplus(self.inputs(v)) @ self.amounts

    @torch.no_grad()
    def slope(self, v):
        """Energy of each row, and its gradient."""
        inputs = self.inputs(v)
        gradient = -(torch.sigmoid(inputs) * self.amounts) @ self.inputs.weight
        return -F.softplus(inputs) @ self.amounts, gradient


class SumOfEnergies(nn.Module):
    """Sum of energies, and of that of a wide normal law that keeps tails cut.

    Where ``coloring`` (d, d) is given the experts see ``v coloring`` and not the rows v themselves.
    ``confinement`` is the precision of the normal law.
    """

    def __init__(self, experts, confinement, coloring=None):
        super().__init__()
        self.experts = nn.ModuleList(experts)
        self.confinement = confinement
        self.register_buffer("coloring", coloring)
        learned = self.experts.named_parameters(prefix="experts")
        self._learned = {name for name, parameter in learned if parameter.requires_grad}

    def learned(self):
        """Parameters that learn, by name: a module may hold others fixed."""
        return {n: p for n, p in self.named_parameters() if n in self._learned}

    def _seen(self, v):
        return v if self.coloring is None else v @ self.coloring

    def codes(self, v):
        """Energy that each expert gives to each row, (n, n_experts)."""
        seen = self._seen(v)
        return torch.stack([expert(seen) for expert in self.experts], -1)

    def forward(self, v):
        """Energy of each row."""
        return self.codes(v).sum(-1) + 0.5 * self.confinement * v.square().sum(-1)

    def slope(self, v):
        """Energy of each row, and its gradient."""
        seen = self._seen(v)
        energies, gradients = zip(*(expert.slope(seen) for expert in self.experts))
        gradient = sum(gradients)
        if self.coloring is not None:
            gradient = gradient @ self.coloring.T
        confined = 0.5 * self.confinement * v.square().sum(-1)
        return sum(energies) + confined, gradient + self.confinement * v

    def chain_slope(self):
        """``slope(v)`` of chains, on whose way no parameter changes."""
        return self.slope

    def project(self):
        """Parameters may be anything."""
