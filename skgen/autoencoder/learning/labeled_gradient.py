"""Gradients of the bounds of a variational autoencoder with labels by formulas.

They are those of ``negative_labeled_bound``, from the same draws, for dense networks.
"""

import math

import torch
from torch.nn import functional as F

from skgen.autoencoder.learning.likelihood_gradients import GRADIENTS
from skgen.autoencoder.learning.vae_gradient import VAEPasses
from skgen.nets.dense_pass import BesidePass, dense_passes
from skgen.nets.gaussian import kl_to_standard, log_standard, reparametrize


def labeled_bound_gradient(
    net,
    k,
    *,
    n_importance=1,
    all_labeled=False,
    discriminative_weight=0.0,
    free_bits=0.0,
    doubly=False,
):
    """``gradient(rows, generator)`` of the negative bound, or None for networks of other kinds.

    It sets the parameters' gradients and returns the negative bound; k is the number of latent
    dimensions.
    """
    networks = net.encoder, net.decoder, net.classifier
    dense, kind = dense_passes(*networks), type(net.likelihood)
    if dense is None or kind not in GRADIENTS:
        return None
    encoder, decoder, classifier = dense
    if not all_labeled:
        encoder = BesidePass(encoder, net.n_classes)
    passes = LabeledPasses(net, VAEPasses(net, encoder, decoder, GRADIENTS[kind](net.likelihood)))
    net.label_logits.grad = torch.zeros_like(net.label_logits)

    @torch.no_grad()
    def gradient(rows, generator):
        c, n = net.n_classes, len(rows)
        x, y = rows[:, :-c], rows[:, -c:]
        log_q = F.log_softmax(classifier.forward(x), 1)
        q, known = log_q.exp(), y.sum(1, keepdim=True)
        # Rows beside their own labels, or beside each in turn.
        read, pairs, weight = rows, (x, y), known[:, 0] / n
        if not all_labeled:
            read, pairs = x, (x.repeat(c, 1), net.labels(x).repeat_interleave(n, 0))
            weight = ((y + (1 - known) * q) / n).T.flatten()
        noise = torch.randn(
            n_importance, len(weight), k, generator=generator, device=x.device, dtype=x.dtype
        )
        if n_importance == 1:
            bounds, value = passes.elbo(read, pairs, weight, noise[0], free_bits)
        else:
            bounds, value = passes.importance_bound(read, pairs, weight, noise, doubly)
        by_log_q = -discriminative_weight * y / n
        value = value - (by_log_q * log_q).sum()
        if not all_labeled:
            without = (1 - known) * q / n
            value = value - (without * log_q).sum()
            # Of minus sum_y q(y|x) (bound of y - log q(y|x)) by log q; the constant drops out.
            by_log_q = by_log_q - without * (bounds.view(c, n).T - log_q)
        by_logits = by_log_q - q * by_log_q.sum(1, keepdim=True)
        classifier.backward(by_logits, to_input=False)
        return -value

    return gradient


class LabeledPasses:
    """Passes of pairs x, y of weight r through the coders, with the gradients left in place.

    Each gives the bounds on log p(x, y), (p,), and their sum by weight. ``read`` is
    what the encoder gives the posteriors of all pairs for.
    """

    def __init__(self, net, passes):
        self.net, self.passes, self.likelihood = net, passes, passes.likelihood

    def elbo(self, read, pairs, r, noise, free_bits):
        """Evidence lower bound; its KL term has ``free_bits`` in the mean over rows."""
        (x, y), kl_weight, passes = pairs, self.net.kl_weight, self.passes
        mean, log_variance, inside = passes.posterior(read)
        z = reparametrize(mean, log_variance, noise)
        fit = self.likelihood.log_prob(x, self._decode(z, y)) + self._of_labels(y, r)
        kl = kl_to_standard(mean, log_variance)
        total = r @ kl
        paid = kl_weight * (total > free_bits) if free_bits else kl_weight.expand(len(total))
        by_z = self._back_to_z(r, z)
        by_kl = r.unsqueeze(1) * paid
        by_mean = torch.addcmul(by_z, by_kl, mean)
        by_log_variance = 0.5 * (by_z * (z - mean) + by_kl * torch.expm1(log_variance))
        passes.into_encoder(by_mean, by_log_variance, inside)
        if free_bits:
            total = total.clamp(min=free_bits)
        return fit - kl @ paid, r @ fit - kl_weight * total.sum()

    def importance_bound(self, read, pairs, r, noise, doubly):
        """Importance-weighted bound, whose gradient may be that of Tucker et al. (2019)."""
        (x, y), (n_importance, _, k), passes = pairs, noise.shape, self.passes
        mean, log_variance, inside = passes.posterior(read)
        z = reparametrize(mean, log_variance, noise)
        fit = self.likelihood.log_prob(x, self._decode(z, y))
        log_q = -0.5 * (noise.square().sum(-1) + log_variance.sum(-1) + k * math.log(2 * math.pi))
        log_w = fit + log_standard(z) - log_q
        own = torch.softmax(log_w, 0).unsqueeze(-1)
        weights = own * r.unsqueeze(-1)
        by_z = self._back_to_z(weights.squeeze(-1), z).addcmul_(weights, z)
        if doubly:
            # d log q / d z = -noise / sd, with mean and variance of q held still.
            by_z.addcmul_(weights, -noise * torch.exp(-0.5 * log_variance)).mul_(own)
        by_log_variance = 0.5 * (by_z * (z - mean)).sum(0)
        if not doubly:
            # log q depends on the variance alone, once z follows mean and variance.
            by_log_variance -= 0.5 * r.unsqueeze(1)
        passes.into_encoder(by_z.sum(0), by_log_variance, inside)
        bounds = torch.logsumexp(log_w, 0) - math.log(n_importance) + self._of_labels(y, r)
        return bounds, r @ bounds

    def _of_labels(self, y, r):
        """Log p(y) of each pair; the gradient by its logits is left in place."""
        log_prior = self.net.log_prior()
        torch.sub(log_prior.exp() * r.sum(), y.T @ r, out=self.net.label_logits.grad)
        return y @ log_prior

    def _decode(self, z, y):
        latent = torch.cat([z, y.expand(*z.shape[:-1], -1)], -1)
        out = self.passes.decoder.forward(latent.flatten(0, -2), spent=True)
        return out.view(*z.shape[:-1], out.shape[-1])

    def _back_to_z(self, weights, z):
        """Gradient by z of minus the weighted sum of log-likelihoods."""
        by_out = self.likelihood.backward(weights)
        by_latent = self.passes.decoder.backward(by_out.flatten(0, -2))
        return by_latent[:, : z.shape[-1]].reshape(z.shape)
