"""Long short-term memory over the rows and the diagonals of an image (van den Oord et al. 2016a).

A layer takes maps of features (n, width, H, W), and the images (n, channels, H, W) as the network
sees them, to maps of states. Features know nothing of their own pixel; of rows that are over the
layers see the pixels themselves. ``walk(like, columns)`` goes pixel by pixel.
"""

import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.autoregressive.pixels.masks import AboveConv, RowConv
from skgen.nets.autoregressive.pixels.origin import Origin


def cell(gates, memory, dim):
    """State and memory of an LSTM after one step, from its four gates on one axis.

    Gates are sigmoid(2 x) = (1 + tanh(x)) / 2, so that one pass does for all; states are doubled.
    """
    into, kept, out, value = torch.tanh(gates).chunk(4, dim)
    memory = 0.5 * (torch.addcmul(memory, kept, memory) + torch.addcmul(value, into, value))
    value = torch.tanh(memory)
    return torch.addcmul(value, out, value), memory


def remember_(bias, width):
    """Let the memory be kept at the start: the second of the gates of each direction."""
    with torch.no_grad():
        bias.view(-1, 4, width)[:, 1] = 1.0


class Walk:
    """What walks over the states of a layer share.

    Parameters
    ----------
    layer : nn.Module
        The layer.
    like : tensor of shape (n, ...)
        Images.
    columns : int
        Their columns.
    """

    def __init__(self, layer, like, columns):
        self.layer, self.zero = layer, like.new_zeros(len(like), layer.width)
        # Of the pixels of a row so far, each (n, width).
        self.inputs = self.states = [self.zero] * columns
        self.origin = Origin()

    def _start_row(self, n):
        self.inputs, self.states = [], []
        self.zero = self.zero.new_zeros(n, self.layer.width)
        self.origin = Origin()

    def take(self, rows):
        """Go on with copies of some of the images, by their numbers."""
        self.origin.take(rows)
        self.zero = self.zero[rows]
        self.inputs, self.states = ([t[rows] for t in each] for each in (self.inputs, self.states))


class RowLSTM(nn.Module):
    """States of a row from those of the row above, all its pixels at once.

    Parameters
    ----------
    groups : tensor of int
        Groups of the features, of which the states have as many.
    n_channels : int
        Channels of the images.
    kernel_size : int
        Odd; states of the row above that one sees, and features to its left by half as many.
    """

    def __init__(self, groups, n_channels, kernel_size):
        super().__init__()
        self.width, reach = len(groups), kernel_size // 2
        self.into = RowConv(groups, groups.repeat(4), reach)
        remember_(self.into.bias, self.width)
        self.above = AboveConv(n_channels, 4 * self.width, 1, reach, own=False)
        self.state = nn.Conv1d(self.width, 4 * self.width, kernel_size, padding=reach)

    def forward(self, maps, seen, shift):
        """States (n, width, H, W); ``shift`` is added to the gates."""
        state = memory = maps.new_zeros(len(maps), self.width, maps.shape[3])
        states = []
        for gates in (self.into(maps) + self.above(seen) + shift).unbind(2):
            state, memory = cell(gates + self.state(state), memory, 1)
            states.append(state)
        return torch.stack(states, 2)

    def walk(self, like, columns):
        """A walk over images of so many columns."""
        return RowWalk(self, like, columns)


class RowWalk(Walk):
    """States of a ``RowLSTM``, pixel by pixel."""

    def __init__(self, layer, like, columns):
        super().__init__(layer, like, columns)
        self.lasting = [self.zero] * columns

    def begin_row(self, seen, row, shift):
        """Let the states and the pixels of the row above act on a new one."""
        pixels = self.layer.above.at_row(seen, row).squeeze(2)
        across = self.layer.state(torch.stack(self.states, 2)) + pixels + shift
        self.across = across.permute(2, 0, 1)
        self.above = self.lasting
        self._start_row(len(seen))
        self.lasting = []

    def at_pixel(self, features, column):
        """State (n, width) at one pixel of features (n, width)."""
        for each in (self.inputs, self.states, self.lasting):
            del each[column:]
        self.inputs.append(features)
        left = self.layer.into.n_left
        seen = self.inputs[-left - 1 :]
        seen = [self.zero] * (left + 1 - len(seen)) + seen
        gates = self.layer.into.at_pixel(torch.stack(seen, 2))
        gates = gates + self.origin.of(self.across[column])
        state, memory = cell(gates, self.origin.of(self.above[column]), 1)
        self.states.append(state)
        self.lasting.append(memory)
        return state

    def take(self, rows):
        """Go on with copies of some of the images, by their numbers."""
        super().take(rows)
        self.lasting = [t[rows] for t in self.lasting]


class DiagonalLSTM(nn.Module):
    """States from those to the left and above, and from those to the right and above.

    Pixels of a diagonal are taken at once. States from the right come from the row above the
    pixel's own, since those of its row know the pixels to come; so they may know their own.

    Parameters
    ----------
    groups : tensor of int
        Groups of the features, of which the states of either direction have as many.
    image_shape : tuple
        ``(channels, height, width)``.
    """

    def __init__(self, groups, image_shape):
        super().__init__()
        self.width = width = len(groups)
        self.into = RowConv(groups, groups.repeat(8), 0)
        remember_(self.into.bias, width)
        n_channels, *sides = image_shape
        self.own = nn.Conv2d(n_channels, 4 * width, 1)
        order, self.sizes = diagonals(*sides)
        self.register_buffer("order", order, persistent=False)
        self.register_buffer("back", order.argsort(), persistent=False)
        # By direction: from states beside and above to gates.
        weight = torch.empty(2, 2 * width, 4 * width, dtype=torch.float32)
        self.weight = nn.Parameter(nn.init.uniform_(weight, -(width**-0.5), width**-0.5))

    def forward(self, maps, seen, shift):
        """States (n, width, H, W), of both directions; ``shift`` is added to the gates."""
        height, columns = maps.shape[2:]
        gates = (self.into(maps) + shift).unflatten(1, (2, -1))
        gates = torch.stack([gates[:, 0], (gates[:, 1] + self.own(seen)).flip(3)])
        # (2, pixels by diagonal, n, 4 width)
        gates = gates.flatten(3).permute(0, 3, 1, 2)[:, self.order]
        states = torch.cat(self._states(gates.split(self.sizes, 1), height, columns), 1)
        states = states[:, self.back].unflatten(1, (height, columns))
        right, left = states.permute(0, 3, 4, 1, 2)
        return right + F.pad(left.flip(3)[:, :, :-1], (0, 0, 1, 0))

    def _states(self, gates, height, columns):
        """States (2, pixels, n, width) of each diagonal."""
        n, width = gates[0].shape[2], self.width
        # Of the last diagonal, by row behind a row of zeros.
        state = memory = gates[0].new_zeros(2, height + 1, n, width)
        states = []
        for number, own in enumerate(gates):
            low = max(0, number - columns + 1)
            high = low + own.shape[1]
            beside = state[:, low + 1 : high + 1]
            seen = torch.cat([beside, state[:, low:high]], 3).flatten(1, 2)
            own = own + torch.bmm(seen, self.weight).view_as(own)
            found = cell(own, memory[:, low + 1 : high + 1], 3)
            state, memory = (F.pad(t, (0, 0, 0, 0, low + 1, height - high)) for t in found)
            states.append(found[0])
        return states

    def walk(self, like, columns):
        """A walk over images of so many columns."""
        return DiagonalWalk(self, like, columns)


def diagonals(height, columns):
    """Numbers of the pixels by diagonal from the upper left, and pixels of each diagonal."""
    row = torch.arange(height).unsqueeze(1)
    diagonal = (row + torch.arange(columns)).flatten()
    return torch.argsort(diagonal, stable=True), torch.bincount(diagonal).tolist()


class DiagonalWalk(Walk):
    """States of a ``DiagonalLSTM``, pixel by pixel."""

    def __init__(self, layer, like, columns):
        super().__init__(layer, like, columns)
        self.memory = self.memory_beside = self.zero
        self.from_right = self.states

    def begin_row(self, seen, row, shift):
        """Let states from the right go through the row above; those from the left begin anew."""
        if row:
            self._through_row(seen[:, :, row - 1 : row], shift)
        self.above = self.states
        self._start_row(len(seen))
        self.memory = self.memory_beside = self.zero
        self.shift = shift.squeeze(2) if isinstance(shift, torch.Tensor) else shift

    def _through_row(self, seen, shift):
        gates = self.layer.into(torch.stack(self.inputs, 2).unsqueeze(2)).squeeze(2) + shift
        gates = gates.chunk(2, 1)[1] + self.layer.own(seen).squeeze(2)
        state = memory = torch.zeros_like(self.inputs[0])
        states = []
        for column in reversed(range(gates.shape[2])):
            seen = torch.cat([state, self.origin.of(self.from_right[column])], 1)
            own = gates[:, :, column] + seen @ self.layer.weight[1]
            state, memory = cell(own, memory, 1)
            states.insert(0, state)
        self.from_right = states

    def at_pixel(self, features, column):
        """State (n, width) at one pixel of features (n, width)."""
        if len(self.states) == column:
            self.memory_beside = self.memory
        for each in (self.inputs, self.states):
            del each[column:]
        self.inputs.append(features)
        beside = self.states[-1] if column else self.zero
        seen = torch.cat([beside, self.origin.of(self.above[column])], 1)
        gates = self.layer.into.at_pixel(features.unsqueeze(2))
        gates = (gates + self.shift)[:, : 4 * self.layer.width] + seen @ self.layer.weight[0]
        state, self.memory = cell(gates, self.memory_beside, 1)
        self.states.append(state)
        return state + self.origin.of(self.from_right[column])

    def take(self, rows):
        """Go on with copies of some of the images, by their numbers."""
        super().take(rows)
        self.memory, self.memory_beside = self.memory[rows], self.memory_beside[rows]
        if isinstance(self.shift, torch.Tensor):
            self.shift = self.shift[rows]
