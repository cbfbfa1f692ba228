"""What machines of images share: the pixels they see, and where their filters start."""

import math
from math import prod

import numpy as np
import torch

from skgen.base.data_range import looks_binary, robust_scales
from skgen.base.parameters import AUTO, FRACTION, NON_NEGATIVE, Parameters, one_of, param
from skgen.boltzmann.learning.state import draw_normal_, log_odds, n_parallel, new_chains
from skgen.boltzmann.visible import MEASURES, inspect_bits
from skgen.nets.boltzmann.convolutional.rbm import ConvolutionalRBM, GaussianConvolutionalRBM
from skgen.nets.conv import image_of

# Gray values are poor probabilities: few bits say which of them it was.
MOST_AT_ENDS = 0.75


class ImageMixin(Parameters):
    """Pixels of images that rows hold, and machines that see them.

    Parameters
    ----------
    image_shape : tuple or "auto", default="auto"
        ``(height, width)`` or ``(channels, height, width)`` of the images that the rows hold.
        "auto" is a square where n_features is one, otherwise a single row of pixels, along
        which the filters slide.
    visible : {"auto", "binary", "gaussian"}, default="auto"
        Units of the pixels. "auto" takes binary ones for data in [0, 1] of which more than
        three quarters are exactly 0 or 1 (ink on paper), otherwise Gaussian: of values between,
        taken for probabilities, little is learned.
    centered : bool, default=True
        Whether units are measured from the middle between data and model, one offset a channel
        and one a filter (Melchior, Fischer & Wiskott 2016).
    sparsity_target : float or None, default=0.03
        Mean activity of the hidden units toward which the bias of each filter is pulled; None
        leaves the biases to the likelihood.
    sparsity_cost : float, default=0.5
        Weight of that pull.
    """

    image_shape: tuple | str = param(tuple, AUTO, default="auto")
    visible: str = param(one_of("auto", "binary", "gaussian"), default="auto")
    centered: bool = param("boolean", default=True)
    sparsity_target: float | None = param(FRACTION, None, default=0.03)
    sparsity_cost: float = param(NON_NEGATIVE, default=0.5)

    _of_bits = 'visible="binary"', 'visible="gaussian"'
    _measured_buffers = r"\blog_noise_floor$"

    def _inspect(self, X, columns):
        self.image_shape_ = image_of(self.image_shape, columns.n_features)
        self.visible_, self._value_range = self.visible, None
        if self.visible == "auto":
            self.visible_ = "binary" if looks_binary(columns, MOST_AT_ENDS) else "gaussian"
        if self.visible_ == "binary":
            return inspect_bits(self, columns)
        mean, scale = robust_scales(columns)
        # One scale a channel: a filter sees the same contrast everywhere.
        squares = np.square(scale).reshape(self.image_shape_[0], -1).mean(axis=1)
        return mean, np.repeat(np.sqrt(squares), prod(self.image_shape_[1:]))

    def _measure(self, columns):
        MEASURES[self.visible_](self, columns)

    def _net_of_images(self, n_filters, filter_shape, pool_size):
        """The machine that sees the pixels, its filters zero."""
        shape = self.image_shape_, n_filters, filter_shape, pool_size
        if self.visible_ == "binary":
            net = ConvolutionalRBM(*shape)
            net.visible_bias.data.copy_(log_odds(self._means))
            return net
        floor = self._noise_floor.reshape(self.image_shape_[0], -1).mean(axis=1)
        return GaussianConvolutionalRBM(*shape, torch.from_numpy(np.log(floor)))


def start(estimator, net):
    """Draw the filters of a new machine; return the first states of its chains."""
    draw_normal_(net.weight, estimator.init_scale)
    # Even odds that a pooled unit is on.
    net.hidden_bias.data.fill_(-2 * math.log(net.pool_size))
    return new_chains(*n_parallel(estimator), prod(net.hidden_shape))
