"""What models of images pixel by pixel share: parameters, training and verbs."""

import math
from abc import abstractmethod
from math import prod
from numbers import Real

import numpy as np
import torch
from sklearn.covariance import ledoit_wolf
from torch.nn import functional as F

from skgen.autoregressive.pixel_values import check_possible, learn_values, looked_at
from skgen.base.mixins import FeatureMixin
from skgen.base.parameters import AUTO, COUNT, Interval, one_of, param
from skgen.base.results.conditioned import ConditionedImputeMixin, ConditionedMixin
from skgen.base.torch_estimator import TorchEstimator
from skgen.base.training_parameters import TrainingParameters
from skgen.kernels.row_blocks import each_part
from skgen.nets.autoregressive.pixels.drawing import complete
from skgen.nets.autoregressive.pixels.filling import draws_of_particles, mean_of_particles
from skgen.nets.autoregressive.pixels.lookahead import Gaussian
from skgen.nets.averaging import AveragedNet
from skgen.nets.conditions import ConditionColumns, of_hidden_conditions
from skgen.nets.conv import image_of
from skgen.training import OwnDropout, Phase, Stage, adam, inference_device, torch_generator

# The average of the weights looks back about 1 / (1 - DECAY) updates.
DECAY = 0.998
N_VALUES = 2**23  # of the features of all layers that are held at once
N_IMPUTED = 64  # draws whose mean is that of a missing value
N_LOOKED_AT = 1000  # draws that tell the covariance of the pixels
LEAST_SPREAD = 0.02  # of the mean variance, what is added to that of each pixel
POOLED = 4  # rows and columns to which maps of features are pooled


class PixelModel(
    ConditionedMixin, ConditionedImputeMixin, FeatureMixin, TrainingParameters, TorchEstimator
):
    """Base of densities of images whose pixels are given one after the other.

    A subclass builds the network.

    Parameters
    ----------
    image_shape : tuple or "auto", default="auto"
        ``(height, width)`` or ``(channels, height, width)`` of the images that the rows hold.
        "auto" is a square where n_features is one, otherwise a single row of pixels.
    distribution : {"auto", "bernoulli", "categorical", "logistic"}, default="auto"
        Of a value given those before it. "auto" takes "bernoulli" for two values, "categorical" for
        up to 256 evenly spaced levels, otherwise "logistic": a mixture of logistic distributions,
        of which levels have the masses of their cells, and continuous values densities.
    channel_order : tuple of int or None, default=None
        Order in which the channels of a pixel are given; None takes that of the rows.
    n_mixture_components : int, default=5
        Logistic distributions in a mixture.
    dropout : float, default=0.15
        Fraction of the features left out in training.
    n_particles : int, default=300
        Most fillings of a row that are weighed at once, in ``impute`` and ``sample_conditional``,
        where known values follow missing ones; where more draws are asked for, as many as these.
    early_stopping : bool, default=True
        Whether to hold out rows, stop when their loss no longer falls, and keep the best weights.
        It waits for ``n_iter_no_change`` epochs, and for 500 updates at least.
    max_iter : int or "auto", default="auto"
        Epochs; "auto" takes as many as make 1 500 updates.

    Attributes
    ----------
    image_shape_ : tuple
        ``(channels, height, width)`` of the images in use.
    distribution_ : {"bernoulli", "categorical", "logistic"}
        The distribution in use.
    n_levels_ : int
        Levels of the pixels; 0 of continuous ones.
    classes_ : ndarray of shape (n_classes,)
        With ``conditional``, where ``y`` is one column of classes: they.
    likelihood_kind_ : str
        "exact": ``score_samples`` is the log-probability of each image, in nats.
    measure_ : {"counting", "lebesgue"}
        What the scores are relative to: "counting" where pixels have levels, "lebesgue" where they
        are continuous, with a log-density in the units of X.
    """

    likelihood_kind_ = "exact"
    _has_impossible_rows = True
    measure_ = property(lambda self: self._values.measure)
    _n_updates = 1500
    _least_patience = 500
    _shape_parameters = (
        "image_shape",
        "distribution",
        "channel_order",
        "n_mixture_components",
        "dropout",
        "conditional",
        "condition_encoder",
    )

    image_shape: tuple | str = param(tuple, AUTO, default="auto")
    distribution: str = param(
        one_of("auto", "bernoulli", "categorical", "logistic"), default="auto"
    )
    channel_order: object = param("array-like", None, default=None)
    n_mixture_components: int = param(COUNT, default=5)
    dropout: float = param(Interval(Real, 0, 1, closed="left"), default=0.15)
    n_particles: int = param(COUNT, default=300)
    early_stopping: bool = param(default=True)
    n_iter_no_change: int = param(default=10)
    max_iter: int | str = param(COUNT, AUTO, default="auto")
    batch_size: int | str = param(default=32)
    learning_rate: float = param(default=5e-3)

    @abstractmethod
    def _net(self, **how):
        """The network, from what all networks of pixels take."""

    def _inspect(self, X, columns):
        self.image_shape_ = image_of(self.image_shape, columns.n_features)
        self._order = order_of(self.channel_order, self.image_shape_[0])
        self._values = learn_values(columns, self.distribution)
        first = self._values.first_outputs(*looked_at(columns), self.n_mixture_components)
        self._first = first.reshape(-1, *self.image_shape_).swapaxes(0, 1)
        return self._values.center, self._values.scale

    def _targets(self, X, y, weight, resume, **about_targets):
        # Outputs of categories are numbered by the levels of the first fit.
        possible = (self._values.is_possible(part.astype(np.float64)) for part in each_part(X))
        if resume and not all(part.all() for part in possible):
            raise ValueError(
                f"X has values that are none of the levels from {self._values.low:g} to "
                f"{self._values.high:g} by {self._values.step:g} of the earlier fit; start anew by "
                "fit with warm_start=False, with rows that have all levels."
            )
        return super()._targets(X, y, weight, resume, **about_targets)

    def _build(self, n_features):
        columns = None
        if self.conditional:
            columns = ConditionColumns(n_features, self._conditions.widths)
        net = self._net(
            columns=columns,
            image_shape=self.image_shape_,
            values=self._values.module(self.n_mixture_components),
            first_outputs=self._first,
            order=self._order,
            dropout=lambda: OwnDropout(self.dropout),
        )
        return AveragedNet(net)

    def _stages(self, module):
        net, averaged_net = module.net, module.averaged_net
        decayed = [p for p in net.parameters() if p.ndim > 1 and p is not net.place]
        others = [p for p in net.parameters() if p.ndim == 1 or p is net.place]
        groups = [
            {"params": decayed, "weight_decay": self.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]
        phase = Phase(
            "negative_log_likelihood",
            of_hidden_conditions(net.columns, loss_of(net)) if self.conditional else loss_of(net),
            adam(groups, self.learning_rate),
            after=module.averager(DECAY),
        )
        return [Stage([phase], monitor=loss_of(averaged_net))]

    @property
    def distribution_(self):
        """Name of the distribution in use."""
        names = {"bits": "bernoulli", "levels": "categorical"}
        return names.get(self._values.kind, "logistic")

    @property
    def n_levels_(self):
        """Levels of the pixels."""
        return self._values.n_levels

    @property
    def _pooled_shape(self):
        return tuple(min(POOLED, side) for side in self.image_shape_[1:])

    @property
    def _n_features_out(self):
        return self.module_.averaged_net.width * prod(self._pooled_shape)

    def _apply(self, function, X, n_walks=None, **how):
        """``function(net, images, code)`` of the averaged network over blocks of rows.

        Of ``n_walks`` images of each that are made pixel by pixel, a row of pixels is held at once.
        """
        net = self.module_.averaged_net
        block = N_VALUES // (len(net.layers) * self._row_size)
        if n_walks is not None:
            n_held = n_walks * len(net.layers) * self._row_size // self.image_shape_[1]
            block = N_VALUES // n_held
        return super()._apply(
            lambda module, x: function(module.averaged_net, *module.averaged_net.parts(x)),
            X,
            block=max(1, block),
            **how,
        )

    @property
    def _row_size(self):
        """Features of an image in one layer."""
        net = self.module_.averaged_net
        widest = max(4 * net.width, net.values.n_outputs * self.image_shape_[0])
        return prod(self.image_shape_[1:]) * widest

    def _encode(self, X):
        shape = self._pooled_shape

        def pooled(net, x, code):
            return F.adaptive_avg_pool2d(net.hidden(net.values.seen(x), code), shape).flatten(1)

        return self._apply(pooled, self._standardize(X))

    def _score_given(self, X, code):
        possible = self._values.is_possible(X)
        check_possible(possible)
        X = np.where(possible, X, self._values.low)
        scores = self._apply(
            lambda net, x, code: net(x, code).double().sum((1, 2, 3)), self._conditioned(X, code)
        )
        if not self._values.step:
            # Densities of standardized pixels, in units of X.
            scores = scores - X.shape[1] * math.log(self._values.scale)
        return np.where(possible.all(axis=1), scores, -np.inf)

    def _sample_given(self, n_samples, rng, code):
        empty = np.full((n_samples, self.n_features_in_), np.nan, dtype=self._built_for["dtype"])
        return self._drawn_in(empty, rng, code)

    def _sample_conditional(self, X, n_draws, rng, code=None):
        enclosed = self._is_enclosed(X)
        rest = ~enclosed
        draws = np.tile(X, (n_draws, 1, 1))
        if rest.any():
            own = None if code is None else np.tile(code[rest], (n_draws, 1))
            drawn = self._drawn_in(np.tile(X[rest], (n_draws, 1)), rng, own)
            draws[:, rest] = drawn.reshape(n_draws, -1, X.shape[1])
        if enclosed.any():
            own = None if code is None else code[enclosed]
            drawn = self._drawn_from_particles(X[enclosed], n_draws, rng, own)
            draws[:, enclosed] = drawn.swapaxes(0, 1)
        return draws

    def _in_raster_order(self, rows):
        """Rows with their values in the order of the factors."""
        images = rows.reshape(-1, *self.image_shape_)[:, self._order]
        return np.moveaxis(images, 1, 3).reshape(rows.shape)

    def _is_enclosed(self, X):
        """Rows with something that is known behind something that is missing."""
        missing = self._in_raster_order(np.isnan(X))
        return (np.maximum.accumulate(missing, axis=1) & ~missing).any(axis=1)

    def _drawn_in(self, X, rng, code):
        """Rows with what is NaN drawn, given what comes before it."""
        generator = torch_generator(rng, inference_device(self.device))

        def completed(net, x, code):
            return net.rows(complete(net, x, code, torch.isnan(x), generator))

        return self._observed_in(X, self._apply(completed, self._as_images(X, code), n_walks=1))

    def _as_images(self, X, code):
        """Rows in the units of the networks, with what has no probability at the nearest level."""
        return self._conditioned(self._values.nearest(X), code).astype(np.float32)

    def _observed_in(self, X, draws):
        """Draws (n, ..., n_features) in units of X, where what was observed keeps its digits."""
        draws = self._unstandardize(draws, np.float64)
        draws = self._values.snapped(draws).astype(X.dtype)
        X = X.reshape(len(X), *[1] * (draws.ndim - 2), -1)
        return np.where(np.isnan(X), draws, X)

    def _drawn_from_particles(self, X, n_draws, rng, code):
        n_particles = max(self.n_particles, n_draws)
        generator = torch_generator(rng, inference_device(self.device))
        gaussian = self._gaussian()

        def drawn(net, x, code):
            how = x, code, torch.isnan(x), n_particles, gaussian
            return draws_of_particles(net, n_draws, generator, *how)

        rows = self._as_images(X, code)
        return self._observed_in(X, self._apply(drawn, rows, n_walks=n_particles))

    def _mean_of_particles(self, X, code):
        generator = torch_generator(np.random.RandomState(0), inference_device(self.device))
        gaussian = self._gaussian()

        def mean(net, x, code):
            how = x, code, torch.isnan(x), self.n_particles, gaussian, generator
            return mean_of_particles(net, *how)

        means = self._apply(mean, self._as_images(X, code), n_walks=self.n_particles)
        return self._unstandardize(means, np.float64)

    def _gaussian(self):
        """A Gaussian that stands for the model in looking ahead, by draws from it."""
        draws = self._sample_given(N_LOOKED_AT, np.random.RandomState(0), None)
        rows = self._in_raster_order(self._standardize(draws)).astype(np.float64)
        covariance, _ = ledoit_wolf(rows)
        spread = np.trace(covariance) / len(covariance) or 1.0
        covariance.flat[:: len(covariance) + 1] += LEAST_SPREAD * spread
        device = inference_device(self.device)
        mean, precision = (
            torch.as_tensor(t).to(device) for t in (rows.mean(axis=0), np.linalg.inv(covariance))
        )
        return Gaussian(mean, precision)

    def _impute(self, X, code=None):
        missing, enclosed = np.isnan(X), self._is_enclosed(X)
        filled = np.array(X)
        for rows, mean in (
            (enclosed, self._mean_of_particles),
            (missing.any(axis=1) & ~enclosed, self._mean_of_draws),
        ):
            if rows.any():
                means = mean(X[rows], None if code is None else code[rows])
                filled[rows] = np.where(missing[rows], means, X[rows])
        return filled

    def _mean_of_draws(self, X, code):
        return self._sample_conditional(X, N_IMPUTED, np.random.RandomState(0), code).mean(axis=0)


def order_of(channel_order, n_channels):
    """The channels in the order in which they are given."""
    if channel_order is None:
        return list(range(n_channels))
    order = np.asarray(channel_order)
    if sorted(order.ravel().tolist()) != list(range(n_channels)):
        raise ValueError(
            f"channel_order={order.tolist()} does not name each of the {n_channels} channels of "
            f"image_shape once; give an order of the numbers 0 to {n_channels - 1}."
        )
    return order.astype(int).tolist()


def odd(estimator, name):
    """Size of a convolution by the name of its parameter; even ones have no center."""
    size = getattr(estimator, name)
    if size % 2 == 0:
        raise ValueError(f"{name}={size} is even and has no pixel in the middle; use {size + 1}.")
    return size


def whole_groups(width, n_groups):
    """A width, or the next one that so many equal groups make up."""
    return -(-width // n_groups) * n_groups


def loss_of(net):
    """``loss(batch, generator)``: minus the mean log-probability of the rows."""

    def loss(batch, generator):
        return -net(*net.parts(batch)).sum((1, 2, 3)).mean()

    return loss
