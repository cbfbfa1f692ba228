"""The same gradient on the CPU: kernels on the memory of the tensors, with few calls."""

from abc import ABC, abstractmethod

import numpy as np
import torch

from skgen.boltzmann.learning.lanes import lane_states
from skgen.kernels.boltzmann import bernoulli_units, rbm_gradient
from skgen.kernels.boltzmann.pseudo_likelihood import watched_pseudo_likelihood


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
        # The number to watch in memory that stays: a new tensor each update would cost more.
        self.watched = _new()

    def __call__(self, v, generator):
        """Leave gradients of minus the log-likelihood of rows v; return the loss to watch."""
        if self.states is None:
            self.states = lane_states(generator)
        rows = v.numpy()
        inputs, h = self._gradient(v, rows)
        if self.sparsity is not None:
            self.sparsity(torch.from_numpy(h), self.net.hidden_bias.grad)
        n = min(self._n_monitored, len(rows))
        self.watched.array[()] = -watched_pseudo_likelihood(
            rows, inputs, self.W, self.b, self.c, n, self.states
        )
        return self.watched.tensor

    @property
    @abstractmethod
    def _n_monitored(self):
        """Rows of a batch whose pseudo-likelihood is the loss to watch."""

    @abstractmethod
    def _gradient(self, v, rows):
        """Hand the gradients over; return inputs, without biases, and means of h given v.

        ``rows`` is the array on the memory of the tensor v.
        """


class FusedGradient(CPUGradient):
    """For a small machine: an update is one call of a kernel."""

    _n_monitored = 16

    def _gradient(self, v, rows):
        return rbm_gradient.fused_gradient(
            rows,
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
        weight = self.net.weight.detach()
        self.to_visible, self.to_hidden = weight, weight.T

    def _gradient(self, v, rows):
        b, c, states = self.b, self.c, self.states
        memory = self._memory(len(rows))
        chain, at_visible, at_hidden = memory.chain, memory.at_visible, memory.at_hidden
        torch.mm(v, self.to_hidden, out=memory.inputs.tensor)
        if not self.persistent:
            bernoulli_units.draw(memory.inputs.array, c, states, chain.array)
        for _ in range(self.n_steps):
            torch.mm(chain.tensor, self.to_visible, out=at_visible.tensor)
            bernoulli_units.draw(at_visible.array, b, states, memory.v_model.array)
            torch.mm(memory.v_model.tensor, self.to_hidden, out=at_hidden.tensor)
            bernoulli_units.draw(at_hidden.array, c, states, chain.array)
        if not self.persistent:
            n = min(len(self.chains), len(chain.tensor))
            self.chains[:n] = chain.tensor[:n]
        rbm_gradient.gradient_factors(
            rows,
            memory.inputs.array,
            at_hidden.array,
            c,
            self.centered,
            memory.h,
            memory.left,
            memory.right,
            self.g_b,
            self.g_c,
        )
        self.optimizer.put_product(self.net.weight, *memory.factors)
        return memory.inputs.array, memory.h

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
        self.inputs, self.h = _new(n, k), np.zeros((n, k), np.float32)
        self.chain = _new(m, k) if chains is None else _Both(chains)
        self.at_visible, self.at_hidden = _new(m, d), _new(m, k)
        # Two rows more for the offsets of the centered gradient.
        self.factors = [torch.zeros(n + m + 2, size, dtype=torch.float32) for size in (k, d)]
        self.left, self.right = (factor.numpy() for factor in self.factors)
        self.v_model = _Both(self.factors[1][n : n + m])


class _Both:
    """A tensor beside the array on its memory."""

    def __init__(self, tensor):
        self.tensor, self.array = tensor, tensor.numpy()


def _new(*shape):
    return _Both(torch.zeros(shape, dtype=torch.float32))
