"""The networks of a variational autoencoder, and its bounds on the log-likelihood."""

import math

import torch
from torch import nn

from skgen.nets.autoencoder.conditional import metropolis_within_gibbs
from skgen.nets.gaussian import kl_to_standard, log_normal, log_standard, reparametrize
from skgen.nets.layers import activations, resume
from skgen.workers import workers

# Log-variances of q(z|x): exp() is finite, and exact posteriors of real data lie well inside.
LEAST, MOST = -14, 6


class VAENet(nn.Module):
    """Encoder q(z|x), decoder, and the likelihood that reads the decoder's output."""

    n_classes = 0

    def __init__(self, encoder, decoder, likelihood):
        super().__init__()
        self.encoder, self.decoder, self.likelihood = encoder, decoder, likelihood
        # Weight of the KL term: annealed in place during training.
        self.register_buffer("kl_weight", torch.ones(()))

    def posterior(self, x):
        """Mean and log-variance of q(z|x) for x (..., d), each (..., k)."""
        out = self.encoder(x.reshape(-1, x.shape[-1]))
        mean, log_variance = out.view(*x.shape[:-1], out.shape[-1]).chunk(2, dim=-1)
        return mean, log_variance.clamp(LEAST, MOST)

    def log_joint(self, x, z):
        """Log-density log p(x, z) for z (..., n, k), shape (..., n)."""
        return self.likelihood.log_prob(x, self.decode(z)) + log_standard(z)

    def decode(self, z):
        """Decoder output for z (..., k), shape (..., n_features)."""
        out = self.decoder(z.reshape(-1, z.shape[-1]))
        return out.view(*z.shape[:-1], out.shape[-1])

    def moments(self, x):
        """Mean and log-variance of the latent rows given x."""
        return self.posterior(x)

    def kl(self, x):
        """KL(q(z|x) || p(z)) of each latent dimension, (n, k)."""
        return kl_to_standard(*self.posterior(x))

    def log_evidence(self, x, parts):
        """Importance-weighted bound on log p(x), (n,) float64; ``parts`` of the noise (S, k)."""
        return log_mean_weight(self, x, parts)

    def activations(self, x):
        """Units of each layer, the mean of q(z|x) last."""
        *hidden, posterior = activations(self.encoder, x)
        return [*hidden, posterior.chunk(2, dim=1)[0]]

    def rebuilt(self, units, number, n_features):
        """Mean of x given units of the layer, whose number is -1 for the last."""
        z = units
        if number < -1:
            z = resume(self.encoder, z, number, n_features).chunk(2, dim=1)[0]
        return self.likelihood.mean(self.decode(z))

    def completions(self, x, missing, n_steps, generator, **how):
        """Draws and means of rows whose missing features are sampled, step by step."""
        return metropolis_within_gibbs(self, x, missing, n_steps, generator, **how)


def elbo(net, x, noise, *, free_bits=0.0):
    """Mean evidence lower bound of the rows x; the KL term is exact and weighted.

    ``free_bits`` nats of each latent dimension's batch-mean KL are free (Kingma et al. 2016).
    """
    # noise: (n, k)
    mean, log_variance = net.posterior(x)
    fit = net.likelihood.log_prob(x, net.decode(reparametrize(mean, log_variance, noise)))
    kl = kl_to_standard(mean, log_variance).mean(0)
    if free_bits:
        kl = workers().mean_of(kl, len(x)).clamp(min=free_bits)
    return fit.mean() - net.kl_weight * kl.sum()


def log_weights(net, x, noise):
    """Log p(x, z) - log q(z|x) for z drawn with ``noise`` (S, n or 1, k), shape (S, n)."""
    mean, log_variance = net.posterior(x)
    z = reparametrize(mean, log_variance, noise)
    return net.log_joint(x, z) - log_normal(z, mean, log_variance)


def log_mean_weight(net, x, parts):
    """Importance-weighted bound of each row with the noise of all parts (S, k), (n,) float64."""
    log_w = torch.cat([log_weights(net, x, part.to(x).unsqueeze(1)) for part in parts])
    return torch.logsumexp(log_w.double(), 0) - math.log(len(log_w))


def importance_bound(net, x, noise):
    """Importance-weighted bound of each row (Burda et al. 2016), shape (n,)."""
    return torch.logsumexp(log_weights(net, x, noise), 0) - math.log(len(noise))


def doubly_reparametrized(net, x, noise):
    """Importance-weighted bound of each row with the gradient of Tucker et al. (2019).

    The value is the bound itself; only the encoder's gradient differs, with less noise.
    """
    mean, log_variance = net.posterior(x)
    z = reparametrize(mean, log_variance, noise)
    log_w = net.log_joint(x, z) - log_normal(z, mean.detach(), log_variance.detach())
    weights = torch.softmax(log_w.detach(), 0)
    if z.requires_grad:
        # weights * grad for the decoder, weights^2 * grad for the encoder's path through z.
        z.register_hook(lambda gradient: gradient * weights.unsqueeze(-1))
    surrogate = (weights * log_w).sum(0)
    bound = torch.logsumexp(log_w.detach(), 0) - math.log(len(noise))
    return surrogate + (bound - surrogate).detach()


def of_drawn_bits(bound, n_features):
    """The same of bits that are drawn anew in each call, with features as their probabilities.

    What stands behind the features of a row stays as it is.
    """

    def of_rows(rows, generator):
        x, beside = rows[:, :n_features], rows[:, n_features:]
        return bound(torch.cat([torch.bernoulli(x, generator=generator), beside], 1), generator)

    return bound and of_rows


def negative_bound(net, k, *, n_importance=1, free_bits=0.0, doubly=False):
    """Loss ``loss(x, generator)`` that training descends; k is the number of latent dimensions."""

    def normal(x, generator, *lead):
        options = {"generator": generator, "device": x.device, "dtype": x.dtype}
        return torch.randn(*lead, len(x), k, **options)

    def negative_elbo(x, generator):
        return -elbo(net, x, normal(x, generator), free_bits=free_bits)

    def negative_importance_bound(x, generator):
        noise = normal(x, generator, n_importance)
        bound = doubly_reparametrized if doubly else importance_bound
        return -bound(net, x, noise).mean()

    return negative_elbo if n_importance == 1 else negative_importance_bound
