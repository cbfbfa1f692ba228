"""The verbs of a fitted deep belief network."""

import copy
import math

import numpy as np
import torch

from skgen.base.mixins import ImputeMixin, LatentMixin, SampleMixin, ScoreMixin
from skgen.boltzmann.partition import PartitionMixin
from skgen.boltzmann.sampling import clamped_draws, clamped_means, sample_rows
from skgen.kernels.boltzmann.boltzmann_enumeration import log_partition, log_sum_exp
from skgen.nets.boltzmann.annealing import BernoulliPath
from skgen.nets.boltzmann.dbn import clamped_chain, log_weights, shared_noise
from skgen.nets.boltzmann.sigmoid_layers import sigmoid_layers
from skgen.training import inference_device, torch_generator

N_VALUES = 2**22  # of one intermediate array: 32 MiB in float64


def _chain(machine, x, missing, n_steps, generator):
    return clamped_chain(machine.net(), x, missing, n_steps, generator)


class DBNVerbs(PartitionMixin, LatentMixin, ScoreMixin, SampleMixin, ImputeMixin):
    """Hooks of the verb mixins, on a ``module_`` that is a BeliefMachine."""

    likelihood_kind_ = "lower_bound"

    @property
    def _n_features_out(self):
        return self.hidden_layer_sizes[-1]

    def _encoder_module(self, machine):
        """The way up as a network; labels stay outside."""
        net = machine.net()
        weights = [layer.up_weight() for layer in net.recognition]
        layers = [*net.recognition, net.top]
        weights.append(net.without_labels(net.top.weight))
        return sigmoid_layers(weights, [layer.hidden_bias for layer in layers])

    def _encode(self, X):
        def top_means(machine, x):
            net = machine.net()
            return net.top_means(net.up_means(x))

        return self._apply(top_means, self._standardize(X))

    def _decode(self, Z):
        def down_means(machine, z):
            net = machine.net()
            return net.down_means(net.without_labels(net.top.visible_mean(z)))

        return self._unstandardize(self._apply(down_means, Z))

    def _score_rows(self, X):
        widest = max(X.shape[1], *self.hidden_layer_sizes)
        block = max(1, min(256, N_VALUES // (self.n_score_samples * widest)))
        n_parts = max(1, N_VALUES // (block * widest))

        def bound(machine, x):
            net = machine.net()
            # One noise set for all rows: a row's score does not depend on its neighbors.
            noise = [layer.to(x.device).split(n_parts) for layer in shared_noise(net, n)]
            log_w = torch.cat([log_weights(net, x.double(), part) for part in zip(*noise)])
            return torch.logsumexp(log_w, 0) - math.log(n)

        n = self.n_score_samples
        rows = self._standardize(X.astype(np.float64))
        bounds = self._apply(bound, rows, block=block)
        return (
            bounds
            - self._partition()
            - float(np.log(np.broadcast_to(self._scale, X.shape[1])).sum())
        )

    def _sample(self, n_samples, rng):
        return self._drawn(n_samples, rng, lambda machine: machine.net().top)

    def _drawn(self, n_samples, rng, pick):
        """Rows from chains that run on ``pick(machine)``, passed down."""
        generator = torch_generator(rng, inference_device(self.device))

        def draw_down(machine, v):
            net = machine.net()
            return net.draw_down(net.without_labels(v), generator)[0]

        tops = sample_rows(self, n_samples, generator, pick)
        return self._unstandardize(self._apply(draw_down, tops), self._built_for["dtype"])

    def _impute(self, X):
        return clamped_means(self, X, self._generator(0), _chain)

    def _sample_conditional(self, X, n_draws, rng):
        generator = torch_generator(rng, inference_device(self.device))
        return clamped_draws(self, X, n_draws, generator, _chain)

    @property
    def _chains(self):
        return self.module_.layers[-1].chains[-1]

    def _net_on(self, device):
        return copy.deepcopy(self.module_.net().top).to(device)

    def _path(self, net):
        return BernoulliPath(net, torch.from_numpy(self._top_base).to(net.weight))

    def _enumerable_units(self):
        return min(self.hidden_layer_sizes[-2:])

    def _exact_partition(self):
        top = self.module_.net().top
        W, b, c = (p.double().numpy() for p in (top.weight, top.visible_bias, top.hidden_bias))
        if not top.n_classes:
            return log_partition(W, b, c)
        d = len(b) - top.n_classes
        # Given its label a machine is an ordinary one, with other biases of the hidden units.
        parts = [b[j] + log_partition(W[:, :d], b[:d], c + W[:, j]) for j in range(d, len(b))]
        return log_sum_exp(np.array(parts))
