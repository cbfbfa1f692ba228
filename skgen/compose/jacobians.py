"""Log-Jacobians of the transformers that have one, by type."""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.decomposition import PCA, FastICA, IncrementalPCA
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.utils import check_array

from skgen.compose.functions import log_slopes_of_function
from skgen.compose.quantiles import TailedQuantileTransformer, interpolation_slopes

WITHOUT_IMPUTER = (
    "leave it out, since a model that takes NaN, such as FactorAnalysis, needs no filled rows"
)


class _Entry(NamedTuple):
    function: object
    columnwise: bool


_REGISTRY = {}


def register_log_jacobian(transformer, *, columnwise=False):
    """Tell the log-Jacobian of a type of transformer, as a decorator.

    The decorated function is called as ``function(step, X, Z)`` with the fitted step, its input
    ``X`` (an array or sparse matrix) and its output ``Z`` (an array). It serves subclasses too.

    Parameters
    ----------
    transformer : type
        Class of the transformer.
    columnwise : bool, default=False
        If True, each output column is an increasing or decreasing function of the input column
        in the same place and NaN passes through: the function returns the logarithms of the
        absolute slopes, broadcastable to the shape of X. If False, it returns
        ``log |det dZ/dX|``, a number or an array of shape (n_samples,). In both cases minus
        infinity marks where the map is flat, and None says that this step has no log-Jacobian.

    Returns
    -------
    decorator : callable
        Registers the function it is given and returns it.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
    >>> from skgen import register_log_jacobian
    >>> class Log(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    ...     def fit(self, X, y=None):
    ...         return self
    ...     def transform(self, X):
    ...         return np.log(X)
    ...     def inverse_transform(self, X):
    ...         return np.exp(X)
    >>> @register_log_jacobian(Log, columnwise=True)
    ... def log_slopes(step, X, Z):
    ...     return -Z
    """

    def register(function):
        _REGISTRY[transformer] = _Entry(function, columnwise)
        return function

    return register


def find_log_jacobian(name, step):
    """Registry entry of a pipeline step, or a ValueError that names it."""
    for cls in type(step).__mro__:
        if cls in _REGISTRY:
            return _REGISTRY[cls]
    if is_imputer(step):
        raise ValueError(
            f"Step {name!r}, {step!r}, fills holes, and rows that were filled have no density; "
            f"{WITHOUT_IMPUTER}."
        )
    raise _no_log_jacobian(name, step)


def transform_with_log_jacobian(name, step, X, without=()):
    """Output of a step and the log-Jacobian of each row of X, shape (n,).

    ``without`` are columns that hold categories: they change no volume.
    """
    entry = find_log_jacobian(name, step)
    if len(without) and not entry.columnwise:
        raise ValueError(
            f"Step {name!r}, {step!r}, mixes categories with other columns, so a density after it "
            "says nothing of them; move it before the encoder, or to the numeric columns of a "
            "ColumnTransformer."
        )
    # A step with copy=False overwrites its input, which the slopes still need.
    rows = check_array(
        X,
        accept_sparse=("csr", "csc"),
        dtype=np.float64,
        ensure_all_finite=False,
        copy=not getattr(step, "copy", True),
        estimator=step,
        input_name="X",
    )
    Z = step.transform(X)
    result = entry.function(step, rows, Z if sparse.issparse(Z) else np.asarray(Z, np.float64))
    if result is None:
        raise _no_log_jacobian(name, step)
    if entry.columnwise:
        result = np.array(result, dtype=np.float64)
        result[..., list(without)] = 0.0
        return Z, _sum_observed(result, rows)
    return Z, np.broadcast_to(result, rows.shape[:1])


def is_imputer(step):
    """Whether a step is an imputer of scikit-learn, whose output does not tell what was missing."""
    return type(step).__module__.startswith("sklearn.impute")


def _no_log_jacobian(name, step):
    return ValueError(
        f"Step {name!r}, {step!r}, has no log-Jacobian, so a density after it says nothing in the "
        "units of X; replace it by an invertible step with as many outputs as inputs, fit it "
        "outside of the pipeline, or state its log-Jacobian with skgen.register_log_jacobian."
    )


def _sum_observed(log_slopes, X):
    """Sum the log slopes of each row over what is not NaN."""
    # The marginal density of what is observed changes by the slopes of these columns only.
    if np.ndim(log_slopes) == 2:
        return np.where(np.isnan(_dense(X)), 0.0, log_slopes).sum(axis=1)
    if not sparse.issparse(X):
        return np.full(len(X), log_slopes.sum()) - np.isnan(X) @ log_slopes
    missing = X.copy()
    missing.data = np.isnan(X.data).astype(float)
    return np.full(X.shape[0], log_slopes.sum()) - missing @ log_slopes


def _dense(X):
    return X.toarray() if sparse.issparse(X) else X


def _log_scale(step):
    """Logarithms of the scales of a scaler, zeros where it does not scale."""
    if step.scale_ is None:
        return np.zeros(step.n_features_in_)
    return np.log(np.asarray(step.scale_, dtype=np.float64))


@register_log_jacobian(StandardScaler, columnwise=True)
@register_log_jacobian(RobustScaler, columnwise=True)
def _divide(step, X, Z):
    return -_log_scale(step)


@register_log_jacobian(MaxAbsScaler, columnwise=True)
def _divide_by_largest(step, X, Z):
    # Before scikit-learn 1.8 there is no clip.
    if not getattr(step, "clip", False):
        return -_log_scale(step)
    return np.where(np.abs(_dense(X)) <= step.scale_, -_log_scale(step), -np.inf)


@register_log_jacobian(MinMaxScaler, columnwise=True)
def _map_to_range(step, X, Z):
    if not step.clip:
        return _log_scale(step)
    low, high = step.feature_range
    scaled = X * step.scale_ + step.min_
    inside = (low <= scaled) & (scaled <= high)
    # The extremes of the training data may leave the range by rounding.
    inside |= (step.data_min_ <= X) & (step.data_max_ >= X)
    return np.where(inside, _log_scale(step), -np.inf)


@register_log_jacobian(PowerTransformer, columnwise=True)
def _power(step, X, Z):
    powers = np.asarray(step.lambdas_, dtype=np.float64) - 1
    log_slopes = _POWER_LOG_SLOPES[step.method](X, powers)
    return log_slopes - _log_scale(step._scaler) if step.standardize else log_slopes


_POWER_LOG_SLOPES = {
    "box-cox": lambda X, powers: powers * np.log(X),
    "yeo-johnson": lambda X, powers: powers * np.sign(X) * np.log1p(np.abs(X)),
}


@register_log_jacobian(QuantileTransformer, columnwise=True)
def _quantile(step, X, Z):
    if sparse.issparse(X):  # implicit zeros are left as they are: no monotone map
        return None
    columns = [
        interpolation_slopes(x, q, step.references_)
        for x, q in zip(X.T, np.asarray(step.quantiles_, dtype=np.float64).T)
    ]
    with np.errstate(divide="ignore"):
        log_slopes = np.log(np.stack(columns, axis=1))
    if step.output_distribution == "uniform":
        return log_slopes
    # Phi^-1 has slope 1 / phi at its value, and Z is that value.
    return log_slopes + 0.5 * (Z**2 + np.log(2 * np.pi))


@register_log_jacobian(TailedQuantileTransformer, columnwise=True)
def _quantile_with_tails(step, X, Z):
    if sparse.issparse(X) or step.maps_ is None:
        return None
    return step.log_slopes(X, Z)


@register_log_jacobian(FunctionTransformer, columnwise=True)
def _function(step, X, Z):
    return None if sparse.issparse(X) else log_slopes_of_function(step, X)


@register_log_jacobian(PCA)
@register_log_jacobian(IncrementalPCA)
def _rotate(step, X, Z):
    if step.n_components_ < step.n_features_in_:
        return None
    if not step.whiten:
        return 0.0
    scales = np.sqrt(step.explained_variance_)
    # The floor is the one that transform applies.
    return -np.log(np.maximum(scales, np.finfo(scales.dtype).eps)).sum(dtype=np.float64)


@register_log_jacobian(FastICA)
def _unmix(step, X, Z):
    rows, columns = step.components_.shape
    return np.linalg.slogdet(step.components_)[1] if rows == columns else None
