"""What encoders that guess lasso codes share: the scale of the networks, scores, exact codes."""

from abc import abstractmethod

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skgen.base.mixins import LatentMixin, ScoreMixin
from skgen.base.parameters import AUTO, COUNT, param
from skgen.base.torch_estimator import TorchEstimator
from skgen.base.training_parameters import TrainingParameters
from skgen.kernels.threads import RowWorkers
from skgen.kernels.two_sample.distances import evenly_spaced
from skgen.sparse.coding import lasso_codes, objective, residuals

N_MEASURED = 10_000
# No row has a correlation above this in the units of the networks: all codes are zero either way.
LARGEST_ALPHA = 1e12


class BaseSparseEncoder(LatentMixin, ScoreMixin, TrainingParameters, TorchEstimator):
    """A network that guesses the lasso code of a row at once.

    Parameters
    ----------
    max_iter : int or "auto", default="auto"
        Epochs; "auto" takes as many as 1000 updates need.

    Attributes
    ----------
    likelihood_kind_ : str
        ``"error"``: scores are minus the lasso objective of the guessed codes, and no density.
    measure_ : None
        There is no density.
    """

    max_iter: int | str = param(COUNT, AUTO, default="auto")

    _n_updates = 1000
    likelihood_kind_ = "error"
    measure_ = None

    @property
    @abstractmethod
    def _dictionary(self):
        """Atoms (K, d) of the fit."""

    @property
    @abstractmethod
    def _problem(self):
        """Lasso problem of the fit, in the units of the data."""

    def _scaled_alpha(self):
        """Weight of the l1 norm in the units of the networks."""
        with np.errstate(over="ignore"):
            return float(min(self._problem.alpha / self._scale, LARGEST_ALPHA))

    def _guess(self, X, double=False):
        """Codes (n, K) by the encoder, in the units of the data and the dtype of X."""
        codes = self._apply(lambda net, x: net["encoder"](x), self._standardize(X), double=double)
        return (self._scale * codes).astype(codes.dtype, copy=False)

    def exact_codes(self, X):
        """Lasso codes that the encoder guesses, by an exact solver.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        codes : ndarray of shape (n_samples, n_atoms)
            Codes of the dictionary of the fit, of the dtype of X.
        """
        check_is_fitted(self)
        with RowWorkers() as workers:
            return lasso_codes(self._validate(X), self._dictionary, self._problem, workers)[0]

    def _score_rows(self, X):
        codes, atoms = self._guess(X, double=True), self._dictionary.astype(np.float64)
        with RowWorkers() as workers:
            return -objective(residuals(X, atoms, codes, workers), codes, self._problem.alpha)


def root_mean_square(X):
    """Root of the mean square of the entries of X, 1 where all are zero."""
    rows = np.asarray(evenly_spaced(X, N_MEASURED), dtype=np.float64)
    largest = float(np.abs(rows).max())
    return largest * float(np.sqrt(np.mean(np.square(rows / largest)))) if largest > 0 else 1.0
