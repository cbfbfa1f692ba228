"""Where the model's half of the gradient comes from: chains of block Gibbs sampling.

Each negative phase is called with the layers and the hidden inputs of the data rows, and gives
rows of the model: visible draws, and the means of their hidden units. ``chains`` holds hidden
states, (n_temperatures, n_chains, k), the last block at the temperature of the model; it changes
in place. Of several workers each has a part of the chains.
"""

import torch

from skgen.workers import workers


class ContrastiveDivergence:
    """Chains that start anew at each batch (Hinton 2002): quick, and biased toward the data."""

    persistent = tempered = False

    def __init__(self, chains, n_steps):
        self.chains, self.n_steps = workers().split(chains, axis=1), n_steps

    def __call__(self, layers, inputs):
        """Reconstructions of the data after ``n_steps`` sweeps."""
        h, v, inputs = _sweep(layers, layers.draw_hidden(inputs), self.n_steps)
        kept = self.chains[-1]
        n = min(len(kept), len(h))
        kept[:n] = h[:n]
        return v, layers.hidden_mean(inputs)


class PersistentChains:
    """Chains that go on from update to update (Tieleman 2008)."""

    persistent, tempered = True, False

    def __init__(self, chains, n_steps):
        self.chains, self.n_steps = workers().split(chains, axis=1), n_steps

    def __call__(self, layers, inputs):
        """States of the chains after ``n_steps`` more sweeps."""
        h, v, inputs = _sweep(layers, self.chains[-1], self.n_steps)
        # Chains persist across updates; do not reset.
        self.chains[-1] = h
        return v, layers.hidden_mean(inputs)


class ParallelTempering:
    """Persistent chains at several temperatures that trade places (Desjardins et al. 2010).

    The hottest chain draws independent units at their base rates and so mixes at once; what it
    finds wanders down to the model by Metropolis swaps of neighbors.
    """

    persistent = tempered = True

    def __init__(self, chains, n_steps, path):
        self.chains, self.n_steps, self.path = workers().split(chains, axis=1), n_steps, path
        self.betas = torch.linspace(0, 1, len(chains), device=chains.device, dtype=chains.dtype)

    def __call__(self, layers, inputs):
        """States of the coldest chains after ``n_steps`` sweeps and swaps of all."""
        n_temperatures, n_chains, k = self.chains.shape
        beta = self.betas.repeat_interleave(n_chains)
        h = self.chains.reshape(-1, k)
        for _ in range(self.n_steps):
            v = self.path.draw_visible(h, beta, layers.generator)
            v = self._swap(v.view(n_temperatures, n_chains, -1), layers.generator).flatten(0, 1)
            inputs = self.path.net.hidden_input(v)
            h = self.path.draw_hidden(inputs, beta, layers.generator)
        self.chains.copy_(h.view_as(self.chains))
        return v[-n_chains:], self.path.net.hidden_mean(inputs[-n_chains:])

    def _swap(self, v, generator):
        """Neighbors in temperature trade rows, the even pairs first, then the odd."""
        for first in (0, 1):
            low, high = v[first:-1:2], v[first + 1 :: 2]
            n_pairs = min(len(low), len(high))
            if not n_pairs:
                continue
            low, high = low[:n_pairs].clone(), high[:n_pairs].clone()
            cold = self.betas[first + 1 :: 2][:n_pairs, None]
            hot = self.betas[first:-1:2][:n_pairs, None]
            log_ratio = self._log_gain(low, cold, hot) - self._log_gain(high, cold, hot)
            how = {"device": v.device, "dtype": torch.float32}
            uniform = torch.rand(log_ratio.shape, generator=generator, **how)
            trade = (uniform.log() < log_ratio).unsqueeze(-1)
            v = v.clone()
            v[first:-1:2][:n_pairs] = torch.where(trade, high, low)
            v[first + 1 :: 2][:n_pairs] = torch.where(trade, low, high)
        return v

    def _log_gain(self, v, cold, hot):
        """How much more likely rows are in the colder of two places."""
        inputs = self.path.net.hidden_input(v)
        return self.path.log_density(v, inputs, cold) - self.path.log_density(v, inputs, hot)


def _sweep(layers, h, n_steps):
    """Hidden draws, visible draws and hidden inputs after some sweeps from h."""
    for _ in range(n_steps):
        v = layers.draw_visible(h)
        inputs = layers.hidden_input(v)
        h = layers.draw_hidden(inputs)
    return h, v, inputs


# Those whose chains have one temperature.
NEGATIVE_PHASES = {"cd": ContrastiveDivergence, "pcd": PersistentChains}
