"""The verbs of a fitted generative adversarial network."""

import numpy as np
import torch
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from skgen.adversarial.inversion import N_CANDIDATES, invert
from skgen.adversarial.rejection import N_PILOT, acceptance_rate, log_ratio_cap, rejection_sample
from skgen.base.mixins import FeatureMixin, SampleMixin, TwoSampleScoreMixin
from skgen.kernels.two_sample.mmd import block_mmd2


class GANVerbs(FeatureMixin, TwoSampleScoreMixin, SampleMixin):
    """Hooks of the verb mixins, on a ``module_`` that is a GANNet."""

    likelihood_kind_ = "error"

    def generate(self, Z):
        """Rows that the generator makes of given latent rows; deterministic.

        Parameters
        ----------
        Z : array-like of shape (n_samples, n_components)
            Latent rows. A standard normal row is a draw of the model; rows on a line between
            two of them interpolate, and sums and differences do vector arithmetic.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
            Generated rows, of the dtype of Z.
        """
        check_is_fitted(self)
        Z = check_array(Z, dtype=self._float_dtypes, input_name="Z")
        if Z.shape[1] != self.n_components_:
            raise ValueError(
                f"Z has {Z.shape[1]} columns, but {type(self).__name__} has "
                f"{self.n_components_} latent dimensions."
            )
        return self._unstandardize(self._apply(lambda net, z: net.average(z), Z))

    def invert(self, X):
        """Latent rows whose images come nearest to the rows of X.

        The squared error in the units of the networks is descended from the nearest of many
        latent rows. ``generate(invert(X))`` is then the model's closest picture of X; what it
        misses, the model cannot draw.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        Z : ndarray of shape (n_samples, n_components)
            Latent rows, of the dtype of X. A row does not depend on its neighbors.
        """
        check_is_fitted(self)
        rows = self._standardize(self._validate(X))
        candidates = self._latent(N_CANDIDATES, np.random.RandomState(0))

        def latent(net, x):
            return invert(net.average, x, torch.from_numpy(candidates).to(x))[0]

        return self._apply(latent, rows)

    @property
    def _n_features_out(self):
        return self.module_.critic.head.in_features

    def _encode(self, X):
        return self._apply(lambda net, x: net.critic.penultimate(x), self._standardize(X))

    def _score_rows(self, X):
        return self._log_ratios(self._standardize(X))

    def _sample(self, n_samples, rng):
        return self._unstandardize(self._draw(n_samples, rng), self._built_for["dtype"])

    def _propose(self, n_samples, rng):
        """Draws before rejection, in the units of the networks."""
        x = self._apply(lambda net, z: net.average(z), self._latent(n_samples, rng))
        noise = float(self.module_.output_noise)
        return x + noise * rng.standard_normal(x.shape).astype(x.dtype) if noise else x

    def _latent(self, n_samples, rng):
        """Standard normal rows."""
        return rng.standard_normal((n_samples, self.n_components_)).astype(np.float32)

    def _draw(self, n_samples, rng):
        """Draws in the units of the networks."""
        if self._cap is None:
            return self._propose(n_samples, rng)

        def propose(n):
            rows = self._propose(n, rng)
            return rows, self._log_ratios(rows)

        return rejection_sample(propose, n_samples, self._cap, self.acceptance_rate_, rng)

    def _log_ratios(self, rows):
        """Output of the critic for rows in the units of the networks."""
        return self._apply(lambda net, x: net.critic.score(x).double(), rows)

    def _calibrate(self):
        """Set the cap of the rejection, and the share of the draws that it keeps."""
        self._cap, self.acceptance_rate_ = None, 1.0
        if self._calibration:
            log_ratios = self._log_ratios(self._propose(N_PILOT, np.random.RandomState(0)))
            self._cap = log_ratio_cap(log_ratios)
            self.acceptance_rate_ = acceptance_rate(log_ratios, self._cap)

    def _distance(self, X):
        draws = self._draw(len(X), np.random.RandomState(0))
        return block_mmd2(self._standardize(X), draws, self.bandwidths_)
