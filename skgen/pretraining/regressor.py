"""Regressor whose network starts at the weights of an unsupervised model."""

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils import check_array, check_consistent_length

from skgen.base.parameters import param
from skgen.base.results.finite import finite
from skgen.base.sklearn_compat import check_sample_weight
from skgen.base.wording import naming
from skgen.pretraining.base import BaseFineTuned


class FineTunedRegressor(RegressorMixin, BaseFineTuned):
    r"""Regression on the encoder of an unsupervised model, trained by backpropagation.

    First ``estimator`` learns from all rows x, with a target or not; then its encoder f and a
    linear layer learn from the rows x_i that have targets:

    .. math:: E[y \mid x] = A f(x) + a, \qquad
        \min_{A, a, f} \; \frac1n \sum_i \lvert y_i - A f(x_i) - a \rvert^2

    That is minus the log-likelihood of Gaussian noise, up to factors. Targets are centered and
    divided by their standard deviations inside, so that those of any units train alike.

    Parameters
    ----------
    early_stopping : bool, default=True
        Whether to hold out rows, stop when their error no longer falls, and keep the best weights:
        the noise of real targets is soon learned by heart.
    %(shared_parameters)s

    Attributes
    ----------
    n_outputs_ : int
        Number of targets.
    %(shared_attributes)s

    Raises
    ------
    ValueError
        No row has a target, or one is infinite; ``prefit`` with an estimator of other features, or
        ``freeze`` of more layers than there are.
    NotFittedError
        With ``prefit``: the estimator is not fitted.

    See Also
    --------
    FineTunedClassifier : The same for labels instead of numbers.

    Notes
    -----
    ``max_iter="auto"`` makes at most 3 000 updates, however few the targets are, and more where
    that is not 30 epochs of 128 rows.

    A target that is NaN is missing: a row without any target teaches ``estimator`` alone, and one
    without some of several the rest of its outputs. ``score`` leaves missing targets out.

    References
    ----------
    Hinton, G. & Salakhutdinov, R. (2006). Reducing the dimensionality of data with neural
    networks. Science.

    Salakhutdinov, R. & Hinton, G. (2008). Using deep belief nets to learn covariance kernels for
    Gaussian processes. NIPS.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from skgen import Autoencoder, FineTunedRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> y_known = y.copy()
    >>> y_known[200:] = float("nan")
    >>> model = FineTunedRegressor(Autoencoder(8), max_iter=50, random_state=0).fit(X, y_known)
    >>> model.predict(X[200:]).shape
    (242,)
    """

    early_stopping: bool = param(default=True)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _targets(self, X, y, weight, resume):
        """Standardized targets, 0 where one is missing, and behind them which are known."""
        y = checked_targets(X, y)
        self._is_vector = y.ndim == 1
        y = y.reshape(len(y), -1)
        known = ~np.isnan(y)
        if not known.any(axis=0).all():
            raise ValueError(
                "y has no value but NaN in a column, which marks rows without a target; give some "
                "rows a target."
            )
        if resume and y.shape[1] != self.n_outputs_:
            raise ValueError(
                f"y has {y.shape[1]} targets, but the earlier fit had {self.n_outputs_}; use "
                "warm_start=False or a new estimator."
            )
        self._n_seen = int(known.any(axis=1).sum())
        self.n_outputs_ = y.shape[1]
        if not resume:
            self._target_center, self._target_scale = scales_of(y, known, weight)
        columns = np.where(known, (y - self._target_center) / self._target_scale, 0.0)
        columns = np.hstack([columns, known])
        # Rows of NaN sit out the training.
        columns[~known.any(axis=1)] = np.nan
        return columns.astype(np.float32)

    @property
    def _n_outputs(self):
        return self.n_outputs_

    def _losses(self, module, n_features):
        n_outputs = self.n_outputs_

        def squared_error(rows, generator):
            x, y, known = rows.tensor_split((n_features, n_features + n_outputs), dim=1)
            return ((module(x) - y).square() * known).sum() / len(rows)

        return "squared_error", squared_error, None

    def predict(self, X):
        """E[y | x] of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            In the units and the shape of the targets of ``fit``, float64.
        """

        def unstandardized(y):
            return y.astype(np.float64) * self._target_scale + self._target_center

        y = finite(unstandardized, self._outputs(X))
        return y.ravel() if self._is_vector else y

    def score(self, X, y, sample_weight=None):
        """Coefficient of determination R^2 on the targets that are known.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets; those that are NaN are left out.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the rows.

        Returns
        -------
        score : float
            1 minus the squared error over that of the mean, at best 1; of several targets the mean.

        Raises
        ------
        ValueError
            A target is missing in all rows, or one is infinite.
        """
        y = checked_targets(X, y)
        y, predicted = y.reshape(len(y), -1), self.predict(X).reshape(len(y), -1)
        weight = check_sample_weight(sample_weight, predicted)
        return float(np.mean([known_r2(*pair, weight) for pair in zip(y.T, predicted.T)]))


@naming("y")
def checked_targets(X, y):
    """Targets as float64, (n,) or (n, n_outputs), in which NaN is allowed."""
    if y is None:
        raise ValueError(
            "fit requires y to be passed, but the target y is None; mark rows without a target by "
            "NaN."
        )
    with np.errstate(invalid="ignore"):
        y = check_array(
            y, ensure_2d=False, ensure_all_finite="allow-nan", dtype=np.float64, input_name="y"
        )
    check_consistent_length(X, y)
    return y


def scales_of(y, known, weight):
    """Mean and standard deviation of the known values of each column, (n_outputs,)."""
    weight = known * (1.0 if weight is None else weight[:, None])
    values = np.where(known, y, 0.0)
    mean = (weight * values).sum(axis=0) / weight.sum(axis=0)
    variance = (weight * (values - mean) ** 2).sum(axis=0) / weight.sum(axis=0)
    # One that is constant up to rounding has no scale.
    varies = variance > (1e-12 * np.abs(mean)) ** 2
    return mean, np.where(varies, np.sqrt(variance), 1.0)


def known_r2(y, predicted, weight):
    """R^2 of the rows in which a target is known."""
    known = ~np.isnan(y)
    if not known.any():
        raise ValueError("y has no value but NaN in a column; score rows that have a target.")

    def r2(y):
        return r2_score(y, predicted[known], sample_weight=weight[known])

    return finite(r2, y[known], name="y")
