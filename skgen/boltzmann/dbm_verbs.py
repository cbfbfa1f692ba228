"""The verbs of a fitted deep Boltzmann machine."""

import copy

import torch
from torch.nn import functional as F

from skgen.base.mixins import ImputeMixin, LatentMixin, SampleMixin, ScoreMixin
from skgen.boltzmann.partition import PartitionMixin
from skgen.boltzmann.sampling import clamped_draws, clamped_means, clamped_sweeps, sample_rows
from skgen.kernels.boltzmann.boltzmann_enumeration import log_partition
from skgen.nets.boltzmann.annealing import BernoulliPath
from skgen.nets.boltzmann.sigmoid_layers import sigmoid_layers
from skgen.training import inference_device, torch_generator

MOST_STEPS = 1000


def _sweeps(machine, x, missing, n_steps, generator):
    """Clamped sweeps in which the even hidden layers are missing, too."""
    d, net = x.shape[1], machine.average
    even, _ = net.start(0, x)
    beside = F.pad(missing, (0, even.shape[1] - d), value=True)
    for draw, mean in clamped_sweeps(net, even, beside, n_steps, generator):
        yield draw[:, :d], mean[:, :d]


class DBMVerbs(PartitionMixin, LatentMixin, ScoreMixin, SampleMixin, ImputeMixin):
    """Hooks of the verb mixins, on a ``module_`` that is a Machine around a DBM."""

    likelihood_kind_ = "lower_bound"

    @property
    def _n_features_out(self):
        return self.hidden_layer_sizes[-1]

    def _settled(self, net, number, values):
        """Even and odd layers of mean field with one layer held."""
        return net.settle_each(number, values, MOST_STEPS, self.mean_field_tol)[:2]

    def _encoder_module(self, machine):
        """One pass upwards as a network; a layer between two others counts its inputs twice."""
        net = machine.average
        numbers = range(1, len(net.sizes))
        weights = [net.between(number) * (1 + (number < numbers[-1])) for number in numbers]
        return sigmoid_layers(weights, [net.bias(number) for number in numbers])

    def _encode(self, X):
        top = len(self.hidden_layer_sizes)

        def means(machine, x):
            net = machine.average
            return self._settled(net, 0, x)[top % 2][:, net.slices[top]]

        return self._apply(means, self._standardize(X))

    def _decode(self, Z):
        top, generator = len(self.hidden_layer_sizes), self._generator(0)

        def means(machine, z):
            # Mean field would settle in one of the many rows that a top layer allows.
            return machine.average.held_means(top, z, self.n_thinning, generator)

        return self._apply(means, Z)

    def _score_rows(self, X):
        def bound(machine, x):
            net = machine.average
            return net.evidence_bound(self._settled(net, 0, x.double())[0])

        return self._apply(bound, self._standardize(X).astype("float64")) - self._partition()

    def _sample(self, n_samples, rng):
        generator = torch_generator(rng, inference_device(self.device))
        rows = sample_rows(self, n_samples, generator)[:, : self.n_features_in_]
        return rows.astype(self._built_for["dtype"])

    def _impute(self, X):
        return clamped_means(self, X, self._generator(0), _sweeps)

    def _sample_conditional(self, X, n_draws, rng):
        generator = torch_generator(rng, inference_device(self.device))
        return clamped_draws(self, X, n_draws, generator, _sweeps)

    @property
    def _chains(self):
        return self.module_.chains[-1]

    def _net_on(self, device):
        return copy.deepcopy(self.module_.average).to(device)

    def _path(self, net):
        base = torch.zeros(net.weight.shape[1])
        base[: len(self._means)] = torch.logit(torch.from_numpy(self._means)).float()
        return BernoulliPath(net, base.to(net.weight))

    def _enumerable_units(self):
        sizes = (self.n_features_in_, *self.hidden_layer_sizes)
        return min(sum(sizes[::2]), sum(sizes[1::2]))

    def _exact_partition(self):
        net = self.module_.average
        return log_partition(
            *(p.double().numpy() for p in (net.weight, net.visible_bias, net.hidden_bias))
        )
