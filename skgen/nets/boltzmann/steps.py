"""Restricted Boltzmann machines of time steps, each with biases of its own, and their log Z."""

import math
from itertools import pairwise
from typing import NamedTuple

import torch
from torch.nn import functional as F

from skgen.nets.boltzmann.rbm import BinaryHidden

LOG_2 = math.log(2)
# Mean-field updates by which the annealing of a step finds where to start.
N_MEAN_FIELD = 10


class Gates(NamedTuple):
    """Factors that add sum_f hidden_fj gate_nf visible_fi to weight ji of machine n."""

    visible: torch.Tensor  # (f, d)
    hidden: torch.Tensor  # (f, k)
    gate: torch.Tensor  # (n, f)


class StepRBMs(BinaryHidden):
    """Machines with weights (k, d) in common, and biases (n, d) and (n, k): one a row.

    A visible row v (..., n, d) belongs to its machine, as does a hidden row h (..., n, k). With
    ``gates`` each machine has weights of its own, too, which are never formed.
    """

    n_classes = 0

    def __init__(self, weight, visible_bias, hidden_bias, gates=None):
        self.weight, self.visible_bias, self.hidden_bias = weight, visible_bias, hidden_bias
        self.gates = gates

    def __len__(self):
        return len(self.visible_bias)

    def detached(self):
        """The same machines without a graph."""
        parts = (self.weight, self.visible_bias, self.hidden_bias)
        gates = self.gates and Gates(*(x.detach() for x in self.gates))
        return StepRBMs(*(x.detach() for x in parts), gates)

    def hidden_input(self, v):
        """Log-odds of the hidden units given visible rows."""
        out = v @ self.weight.T + self.hidden_bias
        if self.gates is None:
            return out
        visible, hidden, gate = self.gates
        return out + ((v @ visible.T) * gate) @ hidden

    def visible_input(self, h):
        """Log-odds of the visible units given hidden rows."""
        out = h @ self.weight + self.visible_bias
        if self.gates is None:
            return out
        visible, hidden, gate = self.gates
        return out + ((h @ hidden.T) * gate) @ visible

    def visible_mean(self, h):
        """E[v | h]."""
        return torch.sigmoid(self.visible_input(h))

    def draw_visible(self, h, generator):
        """Draw v given hidden rows."""
        return _draw(self.visible_input(h), h.shape[:-1], generator)

    def free_energy(self, v):
        """-log sum_h exp(-E(v, h)) in nats, shape (..., n)."""
        alone = (v * self.visible_bias).sum(-1)
        return -alone - F.softplus(self.hidden_input(v)).sum(-1)

    def log_partition(self):
        """Log Z of each machine (n,) by enumeration of the smaller layer."""
        n_hidden, n_visible = self.weight.shape
        few_hidden = n_hidden <= n_visible
        k = torch.arange(min(n_hidden, n_visible), device=self.weight.device)
        numbers = torch.arange(2 ** len(k), device=k.device)
        states = ((numbers.unsqueeze(1) >> k) & 1).to(self.weight)
        others = self.visible_input if few_hidden else self.hidden_input
        bias = self.hidden_bias if few_hidden else self.visible_bias
        inputs = F.softplus(others(states.unsqueeze(1))).sum(-1)
        return torch.logsumexp(states @ bias.T + inputs, 0)

    def flip_loss(self, v, generator):
        """Minus the pseudo-likelihood of each row (n,) by one feature that is drawn for each."""
        d = v.shape[1]
        columns = torch.randint(d, (len(v), 1), generator=generator, device=generator.device)
        flipped = v.scatter(1, columns, 1 - v.gather(1, columns))
        return d * F.softplus(self.free_energy(v) - self.free_energy(flipped))

    def pseudo_loss(self, v):
        """Minus the pseudo-likelihood of each row (n,), by every feature."""
        energy, loss = self.free_energy(v), torch.zeros_like(v[:, 0])
        for j in range(v.shape[1]):
            flipped = v.clone()
            flipped[:, j] = 1 - v[:, j]
            loss += F.softplus(energy - self.free_energy(flipped))
        return loss


def mean_field_log_odds(machines):
    """Log-odds of independent visible units near the distribution of each machine, (n, d)."""
    v = torch.sigmoid(machines.visible_bias)
    for _ in range(N_MEAN_FIELD):
        log_odds = machines.visible_input(torch.sigmoid(machines.hidden_input(v)))
        # Half a step each time: neither oscillates nor runs to one of two modes at once.
        v = 0.5 * (v + torch.sigmoid(log_odds))
    return torch.logit(v, eps=1e-4)


def annealed_log_partition(machines, n_chains, n_steps, generator):
    """Log Z of each machine by annealed importance sampling, and its standard error, both (n,).

    Chains begin at independent units and are carried to the machine (Salakhutdinov & Murray 2008).
    All machines share the random numbers, so that none depends on its neighbors.
    """
    base = mean_field_log_odds(machines)
    shape = n_chains, len(machines)
    v = _draw(base.expand(n_chains, -1, -1), shape[:1], generator)
    inputs = machines.hidden_input(v)
    log_weights = torch.zeros(shape, dtype=torch.float64, device=v.device)
    tilt = machines.visible_bias - base
    betas = torch.linspace(0, 1, n_steps + 1, dtype=torch.float64).tolist()
    for before, after in pairwise(betas):
        gain = F.softplus(after * inputs).sum(-1) - F.softplus(before * inputs).sum(-1)
        log_weights += gain + (after - before) * (v * tilt).sum(-1)
        h = _draw(after * inputs, shape[:1], generator)
        v = _draw(base + after * (machines.visible_input(h) - base), shape[:1], generator)
        inputs = machines.hidden_input(v)
    log_mean = torch.logsumexp(log_weights, 0) - math.log(n_chains)
    ratios = torch.exp(log_weights - log_mean)
    error = ratios.std(0) / math.sqrt(n_chains) if n_chains > 1 else log_mean + math.inf
    log_base = F.softplus(base).sum(-1, dtype=torch.float64) + machines.weight.shape[0] * LOG_2
    return log_base + log_mean, error


def _draw(log_odds, lead, generator):
    """Bits with these log-odds, by random numbers of their own for the axes of ``lead`` alone."""
    inner = (1,) * (log_odds.ndim - len(lead) - 1)
    shape = (*lead, *inner, log_odds.shape[-1])
    how = {"device": log_odds.device, "dtype": log_odds.dtype}
    uniform = torch.rand(shape, generator=generator, **how)
    return (uniform < torch.sigmoid(log_odds)).to(log_odds.dtype)
