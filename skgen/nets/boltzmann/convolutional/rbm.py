"""Restricted Boltzmann machines whose hidden units are filters at every place of an image."""

import math
from math import prod

import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.boltzmann.convolutional import blocks
from skgen.nets.boltzmann.rbm import draw_bits
from skgen.nets.conv import full_shape
from skgen.workers import workers

LOG_2PI = math.log(2 * math.pi)
# The variances' share of the learning rate: what the noise is matters less than the weights.
NOISE_RATE = 10.0


class ConvolutionalHidden(nn.Module):
    """Filters (n_filters, channels, height, width), one bias each, and blocks of pooled units.

    Images are rows (..., d) and hidden units rows (..., k), both flat in the order of channels or
    filters, rows and columns of the image. A filter sees the places at which it lies within it.
    Of the units of a filter in a block of ``pool_size`` x ``pool_size`` at most one is on.
    """

    n_classes = 0

    def __init__(self, image_shape, n_filters, filter_shape, pool_size):
        super().__init__()
        self.image_shape, self.pool_size = full_shape(image_shape), pool_size
        n_channels, height, width = self.image_shape
        self.map_shape = height - filter_shape[0] + 1, width - filter_shape[1] + 1
        zeros = torch.zeros(n_filters, n_channels, *filter_shape, dtype=torch.float32)
        self.weight = nn.Parameter(zeros)
        self.visible_bias = nn.Parameter(torch.zeros(prod(self.image_shape), dtype=torch.float32))
        self.hidden_bias = nn.Parameter(torch.zeros(n_filters, dtype=torch.float32))

    @property
    def hidden_shape(self):
        """Filters, and the rows and columns of places."""
        return len(self.hidden_bias), *self.map_shape

    @property
    def pooled_shape(self):
        """Filters, and the rows and columns of blocks."""
        return len(self.hidden_bias), *(blocks.n_blocks(n, self.pool_size) for n in self.map_shape)

    @property
    def n_seen(self):
        """Places that a filter sees at once; the more, the more filters share what a pixel gets."""
        return prod(self.weight.shape[2:])

    def block_sizes(self):
        """Units of each block of a filter, (rows, columns)."""
        ones = torch.ones(1, 1, *self.map_shape)
        return F.avg_pool2d(ones, self.pool_size, ceil_mode=True, divisor_override=1)[0, 0]

    def up(self, v):
        """Sums of images v (..., d) under each filter at each place, without biases, (..., k)."""
        images, weight = v.reshape(-1, *self.image_shape), self.upward(self.weight)
        return F.conv2d(images, weight).reshape(*v.shape[:-1], -1)

    def down(self, h):
        """Sum of the filters at the places where units h (..., k) are on, (..., d)."""
        maps = h.reshape(-1, *self.hidden_shape)
        return F.conv_transpose2d(maps, self.weight).reshape(*h.shape[:-1], -1)

    def mean_product(self, h, v):
        """Sum over rows of h (n, k) times what each place of v (n, d) holds, as filters."""
        images, maps = v.view(-1, *self.image_shape), h.view(-1, *self.hidden_shape)
        # Rows and channels change places, so that a map is the kernel: torch's own gradient of
        # the weights takes three times as long.
        return F.conv2d(images.transpose(0, 1), maps.transpose(0, 1)).transpose(0, 1)

    def hidden_input(self, v):
        """Log-odds of each unit against the empty block, given visible rows v, shape (..., k)."""
        maps = self.up(v).unflatten(-1, (len(self.hidden_bias), -1))
        return (maps + self.hidden_bias.unsqueeze(-1)).flatten(-2)

    def hidden_mean(self, inputs):
        """P(h = 1 | v) from the inputs of the units, (..., k)."""
        return blocks.unit_means(self._maps(inputs), self.pool_size).flatten(-3)

    def draw_hidden(self, inputs, generator):
        """Draw h from the inputs of its units, (..., k)."""
        return blocks.draw_blocks(self._maps(inputs), self.pool_size, generator).flatten(-3)

    def draw_hidden_within(self, inputs, pooled, generator):
        """Draw h from the inputs of its units and from pooled units, bits (..., blocks)."""
        maps = pooled.unflatten(-1, self.pooled_shape)
        return blocks.draw_within(self._maps(inputs), maps, self.pool_size, generator).flatten(-3)

    def log_sum_hidden(self, inputs):
        """Log of the sum over h of exp(h inputs), in parts whose sum it is, one a block."""
        return blocks.log_sum_blocks(self._maps(inputs), self.pool_size).flatten(-3)

    def pooled_mean(self, v):
        """Probability that some unit of each block is on given rows v, (..., blocks)."""
        return blocks.pooled_means(self._maps(self.hidden_input(v)), self.pool_size).flatten(-3)

    def spread(self, pooled):
        """Means of the units (..., k) that share what pooled units (..., blocks) have, evenly."""
        maps = pooled.unflatten(-1, self.pooled_shape) / self.block_sizes().to(pooled)
        return blocks.spread(maps, self.pool_size, self.map_shape).flatten(-3)

    def free_energy(self, v):
        """-log sum_h exp(-E(v, h)) in nats, shape (...)."""
        return self.visible_energy(v) - self.log_sum_hidden(self.hidden_input(v)).sum(-1)

    def _maps(self, inputs):
        return inputs.unflatten(-1, self.hidden_shape)


class ConvolutionalRBM(ConvolutionalHidden):
    """Binary visible units: E(v, h) = -v b - sum h_kp c_k - sum h_kp W_k v_p, v_p what k sees at p.

    A machine of Lee, Grosse, Ranganath & Ng (2009), with a bias a pixel instead of one for all.
    """

    watched = "minus_pseudo_likelihood"

    def automatic_learning_rate(self, highest):
        """What learning_rate="auto" stands for."""
        rate = min(highest, 6.4 / len(self.hidden_bias) ** 0.75)
        return rate * min(1.0, 81 / self.n_seen)

    def project(self):
        """Every value of the parameters is allowed."""

    def upward(self, weight):
        """Filters as they act on the way up."""
        return weight

    def visible_input(self, h):
        """Log-odds of the visible units given hidden rows h (..., k), shape (..., d)."""
        return self.down(h) + self.visible_bias

    def visible_mean(self, h):
        """E[v | h], shape (..., d)."""
        return torch.sigmoid(self.visible_input(h))

    def draw_visible(self, h, generator):
        """Draw v given hidden rows h."""
        return draw_bits(self.visible_input(h), generator)

    def log_sum_visible(self, h):
        """Log of the sum over v of exp(-E(v, h)) without the biases of h, shape (...)."""
        return F.softplus(self.visible_input(h), threshold=40).sum(-1)

    def visible_energy(self, v):
        """Energy of the visible units alone, shape (...)."""
        return -(v @ self.visible_bias)

    def put_noise_gradient(self, data, model):
        """There is no noise to learn."""

    def loss_to_watch(self, v, generator):
        """Minus the pseudo-likelihood by one pixel a row, mean in nats."""
        how = {"generator": generator, "device": generator.device}
        pixels = torch.randint(v.shape[1], (len(v), 1), **how)
        flipped = v.scatter(1, pixels, 1 - v.gather(1, pixels))
        return v.shape[1] * F.softplus(self.free_energy(v) - self.free_energy(flipped)).mean()


class GaussianConvolutionalRBM(ConvolutionalHidden):
    """Real-valued visible units with a noise variance s a channel, learned as its logarithm.

    E(v, h) = sum (v - b)^2 / (2 s) - sum h_kp c_k - sum h_kp W_k v_p / s. The variances stay
    between ``log_noise_floor`` and 0, the variance of standardized pixels.
    """

    watched = "squared_error"

    def __init__(self, image_shape, n_filters, filter_shape, pool_size, log_noise_floor):
        super().__init__(image_shape, n_filters, filter_shape, pool_size)
        self.log_noise = nn.Parameter(torch.zeros(self.image_shape[0], dtype=torch.float32))
        self.register_buffer("log_noise_floor", log_noise_floor.float(), persistent=False)

    def automatic_learning_rate(self, highest):
        """What learning_rate="auto" stands for."""
        rate = min(highest, 0.1, float(torch.exp(self.log_noise.detach()).mean()) / 2)
        return rate * min(1.0, 16 / self.n_seen) * min(1.0, 6 / math.sqrt(prod(self.map_shape)))

    @torch.no_grad()
    def project(self):
        """Keep the variances where they can be."""
        self.log_noise.clamp_(self.log_noise_floor, torch.zeros_like(self.log_noise_floor))

    @property
    def log_variance(self):
        """Log of the noise variance of each pixel, (d,)."""
        return self.log_noise.repeat_interleave(prod(self.image_shape[1:]))

    def upward(self, weight):
        """Filters as they act on the way up."""
        return weight * torch.exp(-self.log_noise).view(-1, 1, 1)

    def visible_mean(self, h):
        """E[v | h], shape (..., d)."""
        return self.down(h) + self.visible_bias

    def draw_visible(self, h, generator):
        """Draw v given hidden rows h."""
        mean = self.visible_mean(h)
        noise = torch.randn(mean.shape, generator=generator, device=h.device, dtype=h.dtype)
        return torch.addcmul(mean, noise, torch.exp(0.5 * self.log_variance))

    def log_sum_visible(self, h):
        """Log of the integral over v of exp(-E(v, h)) without the biases of h, shape (...)."""
        shift, b, log_variance = self.down(h), self.visible_bias, self.log_variance
        exponent = (shift * b + 0.5 * shift.square()) * torch.exp(-log_variance)
        return exponent.sum(-1) + 0.5 * (log_variance + LOG_2PI).sum()

    def visible_energy(self, v):
        """Energy of the visible units alone, shape (...)."""
        return 0.5 * ((v - self.visible_bias).square() * torch.exp(-self.log_variance)).sum(-1)

    def put_noise_gradient(self, data, model):
        """Leave the gradient of the log-variances, of the mean over the pixels of a channel."""
        rate = (NOISE_RATE * torch.exp(self.log_noise)).clamp(max=1.0)
        of_chains = workers().relative_weight(len(model[0]), len(data[0]))
        pull = of_chains * self._pull_of_noise(*model) - self._pull_of_noise(*data)
        self.log_noise.grad.copy_(pull * rate * torch.exp(-self.log_noise))

    def _pull_of_noise(self, v, h):
        """Derivative of the mean log-density by the log-variances, times the variances."""
        pull = 0.5 * (v - self.visible_bias).square() - self.down(h) * v
        return pull.view(len(v), self.image_shape[0], -1).mean((0, 2))

    def loss_to_watch(self, v, generator):
        """Mean squared error of E[v | E[h | v]]."""
        reconstruction = self.visible_mean(self.hidden_mean(self.hidden_input(v)))
        return (v - reconstruction).square().mean()
