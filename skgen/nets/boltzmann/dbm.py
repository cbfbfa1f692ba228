"""Deep Boltzmann machines: layers that see their neighbors on both sides, and mean field."""

from itertools import pairwise

import torch
from torch.nn import functional as F

from skgen.nets.boltzmann.rbm import RBM, draw_bits, draw_units, unit_means


class DBM(RBM):
    """E(h) = -sum_l h_l b_l - sum_l h_l W_l h_l-1 for layers of ``sizes`` units, h_0 the data.

    Units of even layers see those of odd layers alone, so that this is a machine of two layers:
    ``visible`` are the even ones side by side, ``hidden`` the odd ones, and weights between
    layers that are not neighbors stay zero. Behind the even layers stand ``n_classes`` units of a
    label, of which one is on; they see every odd layer.
    """

    def __init__(self, sizes, n_classes=0):
        super().__init__(sum(sizes[::2]) + n_classes, sum(sizes[1::2]), n_classes)
        self.sizes = sizes
        ends = [sum(sizes[number % 2 : number + 1 : 2]) for number in range(len(sizes))]
        self.slices = [slice(end - size, end) for end, size in zip(ends, sizes)]
        mask = torch.zeros_like(self.weight)
        for number in range(1, len(sizes)):
            mask[self.block(number)] = 1
        mask[:, sum(sizes[::2]) :] = 1
        self.register_buffer("mask", mask)

    def block(self, number):
        """Where the weights between layers ``number`` and ``number - 1`` stand: rows, columns."""
        odd, even = (number, number - 1) if number % 2 else (number - 1, number)
        return self.slices[odd], self.slices[even]

    def layer_weight(self, number):
        """Weights W of layer ``number`` (its units, those of the layer below)."""
        weight = self.weight[self.block(number)]
        return weight if number % 2 else weight.T

    def bias(self, number):
        """Biases of layer ``number``."""
        biases = self.hidden_bias if number % 2 else self.visible_bias
        return biases[self.slices[number]]

    def first_pass(self, number, values):
        """Even and odd layers (..., units) from a pass outwards from the values of one layer.

        A layer that has heard from one neighbor only counts it twice. Labels start at what their
        biases say.
        """
        last = len(self.sizes) - 1
        layers = {number: values}
        for above in range(number + 1, last + 1):
            factor = 1 if above == last else 2
            inputs = factor * F.linear(layers[above - 1], self.layer_weight(above))
            layers[above] = torch.sigmoid(inputs + self.bias(above))
        for below in range(number - 1, -1, -1):
            factor = 2 if below else 1
            inputs = factor * F.linear(layers[below + 1], self.layer_weight(below + 1).T)
            layers[below] = torch.sigmoid(inputs + self.bias(below))
        parts = [[layers[j] for j in range(parity, last + 1, 2)] for parity in (0, 1)]
        if self.n_classes:
            labels = torch.softmax(self.visible_bias[-self.n_classes :], -1)
            parts[0].append(labels.expand(*values.shape[:-1], -1))
        return tuple(torch.cat(part, -1) for part in parts)

    def clamp_layer(self, number, values, even, odd):
        """Put the values of one layer back in place."""
        (odd if number % 2 else even)[..., self.slices[number]] = values
        return even, odd

    def mean_field_step(self, number, values, even):
        """One step of mean field with a layer clamped: the odd layers, then the even ones."""
        odd = torch.sigmoid(self.hidden_input(even))
        even, odd = self.clamp_layer(number, values, even, odd)
        even = self.visible_mean(odd)
        return self.clamp_layer(number, values, even, odd)

    def mean_field(self, number, values, n_steps):
        """Even and odd layers after so many steps of mean field with a layer clamped."""
        even, odd = self.first_pass(number, values)
        for _ in range(n_steps):
            even, odd = self.mean_field_step(number, values, even)
        return even, odd

    def converged_mean_field(self, number, values, max_steps, tol):
        """The same until no unit of a row moves by ``tol``; and the last move of each row.

        Rows stop one by one, so that none depends on its neighbors.
        """
        even, odd = self.first_pass(number, values)
        change = torch.full_like(even[..., 0], torch.inf)
        for _ in range(max_steps):
            active = (change >= tol).unsqueeze(-1)
            if not active.any():
                break
            new_even, new_odd = self.mean_field_step(number, values, even)
            moved = (new_even - even).abs().amax(-1).maximum((new_odd - odd).abs().amax(-1))
            change = torch.where(active.squeeze(-1), moved, change)
            even, odd = torch.where(active, new_even, even), torch.where(active, new_odd, odd)
        return even, odd, change

    def completed(self, values, missing, n_steps):
        """Log-odds of the even layers after each step of mean field, for rows partly known.

        Of the features ``values`` (n, d) those that are ``missing`` hold a guess, from which the
        steps start; the others stay as they are. Labels are missing, unless their columns stand
        behind the features.
        """
        d = self.sizes[0]
        even, _ = self.first_pass(0, values[:, :d])
        n_hidden = even.shape[1] - values.shape[1]

        def among_hidden(columns, fill):
            return torch.cat([F.pad(columns[:, :d], (0, n_hidden), value=fill), columns[:, d:]], 1)

        free = among_hidden(missing, True)
        even = torch.where(free, even, among_hidden(values, 0.0))
        for _ in range(n_steps):
            odd = torch.sigmoid(self.hidden_input(even))
            log_odds = self.visible_input(odd)
            even = torch.where(free, unit_means(log_odds, self.n_classes), even)
            yield log_odds

    def clamped_means(self, number, values, n_steps, generator):
        """Means of the features given one layer: of as many sweeps as are dropped before."""
        even, odd = self.first_pass(number, values)
        total = 0.0
        for step in range(2 * n_steps):
            odd = draw_bits(self.hidden_input(even), generator)
            even, odd = self.clamp_layer(number, values, even, odd)
            log_odds = self.visible_input(odd)
            even = draw_units(log_odds, self.n_classes, generator)
            even, odd = self.clamp_layer(number, values, even, odd)
            if step >= n_steps:
                total = total + torch.sigmoid(log_odds[..., : self.sizes[0]]) / n_steps
        return total

    def evidence_bound(self, even):
        """E_q[-E] + H(q) of rows, at most log p(x) + log Z; q from the means of the even layers.

        The odd layers are at their best given the even ones, where their part is a softplus.
        """
        hidden, labels = even[..., self.sizes[0] :], even[..., even.shape[-1] - self.n_classes :]
        hidden = hidden[..., : hidden.shape[-1] - self.n_classes]
        entropy = -torch.xlogy(hidden, hidden) - torch.xlogy(1 - hidden, 1 - hidden)
        of_labels = -torch.xlogy(labels, labels)
        return entropy.sum(-1) + of_labels.sum(-1) - self.free_energy(even)


def assemble(net, machines):
    """Write the weights of machines that were trained layer by layer into a DBM.

    A layer between two others had its neighbors' inputs doubled in training; each machine now
    gives its part, and the biases that two machines gave a layer are averaged.
    """
    last = len(machines)
    for number, machine in enumerate(machines, 1):
        inner = 1 < number < last
        weight = machine.weight / 2 if inner else machine.weight
        net.weight[net.block(number)] = weight if number % 2 else weight.T
    biases = [[] for _ in net.sizes]
    for (below, above), machine in zip(pairwise(range(last + 1)), machines):
        biases[below].append(machine.visible_bias)
        biases[above].append(machine.hidden_bias)
    for number, given in enumerate(biases):
        net.bias(number).copy_(sum(given) / len(given))
