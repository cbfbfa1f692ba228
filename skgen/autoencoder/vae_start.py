"""Where the training of a variational autoencoder of numbers starts, by its rows and columns.

Noise that starts as large as the data hides what the decoder could explain, and the codes die out
before it learned it (Lucas et al. 2019). Noise that starts small lets few rows be learned by
heart. Constants were found by the likelihood of held-out rows of small tables and of points on
curves, grids and in clusters.
"""

import math
from numbers import Real

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from torch import nn

from skgen.base.warn import warn
from skgen.base.wording import counted
from skgen.nets.autoencoder.conditioned import ConditionalVAENet
from skgen.nets.autoencoder.labeled import LabeledVAENet
from skgen.nets.autoencoder.likelihoods import BernoulliLikelihood, GaussianLikelihood
from skgen.nets.autoencoder.vae import VAENet
from skgen.nets.coder import build_decoder, build_encoder
from skgen.nets.conditions import ConditionColumns

# Fraction of the variance that a decoder may explain by heart, in units of n_features / n_samples.
BY_HEART = 12.0
LEAST_START = 0.01
# Rows a feature from which two layers and more updates are not learned by heart.
MANY_ROWS = 250
HIDDEN, HIDDEN_OF_MANY = (256,), (128, 128)
LEAST_UPDATES_OF_MANY = 5000
# Importance samples make the bound tight, of which few rows are learned by heart all the sooner; of
# wide rows they would cost more than they gain.
ENOUGH_ROWS, MOST_SAMPLES, N_VALUES = 20, 16, 64
SURPLUS = 0.1
# Of bits; the classifier gains for longer than the density does.
EPOCHS_WITH_LABELS = 200
# Nats of a latent dimension that says nothing, over so many rows.
DEAD, N_REVIEWED = 0.01, 1000
# Nats a feature by which the loss may exceed that of independent features.
WORSE = 0.1
# Epochs after which codes should have formed.
FORMED = 20


def starting_noise(n_samples, n_features):
    """Variance of the noise at the start, as a fraction of that of the data."""
    return min(1.0, max(LEAST_START, BY_HEART * n_features / n_samples))


def has_many_rows(n_samples, n_features):
    """Whether there are many rows for so many features."""
    return n_samples >= MANY_ROWS * n_features


def check_binarize(estimator):
    """Refuse to draw bits for a density of numbers."""
    if estimator.binarize and estimator.likelihood_ != "bernoulli":
        raise ValueError(
            f"binarize=True draws bits, but likelihood={estimator.likelihood!r} is Gaussian for "
            'this X; use likelihood="bernoulli" with X in [0, 1], or binarize=False.'
        )


def chosen_hidden(estimator):
    """Widths of the hidden layers that were asked for, or that suit the rows."""
    if not isinstance(estimator.hidden_layer_sizes, str):
        return tuple(estimator.hidden_layer_sizes)
    two_layers = estimator._has_many_rows and estimator.image_shape is None
    return HIDDEN_OF_MANY if two_layers else HIDDEN


def chosen_importance_samples(estimator):
    """Importance samples of a row in training that were asked for, or that the rows are worth."""
    n_importance, beta = estimator.n_importance_samples, estimator.beta
    is_weighted = beta != 1 or estimator.free_bits or estimator.kl_warm_up
    if not isinstance(n_importance, str):
        if n_importance > 1 and is_weighted:
            raise ValueError(
                f"beta={beta}, free_bits={estimator.free_bits} and "
                f"kl_warm_up={estimator.kl_warm_up} weight a KL term that the bound of "
                f"n_importance_samples={n_importance} lacks; leave them at 1, 0 and 0."
            )
        return n_importance
    n_features = estimator._built_for["n_features"]
    few = estimator._n_fitted < ENOUGH_ROWS * n_features
    if few or is_weighted or estimator.likelihood_ == "bernoulli":
        return 1
    return max(1, min(MOST_SAMPLES, N_VALUES // n_features))


def n_beside(estimator):
    """Columns of labels or conditions that the networks read beside their rows."""
    if estimator.conditional:
        return estimator._conditions.width
    return len(estimator.classes_) if estimator.use_labels else 0


def build(estimator, n_features):
    """The untrained networks."""
    shape = {
        "hidden": chosen_hidden(estimator),
        "activation": estimator.activation,
        "image_shape": estimator.image_shape,
    }
    own = {"encoder": estimator.encoder, "decoder": estimator.decoder}
    k, c = estimator.n_components, n_beside(estimator)
    encoder = build_encoder(n_features, 2 * k, factory=own["encoder"], n_beside=c, **shape)
    decoder = build_decoder(k + c, n_features, factory=own["decoder"], **shape)
    is_dense = estimator.image_shape is None and own == {"encoder": None, "decoder": None}
    if estimator.likelihood_ == "gaussian" and is_dense:
        prepare(encoder, decoder, n_features)
    likelihood = build_likelihood(estimator, n_features, estimator._starting_noise)
    if not c:
        return VAENet(encoder, decoder, likelihood)
    if estimator.conditional:
        columns = ConditionColumns(n_features, estimator._conditions.widths)
        return ConditionalVAENet(encoder, decoder, likelihood, columns)
    classifier = build_encoder(n_features, c, factory=own["encoder"], **shape)
    net = LabeledVAENet(encoder, decoder, likelihood, classifier, c)
    with torch.no_grad():
        net.label_logits.copy_(torch.from_numpy(np.log(estimator._label_shares)))
    return net


def build_likelihood(estimator, n_features, start):
    """The likelihood, whose noise starts at the fraction ``start`` of the variance of the data."""
    if estimator.likelihood_ == "bernoulli":
        return BernoulliLikelihood()
    noise = estimator.noise_variance
    log_scale = np.broadcast_to(np.log(estimator._scale), n_features)
    return GaussianLikelihood(
        torch.tensor(log_scale, dtype=torch.float32),
        torch.tensor(estimator._noise_floor, dtype=torch.float32),
        noise if isinstance(noise, Real) else None,
        isotropic=noise == "isotropic",
        start=start,
    )


def prepare(encoder, decoder, n_features):
    """Where dense networks of the package start."""
    spread_kinks(encoder)
    spread_kinks(decoder)
    quiet_surplus(encoder, decoder, n_features)


@torch.no_grad()
def spread_kinks(network):
    """Move the kinks of hidden units away from the origin, where all begin.

    With biases of zero a network of rectifiers is a cone: it tells directions, not distances.
    """
    *hidden, _ = _linear_layers(network)
    for layer in hidden:
        nn.init.uniform_(layer.bias, -(layer.in_features**-0.5), layer.in_features**-0.5)


@torch.no_grad()
def quiet_surplus(encoder, decoder, n_features):
    """Let latent dimensions beyond the number of features start with weak weights."""
    reads, writes = _linear_layers(decoder)[0], _linear_layers(encoder)[-1]
    # Behind the latent dimensions the decoder may read a label.
    reads.weight[:, n_features : writes.out_features // 2] *= SURPLUS
    for half in writes.weight.chunk(2):
        half[n_features:] *= SURPLUS


def review(estimator, kl, rows):
    """Warn of codes that died out, or a loss above that of independent columns.

    ``kl`` holds the KL term of each latent dimension.
    """
    if kl.max() < DEAD:
        warn_of_dead_codes(len(kl), " beside each label" if estimator.use_labels else "")
    loss = estimator.best_loss_ if estimator.early_stopping else estimator.loss_curve_[-1]
    likelihood = build_likelihood(estimator, rows.shape[1], 1.0)
    least = loss_without_codes(likelihood, torch.from_numpy(rows).float())
    least += estimator.beta * estimator.free_bits * len(kl)
    if estimator.use_labels:
        # Of labels that are guessed.
        guessed = estimator._labeled_fraction * math.log(len(estimator.classes_))
        least += (1 + estimator.discriminative_weight) * guessed
    if loss > least + 1 + WORSE * rows.shape[1]:
        warn(
            f"The loss is {loss:.4g} nats a row, and {least:.4g} for independent features, which "
            "need no codes: the fit diverged, or was stopped too early. Lower learning_rate, or "
            "raise max_iter.",
            ConvergenceWarning,
        )


@torch.no_grad()
def loss_without_codes(likelihood, rows):
    """Mean negative log-density of rows where the decoder knows the means of the features alone."""
    mean = rows.mean(0)
    if isinstance(likelihood, BernoulliLikelihood):
        mean = torch.logit(mean.clamp(1e-3, 1 - 1e-3))
    return -float(likelihood.log_prob(rows, mean.expand_as(rows)).mean())


def warn_of_dead_codes(n_components, where=""):
    """Warn that no latent dimension is in use."""
    warn(
        f"The KL term is below {DEAD} nats in all of {counted(n_components, 'latent dimension')}: "
        f"the codes died out, and the model is one distribution of independent features{where}. If "
        "the features do depend on each other, let codes form first (kl_warm_up=0.5), train longer "
        "(max_iter), or lower a beta above 1.",
        ConvergenceWarning,
    )


def _linear_layers(network):
    return [layer for layer in network if isinstance(layer, nn.Linear)]
