"""The codes of a model as displays move them: their names, a center, and a range for each."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skgen.base.results.codes import decoder, encoder, has_normal_prior
from skgen.base.results.latent_arithmetic import codes_of, rows_of
from skgen.inspection.checks import check_has, check_rows
from skgen.inspection.names import latent_names

RADIUS = 2.5  # standard deviations of a standard normal prior to either side
QUANTILES = (0.01, 0.99)  # of the codes of rows, where the prior is another


def check_codes(estimator, display, encodes=False):
    """Raise an error unless a fitted estimator decodes, and where it must, encodes."""
    check_is_fitted(estimator)
    verbs = ["inverse_transform"] if decoder(estimator) is None else []
    if encodes and encoder(estimator) is None:
        verbs.append("transform")
    check_has(estimator, display, *verbs)


def encode(estimator, X, name="X"):
    """Codes of rows, that ``decode`` takes, (n_samples, n_components)."""
    return check_rows(codes_of(estimator, X), f"codes of {name}")


def decode(estimator, codes):
    """Rows of codes of any leading shape (..., n_components), (..., n_features)."""
    rows = rows_of(estimator, codes)
    return check_rows(rows.reshape(-1, rows.shape[-1]), "decoded rows").reshape(rows.shape)


class CodeSpace:
    """Names, center and range of the codes of a fitted model.

    Parameters
    ----------
    estimator : estimator
        Fitted, with ``inverse_transform`` or ``generate``.
    X : array-like of shape (n_samples, n_features) or None
        Rows whose codes say center and range where the prior of codes is not standard normal.
    span : tuple of float or None
        Both ends of the range of every code; None leaves them to the prior or to X.

    Attributes
    ----------
    names : list of str
        Names of the codes.
    center : ndarray of shape (n_components,)
        Zero under a standard normal prior, else the median of the codes of X.
    low, high : ndarray of shape (n_components,)
        Ends of the ranges: ``span``, or 2.5 standard deviations of a standard normal prior to
        either side, or the 1 % and 99 % quantiles of the codes of X.
    """

    def __init__(self, estimator, X=None, span=None):
        if has_normal_prior(estimator):
            self.center = np.zeros(_n_codes(estimator))
            self.low, self.high = self.center - RADIUS, self.center + RADIUS
        elif X is None:
            raise ValueError(
                f"The codes of {type(estimator).__name__} have no standard normal prior, so that "
                "their range is not known; give X, whose codes say it."
            )
        else:
            codes = encode(estimator, X)
            self.center = np.median(codes, axis=0)
            self.low, self.high = np.quantile(codes, QUANTILES, axis=0)
        if span is not None:
            low, high = span
            if not low < high:
                raise ValueError(f"span={tuple(span)} does not rise; give (lowest, highest).")
            self.low, self.high = (np.full(len(self.center), float(end)) for end in span)
        names = None if hasattr(estimator, "generate") else latent_names(estimator, self.size)
        self.names = [f"code {i}" for i in range(self.size)] if names is None else list(names)

    @property
    def size(self):
        """Number of codes."""
        return len(self.center)


def _n_codes(estimator):
    """Number of codes of a model whose prior is standard normal."""
    # The features of a GAN are its critic's.
    if hasattr(estimator, "generate"):
        return estimator.n_components_
    return len(estimator.get_feature_names_out())
