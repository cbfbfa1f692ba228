"""What networks for orders of the columns share: inputs, linear conditionals, and the chain."""

import math
from typing import NamedTuple

import numpy as np
import torch

from skgen.nets.autoregressive import walk
from skgen.nets.autoregressive.heads import Heads
from skgen.nets.autoregressive.squash import squashed, unsquashed

MOST_JUDGED = 4  # orders by which a loss on held-out rows is judged


class LinearInOrder(NamedTuple):
    """Conditionals of ``squashed`` numbers x (n, d) in one order: ``x @ gain.T + offset``."""

    gain: torch.Tensor  # (d, d), triangular but for the order
    offset: torch.Tensor
    log_sd: torch.Tensor


def linear_in_order(mean, W, psi, order):
    """Conditionals of ``N(mean, W' W + diag(psi))`` of each number given those before it.

    With the Cholesky factor L of the covariance, diag(L) L^-1 (x - mean) is what the earlier
    numbers do not tell of each, and its diagonal the standard deviation.
    """
    mean, W, psi = mean.double(), W.double(), psi.double()
    covariance = W.T @ W + torch.diag(psi)
    root = torch.linalg.cholesky_ex(covariance[order][:, order]).L
    eye = torch.eye(len(order), dtype=root.dtype, device=root.device)
    inverse = torch.linalg.solve_triangular(root, eye, upper=False)
    gain, log_sd = torch.empty_like(root), torch.empty_like(mean)
    # Below the diagonal of I - diag(L) L^-1; what rounding leaves on it is no weight.
    gain[order.unsqueeze(1), order] = torch.tril(-root.diagonal().unsqueeze(1) * inverse, -1)
    log_sd[order] = root.diagonal().log()
    return LinearInOrder(gain, mean - gain @ mean, log_sd)


class ChainNet(Heads):
    """Base of networks that give each column from those before it in an order, of whole rows.

    Parameters
    ----------
    layout : Layout
        Kinds of the columns.
    n_mixture : int
        Components of the mixtures.
    linear : tuple of arrays (mean, W, psi)
        The factor model of ``squashed`` numeric columns.
    """

    def __init__(self, layout, n_mixture, linear):
        super().__init__(layout, n_mixture)
        for name, values in zip(("mean", "W", "psi"), linear):
            self.register_buffer(f"linear_{name}", torch.tensor(values, dtype=torch.float32))
        # Numbers and bits have one input each, categories one for each of them.
        self.columns = [*layout.numbers.tolist(), *layout.bits.tolist(), *layout.categories]
        n_single = len(layout.numbers) + len(layout.bits)
        self.n_inputs = [1] * n_single + layout.sizes.tolist()
        of_numbers = [3 * n_mixture] * self.n_numbers
        self.n_outputs = of_numbers + self.n_inputs[self.n_numbers :]
        columns = torch.as_tensor(np.array(self.columns, dtype=np.int64))
        for name, sizes in {"input": self.n_inputs, "output": self.n_outputs}.items():
            of_column = columns.repeat_interleave(torch.tensor(sizes, dtype=torch.int64))
            self.register_buffer(f"{name}_column", of_column, persistent=False)

    def inputs(self, x):
        """Values of whole rows x (n, d), as the network sees them, (n, sum of n_inputs)."""
        one_hot = x[:, self.category_column] == self.category_number
        bits = 2 * x[:, self.at_bits] - 1
        return torch.cat([squashed(x[:, self.at_numbers]), bits, one_hot.to(x.dtype)], 1)

    def linear(self, order):
        """The factor model's conditionals of the numbers, in the order that all columns have."""
        place = torch.empty_like(order)
        place[order] = torch.arange(len(order), device=order.device)
        parts = self.linear_mean, self.linear_W, self.linear_psi
        found = linear_in_order(*parts, place[self.at_numbers].argsort())
        return LinearInOrder(*(part.to(self.linear_mean) for part in found))

    def first_moments(self, inputs, linear):
        """Mean and log standard deviation (n, numbers) of numbers given those before them."""
        mean, stretch = unsquashed(inputs[:, : self.n_numbers] @ linear.gain.T + linear.offset)
        return mean, linear.log_sd + stretch

    def log_conditionals(self, x, inputs, outputs, order):
        """Log-probability (n, d) of each value under its outputs."""
        mixtures, discrete = outputs.split([self.widths[0], sum(self.widths[1:])], 1)
        return self.log_probabilities(
            x, mixtures, discrete, *self.first_moments(inputs, self.linear(order))
        )

    def column(self, out, mean, log_sd, column):
        """Kind, number and distribution of one column by its own outputs."""
        return self.parameters_of(*self.kind_of(column), out, mean, log_sd)

    def drawn(self, rows, column, out, linear, generator):
        """One value of a column for each row (n, d), whose earlier columns are drawn."""
        moments = self.first_moments(self.inputs(rows), linear)
        return walk.draw_column(self, (out, *moments), column, generator).to(rows.dtype)


def log_probability(net, x, orders):
    """Log-probability (n,) of whole rows under a mixture of orders (m, d)."""
    total = torch.stack([net(x, order).double().sum(1) for order in orders.to(x.device)])
    return torch.logsumexp(total, 0) - math.log(len(orders))


def training_loss(net, orders):
    """``loss(batch, generator)`` in one of the orders by chance; in a fresh one where none is."""

    def loss(batch, generator):
        if orders is None:
            u = torch.rand(batch.shape[1], generator=generator, device=batch.device)
            order = u.argsort()
        else:
            number = torch.randint(len(orders), (1,), generator=generator, device=batch.device)
            order = orders[number].squeeze(0)
        return -net(batch, order).sum(1).mean()

    return loss


def validation_loss(net, orders):
    """The same for the mixture of the first few orders."""

    def loss(batch, generator):
        return -log_probability(net, batch, orders[:MOST_JUDGED]).mean().to(batch.dtype)

    return loss
