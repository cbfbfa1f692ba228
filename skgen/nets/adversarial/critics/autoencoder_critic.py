"""The critic of boundary equilibrium GANs: an autoencoder, and the balance of its losses."""

import torch

from skgen.nets.adversarial.critics.critic import BaseCritic, units_of
from skgen.workers import workers

GAIN = 5e-3  # by which the balance moves; of errors next to those of data, whatever their size


class AutoencoderCritic(BaseCritic):
    """An autoencoder; its output is minus the mean absolute error of the row that it rebuilds.

    Parameters
    ----------
    encoder : torch.nn.Module
        From what the embedding gives to a code.
    decoder : torch.nn.Module
        From the code to rows.
    embedding : torch.nn.Module
        Applied to each row in front of the encoder.
    mixes_rows : bool
        Whether the networks let rows of a batch influence each other.
    """

    def __init__(self, encoder, decoder, *, embedding, mixes_rows=False):
        super().__init__(mixes_rows=mixes_rows)
        self.encoder, self.decoder, self.embedding = encoder, decoder, embedding
        self.register_buffer("balance", torch.zeros(()))

    @property
    def n_units(self):
        """Number of columns of a code."""
        return self.encoder[-1].out_features

    def features(self, x):
        """Codes, shape (n, k)."""
        return self.encoder(self.embedding(x))

    def penultimate(self, x):
        """Codes, shape (n, k)."""
        return self.features(x)

    def layers(self, x):
        """Units of each layer of the encoder, (n, k); the last are the codes."""
        return units_of(self.encoder, self.embedding(x))

    def output(self, features, x, y=None):
        """Minus the error of each row, shape (n,)."""
        return -(self.decoder(features) - x).abs().mean(-1)


class BoundaryEquilibrium:
    """Loss of an ``AutoencoderCritic``: that of data, minus ``balance`` times that of draws.

    The balance rises while draws are rebuilt better than ``diversity_ratio`` times as badly as
    data, and falls where they are rebuilt worse (Berthelot et al. 2017).
    """

    def __init__(self, balance, diversity_ratio):
        self.balance, self.diversity_ratio = balance, diversity_ratio

    def __call__(self, real, fake, target=1.0):
        """Loss of outputs, which are minus the errors; moves the balance in place."""
        loss = self.balance.clone() * fake.mean(-1) - real.mean(-1)
        with torch.no_grad():
            means = torch.stack([fake.mean(-1), real.mean(-1)])
            of_fake, of_real = workers().mean_of(means, fake.shape[-1])
            surplus = self.diversity_ratio - of_fake / of_real.clamp(max=-1e-6)
            self.balance.add_(surplus, alpha=GAIN).clamp_(0.0, 1.0)
        return loss
