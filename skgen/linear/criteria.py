"""Information criteria of models that have a likelihood and count their parameters."""

from abc import ABCMeta, abstractmethod

import numpy as np


class CriteriaMixin(metaclass=ABCMeta):
    """``aic`` and ``bic`` from ``score_samples`` and ``_count_parameters``."""

    @abstractmethod
    def _count_parameters(self):
        """Number of free parameters."""

    def aic(self, X):
        """Akaike's information criterion on X; lower is better.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        aic : float
            Minus twice the log-likelihood in nats plus twice the number of free parameters.
        """
        return float(-2 * self.score_samples(X).sum() + 2 * self._count_parameters())

    def bic(self, X):
        """Bayesian information criterion on X; lower is better.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        bic : float
            Minus twice the log-likelihood in nats plus log(n_samples) a free parameter.
        """
        scores = self.score_samples(X)
        return float(-2 * scores.sum() + np.log(len(scores)) * self._count_parameters())
