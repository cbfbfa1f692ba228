"""Small convolutional machines with known truth, for the tests of this folder."""

import math

import torch

from skgen.nets.boltzmann.convolutional.rbm import ConvolutionalRBM, GaussianConvolutionalRBM

FLOOR = math.log(1e-4)


def random_machine(image_shape=(4, 4), n_filters=2, filter_shape=(3, 3), pool_size=2, **how):
    """A machine with weights and biases from N(0, scale^2), in float64 unless ``double=False``."""
    gaussian, scale = how.get("gaussian", False), how.get("scale", 0.7)
    shape = image_shape, n_filters, filter_shape, pool_size
    if gaussian:
        n_channels = 1 if len(image_shape) == 2 else image_shape[0]
        net = GaussianConvolutionalRBM(*shape, torch.full((n_channels,), FLOOR))
    else:
        net = ConvolutionalRBM(*shape)
    generator = torch.Generator().manual_seed(how.get("seed", 0))
    net.requires_grad_(False)
    for parameter in net.parameters():
        parameter.normal_(0, scale, generator=generator)
    if gaussian:
        net.log_noise.copy_(-net.log_noise.abs())
    return net.double() if how.get("double", True) else net


def images(d):
    """Every binary image of d pixels, (2^d, d) float64."""
    return ((torch.arange(2**d).unsqueeze(1) >> torch.arange(d)) & 1).double()


def dense_weights(net):
    """The filters as weights of every hidden unit, (k, d), built place by place."""
    n_filters, rows, columns = net.hidden_shape
    height, width = net.weight.shape[2:]
    dense = torch.zeros(*net.hidden_shape, *net.image_shape, dtype=net.weight.dtype)
    for row in range(rows):
        for column in range(columns):
            place = slice(row, row + height), slice(column, column + width)
            dense[:, row, column, :, place[0], place[1]] = net.weight
    return dense.view(n_filters * rows * columns, -1)


def hidden_states(net):
    """Every allowed state of the hidden units, (n, k) float64, by filtering all bits."""
    n_filters, rows, columns = net.hidden_shape
    states = images(n_filters * rows * columns)
    maps, size = states.view(-1, n_filters, rows, columns), net.pool_size
    allowed = torch.ones(len(states), dtype=torch.bool)
    for row in range(0, rows, size):
        for column in range(0, columns, size):
            block = maps[:, :, row : row + size, column : column + size]
            allowed &= (block.sum((2, 3)) <= 1).all(1)
    return states[allowed]


def joint_table(net):
    """-E(v, h) of all images and allowed hidden states, (2^d, n) float64."""
    V, H = images(len(net.visible_bias)), hidden_states(net)
    c = net.hidden_bias.repeat_interleave(H.shape[1] // len(net.hidden_bias))
    return V @ dense_weights(net).T @ H.T + (V @ net.visible_bias)[:, None] + (H @ c)[None]
