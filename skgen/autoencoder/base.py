"""What the deterministic autoencoders share: networks, loss, codes, reconstruction error."""

import copy
from abc import abstractmethod

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from torch import nn
from torch.nn import functional as F

from skgen.autoencoder.learning.reconstruction_gradient import reconstruction_passes
from skgen.autoencoder.parameters import CODER_ARCHITECTURE, CoderParameters
from skgen.autoencoder.training_length import EPOCHS, chosen_epochs
from skgen.base.data_range import common_scale, looks_binary, range_of_bits, robust_scales
from skgen.base.mixins import ScoreMixin
from skgen.base.parameters import AUTO, COUNT, one_of, param
from skgen.base.results.layers import LayerLatentMixin
from skgen.base.torch_estimator import TorchEstimator
from skgen.base.training_parameters import TrainingParameters
from skgen.base.warn import warn
from skgen.kernels.two_sample.distances import evenly_spaced
from skgen.nets.autoencoder.bounded import Bounded
from skgen.nets.coder import build_decoder, build_encoder, tied_decoder
from skgen.nets.layers import activations, resume
from skgen.training import Phase, Stage, adam


def squared_error(x, out):
    """Squared error of each row."""
    return (x - out).square().sum(-1)


def cross_entropy(x, out):
    """Bernoulli cross-entropy of each row, ``out`` in log-odds, nats."""
    return F.binary_cross_entropy_with_logits(out, x, reduction="none").sum(-1)


# Columns with the same range, such as pixels, so have nearly the same scale.
SPAN = 4
# Next to the error of a guess without a model, that of a fit that has failed.
WORSE = 2.0
N_REVIEWED = 1000
ERRORS = {"squared_error": squared_error, "cross_entropy": cross_entropy}
MEANS = {"squared_error": nn.Identity(), "cross_entropy": nn.Sigmoid()}


class BaseReconstruction(LayerLatentMixin, ScoreMixin, TrainingParameters, TorchEstimator):
    """Encoder, decoder and a reconstruction loss; a subclass builds the networks.

    Parameters
    ----------
    loss : {"auto", "squared_error", "cross_entropy"}, default="auto"
        "auto" takes the cross-entropy for data in [0, 1] of which more than a quarter are
        exactly 0 or 1 (binary data, gray images), otherwise the squared error.
    scale_columns : bool, default=True
        Whether the squared error of each column is measured in units of its own scale: its
        standard deviation or, if more, a quarter of its range, so that rare values do not
        weigh all. Otherwise all columns have one unit, and those of large numbers decide.
    tied_weights : bool, default=False
        Whether the decoder uses the encoder's weights transposed; dense encoders only.
    max_iter : int or "auto", default="auto"
        Epochs; "auto" is 100, but with the cross-entropy and fewer than 2 000 rows as many as a
        first fit, which holds out a fifth of the rows, finds to be best for those, if these are
        fewer.

    Attributes
    ----------
    loss_ : str
        The loss in use.
    likelihood_kind_ : str
        "error": ``score_samples`` is minus the loss of each row, not a density.
    """

    loss: str = param(one_of("auto", "squared_error", "cross_entropy"), default="auto")
    scale_columns: bool = param("boolean", default=True)
    tied_weights: bool = param("boolean", default=False)
    max_iter: int | str = param(COUNT, AUTO, default="auto")

    # Epochs that max_iter="auto" stands for.
    _enough_epochs = EPOCHS
    likelihood_kind_ = "error"
    measure_ = None
    _of_bits = 'loss="cross_entropy"', 'loss="squared_error"'

    @abstractmethod
    def _objective(self, module):
        """Return ``loss(batch, generator)`` of the networks in ``module``."""

    def _gradient(self, passes, module):
        """``gradient(batch, generator)`` of the objective by formulas, where there are some."""
        return None

    def _choose_length(self, columns):
        of_bits = self.loss_ == "cross_entropy"
        self._enough_epochs = chosen_epochs(self, columns) if of_bits else EPOCHS

    def _stages(self, module):
        optimizer = adam(module.parameters(), self.learning_rate, weight_decay=self.weight_decay)
        objective = self._objective(module)
        passes = reconstruction_passes(module["encoder"], module["decoder"], self.loss_)
        gradient = passes and self._gradient(passes, module)
        phase = Phase("reconstruction", objective, optimizer, gradient=gradient)
        return [Stage([phase], max_iter=self._enough_epochs if self.max_iter == "auto" else None)]

    def _review(self, X):
        rows = torch.from_numpy(self._standardize(self._some_rows(X, N_REVIEWED)))
        # Next to the mean of the rows, or the toss of a coin for each bit.
        guess = rows.mean(0) if self.loss_ == "squared_error" else torch.zeros_like(rows[0])
        of_guess = float(ERRORS[self.loss_](rows, guess.expand_as(rows)).mean())
        net = self.module_
        error = float(ERRORS[self.loss_](rows, net["decoder"](net["encoder"](rows))).mean())
        # Rows that are all alike are their own mean.
        if of_guess > 1e-6 and not error <= WORSE * of_guess:
            warn(
                f"The fit rebuilds rows with {error / of_guess:.3g} times the error of a guess: "
                "it diverged, or was stopped too early. Lower learning_rate, or raise max_iter.",
                ConvergenceWarning,
            )

    def _reconstruction(self, x, out):
        """Mean error of a batch: in units of the squared scales, or nats a feature."""
        return ERRORS[self.loss_](x, out).mean() / x.shape[-1]

    def _encoder_module(self, module):
        """A copy of the encoder."""
        return copy.deepcopy(module["encoder"])

    def _activations(self, module, x):
        return activations(module["encoder"], x)

    def _decode_layer(self, Z, number):
        mean, n_features = MEANS[self.loss_], self._built_for["n_features"]

        def rebuilt(net, z):
            return mean(net["decoder"](resume(net["encoder"], z, number, n_features)))

        return self._unstandardize(self._apply(rebuilt, Z))

    def _score_rows(self, X):
        error, largest = ERRORS[self.loss_], float(np.max(self._scale))
        relative = np.asarray(self._scale / largest, dtype=X.dtype)

        def row_errors(net, x):
            scale = torch.as_tensor(relative).to(x)
            return error(scale * x, scale * net["decoder"](net["encoder"](x)))

        return -(largest**2) * self._apply(row_errors, self._standardize(X), double=True)

    def _some_rows(self, X, n_rows):
        """At most ``n_rows`` rows of X, evenly spaced, as a float array."""
        return np.asarray(evenly_spaced(X, n_rows), dtype=np.float32)


class PlainReconstructionMixin:
    """The error of rebuilding rows, and nothing else, is minimized."""

    def _objective(self, module):
        encode, decode = module["encoder"], module["decoder"]

        def reconstruction(x, generator):
            return self._reconstruction(x, decode(encode(x)))

        return reconstruction

    def _gradient(self, passes, module):
        return lambda x, generator: passes.backward(x, passes.forward(x))


class BaseAutoencoder(CoderParameters, BaseReconstruction):
    """Encoder and decoder by their description; a subclass says what is minimized."""

    # Only Autoencoder makes a parameter of it.
    bounded = False
    _architecture = (*CODER_ARCHITECTURE, "loss", "scale_columns", "tied_weights")
    _former_defaults = {"scale_columns": False, "tied_weights": False, "layer": -1}
    _measured_buffers = r"^decoder\.1\.(low|span|slope|offset)$"

    @property
    @abstractmethod
    def _code_activation(self):
        """Name of the activation of the code layer."""

    def _inspect(self, X, columns):
        return inspect_rows(self, columns)

    def _measure(self, columns):
        low, high = columns.extremes()
        self._range = (low - self._center) / self._scale, (high - self._center) / self._scale

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


def inspect_rows(estimator, columns):
    """Set the loss in use and the range of values; return center and scale of the rows."""
    estimator.loss_, estimator._value_range = estimator.loss, None
    if estimator.loss == "auto":
        estimator.loss_ = "cross_entropy" if looks_binary(columns) else "squared_error"
    if estimator.loss_ == "cross_entropy":
        estimator._value_range = range_of_bits(columns, *estimator._of_bits)
        return 0.0, 1.0
    return robust_scales(columns, SPAN) if estimator.scale_columns else common_scale(columns)
