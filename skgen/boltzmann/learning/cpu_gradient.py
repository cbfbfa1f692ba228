"""Contrasts for the CPU: kernels on the memory of the tensors, with as few calls as can be."""

from abc import ABC, abstractmethod

import torch

from skgen.kernels.boltzmann import bernoulli_units, rbm_gradient
from skgen.kernels.boltzmann.pseudo_likelihood import sampled_pseudo_likelihood


class CPUContrast(ABC):
    """Loss of a training phase, as ``Contrast``, in float32 on the CPU."""

    def __init__(self, net, chains, optimizer, *, n_steps, persistent, centered, sparsity):
        parameters = net.weight, net.visible_bias, net.hidden_bias
        for parameter in parameters:
            parameter.grad = torch.zeros_like(parameter)
        self.net, self.chains, self.optimizer = net, chains[-1], optimizer
        self.n_steps, self.persistent, self.centered = n_steps, persistent, centered
        self.sparsity = sparsity
        self.weights = [p.detach().numpy() for p in parameters]
        self.gradients = [p.grad.numpy() for p in parameters]
        self.states = None

    @torch.no_grad()
    def __call__(self, v, generator):
        """Gradients of minus the log-likelihood of the rows v."""
        if self.states is None:
            seed = torch.randint(2**31 - 1, (), generator=generator)
            self.states = bernoulli_units.lane_states(int(seed))
        inputs, h = self._gradient(v)
        if self.sparsity is not None:
            self.sparsity(torch.from_numpy(h), self.net.hidden_bias.grad)
        n_shown = min(self._n_shown, len(v))
        columns = bernoulli_units.draw_columns(v.shape[1], n_shown, self.states)
        shown = v[:n_shown].numpy(), inputs[:n_shown]
        return torch.tensor(-sampled_pseudo_likelihood(*shown, *self.weights, columns))

    @property
    @abstractmethod
    def _n_shown(self):
        """Rows of a batch whose pseudo-likelihood is the loss that is shown."""

    @abstractmethod
    def _gradient(self, v):
        """Hand the gradients over; return inputs, without biases, and means of h given v."""


class FusedContrast(CPUContrast):
    """For a small machine: an update is one call of a kernel."""

    _n_shown = 16

    def _gradient(self, v):
        how = self.n_steps, self.persistent, self.centered
        chains = self.chains.numpy()
        return rbm_gradient.contrast(
            v.numpy(), *self.weights, chains, self.states, *how, *self.gradients
        )


class BufferedContrast(CPUContrast):
    """For a larger machine: torch multiplies, kernels do all else, in memory that stays.

    Five matrix products for one sweep of the chains, the last two of them one.
    """

    _n_shown = 4

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.rooms = {}

    def _gradient(self, v):
        W, (_, b, c) = self.net.weight.detach(), self.weights
        room = self._room(len(v))
        torch.mm(v, W.T, out=room.inputs.tensor)
        bernoulli_units.probabilities(room.inputs.array, c, room.h.array)
        chain = room.chain
        if not self.persistent:
            bernoulli_units.draw(room.inputs.array, c, self.states, chain.array)
        for _ in range(self.n_steps):
            torch.mm(chain.tensor, W, out=room.at_visible.tensor)
            bernoulli_units.draw(room.at_visible.array, b, self.states, room.v_model.array)
            torch.mm(room.v_model.tensor, W.T, out=room.at_hidden.tensor)
            bernoulli_units.draw(room.at_hidden.array, c, self.states, chain.array)
        bernoulli_units.probabilities(room.at_hidden.array, c, room.h_model.array)
        if not self.persistent:
            n = min(len(self.chains), len(chain.tensor))
            self.chains[:n] = chain.tensor[:n]
        pairs = v.numpy(), room.h.array, room.v_model.array, room.h_model.array
        factors = room.left.array, room.right.array
        rbm_gradient.product_of_descent(*pairs, self.centered, *factors, *self.gradients[1:])
        self.optimizer.put_product(self.net.weight, room.left.tensor, room.right.tensor)
        return room.inputs.array, room.h.array

    def _room(self, n):
        """Memory for batches of n rows."""
        if n not in self.rooms:
            self.rooms[n] = _Room(n, self.chains if self.persistent else None, self.net.weight)
        return self.rooms[n]


class _Room:
    """Buffers of an update, each as a tensor and as an array on the same memory."""

    def __init__(self, n, chains, weight):
        k, d = weight.shape
        m = n if chains is None else len(chains)
        self.inputs, self.h = _Buffer(n, k), _Buffer(n, k)
        self.chain = _Buffer(m, k) if chains is None else _Shared(chains)
        self.at_visible, self.v_model = _Buffer(m, d), _Buffer(m, d)
        self.at_hidden, self.h_model = _Buffer(m, k), _Buffer(m, k)
        # Two rows more for the offsets of the centered gradient.
        self.left, self.right = _Buffer(n + m + 2, k), _Buffer(n + m + 2, d)


class _Shared:
    """A tensor beside its array."""

    def __init__(self, tensor):
        self.tensor, self.array = tensor, tensor.numpy()


class _Buffer(_Shared):
    """New memory."""

    def __init__(self, *shape):
        super().__init__(torch.zeros(shape))
