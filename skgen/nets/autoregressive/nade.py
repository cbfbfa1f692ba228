"""The neural autoregressive distribution estimator (Larochelle & Murray 2011)."""

import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.autoregressive.chain import ChainNet
from skgen.nets.autoregressive.orderless import SMALL
from skgen.nets.mlp import ACTIVATIONS, mlp

FIRST = 0.05  # scale of the weights of inputs: states are sums over many columns


class Nade(ChainNet):
    """Conditionals from a hidden state that each column adds to, all of a row in O(d H)::

        a_1 = c,   a_(t+1) = a_t + W x_o(t) + u_o(t)
        x_o(t) | earlier ~ head(V_o(t) h(a_t) + b_o(t))

    One matrix W serves all conditionals. Further layers, if there are any, take part in h, at
    their full cost for each column. ``u`` tells that a column is given, whatever its value.

    Parameters are those of ``OrderlessNet``.
    """

    def __init__(self, layout, hidden, activation, n_mixture, linear, first_bits, first_categories):
        super().__init__(layout, n_mixture, linear)
        n_hidden = hidden[0]
        self.state = nn.Parameter(torch.zeros(n_hidden, dtype=torch.float32))
        self.W = nn.Parameter(FIRST * torch.randn(sum(self.n_inputs), n_hidden))
        self.u = nn.Parameter(torch.zeros(layout.n_columns, n_hidden, dtype=torch.float32))
        self.body = nn.Sequential(ACTIVATIONS[activation]())
        if len(hidden) > 1:
            self.body.extend(mlp(hidden, activation, final=activation))
        self.head = nn.Linear(hidden[-1], sum(self.n_outputs))
        with torch.no_grad():
            self.head.weight.mul_(SMALL)
            self.head.bias.copy_(self.first_outputs(first_bits, first_categories))

    def _parts(self):
        """Weights by column: of its inputs, of its being given, of its outputs and their biases."""
        parts = zip(
            self.W.split(self.n_inputs),
            self.u[torch.tensor(self.columns, device=self.u.device)].unbind(),
            self.head.weight.split(self.n_outputs),
            self.head.bias.split(self.n_outputs),
        )
        return dict(zip(self.columns, parts))

    def forward(self, x, order):
        """Log-probability (n, d) of each column's value given those before it in the order."""
        inputs, parts = self.inputs(x), self._parts()
        values = dict(zip(self.columns, inputs.split(self.n_inputs, 1)))
        state, outputs = self.state.expand(len(x), -1), {}
        # A state at a time stays in the cache, which all of them would leave.
        for column in order.tolist():
            W, u, V, b = parts[column]
            outputs[column] = F.linear(self.body(state), V, b)
            state = torch.addmm(state + u, values[column], W)
        outputs = torch.cat([outputs[column] for column in self.columns], 1)
        return self.log_conditionals(x, inputs, outputs, order)

    def hidden(self, x, order):
        """Last hidden layer (n, H) given whole rows; the order has no part in it."""
        return self.body(self.state + self.u.sum(0) + self.inputs(x) @ self.W)

    def draw(self, n, order, generator):
        """Rows (n, d), drawn column by column in the order."""
        rows = torch.zeros(n, len(order)).to(self.state)
        state, parts, linear = self.state.expand(n, -1), self._parts(), self.linear(order)
        for column in order.tolist():
            W, u, V, b = parts[column]
            out = F.linear(self.body(state), V, b)
            rows[:, column] = self.drawn(rows, column, out, linear, generator)
            state = torch.addmm(state + u, self.inputs(rows)[:, self.input_column == column], W)
        return rows
