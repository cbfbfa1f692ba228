"""Draws of missing features from a variational autoencoder."""

import torch

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
