"""A variational autoencoder whose latent rows hold a label, and its bounds (Kingma et al. 2014)."""

import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.autoencoder.conditional import labeled_metropolis_within_gibbs
from skgen.nets.autoencoder.given import GivenLabel, beside
from skgen.nets.autoencoder.vae import (
    LEAST,
    MOST,
    doubly_reparametrized,
    importance_bound,
    log_mean_weight,
)
from skgen.nets.gaussian import kl_to_standard, reparametrize
from skgen.nets.layers import activations, resume


class LabeledVAENet(nn.Module):
    """Encoder q(z|x,y), decoder of latent rows (z, y), likelihood, classifier q(y|x) and p(y).

    A label y is a row (n_classes,) of which one entry is 1. The encoder reads rows (x, y), the
    decoder (z, y).
    """

    def __init__(self, encoder, decoder, likelihood, classifier, n_classes):
        super().__init__()
        self.encoder, self.decoder, self.likelihood = encoder, decoder, likelihood
        self.classifier, self.n_classes = classifier, n_classes
        self.label_logits = nn.Parameter(torch.zeros(n_classes))
        # Weight of the KL term of z: annealed in place during training.
        self.register_buffer("kl_weight", torch.ones(()))

    def log_prior(self):
        """Log p(y), (n_classes,)."""
        return F.log_softmax(self.label_logits, 0)

    def log_label(self, x):
        """Log q(y|x) of each label for x (..., d), (..., n_classes)."""
        out = self.classifier(x.reshape(-1, x.shape[-1]))
        return F.log_softmax(out, -1).view(*x.shape[:-1], self.n_classes)

    def labels(self, like):
        """The rows of all labels, (n_classes, n_classes), on the device and of the type of x."""
        return torch.eye(self.n_classes, device=like.device, dtype=like.dtype)

    def posterior(self, x, y):
        """Mean and log-variance of q(z|x,y), each (..., k); x and y broadcast."""
        out = beside(self.encoder, x, y)
        mean, log_variance = out.chunk(2, dim=-1)
        return mean, log_variance.clamp(LEAST, MOST)

    def decode(self, latent):
        """Decoder output for latent rows (..., k + n_classes), shape (..., n_features)."""
        out = self.decoder(latent.reshape(-1, latent.shape[-1]))
        return out.view(*latent.shape[:-1], out.shape[-1])

    def moments(self, x):
        """Mean and log-variance of z given x, the label averaged over q(y|x)."""
        q, mean, square = self.log_label(x).exp(), 0.0, 0.0
        for weight, y in zip(q.T.unsqueeze(-1), self.labels(x)):
            of_label, log_variance = self.posterior(x, y)
            mean = mean + weight * of_label
            square = square + weight * (of_label.square() + log_variance.exp())
        return mean, (square - mean.square()).clamp(min=1e-30).log()

    def kl(self, x):
        """KL(q(z|x,y) || p(z)) of each latent dimension, averaged over q(y|x), (n, k)."""
        q = self.log_label(x).exp()
        each = zip(q.T.unsqueeze(-1), self.labels(x))
        return sum(weight * kl_to_standard(*self.posterior(x, y)) for weight, y in each)

    def log_evidence(self, x, parts):
        """Importance-weighted bound on log p(x), labels summed out, (n,) float64."""
        each = [log_mean_weight(GivenLabel(self, y), x, parts) for y in self.labels(x)]
        return torch.logsumexp(torch.stack(each), 0)

    def activations(self, x):
        """Units of each layer, averaged over q(y|x), which stands behind them; E z is the last."""
        q = self.log_label(x).exp()
        layers = None
        for weight, y in zip(q.T.unsqueeze(-1), self.labels(x)):
            *hidden, posterior = activations(self.encoder, torch.cat([x, y.expand(len(x), -1)], 1))
            units = [weight * part for part in [*hidden, posterior.chunk(2, dim=1)[0]]]
            layers = units if layers is None else [a + b for a, b in zip(layers, units)]
        return [torch.cat([units, q], 1) for units in layers]

    def rebuilt(self, units, number, n_features):
        """Mean of x given units of the layer and the probabilities of the labels behind them."""
        z, p = units[:, : -self.n_classes], units[:, -self.n_classes :].clamp(min=0)
        if number < -1:
            z = resume(self.encoder, z, number, n_features + self.n_classes).chunk(2, dim=1)[0]
        total = p.sum(1, keepdim=True)
        # Where no label is given all are as probable as they are before x is seen.
        p = torch.where(total > 0, p / total, self.log_prior().exp())
        mean = self.likelihood.mean
        each = zip(p.T.unsqueeze(-1), self.labels(z))
        return sum(weight * mean(GivenLabel(self, y).decode(z)) for weight, y in each)

    def completions(self, x, missing, n_steps, generator, **how):
        """Draws and means of rows whose missing features are sampled, step by step."""
        return labeled_metropolis_within_gibbs(self, x, missing, n_steps, generator, **how)


def weighted_bound(net, x, y, weight, noise, *, free_bits=0.0, doubly=False):
    """Sum of the bounds on log p(x, y) by weight (..., n), over the number of rows.

    One sample in the noise (S, ..., n, k) stands for the evidence lower bound, more for the
    importance-weighted one.
    """
    given = GivenLabel(net, y)
    if len(noise) == 1:
        mean, log_variance = given.posterior(x)
        out = given.decode(reparametrize(mean, log_variance, noise[0]))
        fit = net.likelihood.log_prob(x, out) + y @ net.log_prior()
        kl = weight.unsqueeze(-1) * kl_to_standard(mean, log_variance)
        kl = kl.flatten(0, -2).sum(0) / len(x)
        if free_bits:
            kl = kl.clamp(min=free_bits)
        return (weight * fit).sum() / len(x) - net.kl_weight * kl.sum()
    bound = doubly_reparametrized if doubly else importance_bound
    return (weight * bound(given, x, noise)).sum() / len(x)


def labeled_bound(net, x, y, noise, *, discriminative_weight=0.0, **how):
    """Mean bound of rows x with labels y (n, n_classes), none of which is 1 where there is none.

    For rows with a label it is that on log p(x, y) plus the weighted log q(y|x), for the others
    sum_y q(y|x) (bound on log p(x, y) - log q(y|x)). The noise is (S, n, k) where all rows have
    a label, and (S, n_classes, n, k) otherwise.
    """
    log_q = net.log_label(x).T
    known = discriminative_weight * (y.T * log_q).sum() / len(x)
    if noise.dim() == 3:
        return known + weighted_bound(net, x, y, y.sum(1), noise, **how)
    without = (1 - y.sum(1)) * log_q.exp()
    each = net.labels(x).unsqueeze(1)
    bound = weighted_bound(net, x, each, y.T + without, noise, **how)
    return known + bound - (without * log_q).sum() / len(x)


def negative_labeled_bound(net, k, *, n_importance=1, all_labeled=False, **how):
    """Loss ``loss(rows, generator)`` of rows (x, y); k is the number of latent dimensions.

    ``all_labeled`` says that each row has a label, so that the others need not be tried.
    """

    def loss(rows, generator):
        c = net.n_classes
        x, y = rows[:, :-c], rows[:, -c:]
        lead = (n_importance,) if all_labeled else (n_importance, c)
        options = {"generator": generator, "device": x.device, "dtype": x.dtype}
        noise = torch.randn(*lead, len(x), k, **options)
        return -labeled_bound(net, x, y, noise, **how)

    return loss
