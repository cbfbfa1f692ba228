"""The same gradient on the CPU: kernels on the memory of the tensors, with few calls."""

from abc import ABC, abstractmethod

import torch

from skgen.kernels.boltzmann import bernoulli_units, rbm_gradient
from skgen.kernels.boltzmann.pseudo_likelihood import sampled_pseudo_likelihood


class CPUGradient(ABC):
    """``LikelihoodGradient`` in float32 on the CPU, for chains of one temperature."""

    def __init__(self, net, negative_phase, optimizer, *, centered, sparsity):
        parameters = net.weight, net.visible_bias, net.hidden_bias
        for parameter in parameters:
            parameter.grad = torch.zeros_like(parameter)
        self.net, self.optimizer = net, optimizer
        self.chains, self.n_steps = negative_phase.chains[-1], negative_phase.n_steps
        self.persistent = negative_phase.persistent
        self.centered, self.sparsity = centered, sparsity
        self.W, self.b, self.c = (p.detach().numpy() for p in parameters)
        self.g_W, self.g_b, self.g_c = (p.grad.numpy() for p in parameters)
        self.states = None

    @torch.no_grad()
    def __call__(self, v, generator):
        """Leave gradients of minus the log-likelihood of rows v; return the loss to watch."""
        if self.states is None:
            seed = torch.randint(2**31 - 1, (), generator=generator)
            self.states = bernoulli_units.lane_states(int(seed))
        inputs, h = self._gradient(v)
        if self.sparsity is not None:
            self.sparsity(torch.from_numpy(h), self.net.hidden_bias.grad)
        n = min(self._n_monitored, len(v))
        columns = bernoulli_units.draw_columns(v.shape[1], n, self.states)
        log_p = sampled_pseudo_likelihood(
            v[:n].numpy(), inputs[:n], self.W, self.b, self.c, columns
        )
        return torch.tensor(-log_p)

    @property
    @abstractmethod
    def _n_monitored(self):
        """Rows of a batch whose pseudo-likelihood is the loss to watch."""

    @abstractmethod
    def _gradient(self, v):
        """Hand the gradients over; return inputs, without biases, and means of h given v."""


class FusedGradient(CPUGradient):
    """For a small machine: an update is one call of a kernel."""

    _n_monitored = 16

    def _gradient(self, v):
        return rbm_gradient.fused_gradient(
            v.numpy(),
            self.W,
            self.b,
            self.c,
            self.chains.numpy(),
            self.states,
            self.n_steps,
            self.persistent,
            self.centered,
            self.g_W,
            self.g_b,
            self.g_c,
        )


class BufferedGradient(CPUGradient):
    """For a larger machine: torch multiplies, kernels do all else, in memory that stays.

    Five matrix products for one sweep of the chains, the last two of them one.
    """

    _n_monitored = 4

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.buffers = {}

    def _gradient(self, v):
        W, b, c = self.net.weight.detach(), self.b, self.c
        memory = self._memory(len(v))
        torch.mm(v, W.T, out=memory.inputs.tensor)
        bernoulli_units.probabilities(memory.inputs.array, c, memory.h.array)
        chain = memory.chain
        if not self.persistent:
            bernoulli_units.draw(memory.inputs.array, c, self.states, chain.array)
        for _ in range(self.n_steps):
            torch.mm(chain.tensor, W, out=memory.at_visible.tensor)
            bernoulli_units.draw(memory.at_visible.array, b, self.states, memory.v_model.array)
            torch.mm(memory.v_model.tensor, W.T, out=memory.at_hidden.tensor)
            bernoulli_units.draw(memory.at_hidden.array, c, self.states, chain.array)
        bernoulli_units.probabilities(memory.at_hidden.array, c, memory.h_model.array)
        if not self.persistent:
            n = min(len(self.chains), len(chain.tensor))
            self.chains[:n] = chain.tensor[:n]
        rbm_gradient.gradient_factors(
            v.numpy(),
            memory.h.array,
            memory.v_model.array,
            memory.h_model.array,
            self.centered,
            memory.left.array,
            memory.right.array,
            self.g_b,
            self.g_c,
        )
        self.optimizer.put_product(self.net.weight, memory.left.tensor, memory.right.tensor)
        return memory.inputs.array, memory.h.array

    def _memory(self, n):
        """Buffers for batches of n rows."""
        if n not in self.buffers:
            chains = self.chains if self.persistent else None
            self.buffers[n] = _Buffers(n, chains, self.net.weight)
        return self.buffers[n]


class _Buffers:
    """Memory of an update, each piece as a tensor and as an array."""

    def __init__(self, n, chains, weight):
        k, d = weight.shape
        m = n if chains is None else len(chains)
        self.inputs, self.h = _new(n, k), _new(n, k)
        self.chain = _new(m, k) if chains is None else _Both(chains)
        self.at_visible, self.v_model = _new(m, d), _new(m, d)
        self.at_hidden, self.h_model = _new(m, k), _new(m, k)
        # Two rows more for the offsets of the centered gradient.
        self.left, self.right = _new(n + m + 2, k), _new(n + m + 2, d)


class _Both:
    """A tensor beside the array on its memory."""

    def __init__(self, tensor):
        self.tensor, self.array = tensor, tensor.numpy()


def _new(*shape):
    return _Both(torch.zeros(shape, dtype=torch.float32))
