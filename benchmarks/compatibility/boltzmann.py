"""Adapter of the restricted Boltzmann machine."""

import numpy as np
import sklearn.neural_network
from sklearn.utils.validation import check_is_fitted

from benchmarks.compatibility.adapter import TransformerAdapter
from skgen import BernoulliRBM as SkgenBernoulliRBM


class BernoulliRBM(TransformerAdapter, of=sklearn.neural_network.BernoulliRBM):
    """The plain persistent contrastive divergence that scikit-learn runs, a chain a row."""

    def _stand_in(self):
        return SkgenBernoulliRBM(
            self.n_components,
            learning_rate=self.learning_rate,
            batch_size=self.batch_size,
            n_chains=self.batch_size,
            max_iter=self.n_iter,
            n_gibbs_steps=1,
            centered=False,
            data_bias=False,
            weight_decay=0.0,
            verbose=bool(self.verbose),
            random_state=self.random_state,
        )

    def _mean_hiddens(self, X):
        """scikit-learn's private name of ``transform``, also of one row."""
        return np.squeeze(self.transform(np.atleast_2d(X)), 0 if np.ndim(X) == 1 else ())

    def score_samples(self, X):
        check_is_fitted(self)
        return self.model_.pseudo_likelihood(X)
