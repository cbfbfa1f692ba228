"""The critic, and the networks of a generative adversarial network as one module."""

import copy

import torch
from torch import nn

from skgen.nets.adversarial.fourier import FourierFeatures
from skgen.nets.adversarial.reference_norm import BesideReference
from skgen.nets.layers import activations

N_REFERENCE_GROUPS = 8


class Critic(nn.Module):
    """An embedding, a body, perhaps a comparison with other rows, and a linear head.

    Parameters
    ----------
    body : torch.nn.Module
        From packed rows to features.
    head : torch.nn.Module
        From features to one output.
    embedding : torch.nn.Module, optional
        Applied to each row before packing.
    minibatch : MinibatchDiscrimination, optional
        Adds columns to the features.
    packing : int
        Rows that are judged together (Lin et al. 2018).
    reference : tensor of shape (m, n_features), optional
        Data rows beside which a single row is judged; packing and minibatch discrimination need
        them.
    mixes_rows : bool
        Whether rows of a batch influence each other, so that data and draws must not share one.
    """

    def __init__(
        self, body, head, *, embedding, minibatch=None, packing=1, reference=None, mixes_rows=False
    ):
        super().__init__()
        self.body, self.head, self.embedding = body, head, embedding
        self.minibatch, self.packing = minibatch, packing
        self.mixes_rows = mixes_rows or packing > 1 or minibatch is not None
        if reference is not None:
            self.register_buffer("reference", reference)

    def forward(self, x):
        """Outputs of a batch whose rows see each other in training, shape (n // packing,)."""
        features = self._features(self._packed(x))
        return self.head(self._compared(features, features)).squeeze(-1)

    def forward_both(self, x_real, x_fake):
        """Outputs of a batch of data and of a batch of draws."""
        if self.mixes_rows:
            return self(x_real), self(x_fake)
        return self(torch.cat([x_real, x_fake])).chunk(2)

    def score_both(self, x_real, x_fake):
        """Outputs for each row of the data and of the draws on its own."""
        if self.mixes_rows:
            return self.score(x_real), self.score(x_fake)
        return self.score(torch.cat([x_real, x_fake])).chunk(2)

    def penultimate(self, x):
        """Inputs of the head for each row on its own, shape (n, k)."""
        if self.packing == 1 and self.minibatch is None:
            return self._features(x)
        features = [self._features(packed) for packed in self._beside_reference(x)]
        return self._compared(torch.stack(features).mean(0), self._reference_features())

    def layers(self, x):
        """Units of each layer for each row on its own, (n, k); the last are the penultimate."""
        each = []
        for packed in self._beside_reference(x):
            inputs = self._inputs(packed)
            beside = isinstance(self.body, BesideReference)
            units = self.body.layers(inputs) if beside else activations(self.body, inputs)
            each.append(units or [inputs])
        *hidden, last = (torch.stack(groups).mean(0) for groups in zip(*each))
        return [*hidden, self._compared(last, self._reference_features())]

    def score(self, x):
        """Output for each row on its own, shape (n,)."""
        return self.head(self.penultimate(x)).squeeze(-1)

    def enable_fine(self, enabled):
        """Switch the fine frequencies of a Fourier embedding on or off, in place."""
        if isinstance(self.embedding, FourierFeatures):
            self.embedding.enable_fine(enabled)

    def _features(self, packed):
        return self.body(self._inputs(packed))

    def _inputs(self, packed):
        """What the body sees of packed rows."""
        rows = packed.unflatten(1, (self.packing, -1))
        return self.embedding(rows.flatten(0, 1)).view(len(packed), -1)

    def _beside_reference(self, x):
        """Rows packed with those of several groups of reference rows; where none is needed, x."""
        n_groups = 1 if self.packing == 1 else N_REFERENCE_GROUPS
        groups = [self._reference_rows(i, len(x)) for i in range(n_groups)]
        return [torch.cat([x, *others], 1) for others in groups]

    def _packed(self, x):
        """Rows side by side, shape (n // packing, packing * n_features)."""
        if self.packing == 1:
            return x
        n = max(len(x) // self.packing, 1)
        if len(x) < self.packing:
            x = x.repeat(self.packing, 1)
        return x[: n * self.packing].reshape(n, -1)

    def _reference_rows(self, i, n):
        """Group number i of reference rows, beside each of n rows."""
        first = i * (self.packing - 1)
        index = [(first + j) % len(self.reference) for j in range(self.packing - 1)]
        return [self.reference[k].expand(n, -1) for k in index]

    def _reference_features(self):
        return self._features(self._packed(self.reference)) if self.minibatch else None

    def _compared(self, features, others):
        if self.minibatch is None:
            return features
        return torch.cat([features, self.minibatch(features, others)], 1)


class GANNet(nn.Module):
    """Generator, critic, the averaged generator, and what the schedules change in place."""

    def __init__(self, generator, critic, n_components):
        super().__init__()
        self.generator, self.critic = generator, critic
        self.averaged_generator = copy.deepcopy(generator)
        self.n_components = n_components
        for name in ("n_updates", "penalty_weight", "noise_level", "output_noise"):
            self.register_buffer(name, torch.zeros(()))

    def train(self, mode=True):
        """Set the mode; the averaged generator never learns, and normalizes by running moments."""
        super().train(mode)
        self.averaged_generator.eval()
        return self

    def draw(self, n, generator):
        """Rows of the generator in training, shape (..., n, n_features)."""
        return self.generator(self.latent(n, generator))

    @torch.no_grad()
    def draw_averaged(self, n, generator):
        """Rows of the averaged generator and its output noise, shape (..., n, n_features)."""
        x = self.averaged_generator(self.latent(n, generator))
        noise = torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)
        return x + self.output_noise[..., None, None] * noise

    def latent(self, n, generator):
        """Latent rows, shape (n, n_components); (s, n, n_components) for s networks together."""
        shape = (*self.n_updates.shape, n, self.n_components)
        like = self.n_updates
        return torch.randn(shape, generator=generator, device=like.device, dtype=like.dtype)
