"""Long short-term memory over the rows and the diagonals of an image (van den Oord et al. 2016a).

A layer takes maps of features (n, width, H, W), and the images (n, channels, H, W) as the network
sees them, to maps of states. Features know nothing of their own pixel; of rows that are over the
layers see the pixels themselves. ``walk(like, columns)`` goes pixel by pixel.
"""

import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.autoregressive.pixels.masks import AboveConv, RowConv


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


class RowWalk:
    """States of a ``RowLSTM``, pixel by pixel."""

    def __init__(self, layer, like, columns):
        self.layer = layer
        self.inputs = like.new_zeros(len(like), layer.width, layer.into.n_left + columns)
        self.state = like.new_zeros(len(like), layer.width, columns)
        self.memory = self.state

    def begin_row(self, seen, row, shift):
        """Let the states and the pixels of the row above act on a new one."""
        pixels = self.layer.above.at_row(seen, row).squeeze(2)
        self.across = self.layer.state(self.state) + pixels + shift
        self.above = self.memory
        self.state, self.memory = torch.zeros_like(self.state), torch.zeros_like(self.memory)

    def at_pixel(self, features, column):
        """State (n, width) at one pixel of features (n, width)."""
        left = self.layer.into.n_left
        self.inputs[:, :, left + column] = features
        gates = self.layer.into.at_pixel(self.inputs[:, :, column : column + left + 1])
        gates = gates + self.across[:, :, column]
        found = cell(gates, self.above[:, :, column], 1)
        self.state[:, :, column], self.memory[:, :, column] = found
        return found[0]


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


class DiagonalWalk:
    """States of a ``DiagonalLSTM``, pixel by pixel."""

    def __init__(self, layer, like, columns):
        self.layer, self.shift = layer, 0.0
        self.inputs = like.new_zeros(len(like), layer.width, columns)
        self.state = self.memory = self.from_right = torch.zeros_like(self.inputs)

    def begin_row(self, seen, row, shift):
        """Let states from the right go through the row above; those from the left begin anew."""
        if row:
            self._through_row(seen[:, :, row - 1 : row])
        self.shift, self.above = shift, self.state
        self.shift_here = shift.squeeze(2) if isinstance(shift, torch.Tensor) else shift
        self.state, self.memory = torch.zeros_like(self.state), torch.zeros_like(self.state)

    def _through_row(self, seen):
        gates = self.layer.into(self.inputs.unsqueeze(2)).squeeze(2) + self.shift
        gates = gates.chunk(2, 1)[1] + self.layer.own(seen).squeeze(2)
        states, width = torch.empty_like(self.from_right), self.layer.width
        state = memory = self.inputs.new_zeros(len(self.inputs), width)
        for column in reversed(range(gates.shape[2])):
            seen = torch.cat([state, self.from_right[:, :, column]], 1)
            own = gates[:, :, column] + seen @ self.layer.weight[1]
            state, memory = cell(own, memory, 1)
            states[:, :, column] = state
        self.from_right = states

    def at_pixel(self, features, column):
        """State (n, width) at one pixel of features (n, width)."""
        width = self.layer.width
        self.inputs[:, :, column] = features
        zero = torch.zeros_like(features)
        beside = self.state[:, :, column - 1] if column else zero
        memory = self.memory[:, :, column - 1] if column else zero
        seen = torch.cat([beside, self.above[:, :, column]], 1)
        gates = self.layer.into.at_pixel(features.unsqueeze(2))
        gates = (gates + self.shift_here)[:, : 4 * width] + seen @ self.layer.weight[0]
        found = cell(gates, memory, 1)
        self.state[:, :, column], self.memory[:, :, column] = found
        return found[0] + self.from_right[:, :, column]
