"""Restricted Boltzmann machines whose biases depend on the rows before: conditional, recurrent."""

from abc import ABC, abstractmethod

import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.boltzmann.steps import Gates, StepRBMs


class SequenceNet(nn.Module, ABC):
    """A machine of each time step whose biases are linear in a state of the rows before it.

    Its energy is E(v, h) = -v (b + s A) - h (c + s B) - h W v, with s the state (n_state,).
    """

    def __init__(self, n_visible, n_hidden, n_state):
        super().__init__()
        self.weight = _zeros(n_hidden, n_visible)
        self.visible_bias = _zeros(n_visible)
        self.hidden_bias = _zeros(n_hidden)
        self.to_visible = _zeros(n_visible, n_state)
        self.to_hidden = _zeros(n_hidden, n_state)

    @abstractmethod
    def start(self, n):
        """State before the first row of n sequences, (n, n_state)."""

    @abstractmethod
    def inputs(self, v):
        """What rows v (..., d) hand on to the state, whatever it is."""

    @abstractmethod
    def carry(self, state, inputs):
        """State after rows with these inputs (n, ...)."""

    @abstractmethod
    def weights(self):
        """Parameters that decay: all but biases."""

    def biases(self):
        """The other parameters."""
        decaying = set(map(id, self.weights()))
        return [p for p in self.parameters() if id(p) not in decaying]

    def advance(self, state, v):
        """State after rows v (n, d)."""
        return self.carry(state, self.inputs(v))

    def states(self, x, known):
        """State before each row of sequences x (n, t, d), (n, t, n_state).

        Rows that are not ``known`` (n, t) leave the state as it is.
        """
        state, out = self.start(len(x)), []
        # One product for all times.
        for inputs, has_row in zip(self.inputs(x).unbind(1), known.unsqueeze(-1).unbind(1)):
            out.append(state)
            state = torch.where(has_row, self.carry(state, inputs), state)
        return torch.stack(out, 1)

    def machines(self, state):
        """The machines of rows with these states (n, n_state)."""
        visible_bias = F.linear(state, self.to_visible, self.visible_bias)
        hidden_bias = F.linear(state, self.to_hidden, self.hidden_bias)
        return StepRBMs(self.weight, visible_bias, hidden_bias)


class ConditionalNet(SequenceNet):
    """The state holds the last ``lag`` rows, the latest first (Taylor, Hinton & Roweis 2006).

    What is before the first row counts as zeros.
    """

    def __init__(self, n_visible, n_hidden, lag, n_factors=0):
        super().__init__(n_visible, n_hidden, lag * n_visible)
        self.visible_factors = _zeros(n_factors, n_visible)
        self.hidden_factors = _zeros(n_factors, n_hidden)
        self.history_factors = _zeros(n_factors, lag * n_visible)

    def start(self, n):
        """State before the first row of n sequences, (n, n_state)."""
        return self.weight.new_zeros(n, self.to_visible.shape[1])

    def inputs(self, v):
        """The rows themselves."""
        return v

    def carry(self, state, inputs):
        """State with these rows before the others, of which the last is forgotten."""
        return torch.cat([inputs, state], 1)[:, : state.shape[1]]

    def machines(self, state):
        """The machines of rows with these states (n, n_state), their weights gated by factors."""
        machines = super().machines(state)
        if len(self.history_factors):
            gate = F.linear(state, self.history_factors)
            machines.gates = Gates(self.visible_factors, self.hidden_factors, gate)
        return machines

    def weights(self):
        """Parameters that decay: all but biases."""
        return [self.weight, self.to_visible, self.to_hidden, *self.factors()]

    def factors(self):
        """Parameters whose products gate the weights."""
        return [self.visible_factors, self.hidden_factors, self.history_factors]


class RecurrentNet(SequenceNet):
    """The state u = tanh(b_u + u U + v V) is carried on (Boulanger-Lewandowski et al. 2012)."""

    def __init__(self, n_visible, n_hidden, n_recurrent):
        super().__init__(n_visible, n_hidden, n_recurrent)
        self.from_visible = _zeros(n_recurrent, n_visible)
        self.recurrent = _zeros(n_recurrent, n_recurrent)
        self.recurrent_bias = _zeros(n_recurrent)
        self.initial = _zeros(n_recurrent)

    def start(self, n):
        """State before the first row of n sequences, (n, n_state)."""
        return self.initial.expand(n, -1)

    def inputs(self, v):
        """What is added before tanh, (..., n_state)."""
        return F.linear(v, self.from_visible, self.recurrent_bias)

    def carry(self, state, inputs):
        """State after rows with these inputs."""
        return torch.tanh(torch.addmm(inputs, state, self.recurrent.T))

    def weights(self):
        """Parameters that decay: all but biases."""
        return [self.weight, self.to_visible, self.to_hidden, self.from_visible, self.recurrent]


def _zeros(*shape):
    return nn.Parameter(torch.zeros(shape, dtype=torch.float32))
