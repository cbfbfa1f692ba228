"""The networks of a generative adversarial network as one module."""

import copy

import torch
from torch import nn

from skgen.nets.adversarial.categories import CategoryColumns


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
    columns : ConditionColumns, optional
        Where the code of conditions, or of latent categories, stands behind rows.
    """

    def __init__(self, generator, critic, n_components, encoder=None, columns=None):
        super().__init__()
        self.generator, self.critic = generator, critic
        self.averaged_generator = copy.deepcopy(generator)
        self.encoder, self.averaged_encoder = encoder, copy.deepcopy(encoder)
        self.n_components, self.columns = n_components, columns
        for name in ("n_updates", "penalty_weight", "noise_level", "output_noise"):
            self.register_buffer(name, torch.zeros(()))

    def train(self, mode=True):
        """Set the mode; what is averaged never learns, and normalizes by running moments."""
        super().train(mode)
        self.averages().eval()
        return self

    def learners(self):
        """What learns from the critic: the generator, and the encoder where there is one."""
        encoders = [] if self.encoder is None else [self.encoder]
        return nn.ModuleList([self.generator, *encoders])

    def averages(self):
        """The averages of ``learners()``."""
        encoders = [] if self.averaged_encoder is None else [self.averaged_encoder]
        return nn.ModuleList([self.averaged_generator, *encoders])

    def split(self, batch):
        """Rows of a batch and the coded conditions behind them, None where there are none."""
        return (batch, None) if self.columns is None else self.columns.split(batch)

    def split_partly_hidden(self, batch, generator):
        """The same with some of the conditions hidden, so that "unknown" gets a meaning.

        Latent categories are drawn: those of data nobody knows.
        """
        x, y = self.split(batch)
        if isinstance(self.columns, CategoryColumns):
            y = self.columns.drawn(len(x), generator)
        return x, None if y is None else self.columns.hide(y, generator)

    def generate(self, z, y=None, *, averaged=False):
        """Rows of latent rows and coded conditions, which are unknown where none are given."""
        generator = self.averaged_generator if averaged else self.generator
        if self.columns is None:
            return generator(z)
        return generator(torch.cat([z, self._unknown(z) if y is None else y], 1))

    def generate_averaged(self, rows):
        """Rows of the averaged generator, of latent rows with conditions behind, or unknown."""
        return self.generate(*self._parted(rows, self.n_components), averaged=True)

    def score(self, rows):
        """Output of the critic for what it sees of each row, with conditions behind, or unknown."""
        if self.columns is None:
            return self.critic.score(rows)
        n_beside = 0 if self.encoder is None else self.n_components
        return self.critic.score(*self._parted(rows, self.columns.n_features + n_beside))

    def _parted(self, rows, width):
        """The first columns of rows, and conditions: those behind, or unknown ones."""
        if self.columns is None:
            return rows, None
        return rows[:, :width], rows[:, width:] if rows.shape[1] > width else self._unknown(rows)

    def _unknown(self, rows):
        """The code of unknown conditions for each row."""
        return self.columns.unknown.to(rows).expand(len(rows), -1)

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
    def draw_averaged(self, n, generator, y=None):
        """Rows of the averaged generator and its output noise, shape (..., n, n_features)."""
        return self.noised(self.generate(self.latent(n, generator), y, averaged=True), generator)

    def noised(self, x, generator):
        """Rows with the output noise."""
        noise = torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)
        return x + self.output_noise[..., None, None] * noise

    def latent(self, n, generator):
        """Latent rows, shape (n, n_components); (s, n, n_components) for s networks together."""
        shape = (*self.n_updates.shape, n, self.n_components)
        like = self.n_updates
        return torch.randn(shape, generator=generator, device=like.device, dtype=like.dtype)
