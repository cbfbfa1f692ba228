"""Energies of real-valued rows whose hidden units are summed out: products of simple experts.

Rows are decorrelated ones, of unit variance. Each energy has a Gaussian part, which keeps every
density normalizable, and hidden units whose share in the energy is known in closed form; so is the
slope of the energy, which Hamiltonian chains follow.
"""

import math
from abc import ABC, abstractmethod
from functools import partial

import torch
from torch import nn
from torch.nn import functional as F

# Length of the weights of a unit at the start, more or less, and log-odds of one rarely on.
LENGTH, RARE = 0.8, -2.0
# Precision of the Gaussian part at least, as that of the data is 1: where it ends tails are cut.
LEAST_PRECISION = 1e-3


def _draws(n_units, n_features):
    draws = torch.randn(n_units, n_features, dtype=torch.float32)
    return nn.Parameter(LENGTH / math.sqrt(n_features) * draws)


def _full(value, *shape):
    return nn.Parameter(torch.full(shape, value, dtype=torch.float32))


class Energy(nn.Module, ABC):
    """``net(v)`` is the energy (n,) of rows v (n, d); exp(-energy) is a density but for Z."""

    @abstractmethod
    def forward(self, v):
        """Energy of each row, in nats."""

    @abstractmethod
    def slope(self, v):
        """Energy of each row, and its gradient (n, d)."""

    def chain_slope(self):
        """``slope(v)`` of chains, on whose way no parameter changes."""
        return self.slope

    @abstractmethod
    def codes(self, v):
        """Expected hidden units given each row, (n, n_codes)."""

    def learned(self):
        """Parameters that learn, by name: all."""
        return dict(self.named_parameters())

    @torch.no_grad()
    def project(self):
        """Bring parameters back to where they may be."""


class GaussianEnergy(Energy):
    """Half of sum_i precision_i (v_i - center_i)^2, minus the softplus of each mean unit's input.

    A mean unit that is on moves the mean along its weights, as in a restricted Boltzmann machine.
    """

    def __init__(self, n_features, n_mean_units):
        super().__init__()
        self.n_codes = n_mean_units
        self.center = _full(0.0, n_features)
        self.log_precision = _full(0.0, n_features)
        self.mean_weight = _draws(n_mean_units, n_features)
        self.mean_bias = _full(RARE, n_mean_units)

    def mean_input(self, v):
        """Log-odds of the mean units, (n, m)."""
        return F.linear(v, self.mean_weight, self.mean_bias)

    def forward(self, v):
        """Energy of each row."""
        squares = (v - self.center).square() @ self.log_precision.exp()
        return 0.5 * squares - F.softplus(self.mean_input(v)).sum(-1)

    def slope(self, v):
        """Energy of each row, and its gradient."""
        inputs = self.mean_input(v)
        away = (v - self.center) * self.log_precision.exp()
        energy = 0.5 * (away * (v - self.center)).sum(-1) - F.softplus(inputs).sum(-1)
        return energy, away - torch.sigmoid(inputs) @ self.mean_weight

    def codes(self, v):
        """Probabilities that the mean units are on."""
        return torch.sigmoid(self.mean_input(v))

    @torch.no_grad()
    def project(self):
        """Keep the precision above what would leave tails uncut."""
        self.log_precision.clamp_(min=math.log(LEAST_PRECISION))


class StudentTEnergy(GaussianEnergy):
    """Adds alpha_j log(1 + (w_j v)^2 / 2) for each expert: log-densities of Student's t.

    The hidden unit of an expert is a precision with a Gamma law, which is what alpha counts;
    summed out, it leaves heavy tails along w_j (Welling, Hinton & Osindero 2003).
    """

    def __init__(self, n_features, n_experts, n_mean_units):
        super().__init__(n_features, n_mean_units)
        self.n_codes = n_experts + n_mean_units
        self.weight = _draws(n_experts, n_features)
        self.log_alpha = _full(-1.5, n_experts)

    def forward(self, v):
        """Energy of each row."""
        tails = torch.log1p(0.5 * F.linear(v, self.weight).square())
        return super().forward(v) + tails @ self.log_alpha.exp()

    def slope(self, v):
        """Energy of each row, and its gradient."""
        energy, gradient = super().slope(v)
        s, alpha = F.linear(v, self.weight), self.log_alpha.exp()
        half = 0.5 * s.square()
        energy = energy + torch.log1p(half) @ alpha
        return energy, gradient + (alpha * s / (1 + half)) @ self.weight

    def codes(self, v):
        """Log of the expected precision of each expert over that at 0, then the mean units."""
        tails = torch.log1p(0.5 * F.linear(v, self.weight).square())
        return torch.cat([-tails, super().codes(v)], -1)


class MeanCovarianceEnergy(GaussianEnergy):
    """Adds units that are on where what they pool is small: binary precisions.

    The input of covariance unit k is c_k - sum_f P_kf (C_f v)^2 / 2 with P >= 0, which it adds as
    minus its softplus (Ranzato & Hinton 2010). Where a unit is on it forbids variance along its
    factors; a row that has some turns it off, at a fixed price.
    """

    def __init__(self, n_features, n_factors, n_units, n_mean_units):
        super().__init__(n_features, n_mean_units)
        self.n_codes = n_units + n_mean_units
        self.weight = _draws(n_factors, n_features)
        # Each unit starts with its own share of the factors.
        own = torch.arange(n_factors) * n_units // n_factors == torch.arange(n_units)[:, None]
        pooling = torch.where(own, 0.3, 0.3 / n_factors).float()
        self.log_pooling = nn.Parameter(pooling.log())
        self.bias = _full(2.0, n_units)

    def unit_input(self, s):
        """Log-odds of the covariance units given the factors' s = C v."""
        return F.linear(-0.5 * s.square(), self.log_pooling.exp(), self.bias)

    def forward(self, v):
        """Energy of each row."""
        inputs = self.unit_input(F.linear(v, self.weight))
        return super().forward(v) - F.softplus(inputs).sum(-1)

    def slope(self, v):
        """Energy of each row, and its gradient."""
        return self._slope(v, self.log_pooling.exp())

    def chain_slope(self):
        """The same with the pooling worked out once."""
        return partial(self._slope, pooling=self.log_pooling.exp())

    def _slope(self, v, pooling):
        energy, gradient = super().slope(v)
        s = F.linear(v, self.weight)
        inputs = F.linear(-0.5 * s.square(), pooling, self.bias)
        precision = torch.sigmoid(inputs) @ pooling
        return energy - F.softplus(inputs).sum(-1), gradient + (precision * s) @ self.weight

    def codes(self, v):
        """Probabilities that the covariance units are on, then those of the mean units."""
        on = torch.sigmoid(self.unit_input(F.linear(v, self.weight)))
        return torch.cat([on, super().codes(v)], -1)


class SpikeSlabEnergy(GaussianEnergy):
    """Adds units with a binary spike and a real slab, whose product acts along w_j.

    A unit that is on adds s_j w_j v, with s_j from N(mu_j, 1 / alpha_j) before v is seen, and a
    precision (|w_j|^2 / alpha_j + phi_j) to all directions. That keeps every conditional
    covariance positive definite: variance along w_j is kept, and that across it shrinks
    (Courville, Bergstra & Bengio 2011, Unsupervised models of images by spike-and-slab RBMs).
    """

    def __init__(self, n_features, n_units):
        super().__init__(n_features, 0)
        self.n_codes = n_units
        self.weight = _draws(n_units, n_features)
        self.slab_mean = _full(0.0, n_units)
        self.log_slab_precision = _full(0.0, n_units)
        self.log_shrinkage = _full(-6.0, n_units)
        self.bias = _full(-1.0, n_units)

    def shrinkage(self):
        """Precision that each unit adds to all directions where it is on."""
        along = self.weight.square().sum(-1) * torch.exp(-self.log_slab_precision)
        return along + self.log_shrinkage.exp()

    def unit_input(self, u, s, shrinkage):
        """Log-odds of the spikes given rows less the center, and s = w u."""
        gain = s * (0.5 * s * torch.exp(-self.log_slab_precision) + self.slab_mean)
        return self.bias + gain - 0.5 * u.square().sum(-1, keepdim=True) * shrinkage

    def forward(self, v):
        """Energy of each row."""
        u = v - self.center
        inputs = self.unit_input(u, F.linear(u, self.weight), self.shrinkage())
        return super().forward(v) - F.softplus(inputs).sum(-1)

    def slope(self, v):
        """Energy of each row, and its gradient."""
        return self._slope(v, self.shrinkage())

    def chain_slope(self):
        """The same with the shrinkage worked out once."""
        return partial(self._slope, shrinkage=self.shrinkage())

    def _slope(self, v, shrinkage):
        energy, gradient = super().slope(v)
        u = v - self.center
        s = F.linear(u, self.weight)
        inputs = self.unit_input(u, s, shrinkage)
        on = torch.sigmoid(inputs)
        slab = s * torch.exp(-self.log_slab_precision) + self.slab_mean
        gradient = gradient + u * (on @ shrinkage).unsqueeze(-1) - (on * slab) @ self.weight
        return energy - F.softplus(inputs).sum(-1), gradient

    def codes(self, v):
        """Expected spike times slab of each unit."""
        u = v - self.center
        s = F.linear(u, self.weight)
        slab = s * torch.exp(-self.log_slab_precision) + self.slab_mean
        return torch.sigmoid(self.unit_input(u, s, self.shrinkage())) * slab
