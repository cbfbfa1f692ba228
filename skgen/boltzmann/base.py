"""What the restricted Boltzmann machines share: training, free energies, log Z, attributes."""

import copy
from abc import abstractmethod

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted

from skgen.base.mixins import ImputeMixin, LatentMixin, SampleMixin, ScoreMixin
from skgen.base.torch_estimator import TorchEstimator
from skgen.boltzmann.machine import Machine, draw_normal_, new_chains
from skgen.boltzmann.partition import PartitionMixin
from skgen.boltzmann.sampling import clamped_draws, clamped_means, sample_rows
from skgen.nets.rbm import gibbs
from skgen.training import Stage, inference_device, torch_generator
from skgen.training.averaged_sgd import AveragedSGD


class BaseRBM(PartitionMixin, LatentMixin, ScoreMixin, SampleMixin, ImputeMixin, TorchEstimator):
    """Two layers of units; a subclass says what the visible ones are."""

    # The gradients are written by hand, in float32.
    precision = "float32"
    compile = False

    @abstractmethod
    def _new_net(self, n_features):
        """Return the module of the machine, its weights zero, its biases at the data's."""

    @abstractmethod
    def _phase(self, machine, optimizer):
        """Return the training phase of a ``Machine``."""

    @property
    def _step(self):
        """Learning rate."""
        return self.learning_rate

    @property
    def _n_updates(self):
        """Updates that max_iter="auto" stands for: more weights take longer."""
        n_weights = self.n_components * self._built_for["n_features"]
        return min(max(4 * n_weights, 2000), 10_000)

    def _build(self, n_features):
        net = self._new_net(n_features)
        draw_normal_(net.weight, self.init_scale)
        n_temperatures = self.n_temperatures if self.negative_phase == "pt" else 1
        return Machine(net, new_chains(n_temperatures, self.n_chains, self.n_components))

    def _stages(self, machine):
        weights, averages = machine.weights()
        groups = [
            {"params": weights[:1], "weight_decay": self.weight_decay},
            {"params": weights[1:]},
        ]
        optimizer = AveragedSGD(groups, averages, machine.n_steps, self._step, self.momentum)
        return [Stage([self._phase(machine, optimizer)], monitor=self._monitor(machine))]

    @abstractmethod
    def _monitor(self, machine):
        """Return ``monitor(batch, generator)``: the validation loss of the averaged weights."""

    def _finish(self, X):
        self._forget_partition()
        net = self._net
        self.components_ = net.weight.numpy().copy()
        self.intercept_hidden_ = net.hidden_bias.numpy().copy()
        self._finish_visible(net)

    @property
    def _net(self):
        return self.module_.average

    def _net_on(self, device):
        """A copy of the fitted machine on a device."""
        return copy.deepcopy(self._net).to(device)

    @property
    def _n_features_out(self):
        return self.n_components

    def _encode(self, X):
        return self._apply(
            lambda m, v: torch.sigmoid(m.average.hidden_input(v)), self._standardise(X)
        )

    def _decode(self, Z):
        return self._unstandardise(self._apply(lambda m, h: m.average.visible_mean(h), Z))

    def _free_energies(self, X):
        """Free energies of rows as the networks see them, float64."""
        return self._apply(lambda m, v: m.average.free_energy(v), X.astype(np.float64))

    def _score_rows(self, X):
        return -self._free_energies(self._standardise(X)) - self._partition() - self._log_units()

    def _log_units(self):
        """Logarithm of the volume of one standardised unit, which a density is divided by."""
        return 0.0

    def free_energy(self, X):
        """Free energy -log sum_h exp(-E(v, h)) of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Visible rows.

        Returns
        -------
        free_energy : ndarray of shape (n_samples,)
            In nats; minus the log-likelihood up to a constant, log Z.
        """
        check_is_fitted(self)
        return self._free_energies(self._standardise(self._validate(X)))

    def gibbs(self, X, n_steps=1, random_state=None):
        """Visible rows after sweeps of block Gibbs sampling that start at X.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Visible rows.
        n_steps : int, default=1
            Sweeps: hidden units given visible ones, then visible given hidden.
        random_state : int, RandomState instance or None, default=None
            Source of the draws; None uses the estimator's own ``random_state``.

        Returns
        -------
        X_new : ndarray of shape (n_samples, n_features)
            One draw a row.
        """
        check_is_fitted(self)
        X = self._standardise(self._validate(X))
        generator = self._generator(random_state)
        rows = self._apply(lambda m, v: gibbs(m.average, v, n_steps, generator), X)
        return self._unstandardise(rows)

    def _generator(self, random_state):
        """Torch generator of a call, on the device of its computations."""
        return torch_generator(self._rng(random_state), inference_device(self.device))

    def _sample(self, n_samples, rng):
        generator = torch_generator(rng, inference_device(self.device))
        return self._unstandardise(sample_rows(self, n_samples, generator))

    def _impute(self, X):
        return clamped_means(self, X, self._generator(0))

    def _sample_conditional(self, X, n_draws, rng):
        generator = torch_generator(rng, inference_device(self.device))
        return clamped_draws(self, X, n_draws, generator)
