"""Draws of machines of rows in time order, and what they fill in."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skgen.base.results.container import index_of
from skgen.base.results.size import check_n_rows
from skgen.base.sklearn_compat import output_container
from skgen.base.wording import naming
from skgen.boltzmann.sequential.continuation import continued, filled_in_time
from skgen.boltzmann.sequential.rows import sequence_starts
from skgen.training import torch_generator

# Continuations of which impute takes the mean.
N_IMPUTED = 100


class SequenceDrawMixin:
    """Draws and imputations of a ``SequenceRBM``."""

    def sample(self, n_samples=1, random_state=None, *, start=None):
        """Draw a sequence of rows in time order, or go on with one.

        Parameters
        ----------
        n_samples : int, default=1
            Number of rows.
        random_state : int, RandomState instance or None, default=None
            Source of the draws; None uses the estimator's own ``random_state``.
        start : array-like of shape (n_start, n_features), default=None
            Rows of one sequence, which the draws continue; None begins one.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
            The draws; a frame where ``transform_output`` asks for one.
        """
        check_is_fitted(self)
        check_n_rows(n_samples, "n_samples", n_values=self.n_features_in_)
        with naming("start"):
            start = None if start is None else self._validate(start).astype(np.float32)
        how = self._means, self.n_burn_in, torch_generator(self._rng(random_state), "cpu")
        rows = continued(self._net, start, int(n_samples), *how)
        return self._in_container(rows.astype(self._built_for["dtype"], copy=False))

    def impute(self, X, groups=None):
        """Replace each NaN by its mean given its row and those before it in the sequence.

        The mean over 100 draws of what is missing, each of which goes on from its own earlier
        ones; rows that follow do not count.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows in time order; NaN marks what is missing, whole rows as well.
        groups : array-like of shape (n_samples,), default=None
            Which sequence each row belongs to.

        Returns
        -------
        X_full : ndarray of shape (n_samples, n_features)
            A copy of X with every NaN filled; a frame where ``transform_output`` asks for one.
        """
        check_is_fitted(self)
        rows = self._validate_incomplete(X)
        _, means = self._filled(rows, groups, N_IMPUTED, self._rng(0))
        return self._in_container(means, index_of(X))

    def sample_conditional(self, X, n_draws=1, random_state=None, groups=None):
        """Draw what is missing given its row and those before it in the sequence.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows in time order; NaN marks what is missing, whole rows as well.
        n_draws : int, default=1
            Completed copies of X.
        random_state : int, RandomState instance or None, default=None
            Source of the draws; None uses the estimator's own ``random_state``.
        groups : array-like of shape (n_samples,), default=None
            Which sequence each row belongs to.

        Returns
        -------
        draws : ndarray of shape (n_draws, n_samples, n_features)
            Completed copies; a list of frames where ``transform_output`` asks for them.
        """
        check_is_fitted(self)
        rows, rng = self._validate_incomplete(X), self._rng(random_state)
        check_n_rows(n_draws, "n_draws", n_values=rows.size)
        draws, _ = self._filled(rows, groups, int(n_draws), rng)
        tables = [self._in_container(draw, index_of(X)) for draw in draws]
        return np.stack(tables) if output_container(self) == "default" else tables

    def _filled(self, X, groups, n_draws, rng):
        """Completed copies of X, and their mean, both in its type."""
        starts, generator = sequence_starts(X, groups), torch_generator(rng, "cpu")
        how = self._means, self.n_burn_in, n_draws, generator
        found = filled_in_time(self._net, X.astype(np.float32), starts, *how)
        return [np.where(np.isnan(X), a, X).astype(X.dtype, copy=False) for a in found]
