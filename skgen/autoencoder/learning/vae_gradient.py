"""Gradients of the bounds of a variational autoencoder by formulas.

They are those of ``negative_bound``, from the same draws, for dense encoders and decoders.
"""

import math

import torch

from skgen.autoencoder.learning.likelihood_gradients import GRADIENTS
from skgen.nets.dense_pass import GivenPass, dense_passes
from skgen.nets.gaussian import kl_to_standard, log_standard, reparametrize
from skgen.workers import workers


def bound_gradient(net, k, **how):
    """``gradient(x, generator)`` of the negative bound, or None for networks of other kinds.

    It sets the parameters' gradients and returns the negative bound; k is the number of latent
    dimensions.
    """
    dense, kind = dense_passes(net.encoder, net.decoder), type(net.likelihood)
    if dense is None or kind not in GRADIENTS:
        return None
    return gradient_of(VAEPasses(net, *dense, GRADIENTS[kind](net.likelihood)), k, **how)


def conditional_bound_gradient(net, k, **how):
    """The same of a ``ConditionalVAENet``, whose rows hold conditions behind x."""
    dense, kind = dense_passes(net.encoder, net.decoder), type(net.likelihood)
    if dense is None or kind not in GRADIENTS:
        return None
    given = [GivenPass(network) for network in dense]
    gradient = gradient_of(VAEPasses(net, *given, GRADIENTS[kind](net.likelihood)), k, **how)

    def of_rows(rows, generator):
        x, code = net.columns.split(rows)
        for network in given:
            network.code = code
        return gradient(x, generator)

    return of_rows


def gradient_of(passes, k, *, n_importance=1, free_bits=0.0, doubly=False):
    """``gradient(x, generator)`` of the negative bound by these passes."""

    @torch.no_grad()
    def of_elbo(x, generator):
        return passes.elbo(x, _normal(generator, x, len(x), k), free_bits)

    @torch.no_grad()
    def of_importance_bound(x, generator):
        return passes.importance_bound(x, _normal(generator, x, n_importance, len(x), k), doubly)

    return of_elbo if n_importance == 1 else of_importance_bound


def _normal(generator, x, *shape):
    return torch.randn(*shape, generator=generator, device=x.device, dtype=x.dtype)


class VAEPasses:
    """Passes through encoder and decoder, with the parameters' gradients left in place."""

    def __init__(self, net, encoder, decoder, likelihood):
        self.net, self.encoder, self.decoder = net, encoder, decoder
        self.likelihood = likelihood

    def elbo(self, x, noise, free_bits):
        """Negative evidence lower bound, as ``elbo`` has it."""
        n, weight = len(x), self.net.kl_weight
        mean, log_variance, inside = self.posterior(x)
        z = reparametrize(mean, log_variance, noise)
        fit = self.likelihood.log_prob(x, self.decoder.forward(z, spent=True))
        kl = kl_to_standard(mean, log_variance).mean(0)
        by_kl = weight / n
        if free_bits:
            kl = workers().mean_of(kl, n)
            # Where the mean is below the free nats it has no gradient.
            by_kl = by_kl * (kl > free_bits)
            kl = kl.clamp(min=free_bits)
        by_z = self.decoder.backward(self.likelihood.backward(x.new_full((n,), 1 / n)))
        # kl = (mean^2 + variance - 1 - log_variance) / 2
        by_mean = torch.addcmul(by_z, by_kl, mean)
        by_log_variance = 0.5 * (by_z * (z - mean) + by_kl * torch.expm1(log_variance))
        self.into_encoder(by_mean, by_log_variance, inside)
        return weight * kl.sum() - fit.mean()

    def importance_bound(self, x, noise, doubly):
        """Negative importance-weighted bound, as ``importance_bound`` has it.

        With ``doubly`` the encoder's gradient is that of ``doubly_reparametrized``.
        """
        n, (n_importance, _, k) = len(x), noise.shape
        mean, log_variance, inside = self.posterior(x)
        z = reparametrize(mean, log_variance, noise)
        fit = self.likelihood.log_prob(x, self._decode(z))
        log_q = -0.5 * (noise.square().sum(-1) + log_variance.sum(-1) + k * math.log(2 * math.pi))
        log_w = fit + log_standard(z) - log_q
        weights = torch.softmax(log_w, 0) / n
        by_out = self.likelihood.backward(weights)
        by_z = self.decoder.backward(by_out.flatten(0, 1)).view_as(z)
        weights = weights.unsqueeze(-1)
        by_z.addcmul_(weights, z)
        if doubly:
            # d log q / d z = -noise / sd, with mean and variance of q held still.
            by_z.addcmul_(weights, -noise * torch.exp(-0.5 * log_variance)).mul_(n * weights)
        by_mean = by_z.sum(0)
        by_log_variance = 0.5 * (by_z * (z - mean)).sum(0)
        if not doubly:
            # log q depends on the variance alone, once z follows mean and variance.
            by_log_variance -= 0.5 / n
        self.into_encoder(by_mean, by_log_variance, inside)
        return (math.log(n_importance) - torch.logsumexp(log_w, 0)).mean()

    def posterior(self, x):
        """Mean and bounded log-variance of q(z|x), and where the bounds leave a gradient."""
        mean, raw = self.encoder.forward(x).chunk(2, dim=1)
        log_variance = raw.clamp(-14, 6)
        return mean, log_variance, raw == log_variance

    def _decode(self, z):
        out = self.decoder.forward(z.flatten(0, 1), spent=True)
        return out.view(*z.shape[:-1], out.shape[-1])

    def into_encoder(self, by_mean, by_log_variance, inside):
        """Leave the gradients of the encoder, given those by mean and log-variance."""
        gradient = torch.cat([by_mean, by_log_variance.mul_(inside)], 1)
        self.encoder.backward(gradient, to_input=False)
