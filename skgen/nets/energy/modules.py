"""Energies that are any torch modules, added up, with a slope by automatic differentiation."""

import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.mlp import linear_layer, mlp


class NormalEnergy(nn.Module):
    """Half of sum_i precision_i (v_i - center_i)^2: minus a normal log-density, but for Z."""

    def __init__(self, n_features):
        super().__init__()
        self.center = nn.Parameter(torch.zeros(n_features, dtype=torch.float32))
        self.log_precision = nn.Parameter(torch.zeros(n_features, dtype=torch.float32))

    def forward(self, v):
        """Energy of each row."""
        return 0.5 * (v - self.center).square() @ self.log_precision.exp()


class NetworkEnergy(nn.Module):
    """A normal energy plus a smooth perceptron, which starts at 0: a normal law, reshaped."""

    def __init__(self, n_features, hidden_layer_sizes):
        super().__init__()
        self.normal = NormalEnergy(n_features)
        self.network = mlp((n_features, *hidden_layer_sizes, 1), "silu")
        last = [layer for layer in self.network if isinstance(layer, nn.Linear)][-1]
        nn.init.zeros_(last.weight)

    def forward(self, v):
        """Energy of each row."""
        return self.normal(v) + self.network(v).squeeze(-1)


class RidgeEnergy(nn.Module):
    """Minus a sum of softplus units of either sign, each along a direction; 0 at the start."""

    def __init__(self, n_features, n_units):
        super().__init__()
        self.inputs = linear_layer(n_features, n_units)
        nn.init.normal_(self.inputs.bias)
        self.amounts = nn.Parameter(torch.zeros(n_units, dtype=torch.float32))

    def forward(self, v):
        """Energy of each row."""
        return -F.softplus(self.inputs(v)) @ self.amounts


class ModuleEnergy(nn.Module):
    """Sum of the energies of modules, and of a wide normal law that keeps tails cut.

    ``experts`` map rows (n, d) to energies (n,) or (n, 1). Where ``coloring`` (d, d) is given they
    see ``v coloring`` and not the rows v themselves. ``confinement`` is the precision of the normal
    law.
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

    def codes(self, v):
        """Energy that each expert gives to each row, (n, n_experts)."""
        seen = v if self.coloring is None else v @ self.coloring
        return torch.stack([expert(seen).reshape(len(v)) for expert in self.experts], -1)

    def forward(self, v):
        """Energy of each row."""
        return self.codes(v).sum(-1) + 0.5 * self.confinement * v.square().sum(-1)

    @torch.enable_grad()
    def slope(self, v):
        """Energy of each row, and its gradient."""
        v = v.detach().requires_grad_()
        energy = self(v)
        (gradient,) = torch.autograd.grad(energy.sum(), v)
        return energy.detach(), gradient

    def project(self):
        """Parameters may be anything."""
