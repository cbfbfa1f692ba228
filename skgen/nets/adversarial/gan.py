"""The networks of a generative adversarial network as one module."""

import copy

import torch
from torch import nn


class GANNet(nn.Module):
    """Generator, critic, the averaged generator, and what the schedules change in place.

    Parameters
    ----------
    generator : torch.nn.Module
        From latent rows, and coded conditions behind them, to rows.
    critic : BaseCritic
        Of rows, with their latent rows behind where there is an encoder.
    n_components : int
        Columns of a latent row.
    encoder : CodeDistribution, optional
        Of latent rows given rows.
    n_conditions : int
        Columns of coded conditions.
    """

    def __init__(self, generator, critic, n_components, encoder=None, n_conditions=0):
        super().__init__()
        self.generator, self.critic = generator, critic
        self.averaged_generator = copy.deepcopy(generator)
        self.encoder, self.averaged_encoder = encoder, copy.deepcopy(encoder)
        self.n_components, self.n_conditions = n_components, n_conditions
        for name in ("n_updates", "penalty_weight", "noise_level", "output_noise"):
            self.register_buffer(name, torch.zeros(()))

    def train(self, mode=True):
        """Set the mode; what is averaged never learns, and normalizes by running moments."""
        super().train(mode)
        self.averages().eval()
        return self

    def learners(self):
        """What learns from the critic: the generator, and the encoder where there is one."""
        return nn.ModuleList(filter(None, [self.generator, self.encoder]))

    def averages(self):
        """The averages of ``learners()``."""
        return nn.ModuleList(filter(None, [self.averaged_generator, self.averaged_encoder]))

    def split(self, batch):
        """Rows of a batch and the coded conditions behind them, None where there are none."""
        if not self.n_conditions:
            return batch, None
        return batch[:, : -self.n_conditions], batch[:, -self.n_conditions :]

    def generate(self, z, y=None, *, averaged=False):
        """Rows of latent rows and coded conditions."""
        generator = self.averaged_generator if averaged else self.generator
        return generator(z if y is None else torch.cat([z, y], 1))

    def judged(self, x, z):
        """What the critic sees of rows and the latent rows that made them."""
        return x if self.encoder is None else torch.cat([x, z], 1)

    def judged_data(self, x, generator, *, averaged=False):
        """What the critic sees of data: without an encoder the rows, else a draw of codes, too."""
        if self.encoder is None:
            return x
        encoder = self.averaged_encoder if averaged else self.encoder
        return torch.cat([x, encoder.draw(x, generator)], 1)

    def judged_alone(self, x):
        """The same without chance: rows, and the means of their codes."""
        return x if self.encoder is None else torch.cat([x, self.averaged_encoder(x)], 1)

    @torch.no_grad()
    def draw_averaged(self, n, generator):
        """Rows of the averaged generator and its output noise, shape (..., n, n_features)."""
        return self.noised(self.averaged_generator(self.latent(n, generator)), generator)

    def noised(self, x, generator):
        """Rows with the output noise."""
        noise = torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)
        return x + self.output_noise[..., None, None] * noise

    def latent(self, n, generator):
        """Latent rows, shape (n, n_components); (s, n, n_components) for s networks together."""
        shape = (*self.n_updates.shape, n, self.n_components)
        like = self.n_updates
        return torch.randn(shape, generator=generator, device=like.device, dtype=like.dtype)
