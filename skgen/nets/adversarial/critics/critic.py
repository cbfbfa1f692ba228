"""The critic: an embedding, a body, perhaps a comparison with other rows, and a linear head."""

from abc import ABC, abstractmethod

import torch
from torch import nn

from skgen.nets.adversarial.fourier import FourierFeatures
from skgen.nets.adversarial.reference_norm import BesideReference
from skgen.nets.layers import activations

N_REFERENCE_GROUPS = 8


class BaseCritic(nn.Module, ABC):
    """Features of rows, an output for each, and heads that recognize what made a draw.

    ``y`` holds coded conditions (n, n_conditions) of the rows x, None where there are none.
    """

    def __init__(self, *, mixes_rows):
        super().__init__()
        # Whether rows of a batch influence each other, so that data and draws must not share one.
        self.mixes_rows = mixes_rows
        self.recognition = nn.ModuleDict()

    @property
    @abstractmethod
    def n_units(self):
        """Number of features."""

    @abstractmethod
    def features(self, x):
        """Features of a batch whose rows see each other in training."""

    @abstractmethod
    def penultimate(self, x):
        """Features of each row on its own, shape (n, k)."""

    @abstractmethod
    def layers(self, x):
        """Units of each layer for each row on its own, (n, k); the last are the penultimate."""

    @abstractmethod
    def output(self, features, x, y=None):
        """Output given the features, shape (n,); the higher, the more like data."""

    def forward(self, x, y=None):
        """Outputs of a batch whose rows see each other in training."""
        return self.output(self.features(x), x, y)

    def features_both(self, x_real, x_fake):
        """Features of a batch of data and of a batch of draws."""
        if self.mixes_rows:
            return self.features(x_real), self.features(x_fake)
        return self.features(torch.cat([x_real, x_fake])).chunk(2)

    def forward_both(self, x_real, x_fake, y=None):
        """Outputs of a batch of data and of a batch of draws, under the same conditions."""
        if self.mixes_rows:
            return self(x_real, y), self(x_fake, y)
        return self(torch.cat([x_real, x_fake]), _twice(y)).chunk(2)

    def score(self, x, y=None):
        """Output for each row on its own, shape (n,)."""
        return self.output(self.penultimate(x), x, y)

    def score_both(self, x_real, x_fake, y=None):
        """Outputs for each row of the data and of the draws on its own."""
        if self.mixes_rows:
            return self.score(x_real, y), self.score(x_fake, y)
        return self.score(torch.cat([x_real, x_fake]), _twice(y)).chunk(2)

    def enable_fine(self, enabled):
        """Switch the fine frequencies of a Fourier embedding on or off, in place."""
        for part in self.modules():
            if isinstance(part, FourierFeatures):
                part.enable_fine(enabled)


class Critic(BaseCritic):
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
    projection : torch.nn.Module, optional
        From coded conditions to vectors whose product with the features joins the output (Miyato &
        Koyama 2018).
    mixes_rows : bool
        Whether the body lets rows of a batch influence each other.
    """

    def __init__(
        self,
        body,
        head,
        *,
        embedding,
        minibatch=None,
        packing=1,
        reference=None,
        projection=None,
        mixes_rows=False,
    ):
        super().__init__(mixes_rows=mixes_rows or packing > 1 or minibatch is not None)
        self.body, self.head, self.embedding = body, head, embedding
        self.minibatch, self.packing, self.projection = minibatch, packing, projection
        if reference is not None:
            self.register_buffer("reference", reference)

    @property
    def n_units(self):
        """Number of features."""
        return self.head.in_features

    def features(self, x):
        """Features of packed rows, shape (n // packing, k)."""
        features = self._features(self._packed(x))
        return self._compared(features, features)

    def output(self, features, x, y=None):
        """Linear in the features; with a projection log p(y | x) / q(y | x) joins in."""
        out = self.head(features).squeeze(-1)
        return out if self.projection is None else out + (self.projection(y) * features).sum(-1)

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
            each.append(units_of(self.body, inputs) or [inputs])
        *hidden, last = (torch.stack(groups).mean(0) for groups in zip(*each))
        return [*hidden, self._compared(last, self._reference_features())]

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


def units_of(network, x):
    """Units of each layer of a network for rows x alone, (n, k), the lowest first."""
    if isinstance(network, BesideReference):
        return network.layers(x)
    return activations(network, x)


def _twice(y):
    return None if y is None else torch.cat([y, y])
