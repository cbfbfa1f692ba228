"""The masked autoencoder for distribution estimation (Germain et al. 2015)."""

import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.autoregressive.chain import ChainNet
from skgen.nets.autoregressive.orderless import SMALL
from skgen.nets.mlp import ACTIVATIONS, linear_layer


class Made(ChainNet):
    """A perceptron whose masks leave each column's outputs those before it; one pass for all.

    A hidden unit of degree m sees the first m columns of the order and units of no greater
    degree, and serves columns behind the first m. Degrees are spread evenly; another order has
    other masks of the inputs and outputs, and the same weights. ``u`` tells a unit which columns
    it sees. Outputs of bits and categories see the earlier inputs directly, too.

    Parameters are those of ``OrderlessNet``.
    """

    def __init__(self, layout, hidden, activation, n_mixture, linear, first_bits, first_categories):
        super().__init__(layout, n_mixture, linear)
        d, n_inputs = layout.n_columns, sum(self.n_inputs)
        self.activation = ACTIVATIONS[activation]()
        widths = n_inputs, *hidden
        self.layers = nn.ModuleList(linear_layer(a, b) for a, b in zip(widths, hidden))
        self.u = nn.Parameter(torch.zeros(hidden[0], d, dtype=torch.float32))
        self.head = nn.Linear(widths[-1], sum(self.n_outputs))
        n_direct = sum(self.widths[1:])
        self.direct = nn.Parameter(torch.zeros(n_direct, n_inputs, dtype=torch.float32))
        for number, width in enumerate(hidden):
            degrees = 1 + torch.arange(width) * max(d - 1, 1) // width
            self.register_buffer(f"degrees_{number}", degrees, persistent=False)
        with torch.no_grad():
            self.head.weight.mul_(SMALL)
            self.head.bias.copy_(self.first_outputs(first_bits, first_categories))

    def _places(self, order):
        """Places in the order of the columns, the inputs and the outputs."""
        place = torch.empty_like(order)
        place[order] = torch.arange(len(order), device=order.device)
        return place, place[self.input_column], place[self.output_column]

    def _hidden(self, inputs, places):
        """Last hidden layer, and the degrees of its units."""
        columns, seen, _ = places
        degrees = self.degrees_0.unsqueeze(1)
        first = self.layers[0]
        bias = first.bias + (self.u * (columns < degrees)).sum(1)
        h = self.activation(F.linear(inputs, first.weight * (seen < degrees), bias))
        for number, layer in enumerate(self.layers[1:], start=1):
            earlier, degrees = degrees.squeeze(1), getattr(self, f"degrees_{number}").unsqueeze(1)
            h = self.activation(F.linear(h, layer.weight * (earlier <= degrees), layer.bias))
        return h, degrees.squeeze(1)

    def outputs(self, inputs, order, chosen=slice(None)):
        """Outputs, all or those that are chosen, each from inputs of earlier columns."""
        places = self._places(order)
        h, degrees = self._hidden(inputs, places)
        place = places[2].unsqueeze(1)
        weight = self.head.weight[chosen] * (degrees <= place[chosen])
        out = F.linear(h, weight, self.head.bias[chosen])
        first = self.widths[0]  # the outputs of mixtures have no direct weights
        start = max((chosen.start or 0) - first, 0)
        stop = max((len(place) if chosen.stop is None else chosen.stop) - first, 0)
        direct = self.direct[start:stop] * (places[1] < place[first:][start:stop])
        return out + F.pad(F.linear(inputs, direct), (out.shape[1] - len(direct), 0))

    def forward(self, x, order):
        """Log-probability (n, d) of each column's value given those before it in the order."""
        inputs = self.inputs(x)
        return self.log_conditionals(x, inputs, self.outputs(inputs, order), order)

    def hidden(self, x, order):
        """Last hidden layer (n, H) of whole rows in the order."""
        return self._hidden(self.inputs(x), self._places(order))[0]

    def draw(self, n, order, generator):
        """Rows (n, d), drawn column by column in the order; one pass for each."""
        rows, linear = torch.zeros(n, len(order)).to(self.direct), self.linear(order)
        for column in order.tolist():
            chosen = self.outputs_of(*self.kind_of(column))
            out = self.outputs(self.inputs(rows), order, chosen)
            rows[:, column] = self.drawn(rows, column, out, linear, generator)
        return rows
