"""The way up of a convolutional machine as a layer that backpropagation can go on with."""

import torch
from torch import nn

from skgen.nets.boltzmann.convolutional.blocks import pooled_means


class PooledLayer(nn.Module):
    """Probabilities of pooled units, (n, blocks), of rows (n, d); made from a machine's weights."""

    def __init__(self, net):
        super().__init__()
        self.image_shape, self.pool_size = net.image_shape, net.pool_size
        with torch.no_grad():
            self.weight = nn.Parameter(net.upward(net.weight).clone())
            self.bias = nn.Parameter(net.hidden_bias.clone())

    def forward(self, rows):
        """Probabilities of the pooled units given rows."""
        maps = nn.functional.conv2d(rows.view(-1, *self.image_shape), self.weight, self.bias)
        return pooled_means(maps, self.pool_size).flatten(1)
