"""Draws of missing features from a variational autoencoder."""

import torch

from skgen.nets.autoencoder.given import GivenLabel
from skgen.nets.gaussian import log_normal, reparametrize


@torch.no_grad()
def metropolis_within_gibbs(net, x, missing, n_steps, generator, *, n_draws=1, shared=False):
    """Markov chains over (z, x_missing) given x_observed (Mattei & Frellsen 2018).

    The encoder proposes z and a Metropolis test corrects it, so that a chain leaves the exact
    conditional of the model invariant (plain pseudo-Gibbs, Rezende et al. 2014, does not).

    Parameters
    ----------
    net : VAENet
        The fitted networks.
    x : Tensor of shape (n, d)
        Rows with any finite value where features are missing.
    missing : bool Tensor of shape (n, d)
        What is missing.
    n_steps : int
        Steps of each chain.
    generator : torch.Generator
        Source of the draws.
    n_draws : int
        Independent chains for each row.
    shared : bool
        Whether all rows see the same noise, so that a row's chain does not depend on its
        neighbors.

    Yields
    ------
    x, mean : Tensor of shape (n_draws, n, d)
        Rows completed by a draw, and by the conditional mean given z, after each step.
    """
    n, d = x.shape
    options = {"generator": generator, "device": x.device, "dtype": x.dtype}
    lead = (n_draws, 1 if shared else n)
    x = x.expand(n_draws, n, d)
    z = net.posterior(x)[0]
    for _ in range(n_steps):
        mean, log_variance = net.posterior(x)
        proposal = reparametrize(mean, log_variance, torch.randn(*lead, z.shape[-1], **options))
        log_ratio = (
            net.log_joint(x, proposal)
            - net.log_joint(x, z)
            + log_normal(z, mean, log_variance)
            - log_normal(proposal, mean, log_variance)
        )
        accepted = torch.rand(lead, **options).log() < log_ratio
        z = torch.where(accepted.unsqueeze(-1), proposal, z)
        out = net.decode(z)
        draw = net.likelihood.draw(out, torch.randn(*lead, d, **options))
        x = torch.where(missing, draw, x)
        yield x, torch.where(missing, net.likelihood.mean(out), x)


@torch.no_grad()
def labeled_metropolis_within_gibbs(
    net, x, missing, n_steps, generator, *, n_draws=1, shared=False
):
    """The same of a ``LabeledVAENet``: chains over (y, z, x_missing) given x_observed.

    The classifier and the encoder propose y and z, and a Metropolis test corrects them. The label
    is then drawn once more, given z and what is observed, with what is missing summed out. The
    means are those over the labels.
    """
    n, d = x.shape
    options = {"generator": generator, "device": x.device, "dtype": x.dtype}
    lead = (n_draws, 1 if shared else n)
    x, labels = x.expand(n_draws, n, d), net.labels(x)
    label = _drawn(net.log_label(x).exp(), torch.rand(lead, **options))
    z = net.posterior(x, labels[label])[0]
    for _ in range(n_steps):
        q = net.log_label(x).exp()
        proposed = _drawn(q, torch.rand(lead, **options))
        noise = torch.randn(*lead, z.shape[-1], **options)
        proposal = reparametrize(*net.posterior(x, labels[proposed]), noise)
        log_ratio = _log_weight(net, x, proposal, proposed) - _log_weight(net, x, z, label)
        accepted = torch.rand(lead, **options).log() < log_ratio
        z = torch.where(accepted.unsqueeze(-1), proposal, z)
        # (n_classes, n_draws, n, d)
        outs = torch.stack([GivenLabel(net, y).decode(z) for y in labels])
        # What is missing has the same constant density beside each label.
        log_p = net.likelihood.log_prob(x.masked_fill(missing, 0.0), outs.masked_fill(missing, 0.0))
        p = torch.softmax(log_p + net.log_prior().view(-1, 1, 1), 0)
        label = _drawn(p.movedim(0, -1), torch.rand(lead, **options))
        out = torch.take_along_dim(outs, label.view(1, *label.shape, 1), 0).squeeze(0)
        draw = net.likelihood.draw(out, torch.randn(*lead, d, **options))
        x = torch.where(missing, draw, x)
        mean = torch.linalg.vecdot(p.unsqueeze(-1), net.likelihood.mean(outs), dim=0)
        yield x, torch.where(missing, mean, x)


def _log_weight(net, x, z, label):
    """Log p(x, y, z) - log q(y, z|x) of labels given by their numbers."""
    given = GivenLabel(net, net.labels(x)[label])
    log_q = torch.take_along_dim(net.log_label(x), label.unsqueeze(-1), -1).squeeze(-1)
    return given.log_joint(x, z) - log_normal(z, *given.posterior(x)) - log_q


def _drawn(p, uniform):
    """Numbers drawn by probabilities p (..., c), by uniform numbers that broadcast."""
    above = uniform.unsqueeze(-1) > p.cumsum(-1)
    # Rounding may leave the sum below one.
    return above.sum(-1).clamp(max=p.shape[-1] - 1)
