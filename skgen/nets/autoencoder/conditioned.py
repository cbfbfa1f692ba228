"""A variational autoencoder of rows given a condition (Sohn, Lee & Yan 2015), and its bound."""

import torch
from torch import nn

from skgen.nets.autoencoder.conditional import metropolis_within_gibbs
from skgen.nets.autoencoder.given import GivenCondition, beside
from skgen.nets.autoencoder.vae import LEAST, MOST, log_mean_weight, negative_bound
from skgen.nets.gaussian import kl_to_standard
from skgen.nets.layers import activations, resume


class ConditionalVAENet(nn.Module):
    """Encoder q(z|x,y), decoder of latent rows (z, y), and the likelihood.

    Rows hold the code of a condition behind their features; without one it is unknown.
    """

    n_classes = 0

    def __init__(self, encoder, decoder, likelihood, columns):
        super().__init__()
        self.encoder, self.decoder, self.likelihood = encoder, decoder, likelihood
        self.columns = columns
        # Weight of the KL term: annealed in place during training.
        self.register_buffer("kl_weight", torch.ones(()))

    def given(self, rows):
        """The features of rows, and the networks beside their conditions."""
        x, code = self.columns.split(rows)
        return x, GivenCondition(self, code)

    def posterior(self, x, y):
        """Mean and log-variance of q(z|x,y), each (..., k); x and y broadcast."""
        mean, log_variance = beside(self.encoder, x, y).chunk(2, dim=-1)
        return mean, log_variance.clamp(LEAST, MOST)

    def decode(self, latent):
        """Decoder output for latent rows (..., k + width), shape (..., n_features)."""
        out = self.decoder(latent.reshape(-1, latent.shape[-1]))
        return out.view(*latent.shape[:-1], out.shape[-1])

    def moments(self, rows):
        """Mean and log-variance of the latent rows given rows."""
        x, given = self.given(rows)
        return given.posterior(x)

    def kl(self, rows):
        """KL(q(z|x,y) || p(z)) of each latent dimension, (n, k)."""
        return kl_to_standard(*self.moments(rows))

    def log_evidence(self, rows, parts):
        """Importance-weighted bound on log p(x|y), (n,) float64; ``parts`` of the noise (S, k)."""
        x, given = self.given(rows)
        return log_mean_weight(given, x, parts)

    def activations(self, rows):
        """Units of each layer, the mean of q(z|x,y) last."""
        *hidden, posterior = activations(self.encoder, torch.cat(self.columns.split(rows), 1))
        return [*hidden, posterior.chunk(2, dim=1)[0]]

    def rebuilt(self, units, number, n_features, code=None):
        """Mean of x given units of the layer, whose number is -1 for the last.

        Without the code (n, width) of conditions these are unknown.
        """
        z = units
        if code is None:
            code = self.columns.unknown.to(units.dtype).expand(len(units), -1)
        if number < -1:
            z = resume(self.encoder, z, number, n_features + self.columns.width).chunk(2, dim=1)[0]
        return self.likelihood.mean(GivenCondition(self, code).decode(z))

    def completions(self, rows, missing, n_steps, generator, **how):
        """Draws and means of rows whose missing features are sampled, step by step."""
        x, given = self.given(rows)
        return metropolis_within_gibbs(given, x, missing, n_steps, generator, **how)


def negative_conditional_bound(net, k, **how):
    """Loss ``loss(rows, generator)`` of rows (x, y); k is the number of latent dimensions."""

    def loss(rows, generator):
        x, given = net.given(rows)
        return negative_bound(given, k, **how)(x, generator)

    return loss
