"""The public verbs of a restricted Boltzmann machine."""

import copy
from numbers import Integral

import numpy as np
import torch
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted

from skgen.base.mixins import ImputeMixin, LatentMixin, SampleMixin, ScoreMixin
from skgen.boltzmann.sampling import clamped_draws, clamped_means, sample_rows
from skgen.nets.boltzmann.rbm import gibbs
from skgen.nets.boltzmann.sigmoid_layers import sigmoid_layers
from skgen.training import inference_device, torch_generator


class BoltzmannVerbs(LatentMixin, ScoreMixin, SampleMixin, ImputeMixin):
    """Verbs that read the averaged machine in ``module_``."""

    @property
    def _net(self):
        return self.module_.average

    @property
    def likelihood_kind_(self):
        """How log Z is known: "exact" by enumeration, or "ais", an estimate."""
        return "exact" if self._is_enumerable() else "ais"

    @property
    def _chains(self):
        return self.module_.chains[-1]

    def _net_on(self, device):
        """A copy of the fitted machine on a device."""
        return copy.deepcopy(self._net).to(device)

    def _encoder_module(self, machine):
        """The way up as a network."""
        net = machine.average
        return sigmoid_layers([net.up_weight()], [net.hidden_bias])

    def _encode(self, X):
        return self._apply(
            lambda m, v: torch.sigmoid(m.average.hidden_input(v)), self._standardize(X)
        )

    def _decode(self, Z):
        return self._unstandardize(self._apply(lambda m, h: m.average.visible_mean(h), Z))

    def _free_energies(self, X):
        """Free energies of rows as the networks see them, float64."""
        return self._apply(lambda m, v: m.average.free_energy(v), X.astype(np.float64))

    def _score_rows(self, X):
        return -self._free_energies(self._standardize(X)) - self._partition() - self._log_jacobian()

    def _log_jacobian(self):
        """Logarithm of the volume of one standardized unit, which a density is divided by."""
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
        return self._free_energies(self._standardize(self._validate(X)))

    def gibbs(self, X, n_steps=1, random_state=None):
        """Visible rows after sweeps of block Gibbs sampling that start at X.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Visible rows.
        n_steps : int, default=1
            Sweeps: hidden units given visible ones, then visible given hidden.
        random_state : int, RandomState instance or None, default=None
            Source of the draws; None uses the estimator's own ``random_state``. An int gives
            the same draws in every call: in a loop of calls, which is one chain, pass a
            RandomState instance, or take ``n_steps`` at once.

        Returns
        -------
        X_new : ndarray of shape (n_samples, n_features)
            One draw a row.
        """
        check_is_fitted(self)
        check_scalar(n_steps, "n_steps", Integral, min_val=1)
        X = self._standardize(self._validate(X))
        generator = self._generator(random_state)
        rows = self._apply(lambda m, v: gibbs(m.average, v, n_steps, generator), X)
        return self._unstandardize(rows)

    def _sample(self, n_samples, rng):
        generator = torch_generator(rng, inference_device(self.device))
        return self._unstandardize(
            sample_rows(self, n_samples, generator), self._built_for["dtype"]
        )

    def _impute(self, X):
        return clamped_means(self, X, self._generator(0))

    def _sample_conditional(self, X, n_draws, rng):
        generator = torch_generator(rng, inference_device(self.device))
        return clamped_draws(self, X, n_draws, generator)
