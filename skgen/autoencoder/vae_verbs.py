"""The verbs of a fitted variational autoencoder."""

import math

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted

from skgen.base.mixins import ImputeMixin, LatentMixin, SampleMixin, ScoreMixin
from skgen.nets.autoencoder.conditional import metropolis_within_gibbs
from skgen.nets.autoencoder.vae import log_weights
from skgen.nets.gaussian import scrambled_normal
from skgen.training import inference_device, torch_generator

N_VALUES = 2**23  # of one intermediate array: 32 MiB in float32


class VAEVerbs(LatentMixin, ScoreMixin, SampleMixin, ImputeMixin):
    """Hooks of the verb mixins, on a ``module_`` that is a VAENet."""

    likelihood_kind_ = "lower_bound"

    def posterior(self, X):
        """Approximate posterior q(z|x) of each row, a Gaussian with independent components.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        mean : ndarray of shape (n_samples, n_components)
            Posterior means, as ``transform`` gives them.
        variance : ndarray of shape (n_samples, n_components)
            Posterior variances.
        """
        check_is_fitted(self)
        rows = self._standardize(self._validate(X))
        joint = self._apply(lambda net, x: torch.cat(net.posterior(x), -1), rows)
        mean, log_variance = np.split(joint, 2, axis=1)
        return mean, np.exp(log_variance)

    @property
    def _n_features_out(self):
        return self.n_components

    def _encode(self, X):
        return self._apply(lambda net, x: net.posterior(x)[0], self._standardize(X))

    def _decode(self, Z):
        means = self._apply(lambda net, z: net.likelihood.mean(net.decode(z)), Z)
        return self._unstandardize(means)

    def _score_rows(self, X):
        # One noise set for all rows: a row's score does not depend on its neighbors.
        noise = scrambled_normal(self.n_score_samples, self.n_components)
        block = max(1, min(256, N_VALUES // (self.n_score_samples * X.shape[1])))
        parts = noise.split(max(1, N_VALUES // (block * X.shape[1])))

        def bound(net, x):
            log_w = torch.cat([log_weights(net, x, part.to(x).unsqueeze(1)) for part in parts])
            return torch.logsumexp(log_w.double(), 0) - math.log(len(noise))

        return self._apply(bound, self._standardize(X), block=block)

    def _sample(self, n_samples, rng):
        generator = torch_generator(rng, inference_device(self.device))

        def draw(net, z):
            out = net.decode(z)
            noise = torch.randn(out.shape, generator=generator, device=out.device)
            return net.likelihood.draw(out, noise)

        z = rng.standard_normal((n_samples, self.n_components)).astype(np.float32)
        return self._unstandardize(self._apply(draw, z), self._built_for["dtype"])

    def _impute(self, X):
        def conditional_mean(net, x, missing):
            generator = torch.Generator(x.device).manual_seed(0)
            chain = metropolis_within_gibbs(
                net, x, missing, self.n_gibbs_steps, generator, shared=True
            )
            # The first half of the chain forgets its start.
            kept = [mean for _, mean in chain][self.n_gibbs_steps // 2 :]
            return torch.stack(kept).mean(0)

        return self._complete(X, conditional_mean)[0]

    def _sample_conditional(self, X, n_draws, rng):
        generator = torch_generator(rng, inference_device(self.device))

        def last_draw(net, x, missing):
            chain = metropolis_within_gibbs(
                net, x, missing, self.n_gibbs_steps, generator, n_draws=n_draws
            )
            for draw, _ in chain:
                last = draw
            return last

        return self._complete(X, last_draw, n_draws)

    def _complete(self, X, complete, n_draws=1):
        """``complete(net, x, missing)`` over blocks of rows, shape (n_draws, n, d), units of X."""
        missing = np.isnan(X)
        rows = np.where(missing, 0.0, self._standardize(X)).astype(X.dtype)
        both = np.concatenate([rows, missing.astype(X.dtype)], axis=1)

        def run(net, block):
            x, mask = block.chunk(2, dim=1)
            return complete(net, x, mask > 0).transpose(0, 1)

        block = max(1, N_VALUES // (16 * n_draws * X.shape[1]))
        filled = self._unstandardize(self._apply(run, both, block=block).transpose(1, 0, 2))
        # What was observed keeps its digits.
        return np.where(missing, filled, X)
