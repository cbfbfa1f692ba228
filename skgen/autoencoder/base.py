"""What the deterministic autoencoders share: networks, loss, codes, reconstruction error."""

import copy
from abc import abstractmethod

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from skgen.autoencoder.parameters import CODER_ARCHITECTURE, CoderParameters
from skgen.base.data_range import common_scale, looks_binary, warn_outside_unit_interval
from skgen.base.mixins import LatentMixin, ScoreMixin
from skgen.base.parameters import one_of, param
from skgen.base.torch_estimator import TorchEstimator
from skgen.base.training_parameters import TrainingParameters
from skgen.nets.autoencoder.bounded import Bounded
from skgen.nets.coder import build_decoder, build_encoder, tied_decoder
from skgen.training import Phase, Stage, adam


def squared_error(x, out):
    """Squared error of each row."""
    return (x - out).square().sum(-1)


def cross_entropy(x, out):
    """Bernoulli cross-entropy of each row, ``out`` in log-odds, nats."""
    return F.binary_cross_entropy_with_logits(out, x, reduction="none").sum(-1)


ERRORS = {"squared_error": squared_error, "cross_entropy": cross_entropy}
MEANS = {"squared_error": nn.Identity(), "cross_entropy": nn.Sigmoid()}


class BaseAutoencoder(LatentMixin, ScoreMixin, CoderParameters, TrainingParameters, TorchEstimator):
    """Encoder, decoder and a reconstruction loss; a subclass says what is minimized.

    Parameters
    ----------
    loss : {"auto", "squared_error", "cross_entropy"}, default="auto"
        "auto" takes the cross-entropy for data in [0, 1] of which more than a quarter are
        exactly 0 or 1 (binary data, gray images), otherwise the squared error.

    Attributes
    ----------
    loss_ : str
        The loss in use.
    likelihood_kind_ : str
        "error": ``score_samples`` is minus the loss of each row, not a density.
    """

    loss: str = param(one_of("auto", "squared_error", "cross_entropy"), default="auto")

    likelihood_kind_ = "error"
    measure_ = None
    # Only Autoencoder makes parameters of these.
    tied_weights = False
    bounded = False
    _architecture = (*CODER_ARCHITECTURE, "loss")

    @property
    @abstractmethod
    def _code_activation(self):
        """Name of the activation of the code layer."""

    @abstractmethod
    def _objective(self, module):
        """Return ``loss(batch, generator)`` of the networks in ``module``."""

    def _inspect(self, X):
        binary = looks_binary(X)
        self.loss_ = self.loss
        if self.loss == "auto":
            self.loss_ = "cross_entropy" if binary else "squared_error"
        center, scale = 0.0, 1.0
        if self.loss_ == "squared_error":
            center, scale = common_scale(X)
        else:
            warn_outside_unit_interval(X, 'loss="cross_entropy"', 'loss="squared_error"')
        self._range = (X.min(axis=0) - center) / scale, (X.max(axis=0) - center) / scale
        return center, scale

    def _build(self, n_features):
        shape = {
            "hidden": tuple(self.hidden_layer_sizes),
            "activation": self.activation,
            "image_shape": self.image_shape,
        }
        encoder = build_encoder(
            n_features,
            self.n_components,
            factory=self.encoder,
            final=self._code_activation,
            **shape,
        )
        if self.tied_weights:
            decoder = tied_decoder(encoder, self.activation)
        else:
            decoder = build_decoder(self.n_components, n_features, factory=self.decoder, **shape)
        if self.bounded and self.loss_ == "squared_error":
            limits = [torch.tensor(limit, dtype=torch.float32) for limit in self._range]
            decoder = nn.Sequential(decoder, Bounded(*limits))
        return nn.ModuleDict({"encoder": encoder, "decoder": decoder})

    def _stages(self, module):
        optimizer = adam(module.parameters(), self.learning_rate, weight_decay=self.weight_decay)
        return [Stage([Phase("reconstruction", self._objective(module), optimizer)])]

    def _reconstruction(self, x, out):
        """Mean error of a batch: a fraction of the total variance, or nats a feature."""
        return ERRORS[self.loss_](x, out).mean() / x.shape[-1]

    @property
    def _n_features_out(self):
        return self._at_fit("n_components")

    def _encoder_module(self, module):
        """A copy of the encoder."""
        return copy.deepcopy(module["encoder"])

    def _encode(self, X):
        return self._apply(lambda net, x: net["encoder"](x), self._standardize(X))

    def _decode(self, Z):
        mean = MEANS[self.loss_]
        return self._unstandardize(self._apply(lambda net, z: mean(net["decoder"](z)), Z))

    def _score_rows(self, X):
        error = ERRORS[self.loss_]

        def row_errors(net, x):
            return error(x, net["decoder"](net["encoder"](x))).double()

        return -(self._scale**2) * self._apply(row_errors, self._standardize(X))

    def _some_rows(self, X, n_rows):
        """At most ``n_rows`` rows of X, evenly spaced, as a float array."""
        stride = -(-len(X) // n_rows)
        return np.asarray(X[::stride], dtype=np.float32)
